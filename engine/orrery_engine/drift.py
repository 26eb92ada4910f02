"""What became of a table: schema, distributions, values that are new, and rows that both sides have.

Numbers are compared by the population stability index (PSI) over the reference's deciles: below 0.1 they are taken as
alike, above 0.25 as different. Categories are compared by the Jensen-Shannon distance to base 2, from 0 to 1. Both
grow by chance in small tables, so what chance explains (chi squared, one in a thousand) is never called a drift.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_engine import plain_words, shared_rows
from orrery_engine.readers.base import TROUBLES, Table
from orrery_engine.schemas import ColumnProfile, ColumnType, Comparison, Drift, Level
from orrery_engine.stats import numeric
from orrery_engine.stats.values import epoch, shorten

_PSI = (0.1, 0.25)
_JS = (0.1, 0.25)
_GAPS = (0.05, 0.2)  # change of the missing share
_BINS = 10
_SHOWN = 20
LABELS = 12
FRESH = 5
NEW_VALUES = "New values"
_CLOSED = (
    100  # different values of a column that may be a closed set, and the rows that each must have
)
_CLOSED_ROWS = 5
FEW = 2_000  # different texts; more of them are compared by their lengths
NUMBERS: frozenset[ColumnType] = frozenset({"integer", "float", "decimal"})
TIMES: frozenset[ColumnType] = frozenset({"datetime", "date", "time", "duration"})
KINDS: frozenset[ColumnType] = frozenset({"text", "category", "boolean", "mixed"})
_ALIKE = (NUMBERS, frozenset[ColumnType]({"text", "category"}))

Progress = Callable[[float], None]
Array = NDArray[Any]
# Fields of a ``Drift`` that are known so far.
Facts = dict[str, Any]
Measured = Callable[[ColumnProfile, ColumnProfile], Facts]


@dataclass(frozen=True)
class _Side:
    """A column of one of both tables."""

    table: Table
    profile: ColumnProfile

    def series(self) -> pl.Series:
        """The values that are there."""
        result = self.table.column(self.profile.index).drop_nulls()
        return result.drop_nans() if result.dtype.is_float() else result


def compare(
    before: Table,
    before_columns: Sequence[ColumnProfile],
    after: Table,
    after_columns: Sequence[ColumnProfile],
    progress: Progress = lambda share: None,
) -> Comparison:
    """Both tables, column by column in the order of the newer one; ``before`` is the reference."""

    def measured(old: ColumnProfile, new: ColumnProfile) -> Facts:
        return _measured(_Side(before, old), _Side(after, new))

    drifts = of_columns(
        before_columns, after_columns, measured, lambda share: progress(0.8 * share)
    )
    shared = shared_rows.count(before, by_name(before_columns), after, by_name(after_columns))
    progress(1.0)
    return Comparison(
        rows_before=before.rows, rows_after=after.rows, drifts=drifts, shared_rows=shared
    )


def of_columns(
    before: Sequence[ColumnProfile],
    after: Sequence[ColumnProfile],
    measured: Measured,
    progress: Progress,
) -> tuple[Drift, ...]:
    """What became of each column: those of the newer side in their order, then what is gone."""
    old, new = by_name(before), by_name(after)
    drifts: list[Drift] = []
    for place, (name, column) in enumerate(new.items()):
        former = old.get(name)
        drifts.append(
            _added(name, column) if former is None else _of_column(former, column, name, measured)
        )
        progress((place + 1) / max(len(new), 1))
    drifts += [_removed(name, column) for name, column in old.items() if name not in new]
    return tuple(drifts)


def by_name(columns: Sequence[ColumnProfile]) -> dict[str, ColumnProfile]:
    """Columns by name; the second of the same name is another column, and told apart by its number."""
    result: dict[str, ColumnProfile] = {}
    seen: dict[str, int] = {}
    for column in columns:
        times = seen[column.name] = seen.get(column.name, 0) + 1
        name = column.name if times == 1 else f"{column.name} ({times})"
        result[name if name not in result else f"{name} #{column.index}"] = column
    return result


def _added(name: str, column: ColumnProfile) -> Drift:
    return Drift(
        name=name,
        change="added",
        level="info",
        type_after=column.type,
        distinct_after=column.distinct,
        mean_after=column.mean,
    )


def _removed(name: str, column: ColumnProfile) -> Drift:
    return Drift(
        name=name,
        change="removed",
        level="serious",
        type_before=column.type,
        distinct_before=column.distinct,
        mean_before=column.mean,
    )


def _of_column(old: ColumnProfile, new: ColumnProfile, name: str, measured: Measured) -> Drift:
    facts = _facts(old, new, name)
    unread = next((column.note for column in (new, old) if column.unread), None)
    if unread is not None:
        return Drift(**facts, change="unread", level="serious", note=unread)
    types = (old.type, new.type)
    if "null" in types or types[0] == types[1] or any(set(types) <= alike for alike in _ALIKE):
        try:
            return _judged(facts | measured(old, new), old, new)
        except TROUBLES as problem:
            note = f"This column could not be compared: {plain_words.words(problem)}."
            return Drift(**facts, change="unread", level="serious", note=note)
    return Drift(**facts, change="type", level="serious")


def _facts(old: ColumnProfile, new: ColumnProfile, name: str) -> Facts:
    return {
        "name": name,
        "type_before": old.type,
        "type_after": new.type,
        "missing_before": _gaps(old),
        "missing_after": _gaps(new),
        "mean_before": old.mean,
        "mean_after": new.mean,
        "distinct_before": old.distinct,
        "distinct_after": new.distinct,
    }


def _gaps(column: ColumnProfile) -> float:
    """The share of missing values."""
    return column.missing / column.count if column.count else 0.0


def _measured(old: _Side, new: _Side) -> Facts:
    """The distance of both distributions, and what there is to draw."""
    kind = old.profile.type if old.profile.type != "null" else new.profile.type
    first, second = old.series(), new.series()
    if not len(first) or not len(second):
        return {"note": "One side has no values"} if len(first) != len(second) else {}
    if kind in NUMBERS or kind in TIMES:
        return _of_numbers(as_numbers(first), as_numbers(second))
    if kind not in KINDS:
        return {"note": f"Values of type {kind} are not compared"}
    first, second = first.cast(pl.String), second.cast(pl.String)
    if min(first.n_unique(), second.n_unique()) > FEW:
        result = _of_numbers(
            *(side.str.len_chars().to_numpy().astype(float) for side in (first, second))
        )
        return result | {"note": "So many different texts that their lengths were compared"}
    return _of_categories(first, second)


def as_numbers(series: pl.Series) -> Array:
    """The finite values as float64; times in seconds since 1970."""
    if series.dtype.is_temporal():
        seconds: Array = series.to_physical().to_numpy().astype(np.float64) / epoch(series.dtype)
        return seconds
    result: Array = series.cast(pl.Float64).to_numpy()
    return result[np.isfinite(result)]


def _of_numbers(before: Array, after: Array) -> Facts:
    if not len(before) or not len(after):
        return {"note": "One side has no finite values"}
    inner = np.unique(quantiles(before, np.linspace(0, 1, _BINS + 1)[1:-1]))
    # Where a value is so frequent that it is several deciles, it has a bin of its own.
    with np.errstate(over="ignore"):  # above the greatest number is infinity, a cut like others
        above = np.nextafter(inner, np.inf)
    cuts = np.unique(np.concatenate([inner, above])) if len(inner) < _BINS - 1 else inner
    counts = [binned(side, cuts) for side in (before, after)]
    value, chance = stability(*counts)
    low, high = min(before.min(), after.min()), max(before.max(), after.max())
    whole = numeric.can_count(low, high) and all(
        (side == np.floor(side)).all() for side in (before, after)
    )
    edges = _edges(float(low), float(high), before, after, whole=whole)
    return {
        "measure": "population_stability",
        "value": value,
        "_chance": chance,
        "edges": tuple(float(edge) for edge in edges),
        "whole": whole,
        "before": drawn(before, edges),
        "after": drawn(after, edges),
    }


def quantiles(values: Array, shares: Sequence[float] | Array) -> Array:
    """Between neighbours, whose distance would overflow if it were that of 1e308 and -1e308."""
    result: Array = np.quantile(values / 4, shares) * 4
    return result


def binned(values: Array, cuts: Array) -> Array:
    """Counts per bin between the cuts, shape (n_cuts + 1,); the first and last bin have no outer end."""
    return np.bincount(np.searchsorted(cuts, values, side="right"), minlength=len(cuts) + 1)


def _edges(low: float, high: float, before: Array, after: Array, *, whole: bool) -> Array:
    """Equal bins over both, so that one stray value does not squeeze all others into one."""
    near = [
        float(quantile) for side in (before, after) for quantile in quantiles(side, (0.01, 0.99))
    ]
    spread = max(near) - min(near)
    if spread > 0 and math.isfinite(high - low) and high - low > 20 * spread:
        low, high = max(low, min(near) - spread), min(high, max(near) + spread)
    if whole:
        rows = len(before) + len(after)
        return numeric.edges(math.floor(low), math.ceil(high), rows, whole=True, bins=_SHOWN)
    if not high > low:
        low, high = sorted((low, math.nextafter(low, 0) if abs(low) > 1e15 else low + 1))
    if not math.isfinite(high - low):
        low, high = low / 4, high / 4
    return np.linspace(low, high, _SHOWN + 1)


def drawn(values: Array, edges: Array) -> tuple[int, ...]:
    """Counts per bin, shape (n_bins,); values outside the edges go to the first or last bin."""
    places = np.searchsorted(edges, values, side="right") - 1
    counts = np.bincount(np.clip(places, 0, len(edges) - 2), minlength=len(edges) - 1)
    return tuple(int(count) for count in counts)


def stability(before: Array, after: Array) -> tuple[float, float]:
    """The population stability index, sum((q - p) * ln(q / p)) over bins, and how much of it chance explains.

    Half a row is added to every bin, so that an empty one has a logarithm.
    """
    first, second = (side + 0.5 for side in (before, after))
    p, q = first / first.sum(), second / second.sum()
    value = float(((q - p) * np.log(q / p)).sum())
    return value, _chance(len(before) - 1) * (1 / before.sum() + 1 / after.sum())


def _chance(freedom: int) -> float:
    """The 0.999 quantile of chi squared, by the approximation of Wilson and Hilferty (1931)."""
    if freedom < 1:
        return 0.0
    part = 2 / (9 * freedom)
    return freedom * (1 - part + 3.09 * math.sqrt(part)) ** 3


def _of_categories(before: pl.Series, after: pl.Series) -> Facts:
    first, second = frequencies(before), frequencies(after)
    labels = sorted(
        first.keys() | second.keys(), key=lambda item: -(first.get(item, 0) + second.get(item, 0))
    )
    counts = [np.array([side.get(label, 0) for label in labels]) for side in (first, second)]
    value, chance = jensen_shannon(*counts)
    fresh = [label for label in labels if label not in first][:FRESH]
    rest = labels[LABELS:]
    shown = [shorten(label)[:100] for label in labels[:LABELS]]
    drawn = [
        [int(count) for count in side[:LABELS]] + ([int(side[LABELS:].sum())] if rest else [])
        for side in counts
    ]
    return {
        "measure": "jensen_shannon",
        "value": value,
        "_chance": chance,
        "labels": tuple([*shown, f"{len(rest)} others"] if rest else shown),
        "before": tuple(drawn[0]),
        "after": tuple(drawn[1]),
        "fresh": tuple(shorten(item)[:100] for item in fresh),
    }


def frequencies(texts: pl.Series) -> Mapping[str, int]:
    """How many rows have each text."""
    counted = texts.alias("text").value_counts(name="rows")
    return dict(zip(counted["text"].to_list(), counted["rows"].to_list(), strict=True))


def jensen_shannon(before: Array, after: Array) -> tuple[float, float]:
    """The Jensen-Shannon distance to base 2, 0 to 1, and how much of it chance explains; counts of shape (n_labels,)."""
    p, q = before / before.sum(), after / after.sum()
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(side > 0, side * np.log2(side / middle), 0).sum() for side in (p, q)]
    value = math.sqrt(max(0.0, float(sum(parts)) / 2))
    spread = _chance(len(before) - 1) * (1 / before.sum() + 1 / after.sum())
    return min(1.0, value), math.sqrt(spread / (8 * math.log(2)))


def _judged(facts: Facts, old: ColumnProfile, new: ColumnProfile) -> Drift:
    """Whether that is a drift, and how serious."""
    chance = facts.pop("_chance", 0.0)
    value, measure = facts.get("value"), facts.get("measure", "none")
    limits = _PSI if measure == "population_stability" else _JS
    rank = 0
    if value is not None and value > max(limits[0], chance):
        # Few rows differ much by accident: what is serious is well beyond that.
        rank = 2 if value > max(limits[1], 1.5 * chance) else 1
    gap = abs(_gaps(new) - _gaps(old))
    if gap > max(_GAPS[0], _gap_by_chance(old, new)):
        rank = max(rank, 2 if gap > max(_GAPS[1], 1.5 * _gap_by_chance(old, new)) else 1)
    if new.count and new.missing == new.count and old.missing < old.count / 2:
        rank = 2  # also of so few rows that it might be an accident
    if rank and old.type in ("datetime", "date") and gap <= _GAPS[0]:
        rank = 1
        facts["note"] = (
            facts.get("note") or "Newer tables have later times: that may be as it should be"
        )
    if facts.get("fresh") and not rank and _is_closed(old):
        rank = 1
        facts["note"] = facts.get("note") or NEW_VALUES
    levels: tuple[Level, ...] = ("info", "warning", "serious")
    return Drift(**facts, change="drifted" if rank else "same", level=levels[rank])


def _is_closed(column: ColumnProfile) -> bool:
    """Whether a column had so few values, each so often, that another one is news."""
    present = column.count - column.missing
    distinct = column.distinct or 0
    return (
        column.type in KINDS
        and not column.distinct_error
        and 0 < distinct <= _CLOSED
        and present >= 2 * _CLOSED_ROWS * distinct
        and not column.singles
        # Where a known value is rare, another may have been left out by accident.
        and all(top.count >= _CLOSED_ROWS for top in column.top)
    )


def _gap_by_chance(old: ColumnProfile, new: ColumnProfile) -> float:
    rows = (old.count, new.count)
    if not all(rows):
        return 1.0
    share = (old.missing + new.missing) / sum(rows)
    return 3.3 * math.sqrt(share * (1 - share) * (1 / rows[0] + 1 / rows[1]))
