"""Files that are called tables of text and surely hold something else, by how their content begins."""

from __future__ import annotations

import re

from orrery_wire.errors import Invalid

_UNPACK = "Unpack it, and choose what it holds."
_RENAME = "Give it the ending of its format."
_WRITE = "Write its table as Parquet."
_FETCH = "Fetch the table itself."
# The beginnings that a text may have as well are believed with a zero byte behind them.
_BINARY: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "packed twice (gzip)", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "packed twice (Zstandard)", _UNPACK),
    (b"\xfd7zXZ\x00", "packed twice (xz)", _UNPACK),
    (b"BZh91AY&SY", "packed twice (bzip2)", _UNPACK),
    (b"PK\x03\x04", "a packed archive or a workbook", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"PAR1", "Parquet", _RENAME),
    (b"ARROW1", "Arrow", _RENAME),
    (b"\xff\xff\xff\xff", "a stream of Arrow", _RENAME),
    (b"FEA1", "the old form of Feather", _WRITE),
    (b"ORC", "ORC", _WRITE),
    (b"Obj\x01", "Avro", _WRITE),
    (b"\x89HDF\r\n\x1a\n", "HDF5", _WRITE),
    (b"\x93NUMPY", "an array of NumPy", _WRITE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old document of an office program", _RENAME),
    (b"%PDF-", "a PDF document", "Copy its table into a file of text or a workbook."),
    (b"\x89PNG\r\n\x1a\n", "a picture", _FETCH),
    (b"\xff\xd8\xff", "a picture", _FETCH),
    (b"GIF8", "a picture", _FETCH),
)
_TAR = slice(257, 262)
_PAGE = re.compile(
    rb"\s*(?:<!--.*?-->\s*)?<(!doctype\s+html|html|table|body)[\s>]", re.IGNORECASE | re.DOTALL
)
_MARKUP = re.compile(rb"\s*<\?xml\s")
_POINTER = b"version https://git-lfs.github.com/spec/"
_JSON = re.compile(r"\s*(?:\[\s*)?\{\s*\"[^\"\n]*\"\s*:")
_CONTROL = re.compile(r"[\x00\x02-\x08\x0e-\x19\x1b-\x1e\x7f]")
_BEGIN = 1_024
_LOOKED_AT = 64 * 1024
_LEAST_CONTROL, _MOST_CONTROL = 5, 0.02


def refuse_others(sample: bytes) -> None:
    """Refuse what is no text of a table, as its first bytes show; ``sample`` is without packing.

    Raises:
        Invalid: it is none.
    """
    begin = sample[:_BEGIN].removeprefix(b"\xef\xbb\xbf")
    what, remedy = _other(begin)
    if what:
        raise Invalid("The file cannot be read as text.", reason=f"It is {what}.", remedy=remedy)


def _other(begin: bytes) -> tuple[str, str]:
    """What it is, and what to do; nothing if it may be a table."""
    for mark, what, remedy in _BINARY:
        is_word = mark.isalnum() and b"\0" not in begin
        if begin.startswith(mark) and not is_word:
            return what, remedy
    if begin[_TAR] == b"ustar":
        return "an archive of files (tar)", _UNPACK
    if _PAGE.match(begin):
        return (
            "a page of a web site, as servers send in place of a file that needs a log-in",
            _FETCH,
        )
    if _MARKUP.match(begin):
        return "XML", "Turn its records into CSV or JSON."
    if begin.startswith(_POINTER):
        return "a pointer of Git LFS to a file that lies elsewhere", "Run git lfs pull to fetch it."
    return "", ""


def doubts(text: str) -> list[str]:
    """What to say of a text that may be no table with a delimiter."""
    notes = []
    if _JSON.match(text):
        notes.append(
            "The text begins as JSON does: give the file the ending .json to read its records."
        )
    part = text[:_LOOKED_AT]
    if len(_CONTROL.findall(part)) > max(_LEAST_CONTROL, _MOST_CONTROL * len(part)):
        notes.append(
            "Many of its signs are control codes, which no text has: the file may hold something else."
        )
    return notes
