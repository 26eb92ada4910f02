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
from orrery_engine.stats.encoding import EncodedColumn, encode, usable
from orrery_engine.stats.scatter import grid

WIDE = 60  # Among more columns a sample chooses the most telling ones.
GLANCE = 2_000
_CELLS = 24_000_000
_AGAIN = 4_000_000
_RANKED = 5_000_000
_MAX_ASSOCIATIONS = 2_000
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
    result = Relations()
    result.target = next(
        (column.index for column in columns if column.name == options.target), None
    )
    chosen = [column for column in columns if usable(column)]
    if len(chosen) > WIDE:
        chosen = _strongest(chosen, result.target, table, glances or {}, result.notes)
    if not chosen:
        return result
    present = table.sampling.rows if table.sampling is not None else chosen[0].count
    rows = _cut(present, len(chosen), result.notes)
    encoded = [
        item for profile in chosen if (item := _load(table, profile, options, rows)) is not None
    ]
    if result.target is not None:
        _effects(table, columns[result.target], encoded, options, rows, result)
    if "bivariate" in options.sections:
        _pairs(encoded, result)
    return result


def _strongest(
    chosen: Sequence[ColumnProfile],
    target: int | None,
    table: Table,
    glances: Mapping[int, pl.Series],
    notes: list[str],
) -> list[ColumnProfile]:
    """The columns with the strongest relation to any other in a sample of the rows, and the target."""
    arrays = []
    for column in chosen:
        series = (
            glances[column.index] if column.index in glances else table.start(column.index, GLANCE)
        )
        encoded = encode(series, column, "mean")
        numbers = (
            encoded.numbers if encoded.numbers is not None else np.asarray(encoded.codes, float)
        )
        arrays.append(standardised(ranks(np.nan_to_num(numbers))))
    stacked = np.stack(arrays).astype(np.float32)
    strength = np.abs(stacked @ stacked.T) / stacked.shape[1]
    np.fill_diagonal(strength, 0.0)
    order = np.argsort(-strength.max(axis=1), kind="stable")[:WIDE]
    indices = {chosen[int(place)].index for place in order}
    if target is not None:
        indices.add(target)
    notes.append(
        f"Relations are of {len(indices)} of {len(chosen):,} columns: those with the strongest ones in"
        f" {stacked.shape[1]:,} rows."
    )
    return [column for column in chosen if column.index in indices]


def _load(
    table: Table, profile: ColumnProfile, options: Options, rows: NDArray[np.int64] | None
) -> EncodedColumn | None:
    """A column as an array, cut to some rows; none if it cannot be read."""
    try:
        encoded = encode(table.column(profile.index), profile, options.nulls)
    except READING:
        return None
    return encoded if rows is None else encoded.take(rows)


def _cut(rows: int, many: int, notes: list[str]) -> NDArray[np.int64] | None:
    """Which rows to take so that all columns fit at once; none for all."""
    most = _CELLS // max(1, many)
    if rows <= most:
        return None
    notes.append(f"Relations between columns are of {most:,} of {rows:,} rows, chosen at random.")
    return sampling.pick(rows, most)


def _pairs(encoded: Sequence[EncodedColumn], relations: Relations) -> None:
    """All pairs by the measure that fits their types."""
    numeric = [column for column in encoded if column.numbers is not None]
    classes = [column for column in encoded if column.codes is not None]
    associations = _linear(numeric) + _monotone(numeric, relations.notes)
    associations += _of_classes(classes) + _mixed(classes, numeric)
    associations.sort(key=lambda item: (-abs(item.value), item.a, item.b, item.measure))
    if len(associations) > _MAX_ASSOCIATIONS:
        relations.notes.append(
            f"Of {len(associations):,} associations the {_MAX_ASSOCIATIONS:,} strongest are told."
        )
    relations.associations = tuple(associations[:_MAX_ASSOCIATIONS])
    relations.scatters = _grids(associations, {column.index: column for column in numeric})


