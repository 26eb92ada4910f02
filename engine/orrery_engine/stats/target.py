"""How the column that is to be predicted moves with every other one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_engine.schemas import ColumnProfile, Group, Measure, Nulls, TargetEffect
from orrery_engine.stats.association import correlation_ratio, cramers_v, pearson
from orrery_engine.stats.encoding import CLASSES, NUMERIC, EncodedColumn, encode
from orrery_engine.stats.values import shorten, values

_PARTS = 8
_EDGES_OF = 50_000
_LABELS = 10
_TRUE = ("true", "1", "1.0")
OTHER, MISSING = "(other)", "(missing)"


@dataclass(frozen=True)
class Target:
    """The target as an array: classes, or numbers; and where its true or rarest value is."""

    encoded: EncodedColumn
    hits: NDArray[np.bool_] | None


def is_classes(profile: ColumnProfile) -> bool:
    """Whether the target is one of a few classes; a number with two values is one, too."""
    if profile.type in NUMERIC:
        return profile.distinct == 2
    return profile.distinct is not None and 2 <= profile.distinct <= CLASSES


def prepare(
    series: pl.Series, profile: ColumnProfile, nulls: Nulls, rows: NDArray[np.int64] | None
) -> Target:
    """The target in some rows, ready for all columns."""
    encoded = encode(series, profile, nulls, classes=is_classes(profile))
    encoded = encoded if rows is None else encoded.take(rows)
    if encoded.codes is None:
        return Target(encoded, None)
    true = [place for place, label in enumerate(encoded.labels) if label.lower() in _TRUE]
    counts = np.bincount(encoded.codes[encoded.codes >= 0], minlength=len(encoded.labels))
    chosen = true[0] if true and len(encoded.labels) == 2 else int(np.argmin(counts))
    return Target(encoded, encoded.codes == chosen)


def effect(target: Target, column: EncodedColumn) -> TargetEffect | None:
    """What one column tells of the target; none if it tells nothing that can be measured."""
    measure, value = _measure(target.encoded, column)
    if not np.isfinite(value):
        return None
    parts, labels = _classes(column) if column.codes is not None else _ranges(column)
    return TargetEffect(
        column=column.index, measure=measure, value=value, groups=_groups(target, parts, labels)
    )


def _measure(target: EncodedColumn, column: EncodedColumn) -> tuple[Measure, float]:
    if target.codes is not None and column.codes is not None:
        return "cramers_v", cramers_v(target.codes, column.codes)[0]
    if target.codes is None and column.codes is None:
        return "pearson", float(pearson([target.scaled, column.scaled])[0][0, 1])
    classes, numeric = (target, column) if target.codes is not None else (column, target)
    codes = np.asarray(classes.codes)
    whole = classes.whole and numeric.whole
    return "correlation_ratio", correlation_ratio(codes, numeric.scaled, whole=whole)[0]


def _groups(target: Target, parts: NDArray[np.int64], labels: list[str]) -> tuple[Group, ...]:
    """The target in each part of the rows."""
    known = target.encoded.present
    rows = np.bincount(parts[known], minlength=len(labels))
    if target.hits is not None:
        weights = target.hits[known].astype(np.float64)
    else:
        weights = np.asarray(target.encoded.numbers)[known]
    sums = np.bincount(parts[known], weights=weights, minlength=len(labels))
    result = []
    for label, count, total in zip(labels, rows.tolist(), sums.tolist(), strict=True):
        average = total / count if count else float("inf")
        if np.isfinite(average):
            share, mean = (average, None) if target.hits is not None else (None, average)
            result.append(Group(label=shorten(label), rows=count, share=share, mean=mean))
    return tuple(result)


def _classes(column: EncodedColumn) -> tuple[NDArray[np.int64], list[str]]:
    """The most frequent classes, all others together, and the missing ones."""
    codes = np.asarray(column.codes, dtype=np.int64)
    counts = np.bincount(codes[codes >= 0], minlength=len(column.labels))
    shown = np.argsort(-counts, kind="stable")[:_LABELS]
    # The last place is met by -1, the code of what is missing.
    places = np.full(len(column.labels) + 1, len(shown), dtype=np.int64)
    places[shown] = np.arange(len(shown))
    places[-1] = len(shown) + 1
    return places[codes], [*(column.labels[code] for code in shown.tolist()), OTHER, MISSING]


def _ranges(column: EncodedColumn) -> tuple[NDArray[np.int64], list[str]]:
    """About equally many numbers in each part, and the missing ones."""
    numbers = np.asarray(column.numbers)
    present = numbers[column.present]
    # Parts need not be equal to the row: their edges may come from every n-th.
    present = present[:: max(1, len(present) // _EDGES_OF)]
    edges = np.unique(np.quantile(present, np.linspace(0, 1, _PARTS + 1)))
    inner = edges[1:-1]
    parts = np.searchsorted(inner, numbers, side="right")
    parts[~column.present] = len(inner) + 1
    bounds = _edges(edges, column.dtype)
    ranges = [f"{low} – {high}" for low, high in pairwise(bounds)]  # noqa: RUF001 - a range
    return parts.astype(np.int64), [*(ranges or bounds), MISSING]


def _edges(edges: NDArray[np.float64], dtype: pl.DataType | None) -> list[str]:
    """Edges as a person reads them."""
    if dtype is not None and dtype.is_temporal():
        whole = pl.Series(edges.astype(np.int64), dtype=pl.Int64)
        physical = pl.Series([], dtype=dtype).to_physical().dtype
        return [str(value) for value in values(whole.cast(physical).cast(dtype))]
    return [f"{edge:.6g}" for edge in edges]
