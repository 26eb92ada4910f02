"""Rows that are none of a table and were read as data all the same: totals, remarks, names; looked for in all rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orrery_engine.quoting import sql_name, sql_text
from orrery_engine.readers.text.absent import ABSENT
from orrery_engine.readers.text.dialect import Record
from orrery_engine.readers.text.splitting import is_quantity, is_value

FIRST = 200  # rows that show what a column holds
_COLUMNS = 64
_LEAST = 2  # values that show what a column holds
_MOST_SHOWN = 40
_LAST = 5
_MOST = 500  # rows that are looked at one by one
_MOSTLY = 0.4
_TOTAL = re.compile(
    r"((grand|sub)[ -]?)?(totals?|sums?)\b.*|(gesamt(summe)?|zwischensumme|summe|insgesamt|somme|totale|totaal|suma)\b.*",
    re.IGNORECASE,
)
# What such words begin with, so that most texts are passed over quickly.
_TOTAL_BEGINS = ("total", "sub", "sum", "grand", "gesamt", "zwisch", "insge", "somme", "totaa")
_COUNT = re.compile(
    r"\(?[0-9][0-9.,]* (rows?|records?|lines?|zeilen?|datens.tze?|lignes?|filas?|righe|riga)\b.*",
    re.IGNORECASE,
)
_LETTER = r"^\s*[\pL_]"


def of_table(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    names: Sequence[str],
    has_names: bool,
    *,
    whole: bool,
) -> tuple[str, ...]:
    """What to say of the rows of a Parquet file that are none of its table.

    Args:
        connection: for the search.
        path: the file, with a column for each name.
        names: of the columns.
        has_names: whether the source names them so.
        whole: whether these are all rows of the source.
    """
    file = pq.ParquetFile(path)
    rows, kinds = file.metadata.num_rows, file.schema_arrow.types[:_COLUMNS]
    if not rows or not kinds:
        return ()
    first = _rows(file, 0, FIRST, len(kinds))
    last = _rows(file, file.num_row_groups - 1, -_LAST, len(kinds))
    texts = [
        place
        for place, kind in enumerate(kinds)
        if pa.types.is_large_string(kind) or pa.types.is_string(kind)
    ]
    search = _Search(connection, path, rows)
    again = search.names(names, texts) if has_names else 0
    ends = of_end(first, last, rows=rows) if whole else []
    totals = search.totals(texts, is_last_known=bool(ends)) if texts and len(kinds) > 1 else 0
    odd = "" if again else search.unlike(texts, first, len(kinds))
    notes = [_again(again), *ends, _totals(totals), odd]
    return tuple(note for note in notes if note)


def _rows(file: pq.ParquetFile, group: int, count: int, width: int) -> list[Record]:
    """The first rows of a group of rows, or the last ones if the count is negative, as texts."""
    names = file.schema_arrow.names[:width]
    table = file.read_row_group(group, columns=names)
    table = table.slice(0, count) if count > 0 else table.slice(max(0, table.num_rows + count))
    columns = [[_field(item) for item in own.to_pylist()] for own in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _field(item: object) -> str:
    """A value as a field of a text: what is no text is a value."""
    return item if isinstance(item, str) else "" if item is None else "1"


class _Search:
    """Looks for such rows in all of a file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, rows: int) -> None:
        self._connection, self._path, self._count = connection, path, rows

    def _of(self, selection: str, condition: str, rest: str = "") -> list[tuple[object, ...]]:
        source = f"read_parquet({sql_text(str(self._path))}, file_row_number = true)"
        query = f"SELECT {selection} FROM {source} WHERE {condition} {rest}"  # noqa: S608 - names are numbers, texts are quoted
        return self._connection.execute(query).fetchall()

    def names(self, names: Sequence[str], texts: Sequence[int]) -> int:
        """How many rows hold the names of all columns, as in files that were joined."""
        named = [place for place, name in enumerate(names) if name.strip()]
        if not named or len(texts) < min(len(names), _COLUMNS):
            return 0
        alike = " AND ".join(
            f"trim({sql_name(str(place))}) = {sql_text(names[place].strip())}" for place in named
        )
        return int(str(self._of("count(*)", alike)[0][0]))

    def totals(self, texts: Sequence[int], *, is_last_known: bool) -> int:
        """How many rows begin with a word such as "Total", but for the last one if that is said."""
        column = sql_name(str(texts[0]))
        begins = " OR ".join(
            f"starts_with(lower(left({column}, 8)), {sql_text(own)})" for own in _TOTAL_BEGINS
        )
        empty = "".join(f" AND {sql_name(str(place))} IS NULL" for place in range(texts[0]))
        last = f" AND file_row_number < {self._count - 1}" if is_last_known else ""
        matches = self._of(
            f"trim({column}), count(*)", f"({begins}){empty}{last}", f"GROUP BY 1 LIMIT {_MOST}"
        )
        return sum(int(str(number)) for text, number in matches if _TOTAL.fullmatch(str(text)))

    def unlike(self, texts: Sequence[int], first: Sequence[Record], width: int) -> str:
        """Of rows between the first and the last one that hold texts where nearly all others hold values."""
        mostly = [place for place in texts if _holds_values([row[place] for row in first])]
        if len(mostly) < _LEAST:
            return ""
        condition = " OR ".join(
            f"regexp_matches({sql_name(str(place))}, {sql_text(_LETTER)})" for place in mostly
        )
        columns = ", ".join(sql_name(str(place)) for place in mostly)
        between = f"file_row_number BETWEEN 1 AND {self._count - 2} AND ({condition})"
        rows = self._of(f"file_row_number + 1, {columns}", between, f"ORDER BY 1 LIMIT {_MOST}")
        fields = [(int(str(number)), own) for number, *own in rows]
        return _unlike(fields, "At least " if len(rows) == _MOST else "")


