"""Stage 1: everything that one column alone can tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_engine import plain_words
from orrery_engine.readers.base import TROUBLES
from orrery_engine.schemas import (
    ColumnProfile,
    ColumnType,
    Histogram,
    Options,
    Quantile,
    TextProfile,
    Top,
)
from orrery_engine.stats import numeric, placeholders, spellings, temporal, text_stats
from orrery_engine.stats.values import column_type, epoch, finite, value, values

Facts = dict[str, Any]
_LOOK = 4_000
# Texts whose case and white space are part of what they say.
_VERBATIM = frozenset({"url", "json", "uuid", "number", "date"})
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
    note = ""
    if kind == "decimal" and series.dtype == pl.String:
        kind, note = "text", "The numbers have more digits than are computed with; read as text."
    sure: Facts = {
        "index": index,
        "name": name,
        "type": kind,
        "dtype": dtype,
        "count": len(series),
        "missing": series.null_count(),
        "note": note,
    }
    try:
        result = _WAYS[kind](series, name, options)
    except TROUBLES as problem:
        reason = f"This column could not be summarised: {plain_words.words(problem)}."
        return ColumnProfile(**sure | {"unread": True, "note": reason})
    if "univariate" not in options.sections:
        result |= {key: default for key, default in _UNIVARIATE.items() if key in result}
    return ColumnProfile(**(sure | result))


def _numeric(series: pl.Series, name: str, options: Options) -> Facts:
    """Integers and floats."""
    present = series.drop_nulls()
    if present.dtype == pl.Float16:
        present = present.cast(pl.Float32)
    raw = present.to_numpy()
    result: Facts = {}
    infinite = below = 0
    if raw.dtype.kind == "f":
        nan = int(np.isnan(raw).sum())
        usable = np.isfinite(raw)
        if not usable.all():
            infinite = len(raw) - nan - int(usable.sum())
            result["nan"], result["infinite"] = nan, infinite
            result["missing"] = series.null_count() + nan
            below = int((raw == -np.inf).sum())
            result["extra"] = [item for item in (infinite - below, below) if item]
            raw = raw[usable]
    extra: list[int] = result.pop("extra", [])
    ordered = numeric.in_order(raw)
    runs = numeric.Runs(ordered)
    result |= of_numbers(raw, ordered, whole=raw.dtype.kind in "iu")
    # Minus infinity is below zero; every other statistic is of the finite numbers.
    result["negatives"] = result.get("negatives", 0) + below
    result["distinct"] = runs.distinct + len(extra)
    result["singles"] = runs.singles + extra.count(1)
    result["top"] = _top_of_runs(ordered, runs)
    result["placeholders"] = placeholders.of_numbers(ordered)
    if not infinite and len(raw) == len(series):
        result["monotonic"] = numeric.direction(raw)
    return result


def _top_of_runs(ordered: NDArray[Any], runs: numeric.Runs) -> tuple[Top, ...]:
    return tuple(
        Top(value=value(ordered[runs.starts[place]].item()), count=int(runs.counts[place]))
        for place in runs.most()
    )


def of_numbers(raw: NDArray[Any], ordered: NDArray[Any], *, whole: bool) -> Facts:
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


def _exact(series: pl.Series, name: str, options: Options) -> Facts:
    """Decimals and integers beyond 64 bits: values as they are, statistics of the nearest floats."""
    present = series.drop_nulls()
    raw = present.cast(pl.Float64).to_numpy()
    ordered = numeric.in_order(raw)
    result = of_numbers(raw, ordered, whole=False) | _tally(present)
    result["placeholders"] = placeholders.of_numbers(ordered)
    result["minimum"], result["maximum"] = value(present.min()), value(present.max())
    if not series.null_count():
        result["monotonic"] = numeric.direction(raw)
    return result


def _whole(series: pl.Series, name: str, options: Options) -> Facts:
    wide = series.dtype in (pl.Int128, pl.UInt128)
    return (_exact if wide else _numeric)(series, name, options)


def _boolean(series: pl.Series, name: str, options: Options) -> Facts:
    """True and false."""
    present = len(series) - series.null_count()
    trues = int(series.sum() or 0)
    counts = [(True, trues), (False, present - trues)]
    tops = sorted((count for count in counts if count[1]), key=lambda item: -item[1])
    return {
        "trues": trues,
        "distinct": len(tops),
        "singles": sum(1 for _, count in tops if count == 1),
        "minimum": series.min(),
        "maximum": series.max(),
        "mean": trues / present if present else None,
        "top": tuple(Top(value=item, count=count) for item, count in tops),
    }


def _tally(present: pl.Series) -> Facts:
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
            Top(value=item, count=int(runs.counts[place]))
            for item, place in zip(shown, most, strict=True)
        ),
    }


def _text(series: pl.Series, name: str, options: Options) -> Facts:
    """Texts: of few different ones each is looked at once, with its count."""
    present = series.drop_nulls()
    deep = "text" in options.sections
    if not _few(present):
        result = _tally(present)
        about = text_stats.describe(present, None, name, deep=deep)
        result |= judge_texts(present, None, about, distinct=result["distinct"])
    else:
        present, weights = _counted(present)
        result = _weighed(present, weights)
        about = text_stats.describe(present, weights, name, deep=deep)
        result |= judge_texts(present, weights, about)
    if len(present):
        result["minimum"], result["maximum"] = value(present.min()), value(present.max())
    return result | {"text": about}


def judge_texts(
    present: pl.Series,
    weights: NDArray[np.int64] | None,
    about: TextProfile | None = None,
    *,
    distinct: int = 0,
) -> Facts:
    """Placeholders, and values that are written in several ways; with weights if each text is there once.

    Of more than so many ``distinct`` texts no spellings are looked for.
    """
    result: Facts = {"placeholders": placeholders.of_texts(present, weights)}
    is_verbatim = about is not None and about.looks_like in _VERBATIM
    if distinct <= spellings.MOST_DISTINCT and not is_verbatim:
        texts, rows = (present, weights) if weights is not None else _counted(present)
        result["spellings"] = spellings.of_counts(zip(texts.to_list(), rows.tolist(), strict=True))
    return result


def _counted(present: pl.Series) -> tuple[pl.Series, NDArray[np.int64]]:
    """Each text once, and its rows."""
    counted = present.alias("text").value_counts(name="rows")
    return counted["text"], counted["rows"].cast(pl.Int64).to_numpy()


def _few(present: pl.Series) -> bool:
    """Whether a look at some texts promises that there are not many different ones."""
    step = max(1, len(present) // _LOOK)
    return len(present) > _LOOK and present.gather_every(step).n_unique() <= _LOOK // 4


def _weighed(present: pl.Series, weights: NDArray[np.int64]) -> Facts:
    """The counts of texts that are each there once."""
    order = present.arg_sort().to_numpy()
    most = numeric.most(weights[order], numeric.TOPS)
    tops = [int(order[place]) for place in most]
    shown = values(present.gather(tops))
    return {
        "distinct": len(present),
        "singles": int(np.count_nonzero(weights == 1)),
        "top": tuple(
            Top(value=item, count=int(weights[place]))
            for item, place in zip(shown, tops, strict=True)
        ),
    }


def _mixed(series: pl.Series, name: str, options: Options) -> Facts:
    """Values of several types, as texts."""
    return _text(series.cast(pl.String), name, options)


def _category(series: pl.Series, name: str, options: Options) -> Facts:
    """Names out of a list."""
    present = series.drop_nulls()
    if present.dtype != pl.String:
        present = present.cast(pl.String)
    result = _tally(present)
    if len(present):
        result["minimum"], result["maximum"] = value(present.min()), value(present.max())
        result |= judge_texts(present, None, distinct=result["distinct"])
    return result


def _times(series: pl.Series, name: str, options: Options) -> Facts:
    """Points in time and days."""
    present = series.drop_nulls()
    result, ordered = _of_units(present)
    if len(present):
        different = numeric.Runs(ordered).values
        result["time"] = temporal.describe(present, ordered, different)
        result["placeholders"] = placeholders.of_days(in_days(ordered, present.dtype))
        if not series.null_count():
            result["monotonic"] = numeric.direction(present.to_physical().to_numpy())
    return result


def _of_units(present: pl.Series) -> tuple[Facts, NDArray[Any]]:
    """What times of any kind tell as whole numbers of their unit, told again as times."""
    raw = present.to_physical().to_numpy()
    ordered = numeric.in_order(raw)
    runs = numeric.Runs(ordered)
    result: Facts = {"distinct": runs.distinct, "singles": runs.singles}
    if not len(ordered):
        return result, ordered
    most = runs.most()
    shares = [round(float(numeric.quantile(ordered, share))) for share in numeric.SHARES]
    units = [int(ordered[0]), int(ordered[-1]), *shares]
    units += [int(ordered[runs.starts[place]]) for place in most]
    converted = values(pl.Series(units, dtype=present.to_physical().dtype).cast(present.dtype))
    tops = zip(converted[2 + len(shares) :], most, strict=True)
    result |= {
        "minimum": converted[0],
        "maximum": converted[1],
        "quantiles": tuple(
            Quantile(share=share, value=item)
            for share, item in zip(numeric.SHARES, converted[2:], strict=False)
        ),
        "top": tuple(Top(value=item, count=int(runs.counts[place])) for item, place in tops),
        "histogram": _in_seconds(numeric.histogram(ordered), epoch(present.dtype)),
    }
    return result, ordered


def in_days(ordered: NDArray[Any], dtype: pl.DataType) -> NDArray[np.int64]:
    """Units of a time in order as days since 1970."""
    return ordered if dtype == pl.Date else ordered // round(86_400 * epoch(dtype))


def _in_seconds(histogram: Histogram | None, units: float) -> Histogram | None:
    if histogram is None:
        return None
    return histogram.model_copy(update={"edges": tuple(edge / units for edge in histogram.edges)})


def _duration(series: pl.Series, name: str, options: Options) -> Facts:
    """Lengths of time; what is computed of them is in seconds."""
    present = series.drop_nulls()
    result, ordered = _of_units(present)
    if len(ordered):
        units = epoch(present.dtype)
        shape = numeric.moments(present.to_physical().to_numpy(), ordered)
        for key in ("total", "mean", "std"):
            item = getattr(shape, key)
            result[key] = None if item is None else finite(item / units)
        result["zeros"] = int((ordered == 0).sum())
        result["negatives"] = int((ordered < 0).sum())
    return result


def _time(series: pl.Series, name: str, options: Options) -> Facts:
    """Times of the day."""
    return _of_units(series.drop_nulls())[0]


def _opaque(series: pl.Series, name: str, options: Options) -> Facts:
    """Nested and binary values: how many different ones, and which are frequent."""
    return _tally(series.drop_nulls())


def _empty(series: pl.Series, name: str, options: Options) -> Facts:
    return {"missing": len(series), "distinct": 0, "singles": 0}


_WAYS: dict[ColumnType, Callable[[pl.Series, str, Options], Facts]] = {
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
    "null": _empty,
    "mixed": _mixed,
}
