"""A table in several Parquet files: a folder, or what the log of a Delta or Iceberg table names."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from orrery_engine.preview.budget import Budget
from orrery_engine.preview.document import Batch, Document, Total, columns_of
from orrery_engine.preview.formats.parquet import ParquetDocument
from orrery_engine.preview.shapes import Filter

_OPEN = 16

Matching = Callable[[pa.Schema, int], int | None]


@dataclass(frozen=True)
class Part:
    """A file of a table.

    Attributes:
        rows: how many it holds; none if that is not known before it is opened.
        constants: values that all of its rows have, by the place of the column.
    """

    path: str
    rows: int | None = None
    constants: Mapping[int, Any] = field(default_factory=dict)


class PartsDocument(Document):
    """Files as one table, in an order that stays."""

    def __init__(
        self,
        parts: Sequence[Part],
        schema: pa.Schema,
        open_part: Callable[[str], ParquetDocument],
        matching: Matching,
    ) -> None:
        """Open nothing yet.

        Args:
            parts: the files.
            schema: of the table.
            open_part: opens a file.
            matching: of the schema of a file and a place in that of the table, the place in the file; none if it lacks it.
        """
        super().__init__()
        self._parts = list(parts)
        self._schema = schema
        self._open_part = open_part
        self._matching = matching
        self._open: OrderedDict[str, ParquetDocument] = OrderedDict()
        self._budget: Budget | None = None
        self.columns = columns_of(schema)
        rows = [part.rows for part in parts]
        if None not in rows:
            self.total = Total(sum(count for count in rows if count is not None), "exact")

    def use(self, budget: Budget) -> None:
        """Read within these limits from now on."""
        self._budget = budget
        for document in self._open.values():
            document.use(budget)

    def batches(
        self, start: int, places: Sequence[int], rows: int, filters: Sequence[Filter] = ()
    ) -> Iterator[Batch]:
        """Batches of some columns in order, with the place of the first row of each."""
        begin = 0
        for number, part in enumerate(self._parts):
            if part.rows is not None and begin + part.rows <= start:
                begin += part.rows
                continue
            document = self._opened(part.path)
            count = document.total.count or 0
            if part.rows is None:
                self._parts[number] = Part(part.path, count, part.constants)
            if begin + count > start:
                for first, batch in self._of(part, document, start - begin, places, rows, filters):
                    yield begin + first, batch
            begin += count
        self.total = Total(begin, "exact")

    def _of(
        self,
        part: Part,
        document: ParquetDocument,
        start: int,
        places: Sequence[int],
        rows: int,
        filters: Sequence[Filter],
    ) -> Iterator[Batch]:
        """Batches of one file, with the columns of the table."""
        in_file = {
            place: own
            for place in {*places, *(item.column for item in filters)}
            if place not in part.constants
            and (own := self._matching(document.schema, place)) is not None
        }
        # Only columns that the file has with the same type are compared with its statistics.
        own_filters = [
            item.model_copy(update={"column": in_file[item.column]})
            for item in filters
            if item.column in in_file
        ]
        stored = [place for place in places if place in in_file]
        own_places = [in_file[place] for place in stored]
        for first, batch in document.batches(max(0, start), own_places, rows, own_filters):
            count = batch.num_rows
            arrays = []
            for place in places:
                type_ = self._schema.field(place).type
                if place in part.constants:
                    arrays.append(_constant(part.constants[place], type_, count))
                elif place in in_file:
                    arrays.append(_fitting(batch.column(stored.index(place)), type_))
                else:
                    arrays.append(pa.nulls(count, type_))
            if arrays:
                yield (
                    first,
                    pa.RecordBatch.from_arrays(arrays, names=[str(place) for place in places]),
                )
            else:
                yield first, batch

    def _opened(self, path: str) -> ParquetDocument:
        document = self._open.pop(path, None) or self._open_part(path)
        if self._budget is not None:
            document.use(self._budget)
        self._open[path] = document
        while len(self._open) > _OPEN:
            _, oldest = self._open.popitem(last=False)
            oldest.close()
        return document

    def close(self) -> None:
        """Let go of what is open."""
        for document in self._open.values():
            document.close()
        self._open.clear()


def _constant(value: Any, type_: pa.DataType, count: int) -> pa.Array:
    scalar = pa.scalar(value)
    try:
        return pa.repeat(scalar.cast(type_), count)
    except pa.ArrowException:
        return pa.repeat(pa.scalar(None if value is None else str(value), pa.string()), count)


def _fitting(array: pa.Array, type_: pa.DataType) -> pa.Array:
    """Values of a file in the type of the table; as they are where it does not hold them."""
    if array.type == type_:
        return array
    try:
        return array.cast(type_)
    except pa.ArrowException:
        return array


def by_name(schema: pa.Schema) -> Matching:
    """Matches columns by name, the first of a name with the first."""
    names = schema.names

    def matching(own: pa.Schema, place: int) -> int | None:
        indices = own.get_all_field_indices(names[place])
        return indices[0] if indices else None

    return matching
