"""Statistics of the columns that are shown, from the rows that were read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from orrery_engine.preview.cells import WHOLE, CellWriter, kind
from orrery_engine.preview.literals import typed
from orrery_engine.preview.shapes import ColumnStatistics
from orrery_engine.schemas.vocabulary import ColumnType

_BINS = 20
_NUMERIC = ("integer", "float", "decimal")
_TIMES = ("date", "datetime")
_TROUBLES = (pa.ArrowException, TypeError, ValueError, OverflowError)


def of_rows(
    table: pa.Table, kinds: Sequence[ColumnType], *, is_whole: bool
) -> list[ColumnStatistics]:
    """Statistics of each column of a table; texts that are numbers count as numbers."""
    return [
        _column(typed(column, own), is_whole=is_whole)
        for column, own in zip(table.columns, kinds, strict=True)
    ]


def _column(column: pa.ChunkedArray, *, is_whole: bool) -> ColumnStatistics:
    rows = len(column)
    base = ColumnStatistics(rows=rows, is_whole=is_whole, nulls=column.null_count)
    name = kind(column.type)
    try:
        distinct = int(pc.count_distinct(column, mode="only_valid").as_py())
    except _TROUBLES:
        return base
    more: dict[str, Any] = {"distinct": distinct}
    if name in (*_NUMERIC, *_TIMES, "text", "time", "boolean"):
        more |= _extremes(column)
    if name in (*_NUMERIC, *_TIMES):
        more |= _numbers(column, name)
    return base.model_copy(update=more)


def _extremes(column: pa.ChunkedArray) -> dict[str, Any]:
    try:
        limits = pc.min_max(column).as_py()
    except _TROUBLES:
        return {}
    writer = CellWriter()
    least, most = (_short(writer.value(_plain(limits[name]))) for name in ("min", "max"))
    return {"min": least, "max": most}


def _plain(value: Any) -> Any:
    """A whole number that came as a float, as texts of numbers do, as it is written."""
    return (
        int(value)
        if isinstance(value, float) and value.is_integer() and abs(value) < WHOLE
        else value
    )


def _short(value: Any) -> Any:
    return f"{value[:60]}…" if isinstance(value, str) and len(value) > 60 else value


def _numbers(column: pa.ChunkedArray, name: str) -> dict[str, Any]:
    """Mean and histogram."""
    try:
        if name in _TIMES:
            column = column.cast(pa.timestamp("us", getattr(column.type, "tz", None))).cast(
                pa.int64()
            )
        floats = column.cast(pa.float64(), safe=False).drop_null()
        values = [value for value in floats.to_pylist() if math.isfinite(value)]
    except _TROUBLES:
        return {}
    if not values:
        return {}
    low, high = min(values), max(values)
    width = (high - low) / _BINS
    counts = [0] * _BINS
    if width > 0 and math.isfinite(width):
        for value in values:
            counts[min(_BINS - 1, int((value - low) / width))] += 1
    mean = math.fsum(value / len(values) for value in values)
    return {
        "mean": mean if name in _NUMERIC and math.isfinite(mean) else None,
        "counts": tuple(counts) if width > 0 else (),
    }
