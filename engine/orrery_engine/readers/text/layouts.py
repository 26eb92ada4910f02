"""What stands in a text beside the values of its table and is read as data all the same: said, not changed."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence

from orrery_engine.readers.text import cuts
from orrery_engine.readers.text.absent import ABSENT
from orrery_engine.readers.text.dialect import Dialect, Record, numbered
from orrery_engine.readers.text.splitting import is_quantity, is_value

_LOOKED_AT = 200
_PARSED = 5_000  # lines
_LEAST = 2  # values that show what a column holds
_MOST_SHOWN = 40
_RULE = re.compile(r"[\s:+|]*[-=_*][-=_*\s:+|]+")
_SIGNS = re.compile(r"[-=_*\s:+|]+")
_UNIT = re.compile(r"\[[^\]]*\]|\([^)]*\)|-+|%|°\S?")
_FIELD_SIGNS = ("|", "\t", ";")
_GAP = re.compile(r"\S {2,}\S")
_SHARE = 0.5
_AS_VALUES = "Each line was read as one value"


def notes(lines: Sequence[str], dialect: Dialect) -> tuple[str, ...]:
    """What to say of rows that are none of the table.

    Args:
        lines: the beginning of the text.
        dialect: how it is read.
    """
    if dialect.header > 1:
        return ()
    table = lines[dialect.skip :]
    try:
        return _notes(table, dialect)
    except csv.Error:
        # What the parser refuses is read carefully, which has notes of its own.
        return ()


def _notes(table: Sequence[str], dialect: Dialect) -> tuple[str, ...]:
    # A record of many lines is not cut in two where there are few.
    placed = numbered(table[:_PARSED], dialect)[:_LOOKED_AT]
    rows = [row for _, row in placed]
    names, data = rows[: dialect.header], rows[dialect.header :]
    at = [dialect.skip + place + 1 for place, _ in placed[dialect.header :]]
    if not data:
        return ()
    remarks = [
        _rules(data, at),
        unlike(data, f"Line {at[0]:,}") if names else "",
        _bars(dialect, data),
        _wider(dialect, data, at),
        *cuts.notes(table[:_LOOKED_AT], data, at, dialect),
        _uncut(table[:_LOOKED_AT], dialect),
    ]
    return tuple(note for note in remarks if note)


def _is_rule(row: Record) -> bool:
    """Whether a record is a line that is drawn."""
    fields = [field.strip() for field in row if field.strip()]
    if not fields or all(field in ABSENT or field in ("-", "--") for field in fields):
        return False
    if len(row) == 1 and len(fields[0]) < 5:
        return False
    return all(map(_SIGNS.fullmatch, fields)) and any(map(_RULE.fullmatch, fields))


def _rules(data: Sequence[Record], at: Sequence[int]) -> str:
    drawn = [line for line, row in zip(at, data, strict=True) if _is_rule(row)]
    if not drawn:
        return ""
    of = "1 line of dashes was" if len(drawn) == 1 else f"{len(drawn)} lines of dashes were"
    return f"{of} read as data (first: line {drawn[0]:,}); leave such lines out of the file if they only draw a table."


def unlike(data: Sequence[Record], place: str) -> str:
    """Of a row below the names with texts where values stand below, as units are; ``place`` says where it stands."""
    first, below = data[0], [row for row in data[1:] if len(row) == len(data[0])]
    if len(below) < _LEAST or _is_rule(first):
        return ""
    own = [field.strip() for field in first]
    filled = [field for field in own if field]
    if not filled or any(is_value(field) or is_quantity(field) or field in ABSENT for field in own):
        return ""
    shown = []
    for number, field in enumerate(own):
        column = [row[number].strip() for row in below]
        column = [text for text in column if text and text not in ABSENT]
        are_values = all(is_value(text) or is_quantity(text) for text in column)
        if field and len(column) >= _LEAST and are_values:
            shown.append(field)
    is_units = all(map(_UNIT.fullmatch, filled))
    if not shown or (len(shown) < 2 and not is_units):
        return ""
    return (
        f"{place} holds texts ({', '.join(repr(text[:_MOST_SHOWN]) for text in shown[:3])}) where those below"
        " hold values, as a row of units does; it was read as data."
    )


def _bars(dialect: Dialect, data: Sequence[Record]) -> str:
    """Of lines that begin and end with the delimiter."""
    if dialect.width < 3 or any(dialect.names[place].strip() for place in (0, -1)):
        return ""
    full = [row for row in data if len(row) == dialect.width]
    if not full or any(row[0].strip() or row[-1].strip() for row in full):
        return ""
    return (
        f"Lines begin and end with {dialect.delimiter!r}, as in a drawn table: the first and the last column are"
        " empty, and blanks beside values were kept."
    )


def _wider(dialect: Dialect, data: Sequence[Record], at: Sequence[int]) -> str:
    """Of lines that have more fields from one of them on."""
    width = len(data[-1])
    if dialect.width < 2 or width <= dialect.width:
        return ""
    first = len(data)
    while first and len(data[first - 1]) == width:
        first -= 1
    if not first or len(data) - first < _LEAST:
        return ""
    return (
        f"From line {at[first]:,} on, lines have {width} fields: if a table begins there,"
        f" skip {at[first] - 1:,} lines."
    )


def _uncut(lines: Sequence[str], dialect: Dialect) -> str:
    """Of lines that were read as one value each, although most hold a sign equally often."""
    filled = [line for line in lines if line.strip()]
    is_noted = any(note.startswith(_AS_VALUES) for note in dialect.notes)
    if dialect.delimiter or dialect.width != 1 or len(filled) < 3 or is_noted:
        return ""
    for sign in _FIELD_SIGNS:
        counts = Counter(count for line in filled if (count := line.count(sign)) > 1)
        often, number = next(iter(counts.most_common(1)), (0, 0))
        if number >= max(_LEAST, _SHARE * len(filled)):
            return (
                f"{_AS_VALUES}, although most hold {sign!r} {often} times:"
                " say that delimiter, and the lines to skip, if it stands between fields."
            )
    if sum(bool(_GAP.search(line.strip())) for line in filled) >= max(_LEAST, _SHARE * len(filled)):
        return (
            f"{_AS_VALUES}, although runs of blanks stand in most, as between columns of a fixed width:"
            " write the file with a delimiter."
        )
    return ""
