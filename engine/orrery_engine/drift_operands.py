"""The newer side of a comparison with a kept profile: values that are there, or another kept profile.

A profile does not know how many of its values are smaller than just any number. It knows that at the edges of its
histogram and at its quantiles, and its frequent values one by one; between those the rest is taken as evenly spread.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np
import polars as pl

from orrery_engine import drift
from orrery_engine.drift import Array
from orrery_engine.schemas import ColumnProfile, Histogram, Value
from orrery_engine.stats.values import shorten

_ATOM = 0.01  # share of the values from which a single value would blur a quantile
_COVERED = 0.5  # share of the texts that must be frequent ones; else lengths are compared


class Numbers(ABC):
    """Finite numbers, or times in seconds."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def binned(self, cuts: Array) -> Array:
        """Counts per bin between the cuts, shape (n_cuts + 1,); the first and last bin have no outer end."""

    @abstractmethod
    def drawn(self, edges: Array) -> tuple[int, ...]:
        """Counts per bin, shape (n_bins,); values outside the edges go to the first or last bin."""

    @abstractmethod
    def most(self) -> tuple[float, float]:
        """The quantiles at 0.01 and 0.99, between which 98 % of the numbers lie."""


class NewerColumn(ABC):
    """The values of a column that are not missing."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def numbers(self) -> Numbers:
        """The values as numbers; times in seconds since 1970."""

    @abstractmethod
    def lengths(self) -> Numbers:
        """Lengths of texts, in characters."""

    @abstractmethod
    def frequent(self) -> Mapping[str, int]:
        """Rows by text, shortened; every text of a table, the most frequent texts of a profile."""

    @abstractmethod
    def at_most(self) -> int:
        """The rows that a text may have which is not among the frequent ones."""


def read(series: pl.Series) -> NewerColumn:
    """Values that were read; a missing one is none."""
    return _TableColumn(series)


def from_snapshot(column: ColumnProfile) -> NewerColumn:
    """What a profile kept of a column."""
    return _ProfileColumn(column)


class _TableColumn(NewerColumn):
    """Values that were read."""

    def __init__(self, series: pl.Series) -> None:
        self._series = series

    def __len__(self) -> int:
        return len(self._series)

    def numbers(self) -> Numbers:
        return _ValueNumbers(drift.as_numbers(self._series))

    def lengths(self) -> Numbers:
        return _ValueNumbers(self._texts.str.len_chars().to_numpy().astype(float))

    def frequent(self) -> Mapping[str, int]:
        result: dict[str, int] = {}
        for text, rows in drift.frequencies(self._texts).items():
            result[shorten(text)] = result.get(shorten(text), 0) + rows
        return result

    def at_most(self) -> int:
        return 0

    @cached_property
    def _texts(self) -> pl.Series:
        return self._series.cast(pl.String)


class _ProfileColumn(NewerColumn):
    """What a profile kept of a column."""

    def __init__(self, column: ColumnProfile) -> None:
        self._column = column

    def __len__(self) -> int:
        return self._column.count - self._column.missing

    def numbers(self) -> Numbers:
        column = self._column
        present = len(self) - column.infinite
        atoms = {
            float(frequent.value): frequent.count
            for frequent in column.top
            if isinstance(frequent.value, int | float) and np.isfinite(frequent.value)
        }
        return _ProfileNumbers(column.histogram, of_quantiles(column), atoms, present)

    def lengths(self) -> Numbers:
        text = self._column.text
        return _ProfileNumbers(text.lengths if text else None, {}, {}, len(self))

    def frequent(self) -> Mapping[str, int]:
        return texts_of(self._column)

    def at_most(self) -> int:
        return 0 if is_complete(self._column) else min(self.frequent().values(), default=0)


class _ValueNumbers(Numbers):
    """Numbers that are there."""

    def __init__(self, values: Array) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def binned(self, cuts: Array) -> Array:
        return drift.binned(self._values, cuts)

    def drawn(self, edges: Array) -> tuple[int, ...]:
        return drift.drawn(self._values, edges)

    def most(self) -> tuple[float, float]:
        low, high = drift.quantiles(self._values, (0.01, 0.99))
        return float(low), float(high)


class _ProfileNumbers(Numbers):
    """Numbers of which a profile knows how they are spread."""

    def __init__(
        self,
        histogram: Histogram | None,
        quantiles: Mapping[float, float],
        atoms: Mapping[float, int],
        rows: int,
    ) -> None:
        total = sum(histogram.counts) if histogram else 0
        self._rows = rows if total else 0
        if histogram is None or not total:
            return
        self._whole = histogram.whole
        counted = np.array(histogram.edges), np.cumsum([0, *histogram.counts]) / total
        known = sorted([*zip(*counted, strict=True), *_between(quantiles, *counted)])
        self._atoms = np.array(sorted(atoms))
        self._atom_rows = np.cumsum([0, *(atoms[item] for item in sorted(atoms))])
        self._points = np.array([at for at, _ in known])
        self._shares = np.maximum.accumulate([share for _, share in known])
        rest = self._shares * rows - self._below_by_atoms(self._points)
        self._rest = np.maximum.accumulate(np.maximum(rest, 0))

    def __len__(self) -> int:
        return self._rows

    def binned(self, cuts: Array) -> Array:
        return np.diff([0.0, *self._below(cuts), float(self._rows)])

    def drawn(self, edges: Array) -> tuple[int, ...]:
        # Rounded where they add up, so that the rows stay as many as they are.
        sums = np.rint([0.0, *self._below(edges[1:-1]), float(self._rows)])
        return tuple(int(rows) for rows in np.diff(sums))

    def most(self) -> tuple[float, float]:
        low, high = np.interp([0.01, 0.99], self._shares, self._points)
        return float(low), float(high)

    def _below(self, cuts: Array) -> Array:
        """The number of rows that are smaller than each cut, shape (n_cuts,)."""
        at = np.ceil(cuts) - 0.5 if self._whole else cuts
        sums = np.interp(at, self._points, self._rest) + self._below_by_atoms(at)
        sums[cuts > self._points[-1]] = self._rows
        return np.maximum.accumulate(np.clip(sums, 0, self._rows))

    def _below_by_atoms(self, cuts: Array) -> Array:
        return self._atom_rows[np.searchsorted(self._atoms, cuts, side="left")]


def _between(
    quantiles: Mapping[float, float], edges: Array, shares: Array
) -> Iterator[tuple[float, float]]:
    """The quantiles inside the edges. Those lie between values, so the edges, which were counted, have the last word."""
    for at, share in quantiles.items():
        place = int(np.searchsorted(edges, at))
        if 0 < place < len(edges) and edges[place] != at:
            yield at, min(max(share, shares[place - 1]), shares[place])


def of_histogram(histogram: Histogram | None) -> dict[float, float]:
    """The share of smaller values, 0 to 1, by inner edge of a histogram."""
    if histogram is None or not sum(histogram.counts):
        return {}
    shares = np.cumsum(histogram.counts) / sum(histogram.counts)
    return dict(zip(histogram.edges[1:-1], shares[:-1].tolist(), strict=True))


def of_quantiles(column: ColumnProfile) -> dict[float, float]:
    """The share of smaller values, 0 to 1, by quantile; quantiles that many values are equal to are left out."""
    result = [
        (quantile.value, quantile.share) for quantile in column.quantiles if 0 < quantile.share < 1
    ]
    values = [value for value, _ in result]
    atoms = {frequent.value for frequent in column.top if frequent.count > _ATOM * column.count}
    return {
        float(value): share
        for value, share in result
        if isinstance(value, int | float) and values.count(value) == 1 and value not in atoms
    }


def are_few(column: ColumnProfile) -> bool:
    """Whether most texts of a kept column are frequent ones."""
    return sum(frequent.count for frequent in column.top) >= _COVERED * (
        column.count - column.missing
    )


def texts_of(column: ColumnProfile) -> dict[str, int]:
    """The frequent texts of a kept column, and their rows."""
    return {_text(frequent.value): frequent.count for frequent in column.top}


def is_complete(column: ColumnProfile) -> bool:
    """Whether every value of a kept column is a frequent one."""
    known = not column.distinct_error and column.distinct is not None
    return known and (column.distinct or 0) <= len(column.top)


def _text(value: Value) -> str:
    """A frequent value, as the same value is written when all of them are texts."""
    return str(value).lower() if isinstance(value, bool) else str(value)
