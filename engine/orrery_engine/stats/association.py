"""Association of two columns: Pearson, Spearman, Cramér's V, the correlation ratio."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
_BLOCK = 1 << 16
# A variance of a standardised column below this is rounding.
_EPSILON = 1e-12
# Below this share of the sum of squares, a variance that is a difference of sums has lost too many digits.
_CANCELLATION = 1e-6
_THREADS = 2


def pearson(columns: Sequence[Matrix]) -> tuple[Matrix, NDArray[np.int64]]:
    """Pearson's r of every pair over the rows where both are present; NaN where one is constant there.

    Args:
        columns: n arrays of shape (n_rows,), mean 0, variance 1, NaN = missing.

    Returns:
        r and the number of rows of each pair, both of shape (n, n).
    """
    many = len(columns)
    sums = [np.zeros((many, many)) for _ in range(4)]
    for begin in range(0, len(columns[0]) if many else 0, _BLOCK):
        part = np.stack([column[begin : begin + _BLOCK] for column in columns])
        present = ~np.isnan(part)
        whole = bool(present.all())
        full = present.astype(np.float64)
        part = part if whole else np.where(present, part, 0.0)
        sums[0] += full @ full.T
        sums[1] += part @ full.T
        sums[2] += (part * part) @ full.T
        sums[3] += part @ part.T
    result = _coefficients(*sums)
    for a, b in _cancelled(*sums[:3]):
        result[a, b] = result[b, a] = _two_pass(columns[a], columns[b])
    return result, sums[0].astype(np.int64)


def _cancelled(rows: Matrix, firsts: Matrix, squares: Matrix) -> list[tuple[int, int]]:
    """Pairs whose variance is the small difference of large sums: over their common rows a column hardly varies."""
    with np.errstate(all="ignore"):
        spread = squares - firsts * firsts / rows
        is_lost = (rows > 1) & (squares > 0) & (spread < _CANCELLATION * squares)
    return [(int(a), int(b)) for a, b in np.argwhere(np.triu(is_lost | is_lost.T, 1))]


def _two_pass(left: Matrix, right: Matrix) -> float:
    """Pearson's r over the rows that both have, each centred on its mean there; NaN where one is constant."""
    both = ~np.isnan(left) & ~np.isnan(right)
    left, right = left[both], right[both]
    if not np.ptp(left) or not np.ptp(right):
        return float("nan")
    left, right = left - left.mean(), right - right.mean()
    left, right = left / np.abs(left).max(), right / np.abs(right).max()
    return float(np.clip(left @ right / np.sqrt((left @ left) * (right @ right)), -1.0, 1.0))


def _coefficients(rows: Matrix, firsts: Matrix, squares: Matrix, products: Matrix) -> Matrix:
    """r, shape (n, n), from sums over the rows that both columns have; ``firsts[a, b]`` is a's sum where b is present."""
    with np.errstate(all="ignore"):
        shared = products - firsts * firsts.T / rows
        spread = squares - firsts * firsts / rows
        spread = np.where(spread > _EPSILON * rows, spread, np.nan)
        result = shared / np.sqrt(spread * spread.T)
    return np.clip(result, -1.0, 1.0)


def standardised(numbers: Matrix) -> Matrix:
    """The numbers with mean 0 and variance 1 (divisor n), shape (n_rows,); NaN stays, and nothing overflows."""
    present = numbers[~np.isnan(numbers)]
    if not len(present):
        return numbers
    scale = float(np.max(np.abs(present))) or 1.0
    if 1e-100 < scale < 1e100:
        scale = 1.0
    if scale != 1.0:
        numbers, present = numbers / scale, present / scale
    mean = float(present.mean())
    away = numbers - mean
    spread = float(np.sqrt(np.nansum(away * away) / len(present)))
    if spread <= abs(mean) * 1e-15 or not spread:
        return np.where(np.isnan(numbers), numbers, 0.0)
    away /= spread
    return away


def ranks(numbers: Matrix) -> Matrix:
    """Ranks from 1, shape (n_rows,); equal numbers share their average rank, NaN stays."""
    absent = np.isnan(numbers)
    present = numbers[~absent] if absent.any() else numbers
    order = np.argsort(present, kind="stable" if len(present) < 64 else None)
    ordered = present[order]
    starts = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(present) else order
    places = np.flatnonzero(starts)
    ends = np.append(places[1:], len(present)) if len(places) else places
    averages = (places + ends + 1) / 2
    result = np.empty(len(present))
    result[order] = np.repeat(averages, ends - places)
    if not absent.any():
        return result
    whole = np.full(len(numbers), np.nan)
    whole[~absent] = result
    return whole


