"""What to say of a file that cannot be read: cut short, damaged, encrypted, or of another kind than its name says."""

from __future__ import annotations

import lzma
import os
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO

import pyarrow as pa

from orrery_engine.formats import FileFormat
from orrery_engine.plain_words import PlainError, log
from orrery_wire.errors import Invalid

# What readers raise of files that are not what they should be.
DAMAGE = (
    pa.ArrowException,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    StopIteration,
    UnicodeError,
    OverflowError,
    MemoryError,
    OSError,
)
# What the machine says, not the file.
_MACHINE = (
    FileNotFoundError,
    PermissionError,
    IsADirectoryError,
    TimeoutError,
    ConnectionError,
)
_TITLES: dict[FileFormat, str] = {
    "parquet": "Parquet file",
    "arrow": "Arrow file",
    "excel": "workbook",
    "json": "JSON file",
    "csv": "text file",
}
# How files begin and end; a workbook is an archive or an old document of Office.
_MARKS: dict[FileFormat, tuple[tuple[bytes, ...], bytes]] = {
    "parquet": ((b"PAR1", b"PARE"), b"PAR1"),
    "arrow": ((b"ARROW1",), b"ARROW1"),
    "excel": ((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"), b""),
}
_ENCRYPTED = ("encrypted", "decrypt", "password")
_INSIDE = "It is damaged or was cut short: what it says of itself does not fit what it holds."
_ENDS = 8


class UnreadableError(PlainError):
    """Values that cannot be read; the text says to a person why."""


@dataclass(frozen=True)
class Ends:
    """How many bytes a file has, the first ones and the last ones."""

    size: int
    first: bytes
    last: bytes


def is_of_file(problem: BaseException) -> bool:
    """Whether a file is to blame for a problem, not the machine."""
    has_number = isinstance(problem, OSError) and problem.errno is not None
    return isinstance(problem, DAMAGE) and not isinstance(problem, _MACHINE) and not has_number


def ends(file: IO[bytes]) -> Ends:
    """The ends of an open file."""
    first = file.read(_ENDS)
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _ENDS))
    return Ends(size, first, file.read(_ENDS))


def refusal(file_format: FileFormat, name: str, own: Ends, problem: BaseException) -> Invalid:
    """The error for a file that could not be read because of ``problem``."""
    title = f"The {_TITLES[file_format]} {name} cannot be read."
    text = str(problem).lower()
    if own.last.endswith(b"PARE") or any(word in text for word in _ENCRYPTED):
        return Invalid(
            title,
            reason="It is encrypted.",
            remedy="Write it again without encryption where the key is, or choose another file.",
        )
    reason = fault(file_format, own)
    if not reason and isinstance(problem, NotImplementedError):
        return Invalid(
            title,
            reason="It holds a kind of column that is not read, such as whole numbers of 128 bits.",
            remedy="Write such columns as decimals or texts, or profile the dataframe itself.",
        )
    return Invalid(title, reason=reason or _INSIDE, remedy="Fetch it or write it again.")


def fault(file_format: FileFormat, own: Ends) -> str:
    """What the ends of a file show to be wrong with it; "" for nothing."""
    if not own.size:
        return "It is empty."
    begins, ends_with = _MARKS.get(file_format, ((), b""))
    if begins and not own.first.startswith(begins):
        return "It does not begin as such a file does; it may be damaged or of another kind."
    if ends_with and not own.last.endswith(ends_with):
        return "Its end is missing: it was cut short, or is still being written."
    return ""


def words(problem: BaseException) -> str:
    """Why a column could not be read, without the sentences of a library, which speak to its makers."""
    if isinstance(problem, UnreadableError):
        return str(problem)
    log(problem)
    if any(word in str(problem).lower() for word in _ENCRYPTED):
        return "it is encrypted"
    if isinstance(problem, NotImplementedError):
        return "its type is none that can be read"
    if isinstance(problem, _MACHINE) or (isinstance(problem, OSError) and problem.errno):
        return "the file cannot be reached any more"
    return "its values in the file are damaged"
