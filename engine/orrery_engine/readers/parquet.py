"""Parquet: any number of files with about the same columns, here or in an object store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from orrery_engine.readers import convert
from orrery_engine.readers.columns import ArrowColumns
from orrery_wire.errors import Invalid

Opener = Callable[[], Path | IO[bytes]]
_BATCH = 1 << 16
_MOST_COLUMNS = 100_000


class ParquetTable(ArrowColumns):
    """Columns are found by their place among the leaves, so that names may be empty or occur twice."""

    def __init__(self, files: Sequence[Opener], size: int | None = None) -> None:
        self._files = list(files)
        self._local = threading.local()
        self._metadata: dict[int, Any] = {}
        self.bytes = size
        opened = [self._opened(file) for file in range(len(self._files))]
        fields = [self._fields(item) for item in opened]
        self._places = [_places(fields[0], subset) for subset in fields]
        self._leaves = [_starts(subset) for subset in fields]
        self._foreign = self._strangers(fields)
        self._groups = [
            (file, group)
            for file, item in enumerate(opened)
            for group in range(item.num_row_groups)
        ]
        sizes = [opened[file].metadata.row_group(group).num_rows for file, group in self._groups]
        if any(size < 0 for size in sizes):
            raise Invalid(
                "The Parquet file is damaged.",
                reason="It says that it has a negative number of rows.",
                remedy="Write the file again.",
            )
        self._describe(fields[0], sizes)
        self._say(fields)

    def _say(self, fields: Sequence[Sequence[pa.Field]]) -> None:
        """Tell of files whose columns are not those of the first."""
        lack = sum(1 for places in self._places if any(place is None for place in places))
        more = sum(1 for subset in fields if len(subset) > len(fields[0]))
        if lack:
            self.notes += (f"{lack} of {len(fields)} files lack columns of the first one.",)
        if more:
            self.notes += (
                f"{more} of {len(fields)} files have columns that the first one lacks; these are left out.",
            )

    def _fields(self, file: pq.ParquetFile) -> list[pa.Field]:
        fields = list(file.schema_arrow)
        if len(fields) > _MOST_COLUMNS:
            raise Invalid(
                f"The file has {len(fields):,} columns.",
                reason=f"At most {_MOST_COLUMNS:,} can be profiled.",
                remedy="Choose columns, or turn the table.",
            )
        return fields

    def _opened(self, file: int) -> pq.ParquetFile:
        """The file as this thread has it open: a reader is not made for two at once."""
        mine: dict[int, pq.ParquetFile] = self._local.__dict__.setdefault("files", {})
        if file not in mine:
            source = self._files[file]()
            mine[file] = pq.ParquetFile(
                source, metadata=self._metadata.get(file), pre_buffer=not isinstance(source, Path)
            )
            self._metadata[file] = mine[file].metadata
        return mine[file]

    def _strangers(self, fields: Sequence[Sequence[pa.Field]]) -> set[tuple[int, int]]:
        """Columns of later files whose type is not that of the first."""
        return {
            (file, index)
            for file, places in enumerate(self._places)
            for index, place in enumerate(places)
            if place is not None and fields[file][place].type != fields[0][index].type
        }

    def _pieces(self, index: int, group: int) -> Iterator[pa.Array]:
        """A column's values in a row group, in batches where only some of them are wanted."""
        file, own = self._groups[group]
        place = self._places[file][index]
        if place is None:
            yield pa.nulls(int(self._sizes[group]), self._types[index])
            return
        reader = self._opened(file).reader
        leaves = list(range(*self._leaves[file][place]))
        if self._chosen is None:
            table = reader.read_row_groups([own], column_indices=leaves, use_threads=False)
            result = iter(table.column(0).chunks)
        else:
            batches = reader.iter_batches(
                _BATCH, row_groups=[own], column_indices=leaves, use_threads=False
            )
            result = (batch.column(0) for batch in batches)
        for piece in result:
            yield self._fitting(piece, file, index)

    def _fitting(self, piece: pa.Array, file: int, index: int) -> pa.Array:
        """A piece in the type that the first file has."""
        if (file, index) not in self._foreign and piece.type == self._types[index]:
            return piece
        return piece.cast(self._types[index])

    def _first(self, index: int, count: int) -> pa.ChunkedArray:
        """The first values without reading a whole row group."""
        for group, size in enumerate(self._sizes):
            file, own = self._groups[group]
            place = self._places[file][index]
            if not size or place is None:
                continue
            leaves = list(range(*self._leaves[file][place]))
            batches = self._opened(file).reader.iter_batches(
                max(1, min(count, int(size))),
                row_groups=[own],
                column_indices=leaves,
                use_threads=False,
            )
            first = self._fitting(next(iter(batches)).column(0), file, index)
            return pa.chunked_array([first.slice(0, count)], type=self._types[index])
        return pa.chunked_array([], type=self._types[index])

    def close(self) -> None:
        """Let go of the files that this thread has open."""
        for item in self._local.__dict__.pop("files", {}).values():
            item.close()


def _starts(fields: Sequence[pa.Field]) -> list[tuple[int, int]]:
    """From which leaf to which each field goes."""
    result, begin = [], 0
    for field in fields:
        end = begin + convert.leaves(field.type)
        result.append((begin, end))
        begin = end
    return result


def _places(target: Sequence[pa.Field], there: Sequence[pa.Field]) -> list[int | None]:
    """Where the columns of one file are in another: by name, the first of a name for the first."""
    left: dict[str, list[int]] = {}
    for place, field in enumerate(there):
        left.setdefault(field.name, []).append(place)
    return [left[field.name].pop(0) if left.get(field.name) else None for field in target]
