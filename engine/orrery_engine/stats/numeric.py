"""Statistics of numbers, all of them read from one sorted copy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_engine.schemas import Histogram, Outliers
from orrery_engine.stats.values import finite

SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
TOPS = 20
_BINS = 40
_BLOCK = 1 << 18
_EXACT = 2**53  # up to here a float holds every whole number
_LARGEST = float(np.finfo(np.float64).max)

Numbers = NDArray[Any]


@dataclass(frozen=True)
class Moments:
    """Sum, mean, standard deviation (divisor n - 1), skewness and excess kurtosis."""

    total: float | None
    mean: float | None
    std: float | None
    skewness: float | None
    kurtosis: float | None


class Runs:
    """The distinct values of a sorted array of shape (n,), and how often each occurs."""

    def __init__(self, ordered: Numbers) -> None:
        self._ordered = ordered
        # Where a value differs from the one before.
        self._new = np.ones(len(ordered), dtype=np.bool_)
        np.not_equal(ordered[1:], ordered[:-1], out=self._new[1:])

    @cached_property
    def distinct(self) -> int:
        """The number of distinct values."""
        return int(np.count_nonzero(self._new))

    @cached_property
    def singles(self) -> int:
        """The number of values that occur once."""
        last = self._new[-1:]
        return int(np.count_nonzero(self._new[:-1] & self._new[1:])) + int(last.sum())

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """The index in the sorted array where each distinct value begins, shape (n_distinct,)."""
        return np.flatnonzero(self._new)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How often each distinct value occurs, shape (n_distinct,)."""
        return np.diff(self.starts, append=len(self._ordered))

    @property
    def values(self) -> Numbers:
        """Each distinct value once, ascending, shape (n_distinct,)."""
        return self._ordered[self._new]

    def most(self, limit: int = TOPS) -> list[int]:
        """Indices of the most frequent distinct values, the smallest first among equally frequent ones; empty if each occurs once."""
        if (self.distinct == len(self._ordered) and self.distinct > limit) or not self.distinct:
            return []
        return most(self.counts, limit)


def most(counts: NDArray[np.int64], limit: int) -> list[int]:
    """Indices of the ``limit`` greatest counts, descending; the first index among equal counts."""
    if len(counts) > limit:
        # The partition of numpy takes a hundred times longer on so many equal counts.
        least = int(pl.Series(counts).top_k(limit).to_numpy().min())
        above = np.flatnonzero(counts > least)
        equal = np.flatnonzero(counts == least)[: limit - len(above)]
        chosen = np.concatenate([above, equal])
    else:
        chosen = np.arange(len(counts))
    order = np.lexsort((chosen, -counts[chosen]))
    return [int(place) for place in chosen[order]]


def in_order(numbers: Numbers) -> Numbers:
    """A sorted copy, shape (n,); polars sorts twice as fast as numpy, and in one thread."""
    return pl.Series(numbers).sort().to_numpy()


def blocks(numbers: Numbers) -> Iterator[NDArray[np.float64]]:
    """The numbers as float64, in blocks of at most ``_BLOCK`` so that copies stay small."""
    for begin in range(0, len(numbers), _BLOCK):
        yield numbers[begin : begin + _BLOCK].astype(np.float64)


def moments(numbers: Numbers, ordered: Numbers) -> Moments:
    """The moments of finite numbers of shape (n,); numbers near the largest float do not overflow."""
    count = len(numbers)
    if not count:
        return Moments(None, None, None, None, None)
    lowest, highest = float(ordered[0]), float(ordered[-1])
    # The fourth power of what is scaled so neither overflows nor vanishes.
    scale = max(abs(lowest), abs(highest)) or 1.0
    scale = scale if scale > 1e60 or scale < 1e-60 else 1.0
    total = _total(numbers, max(abs(lowest), abs(highest)), scale)
    mean = total / count
    if ordered[0] == ordered[-1]:
        mean, spread = float(ordered[0]) / scale, (0.0, 0.0, 0.0)
    else:
        spread = _powers(*_shifted(numbers, ordered, mean), scale)
    second, third, fourth = spread
    std = finite(math.sqrt(second / (count - 1)) * scale) if count > 1 else None
    return Moments(
        finite(total * scale),
        finite(mean * scale),
        std,
        skewness(count, second, third),
        kurtosis(count, second, fourth),
    )


def _shifted(numbers: Numbers, ordered: Numbers, mean: float) -> tuple[Numbers, float]:
    """Numbers and their mean; whole ones that no float holds are taken from the smallest of them, exactly."""
    if numbers.dtype.kind not in "iu":
        return numbers, mean
    low, high = int(ordered[0]), int(ordered[-1])
    if max(abs(low), abs(high)) <= _EXACT or high - low >= 2**63:
        return numbers, mean
    away = numbers - ordered[0]
    return away, float(sum(float(part.sum()) for part in blocks(away))) / len(away)


def _total(numbers: Numbers, largest: float, scale: float) -> float:
    """The sum, divided by the scale; exact for whole numbers whose sum fits."""
    if numbers.dtype.kind in "iu" and largest * len(numbers) < 2**62:
        return float(int(numbers.sum(dtype=np.int64)))
    return float(sum(float(np.sum(part / scale)) for part in blocks(numbers)))


