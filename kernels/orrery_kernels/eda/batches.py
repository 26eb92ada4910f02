"""Any dataframe as record batches of Arrow, one at a time, so that memory grows by one batch only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from orrery_kernels.eda.objects import Objects, utf8
from orrery_kernels.eda.series import DTYPE, Column
from orrery_kernels.errors import Unreadable, UsageError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from pyspark.sql import DataFrame as SparkFrame
    from pyspark.sql import Row as SparkRow
    from pyspark.sql.types import DataType as SparkType

# A frame of polars, eager or lazy, and a type of it: a class or an instance.
PolarsFrame: TypeAlias = Any
PolarsType: TypeAlias = Any

MAX_ROWS = 65_536
# A batch of a wide table must not be a large part of the table.
_BATCH = 16 * 2**20
_LEAST = 2**20
_SHARE = 25
_ROWS_OF_SPARK = 16_384


@dataclass
class Batches:
    """The schema, the batches, how many rows they have together (if that is known), and what to let go of."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    rows: int | None
    close: Callable[[], None] = field(default=lambda: None)


def batches_of(value: object, dialect: str, size: int | None) -> Batches:
    """The batches of a dataframe of about ``size`` bytes.

    Raises:
        UsageError: pyarrow is not installed.
        Unreadable: the table cannot be told in Arrow.
    """
    try:
        arrow = import_module("pyarrow")
        import_module("pyarrow.ipc")
    except ModuleNotFoundError:
        raise UsageError(
            "The dataframe cannot be handed over",
            reason="It is written with pyarrow, which this kernel does not have.",
            remedy="Install it with: %pip install pyarrow",
        ) from None
    batches = _MAKERS[dialect](value, arrow, size)
    metadata = dict(batches.schema.metadata or {}) | {b"orrery:dialect": dialect.encode()}
    batches.schema = batches.schema.with_metadata(metadata)
    return batches


