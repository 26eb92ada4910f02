"""A dataframe as an Arrow file, in pieces: memory grows by a piece, and the kernel's other threads run in between."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from orrery_kernels.eda.frames import dialect_of
from orrery_kernels.errors import Misused

PIECE = 32_768
_LOOKED_AT = 1_000
_PRIVATE = 0o600


def write(value: Any, path: str) -> int:
    """Write all of a dataframe to ``path``, which only this person can read; the number of rows.

    Raises:
        Misused: it is no dataframe, or pyarrow is not installed.
        OSError: the disk is full.
    """
    dialect = dialect_of(value)
    if dialect is None:
        raise Misused(f"A {type(value).__name__} is no dataframe that Orrery knows")
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE))
    if dialect == "polars":
        return _polars(value, path)
    arrow = _arrow()
    batches, schema = _BATCHES[dialect](value, arrow)
    rows = 0
    with arrow.OSFile(path, "wb") as file, arrow.ipc.new_file(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
            # Lets a cell of the person go on before the next piece.
            time.sleep(0)
    return rows


def _arrow() -> Any:
    try:
        return import_module("pyarrow")
    except ModuleNotFoundError:
        raise Misused(
            "The dataframe cannot be handed over",
            reason="It is written with pyarrow, which this kernel does not have.",
            remedy="Install it with: %pip install pyarrow",
        ) from None


def _polars(value: Any, path: str) -> int:
    """Polars writes by itself, outside Python, and a lazy frame without ever holding all of it."""
    polars = import_module("polars")
    level = polars.CompatLevel.oldest()
    if hasattr(value, "sink_ipc"):
        value.sink_ipc(path, compat_level=level)
        return int(polars.scan_ipc(path).select(polars.len()).collect().item())
    value.write_ipc(path, compat_level=level)
    return int(value.height)


def _of_pandas(value: Any, arrow: Any) -> tuple[Iterator[Any], Any]:
    columns = [_Column(value.iloc[:, place], arrow) for place in range(value.shape[1])]
    schema = arrow.schema(
        [
            arrow.field(str(name), column.type, metadata=column.note)
            for name, column in zip(value.columns, columns, strict=True)
        ],
        metadata={"orrery:dialect": "pandas"},
    )

    def batches() -> Iterator[Any]:
        for begin in range(0, len(value), PIECE):
            arrays = [column.piece(begin, begin + PIECE) for column in columns]
            yield arrow.RecordBatch.from_arrays(arrays, schema=schema)

    return batches(), schema


class _Column:
    """A column of a pandas dataframe, piece by piece, in one Arrow type."""

    def __init__(self, series: Any, arrow: Any) -> None:
        self._series = series
        self._arrow = arrow
        self._convert: Callable[[Any], Any] = self._plain
        self.note: dict[str, str] = {"orrery:dtype": str(series.dtype)}
        self.type = self._decide()

    def piece(self, begin: int, end: int) -> Any:
        """Some of its values."""
        return self._convert(self._series.iloc[begin:end])

    def _decide(self) -> Any:
        dtype = self._series.dtype
        if hasattr(dtype, "categories") and hasattr(self._series, "cat"):
            return self._categories(dtype)
        if dtype.kind == "O":
            return self._objects()
        head = self._series.iloc[:_LOOKED_AT]
        try:
            kind = self._arrow.Array.from_pandas(head).type
        except (self._arrow.ArrowException, TypeError, ValueError):
            return self._texts()
        if isinstance(kind, self._arrow.BaseExtensionType):
            return self._texts()
        if self._arrow.types.is_null(kind):
            return kind
        return kind

    def _plain(self, some: Any) -> Any:
        found = self._arrow.Array.from_pandas(some, type=self.type)
        # pandas 3 gives its strings in chunks.
        return found.combine_chunks() if hasattr(found, "combine_chunks") else found

    def _categories(self, dtype: Any) -> Any:
        arrow = self._arrow
        try:
            words = arrow.Array.from_pandas(dtype.categories.to_series(index=None))
        except (arrow.ArrowException, TypeError, ValueError):
            words = arrow.array([repr(one) for one in dtype.categories], arrow.string())
        if hasattr(words, "combine_chunks"):
            words = words.combine_chunks()

        def convert(some: Any) -> Any:
            codes = some.cat.codes.to_numpy()
            places = arrow.array(codes.astype("int32"), mask=codes < 0)
            return arrow.DictionaryArray.from_arrays(places, words, ordered=bool(dtype.ordered))

        self._convert = convert
        return arrow.dictionary(arrow.int32(), words.type, ordered=bool(dtype.ordered))

    def _objects(self) -> Any:
        """One type for all values if there is one, else their texts."""
        infer = import_module("pandas").api.types.infer_dtype
        kind = infer(self._series, skipna=True)
        if kind == "string":
            return self._arrow.string()
        if kind in ("boolean", "bytes", "date", "datetime", "time", "timedelta", "empty"):
            return self._tried()
        if kind in ("integer", "floating", "decimal"):
            return self._tried()
        if kind == "mixed" and self._is_nested():
            return self._tried()
        return self._mixed()

    def _is_nested(self) -> bool:
        head = self._series.dropna().iloc[:_LOOKED_AT]
        kinds = {type(one) for one in head}
        return len(kinds) == 1 and kinds <= {list, dict, tuple}

    def _tried(self) -> Any:
        """The type that the first values have, if all the others fit into it."""
        arrow = self._arrow
        try:
            self.type = arrow.Array.from_pandas(self._series.dropna().iloc[:_LOOKED_AT]).type
            for begin in range(0, len(self._series), PIECE):
                self._plain(self._series.iloc[begin : begin + PIECE])
                time.sleep(0)
        except (arrow.ArrowException, TypeError, ValueError, OverflowError):
            return self._mixed()
        return self.type

    def _mixed(self) -> Any:
        """Texts of values of several types, and how many there are of each."""
        missing = import_module("pandas").isna
        counts: Counter[str] = Counter()
        for begin in range(0, len(self._series), PIECE):
            some = self._series.iloc[begin : begin + PIECE]
            counts.update(type(one).__name__ for one in some[~some.map(_alone(missing))])
            time.sleep(0)
        if len(counts) > 1:
            self.note["orrery:mixed"] = json.dumps(dict(counts.most_common(20)))
        return self._texts()

    def _texts(self) -> Any:
        arrow = self._arrow
        missing = _alone(import_module("pandas").isna)

        def convert(some: Any) -> Any:
            return arrow.array(
                [None if missing(one) else _text(one) for one in some], arrow.string()
            )

        self._convert = convert
        return arrow.string()


def _alone(missing: Callable[[Any], Any]) -> Callable[[Any], bool]:
    """Whether one value is missing; a list or an array is a value."""

    def one(value: Any) -> bool:
        return False if hasattr(value, "__len__") else bool(missing(value))

    return one


def _text(value: Any) -> str:
    """A value as text; what cannot even be told is named by its type."""
    try:
        told = value if isinstance(value, str) else repr(value)
    except Exception:  # noqa: BLE001 - the person's own objects may fail in any way
        told = f"<{type(value).__name__}>"
    return told.encode("utf-8", "replace").decode()[:10_000]


def _of_arrow(value: Any, arrow: Any) -> tuple[Iterator[Any], Any]:
    return iter(value.to_batches(max_chunksize=PIECE)), value.schema


def _of_duckdb(value: Any, arrow: Any) -> tuple[Iterator[Any], Any]:
    read = getattr(value, "to_arrow_reader", None) or value.fetch_record_batch
    reader = read(PIECE)
    return iter(reader), reader.schema


def _of_spark(value: Any, arrow: Any) -> tuple[Iterator[Any], Any]:
    schema = import_module("pyspark.sql.pandas.types").to_arrow_schema(value.schema)

    def batches() -> Iterator[Any]:
        rows: list[dict[str, Any]] = []
        for row in value.toLocalIterator(prefetchPartitions=True):
            rows.append(row.asDict(recursive=True))
            if len(rows) == PIECE:
                yield arrow.RecordBatch.from_pylist(rows, schema=schema)
                rows = []
        if rows:
            yield arrow.RecordBatch.from_pylist(rows, schema=schema)

    return batches(), schema


_BATCHES: dict[str, Callable[[Any, Any], tuple[Iterator[Any], Any]]] = {
    "duckdb": _of_duckdb,
    "pandas": _of_pandas,
    "pyarrow": _of_arrow,
    "spark": _of_spark,
}