def _linear(columns: Sequence[EncodedColumn]) -> list[Association]:
    """Pearson's coefficient."""
    if len(columns) < 2:
        return []
    return _matrix(columns, "pearson", *pearson([column.scaled for column in columns]))


def _monotone(columns: Sequence[EncodedColumn], notes: list[str]) -> list[Association]:
    """Spearman's coefficient; ranking costs more than all else together, so of fewer rows."""
    if len(columns) < 2:
        return []
    rows = len(np.asarray(columns[0].numbers))
    most = max(10_000, _RANKED // len(columns))
    if rows > most:
        chosen = sampling.pick(rows, most)
        columns = [column.take(chosen) for column in columns]
        notes.append(f"Spearman's coefficients are of {most:,} of {rows:,} rows, chosen at random.")
    again = max(5_000, _AGAIN // (len(columns) * (len(columns) - 1) // 2))
    return _matrix(
        columns, "spearman", *spearman([np.asarray(column.numbers) for column in columns], again)
    )


def _matrix(
    columns: Sequence[EncodedColumn],
    measure: Measure,
    values: NDArray[np.float64],
    rows: NDArray[np.int64],
) -> list[Association]:
    """The upper half of a matrix."""
    pairs = combinations(range(len(columns)), 2)
    associations = (
        _association(columns[a], columns[b], measure, values[a, b], int(rows[a, b]))
        for a, b in pairs
    )
    return [item for item in associations if item is not None]


def _of_classes(columns: Sequence[EncodedColumn]) -> list[Association]:
    """Cramér's V."""
    associations = []
    for place, a in enumerate(columns):
        for b in columns[place + 1 :]:
            value, rows = cramers_v(np.asarray(a.codes), np.asarray(b.codes))
            item = _association(a, b, "cramers_v", value, rows)
            associations += [item] if item else []
    return associations


def _mixed(classes: Sequence[EncodedColumn], numeric: Sequence[EncodedColumn]) -> list[Association]:
    """The correlation ratio of classes and numbers."""
    associations = []
    for b in numeric if classes else ():
        for a in classes:
            whole = a.whole and b.whole
            value, rows = correlation_ratio(np.asarray(a.codes), b.scaled, whole=whole)
            item = _association(a, b, "correlation_ratio", value, rows)
            associations += [item] if item else []
    return associations


def _association(
    a: EncodedColumn, b: EncodedColumn, measure: Measure, value: float, rows: int
) -> Association | None:
    if not np.isfinite(value) or rows < 2:
        return None
    first, second = sorted((a.index, b.index))
    return Association(a=first, b=second, measure=measure, value=float(value), rows=rows)


def _grids(
    associations: Sequence[Association], columns: Mapping[int, EncodedColumn]
) -> tuple[Scatter, ...]:
    """Grids of the strongest numeric pairs."""
    pairs = dict.fromkeys(
        (item.a, item.b) for item in associations if item.measure in ("pearson", "spearman")
    )
    grids = (grid(columns[a], columns[b]) for a, b in list(pairs)[:_GRIDS])
    return tuple(grid for grid in grids if grid is not None)


def _effects(
    table: Table,
    profile: ColumnProfile,
    encoded: Sequence[EncodedColumn],
    options: Options,
    rows: NDArray[np.int64] | None,
    relations: Relations,
) -> None:
    """What every column tells of the target."""
    if not usable(profile):
        relations.notes.append(
            f"The target {profile.name!r} has one value only, or more classes than can be compared."
        )
        return
    aim = target.prepare(table.column(profile.index), profile, options.nulls, rows)
    effects = []
    for column in encoded:
        if column.index == profile.index:
            continue
        effect = target.effect(aim, column)
        if effect is not None:
            effects.append(effect)
            relations.with_target[column.index] = min(1.0, abs(effect.value))
    effects.sort(key=lambda item: (-abs(item.value), item.column))
    relations.effects = tuple(effects[:_EFFECTS])
