"""What is a dataframe, of which library, and how large; told without touching data, and without importing anything."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from orrery_kernels.errors import UsageError
from orrery_wire.types.eda import Dialect

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
# A dataframe of any library that is known; what each has is looked up by its class.
DataFrame: TypeAlias = Any

_CLASSES: dict[tuple[str, str], Dialect] = {
    ("pandas", "DataFrame"): "pandas",
    ("polars", "DataFrame"): "polars",
    ("polars", "LazyFrame"): "polars",
    ("pyarrow", "Table"): "pyarrow",
    ("pyarrow", "RecordBatch"): "pyarrow",
    ("pyarrow", "Dataset"): "pyarrow",
    ("duckdb", "DuckDBPyRelation"): "duckdb",
    ("_duckdb", "DuckDBPyRelation"): "duckdb",
    ("pyspark", "DataFrame"): "spark",
}
_MAX_OBJECT_COLUMNS = 64
_MAX_VALUES = 16
# How long a lazy frame may think about its columns: it may have to ask an object store.
_WAIT_SECONDS = 0.08
_POINTER_BYTES = 8


def dialect_of(value: object) -> Dialect | None:
    """Which library's dataframe a value is; None if it is none."""
    for kind in type(value).__mro__:
        result = _CLASSES.get((kind.__module__.partition(".")[0], kind.__name__))
        if result and not (result == "spark" and "pandas" in kind.__module__):
            return result
    return None


def not_a_dataframe(value: object) -> UsageError:
    """The error for a value that is no dataframe."""
    return UsageError(f"A {type(value).__name__} is no dataframe that Orrery knows")


def shape(value: DataFrame) -> dict[str, int | None]:
    """Rows, columns and bytes; None where that would have to be computed, or where the person's own class fails."""
    try:
        return _shape(value)
    except Exception:  # noqa: BLE001 - a broken frame must not hide the others
        return {"rows": None, "columns": None, "bytes": None}


def _shape(value: DataFrame) -> dict[str, int | None]:
    dialect = dialect_of(value)
    rows: int | None = None
    columns: int | None = None
    size: int | None = None
    if dialect == "pandas":
        rows, columns = value.shape
        size = _size_of_pandas(value)
    elif dialect == "polars" and not hasattr(value, "height"):
        columns = _columns_of_lazy(value)
    elif dialect == "polars":
        (rows, columns), size = value.shape, int(value.estimated_size())
    elif dialect == "pyarrow" and hasattr(value, "num_rows"):
        rows, columns, size = value.num_rows, value.num_columns, int(value.nbytes)
    elif dialect == "pyarrow":
        columns = len(value.schema)
    elif dialect is not None:
        columns = len(value.columns)
    return {"rows": rows, "columns": columns, "bytes": size}


def stamp(value: DataFrame) -> str:
    """Another text when the dataframe was replaced, or its columns were; what is changed in place is not seen."""
    parts: list[object] = [id(value)]
    dialect = dialect_of(value)
    if dialect == "pandas":
        arrays = getattr(getattr(value, "_mgr", None), "arrays", ())
        parts += [len(value), *(id(array) for array in arrays)]
    elif dialect == "polars" and hasattr(value, "height"):
        parts += [value.height, *value.columns]
    return f"{hash(tuple(parts)) & 0xFFFFFFFFFFFFFFFF:016x}"


def names_of(value: DataFrame) -> list[str]:
    """The names of the columns, where they are known at once."""
    dialect = dialect_of(value)
    if dialect == "pyarrow":
        return [str(name) for name in value.schema.names]
    if dialect == "polars" and not hasattr(value, "height"):
        result = _soon(lambda: value.collect_schema().names())
        return list(result or ())
    return [str(name) for name in value.columns]


def _size_of_pandas(frame: pd.DataFrame) -> int:
    """Bytes in memory; of objects about, by a few of each column."""
    rows = len(frame)
    size = int(frame.memory_usage(index=False, deep=False).sum())
    places = [place for place, dtype in enumerate(frame.dtypes) if _is_object(dtype)]
    if not rows or not places:
        return size
    looked_at = places[:: -(-len(places) // _MAX_OBJECT_COLUMNS)]
    step = max(1, rows // _MAX_VALUES)
    seen = 0.0
    for place in looked_at:
        values = frame.iloc[::step, place].to_numpy(dtype=object)
        seen += sum(value.__sizeof__() for value in values) / len(values)
    return size + int(seen / len(looked_at) * len(places) * rows)


def _is_object(dtype: object) -> bool:
    return getattr(dtype, "itemsize", 0) == _POINTER_BYTES and getattr(dtype, "kind", "") == "O"


def _columns_of_lazy(value: DataFrame) -> int | None:
    return _soon(lambda: len(value.collect_schema()))


def _soon(ask: Callable[[], T]) -> T | None:
    """The answer if it comes soon, else None; the next time it may be known already."""
    answers: list[T | None] = []

    def run() -> None:
        try:
            answers.append(ask())
        except Exception:  # noqa: BLE001 - a plan that cannot work is the person's own affair
            answers.append(None)

    thread = threading.Thread(target=run, daemon=True, name="orrery-lazy")
    thread.start()
    thread.join(_WAIT_SECONDS)
    return answers[0] if answers else None
