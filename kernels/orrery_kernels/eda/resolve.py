"""How a worker reaches a source when no server tells it."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from orrery_kernels.eda.sources import there
from orrery_kernels.errors import UsageError

_PACKED = (".gz", ".zst", ".bz2")
FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".parq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".psv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".ndjson": "json",
    ".jsonl": "json",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".xlsx": "excel",
    ".xlsm": "excel",
}
_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def opening_of(source: dict[str, Any]) -> dict[str, Any]:
    """The source as the worker opens it; secrets that it names are put in here, and nowhere else.

    Raises:
        UsageError: it is known to a lab only, or it cannot be read.
    """
    kind, location = source["kind"], source["location"]
    told = {"location": location, "name": source["name"]}
    if kind == "table":
        whole = _NAME.fullmatch(location)
        named = partial(_value, quoted=whole is None)
        location = _NAME.sub(named, location)
        told |= {"location": location, "table": source["table"]}
        return told | {"reader": "table", "format": "database"}
    if kind == "frame":
        return told | {"reader": "arrow", "format": "arrow"}
    if kind == "lake":
        raise UsageError(
            "The lake is known to a lab only", remedy="Name the file by its path, or start a lab."
        )
    form = _format(location, kind)
    return told | {"reader": "files", "format": form, "sheet": source.get("sheet", "")}


def format_of(name: str) -> str | None:
    """The format that a name's ending says."""
    lower = name.lower()
    for packed in _PACKED:
        lower = lower.removesuffix(packed)
    return FORMATS.get(Path(lower).suffix)


def _format(location: str, kind: str) -> str:
    found = format_of(location.partition("?")[0] if kind == "url" else location)
    if found or kind == "url":
        return found or "parquet"
    folder = Path(location)
    if there(folder) and folder.is_dir():
        inside = (format_of(path.name) for path in sorted(folder.rglob("*")))
        found = next(filter(None, inside), None)
        if found:
            return found
    if not there(folder):
        raise UsageError(f"There is no {location}")
    raise UsageError(
        f"{folder.name} cannot be profiled",
        reason="Its ending says nothing of a table.",
        remedy="Files of these endings can be: " + ", ".join(sorted(FORMATS)) + ".",
    )


def _value(match: re.Match[str], *, quoted: bool) -> str:
    value = os.environ.get(match[1])
    if value is None:
        raise UsageError(
            f"The environment has no {match[1]}", reason="The address of the database names it."
        )
    return quote(value, safe="") if quoted else value
