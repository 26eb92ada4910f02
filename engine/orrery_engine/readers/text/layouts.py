"""What stands in a text beside the values of its table and is read as data all the same: said, not changed."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import duckdb

from orrery_engine.quoting import sql_name, sql_text
from orrery_engine.readers.text import cuts
from orrery_engine.readers.text.absent import ABSENT
from orrery_engine.readers.text.dialect import Dialect, Record, numbered
from orrery_engine.readers.text.splitting import is_quantity, is_value
from orrery_engine.readers.text.types import TextType

_LOOKED_AT = 200
_PARSED = 5_000  # lines
_LAST = 5
_LEAST = 2  # values that show what a column holds
_MOST_SHOWN = 40
_RULE = re.compile(r"[\s:+|]*[-=_*][-=_*\s:+|]+")
_SIGNS = re.compile(r"[-=_*\s:+|]+")
_UNIT = re.compile(r"\[[^\]]*\]|\([^)]*\)|-+|%|°\S?")
_TOTAL = re.compile(
    r"((grand|sub)[ -]?)?(totals?|sums?)\b.*|(gesamt(summe)?|summe|insgesamt|somme|totale|totaal|suma)\b.*",
    re.IGNORECASE,
)
_FIELD_SIGNS = ("|", "\t", ";")
_SHARE = 0.5
_AS_VALUES = "Each line was read as one value"


def notes(lines: Sequence[str], dialect: Dialect, *, whole: bool) -> tuple[str, ...]:
    """What to say of rows that are none of the table.

    Args:
        lines: the beginning of the text.
        dialect: how it is read.
        whole: whether these are all of its lines.
    """
    if dialect.header > 1:
        return ()
    table = lines[dialect.skip :]
    try:
        return _notes(table, dialect, whole=whole)
    except csv.Error:
        # What the parser refuses is read carefully, which has notes of its own.
        return ()


def _notes(table: Sequence[str], dialect: Dialect, *, whole: bool) -> tuple[str, ...]:
    # A record of many lines is not cut in two where there are few.
    placed = numbered(table[:_PARSED], dialect)
    is_all = whole and len(table) <= _PARSED
    last = [row for _, row in (placed if is_all else numbered(table[-_LAST:], dialect))][-1:]
    placed = placed[:_LOOKED_AT]
    rows = [row for _, row in placed]
    names, data = rows[: dialect.header], rows[dialect.header :]
    at = [dialect.skip + place + 1 for place, _ in placed[dialect.header :]]
    if not data:
        return ()
    remarks = [
        _rules(data, at),
        _unlike(data, f"Line {at[0]:,}") if names else "",
        _bars(dialect, data),
        _wider(dialect, data, at),
        *(_last(data, last) if whole and dialect.width > 1 else ()),
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


def _unlike(data: Sequence[Record], place: str) -> str:
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


def of_sheet(names: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """What to say of the rows of a sheet that are none of its table: units, totals, remarks, and the names again."""
    data = [_texts(row) for row in rows[:_LOOKED_AT]]
    if len(names) < _LEAST or not data:
        return []
    named = [name.strip() for name in names]
    again = sum(_texts(row) == named for row in rows if row and isinstance(row[0], str | None))
    of = "1 row holds" if again == 1 else f"{again:,} rows hold"
    remarks = [
        _unlike(data, "The first row below the names"),
        *_last(data, [_texts(rows[-1])]),
        f"{of} the names again; {'it was' if again == 1 else 'they were'} read as data."
        if again
        else "",
    ]
    return [note for note in remarks if note]


def _texts(row: Sequence[object]) -> Record:
    """The cells of a sheet as fields of a text: what is no text is a value."""
    return ["" if cell is None else cell.strip() if isinstance(cell, str) else "1" for cell in row]


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


def _last(data: Sequence[Record], last: Sequence[Record]) -> list[str]:
    """Of a last row that sums up the others, or is a remark on them."""
    full = [row for row in last if len(row) == len(data[0])]
    if not full or len(data) < _LEAST:
        return []
    filled = [field.strip() for field in full[-1] if field.strip()]
    if filled and _TOTAL.fullmatch(filled[0]):
        return [
            f"The last row begins with {filled[0][:_MOST_SHOWN]!r}, as a row of totals does; it was read as data."
        ]
    above = [row for row in data if len(row) == len(full[-1]) and row != full[-1]]
    texts = [own.strip() for own in full[-1]]
    shown = [
        text
        for place, text in enumerate(texts)
        if text
        and not _is_known(text)
        and len(own := [row[place].strip() for row in above if row[place].strip()]) >= _LEAST
        and all(map(_is_known, own))
        and any(is_value(field) or is_quantity(field) for field in own)
    ]
    if not shown:
        return []
    listed = ", ".join(repr(text[:_MOST_SHOWN]) for text in shown[:3])
    return [
        f"The last row holds texts ({listed}) where those above hold values; it was read as data."
    ]


def _is_known(text: str) -> bool:
    """Whether a text is a value, or a word or a sign for a missing one."""
    return text in ABSENT or not any(map(str.isalnum, text)) or is_value(text) or is_quantity(text)


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
    return ""


def repeated_names(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    names: Sequence[str],
    kinds: Sequence[TextType],
) -> tuple[str, ...]:
    """What to say of rows of a Parquet file that hold the names of all columns, as in files that were joined."""
    if len(names) < _LEAST or any(kind.name != "text" for kind in kinds):
        return ()
    alike = " AND ".join(
        f"trim({sql_name(str(place))}) = {sql_text(name.strip())}"
        for place, name in enumerate(names)
        if name.strip()
    )
    query = f"SELECT count(*) FROM read_parquet({sql_text(str(path))}) WHERE {alike or 'false'}"  # noqa: S608 - quoted
    count = connection.execute(query).fetchall()[0][0]
    if not count:
        return ()
    of = "1 row holds" if count == 1 else f"{count:,} rows hold"
    was = "it was" if count == 1 else "they were"
    return (f"{of} the names again, as where files were joined; {was} read as data.",)
