"""A table that is stored in groups of rows, each of which gives any column by itself as Arrow."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from orrery_engine.readers import convert, periods
from orrery_engine.readers.base import READING, Row, Table
from orrery_engine.readers.damage import UnreadableError
from orrery_engine.readers.text.typing import listed
from orrery_engine.schemas import Options
from orrery_engine.stats import sampling
from orrery_engine.stats.values import values

# Of the budget of time, what may go into reading alone, and what reading a value takes.
_READING = 0.3
_VALUE = 1.5e-8


# Months and days of folders are often written with a leading zero, and are numbers all the same.
_PARTITION_TYPES = (
    (r"-?[0-9]{1,18}", pa.int64()),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", pa.date32()),
)


def partitioned(texts: Sequence[str | None]) -> pa.Array:
    """Values that folders are named after: whole numbers or days if all are, else texts."""
    array = pa.array(texts, pa.string())
    for pattern, type_ in _PARTITION_TYPES:
        if all(text is None or re.fullmatch(pattern, text) for text in texts):
            try:
                typed = array.cast(type_)
            except pa.ArrowInvalid:
                continue
            # Codes such as "001" and "1" are two values.
            if len(typed.unique()) == len(array.unique()):
                return typed
    return array


def plain_partitions(
    folders: Sequence[Mapping[str, str | None]],
) -> list[tuple[tuple[str, str | None], ...]]:
    """Values of folders as texts of their types: the month "01" is the number 1."""
    columns = {}
    for name in dict.fromkeys(name for own in folders for name in own):
        typed = partitioned([own.get(name) for own in folders]).to_pylist()
        columns[name] = [None if value is None else str(value) for value in typed]
    return [
        tuple((name, column[number]) for name, column in columns.items())
        for number in range(len(folders))
    ]


class ArrowColumns(Table):
    """Row groups of Parquet, batches of Arrow."""

    def _describe(self, fields: Sequence[pa.Field], sizes: Sequence[int]) -> None:
        """Set what is known without data."""
        described = [convert.of_field(field) for field in fields]
        self._types = [field.type for field in fields]
        self._sizes = np.asarray(sizes, dtype=np.int64)
        self._chosen: NDArray[np.int64] | None = None
        self.names = tuple(field.name for field in fields)
        self.types = tuple(kind for kind, _, _ in described)
        self.dtypes = tuple(dtype for _, dtype, _ in described)
        self.mixtures = {place: result for place, (_, _, result) in enumerate(described) if result}
        self._describe_periods(fields)
        self.rows = int(self._sizes.sum())

    def _describe_periods(self, fields: Sequence[pa.Field]) -> None:
        """What is a whole number in the file, and a period for who wrote it."""
        self._periods = {
            place: own for place, field in enumerate(fields) if (own := periods.frequency(field))
        }
        kinds, dtypes = [*self.types], [*self.dtypes]
        for place, own in self._periods.items():
            kinds[place] = periods.kind(own) or kinds[place]
            dtypes[place] = f"period[{own}]"
        self.types, self.dtypes = tuple(kinds), tuple(dtypes)
        for own in dict.fromkeys(self._periods.values()):
            named = [self.names[place] for place in self._periods if self._periods[place] == own]
            self.notes += (periods.note(listed(named), own),)

    def _series(self, index: int, array: pa.ChunkedArray) -> pl.Series:
        """Values of a column as they are computed with."""
        result = convert.series(array)
        return (
            periods.beginnings(result, self._periods[index]) if index in self._periods else result
        )

    @abstractmethod
    def _pieces(self, index: int, group: int) -> Iterator[pa.Array]:
        """A column's values in a group, in order."""

    def _first(self, index: int, count: int) -> pa.ChunkedArray:
        """A column's first values."""
        result: list[pa.Array] = []
        missing = count
        for group in range(len(self._sizes)):
            for piece in self._pieces(index, group):
                result.append(piece.slice(0, missing))
                missing -= len(result[-1])
                if missing <= 0:
                    return pa.chunked_array(result, type=self._types[index])
        return pa.chunked_array(result, type=self._types[index])

    def _example(self, index: int, count: int) -> pa.ChunkedArray:
        """Values of a column that tell how wide it is."""
        return self._first(index, count)

    def widest(self) -> float:
        """About how many bytes a value of the widest column needs, by the first ones."""
        most = 8.0
        for index, native in enumerate(self._types):
            if pa.types.is_primitive(native):
                continue
            try:
                first = self._example(index, 1_000)
            except READING:
                # A column that cannot be read says so when it is looked at; the others go on.
                continue
            if len(first):
                most = max(most, first.nbytes / len(first) + 16)
        return most

    def limit(self, options: Options, memory: int) -> None:
        """Look at as many rows only as the budgets allow."""
        rows = self.rows or 0
        plan = sampling.plan(rows, len(self.names), self.widest(), options, memory)
        self.threads = plan.threads
        if plan.rows >= rows:
            return
        reach = int(options.seconds * _READING / (_VALUE * max(1, len(self.names))))
        reach = min(rows, max(reach, plan.rows))
        why = plan.why if reach == rows else f"{plan.why} They are of the first {reach:,} rows."
        self._chosen = sampling.pick(reach, plan.rows)
        self.sampling = sampling.state(len(self._chosen), rows, why)

    def head(self, count: int, columns: int) -> tuple[Row, ...]:
        """The first rows; a column that cannot be read is empty there."""
        by_column = [self._head_of(index, count) for index in range(min(columns, len(self.names)))]
        return tuple(zip(*by_column, strict=True))

    def _head_of(self, index: int, count: int) -> Row:
        shown = min(count, self.rows or 0)
        try:
            result = values(self.start(index, shown))
        except READING:
            return (None,) * shown
        # Fewer of one column would put values beside those of other rows.
        return tuple(result) if len(result) == shown else (None,) * shown

    def start(self, index: int, count: int) -> pl.Series:
        """A column's first values."""
        return self._series(index, self._first(index, count))

    def column(self, index: int) -> pl.Series:
        """A column, or its part in the sample."""
        chosen = self._chosen
        return self._gather(index, chosen) if chosen is not None else self._whole(index)

    def _whole(self, index: int) -> pl.Series:
        pieces = [
            piece for group in range(len(self._sizes)) for piece in self._pieces(index, group)
        ]
        if sum(map(len, pieces)) != self.rows:
            raise UnreadableError(
                "the file is damaged: it holds another number of values than it says"
            )
        return self._series(index, pa.chunked_array(pieces, type=self._types[index]))

    def _gather(self, index: int, rows: NDArray[np.int64]) -> pl.Series:
        """Some rows of a column, in order; only the groups that hold them are read."""
        result: list[pa.Array] = []
        ends = np.cumsum(self._sizes)
        for group, end in enumerate(ends.tolist()):
            begin = end - int(self._sizes[group])
            low, high = np.searchsorted(rows, [begin, end])
            if low == high:
                continue
            for piece in self._pieces(index, group):
                low, high = np.searchsorted(rows, [begin, begin + len(piece)])
                if low < high:
                    result.append(piece.take(pa.array(rows[low:high] - begin)))
                begin += len(piece)
                if high == len(rows):
                    break
        return self._series(index, pa.chunked_array(result, type=self._types[index]))

    def rows_at(self, places: Sequence[int], columns: int) -> tuple[Row, ...]:
        """Rows of the sample by their places, cut to the first columns."""
        order = np.argsort(places, kind="stable")
        rows = np.asarray(places, dtype=np.int64)[order]
        rows = rows if self._chosen is None else self._chosen[rows]
        back = np.argsort(order, kind="stable")
        by_column = [
            values(self._gather(index, rows).gather(back))
            for index in range(min(columns, len(self.names)))
        ]
        return tuple(zip(*by_column, strict=True))

    def frame(self, indices: Sequence[int]) -> pl.DataFrame:
        """The columns of these indices as a frame; each is named by its place in ``indices``."""
        return pl.DataFrame(
            [self.column(index).alias(str(place)) for place, index in enumerate(indices)]
        )
