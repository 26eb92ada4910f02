"""Arrow files and streams batch by batch, ORC stripe by stripe."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from orrery_engine.preview.budget import Budget
from orrery_engine.preview.document import (
    MANY_COLUMNS,
    Batch,
    Document,
    SequentialDocument,
    Total,
    columns_of,
)
from orrery_engine.preview.shapes import Filter
from orrery_engine.preview.sparse import SparseFile, Stream
from orrery_engine.readers.convert import depth
from orrery_wire.errors import Invalid

MARK = b"ARROW1"
_DEEPEST = 40


def arrow_document(file: SparseFile) -> Document:
    """A file or a stream of Arrow.

    Raises:
        Invalid: it is neither.
    """
    begin = file.read_range(0, 8)
    if begin.startswith(b"FEA1"):
        raise Invalid(
            "The file is Feather of the first version",
            reason="That format was given up in 2020.",
            remedy="Write it again with pyarrow.feather.write_feather.",
        )
    return ArrowDocument(file) if begin.startswith(MARK) else ArrowStream(file)


def _checked(schema: pa.Schema) -> pa.Schema:
    if len(schema) > MANY_COLUMNS:
        raise Invalid(f"The file has {len(schema):,} columns")
    if any(depth(item.type) > _DEEPEST for item in schema):
        raise Invalid("Values of the file are nested too deeply to be shown")
    return schema


class ArrowDocument(Document):
    """An Arrow file: any batch of it can be read, and of it the columns that are shown."""

    def __init__(self, file: SparseFile) -> None:
        super().__init__()
        self._file = file
        if file.read_range(max(0, file.size - 6), 6) != MARK:
            raise Invalid(
                "The Arrow file is not whole",
                reason="Its end is missing: it was cut short, or is still being written.",
                remedy="Fetch it or write it again.",
            )
        reader = self._opened(None)
        self.columns = columns_of(_checked(reader.schema))
        self._count = reader.num_record_batches
        self._starts: list[int] = [0]
        if not self._count:
            self.total = Total(0, "exact")

    def _opened(self, places: Sequence[int] | None) -> Any:
        options = pa.ipc.IpcReadOptions(
            included_fields=list(places) if places else None, use_threads=False
        )
        source = pa.PythonFile(self._file, mode="r")
        return pa.ipc.open_file(source, options=options)

    def use(self, budget: Budget) -> None:
        """Read within these limits from now on."""
        self._file.budget = budget

    def batches(
        self, start: int, places: Sequence[int], rows: int, filters: Sequence[Filter] = ()
    ) -> Iterator[Batch]:
        """Batches of some columns in order, with the place of the first row of each."""
        in_file = sorted(set(places))
        reader = self._opened(in_file)
        # Batches whose rows were counted before are passed over.
        number = max((n for n, first in enumerate(self._starts) if first <= start), default=0)
        while number < self._count:
            batch = reader.get_batch(number)
            first = self._starts[number]
            if number + 1 == len(self._starts):
                self._starts.append(first + batch.num_rows)
            number += 1
            if len(self._starts) == self._count + 1:
                self.total = Total(self._starts[-1], "exact")
            if first + batch.num_rows > start:
                arrays = [batch.column(in_file.index(place)) for place in places]
                yield (
                    first,
                    pa.RecordBatch.from_arrays(arrays, names=[str(place) for place in places]),
                )


class ArrowStream(SequentialDocument):
    """A stream of Arrow, from its beginning on."""

    def __init__(self, file: SparseFile) -> None:
        super().__init__()
        self._file = file
        self.columns = columns_of(_checked(self._reader().schema))

    def use(self, budget: Budget) -> None:
        """Read within these limits from now on."""
        self._file.budget = budget

    def _reader(self) -> Any:
        self._file.seek(0)
        raw = io.BufferedReader(Stream(self._file), 256 * 1024)
        return pa.ipc.open_stream(pa.PythonFile(raw, mode="r"))

    def _begin(self) -> Iterator[pa.RecordBatch]:
        for batch in self._reader():
            self._file.budget.check()
            yield batch


class OrcDocument(Document):
    """ORC. A stripe is read as a whole, but only the columns that are shown."""

    def __init__(self, file: SparseFile) -> None:
        super().__init__()
        from pyarrow import orc

        self._file = file
        file.prefetch([(max(0, file.size - 64 * 1024), 64 * 1024)])
        self._orc = orc.ORCFile(pa.PythonFile(file, mode="r"))
        self._schema = _checked(self._orc.schema)
        self.columns = columns_of(self._schema)
        self.total = Total(self._orc.nrows, "exact")
        self._starts = [0]

    def use(self, budget: Budget) -> None:
        """Read within these limits from now on."""
        self._file.budget = budget

    def batches(
        self, start: int, places: Sequence[int], rows: int, filters: Sequence[Filter] = ()
    ) -> Iterator[Batch]:
        """Batches of some columns in order, with the place of the first row of each."""
        in_file = sorted(set(places))
        names = [self._schema.names[place] for place in in_file]
        number = max((n for n, first in enumerate(self._starts) if first <= start), default=0)
        while number < self._orc.nstripes:
            batch = self._orc.read_stripe(number, columns=names)
            first = self._starts[number]
            if number + 1 == len(self._starts):
                self._starts.append(first + batch.num_rows)
            number += 1
            if first + batch.num_rows > start:
                arrays = [batch.column(in_file.index(place)) for place in places]
                yield (
                    first,
                    pa.RecordBatch.from_arrays(arrays, names=[str(place) for place in places]),
                )
