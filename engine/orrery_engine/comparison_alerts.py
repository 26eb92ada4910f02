"""What a person should know of a comparison: each alert with its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orrery_engine.alert_builder import ORDER, percent
from orrery_engine.codegen.quick_fixes import fix_labels
from orrery_engine.drift import FRESH, NEW_VALUES
from orrery_engine.labels import MEASURES
from orrery_engine.schemas import Alert, AlertCode, ColumnProfile, Comparison, Drift, Level
from orrery_engine.stats import leakage

# Of fewer rows a few more or less say nothing.
_ROWS = 10
# Shares of the earlier rows: below the first a table lost most of its rows, below the second nearly all.
_LEFT, _EMPTIED, _GROWN = 0.5, 0.1, 10


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
    result += _row_count(comparison, splits=splits)
    result += leakage.shared(comparison, columns, splits=splits)
    result.sort(key=lambda item: (ORDER[item.level], -(item.value or 0), item.id))
    return tuple(result)


def _row_count(comparison: Comparison, *, splits: bool) -> Iterator[Alert]:
    """A table that lost all of its rows, or most; parts that train and test a model differ in size anyway."""
    before, after = comparison.rows_before, comparison.rows_after
    if not before or after is None or (after and (before < _ROWS or splits)):
        return
    share = after / before
    if share >= _LEFT and not (share > _GROWN):
        return
    level: Level = "serious" if share < _EMPTIED else "warning" if share < _LEFT else "info"
    message = (
        "The table has no rows any more"
        if not after
        else f"Only {percent(share)} of the rows are left"
        if share < 1
        else f"There are {share:,.0f} times as many rows"
    )
    yield Alert(
        id="row_count:table",
        code="row_count",
        level=level,
        columns=(),
        names=(),
        message=message,
        evidence=f"{before:,} rows before, {after:,} after",
        value=min(1.0, abs(1 - share)),
    )


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
    elif drift.change == "unread":
        yield Alert(
            id=f"unread:{number}",
            code="unread",
            level=drift.level,
            columns=(number,) if column is not None else (),
            names=(drift.name,),
            message="The column could not be compared: whether it changed is not known",
            evidence=drift.note,
        )
    elif drift.change == "drifted":
        code: AlertCode = "train_test_skew" if splits else "drift"
        yield Alert(
            id=f"{code}:{number}",
            code=code,
            level=drift.level,
            columns=(number,),
            names=(drift.name,),
            message=_headline(drift, splits=splits),
            evidence=_moved(drift),
            value=min(1.0, drift.value or 0),
            fixes=fix_labels(code, column.type if column else None),
        )


def _headline(drift: Drift, *, splits: bool) -> str:
    if drift.fresh and drift.note == NEW_VALUES:
        return "Values that the reference does not have"
    return "Train and test are not alike" if splits else "Its distribution has changed"


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