def _powers(numbers: Numbers, mean: float, scale: float) -> tuple[float, float, float]:
    """The sums of (x - mean)^2, (x - mean)^3 and (x - mean)^4, divided by scale^2, ^3 and ^4."""
    second = third = fourth = 0.0
    for part in blocks(numbers):
        away = part / scale if scale != 1.0 else part
        away = away - mean
        square = away * away
        second += float(square.sum())
        third += float(square @ away)
        fourth += float(square @ square)
    return second, third, fourth


def skewness(count: int, second: float, third: float) -> float | None:
    """Adjusted Fisher-Pearson; zero if all are equal, none of less than three."""
    if count < 3:
        return None
    if second <= 0:
        return 0.0
    return finite(count * (count - 1) ** 0.5 / (count - 2) * third / second**1.5)


def kurtosis(count: int, second: float, fourth: float) -> float | None:
    """Adjusted excess kurtosis (G2 of Joanes and Gill 1998, as pandas); zero if all are equal, None for less than four."""
    if count < 4:
        return None
    if second <= 0:
        return 0.0
    below = float(count - 2) * float(count - 3)
    first = count * (count + 1.0) * (count - 1.0) * fourth / (below * second * second)
    return finite(first - 3.0 * (count - 1.0) ** 2 / below)


def quantile(ordered: Numbers, share: float) -> Any:
    """The quantile of a sorted array, linear between neighbours (Hyndman and Fan type 7); a neighbour unchanged where the share meets it."""
    place = share * (len(ordered) - 1)
    below = int(place)
    part = place - below
    low = ordered[below]
    if not part or low == ordered[below + 1]:
        return low.item()
    if ordered.dtype.kind in "iu" and max(abs(int(low)), abs(int(ordered[below + 1]))) > _EXACT:
        return _between(int(low), int(ordered[below + 1]), part)
    low, high = float(low), float(ordered[below + 1])
    # The plain way is off by overflow for opposite numbers near the largest.
    return low + (high - low) * part if high - low <= _LARGEST else low * (1 - part) + high * part


def _between(low: int, high: int, part: float) -> int:
    """A quantile between whole numbers that no float holds, to the nearest whole number: floats are further apart."""
    return round(low + (high - low) * Fraction(part))


def histogram(
    ordered: Numbers,
    *,
    whole: bool = False,
    bins: int = _BINS,
    weights: NDArray[np.int64] | None = None,
) -> Histogram | None:
    """A histogram of equal bins over a sorted array; bins of whole numbers hold equally many of them each."""
    if not len(ordered):
        return None
    many = len(ordered) if weights is None else int(weights.sum())
    low, high = float(ordered[0]), float(ordered[-1])
    whole = whole and can_count(low, high)
    cut = edges(low, high, many, whole=whole, bins=bins)
    cuts = np.searchsorted(ordered, cut[1:-1], side="left")
    if weights is not None:
        cuts = np.concatenate([[0], np.cumsum(weights)])[cuts]
    counts = np.diff(cuts, prepend=0, append=many)
    return Histogram(edges=tuple(cut.tolist()), counts=tuple(counts.tolist()), whole=whole)


def can_count(low: float, high: float) -> bool:
    """Whether float64 can represent x - 0.5 and x + 0.5 for every whole number x from ``low`` to ``high``."""
    return max(abs(low), abs(high)) < 2**51


def edges(low: float, high: float, count: int, *, whole: bool, bins: int) -> NDArray[np.float64]:
    """Edges of the bins, ascending, shape (n_bins + 1,); with ``whole`` they lie half a step beside whole numbers."""
    few = min(bins, max(5, int(np.ceil(2 * count ** (1 / 3)))))
    if whole:
        # Were there one more whole number in some bins, these would stand out for nothing.
        present = high - low + 1
        width = 1 if present <= bins else np.ceil(present / few)
        return low - 0.5 + width * np.arange(np.ceil(present / width) + 1)
    if low == high:
        near = np.array([low - 0.5, high + 0.5])
        return (
            near
            if near[0] < near[1]
            else np.array([np.nextafter(low, -_LARGEST), np.nextafter(high, _LARGEST)])
        )
    steps = np.linspace(0.0, 1.0, few + 1)
    result = low * (1 - steps) + high * steps
    result[0], result[-1] = low, high
    # So near to each other that not all edges differ: take those that do.
    return np.unique(result)


def outliers(ordered: Numbers) -> Outliers | None:
    """The numbers beyond Tukey's fences: 1.5 interquartile ranges below the first or above the third quartile."""
    if not len(ordered):
        return None
    first, third = float(quantile(ordered, 0.25)), float(quantile(ordered, 0.75))
    with np.errstate(over="ignore"):
        reach = min(1.5 * (third - first), _LARGEST)
        low, high = max(first - reach, -_LARGEST), min(third + reach, _LARGEST)
    return Outliers(
        low=int(np.searchsorted(ordered, low, side="left")),
        high=int(len(ordered) - np.searchsorted(ordered, high, side="right")),
        fence_low=low,
        fence_high=high,
    )


def direction(numbers: Numbers) -> str:
    """``increasing`` or ``decreasing`` if every number follows the one before, else nothing."""
    if len(numbers) < 2 or numbers[0] == numbers[-1]:
        return ""
    rising = bool(numbers[0] < numbers[-1])
    for begin in range(0, len(numbers) - 1, _BLOCK):
        part = numbers[begin : begin + _BLOCK + 1]
        right = part[1:] >= part[:-1] if rising else part[1:] <= part[:-1]
        if not right.all():
            return ""
    return "increasing" if rising else "decreasing"
