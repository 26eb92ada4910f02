"""File formats that can be profiled, by the ending of a name. Imports no pydantic, so that a kernel may import it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Literal

from orrery_wire.errors import Invalid

FileFormat = Literal["parquet", "csv", "json", "arrow", "excel"]

FORMATS: Mapping[str, FileFormat] = {
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
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
}
COMPRESSIONS = (".gz", ".zst", ".xz", ".bz2", ".zip")
WORKBOOKS = tuple(ending for ending, known in FORMATS.items() if known == "excel")

# Formats whose readers can run a program that the file holds.
_UNSAFE = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".npy", ".npz")


def ending(name: str) -> str:
    """The ending of a file's name in small letters, without that of a compression: ".csv" of "A.CSV.gz"."""
    lower = name.lower()
    for compression in COMPRESSIONS:
        lower = lower.removesuffix(compression)
    return PurePosixPath(lower).suffix


def format_of(name: str) -> FileFormat | None:
    """The format that the ending of a name stands for; None if it stands for none that is read."""
    return FORMATS.get(ending(name))


def require_format(name: str) -> FileFormat:
    """The format that the ending of a name stands for.

    Raises:
        Invalid: the ending is unknown, or its format can hold a program.
    """
    known = format_of(name)
    if known is not None:
        return known
    base = PurePosixPath(name).name
    if name.lower().endswith(_UNSAFE):
        raise Invalid(
            f"{base} cannot be profiled",
            reason="Reading such a file can run whatever program it holds, so Orrery never opens one.",
            remedy="Load it where you trust it, and write it as Parquet.",
        )
    raise Invalid(
        f"{base} cannot be profiled",
        reason="Its ending says nothing of a table.",
        remedy="Files of these endings can be: " + ", ".join(sorted(FORMATS)) + ".",
    )


def endings_of(format: FileFormat) -> tuple[str, ...]:
    """The endings of files of a format, without compressions."""
    return tuple(ending for ending, known in FORMATS.items() if known == format)


def with_compressions(endings: Iterable[str]) -> tuple[str, ...]:
    """The endings, plain and with each compression that is read."""
    return tuple(ending + packed for ending in endings for packed in ("", *COMPRESSIONS))
