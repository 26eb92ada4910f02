"""Run pytest, and what failed once more without other tests beside it.

Six workers on two processors make clocks of tests run out. What passes by itself is unstable: named at the end with the
first failure above, to be mended like any other, but no reason to refuse a change that has nothing to do with it. More
than two of them are no accident, and the run failed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

UNSTABLE = 2
FAILED = 1
"""Exit code of pytest when tests failed; others mean that they could not be run."""
# Without the workers and other words of the run; what failed is looked up in pytest's cache.
ALONE = ("-n0", "--last-failed", "--last-failed-no-failures=none")


def run(arguments: list[str]) -> int:
    """The exit code of the tests with these arguments of pytest."""
    pytest = [sys.executable, "-m", "pytest"]
    code = subprocess.call([*pytest, *arguments])  # noqa: S603 - arguments of the person who runs it
    if code != FAILED or "--last-failed" in arguments:
        return code
    failed = last_failed()
    if not 0 < len(failed) <= UNSTABLE:
        return code
    print(f"\n==> Once more without other tests beside: {', '.join(failed)}", flush=True)
    again = subprocess.call([*pytest, *arguments, *ALONE])  # noqa: S603 - as above
    if again != 0:
        return again
    print("UNSTABLE, to be mended: failed beside other tests, passed without them:")
    for name in failed:
        print(f"  {name}")
    return 0


def last_failed() -> list[str]:
    """Names of the tests that failed in the run before, as pytest wrote them down."""
    file = Path(".pytest_cache/v/cache/lastfailed")
    return sorted(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else []


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
