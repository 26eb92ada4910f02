"""Two numeric columns against each other, counted in a grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from orrery_engine.schemas import Scatter
from orrery_engine.stats.encoding import EncodedColumn
from orrery_engine.stats.values import epoch

_CELLS = 32


def grid(a: EncodedColumn, b: EncodedColumn) -> Scatter | None:
    """Counts of a pair in a grid, from the lowest y upwards; None if no row has both.

    ``a`` and ``b`` have shape (n_rows,), NaN = missing.
    """
    if a.numbers is None or b.numbers is None:
        return None
    both = a.present & b.present
    if not both.any():
        return None
    x_edges, x = _cells(a.numbers[both])
    y_edges, y = _cells(b.numbers[both])
    counts = np.bincount(y * _CELLS + x, minlength=_CELLS * _CELLS).reshape(_CELLS, _CELLS)
    return Scatter(
        a=a.index,
        b=b.index,
        x_edges=tuple((x_edges / _units(a)).tolist()),
        y_edges=tuple((y_edges / _units(b)).tolist()),
        counts=tuple(tuple(row) for row in counts.tolist()),
    )


def _units(column: EncodedColumn) -> float:
    """How many of a column's units are in one that is shown: times are shown in seconds since 1970."""
    dtype = column.dtype
    return epoch(dtype) if dtype is not None and dtype.is_temporal() else 1.0


def _cells(numbers: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Edges of the cells, shape (n_cells + 1,), and the index of each number's cell, shape (n_rows,)."""
    low, high = float(numbers.min()), float(numbers.max())
    steps = np.linspace(0.0, 1.0, _CELLS + 1)
    edges = low * (1 - steps) + high * steps
    edges[0], edges[-1] = low, high
    # Halves, because the distance of two numbers near the largest is infinite.
    width = high / 2 - low / 2
    if not width:
        return edges, np.zeros(len(numbers), dtype=np.int64)
    places = (numbers / 2 - low / 2) / width * _CELLS
    return edges, np.clip(places.astype(np.int64), 0, _CELLS - 1)
