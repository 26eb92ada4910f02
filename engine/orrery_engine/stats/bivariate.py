"""Stage 2: what columns tell of each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_engine.readers.base import READING, Table
from orrery_engine.schemas import (
    Association,
    ColumnProfile,
    Measure,
    Options,
    Scatter,
    TargetEffect,
)
from orrery_engine.stats import sampling, target
from orrery_engine.stats.association import (
    correlation_ratio,
    cramers_v,
    pearson,
    ranks,
    spearman,
    standardised,
)
from orrery_engine.stats.encoding import Coded, encode, usable
from orrery_engine.stats.scatter import grid

WIDE = 60  # Among more columns a sample chooses the most telling ones.
GLANCE = 2_000
_CELLS = 24_000_000
_AGAIN = 4_000_000
_RANKED = 5_000_000
_TOLD = 2_000
_GRIDS = 12
_EFFECTS = 100


@dataclass
class Relations:
    """Parts of an overview."""

    associations: tuple[Association, ...] = ()
    scatters: tuple[Scatter, ...] = ()
    target: int | None = None
    effects: tuple[TargetEffect, ...] = ()
    with_target: dict[int, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def relate(
    table: Table,
    columns: Sequence[ColumnProfile],
    options: Options,
    glances: Mapping[int, pl.Series] | None = None,
) -> Relations:
    """Associations of all pairs, scatter grids of the strongest, and the target's effects.

    ``glances`` are the same few rows of every column, for the choice among many.
    """
    found = Relations()
    found.target = next((one.index for one in columns if one.name == options.target), None)
    chosen = [one for one in columns if usable(one)]
    if len(chosen) > WIDE:
        chosen = _strongest(chosen, found.target, table, glances or {}, found.notes)
    if not chosen:
        return found
    there = table.sampling.rows if table.sampling is not None else chosen[0].count
    rows = _cut(there, len(chosen), found.notes)
    coded = [one for profile in chosen if (one := _load(table, profile, options, rows)) is not None]
    if found.target is not None:
        _effects(table, columns[found.target], coded, options, rows, found)
    if "bivariate" in options.sections:
        _pairs(coded, found)
    return found


def _strongest(
    chosen: Sequence[ColumnProfile],
    wanted: int | None,
    table: Table,
    glances: Mapping[int, pl.Series],
    notes: list[str],
) -> list[ColumnProfile]:
    """The columns with the strongest relation to any other in a sample of the rows, and the target."""
    arrays = []
    for one in chosen:
        series = glances[one.index] if one.index in glances else table.start(one.index, GLANCE)
        coded = encode(series, one, "mean")
        numbers = coded.numbers if coded.numbers is not None else np.asarray(coded.codes, float)
        arrays.append(standardised(ranks(np.nan_to_num(numbers))))
    stacked = np.stack(arrays).astype(np.float32)
    strength = np.abs(stacked @ stacked.T) / stacked.shape[1]
    np.fill_diagonal(strength, 0.0)
    order = np.argsort(-strength.max(axis=1), kind="stable")[:WIDE]
    kept = {chosen[int(place)].index for place in order}
    if wanted is not None:
        kept.add(wanted)
    notes.append(
        f"Relations are of {len(kept)} of {len(chosen):,} columns: those with the strongest ones in"
        f" {stacked.shape[1]:,} rows."
    )
    return [one for one in chosen if one.index in kept]


def _load(
    table: Table, profile: ColumnProfile, options: Options, rows: NDArray[np.int64] | None
) -> Coded | None:
    """A column as an array, cut to some rows; none if it cannot be read."""
    try:
        coded = encode(table.column(profile.index), profile, options.nulls)
    except READING:
        return None
    return coded if rows is None else coded.take(rows)


def _cut(rows: int, many: int, notes: list[str]) -> NDArray[np.int64] | None:
    """Which rows to take so that all columns fit at once; none for all."""
    most = _CELLS // max(1, many)
    if rows <= most:
        return None
    notes.append(f"Relations between columns are of {most:,} of {rows:,} rows, chosen at random.")
    return sampling.pick(rows, most)


def _pairs(coded: Sequence[Coded], found: Relations) -> None:
    """All pairs by the measure that fits their types."""
    numeric = [one for one in coded if one.numbers is not None]
    classes = [one for one in coded if one.codes is not None]
    told = _linear(numeric) + _monotone(numeric, found.notes)
    told += _of_classes(classes) + _mixed(classes, numeric)
    told.sort(key=lambda one: (-abs(one.value), one.a, one.b, one.measure))
    if len(told) > _TOLD:
        found.notes.append(f"Of {len(told):,} associations the {_TOLD:,} strongest are told.")
    found.associations = tuple(told[:_TOLD])
    found.scatters = _grids(told, {one.index: one for one in numeric})


def _linear(columns: Sequence[Coded]) -> list[Association]:
    """Pearson's coefficient."""
    if len(columns) < 2:
        return []
    return _matrix(columns, "pearson", *pearson([one.scaled for one in columns]))


