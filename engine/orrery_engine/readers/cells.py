"""Tables and columns from Python objects that are in memory."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from orrery_engine.readers.base import TROUBLES, Row, Table
from orrery_engine.stats.values import column_type, value, values


class FrameTable(Table):
    """A table that is in memory as a whole."""

    def __init__(self, names: Sequence[str], columns: Sequence[pl.Series]) -> None:
        self._columns = list(columns)
        self.names = tuple(names)
        self.dtypes = tuple(str(column.dtype) for column in columns)
        self.types = tuple(column_type(column.dtype) for column in columns)
        self.rows = len(columns[0]) if columns else 0
        self.threads = 2

    def head(self, count: int, columns: int) -> tuple[Row, ...]:
        """The first rows."""
        by_column = (values(column.head(count)) for column in self._columns[:columns])
        return tuple(zip(*by_column, strict=True))

    def column(self, index: int) -> pl.Series:
        """A column."""
        return self._columns[index]

    def frame(self, indices: Sequence[int]) -> pl.DataFrame:
        """The columns of these indices as a frame; each is named by its place in ``indices``."""
        return pl.DataFrame(
            [self._columns[index].alias(str(place)) for place, index in enumerate(indices)]
        )

    def rows_at(self, places: Sequence[int], columns: int) -> tuple[Row, ...]:
        """Rows by their places."""
        by_column = [values(column.gather(list(places))) for column in self._columns[:columns]]
        return tuple(zip(*by_column, strict=True))


def series(cells: list[Any]) -> tuple[pl.Series, dict[str, int]]:
    """The cells of a column; texts and how many of which type, if they are of several."""
    if any(isinstance(cell, str) for cell in cells):
        # Beside texts, not-a-number is a missing value as it is among numbers.
        cells = [None if _is_nan(cell) else cell for cell in cells]
    kinds: dict[str, int] = {}
    for cell in cells:
        if cell is not None:
            name = type(cell).__name__
            kinds[name] = kinds.get(name, 0) + 1
    if set(kinds) == {"int", "float"}:
        return pl.Series([None if cell is None else float(cell) for cell in cells]), {}
    if set(kinds) == {"Decimal"}:
        # Not-a-number among decimals is a missing value, as among floats.
        cells = [cell if cell is None or cell.is_finite() else None for cell in cells]
    if len(kinds) <= 1:
        try:
            result = pl.Series(cells, strict=True)
            if result.dtype != pl.Object:
                return result, {}
            kinds = {}
        except TROUBLES:
            kinds = {}
    plain = [value(cell) for cell in cells]
    texts = [None if item is None else str(item) for item in plain]
    return pl.Series(texts, dtype=pl.String), kinds


def _is_nan(cell: Any) -> bool:
    return (isinstance(cell, float) and cell != cell) or (
        isinstance(cell, Decimal) and cell.is_nan()
    )
