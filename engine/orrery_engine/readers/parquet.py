"""Parquet: any number of files with about the same columns, here or in an object store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from orrery_engine.readers import convert, periods
from orrery_engine.readers.columns import ArrowColumns, partitioned
from orrery_engine.readers.damage import UnreadableError
from orrery_engine.readers.text.typing import listed
from orrery_wire.errors import Invalid

Opener = Callable[[], Path | IO[bytes]]
_BATCH = 1 << 16
_MOST_COLUMNS = 100_000
_LOOKED_AT = 20  # files in whose schemas old types are looked for


class ParquetTable(ArrowColumns):
    """Columns are found by their place among the leaves, so that names may be empty or occur twice.

    A column of several files has a type that holds the values of all of them.
    """

    def __init__(
        self,
        files: Sequence[Opener],
        size: int | None = None,
        partitions: Sequence[Mapping[str, str | None]] = (),
    ) -> None:
        """Open files.

        Args:
            files: how to open each.
            size: bytes of all together.
            partitions: for each file the values that its folders are named after, by column.
        """
        self._files = list(files)
        self._local = threading.local()
        self._metadata: dict[int, Any] = {}
        self.bytes = size
        opened = [self._opened(file) for file in range(len(self._files))]
        fields = [self._fields(item) for item in opened]
        united, self._mixed = _united(fields)
        self._places = [_places(united, subset) for subset in fields]
        self._leaves = [_starts(subset) for subset in fields]
        constants = _constants(partitions, {field.name for field in united})
        self._constants = {len(united) + place: array for place, (_, array) in enumerate(constants)}
        for places in self._places:
            places += [None] * len(constants)
        described = united + [pa.field(name, array.type) for name, array in constants]
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
        self._describe(described, sizes)
        self._say(len(fields), len(united))
        self._say_of_old_times(opened)

    def _say(self, files: int, stored: int) -> None:
        """Tell of files whose columns are not those of the others."""
        lack = sum(None in places[:stored] for places in self._places)
        if lack:
            self.notes += (f"{lack} of {files} files lack columns that others have.",)
        if self._mixed:
            named = listed([self.names[place] for place in self._mixed])
            self.notes += (f"{named}: files hold values of different types; read as text.",)

    def _say_of_old_times(self, opened: Sequence[pq.ParquetFile]) -> None:
        """Tell of times whose nanoseconds are not read."""
        schemas = [file.metadata.schema for file in opened[:_LOOKED_AT]]
        leaves = [schema.column(place) for schema in schemas for place in range(len(schema))]
        old = [leaf.path.split(".")[0] for leaf in leaves if leaf.physical_type == "INT96"]
        if old:
            named = listed(list(dict.fromkeys(old)))
            self.notes += (f"{named}: times of 96 bits (INT96) were read to the microsecond.",)

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
                source,
                metadata=self._metadata.get(file),
                pre_buffer=not isinstance(source, Path),
                # In nanoseconds, such times before 1677 and after 2262 become others.
                coerce_int96_timestamp_unit="us",
            )
            self._metadata[file] = mine[file].metadata
        return mine[file]

    def _pieces(self, index: int, group: int) -> Iterator[pa.Array]:
        """A column's values in a row group, in batches where only some of them are wanted."""
        file, own = self._groups[group]
        place = self._places[file][index]
        if place is None:
            yield self._absent(index, file, int(self._sizes[group]))
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
            yield self._fitting(piece, index)

    def _absent(self, index: int, file: int, rows: int) -> pa.Array:
        """A column that a file does not hold: the value of its folder, or nothing."""
        if index in self._constants:
            return pa.repeat(self._constants[index][file], rows)
        return pa.nulls(rows, self._types[index])

    def _fitting(self, piece: pa.Array, index: int) -> pa.Array:
        """A piece in the type of the column."""
        target = self._types[index]
        if piece.type == target:
            return piece
        if index in self._mixed:
            return pa.array(
                [None if item is None else str(item) for item in piece.to_pylist()], target
            )
        try:
            return piece.cast(target)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as problem:
            raise UnreadableError(
                f"files hold values of different types, {piece.type} among them, and {target}, which comes closest,"
                " does not hold all of these exactly; write them with one type"
            ) from problem

    def _first(self, index: int, count: int) -> pa.ChunkedArray:
        """The first values, of as many row groups as hold them; no group is read beyond these."""
        result: list[pa.Array] = []
        missing = count
        for group, size in enumerate(self._sizes):
            if missing <= 0:
                break
            result += self._beginning(index, group, min(missing, int(size)))
            missing -= int(size)
        return pa.chunked_array(result, type=self._types[index])

    def _beginning(self, index: int, group: int, rows: int) -> list[pa.Array]:
        """The first values of a row group, exactly as many as are asked for."""
        file, own = self._groups[group]
        place = self._places[file][index]
        if place is None:
            return [self._absent(index, file, rows)]
        leaves = list(range(*self._leaves[file][place]))
        batches = self._opened(file).reader.iter_batches(
            max(1, rows), row_groups=[own], column_indices=leaves, use_threads=False
        )
        result: list[pa.Array] = []
        while rows:
            batch = next(batches, None)
            if batch is None:
                raise UnreadableError("the file is damaged: it holds fewer values than it says")
            result.append(self._fitting(batch.column(0).slice(0, rows), index))
            rows -= len(result[-1])
        return result

    def _example(self, index: int, count: int) -> pa.ChunkedArray:
        """Values of the first row group that holds the column: what files lack says nothing of its size."""
        for group, size in enumerate(self._sizes):
            file, _ = self._groups[group]
            if size and (self._places[file][index] is not None or index in self._constants):
                own = self._beginning(index, group, min(count, int(size)))
                return pa.chunked_array(own, type=self._types[index])
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


