"""How the column that is to be predicted moves with every other one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_server.eda.engine.coded import CLASSES, NUMERIC, Coded, encode
from orrery_server.eda.engine.measures import correlation_ratio, cramers_v, pearson, standardised
from orrery_server.eda.engine.values import shorten, values
from orrery_server.eda.schemas import ColumnProfile, Group, Measure, Nulls, TargetEffect

_PARTS = 8
_LABELS = 10
_TRUE = ("true", "1", "1.0")
OTHER, MISSING = "(other)", "(missing)"


@dataclass(frozen=True)
class Target:
    """The target as an array: classes, or numbers; and where its true or rarest value is."""

    coded: Coded
    hits: NDArray[np.bool_] | None


def is_classes(profile: ColumnProfile) -> bool:
    """Whether the target is one of a few classes; a number with two values is one, too."""
    if profile.type in NUMERIC:
        return profile.distinct == 2
    return profile.distinct is not None and 2 <= profile.distinct <= CLASSES


def prepare(series: pl.Series, profile: ColumnProfile, nulls: Nulls) -> Target:
    """The target, ready for all columns."""
    classes = is_classes(profile)
    coded = encode(series, profile, nulls, classes=classes)
    if coded.codes is None:
        return Target(coded, None)
    true = [place for place, label in enumerate(coded.labels) if label.lower() in _TRUE]
    counts = np.bincount(coded.codes[coded.codes >= 0], minlength=len(coded.labels))
    chosen = true[0] if true and len(coded.labels) == 2 else int(np.argmin(counts))
    return Target(coded, coded.codes == chosen)


def effect(target: Target, column: Coded, series: pl.Series) -> TargetEffect | None:
    """What one column tells of the target; none if it tells nothing that can be measured."""
    measure, value = _measure(target.coded, column)
    if not np.isfinite(value):
        return None
    parts, labels = _parts(column, series)
    groups = tuple(
        group
        for place, label in labels
        if (group := _group(target, parts == place, shorten(label))) is not None
    )
    return TargetEffect(column=column.index, measure=measure, value=value, groups=groups)


def _measure(target: Coded, column: Coded) -> tuple[Measure, float]:
    if target.codes is not None and column.codes is not None:
        return "cramers_v", cramers_v(target.codes, column.codes)[0]
    if target.numbers is not None and column.numbers is not None:
        return "pearson", float(pearson([target.numbers, column.numbers])[0][0, 1])
    codes = target.codes if target.codes is not None else column.codes
    numbers = target.numbers if target.numbers is not None else column.numbers
    if codes is None or numbers is None:
        return "correlation_ratio", float("nan")
    return "correlation_ratio", correlation_ratio(codes, standardised(numbers))[0]


def _group(target: Target, rows: NDArray[np.bool_], label: str) -> Group | None:
    """The target in a part of the rows."""
    known = rows & target.coded.present
    count = int(known.sum())
    if not count:
        return None
    if target.hits is not None:
        return Group(label=label, rows=count, share=float(target.hits[known].sum()) / count)
    numbers = target.coded.numbers
    mean = float(np.sum(numbers[known] / count)) if numbers is not None else float("nan")
    return Group(label=label, rows=count, mean=mean) if np.isfinite(mean) else None


def _parts(column: Coded, series: pl.Series) -> tuple[NDArray[np.int64], list[tuple[int, str]]]:
    """In which part of the column's values each row lies, and what the parts are called."""
    if column.codes is not None:
        return _classes(column)
    return _ranges(column, series)


def _classes(column: Coded) -> tuple[NDArray[np.int64], list[tuple[int, str]]]:
    codes = np.asarray(column.codes, dtype=np.int64)
    counts = np.bincount(codes[codes >= 0], minlength=len(column.labels))
    order = np.argsort(-counts, kind="stable")
    shown = [int(code) for code in order[:_LABELS]]
    kept = np.isin(codes, shown)
    rest = len(column.labels)
    parts = np.where(codes < 0, -1, np.where(kept, codes, rest))
    labels = [(code, column.labels[code]) for code in shown]
    return parts, [*labels, (rest, OTHER), (-1, MISSING)]


def _ranges(column: Coded, series: pl.Series) -> tuple[NDArray[np.int64], list[tuple[int, str]]]:
    numbers = np.asarray(column.numbers)
    there = ~np.isnan(numbers)
    edges = np.unique(np.quantile(numbers[there], np.linspace(0, 1, _PARTS + 1)))
    inner = edges[1:-1]
    parts = np.where(there, np.searchsorted(inner, numbers, side="right"), -1)
    told = _edges(edges, series)
    labels = [
        (place, f"{told[place]} – {told[min(place + 1, len(told) - 1)]}")  # noqa: RUF001 - a range
        for place in range(len(inner) + 1)
    ]
    return parts.astype(np.int64), [*labels, (-1, MISSING)]


def _edges(edges: NDArray[np.float64], series: pl.Series) -> list[str]:
    """Edges as a person reads them."""
    if series.dtype.is_temporal():
        physical = pl.Series(edges.astype(np.int64), dtype=pl.Int64)
        physical = physical.cast(series.to_physical().dtype)
        return [str(one) for one in values(physical.cast(series.dtype))]
    return [f"{edge:.6g}" for edge in edges]
