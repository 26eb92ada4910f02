"""Parquet by ranges: its footer, and of the columns that are shown the pages up to the rows that are shown."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orrery_engine.preview.budget import Budget
from orrery_engine.preview.cells import CellWriter
from orrery_engine.preview.document import MANY_COLUMNS, Batch, Document, Total, columns_of
from orrery_engine.preview.literals import may_match
from orrery_engine.preview.shapes import ColumnStatistics, Filter
from orrery_engine.preview.sparse import Range, SparseFile
from orrery_engine.readers.convert import depth, leaves
from orrery_wire.errors import Invalid

TAIL = 64 * 1024
_BUFFER = 16 * 1024
_SCAN_ROWS = 32_768
# A page ends after so many rows or bytes, whichever comes first, as the usual writers have it.
_PAGE_ROWS = 20_000
_PAGE_BYTES = 1024 * 1024
_WHOLE_CHUNK = 128 * 1024
_SHOWN_TEXT = 60
_DEEPEST = 40
_MAX_THRIFT = 256 * 2**20


class ParquetDocument(Document):
    """One file. Columns are known by their places, for names may be empty or occur twice."""

    def __init__(self, file: SparseFile) -> None:
        super().__init__()
        self._file = file
        self._check_ends()
        self._parquet = pq.ParquetFile(
            pa.PythonFile(file, mode="r"),
            buffer_size=_BUFFER,
            pre_buffer=False,
            coerce_int96_timestamp_unit="us",
            thrift_string_size_limit=_MAX_THRIFT,
            thrift_container_size_limit=10_000_000,
        )
        self.metadata = self._parquet.metadata
        self.schema = self._parquet.schema_arrow
        if len(self.schema) > MANY_COLUMNS:
            raise Invalid(
                f"The file has {len(self.schema):,} columns",
                reason=f"At most {MANY_COLUMNS:,} are shown.",
            )
        if any(depth(item.type) > _DEEPEST for item in self.schema):
            raise Invalid("Values of the file are nested too deeply to be shown")
        self.columns = columns_of(self.schema)
        self._leaves = _leaf_ranges(self.schema)
        self._groups = _starts(self.metadata)
        self.total = Total(self._groups[-1], "exact")

    def _check_ends(self) -> None:
        """Say what is wrong with a file that ends as no Parquet does.

        Raises:
            Invalid: it is damaged, cut short or encrypted.
        """
        end = self._file.read_range(max(0, self._file.size - 8), 8)
        if end[4:] == b"PARE":
            raise Invalid(
                "The Parquet file is encrypted",
                remedy="Write it without encryption where the key is.",
            )
        if len(end) < 8 or end[4:] != b"PAR1":
            raise Invalid(
                "The Parquet file is not whole",
                reason="Its end is missing: it was cut short, or is still being written.",
                remedy="Fetch it or write it again.",
            )
        footer = int.from_bytes(end[:4], "little")
        if footer + 8 > self._file.size:
            raise Invalid(
                "The Parquet file is damaged", reason="Its footer is longer than the file."
            )
        self._file.prefetch([(self._file.size - 8 - footer, footer)])

    def use(self, budget: Budget) -> None:
        """Read within these limits from now on."""
        self._file.budget = budget

    def batches(
        self, start: int, places: Sequence[int], rows: int, filters: Sequence[Filter] = ()
    ) -> Iterator[Batch]:
        """Batches of some columns in order, with the place of the first row of each."""
        leaves = [leaf for place in sorted(places) for leaf in range(*self._leaves[place])]
        names = [str(place) for place in places]
        for group in range(len(self._groups) - 1):
            begin, end = self._groups[group], self._groups[group + 1]
            if end <= start or begin == end or not self._may_match(group, filters):
                continue
            inside = max(0, start - begin)
            self._prefetch(group, leaves, inside + rows)
            at = begin
            # A small first window decodes few values; what goes on reads larger batches.
            size = max(64, min(_SCAN_ROWS, inside + rows))
            for batch in self._read(group, leaves, size):
                if at + batch.num_rows > start:
                    yield at, self._in_order(batch, places, names) if places else batch
                at += batch.num_rows
            rows = max(rows, _SCAN_ROWS)
            if at != end:
                raise Invalid(
                    "The Parquet file is damaged",
                    reason="It holds fewer values than its footer says.",
                )

    def _read(self, group: int, leaves: Sequence[int], size: int) -> Iterator[pa.RecordBatch]:
        if not leaves:
            rows = self._groups[group + 1] - self._groups[group]
            # A batch without columns would have no rows.
            yield pa.RecordBatch.from_arrays([pa.nulls(rows)], names=[""])
            return
        yield from self._parquet.reader.iter_batches(
            size, row_groups=[group], column_indices=list(leaves), use_threads=False
        )

    def _in_order(
        self, batch: pa.RecordBatch, places: Sequence[int], names: Sequence[str]
    ) -> pa.RecordBatch:
        """The columns of a batch, which come in the order of the file, in that of ``places``."""
        in_file = sorted(places)
        arrays = [batch.column(in_file.index(place)) for place in places]
        return pa.RecordBatch.from_arrays(arrays, names=list(names))

    def _may_match(self, group: int, filters: Sequence[Filter]) -> bool:
        """Whether the statistics of a row group leave it possible that rows fulfil all filters."""
        for item in filters:
            begin, end = self._leaves[item.column]
            if end - begin != 1 or self.columns[item.column].kind in ("nested", "binary"):
                continue
            chunk = self.metadata.row_group(group).column(begin)
            low, high, nulls = _limits(chunk)
            if not may_match(item, low, high, nulls, chunk.num_values):
                return False
        return True

    def _prefetch(self, group: int, leaves: Sequence[int], rows: int) -> None:
        """Fetch in one round trip the pages that hold the first rows of a group."""
        metadata = self.metadata.row_group(group)
        ranges = [_pages(metadata.column(leaf), metadata.num_rows, rows) for leaf in leaves]
        limit = self._file.budget.bytes
        chosen: list[Range] = []
        for start, length in ranges:
            if length > limit:
                break
            chosen.append((start, length))
            limit -= length
        self._file.prefetch(chosen)

    def take(self, rows: Sequence[int], places: Sequence[int]) -> pa.Table | None:
        """Rows by their places, from the row groups that hold them."""
        names = [str(place) for place in places]
        pieces: list[pa.RecordBatch] = []
        taken: list[int] = []
        for group in sorted({self._group_of(row) for row in rows}):
            begin = self._groups[group]
            inside = sorted(row for row in rows if self._group_of(row) == group)
            for at, batch in self._through(group, places, inside[-1] + 1 - begin):
                own = [row for row in inside if at <= row < at + batch.num_rows]
                if own:
                    pieces.append(batch.take(pa.array([row - at for row in own])))
                    taken += own
        if not pieces:
            return pa.table({name: pa.nulls(0) for name in names})
        position = {row: place for place, row in enumerate(taken)}
        return pa.Table.from_batches(pieces).take(pa.array([position[row] for row in rows]))

    def _through(self, group: int, places: Sequence[int], rows: int) -> Iterator[Batch]:
        """Batches of a group until some rows were given."""
        end = self._groups[group] + rows
        for at, batch in self.batches(self._groups[group], places, rows):
            yield at, batch
            if at + batch.num_rows >= end:
                return

    def _group_of(self, row: int) -> int:
        return bisect.bisect_right(self._groups, row) - 1

    def source_statistics(self, place: int) -> ColumnStatistics | None:
        """What the footer says of a column."""
        begin, end = self._leaves[place]
        groups = self.metadata.num_row_groups
        if end - begin != 1 or not groups or groups > 10_000:
            return None
        chunks = [self.metadata.row_group(group).column(begin) for group in range(groups)]
        limits = [_limits(chunk) for chunk in chunks]
        nulls = [item[2] for item in limits]
        low, high = (
            _extremes([item[0] for item in limits], min),
            _extremes([item[1] for item in limits], max),
        )
        if low is None and None in nulls:
            return None
        writer = CellWriter()
        is_short = all(len(str(item)) < _SHOWN_TEXT for item in (low, high))
        return ColumnStatistics(
            rows=self._groups[-1],
            is_whole=True,
            nulls=None if None in nulls else sum(count for count in nulls if count is not None),
            min=writer.value(low) if is_short else None,
            max=writer.value(high) if is_short else None,
        )

    def close(self) -> None:
        """Let go of what is open."""
        self._file.forget()


def _leaf_ranges(schema: pa.Schema) -> list[tuple[int, int]]:
    """From which leaf to which each column goes."""
    result, begin = [], 0
    for item in schema:
        end = begin + leaves(item.type)
        result.append((begin, end))
        begin = end
    return result


def _starts(metadata: Any) -> list[int]:
    """The first row of each row group, and the number of all rows.

    Raises:
        Invalid: a group has a negative number of rows.
    """
    starts = [0]
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        if rows < 0:
            raise Invalid(
                "The Parquet file is damaged", reason="A row group has fewer than no rows."
            )
        starts.append(starts[-1] + rows)
    return starts


def _limits(chunk: Any) -> tuple[Any, Any, int | None]:
    """Least and largest value of a column chunk, and how many are missing; none where it does not say."""
    if not chunk.is_stats_set:
        return None, None, None
    statistics = chunk.statistics
    nulls = statistics.null_count if statistics.has_null_count else None
    if not statistics.has_min_max:
        return None, None, nulls
    try:
        low, high = statistics.min, statistics.max
    except (ValueError, OverflowError, NotImplementedError, pa.ArrowException):
        return None, None, nulls
    if any(isinstance(item, float) and math.isnan(item) for item in (low, high)):
        return None, None, nulls
    return low, high, nulls


def _extremes(values: Sequence[Any], choose: Any) -> Any:
    """The least or largest of the values of all groups; none if a group does not say."""
    if any(value is None for value in values) or not values:
        return None
    try:
        return choose(values)
    except TypeError:
        return None


def _pages(chunk: Any, group_rows: int, rows: int) -> Range:
    """The range of a column chunk that holds its first rows, as far as its sizes let one guess."""
    size = chunk.total_compressed_size
    data = chunk.data_page_offset
    begin = data
    if chunk.has_dictionary_page and chunk.dictionary_page_offset is not None:
        begin = min(data, chunk.dictionary_page_offset)
    if size <= _WHOLE_CHUNK or rows >= group_rows:
        return begin, size
    ratio = size / max(1, chunk.total_uncompressed_size)
    each = (size - (data - begin)) / max(1, group_rows)
    page = min(each * _PAGE_ROWS, _PAGE_BYTES * max(ratio, 0.01) * 1.25)
    need = each * rows + page * 1.1 + (data - begin) + 2 * _BUFFER
    return begin, min(size, int(need))
