"""What a person should know before using the data: each alert with its evidence, and its quick fixes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from orrery_engine import alert_groups
from orrery_engine.alert_builder import ORDER, build_alert, percent
from orrery_engine.labels import MEASURES
from orrery_engine.schemas import (
    Alert,
    Association,
    ColumnProfile,
    Level,
    Options,
    Overview,
)
from orrery_engine.stats import join_keys, leakage, pii
from orrery_engine.stats.spellings import MOST as MOST_SPELLINGS
from orrery_engine.stats.values import shorten

_NUMBERS = ("integer", "float", "decimal")
_TEXTS = ("text", "category")
_OWN = frozenset(
    {
        "credit_card",
        "email",
        "iban",
        "ip_address",
        "mac_address",
        "person_name",
        "phone",
        "ssn",
        "url",
        "uuid",
    }
)
_MANY = 30  # fewer rows say nothing of a distribution
_SHOWN = 4
_CATEGORIES = 200
_SAME = 0.9
_OWN_VALUES = 0.1  # different values, as a share of the rows, of a column that tells rows apart


def find(
    overview: Overview, columns: Sequence[ColumnProfile], options: Options
) -> tuple[Alert, ...]:
    """Every alert of a profile, the serious ones first. A table that is as it should be has none."""
    if overview.rows == 0 or not (columns or overview.columns):
        what = "rows" if overview.columns else "columns"
        return (build_alert("empty", "serious", (), f"The table has no {what}", f"0 {what}"),)
    result = [alert for column in columns for alert in of_column(column)]
    result += _of_table(overview, columns)
    result += leakage.find(overview, columns)
    result += _correlated(overview, columns)
    result = alert_groups.merge({item.id: item for item in result}.values())
    result.sort(key=lambda alert: (ORDER[alert.level], -(alert.value or 0), alert.id))
    return tuple(result)


def of_column(column: ColumnProfile) -> Iterator[Alert]:
    """What a column alone should make a person wary of."""
    for rule in _RULES:
        yield from rule(column)


def _missing(column: ColumnProfile) -> Iterator[Alert]:
    if not column.count:
        return
    share = column.missing / column.count
    evidence = f"{column.missing:,} of {column.count:,} rows ({percent(share)})"
    if column.missing == column.count:
        yield build_alert(
            "all_missing", "serious", (column,), "Nothing but missing values", evidence, share
        )
    elif share >= 0.01 and not join_keys.finds(column):  # which says more of a key
        level: Level = "serious" if share > 0.5 else "warning" if share >= 0.05 else "info"
        yield build_alert(
            "missing", level, (column,), f"{percent(share)} are missing", evidence, share
        )


def _constant(column: ColumnProfile) -> Iterator[Alert]:
    present = column.count - column.missing
    if column.distinct != 1 or present < 2 or column.distinct_error > 0.5:
        return
    if column.missing > 0.01 * column.count:
        yield build_alert(
            "constant",
            "info",
            (column,),
            "One value, or none",
            f"All {present:,} values are the same, {column.missing:,} are missing",
            present / column.count,
        )
    else:
        yield build_alert(
            "constant",
            "warning",
            (column,),
            "Always the same value",
            f"All {present:,} values are the same",
            1.0,
        )


def _cardinality(column: ColumnProfile) -> Iterator[Alert]:
    """A column of texts of which few are alike; one whose name says that it identifies rows is as it should be."""
    present = column.count - column.missing
    distinct = column.distinct
    if distinct is None or present < _MANY or column.type not in _TEXTS or _is_prose(column):
        return
    if join_keys.is_key(column) or _identifies(column):
        return
    share = min(1.0, distinct / present)
    if distinct == present and not column.distinct_error:
        message = "Every value is there once: it names rows and says nothing of them"
        yield build_alert(
            "unique", "info", (column,), message, f"{distinct:,} different values", 1.0
        )
    elif distinct > 50 and share > 0.5:
        evidence = f"{distinct:,} different values in {present:,} rows ({percent(share)})"
        message = "So many different values that few are alike"
        yield build_alert("high_cardinality", "info", (column,), message, evidence, share)


def _identifies(column: ColumnProfile) -> bool:
    """Whether the values are such that each row has its own: addresses, numbers of things, names."""
    return column.text is not None and column.text.looks_like in _OWN


def _is_prose(column: ColumnProfile) -> bool:
    return column.text is not None and column.text.mean_words >= 3


def _shape(column: ColumnProfile) -> Iterator[Alert]:
    present = column.count - column.missing
    if column.type not in _NUMBERS or present < _MANY or join_keys.is_key(column):
        return
    yield from _tail(column)
    zero = column.zeros / present
    if zero >= (0.75 if _counts(column) else 0.5) and (column.distinct or 0) > 2:
        evidence = f"{column.zeros:,} of {present:,} values ({percent(zero)})"
        yield build_alert("zeros", "info", (column,), f"{percent(zero)} are zero", evidence, zero)


def _tail(column: ColumnProfile) -> Iterator[Alert]:
    """A tail so long that a few rows weigh more than all others; amounts and counts have long ones by nature."""
    skewness = column.skewness
    # A few different values have a shape, but no tail; a placeholder is no value.
    if skewness is None or (column.distinct or 0) <= 10 or column.placeholders:
        return
    positive = not column.negatives
    if abs(skewness) < (10 if positive else 3):
        return
    side = "right" if skewness > 0 else "left"
    level: Level = "warning" if abs(skewness) >= (50 if positive else 10) else "info"
    evidence = f"The skewness is {skewness:.3g}"
    message = f"A long tail to the {side}"
    yield build_alert("skewed", level, (column,), message, evidence, _bounded(abs(skewness) / 100))


def _counts(column: ColumnProfile) -> bool:
    """Whether the values count something: of nothing there is often nothing."""
    return column.type == "integer" and not column.negatives


def _infinite(column: ColumnProfile) -> Iterator[Alert]:
    if column.infinite:
        evidence = f"{column.infinite:,} of {column.count:,} values"
        share = column.infinite / max(column.count, 1)
        message = "Infinite values: a mean or a model cannot use them"
        yield build_alert("infinite", "warning", (column,), message, evidence, share)


def _outliers(column: ColumnProfile) -> Iterator[Alert]:
    present = column.count - column.missing
    fences = column.outliers
    if (
        fences is None
        or present < _MANY
        or join_keys.is_key(column)
        or (column.distinct or 0) <= 10
        or column.placeholders
        # Half of the values are the same: the fences say only which are others.
        or not fences.fence_low < fences.fence_high
        or column.zeros >= present / 2
    ):
        return
    share = (fences.low + fences.high) / present
    reach = _reach(column)
    if share < 0.02 and reach < 10:
        return
    evidence = f"{fences.low:,} below {fences.fence_low:.4g}, {fences.high:,} above {fences.fence_high:.4g}"
    if reach >= 10:
        evidence += f"; the farthest is {reach:.0f} interquartile ranges away"
    # A few far from all others are mistakes more often than many, which are the shape of the column.
    level: Level = "warning" if reach >= 10 and share < 0.02 else "info"
    message = (
        f"{percent(share)} are far from the others" if share >= 0.0005 else "A few are far away"
    )
    yield build_alert("outliers", level, (column,), message, evidence, share)


def _reach(column: ColumnProfile) -> float:
    """How many interquartile ranges the farthest value is from the quartiles."""
    fences = column.outliers
    if fences is None:
        return 0.0
    spread = (fences.fence_high - fences.fence_low) / 4
    if not spread > 0 or not math.isfinite(spread):
        return 0.0
    ends = [value for value in (column.minimum, column.maximum) if isinstance(value, int | float)]
    if len(ends) < 2:
        return 0.0
    below = fences.fence_low + 1.5 * spread - float(ends[0])
    above = float(ends[1]) - (fences.fence_high - 1.5 * spread)
    return max(below, above) / spread


def _imbalance(column: ColumnProfile) -> Iterator[Alert]:
    present = column.count - column.missing
    if present < _MANY or not column.top or not 2 <= (column.distinct or 0) <= 50:
        return
    if column.type not in (*_TEXTS, "boolean"):
        return
    share = column.top[0].count / present
    if share >= 0.95:
        evidence = f"{column.top[0].count:,} of {present:,} values ({percent(share)})"
        message = "One value outweighs all others"
        yield build_alert("imbalance", "warning", (column,), message, evidence, share)


def _mixed(column: ColumnProfile) -> Iterator[Alert]:
    if column.type == "mixed":
        message = "Values of different types"
        evidence = column.note or f"The source says {column.dtype}"
        yield build_alert("mixed_types", "serious", (column,), message, evidence, 1.0)
        return
    text = column.text
    if text is None or text.looks_like not in ("number", "date") or join_keys.is_key(column):
        return
    share = text.looks_like_share
    about = "About " if text.estimated and share < 1 else ""
    kind = "numbers" if text.looks_like == "number" else "dates"
    evidence = f"{about}{percent(share)} of the texts read as {kind}"
    if share >= 0.99:
        yield build_alert(
            "mixed_types", "info", (column,), f"Texts that are {kind}", evidence, share
        )
    else:
        message = f"{kind.capitalize()} and other texts, mixed"
        yield build_alert(
            "mixed_types", "warning", (column,), message, f"{evidence}, the rest do not", share
        )


def _blank(column: ColumnProfile) -> Iterator[Alert]:
    present = column.count - column.missing
    if column.text is None or not present:
        return
    share = column.text.blank / present
    if share >= 0.01:
        evidence = f"{column.text.blank:,} of {present:,} texts ({percent(share)})"
        level: Level = "warning" if share >= 0.2 else "info"
        message = "Texts that are empty or white space, and not missing"
        yield build_alert("blank", level, (column,), message, evidence, share)


def _placeholders(column: ColumnProfile) -> Iterator[Alert]:
    """Values that say that there is none, each of them by name."""
    tops = column.placeholders
    present = column.count - column.missing
    if not tops or not present:
        return
    rows = sum(top.count for top in tops)
    share = rows / present
    words = {str(top.value).strip().lower() for top in tops}
    # "None" is often a category of its own.
    level: Level = "info" if words <= {"none", "empty", "-1"} else "warning"
    shown = [
        f"{top.value!r} in {top.count:,}"
        if isinstance(top.value, str)
        else f"{top.value} in {top.count:,}"
        for top in tops[:_SHOWN]
    ]
    more = f" and {len(tops) - _SHOWN} more" if len(tops) > _SHOWN else ""
    evidence = f"{', '.join(shown)}{more}: {rows:,} of {present:,} values ({percent(share)})"
    message = "Values that likely stand for a missing one"
    yield build_alert("placeholder", level, (column,), message, evidence, share)


def _spelt(column: ColumnProfile) -> Iterator[Alert]:
    """Values that are written in several ways, so that what belongs together is counted apart."""
    groups = column.spellings
    present = column.count - column.missing
    if not groups or not present:
        return
    rows = sum(top.count for group in groups for top in group.variants)
    examples = [
        ", ".join(repr(text) for text in (group.value, *(top.value for top in group.variants[:2])))
        for group in groups[:2]
    ]
    count = f"{len(groups):,} value{'s' if len(groups) > 1 else ''} or more"
    count = count if len(groups) == MOST_SPELLINGS else count.removesuffix(" or more")
    evidence = f"{count} in {rows:,} rows ({percent(rows / present)}): {'; '.join(examples)}"
    level: Level = "warning" if (column.distinct or 0) <= _CATEGORIES else "info"
    message = "One value written in several ways"
    yield build_alert("spelling", level, (column,), message, evidence, rows / present)


def _unread(column: ColumnProfile) -> Iterator[Alert]:
    if column.unread:
        message = "The column could not be read: nothing is known of its values"
        yield build_alert("unread", "serious", (column,), message, column.note, 1.0)


def _personal(column: ColumnProfile) -> Iterator[Alert]:
    finding = pii.judge(column)
    if finding is not None:
        message = f"Likely {finding.kind.words}"
        evidence = finding.evidence
        yield build_alert(
            "personal_data", finding.level, (column,), message, evidence, finding.share
        )


_RULES: tuple[Callable[[ColumnProfile], Iterator[Alert]], ...] = (
    _missing,
    _constant,
    _cardinality,
    _shape,
    _infinite,
    _outliers,
    _imbalance,
    _mixed,
    _blank,
    _placeholders,
    _spelt,
    _personal,
    _unread,
    join_keys.find,
)


def _of_table(overview: Overview, columns: Sequence[ColumnProfile]) -> Iterator[Alert]:
    doubled = overview.duplicates
    rows = overview.sampling.rows if overview.sampling else overview.rows
    if doubled is None or not rows or doubled.rows <= 2 * doubled.error * rows:
        return
    share = doubled.rows / rows
    level: Level = "serious" if share > 0.1 else "warning" if share > 0.01 else "info"
    evidence = f"{doubled.rows:,} of {rows:,} rows ({percent(share)}) repeat an earlier one"
    message = "Rows are there more than once"
    if all((column.distinct or 0) < rows * _OWN_VALUES for column in columns):
        level = "info"
        evidence += "; no column tells rows apart, so that different things may have equal rows"
    yield build_alert("duplicates", level, (), message, evidence, share)


def _correlated(overview: Overview, columns: Sequence[ColumnProfile]) -> Iterator[Alert]:
    """One alert for each group of columns of which one tells what all others do."""
    named = {column.index: column for column in columns}
    strong: dict[tuple[int, int], Association] = {}
    for item in overview.associations:
        pair = (min(item.a, item.b), max(item.a, item.b))
        if (
            abs(item.value) >= _SAME
            # A class may tell a number, and the number not the class.
            and item.measure != "correlation_ratio"
            and item.rows >= _MANY
            and overview.target not in pair
            and leakage.is_meant(item, named)
            and abs(item.value) > abs(strong[pair].value if pair in strong else 0)
        ):
            strong[pair] = item
    groups = alert_groups.stars(strong)
    links = [
        [strong[min(first, other), max(first, other)] for other in rest] for first, *rest in groups
    ]
    whole = sum(map(len, groups))
    for (first, *rest), own in zip(groups, links, strict=True):
        weakest = min(own, key=lambda item: abs(item.value))
        least = abs(weakest.value)
        level: Level = "warning" if least >= 0.99 else "info"
        group = [named[first], *(named[index] for index in rest)]
        evidence = f"{MEASURES[weakest.measure]} {weakest.value:.3f} over {weakest.rows:,} rows"
        message = "Two columns that tell almost the same"
        if rest[1:]:
            message = f"{len(group)} columns that tell almost the same"
            evidence = f"{evidence} or closer, each with {shorten(named[first].name)[:60]}"
        if groups[1:]:
            evidence = f"{evidence}; in all {whole} columns in {len(groups)} groups"
        yield build_alert("correlated", level, group, message, evidence, least)


def _bounded(value: float) -> float:
    return min(1.0, value)
