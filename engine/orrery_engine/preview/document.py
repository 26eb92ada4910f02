"""What every reader of a preview gives: columns, and rows in batches from any place on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from orrery_engine.preview.budget import Budget
from orrery_engine.preview.cells import kind
from orrery_engine.preview.shapes import ColumnStatistics, CountKind, Filter, Snapshot
from orrery_engine.schemas.reading import ReaderOptions
from orrery_engine.schemas.vocabulary import ColumnType

MANY_COLUMNS = 100_000


@dataclass(frozen=True)
class Column:
    """A column of a source.

    Attributes:
        is_guessed: whether the kind is that of the first rows only.
    """

    name: str
    type: str
    kind: ColumnType
    is_guessed: bool = False


@dataclass
class Total:
    """How many rows there are."""

    count: int | None = None
    kind: CountKind = "unknown"


@dataclass
class Facts:
    """What is known of a source besides its rows."""

    notes: list[str] = field(default_factory=list)
    reading: ReaderOptions | None = None
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    snapshot: str = ""
    snapshots: tuple[Snapshot, ...] = ()
    schema_changed: bool = False
    partitions: tuple[str, ...] = ()

    def note(self, *texts: str) -> None:
        """Say something about the source, once."""
        self.notes += [text for text in texts if text and text not in self.notes]


Batch = tuple[int, pa.RecordBatch]


class Document(ABC):
    """A source that is open. Rows and columns are known by their places."""

    columns: tuple[Column, ...] = ()

    def __init__(self) -> None:
        self.facts = Facts()
        self.total = Total()

    @abstractmethod
    def batches(
        self, start: int, places: Sequence[int], rows: int, filters: Sequence[Filter] = ()
    ) -> Iterator[Batch]:
        """Batches of some columns in order, with the place of the first row of each.

        Args:
            start: the row that is wanted first; the first batch may begin before it.
            places: the columns, in this order.
            rows: how many rows are needed at first.
            filters: parts of the source in which no row fulfils them may be left out.
        """

    def take(self, rows: Sequence[int], places: Sequence[int]) -> pa.Table | None:
        """Rows by their places; none if that is no quicker than reading all."""
        return None

    def source_statistics(self, place: int) -> ColumnStatistics | None:
        """What the source itself says of a column, without its rows."""
        return None

    def use(self, budget: Budget) -> None:
        """Read within these limits from now on."""
        return

    def close(self) -> None:
        """Let go of what is open."""
        return


def columns_of(schema: pa.Schema) -> tuple[Column, ...]:
    """The columns of a schema of Arrow."""
    return tuple(Column(item.name, str(item.type)[:500], kind(item.type)) for item in schema)


class SequentialDocument(Document):
    """A source that is read from its beginning to its end; it goes on where the last answer ended."""

    def __init__(self) -> None:
        super().__init__()
        self._iterator: Iterator[pa.RecordBatch] | None = None
        self._next_row = 0
        self._last: list[Batch] = []
        self._is_read = False

    @abstractmethod
    def _begin(self) -> Iterator[pa.RecordBatch]:
        """All columns of all rows, from the first row on."""

    def batches(
        self, start: int, places: Sequence[int], rows: int, filters: Sequence[Filter] = ()
    ) -> Iterator[Batch]:
        """Batches of some columns in order, with the place of the first row of each."""
        for first, batch in self._all(start):
            yield (
                first,
                pa.RecordBatch.from_arrays(
                    [self._column(batch, place) for place in places],
                    names=[str(place) for place in places],
                ),
            )

    def _all(self, start: int) -> Iterator[Batch]:
        held = [item for item in self._last if item[0] + item[1].num_rows > start]
        begins_early = bool(self._last) and self._last[0][0] <= start
        if begins_early or (self._iterator is not None and start >= self._next_row):
            yield from held
        else:
            self._restart()
        yield from self._rest()

    def _rest(self) -> Iterator[Batch]:
        if self._iterator is None and not self._is_read:
            self._restart()
        iterator = self._iterator
        while iterator is not None:
            try:
                batch = next(iterator, None)
            except BaseException:
                self._iterator, self._last = None, []
                raise
            if batch is None:
                self._is_read = True
                self.total = Total(self._next_row, "exact")
                return
            item = (self._next_row, batch)
            self._next_row += batch.num_rows
            self._last = [*self._last, item][-_HELD_BATCHES:]
            yield item

    def _restart(self) -> None:
        self._iterator, self._next_row, self._last, self._is_read = self._begin(), 0, [], False

    def _column(self, batch: pa.RecordBatch, place: int) -> pa.Array:
        # A batch before the first one with a column lacks it.
        if place < batch.num_columns:
            return batch.column(place)
        return pa.nulls(batch.num_rows)


_HELD_BATCHES = 8


def united(pieces: Sequence[pa.RecordBatch]) -> pa.Table:
    """Batches as one table; columns whose types differ from batch to batch become texts."""
    if not pieces:
        return pa.table({})
    columns = []
    for place in range(pieces[0].num_columns):
        arrays = [piece.column(place) for piece in pieces]
        columns.append(_chunked(arrays))
    return pa.Table.from_arrays(columns, names=list(pieces[0].schema.names))


def _chunked(arrays: Sequence[pa.Array]) -> pa.ChunkedArray:
    types = {array.type for array in arrays if not pa.types.is_null(array.type)}
    if len(types) <= 1:
        target = next(iter(types), pa.null())
        return pa.chunked_array(
            [array if array.type == target else pa.nulls(len(array), target) for array in arrays],
            target,
        )
    if types <= {pa.int64(), pa.float64()}:
        return pa.chunked_array([_cast(array, pa.float64()) for array in arrays], pa.float64())
    return pa.chunked_array(
        [_cast(array, pa.large_string()) for array in arrays], pa.large_string()
    )


def _cast(array: pa.Array, target: pa.DataType) -> pa.Array:
    try:
        return array.cast(target)
    except pa.ArrowException:
        return pa.array([None if item is None else str(item) for item in array.to_pylist()], target)


Opener = Callable[[], Any]
