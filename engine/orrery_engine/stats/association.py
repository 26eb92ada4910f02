"""How much two columns tell of each other: Pearson, Spearman, Cramér's V, the correlation ratio."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
_BLOCK = 1 << 16
# A variance of a standardised column below this is rounding.
_NOTHING = 1e-12
_THREADS = 2


def pearson(columns: Sequence[Matrix]) -> tuple[Matrix, NDArray[np.int64]]:
    """Coefficients and rows of every pair over the rows where both are present; NaN where one is constant.

    The columns are standardised.
    """
    many = len(columns)
    sums = [np.zeros((many, many)) for _ in range(4)]
    for begin in range(0, len(columns[0]) if many else 0, _BLOCK):
        part = np.stack([one[begin : begin + _BLOCK] for one in columns])
        there = ~np.isnan(part)
        whole = bool(there.all())
        full = there.astype(np.float64)
        part = part if whole else np.where(there, part, 0.0)
        sums[0] += full @ full.T
        sums[1] += part @ full.T
        sums[2] += (part * part) @ full.T
        sums[3] += part @ part.T
    return _coefficients(*sums), sums[0].astype(np.int64)


def _coefficients(rows: Matrix, firsts: Matrix, squares: Matrix, products: Matrix) -> Matrix:
    """From sums over the rows that both have; ``firsts[a, b]`` is a's sum where b is present."""
    with np.errstate(all="ignore"):
        shared = products - firsts * firsts.T / rows
        spread = squares - firsts * firsts / rows
        spread = np.where(spread > _NOTHING * rows, spread, np.nan)
        found = shared / np.sqrt(spread * spread.T)
    return np.clip(found, -1.0, 1.0)


def standardised(numbers: Matrix) -> Matrix:
    """Mean zero and variance one, without overflow; NaN stays."""
    there = numbers[~np.isnan(numbers)]
    if not len(there):
        return numbers
    scale = float(np.max(np.abs(there))) or 1.0
    if 1e-100 < scale < 1e100:
        scale = 1.0
    if scale != 1.0:
        numbers, there = numbers / scale, there / scale
    mean = float(there.mean())
    away = numbers - mean
    spread = float(np.sqrt(np.nansum(away * away) / len(there)))
    if spread <= abs(mean) * 1e-15 or not spread:
        return np.where(np.isnan(numbers), numbers, 0.0)
    away /= spread
    return away


def ranks(numbers: Matrix) -> Matrix:
    """Average ranks from 1; NaN stays."""
    absent = np.isnan(numbers)
    there = numbers[~absent] if absent.any() else numbers
    order = np.argsort(there, kind="stable" if len(there) < 64 else None)
    ordered = there[order]
    starts = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(there) else order
    places = np.flatnonzero(starts)
    ends = np.append(places[1:], len(there)) if len(places) else places
    averages = (places + ends + 1) / 2
    found = np.empty(len(there))
    found[order] = np.repeat(averages, ends - places)
    if not absent.any():
        return found
    whole = np.full(len(numbers), np.nan)
    whole[~absent] = found
    return whole


def spearman(columns: Sequence[Matrix], again: int) -> tuple[Matrix, NDArray[np.int64]]:
    """Coefficients of the ranks; a pair with missing values is ranked anew on at most ``again`` rows."""
    with ThreadPoolExecutor(_THREADS) as pool:
        ranked = list(pool.map(lambda one: standardised(ranks(one)), columns))
    found, rows = pearson(ranked)
    for a, b in _holed(columns):
        found[a, b], rows[a, b] = _anew(columns[a][:again], columns[b][:again])
        found[b, a], rows[b, a] = found[a, b], rows[a, b]
    return found, rows


def _holed(columns: Sequence[Matrix]) -> list[tuple[int, int]]:
    """The pairs of which one has missing values."""
    holes = [bool(np.isnan(one).any()) for one in columns]
    many = len(columns)
    return [(a, b) for a in range(many) for b in range(a + 1, many) if holes[a] or holes[b]]


def _anew(a: Matrix, b: Matrix) -> tuple[float, int]:
    both = ~(np.isnan(a) | np.isnan(b))
    if both.sum() < 2:
        return float("nan"), int(both.sum())
    found, rows = pearson([standardised(ranks(a[both])), standardised(ranks(b[both]))])
    return float(found[0, 1]), int(rows[0, 1])


def cramers_v(a: NDArray[np.int32], b: NDArray[np.int32]) -> tuple[float, int]:
    """Cramér's V with Bergsma's correction of its bias; and the rows where both are present."""
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
    """Which share of a standardised number's deviation lies between the classes, as a root."""
    if not whole:
        both = (codes >= 0) & ~np.isnan(scaled)
        codes, scaled = codes[both], scaled[both]
    rows = len(codes)
    if not rows:
        return float("nan"), 0
    counts = np.bincount(codes).astype(np.float64)
    sums = np.bincount(codes, weights=scaled)
    some = counts > 0
    if some.sum() < 2:
        return float("nan"), rows
    total = float(sums.sum())
    around = float(scaled @ scaled) - total * total / rows
    between = float((sums[some] ** 2 / counts[some]).sum()) - total * total / rows
    if around <= _NOTHING * rows:
        return float("nan"), rows
    return float(np.sqrt(min(1.0, max(0.0, between / around)))), rows