def _united(fields: Sequence[Sequence[pa.Field]]) -> tuple[list[pa.Field], list[int]]:
    """The columns of all files, in the order of their occurrence, and the places of those that only texts hold."""
    order: dict[tuple[str, int], list[pa.Field]] = {}
    for subset in fields:
        seen: dict[str, int] = {}
        for field in subset:
            seen[field.name] = seen.get(field.name, 0) + 1
            order.setdefault((field.name, seen[field.name]), []).append(field)
    united, mixed = [], []
    for place, same in enumerate(order.values()):
        field = _common(same)
        if field is None:
            mixed.append(place)
        united.append(field or pa.field(same[0].name, pa.large_string()))
    return united, mixed


def _common(same: Sequence[pa.Field]) -> pa.Field | None:
    """A field that holds the values of all; none if there is no such type."""
    if len({periods.frequency(field) for field in same}) > 1:
        return None
    if all(field.type == same[0].type for field in same):
        return same[0]
    if all(pa.types.is_date(field.type) or field.type == pa.timestamp("us") for field in same):
        return pa.field(same[0].name, pa.timestamp("us"))
    distinct = list({field.type: field for field in same}.values())
    try:
        schema = pa.unify_schemas(
            [pa.schema([pa.field("x", field.type)]) for field in distinct],
            promote_options="permissive",
        )
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return None
    return pa.field(same[0].name, schema.field(0).type, metadata=same[0].metadata)


def _constants(
    partitions: Sequence[Mapping[str, str | None]], stored: Collection[str]
) -> list[tuple[str, pa.Array]]:
    """The columns of the folders' names: whole numbers, days or texts, one value a file."""
    names = dict.fromkeys(name for own in partitions for name in own if name not in stored)
    return [(name, partitioned([own.get(name) for own in partitions])) for name in names]


def _places(target: Sequence[pa.Field], there: Sequence[pa.Field]) -> list[int | None]:
    """Where the columns of one file are in another: by name, the first of a name for the first."""
    left: dict[str, list[int]] = {}
    for place, field in enumerate(there):
        left.setdefault(field.name, []).append(place)
    return [left[field.name].pop(0) if left.get(field.name) else None for field in target]
