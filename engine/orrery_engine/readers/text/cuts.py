"""What a delimiter may have cut, or failed to cut, in lines of which each splits alike: said, not changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orrery_engine.readers.text.dialect import Dialect, Record

_GAPS = re.compile(r"\t| {2,}")
_WORDS = re.compile(r"\S+")
_ALIGNED = 0.9
_LEAST = 2
_OPENING, _CLOSING = "[{(", "]})"


def notes(
    lines: Sequence[str], rows: Sequence[Record], at: Sequence[int], dialect: Dialect
) -> list[str]:
    """What to say of lines that may be cut at other places.

    Args:
        lines: the beginning of the table.
        rows: the records below its names.
        at: the number of the line that each begins in.
        dialect: how they are written.
    """
    return [
        _brackets(rows, at, dialect),
        _escaped(lines, at, dialect),
        _doubled(rows, dialect),
        _quoted(lines, rows, dialect),
        _words(lines, dialect),
    ]


def _brackets(rows: Sequence[Record], at: Sequence[int], dialect: Dialect) -> str:
    """Of lists and objects whose parts became fields."""
    if dialect.width < 2:
        return ""
    torn = [line for row, line in zip(rows, at, strict=True) if _is_torn(row)]
    if len(torn) * 2 < len(rows) or not torn:
        return ""
    return (
        f"Brackets that open in one field close in another (first: line {torn[0]:,}): what stands in them was cut"
        f" at {dialect.delimiter!r}. Write such values in quotation marks, or with another delimiter."
    )


def _is_torn(row: Record) -> bool:
    """Whether a field begins with a bracket that a later field closes at its end."""
    opened = ""
    for field in row:
        text = field.strip()
        if not opened and text[:1] and text[0] in _OPENING[:2] and not _is_closed(text):
            opened = _CLOSING[_OPENING.index(text[0])]
        elif opened and text.endswith(opened):
            return True
    return False


def _is_closed(text: str) -> bool:
    return text.count(text[0]) <= text.count(_CLOSING[_OPENING.index(text[0])])


def _escaped(lines: Sequence[str], at: Sequence[int], dialect: Dialect) -> str:
    """Of delimiters behind a backslash in lines that have more fields for them."""
    if len(dialect.delimiter) != 1 or dialect.width < 2:
        return ""
    sign = re.escape(dialect.delimiter)
    behind = re.compile(rf"(?<!\\)(?:\\\\)*\\{sign}")
    own = [
        (line, lines[line - 1 - dialect.skip])
        for line in at
        if line - 1 - dialect.skip < len(lines)
    ]
    escaped = [(line, text) for line, text in own if behind.search(text)]
    usual = dialect.width - dialect.names[:1].count("row_name")
    fitting = [line for line, text in escaped if len(re.split(sign, behind.sub("", text))) == usual]
    if not fitting:
        return ""
    return (
        f"A backslash stands before {dialect.delimiter!r} (first: line {fitting[0]:,}), as where it is a part of a"
        " value; the line was cut there all the same. Write such values in quotation marks."
    )


def _doubled(rows: Sequence[Record], dialect: Dialect) -> str:
    """Of a delimiter of two signs, of which one was taken."""
    full = [row for row in rows if len(row) == dialect.width]
    if dialect.width < 3 or not dialect.width % 2 or dialect.joins_blanks or not full:
        return ""
    if dialect.header and any(name.strip() for name in dialect.names[1::2]):
        return ""
    if any(field.strip() for row in full for field in row[1::2]):
        return ""
    return (
        f"Every second column is empty and has no name: fields seem to be delimited by {dialect.delimiter * 2!r},"
        " of which one sign was taken."
    )


def _quoted(lines: Sequence[str], rows: Sequence[Record], dialect: Dialect) -> str:
    """Of lines that are one field in quotation marks each, with the fields of a table in it."""
    if dialect.width != 1 or not dialect.header or not dialect.quote or len(rows) < _LEAST:
        return ""
    if not all(line.lstrip().startswith(dialect.quote) for line in lines if line.strip()):
        return ""
    name = dialect.names[0]
    for sign in ",;\t|":
        count = name.count(sign)
        if count and all(len(row) == 1 and row[0].count(sign) == count for row in rows):
            return (
                f"Each line was read as one value, for it stands in quotation marks; names and values hold {sign!r}"
                f" {count} {'time' if count == 1 else 'times'} each. Write the file without the outer marks if these"
                " are columns."
            )
    return ""


def _words(lines: Sequence[str], dialect: Dialect) -> str:
    """Of columns below each other whose texts of several words were cut."""
    if not dialect.joins_blanks or dialect.names[:1] != ("row_name",):
        return ""
    filled = [line.rstrip("\r\n") for line in lines if line.strip()]
    parts = [len(_GAPS.split(line.strip())) for line in filled]
    alike = sum(count == dialect.width - 1 for count in parts)
    if alike < _ALIGNED * len(parts) and not _is_aligned(filled):
        return ""
    return (
        "The columns stand below each other, at as many places as there are names: texts of several words were cut"
        " at their blanks. Write the file with another delimiter."
    )


def _is_aligned(lines: Sequence[str]) -> bool:
    """Whether the values of nearly all lines begin where the names do."""
    begins = [word.start() for word in _WORDS.finditer(lines[0])]
    fitting = [
        all(
            line[place - 1 : place] in (" ", "\t") and line[place : place + 1].strip()
            for place in begins[1:]
        )
        for line in lines[1:]
    ]
    return len(begins) > 1 and len(fitting) >= _LEAST and sum(fitting) >= _ALIGNED * len(fitting)
