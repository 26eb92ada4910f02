"""What a file is: by its first bytes where these say it, else by the ending of its name. Imports no reader."""

from __future__ import annotations

from collections.abc import Mapping

from orrery_engine.formats import COMPRESSIONS, FORMATS, ending
from orrery_engine.preview.shapes import PreviewFormat

_ENDINGS: Mapping[str, PreviewFormat] = {
    **FORMATS,
    ".avro": "avro",
    ".orc": "orc",
    ".arrows": "arrow",
    ".geojson": "json",
    ".ipynb": "notebook",
    ".png": "image",
    ".jpg": "image",
    ".jpeg": "image",
    ".gif": "image",
    ".webp": "image",
    ".bmp": "image",
    ".svg": "text",
    ".pdf": "pdf",
}
# A text whose name says no table is shown as text.
_PLAIN = (".txt", "")
_MARKS: tuple[tuple[bytes, PreviewFormat], ...] = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"FEA1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow"),
    (b"ORC", "orc"),
    (b"Obj\x01", "avro"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"%PDF-", "pdf"),
    (b"\xd0\xcf\x11\xe0", "excel"),
)
_AT_THE_END: frozenset[PreviewFormat] = frozenset({"parquet", "orc"})


def by_name(name: str) -> PreviewFormat | None:
    """The format that the ending of a name stands for."""
    known = ending(name)
    if known == ".txt":
        return "text"
    return _ENDINGS.get(known)


def is_packed(name: str) -> bool:
    """Whether the ending of a name stands for a compression."""
    return name.lower().endswith(COMPRESSIONS)


def is_read_from_the_end(kind: PreviewFormat | None) -> bool:
    """Whether a file of this format says at its end what is in it."""
    return kind in _AT_THE_END


def by_content(begin: bytes, name: str) -> PreviewFormat:
    """The format of a file by its first bytes; where they may be several, by its name."""
    named = by_name(name)
    for mark, kind in _MARKS:
        is_word = mark.isalpha() and b"\0" not in begin
        if begin.startswith(mark) and not (
            is_word and named in ("csv", "json", "text", "notebook")
        ):
            return kind
    if begin[:4] == b"RIFF" and begin[8:12] == b"WEBP":
        return "image"
    if begin.startswith(b"PK\x03\x04"):
        return named if named in ("excel", "csv", "json") else "binary"
    if named in ("csv", "json", "notebook", "text"):
        return named
    if is_packed(name) and named is None:
        return "binary"
    return "binary" if _is_binary(begin) else "text"


def _is_binary(begin: bytes) -> bool:
    if begin.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return False
    control = sum(byte < 9 or 13 < byte < 32 for byte in begin)
    return control * 10 > len(begin)
