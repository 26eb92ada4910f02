"""What makes a model look better than it is: leakage, and parts that are not alike."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from orrery_engine.alert_builder import build_alert, percent
from orrery_engine.labels import MEASURES
from orrery_engine.schemas import (
    Alert,
    Association,
    ColumnProfile,
    Comparison,
    Level,
    Measure,
    Overview,
)
from orrery_engine.stats.pii import tokens

_LEAK, _SURE = 0.95, 0.99
_SKEW = 0.3
_ROWS = 30
_TRAIN = frozenset({"train", "training"})
_TEST = frozenset({"test", "testing", "valid", "validation", "val", "dev", "holdout", "eval"})
_SPLIT = frozenset({"split", "fold", "subset", "partition", "dataset", "set"})
_CATEGORIES = frozenset({"text", "category", "boolean"})


def find(overview: Overview, columns: Sequence[ColumnProfile]) -> Iterator[Alert]:
    """Leakage to the target, a target of one kind, and parts within the table that are not alike."""
    named = {column.index: column for column in columns}
    yield from _leakage(overview, named)
    yield from _rare(overview, named)
    yield from _parts(overview, columns, named)


def is_meant(association: Association, named: Mapping[int, ColumnProfile]) -> bool:
    """Whether the value says something: one category for each row always tells everything."""
    return all(
        _is_meant(named.get(index), association.measure) for index in (association.a, association.b)
    )


def _is_meant(column: ColumnProfile | None, measure: Measure) -> bool:
    if column is None:
        return False
    if measure not in ("cramers_v", "correlation_ratio") or column.type not in _CATEGORIES:
        return True
    present = column.count - column.missing
    return column.distinct is not None and 2 <= column.distinct <= present / 10


def _leakage(overview: Overview, named: Mapping[int, ColumnProfile]) -> Iterator[Alert]:
    target = overview.target
    if target is None or target not in named:
        return
    strongest: dict[int, tuple[float, Measure]] = {}
    for association in overview.associations:
        if (
            target in (association.a, association.b)
            and association.rows >= _ROWS
            and is_meant(association, named)
        ):
            other = association.b if association.a == target else association.a
            strongest[other] = max(
                strongest.get(other, (0.0, association.measure)),
                (abs(association.value), association.measure),
            )
    for effect in overview.effects:
        column = named.get(effect.column)
        if column is not None and _is_meant(column, effect.measure) and column.count >= _ROWS:
            strongest[effect.column] = max(
                strongest.get(effect.column, (0.0, effect.measure)),
                (abs(effect.value), effect.measure),
            )
    for index, (value, measure) in strongest.items():
        if value >= _LEAK and index != target:
            evidence = f"{MEASURES[measure]} {value:.3f} with {_short(named[target].name)}"
            message = "Tells the target almost by itself: is it known before the target is?"
            # Some features are as good as that: the closer, the less likely.
            level: Level = "serious" if value >= _SURE else "warning"
            yield build_alert("leakage", level, (named[index],), message, evidence, value)


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:59] + "…"


def _rare(overview: Overview, named: Mapping[int, ColumnProfile]) -> Iterator[Alert]:
    """A target one of whose kinds is rare, before the column itself would be called imbalanced."""
    column = named.get(overview.target) if overview.target is not None else None
    if column is None or column.type not in (*_CATEGORIES, "integer") or not column.top:
        return
    present = column.count - column.missing
    if not 2 <= (column.distinct or 0) <= 20 or present < _ROWS:
        return
    share = column.top[0].count / present
    if share >= 0.9:
        message = "The target is nearly always the same"
        evidence = f"{column.top[0].count:,} of {present:,} values ({percent(share)})"
        yield build_alert("imbalance", "warning", (column,), message, evidence, share)


def _parts(
    overview: Overview, columns: Sequence[ColumnProfile], named: Mapping[int, ColumnProfile]
) -> Iterator[Alert]:
    """A column that says train or test, and others that differ by it."""
    for split in columns:
        if not _is_split_column(split):
            continue
        for association in overview.associations:
            if split.index not in (association.a, association.b) or abs(association.value) < _SKEW:
                continue
            if association.rows < _ROWS or not is_meant(association, named):
                continue
            other = named[association.b if association.a == split.index else association.a]
            level: Level = "serious" if abs(association.value) >= 0.6 else "warning"
            evidence = (
                f"{MEASURES[association.measure]} {association.value:.3f} with {_short(split.name)}"
            )
            message = "Train and test are not alike here"
            yield build_alert(
                "train_test_skew", level, (other, split), message, evidence, abs(association.value)
            )


def _is_split_column(column: ColumnProfile) -> bool:
    if column.type not in _CATEGORIES or not 2 <= (column.distinct or 0) <= 5:
        return False
    values = {str(top.value).strip().lower() for top in column.top}
    known = _TRAIN | _TEST
    return bool(values & _TRAIN) and bool(values & _TEST) and values <= known


def is_split(sides: tuple[str, str]) -> bool:
    """Whether the names of two tables say that one trains and the other tests a model."""
    first, second = (set(tokens(side)) for side in sides)
    return bool(
        (first & _TRAIN and second & _TEST and not second & _TRAIN)
        or (second & _TRAIN and first & _TEST and not first & _TRAIN)
    )


def shared(
    comparison: Comparison, columns: Sequence[ColumnProfile], *, splits: bool
) -> Iterator[Alert]:
    """Rows that both sides have: leakage if one is to test what the other trains."""
    rows, total = comparison.shared_rows, comparison.rows_after
    if not rows or not total or not _is_no_chance(comparison, columns):
        return
    share = rows / total
    if not splits and share < 0.01:
        return
    level: Level = "serious" if splits else "info"
    message = (
        "Test rows that the model has seen in training"
        if splits
        else "Rows that both tables have: leakage, if one tests what the other trains"
    )
    evidence = f"{rows:,} of {total:,} rows ({percent(share)}) are in the reference as they are"
    yield build_alert("leakage", level, (), message, evidence, share)


def _is_no_chance(comparison: Comparison, columns: Sequence[ColumnProfile]) -> bool:
    """Whether so many different rows are possible that chance makes under one of a hundred equal."""
    common = {drift.name for drift in comparison.drifts if drift.change in ("same", "drifted")}
    possible = sum(
        math.log(max(column.distinct or 1, 1)) for column in columns if column.name in common
    )
    return possible >= math.log(100 * max(comparison.rows_before or 1, 1))
