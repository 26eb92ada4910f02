"""Stage 1: everything that one column alone can tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_engine.readers.base import TROUBLES
from orrery_engine.schemas import ColumnProfile, ColumnType, Histogram, Options, Quantile, Top
from orrery_engine.stats import numeric, temporal, text_stats
from orrery_engine.stats.values import column_type, epoch, finite, value, values

Found = dict[str, Any]
_LOOK = 4_000
_UNIVARIATE = {
    "quantiles": (),
    "histogram": None,
    "top": (),
    "outliers": None,
    "skewness": None,
    "kurtosis": None,
}


def profile_column(
    series: pl.Series,
    index: int,
    name: str,
    dtype: str,
    options: Options,
    *,
    type: ColumnType | None = None,
) -> ColumnProfile:
    """What a column alone tells; if that fails, what is sure and a note."""
    kind = type or column_type(series.dtype)
    sure: Found = {
        "index": index,
        "name": name,
        "type": kind,
        "dtype": dtype,
        "count": len(series),
        "missing": series.null_count(),
    }
    try:
        found = _WAYS[kind](series, name, options)
    except TROUBLES as problem:
        return ColumnProfile(**sure, note=f"This column could not be summarised: {_said(problem)}")
    if "univariate" not in options.sections:
        found |= {key: nothing for key, nothing in _UNIVARIATE.items() if key in found}
    return ColumnProfile(**(sure | found))


def _said(problem: BaseException) -> str:
    return (str(problem).splitlines() or [problem.__class__.__name__])[0][:300]


def _numeric(series: pl.Series, name: str, options: Options) -> Found:
    """Integers and floats."""
    present = series.drop_nulls()
    if present.dtype == pl.Float16:
        present = present.cast(pl.Float32)
    raw = present.to_numpy()
    found: Found = {}
    infinite = 0
    if raw.dtype.kind == "f":
        nan = int(np.isnan(raw).sum())
        usable = np.isfinite(raw)
        if not usable.all():
            infinite = len(raw) - nan - int(usable.sum())
            found["nan"], found["infinite"] = nan, infinite
            found["missing"] = series.null_count() + nan
            infinities = [int((raw == np.inf).sum()), int((raw == -np.inf).sum())]
            found["extra"] = [one for one in infinities if one]
            raw = raw[usable]
    extra: list[int] = found.pop("extra", [])
    ordered = numeric.in_order(raw)
    runs = numeric.Runs(ordered)
    found |= of_numbers(raw, ordered, whole=raw.dtype.kind in "iu")
    found["distinct"] = runs.distinct + len(extra)
    found["singles"] = runs.singles + extra.count(1)
    found["top"] = _top_of_runs(ordered, runs)
    if not infinite and len(raw) == len(series):
        found["monotonic"] = numeric.direction(raw)
    return found


def _top_of_runs(ordered: NDArray[Any], runs: numeric.Runs) -> tuple[Top, ...]:
    return tuple(
        Top(value=value(ordered[runs.starts[place]].item()), count=int(runs.counts[place]))
        for place in runs.most()
    )


def of_numbers(raw: NDArray[Any], ordered: NDArray[Any], *, whole: bool) -> Found:
    """What finite numbers and the same in order tell."""
    if not len(ordered):
        return {"total": None}
    shape = numeric.moments(raw, ordered)
    zero = [int(np.searchsorted(ordered, 0, side=side)) for side in ("left", "right")]
    return {
        "zeros": zero[1] - zero[0],
        "negatives": zero[0],
        "minimum": value(ordered[0].item()),
        "maximum": value(ordered[-1].item()),
        "total": shape.total,
        "mean": shape.mean,
        "std": shape.std,
        "skewness": shape.skewness,
        "kurtosis": shape.kurtosis,
        "quantiles": tuple(
            Quantile(share=share, value=value(numeric.quantile(ordered, share)))
            for share in numeric.SHARES
        ),
        "histogram": numeric.histogram(ordered, whole=whole),
        "outliers": numeric.outliers(ordered),
    }


def _exact(series: pl.Series, name: str, options: Options) -> Found:
    """Decimals and integers beyond 64 bits: values as they are, statistics of the nearest floats."""
    present = series.drop_nulls()
    raw = present.cast(pl.Float64).to_numpy()
    found = of_numbers(raw, numeric.in_order(raw), whole=False) | _tally(present)
    found["minimum"], found["maximum"] = value(present.min()), value(present.max())
    if not series.null_count():
        found["monotonic"] = numeric.direction(raw)
    return found


def _whole(series: pl.Series, name: str, options: Options) -> Found:
    wide = series.dtype in (pl.Int128, pl.UInt128)
    return (_exact if wide else _numeric)(series, name, options)


def _boolean(series: pl.Series, name: str, options: Options) -> Found:
    """True and false."""
    present = len(series) - series.null_count()
    trues = int(series.sum() or 0)
    counts = [(True, trues), (False, present - trues)]
    tops = sorted((one for one in counts if one[1]), key=lambda one: -one[1])
    return {
        "trues": trues,
        "distinct": len(tops),
        "singles": sum(1 for _, count in tops if count == 1),
        "minimum": series.min(),
        "maximum": series.max(),
        "mean": trues / present if present else None,
        "top": tuple(Top(value=one, count=count) for one, count in tops),
    }


def _tally(present: pl.Series) -> Found:
    """Different values of any type, told apart by 64 bits of hash."""
    if not len(present):
        return {"distinct": 0, "singles": 0}
    hashes = present.hash().to_numpy()
    ordered = numeric.in_order(hashes)
    runs = numeric.Runs(ordered)
    most = runs.most()
    firsts = [int(np.argmax(hashes == ordered[runs.starts[place]])) for place in most]
    shown = values(present.gather(firsts)) if firsts else []
    return {
        "distinct": runs.distinct,
        "singles": runs.singles,
        "top": tuple(
            Top(value=one, count=int(runs.counts[place]))
            for one, place in zip(shown, most, strict=True)
        ),
    }


def _text(series: pl.Series, name: str, options: Options) -> Found:
    """Texts: of few different ones each is looked at once, with its count."""
    present = series.drop_nulls()
    deep = "text" in options.sections
    if not _few(present):
        found = _tally(present)
        about = text_stats.describe(present, None, name, deep=deep)
    else:
        counted = present.alias("text").value_counts(name="rows")
        present, weights = counted["text"], counted["rows"].cast(pl.Int64).to_numpy()
        found = _weighed(present, weights)
        about = text_stats.describe(present, weights, name, deep=deep)
    if len(present):
        found["minimum"], found["maximum"] = value(present.min()), value(present.max())
    return found | {"text": about}


def _few(present: pl.Series) -> bool:
    """Whether a look at some texts promises that there are not many different ones."""
    step = max(1, len(present) // _LOOK)
    return len(present) > _LOOK and present.gather_every(step).n_unique() <= _LOOK // 4


def _weighed(present: pl.Series, weights: NDArray[np.int64]) -> Found:
    """The counts of texts that are each there once."""
    order = present.arg_sort().to_numpy()
    most = numeric.most(weights[order], numeric.TOPS)
    tops = [int(order[place]) for place in most]
    shown = values(present.gather(tops))
    return {
        "distinct": len(present),
        "singles": int(np.count_nonzero(weights == 1)),
        "top": tuple(
            Top(value=one, count=int(weights[place]))
            for one, place in zip(shown, tops, strict=True)
        ),
    }


def _mixed(series: pl.Series, name: str, options: Options) -> Found:
    """Values of several types, as texts."""
    return _text(series.cast(pl.String), name, options)


def _category(series: pl.Series, name: str, options: Options) -> Found:
    """Names out of a list."""
    present = series.drop_nulls()
    if present.dtype != pl.String:
        present = present.cast(pl.String)
    found = _tally(present)
    if len(present):
        found["minimum"], found["maximum"] = value(present.min()), value(present.max())
    return found


def _times(series: pl.Series, name: str, options: Options) -> Found:
    """Points in time and days."""
    present = series.drop_nulls()
    found, ordered = _of_units(present)
    if len(present):
        different = numeric.Runs(ordered).values
        found["time"] = temporal.describe(present, ordered, different)
        if not series.null_count():
            found["monotonic"] = numeric.direction(present.to_physical().to_numpy())
    return found


def _of_units(present: pl.Series) -> tuple[Found, NDArray[Any]]:
    """What times of any kind tell as whole numbers of their unit, told again as times."""
    raw = present.to_physical().to_numpy()
    ordered = numeric.in_order(raw)
    runs = numeric.Runs(ordered)
    found: Found = {"distinct": runs.distinct, "singles": runs.singles}
    if not len(ordered):
        return found, ordered
    most = runs.most()
    shares = [round(float(numeric.quantile(ordered, share))) for share in numeric.SHARES]
    units = [int(ordered[0]), int(ordered[-1]), *shares]
    units += [int(ordered[runs.starts[place]]) for place in most]
    told = values(pl.Series(units, dtype=present.to_physical().dtype).cast(present.dtype))
    tops = zip(told[2 + len(shares) :], most, strict=True)
    found |= {
        "minimum": told[0],
        "maximum": told[1],
        "quantiles": tuple(
            Quantile(share=share, value=one)
            for share, one in zip(numeric.SHARES, told[2:], strict=False)
        ),
        "top": tuple(Top(value=one, count=int(runs.counts[place])) for one, place in tops),
        "histogram": _in_seconds(numeric.histogram(ordered), epoch(present.dtype)),
    }
    return found, ordered


def _in_seconds(found: Histogram | None, units: float) -> Histogram | None:
    if found is None:
        return None
    return found.model_copy(update={"edges": tuple(edge / units for edge in found.edges)})


def _duration(series: pl.Series, name: str, options: Options) -> Found:
    """Lengths of time; what is computed of them is in seconds."""
    present = series.drop_nulls()
    found, ordered = _of_units(present)
    if len(ordered):
        units = epoch(present.dtype)
        shape = numeric.moments(present.to_physical().to_numpy(), ordered)
        for key in ("total", "mean", "std"):
            one = getattr(shape, key)
            found[key] = None if one is None else finite(one / units)
        found["zeros"] = int((ordered == 0).sum())
        found["negatives"] = int((ordered < 0).sum())
    return found


def _time(series: pl.Series, name: str, options: Options) -> Found:
    """Times of the day."""
    return _of_units(series.drop_nulls())[0]


def _opaque(series: pl.Series, name: str, options: Options) -> Found:
    """Nested and binary values: how many different ones, and which are frequent."""
    return _tally(series.drop_nulls())


def _nothing(series: pl.Series, name: str, options: Options) -> Found:
    return {"missing": len(series), "distinct": 0, "singles": 0}


_WAYS: dict[ColumnType, Callable[[pl.Series, str, Options], Found]] = {
    "boolean": _boolean,
    "integer": _whole,
    "float": _numeric,
    "decimal": _exact,
    "text": _text,
    "category": _category,
    "datetime": _times,
    "date": _times,
    "time": _time,
    "duration": _duration,
    "binary": _opaque,
    "nested": _opaque,
    "null": _nothing,
    "mixed": _mixed,
}
