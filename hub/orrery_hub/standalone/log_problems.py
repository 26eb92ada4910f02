"""The first thing that went wrong, from the log of a process."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

_MAX_BYTES = 1_000_000
_MAX_TEXT = 1_000
# JupyterHub: "[C 2026-01-31 12:00:00.000 JupyterHub app:1] text"; others have the word in the line.
_LETTER = re.compile(r"\[(?P<level>[CE]) [^\]]*\]\s*(?P<text>.*)")
_WORD = re.compile(r"\b(?P<level>CRITICAL|FATAL|ERROR|error:)\W*(?P<text>.*)")
_EXCEPTION = re.compile(r"^[A-Za-z_][\w.]*(Error|Exception|Exit|Problem)\b.*")


def first_problem(log: Path, offset: int) -> str:
    """The first critical line of a log after an offset, else its first error, else its first exception; or nothing."""
    try:
        with log.open("rb") as stream:
            stream.seek(offset)
            text = stream.read(_MAX_BYTES).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    problems = list(_problems(text))
    for severity in ("critical", "error", "exception"):
        for level, message in problems:
            if level == severity:
                return message[:_MAX_TEXT]
    return ""


def _problems(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if record := _json_record(line):
            level = str(record.get("level", "")).lower()
            if level in {"critical", "error"}:
                yield level, str(record.get("message", ""))
        elif match := _LETTER.search(line) or _WORD.search(line):
            is_critical = match["level"] in {"C", "CRITICAL", "FATAL"}
            yield "critical" if is_critical else "error", match["text"].strip()
        elif _EXCEPTION.match(line):
            yield "exception", line.strip()


def _json_record(line: str) -> dict[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
