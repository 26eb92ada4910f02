"""Rows that two tables have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_engine.readers.base import TROUBLES, Table
from orrery_engine.schemas import ColumnProfile

_ROOM = 2 * 2**30

Array = NDArray[Any]


def count(
    before: Table,
    old: Mapping[str, ColumnProfile],
    after: Table,
    new: Mapping[str, ColumnProfile],
) -> int | None:
    """How many rows of the newer side the reference has, too, by the columns that both have.

    Unknown when one side is a sample, or when the hashes of all rows would not fit.
    """
    names = [name for name in new if name in old]
    sampled = before.sampling is not None or after.sampling is not None
    if not names or sampled or len(names) != max(len(old), len(new)):
        return None
    whole = frozenset(
        old[name].name for name in names if old[name].type == new[name].type == "integer"
    )
    try:
        sides = [
            _hashes(table, [columns[name] for name in names], whole)
            for table, columns in ((before, old), (after, new))
        ]
    except TROUBLES:
        return None
    if any(side is None for side in sides):
        return None
    first, second = (side for side in sides if side is not None)
    return int(np.isin(second, first).sum())


def _hashes(table: Table, columns: Sequence[ColumnProfile], whole: frozenset[str]) -> Array | None:
    """A hash of each row that depends on values and not on how they are kept."""
    sums: Array | None = None
    factors = np.random.default_rng(7).integers(0, 2**63, len(columns), dtype=np.uint64) * 2 + 1
    for column, factor in zip(columns, factors, strict=True):
        series = table.column(column.index)
        if len(series) * 8 > _ROOM:
            return None
        hashes = _alike(series, whole=column.name in whole).hash().to_numpy()
        mixed = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(factor)
        sums = mixed if sums is None else sums + mixed
    return sums


def _alike(series: pl.Series, *, whole: bool) -> pl.Series:
    """Equal values of both tables are of one type."""
    if whole:
        return series.cast(pl.Int128)
    if series.dtype.is_numeric() and not series.dtype.is_decimal():
        return series.cast(pl.Float64).fill_nan(None) + 0.0
    if isinstance(series.dtype, pl.Datetime):
        return series.cast(pl.Datetime("us"))
    if isinstance(series.dtype, pl.Categorical | pl.Enum) or series.dtype.is_decimal():
        return series.cast(pl.String)
    return series
