"""Records as columns of texts in Parquet files, with the kinds of their values counted, and then typed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orrery_engine.quoting import sql_name, sql_text
from orrery_engine.readers.json.keys import MAX_KEYS, too_many
from orrery_engine.readers.text import dates, types, typing
from orrery_engine.readers.text.types import TextType
from orrery_engine.schemas import ColumnType, ReaderOptions

_CELLS = 400_000
_LATER = 5_000
# Texts begin with this mark among the values of a column, so that "1" is not 1.
_MARK = '"'
_DATES = types.dates(ReaderOptions())
_NESTED = frozenset({"dict", "list"})


def _nested(value: object) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    number = float(value)
    return number if Decimal(repr(number)) == value or not value.is_finite() else str(value)


_TEXTS: Mapping[type, tuple[str, Callable[[Any], str]]] = {
    bool: ("bool", lambda value: "true" if value else "false"),
    int: ("int", str),
    Decimal: ("float", str),
    str: ("str", lambda value: _MARK + value),
    dict: ("dict", _nested),
    list: ("list", _nested),
}


class RecordWriter:
    """Writes records of any keys.

    Attributes:
        names: of the columns, in the order of their occurrence, with their places.
        kinds: for each column how many of its values are of which Python type.
        rows: how many records were written.
    """

    def __init__(self, out: Path) -> None:
        self.names: dict[str, int] = {}
        self.kinds: list[dict[str, int]] = []
        self.rows = 0
        self.pieces: list[Path] = []
        self._out = out
        self._columns: list[list[str | None]] = []
        self._halves: dict[int, int] = {}
        self._size = self._cells = 0

    def add(self, record: Mapping[str, Any]) -> None:
        """Add a record as the next row."""
        for name, value in record.items():
            if value is None and name in self.names:
                continue
            place = self.names.get(name)
            if place is None:
                place = self._new(name)
            if value is None:
                continue
            kind, text = _TEXTS[type(value)]
            column = self._columns[place]
            missing = self._size - len(column)
            if missing:
                column.extend([None] * missing)
            column.append(text(value))
            kinds = self.kinds[place]
            kinds[kind] = kinds.get(kind, 0) + 1
        self._size += 1
        self.rows += 1
        self._cells += len(self.names)
        if self._cells >= _CELLS:
            self.flush()

    def _new(self, name: str) -> int:
        if len(self.names) >= MAX_KEYS:
            raise too_many()
        self.names[name] = len(self.names)
        self.kinds.append({})
        self._columns.append([])
        return self.names[name]

    def flush(self) -> None:
        """Write what was added to a file."""
        if not self._size or not self._columns:
            return
        arrays = [self._array(place) for place in range(len(self._columns))]
        piece = self._out.with_name(f"{self._out.name}-{len(self.pieces)}.parquet")
        table = pa.Table.from_arrays(arrays, names=[str(place) for place in range(len(arrays))])
        pq.write_table(table, piece, compression="snappy")
        self.pieces.append(piece)
        self._columns = [[] for _ in self._columns]
        self._size = self._cells = 0

    def _array(self, place: int) -> pa.Array:
        """The texts of a column that wait."""
        column = self._columns[place]
        texts = column + [None] * (self._size - len(column))
        try:
            return pa.array(texts, pa.large_string())
        except UnicodeEncodeError:
            legible = [text and whole(text) for text in texts]
            halves = sum(own != text for own, text in zip(legible, texts, strict=True))
            self._halves[place] = self._halves.get(place, 0) + halves
            return pa.array(legible, pa.large_string())

    def notes(self) -> tuple[str, ...]:
        """What to say of texts that are not as they stand there."""
        if not self._halves:
            return ()
        names = [whole(name) for name in self.names]
        count = sum(self._halves.values())
        texts = "1 text holds" if count == 1 else f"{count:,} texts hold"
        where = typing.listed([names[place] for place in self._halves])
        return (f"{where}: {texts} half a character; a mark (\ufffd) stands in the place.",)

    # What the columns are

    def relation(self) -> str:
        """A statement that gives all columns as texts."""
        paths = ", ".join(sql_text(str(piece)) for piece in self.pieces)
        columns = ", ".join(f'{self._text(place)} AS "{place}"' for place in range(len(self.names)))
        return f"(SELECT {columns} FROM read_parquet([{paths}], union_by_name = true))"  # noqa: S608 - paths of ours

    def _text(self, place: int) -> str:
        column, kinds = sql_name(str(place)), self.kinds[place].keys()
        if kinds == {"str"}:
            return f"substr({column}, 2)"
        if "str" in kinds:
            quoted = f"{column} || {sql_text(_MARK)}"
            return f"CASE WHEN starts_with({column}, {sql_text(_MARK)}) THEN {quoted} ELSE {column} END"
        return column

    def choose(self, connection: duckdb.DuckDBPyConnection) -> list[TextType]:
        """The type of each column."""
        source = self.relation()
        sample = connection.sql(f"SELECT * FROM {source} LIMIT {_LATER}").to_arrow_table()  # noqa: S608 - paths of ours
        possible = [
            self._possible(place, [text for text in column.to_pylist() if text is not None])
            for place, column in enumerate(sample.columns)
        ]
        return typing.choose(connection, source, possible)

    def _possible(self, place: int, texts: list[str]) -> list[TextType]:
        kinds = self.kinds[place].keys()
        if not kinds:
            return []
        if kinds == {"bool"}:
            return [types.BOOLEAN]
        if kinds <= {"int", "float"}:
            return [kind for kind in types.NUMBERS if kind.fits(texts)]
        if kinds != {"str"}:
            return []
        fitting = [kind for kind in _DATES if kind.fits(texts)]
        if texts and fitting:
            first = dates.first_choice(fitting, texts, _DATES)
            fitting = [first, *(kind for kind in fitting if kind is not first)]
        return fitting

    def column_type(self, place: int) -> ColumnType | None:
        """What the kinds of its values make a column, beyond what its texts say."""
        kinds = self.kinds[place].keys()
        if kinds and kinds <= _NESTED:
            return "nested"
        return "mixed" if len(kinds) > 1 and not kinds <= {"int", "float"} else None

    def mixtures(self) -> dict[int, dict[str, int]]:
        """Of columns with values of several types, how many of each."""
        return {
            place: kinds
            for place, kinds in enumerate(self.kinds)
            if self.column_type(place) == "mixed"
        }


def whole(text: str) -> str:
    """A text in which a mark stands for each half of a character, as "\ud800" alone is one."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