def rows_of_batch(rows: int, size: int | None) -> int:
    """How many rows a batch may have: at most a few per cent of the table, and no more than needed."""
    if not rows or not size:
        return MAX_ROWS
    budget = max(_LEAST, min(_BATCH, size // _SHARE))
    return max(1, min(MAX_ROWS, budget * rows // size))


def _pandas(value: pd.DataFrame, arrow: ModuleType, size: int | None) -> Batches:
    # Columns that a cell adds meanwhile do not reach this copy, which shares all data.
    frame = value.copy(deep=False)
    rows = len(frame)
    columns = [
        Column(name, frame.iloc[:, place], arrow) for place, name in enumerate(frame.columns)
    ]
    schema = arrow.schema([column.field for column in columns])

    def batches() -> Iterator[pa.RecordBatch]:
        step = rows_of_batch(rows, size)
        for begin in range(0, rows, step):
            arrays = [column.part(begin, begin + step) for column in columns]
            if arrays:
                yield arrow.RecordBatch.from_arrays(arrays, schema=schema)
            else:
                yield _empty(min(step, rows - begin), arrow)

    return Batches(schema, batches(), rows)


def _empty(rows: int, arrow: ModuleType) -> pa.RecordBatch:
    """Rows without columns."""
    return arrow.RecordBatch.from_struct_array(arrow.array([{}] * rows, arrow.struct([])))


def _polars(value: PolarsFrame, arrow: ModuleType, size: int | None) -> Batches:
    result = _Polars(value, arrow)
    rows = None if result.lazy else value.height
    return Batches(result.schema, result.batches(rows, size), rows)


class _Polars:
    """A frame of polars, eager or lazy."""

    def __init__(self, value: PolarsFrame, arrow: ModuleType) -> None:
        polars = import_module("polars")
        self.lazy = isinstance(value, polars.LazyFrame)
        self._arrow = arrow
        self._value = value
        native = value.collect_schema() if self.lazy else value.schema
        self._casts, notes = _casts(value, native, polars)
        self._objects = {
            name: Objects(partial(_whole, value, name), arrow)
            for name, dtype in native.items()
            if dtype == polars.Object and not self.lazy
        }
        self._plain = value.select(polars.exclude(list(self._objects))) if self._objects else value
        plain = {name: dtype for name, dtype in native.items() if name not in self._objects}
        sample = polars.DataFrame(schema=plain).cast(self._casts).to_arrow()
        known = {item.name: item.type for item in sample.schema}
        self.schema = arrow.schema(
            [self._field(name, known.get(name), notes[name]) for name in native]
        )

    def _field(self, name: str, kind: pa.DataType | None, native: str) -> pa.Field:
        note = {DTYPE: native}
        if name in self._objects:
            kind, note = self._objects[name].type, note | self._objects[name].note
        return self._arrow.field(utf8(name), kind, metadata=note)

    def batches(self, rows: int | None, size: int | None) -> Iterator[pa.RecordBatch]:
        """The record batches of the frame, in the order of its rows."""
        step = rows_of_batch(rows or 0, size)
        parts = _streamed(self._plain) if self.lazy else iter([self._plain])
        for part in parts:
            if not len(self.schema):
                yield _empty(part.height, self._arrow)
                continue
            for begin in range(0, part.height, step):
                yield self._batch(part.slice(begin, step), begin)

    def _batch(self, part: pl.DataFrame, begin: int) -> pa.RecordBatch:
        table = part.cast(self._casts).to_arrow()
        arrays = []
        for item in self.schema:
            if item.name in self._objects:
                values = self._value[item.name].slice(begin, part.height).to_list()
                arrays.append(self._objects[item.name].convert(values))
            else:
                arrays.append(_single(table.column(item.name), item.type, self._arrow))
        return self._arrow.RecordBatch.from_arrays(arrays, schema=self.schema)


def _whole(value: pl.DataFrame, name: str) -> Iterator[list[object]]:
    yield value[name].to_list()


def _streamed(lazy: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """The parts of a lazy frame as they are computed; versions that cannot do that compute all of it."""
    if hasattr(lazy, "collect_batches"):
        yield from lazy.collect_batches(chunk_size=MAX_ROWS, maintain_order=True)
    else:
        yield lazy.collect(engine="streaming")


def _casts(
    value: PolarsFrame, native: pl.Schema, polars: ModuleType
) -> tuple[dict[Any, PolarsType], dict[str, str]]:
    """What has to be changed before Arrow can hold it, and the native types as words."""
    casts: dict[Any, PolarsType] = {}
    notes: dict[str, str] = {}
    lazy = isinstance(value, polars.LazyFrame)
    for name, dtype in native.items():
        notes[name] = str(dtype)[:500]
        if dtype == polars.Categorical and not lazy:
            # Each part of a categorical column has a dictionary of its own, which an Arrow file cannot hold.
            words = value[name].unique().drop_nulls().cast(polars.String)
            casts[name] = polars.Enum(words.sort())
        elif dtype == polars.Object:
            continue
        elif "Categorical" in notes[name]:
            casts[name] = _decoded(dtype, polars)
        elif not _in_arrow(dtype, polars):
            casts[name] = polars.String
    return casts, notes


def _decoded(dtype: PolarsType, polars: ModuleType) -> PolarsType:
    """The same type with texts in place of categories."""
    if dtype == polars.Categorical:
        return polars.String
    if dtype == polars.List:
        return polars.List(_decoded(dtype.inner, polars))
    if dtype == polars.Array:
        return polars.Array(_decoded(dtype.inner, polars), dtype.size)
    if dtype == polars.Struct:
        return polars.Struct({item.name: _decoded(item.dtype, polars) for item in dtype.fields})
    return dtype


def _in_arrow(dtype: PolarsType, polars: ModuleType) -> bool:
    try:
        polars.Series([], dtype=dtype).to_arrow()
    except Exception:  # noqa: BLE001 - polars raises whatever Arrow does, and panics
        return False
    return True


def _single(column: pa.ChunkedArray, target: pa.DataType, arrow: ModuleType) -> pa.Array:
    """A column of a table with one chunk or none."""
    result = column.combine_chunks() if isinstance(column, arrow.ChunkedArray) else column
    if isinstance(result, arrow.ChunkedArray):
        result = result.chunk(0) if result.num_chunks else arrow.array([], result.type)
    return result if result.type == target else result.cast(target)


def _pyarrow(value: pa.Table, arrow: ModuleType, size: int | None) -> Batches:
    if isinstance(value, arrow.RecordBatch):
        value = arrow.Table.from_batches([value])
    if not hasattr(value, "num_rows"):
        scanned = value.scanner(batch_size=MAX_ROWS).to_reader()
        return _read(scanned, arrow, None)
    try:
        value = value.unify_dictionaries()
    except arrow.ArrowException as problem:
        raise Unreadable(
            "The table cannot be handed over",
            reason=str(problem)[:300],
            remedy="Decode its dictionaries first.",
        ) from None
    step = rows_of_batch(value.num_rows, size)
    schema = arrow.schema([_stored(item, arrow) for item in value.schema])
    parts = (_unwrapped(item, schema, arrow) for item in value.to_batches(max_chunksize=step))
    return Batches(schema, parts, value.num_rows)


def _stored(field: pa.Field, arrow: ModuleType) -> pa.Field:
    """A field as it is stored; an extension type is code that the server would not run."""
    kind = (
        field.type.storage_type if isinstance(field.type, arrow.BaseExtensionType) else field.type
    )
    return arrow.field(field.name, kind, field.nullable, {DTYPE: str(field.type)[:500]})


def _unwrapped(batch: pa.RecordBatch, schema: pa.Schema, arrow: ModuleType) -> pa.RecordBatch:
    if not len(schema):
        return batch
    arrays = [
        column.storage if isinstance(column.type, arrow.BaseExtensionType) else column
        for column in batch.columns
    ]
    return arrow.RecordBatch.from_arrays(arrays, schema=schema)


def _read(reader: pa.RecordBatchReader, arrow: ModuleType, natives: list[str] | None) -> Batches:
    """What a reader of another library gives."""
    fields = [_stored(item, arrow) for item in reader.schema]
    if natives:
        fields = [
            item.with_metadata({DTYPE: n[:500]}) for item, n in zip(fields, natives, strict=True)
        ]
    schema = arrow.schema(fields)
    return Batches(schema, (_unwrapped(item, schema, arrow) for item in reader), None, reader.close)


def _duckdb(value: duckdb.DuckDBPyRelation, arrow: ModuleType, size: int | None) -> Batches:
    """Streamed; the connection answers nobody else meanwhile."""
    read = getattr(value, "to_arrow_reader", None) or value.fetch_record_batch
    try:
        return _read(read(MAX_ROWS), arrow, [str(type_) for type_ in value.types])
    except Exception as problem:
        raise Unreadable(
            "DuckDB does not give the relation's rows",
            reason=str(problem)[:300],
            remedy="Wait until nothing else runs on its connection, or write it to a Parquet file.",
        ) from problem


def _spark(value: SparkFrame, arrow: ModuleType, size: int | None) -> Batches:
    """Row by row from the cluster, as much at a time as this process can take."""
    fields, strange = [], []
    for place, item in enumerate(value.schema.fields):
        kind = _of_spark(item.dataType, arrow)
        if kind is None:
            kind = arrow.large_string()
            strange.append(str(place))
        note = {DTYPE: item.dataType.simpleString()[:500]}
        fields.append(arrow.field(utf8(item.name), kind, metadata=note))
    schema = arrow.schema(fields)
    # Names may occur twice; what Python has no type for the cluster writes as text.
    named = value.toDF(*map(str, range(len(fields)))) if fields else value
    for number in strange:
        named = named.withColumn(number, named[number].cast("string"))

    def batches() -> Iterator[pa.RecordBatch]:
        rows: list[SparkRow] = []
        for row in named.toLocalIterator(prefetchPartitions=True):
            rows.append(row)
            if len(rows) >= _ROWS_OF_SPARK:
                yield _of_rows(rows, schema, arrow)
                rows = []
        if rows:
            yield _of_rows(rows, schema, arrow)

    return Batches(schema, batches(), None)


def _of_spark(native: SparkType, arrow: ModuleType) -> pa.DataType | None:
    """What Spark itself makes of a type; None if Python has nothing for it."""
    if type(native).__name__ == "TimestampType":
        return arrow.timestamp("us", tz="UTC")
    convert = import_module("pyspark.sql.pandas.types").to_arrow_type
    try:
        return convert(native)
    except Exception:  # noqa: BLE001 - Spark's own errors differ from version to version
        return None


def _of_rows(rows: list[SparkRow], schema: pa.Schema, arrow: ModuleType) -> pa.RecordBatch:
    arrays = []
    for place, item in enumerate(schema):
        values = [_python(row[place]) for row in rows]
        if arrow.types.is_timestamp(item.type) and item.type.tz:
            # Spark tells a point in time by the clock of this machine, without its zone.
            values = [None if value is None else value.astimezone() for value in values]
        arrays.append(arrow.array(values, item.type))
    return arrow.RecordBatch.from_arrays(arrays, schema=schema)


def _python(value: Any) -> Any:
    """Rows inside rows as mappings."""
    if hasattr(value, "asDict"):
        return {name: _python(item) for name, item in value.asDict().items()}
    if isinstance(value, list):
        return [_python(item) for item in value]
    return value


_MAKERS: dict[str, Callable[[Any, ModuleType, int | None], Batches]] = {
    "duckdb": _duckdb,
    "pandas": _pandas,
    "polars": _polars,
    "pyarrow": _pyarrow,
    "spark": _spark,
}
