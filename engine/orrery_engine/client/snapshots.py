"""Kept profiles as files for the worker, which compares with them or compares them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

_MAX_NAME = 400


def needs_seconds(*times: datetime | None) -> bool:
    """Whether the minute does not tell profiles apart that were made at these times."""
    minutes = [f"{time:%Y-%m-%d %H:%M}" for time in times if time is not None]
    return len(set(minutes)) < len(minutes)


def snapshot_name(name: str, created: datetime, *, seconds: bool) -> str:
    """What a profile of a source is called in a comparison: the source's name, and when it was made, in local time."""
    local = created.astimezone()
    moment = f"{local:%Y-%m-%d %H:%M:%S}" if seconds else f"{local:%Y-%m-%d %H:%M}"
    return f"{name}, {moment} {local:%Z}"[-_MAX_NAME:]


def write_snapshot(path: Path, name: str, rows: int | None, columns: Iterable[bytes]) -> None:
    """Write a ``ProfileSnapshot``; ``columns`` are the JSON of one column each, and are not parsed."""
    head = json.dumps({"name": name, "rows": rows})[:-1].encode()
    path.write_bytes(head + b', "columns": [' + b",".join(columns) + b"]}")
