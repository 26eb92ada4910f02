"""What a report says of one column."""

from __future__ import annotations

from collections.abc import Iterator

from orrery_engine.report.parts import Bars, Cell, Data, Part, data, ends, number, percent
from orrery_engine.schemas import ColumnProfile, TextProfile, TimeProfile

_TOPS = 10


def column_part(column: ColumnProfile, *, text: bool) -> Part:
    """Everything that is known of the column, as one table of two columns."""
    rows = [*_counts(column), *_numbers(column)]
    if text and column.text is not None:
        rows += _text(column.text, column.count - column.missing)
    if column.time is not None:
        rows += _time(column.time)
    rows += _judged(column)
    rows += _tops(column)
    words: list[tuple[str | Data, ...]] = [(f"{column.type}, ", Data(column.dtype))]
    if column.note:
        words.append((Data(column.note),))
    return Part((Data(column.name),), tuple(words), ("", ""), tuple(rows), detail=True)


def _counts(column: ColumnProfile) -> Iterator[tuple[Cell, Cell]]:
    yield "Missing", f"{number(column.missing)} ({percent(column.missing, column.count)})"
    if column.nan:
        yield "Not a number", number(column.nan)
    if column.infinite:
        yield "Infinite", number(column.infinite)
    if column.distinct is not None:
        error = f" ± {column.distinct_error * 100:.1g}%" if column.distinct_error else ""
        yield "Distinct", number(column.distinct) + error
    if column.trues is not None:
        yield "True", f"{number(column.trues)} ({percent(column.trues, column.count)})"
    if column.association is not None:
        yield "Association with the target", f"{column.association:.3f}"


def _numbers(column: ColumnProfile) -> Iterator[tuple[Cell, Cell]]:
    if column.minimum is not None or column.maximum is not None:
        yield "Least", data(column.minimum)
        yield "Most", data(column.maximum)
    facts = (
        ("Mean", column.mean),
        ("Standard deviation", column.std),
        ("Sum", column.total),
        ("Skewness", column.skewness),
        ("Excess kurtosis", column.kurtosis),
    )
    for name, value in facts:
        if value is not None:
            yield name, number(value)
    for quantile in column.quantiles:
        yield f"{quantile.share * 100:g}% lie below", data(quantile.value)
    if column.mean is not None:
        yield "Zero", f"{number(column.zeros)} ({percent(column.zeros, column.count)})"
        yield "Negative", f"{number(column.negatives)} ({percent(column.negatives, column.count)})"
    if column.outliers is not None:
        far = column.outliers.low + column.outliers.high
        yield (
            "Beyond Tukey's fences",
            f"{number(far)} (below {number(column.outliers.fence_low)}:"
            f" {number(column.outliers.low)}, above {number(column.outliers.fence_high)}:"
            f" {number(column.outliers.high)})",
        )
    if column.monotonic:
        yield "Order", column.monotonic
    if column.histogram is not None and column.histogram.counts:
        low, high = ends(column.histogram)
        label = f"Histogram from {number(low)} to {number(high)}"
        yield "Histogram", Bars(column.histogram.counts, label)


def _text(text: TextProfile, present: int) -> Iterator[tuple[Cell, Cell]]:
    yield (
        "Characters",
        f"{number(text.shortest)} to {number(text.longest)}, {number(text.mean_length)} on average",
    )
    if text.blank:
        yield "Blank", f"{number(text.blank)} ({percent(text.blank, present)})"
    if text.looks_like:
        about = "≈ " if text.estimated and text.looks_like_share < 1 else ""
        yield (
            "Looks like",
            f"{text.looks_like.replace('_', ' ')} ({about}{percent(text.looks_like_share)})",
        )
    if text.padded:
        yield "White space at an end", f"{number(text.padded)} ({percent(text.padded, present)})"
    about = ", estimated" if text.estimated else ""
    for title, tops in ((f"Words{about}", text.words), (f"Forms{about}", text.patterns)):
        if tops:
            yield title, _list([(data(item.value), item.count) for item in tops[:_TOPS]])


def _judged(column: ColumnProfile) -> Iterator[tuple[Cell, Cell]]:
    """Values that likely mean something else than they say."""
    if column.placeholders:
        tops = column.placeholders[:_TOPS]
        yield "Stand for a missing value", _list([(data(item.value), item.count) for item in tops])
    for group in column.spellings[:_TOPS]:
        yield (
            "Written in several ways",
            _list(
                [
                    (Data(group.value), group.count),
                    *((data(item.value), item.count) for item in group.variants[:_TOPS]),
                ]
            ),
        )


def _time(time: TimeProfile) -> Iterator[tuple[Cell, Cell]]:
    yield "Granularity", time.granularity
    if time.zone:
        yield "Zone", Data(time.zone)
    if time.typical_step is not None:
        yield "Typical distance", f"{number(time.typical_step)} s"
    if time.gaps:
        yield "Gaps", f"{number(time.gaps)}, the largest {number(time.largest_gap)} s"
    if time.future:
        yield "In the future", number(time.future)
    if time.weekdays:
        yield "Monday to Sunday", Bars(time.weekdays, "Rows from Monday to Sunday")
    if time.hours:
        yield "Hours of the day", Bars(time.hours, "Rows of each hour")


def _tops(column: ColumnProfile) -> Iterator[tuple[Cell, Cell]]:
    for number_, top in enumerate(column.top[:_TOPS]):
        name = "Most frequent" if not number_ else ""
        share = f": {number(top.count)} ({percent(top.count, column.count)})"
        value = data(top.value)
        yield name, (value, share)


def _list(items: list[tuple[Data | str, int]]) -> tuple[str | Data, ...]:
    pieces: list[str | Data] = []
    for value, count in items:
        pieces += [", "] if pieces else []
        pieces += [value, f" ({number(count)})"]
    return tuple(pieces)
