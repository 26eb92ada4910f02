"""Data on standard input, put into a file, for a reader looks at its data more than once."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from orrery_kernels.errors import UsageError

STDIN = "-"
ENDINGS = {
    "csv": ".csv",
    "json": ".json",
    "parquet": ".parquet",
    "arrow": ".arrow",
    "excel": ".xlsx",
}
_MAGIC = (
    (b"PAR1", ".parquet"),
    (b"ARROW1", ".arrow"),
    (b"PK\x03\x04", ".xlsx"),
)
_COMPRESSED = ((b"\x1f\x8b", "gzip -dc"), (b"\x28\xb5\x2f\xfd", "zstd -dc"), (b"BZh", "bzip2 -dc"))
_BOM = b"\xef\xbb\xbf"
_HEAD_BYTES = 65_536


@contextmanager
def stdin_file(input_format: str | None = None, stream: BinaryIO | None = None) -> Iterator[Path]:
    """A file with everything on standard input; it goes with the context.

    Args:
        input_format: one of ``ENDINGS``; told by the content if none.
        stream: read in place of standard input.

    Raises:
        UsageError: there is nothing, or its format cannot be told.
    """
    source = stream or sys.stdin.buffer
    head = source.read(_HEAD_BYTES)
    if not head.strip():
        raise UsageError(
            "The standard input is empty", remedy="Send data into it: cat FILE | orrery eda -"
        )
    ending = ENDINGS[input_format] if input_format else _ending(head)
    with TemporaryDirectory(prefix="orrery-stdin-") as folder:
        path = Path(folder, f"stdin{ending}")
        with path.open("wb") as file:
            file.write(head)
            shutil.copyfileobj(source, file, 2**20)
        yield path


def _ending(head: bytes) -> str:
    for magic, ending in _MAGIC:
        if head.startswith(magic):
            return ending
    for magic, program in _COMPRESSED:
        if head.startswith(magic):
            raise UsageError(
                "The standard input is compressed", remedy=f"Unpack it first: {program} FILE | …"
            )
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(
            "It cannot be told what the standard input holds",
            remedy=f"Name its format with --input-format: {', '.join(ENDINGS)}.",
        )
    text = head.removeprefix(_BOM).lstrip()
    return ".json" if text.startswith((b"{", b"[")) else ".csv"
