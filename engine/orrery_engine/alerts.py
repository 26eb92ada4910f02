"""What a person should know before using the data: each alert with its evidence, and its quick fixes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from orrery_engine.alert_builder import build_alert, percent
from orrery_engine.codegen.quick_fixes import fix_labels
from orrery_engine.drift import FRESH
from orrery_engine.labels import MEASURES
from orrery_engine.schemas import (
    Alert,
    AlertCode,
    ColumnProfile,
    Comparison,
    Drift,
    Level,
    Options,
    Overview,
)
from orrery_engine.stats import join_keys, leakage, pii

_NUMBERS = ("integer", "float", "decimal")
_TEXTS = ("text", "category")
_MANY = 30  # fewer rows say nothing of a distribution
_PAIRS = 100
_ORDER: dict[Level, int] = {"serious": 0, "warning": 1, "info": 2}


def find(
    overview: Overview, columns: Sequence[ColumnProfile], options: Options
) -> tuple[Alert, ...]:
    """Every alert of a profile, the serious ones first. A table that is as it should be has none."""
    if overview.rows == 0 or not (columns or overview.columns):
        what = "rows" if overview.columns else "columns"
        return (build_alert("empty", "serious", (), f"The table has no {what}", f"0 {what}"),)
    result = [alert for column in columns for rule in _RULES for alert in rule(column)]
    result += _of_table(overview)
    result += leakage.find(overview, columns)
    result += _correlated(overview, columns)
    result.sort(key=lambda alert: (_ORDER[alert.level], -(alert.value or 0), alert.id))
    return tuple({item.id: item for item in result}.values())


def compare(
    comparison: Comparison,
    columns: Sequence[ColumnProfile],
    sides: tuple[str, str] = ("", ""),
) -> tuple[Alert, ...]:
    """What a comparison should make a person wary of.

    Args:
        comparison: what was found.
        columns: those of the newer side.
        sides: what the reference and the newer side are called; "train" and "test" say what they are for.
    """
    named = {column.name: column for column in reversed(columns)}
    splits = leakage.is_split(sides)
    result = [
        alert
        for place, drift in enumerate(comparison.drifts)
        for alert in _changed(drift, named.get(drift.name), place, splits=splits)
    ]
    result += leakage.shared(comparison, columns, splits=splits)
    result.sort(key=lambda item: (_ORDER[item.level], -(item.value or 0), item.id))
    return tuple(result)


def _missing(column: ColumnProfile) -> Iterator[Alert]:
    if not column.count:
        return
    share = column.missing / column.count
    evidence = f"{column.missing:,} of {column.count:,} rows ({percent(share)})"
    if column.missing == column.count:
        yield build_alert(
            "all_missing", "serious", (column,), "Nothing but missing values", evidence, share
        )
    elif share >= 0.01:
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
    present = column.count - column.missing
    distinct = column.distinct
    if distinct is None or present < _MANY or column.type not in (*_TEXTS, "integer"):
        return
    share = min(1.0, distinct / present)
    if distinct == present and not column.distinct_error:
        if join_keys.is_key(column) or (column.type in _TEXTS and not _is_prose(column)):
            message = "Every value is there once: it names rows and says nothing of them"
            yield build_alert(
                "unique", "info", (column,), message, f"{distinct:,} different values", 1.0
            )
    elif column.type in _TEXTS and distinct > 50 and share > 0.5 and not _is_prose(column):
        evidence = f"{distinct:,} different values in {present:,} rows ({percent(share)})"
        message = "So many different values that few are alike"
        yield build_alert("high_cardinality", "info", (column,), message, evidence, share)


def _is_prose(column: ColumnProfile) -> bool:
    return column.text is not None and column.text.mean_words >= 3


def _shape(column: ColumnProfile) -> Iterator[Alert]:
    present = column.count - column.missing
    if column.type not in _NUMBERS or present < _MANY or join_keys.is_key(column):
        return
    skewness = column.skewness
    # A few different values have a shape, but no tail.
    if skewness is not None and abs(skewness) >= 3 and (column.distinct or 0) > 10:
        side = "right" if skewness > 0 else "left"
        level: Level = "warning" if abs(skewness) >= 10 else "info"
        evidence = f"The skewness is {skewness:.3g}"
        message = f"A long tail to the {side}"
        yield build_alert(
            "skewed", level, (column,), message, evidence, _bounded(abs(skewness) / 100)
        )
    zero = column.zeros / present
    if zero >= 0.25 and (column.distinct or 0) > 2:
        level = "warning" if zero >= 0.75 else "info"
        evidence = f"{column.zeros:,} of {present:,} values ({percent(zero)})"
        yield build_alert("zeros", level, (column,), f"{percent(zero)} are zero", evidence, zero)


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
    ):
        return
    share = (fences.low + fences.high) / present
    reach = _reach(column)
    if share < 0.02 and reach < 10:
        return
    evidence = f"{fences.low:,} below {fences.fence_low:.4g}, {fences.high:,} above {fences.fence_high:.4g}"
    if reach >= 10:
        evidence += f"; the farthest is {reach:.0f} interquartile ranges away"
    # In a short table chance alone puts a tenth beyond the fences now and then.
    many = share >= 0.1 + 1 / math.sqrt(present)
    level: Level = "warning" if many or (reach >= 10 and share < 0.02) else "info"
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
    kind = "numbers" if text.looks_like == "number" else "dates"
    if share >= 0.99:
        evidence = f"{percent(share)} of the texts read as {kind}"
        yield build_alert(
            "mixed_types", "info", (column,), f"Texts that are {kind}", evidence, share
        )
    elif share >= 0.6:
        evidence = f"{percent(share)} of the texts read as {kind}, the rest do not"
        message = f"{kind.capitalize()} and other texts, mixed"
        yield build_alert("mixed_types", "warning", (column,), message, evidence, share)


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


def _personal(column: ColumnProfile) -> Iterator[Alert]:
    finding = pii.judge(column)
    if finding is not None:
        message = f"Likely {finding.kind.words}"
        evidence = finding.evidence
        yield build_alert(
            "personal_data", finding.kind.level, (column,), message, evidence, finding.share
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
    _personal,
    join_keys.find,
)


def _of_table(overview: Overview) -> Iterator[Alert]:
    doubled = overview.duplicates
    rows = overview.sampling.rows if overview.sampling else overview.rows
    if doubled is None or not rows or doubled.rows <= 2 * doubled.error * rows:
        return
    share = doubled.rows / rows
    level: Level = "serious" if share > 0.1 else "warning" if share > 0.01 else "info"
    evidence = f"{doubled.rows:,} of {rows:,} rows ({percent(share)}) repeat an earlier one"
    yield build_alert("duplicates", level, (), "Rows are there more than once", evidence, share)


def _correlated(overview: Overview, columns: Sequence[ColumnProfile]) -> Iterator[Alert]:
    named = {column.index: column for column in columns}
    strong = [
        association
        for association in overview.associations
        if abs(association.value) >= 0.9
        and association.rows >= _MANY
        and overview.target not in (association.a, association.b)
        and leakage.is_meant(association, named)
    ]
    for item in sorted(strong, key=lambda item: -abs(item.value))[:_PAIRS]:
        pair = (named[item.a], named[item.b])
        level: Level = "warning" if abs(item.value) >= 0.99 else "info"
        evidence = f"{MEASURES[item.measure]} {item.value:.3f} over {item.rows:,} rows"
        message = "Two columns that tell almost the same"
        yield build_alert("correlated", level, pair, message, evidence, abs(item.value))


def _changed(
    drift: Drift, column: ColumnProfile | None, place: int, *, splits: bool
) -> Iterator[Alert]:
    number = column.index if column is not None else place
    if drift.change in ("added", "removed", "type"):
        evidence = {
            "added": "It was not there before",
            "removed": "It is no longer there",
            "type": f"It was {drift.type_before} and is {drift.type_after}",
        }[drift.change]
        name = f"{drift.change}-{number}" if drift.change == "removed" else str(number)
        yield Alert(
            id=f"schema_change:{name}",
            code="schema_change",
            level=drift.level,
            columns=() if drift.change == "removed" else (number,),
            names=(drift.name,),
            message=f"Column {drift.change}" if drift.change != "type" else "Another type",
            evidence=evidence,
        )
    elif drift.change == "drifted":
        code: AlertCode = "train_test_skew" if splits else "drift"
        yield Alert(
            id=f"{code}:{number}",
            code=code,
            level=drift.level,
            columns=(number,),
            names=(drift.name,),
            message="Train and test are not alike" if splits else "Its distribution has changed",
            evidence=_moved(drift),
            value=_bounded(drift.value or 0),
            fixes=fix_labels(code, column.type if column else None),
        )


def _moved(drift: Drift) -> str:
    parts = []
    if drift.value is not None and drift.measure != "none":
        parts.append(f"{MEASURES[drift.measure]} {drift.value:.3f}")
    if drift.mean_before is not None and drift.mean_after is not None:
        parts.append(f"mean {drift.mean_before:.4g} before, {drift.mean_after:.4g} after")
    before, after = drift.missing_before, drift.missing_after
    if before is not None and after is not None and abs(after - before) >= 0.01:
        parts.append(f"missing {percent(before)} before, {percent(after)} after")
    if drift.fresh:
        more = " and perhaps more" if len(drift.fresh) == FRESH else ""
        parts.append(f"new: {', '.join(drift.fresh)}{more}")
    return "; ".join(parts) or drift.note


def _bounded(value: float) -> float:
    return min(1.0, value)