def spearman(columns: Sequence[Matrix], again: int) -> tuple[Matrix, NDArray[np.int64]]:
    """Spearman's rho and the number of rows of each pair, both of shape (n, n): Pearson's r of the ranks.

    A pair with missing values is ranked anew on its first ``again`` rows at most.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        ranked = list(pool.map(lambda item: standardised(ranks(item)), columns))
    result, rows = pearson(ranked)
    for a, b in _holed(columns):
        result[a, b], rows[a, b] = _anew(columns[a][:again], columns[b][:again])
        result[b, a], rows[b, a] = result[a, b], rows[a, b]
    return result, rows


def _holed(columns: Sequence[Matrix]) -> list[tuple[int, int]]:
    """The pairs (a, b), a < b, where a or b has missing values."""
    holes = [bool(np.isnan(column).any()) for column in columns]
    many = len(columns)
    return [(a, b) for a in range(many) for b in range(a + 1, many) if holes[a] or holes[b]]


def _anew(a: Matrix, b: Matrix) -> tuple[float, int]:
    both = ~(np.isnan(a) | np.isnan(b))
    if both.sum() < 2:
        return float("nan"), int(both.sum())
    result, rows = pearson([standardised(ranks(a[both])), standardised(ranks(b[both]))])
    return float(result[0, 1]), int(rows[0, 1])


def cramers_v(a: NDArray[np.int32], b: NDArray[np.int32]) -> tuple[float, int]:
    """Cramér's V, 0 to 1, and the rows where both are present.

    With the bias correction of Bergsma (2013), J. Korean Stat. Soc. 42: phi^2 and the table's size are reduced by what
    chance alone explains. Arguments are codes of shape (n_rows,), -1 = missing; NaN if one has a single class.
    """
    both = (a >= 0) & (b >= 0)
    a, b = a[both], b[both]
    rows = len(a)
    if not rows:
        return float("nan"), 0
    wide = int(b.max()) + 1
    table = np.bincount(a.astype(np.int64) * wide + b, minlength=(int(a.max()) + 1) * wide)
    table = table.reshape(-1, wide).astype(np.float64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    high, wide = table.shape
    if min(high, wide) < 2 or rows < 2:
        return float("nan"), rows
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / rows
    phi = float(((table - expected) ** 2 / expected).sum()) / rows
    phi = max(0.0, phi - (high - 1) * (wide - 1) / (rows - 1))
    most = min(high - (high - 1) ** 2 / (rows - 1), wide - (wide - 1) ** 2 / (rows - 1)) - 1
    return (min(1.0, (phi / most) ** 0.5) if most > 0 else float("nan")), rows


def correlation_ratio(
    codes: NDArray[np.int32], scaled: Matrix, *, whole: bool = False
) -> tuple[float, int]:
    """The correlation ratio eta, 0 to 1, and the rows where both are present: sqrt(SS_between / SS_total).

    Args:
        codes: classes, shape (n_rows,), -1 = missing.
        scaled: standardised numbers, shape (n_rows,), NaN = missing.
        whole: whether nothing is missing in either.
    """
    if not whole:
        both = (codes >= 0) & ~np.isnan(scaled)
        codes, scaled = codes[both], scaled[both]
    rows = len(codes)
    if not rows:
        return float("nan"), 0
    if not whole:
        # Over these rows the mean may be far from 0, and what follows the small difference of large sums.
        if not np.ptp(scaled):
            return float("nan"), rows
        scaled = scaled - scaled.mean()
        scaled = scaled / np.sqrt(np.mean(scaled * scaled))
    counts = np.bincount(codes).astype(np.float64)
    sums = np.bincount(codes, weights=scaled)
    subset = counts > 0
    if subset.sum() < 2:
        return float("nan"), rows
    total = float(sums.sum())
    around = float(scaled @ scaled) - total * total / rows
    between = float((sums[subset] ** 2 / counts[subset]).sum()) - total * total / rows
    if around <= _EPSILON * rows:
        return float("nan"), rows
    return float(np.sqrt(min(1.0, max(0.0, between / around)))), rows