def _unlike(rows: Iterable[tuple[int, Sequence[object]]], least: str = "") -> str:
    """Of rows, each with its number and its cells in columns of values, in which there are texts alone."""
    odd = []
    for number, fields in rows:
        filled = [text for field in fields if field is not None and (text := _field(field).strip())]
        if len(filled) >= _LEAST and not any(map(is_known, filled)):
            odd.append((number, filled))
    if not odd:
        return ""
    of, was = (
        ("1 row holds", "it was") if len(odd) == 1 else (f"{len(odd):,} rows hold", "they were")
    )
    shown = ", ".join(repr(text[:_MOST_SHOWN]) for text in odd[0][1][:3])
    return (
        f"{least}{of} texts where others hold values (first: row {odd[0][0]:,}, {shown}), as names of another table"
        f" or remarks do; {was} read as data."
    )


def _holds_values(column: Sequence[str]) -> bool:
    filled = [text.strip() for text in column if text.strip()]
    values = sum(is_value(text) or is_quantity(text) for text in filled)
    return values >= max(_LEAST, _MOSTLY * len(filled))


def _again(count: int) -> str:
    """Of the names among the rows."""
    if not count:
        return ""
    of, was = ("1 row holds", "it was") if count == 1 else (f"{count:,} rows hold", "they were")
    return f"{of} the names again, as where files were joined; {was} read as data."


def _totals(count: int) -> str:
    if not count:
        return ""
    of, was = ("1 row begins", "it was") if count == 1 else (f"{count:,} rows begin", "they were")
    return f"{of} with a word such as 'Total', as rows of totals do; {was} read as data."


def of_sheet(names: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """What to say of the rows of a sheet that are none of its table; there are no ``names`` if these are made up."""
    if not rows:
        return []
    data = [of_cells(row) for row in rows[:FIRST]]
    named = [name.strip() for name in names]
    again = 0
    if len(names) > 1:
        again = sum(of_cells(row) == named for row in rows if isinstance(row[0], str | None))
    ends = of_end(data, [of_cells(row) for row in rows[-_LAST:]], rows=len(rows))
    totals = 0
    if len(rows[0]) > 1:
        begins = (
            next((cell for cell in row if cell is not None), None)
            for row in rows[: -1 if ends else None]
        )
        totals = sum(
            isinstance(cell, str) and bool(_TOTAL.fullmatch(cell.strip())) for cell in begins
        )
    columns = [
        place
        for place in range(len(rows[0]))
        if _holds_values([row[place] for row in data])
        and any(isinstance(row[place], str) for row in rows)
    ]
    between = enumerate(rows[1:-1], 2) if len(columns) >= _LEAST and not again else ()
    odd = _unlike((number, [row[place] for place in columns]) for number, row in between)
    return [note for note in (*ends, _totals(totals), _again(again), odd) if note]


def of_cells(row: Sequence[object]) -> Record:
    """The cells of a sheet as fields of a text: what is no text is a value."""
    return [_field(cell).strip() for cell in row]


def of_end(data: Sequence[Record], last: Sequence[Record], *, rows: int) -> list[str]:
    """What to say of last rows that sum up or count the others, or are remarks on them.

    Args:
        data: the first rows.
        last: the last ones.
        rows: how many there are.
    """
    filled = [field.strip() for field in last[-1] if field.strip()] if last else []
    if len(data) < _LEAST or not filled:
        return []
    is_total = len(last[-1]) > 1 and bool(_TOTAL.fullmatch(filled[0]))
    if is_total or (len(filled) == 1 and _COUNT.fullmatch(filled[0])):
        what = "a row of totals" if is_total else "a count of rows"
        return [
            f"The last row begins with {filled[0][:_MOST_SHOWN]!r}, as {what} does; it was read as data."
        ]
    for count in range(min(_LAST, len(last)), 0, -1):
        above = data[: max(0, rows - count)]
        texts = [_texts_for_values(row, above) for row in last[-count:]]
        if all(texts):
            shown = ", ".join(
                repr(text[:_MOST_SHOWN]) for own in texts for text in own[: 3 if count == 1 else 1]
            )
            of, was = ("row holds", "it was") if count == 1 else (f"{count} rows hold", "they were")
            return [
                f"The last {of} texts ({shown}) where those above hold values; {was} read as data."
            ]
    return []


def _texts_for_values(row: Record, above: Sequence[Record]) -> list[str]:
    """The texts of a row where those above hold values."""
    return [
        text.strip()
        for place, text in enumerate(row)
        if text.strip()
        and not is_known(text.strip())
        and len(own := [other[place].strip() for other in above if other[place].strip()]) >= _LEAST
        and all(map(is_known, own))
        and any(is_value(field) or is_quantity(field) for field in own)
    ]


def is_known(text: str) -> bool:
    """Whether a text is a value, or a word or a sign for a missing one."""
    return text in ABSENT or not any(map(str.isalnum, text)) or is_value(text) or is_quantity(text)