def _monotone(columns: Sequence[Coded], notes: list[str]) -> list[Association]:
    """Spearman's coefficient; ranking costs more than all else together, so of fewer rows."""
    if len(columns) < 2:
        return []
    rows = len(np.asarray(columns[0].numbers))
    most = max(10_000, _RANKED // len(columns))
    if rows > most:
        chosen = sampling.pick(rows, most)
        columns = [one.take(chosen) for one in columns]
        notes.append(f"Spearman's coefficients are of {most:,} of {rows:,} rows, chosen at random.")
    again = max(5_000, _AGAIN // (len(columns) * (len(columns) - 1) // 2))
    return _matrix(
        columns, "spearman", *spearman([np.asarray(one.numbers) for one in columns], again)
    )


def _matrix(
    columns: Sequence[Coded],
    measure: Measure,
    values: NDArray[np.float64],
    rows: NDArray[np.int64],
) -> list[Association]:
    """The upper half of a matrix."""
    pairs = combinations(range(len(columns)), 2)
    told = (
        _association(columns[a], columns[b], measure, values[a, b], int(rows[a, b]))
        for a, b in pairs
    )
    return [one for one in told if one is not None]


def _of_classes(columns: Sequence[Coded]) -> list[Association]:
    """Cramér's V."""
    told = []
    for place, a in enumerate(columns):
        for b in columns[place + 1 :]:
            value, rows = cramers_v(np.asarray(a.codes), np.asarray(b.codes))
            one = _association(a, b, "cramers_v", value, rows)
            told += [one] if one else []
    return told


def _mixed(classes: Sequence[Coded], numeric: Sequence[Coded]) -> list[Association]:
    """The correlation ratio of classes and numbers."""
    told = []
    for b in numeric if classes else ():
        for a in classes:
            whole = a.whole and b.whole
            value, rows = correlation_ratio(np.asarray(a.codes), b.scaled, whole=whole)
            one = _association(a, b, "correlation_ratio", value, rows)
            told += [one] if one else []
    return told


def _association(
    a: Coded, b: Coded, measure: Measure, value: float, rows: int
) -> Association | None:
    if not np.isfinite(value) or rows < 2:
        return None
    first, second = sorted((a.index, b.index))
    return Association(a=first, b=second, measure=measure, value=float(value), rows=rows)


def _grids(told: Sequence[Association], columns: Mapping[int, Coded]) -> tuple[Scatter, ...]:
    """Grids of the strongest numeric pairs."""
    pairs = dict.fromkeys((one.a, one.b) for one in told if one.measure in ("pearson", "spearman"))
    grids = (grid(columns[a], columns[b]) for a, b in list(pairs)[:_GRIDS])
    return tuple(one for one in grids if one is not None)


def _effects(
    table: Table,
    profile: ColumnProfile,
    coded: Sequence[Coded],
    options: Options,
    rows: NDArray[np.int64] | None,
    found: Relations,
) -> None:
    """What every column tells of the target."""
    if not usable(profile):
        found.notes.append(
            f"The target {profile.name!r} has one value only, or more classes than can be compared."
        )
        return
    aim = target.prepare(table.column(profile.index), profile, options.nulls, rows)
    effects = []
    for one in coded:
        if one.index == profile.index:
            continue
        effect = target.effect(aim, one)
        if effect is not None:
            effects.append(effect)
            found.with_target[one.index] = min(1.0, abs(effect.value))
    effects.sort(key=lambda one: (-abs(one.value), one.column))
    found.effects = tuple(effects[:_EFFECTS])
