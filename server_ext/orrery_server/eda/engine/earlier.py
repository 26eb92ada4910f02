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

_LEAST = 0.08  # share of the earlier values that a bin has at least
_ATOM = 0.01  # share of the values from which a single value would blur a quantile
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
        return _of_numbers(old.histogram, points, there - old.infinite, drift.as_numbers(series))
    if kind not in drift.KINDS:
        return {"note": f"Values of type {kind} are not compared"}
    texts = series.cast(pl.String)
    if max(old.distinct or 0, new.distinct or 0) > drift.FEW:
        lengths = old.text.lengths if old.text else None
        long = texts.str.len_chars().to_numpy().astype(float)
        found = _of_numbers(lengths, _of_histogram(lengths), there, long)
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
    histogram: Histogram | None, points: dict[float, float], there: int, after: Array
) -> dict[str, Any]:
    if histogram is None or there <= 0:
        return {"note": _NOTHING}
    if not len(after):
        return {"note": "One side has no finite values"}
    cuts, shares = _cuts(points, histogram)
    before = np.diff([0.0, *shares, 1.0]) * there
    value, chance = drift.stability(before, drift.binned(after, np.array(cuts)))
    return {
        "measure": "population_stability",
        "value": value,
        "_chance": chance,
        "edges": histogram.edges,
        "before": histogram.counts,
        "after": drift.drawn(after, np.array(histogram.edges)),
    }


def _cuts(points: dict[float, float], histogram: Histogram) -> tuple[list[float], list[float]]:
    """Values between which there are enough of the earlier ones, and the share that is below each."""
    cuts: list[float] = []
    shares: list[float] = []
    for value, share in sorted(points.items()):
        if min(share - (shares[-1] if shares else 0.0), 1 - share) >= _LEAST:
            cuts.append(value)
            shares.append(share)
    if cuts:
        return cuts, shares
    # All of them lie together: what matters is how many of the new ones do not.
    with np.errstate(over="ignore"):
        above = float(np.nextafter(histogram.edges[-1], np.inf))
    return [histogram.edges[0], above], [0.0, 1.0]


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
