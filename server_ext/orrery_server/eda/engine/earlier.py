"""What became of a table since a profile of it was kept, though the data of that time are no longer there.

A profile knows for some values how many are smaller: at the edges of its histogram, and at its quantiles. Between
those the new values are counted, so the index is that of `drift`, over bins of the same kind. Of texts a profile keeps
the most frequent ones; the rest of both sides is compared as one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from orrery_server.eda.engine import drift
from orrery_server.eda.engine.drift import Array, Progress
from orrery_server.eda.engine.readers.base import Table
from orrery_server.eda.engine.values import shorten
from orrery_server.eda.schemas import ColumnProfile, Comparison, Earlier, Histogram, Value

_ENOUGH = 4  # values between which there are bins for the index
_LEAST = 0.08  # share of the earlier values that a bin has at least
_ATOM = 0.01  # share of the values from which a single value would blur a quantile
_COVERED = 0.5  # share of the texts that must be frequent ones; else lengths are compared
_DRAWN = 60  # bins at the most
_NOTHING = "The earlier profile kept no distribution of this column"


def compare(
    before: Earlier,
    after: Table,
    after_columns: Sequence[ColumnProfile],
    progress: Progress = lambda share: None,
) -> Comparison:
    """A kept profile as the reference, and a table as it is now."""

    def measured(old: ColumnProfile, new: ColumnProfile) -> dict[str, Any]:
        series = after.column(new.index).drop_nulls()
        return _measured(old, new, series.drop_nans() if series.dtype.is_float() else series)

    return Comparison(
        rows_before=before.rows,
        rows_after=after.rows,
        drifts=drift.of_columns(before.columns, after_columns, measured, progress),
    )


def _measured(old: ColumnProfile, new: ColumnProfile, series: pl.Series) -> dict[str, Any]:
    """The distance of both distributions, and what there is to draw."""
    kind = old.type if old.type != "null" else new.type
    there = old.count - old.missing
    if not there or not len(series):
        return {"note": "One side has no values"} if there != len(series) else {}
    if kind in drift.NUMBERS or kind in drift.TIMES:
        points = _of_histogram(old.histogram) | _of_quantiles(old)
        told = (old.minimum, old.maximum)
        ends = [float(one) for one in told if isinstance(one, int | float)]
        rows = there - old.infinite
        ends = ends if len(ends) == len(told) else []
        return _of_numbers(old.histogram, points, rows, drift.as_numbers(series), ends)
    if kind not in drift.KINDS:
        return {"note": f"Values of type {kind} are not compared"}
    texts = series.cast(pl.String)
    if sum(one.count for one in old.top) < _COVERED * there:
        lengths = old.text.lengths if old.text else None
        long = texts.str.len_chars().to_numpy().astype(float)
        ends = [float(old.text.shortest), float(old.text.longest)] if old.text else []
        found = _of_numbers(lengths, _of_histogram(lengths), there, long, ends)
        return {"note": "So many different texts that their lengths were compared"} | found
    return _of_categories(old, there, texts)


def _of_histogram(histogram: Histogram | None) -> dict[float, float]:
    """The share of smaller values at each edge."""
    if histogram is None or not sum(histogram.counts):
        return {}
    shares = np.cumsum(histogram.counts) / sum(histogram.counts)
    return dict(zip(histogram.edges[1:-1], shares[:-1].tolist(), strict=True))


def _of_quantiles(old: ColumnProfile) -> dict[float, float]:
    """The same at each quantile, unless many values are equal to it: then more or fewer are smaller."""
    found = [(one.value, one.share) for one in old.quantiles if 0 < one.share < 1]
    values = [value for value, _ in found]
    atoms = {one.value for one in old.top if one.count > _ATOM * old.count}
    return {
        float(value): share
        for value, share in found
        if isinstance(value, int | float) and values.count(value) == 1 and value not in atoms
    }


def _of_numbers(
    histogram: Histogram | None,
    points: Mapping[float, float],
    there: int,
    after: Array,
    ends: Sequence[float] = (),
) -> dict[str, Any]:
    """The index over bins whose earlier share is known; ``ends`` are the extremes, if they are."""
    if histogram is None or there <= 0:
        return {"note": _NOTHING}
    if not len(after):
        return {"note": "One side has no finite values"}
    cuts, shares = _cuts(points, ends or histogram.edges)
    before = np.diff([0.0, *shares, 1.0]) * there
    value, chance = drift.stability(before, drift.binned(after, np.array(cuts)))
    edges, counts = _wide_enough(histogram, after)
    return {
        "measure": "population_stability",
        "value": value,
        "_chance": chance,
        "edges": tuple(edges.tolist()),
        "whole": histogram.whole,
        "before": tuple(counts.tolist()),
        "after": drift.drawn(after, edges),
    }


def _wide_enough(histogram: Histogram, after: Array) -> tuple[Array, Array]:
    """The edges and counts of the bins, and of empty ones beside them for the new values, a few stray ones left out.

    Where this makes more bins than can be told apart, neighbours are added up.
    """
    edges, counts = np.array(histogram.edges), np.array(histogram.counts)
    low, high = drift.quantiles(after, (0.01, 0.99))
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
    kept = edges[::together]
    wide[first : first + len(kept)] = kept
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
    kept = [(cut, share) for cut, share in zip(cuts, shares, strict=True) if ends[0] < cut < above]
    return (
        [float(ends[0]), *(cut for cut, _ in kept), above],
        [0.0, *(share for _, share in kept), 1.0],
    )


def _of_categories(old: ColumnProfile, there: int, texts: pl.Series) -> dict[str, Any]:
    kept = {_text(one.value): one.count for one in old.top}
    if not kept:
        return {"note": _NOTHING}
    now: dict[str, int] = {}
    for text, rows in drift.frequencies(texts).items():
        now[shorten(text)] = now.get(shorten(text), 0) + rows
    labels = sorted(kept, key=lambda one: -kept[one])
    sides = [_sided(kept, labels, there), _sided(now, labels, len(texts))]
    value, chance = drift.jensen_shannon(*sides)
    complete = not old.distinct_error and old.distinct is not None and old.distinct <= len(kept)
    fresh = sorted((one for one in now if one not in kept), key=lambda one: -now[one])
    most = drift.LABELS
    before, after = ((*side[:most].tolist(), int(side[most:].sum())) for side in sides)
    return {
        "measure": "jensen_shannon",
        "value": value,
        "_chance": chance,
        "labels": (*(one[:100] for one in labels[:most]), "Others"),
        "before": before,
        "after": after,
        "fresh": tuple(one[:100] for one in fresh[: drift.FRESH]) if complete else (),
    }


def _sided(rows: Mapping[str, int], labels: Sequence[str], there: int) -> Array:
    """The rows of each label, then those of none."""
    found = [rows.get(one, 0) for one in labels]
    return np.array([*found, there - sum(found)])


def _text(value: Value) -> str:
    """A frequent value, as the same value is written when all of them are texts."""
    return str(value).lower() if isinstance(value, bool) else str(value)
