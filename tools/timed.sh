#!/bin/sh
# timed.sh TITLE COMMAND...: run a phase of the tests and say its seconds; its exit code is the command's.
title=$1
shift
printf '\n==> %s\n' "$title"
began=$(date +%s)
"$@"
code=$?
seconds=$(($(date +%s) - began))
if [ "$code" -ne 0 ]; then
  printf '    %s: FAILED after %s s with: %s\n' "$title" "$seconds" "$*"
  exit "$code"
fi
printf '    %s: %s s\n' "$title" "$seconds"
