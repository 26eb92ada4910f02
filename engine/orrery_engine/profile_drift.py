"""What became of a table since a profile of it was kept, though the data of that time are no longer there.

A profile knows for some values how many are smaller: at the edges of its histogram, and at its quantiles. Between
those the new values are counted, so the index is that of `drift`, over bins of the same kind. Of texts a profile keeps
the most frequent ones; the rest of both sides is compared as one. The newer side is a table, or a kept profile as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from orrery_engine import drift, drift_operands
from orrery_engine.drift import Array, Facts, Progress
from orrery_engine.drift_operands import NewerColumn, Numbers
from orrery_engine.readers.base import Table
from orrery_engine.schemas import ColumnProfile, Comparison, Histogram, ProfileSnapshot

_ENOUGH = 4  # values between which there are bins for the index
_LEAST = 0.08  # share of the earlier values that a bin has at least
_DRAWN = 60  # bins at the most
_NO_DISTRIBUTION = "The earlier profile kept no distribution of this column"


def compare(
    before: ProfileSnapshot,
    after: Table,
    after_columns: Sequence[ColumnProfile],
    progress: Progress = lambda share: None,
) -> Comparison:
    """A kept profile as the reference, and a table as it is now."""

    def values(column: ColumnProfile) -> NewerColumn:
        series = after.column(column.index).drop_nulls()
        return drift_operands.read(series.drop_nans() if series.dtype.is_float() else series)

    return _compare(before, after.rows, after_columns, values, progress)


def compare_kept(
    before: ProfileSnapshot, after: ProfileSnapshot, progress: Progress = lambda share: None
) -> Comparison:
    """Two kept profiles; no data are read."""
    return _compare(before, after.rows, after.columns, drift_operands.from_snapshot, progress)


def _compare(
    before: ProfileSnapshot,
    rows: int | None,
    columns: Sequence[ColumnProfile],
    values: Callable[[ColumnProfile], NewerColumn],
    progress: Progress,
) -> Comparison:
    def measured(old: ColumnProfile, new: ColumnProfile) -> Facts:
        return _measured(old, new, values(new))

    return Comparison(
        rows_before=before.rows,
        rows_after=rows,
        drifts=drift.of_columns(before.columns, columns, measured, progress),
    )


def _measured(old: ColumnProfile, new: ColumnProfile, values: NewerColumn) -> Facts:
    """The distance of both distributions, and what there is to draw."""
    kind = old.type if old.type != "null" else new.type
    present = old.count - old.missing
    if not present or not len(values):
        return {"note": "One side has no values"} if present != len(values) else {}
    if kind in drift.NUMBERS or kind in drift.TIMES:
        points = drift_operands.of_histogram(old.histogram) | drift_operands.of_quantiles(old)
        extremes = (old.minimum, old.maximum)
        ends = [float(item) for item in extremes if isinstance(item, int | float)]
        rows = present - old.infinite
        ends = ends if len(ends) == len(extremes) else []
        return _of_numbers(old.histogram, points, rows, values.numbers(), ends)
    if kind not in drift.KINDS:
        return {"note": f"Values of type {kind} are not compared"}
    if not drift_operands.are_few(old):
        lengths = old.text.lengths if old.text else None
        ends = [float(old.text.shortest), float(old.text.longest)] if old.text else []
        points = drift_operands.of_histogram(lengths)
        result = _of_numbers(lengths, points, present, values.lengths(), ends)
        return {"note": "So many different texts that their lengths were compared"} | result
    return _of_categories(old, present, values)


def _of_numbers(
    histogram: Histogram | None,
    points: Mapping[float, float],
    there: int,
    after: Numbers,
    ends: Sequence[float] = (),
) -> Facts:
    """The index over bins whose earlier share is known; ``ends`` are the extremes, if they are."""
    if histogram is None or there <= 0:
        return {"note": _NO_DISTRIBUTION}
    if not len(after):
        return {"note": "One side has no finite values"}
    cuts, shares = _cuts(points, ends or histogram.edges)
    before = np.diff([0.0, *shares, 1.0]) * there
    value, chance = drift.stability(before, after.binned(np.array(cuts)))
    edges, counts = _wide_enough(histogram, after)
    return {
        "measure": "population_stability",
        "value": value,
        "_chance": chance,
        "edges": tuple(edges.tolist()),
        "whole": histogram.whole,
        "before": tuple(counts.tolist()),
        "after": after.drawn(edges),
    }


def _wide_enough(histogram: Histogram, after: Numbers) -> tuple[Array, Array]:
    """The edges and counts of the bins, and of empty ones beside them for the new values, a few stray ones left out.

    Where this makes more bins than can be told apart, neighbours are added up.
    """
    edges, counts = np.array(histogram.edges), np.array(histogram.counts)
    low, high = after.most()
    with np.errstate(over="ignore", invalid="ignore"):
        width = (edges[-1] - edges[0]) / len(counts)
        left, right = np.ceil(np.maximum([edges[0] - low, high - edges[-1]], 0) / width)
        if not np.isfinite([width, left, right]).all():
            return edges, counts  # beyond what numbers can tell
        step = np.ceil((left + len(counts) + right) / _DRAWN)
        left, right = np.ceil(left / step), np.ceil((len(counts) + right) / step)
        wide = edges[0] + step * width * np.arange(-left, right + 1)
    # The edges that there were, to the last bit.
    first, together = int(left), int(min(step, len(edges)))
    merged = edges[::together]
    wide[first : first + len(merged)] = merged
    if not (np.isfinite(wide).all() and (np.diff(wide) > 0).all()):
        return edges, counts
    places = first + np.arange(len(counts)) // together
    return wide, np.bincount(places, weights=counts, minlength=len(wide) - 1).astype(int)


def _cuts(points: Mapping[float, float], ends: Sequence[float]) -> tuple[list[float], list[float]]:
    """Values between which there are enough of the earlier ones, and the share that is below each."""
    cuts: list[float] = []
    shares: list[float] = []
    for value, share in sorted(points.items()):
        if min(share - (shares[-1] if shares else 0.0), 1 - share) >= _LEAST:
            cuts.append(value)
            shares.append(share)
    if len(cuts) >= _ENOUGH:
        return cuts, shares
    # They lie so close together that it matters how many of the new ones lie outside.
    with np.errstate(over="ignore"):  # above the greatest number is infinity, a cut like others
        above = float(np.nextafter(ends[-1], np.inf))
    inner = [(cut, share) for cut, share in zip(cuts, shares, strict=True) if ends[0] < cut < above]
    return (
        [float(ends[0]), *(cut for cut, _ in inner), above],
        [0.0, *(share for _, share in inner), 1.0],
    )


def _of_categories(old: ColumnProfile, there: int, values: NewerColumn) -> Facts:
    old_texts = drift_operands.texts_of(old)
    if not old_texts:
        return {"note": _NO_DISTRIBUTION}
    now, rows = values.frequent(), len(values)
    labels = sorted(old_texts, key=lambda item: -old_texts[item])
    shown = dict(now)
    for label in labels:
        if label not in now:
            # Nothing is told of it, but it may have some rows all the same: as many as it had, if there is room.
            room = min(values.at_most(), rows - sum(shown.values()))
            shown[label] = min(room, round(old_texts[label] * rows / there))
    sides = [_sided(old_texts, labels, there), _sided(shown, labels, rows)]
    value, chance = drift.jensen_shannon(*sides)
    fresh = sorted((item for item in now if item not in old_texts), key=lambda item: -now[item])
    most = drift.LABELS
    before, after = ((*side[:most].tolist(), int(side[most:].sum())) for side in sides)
    return {
        "measure": "jensen_shannon",
        "value": value,
        "_chance": chance,
        "labels": (*(label[:100] for label in labels[:most]), "Others"),
        "before": before,
        "after": after,
        "fresh": tuple(item[:100] for item in fresh[: drift.FRESH])
        if drift_operands.is_complete(old)
        else (),
    }


def _sided(rows: Mapping[str, int], labels: Sequence[str], there: int) -> Array:
    """The rows of each label, then those of none."""
    result = [rows.get(label, 0) for label in labels]
    return np.array([*result, there - sum(result)])
