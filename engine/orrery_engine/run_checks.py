"""Whether a table keeps the promises of a suite: each check with how many rows break it, and some of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from orrery_engine import plain_words, pushdown_checks
from orrery_engine.checks.check_types import ACCEPTED, describe, python_pattern, within
from orrery_engine.quoting import is_number, is_time, native
from orrery_engine.readers.base import TROUBLES, Table
from orrery_engine.schemas import Check, CheckResult, CheckResults, ColumnType, Suite, Value
from orrery_engine.stats.values import values

_EXAMPLES = 5
_TEXTS: frozenset[ColumnType] = frozenset({"text", "category", "mixed"})

Progress = Callable[[float], None]


class _NotApplicable(ValueError):  # noqa: N818 - it is said in the result, it is no error
    """The check cannot be asked of the column as it is."""


@dataclass(frozen=True)
class _Column:
    """A column, looked at once for all of its checks."""

    type: ColumnType
    rows: int
    # Values that are there; not-a-number is none.
    present: pl.Series

    @property
    def missing(self) -> int:
        return self.rows - len(self.present)


@dataclass(frozen=True)
class _Outcome:
    """How many of how many, and some of them."""

    broken: int
    rows: int
    examples: tuple[Value, ...] = ()


def check(table: Table, suite: Suite, progress: Progress = lambda share: None) -> CheckResults:
    """Every check of the suite on the table. A database answers itself; no rows leave it."""
    evaluator = _Evaluator(table)
    results = []
    for place, check in enumerate(suite.checks):
        results.append(_result(evaluator, check))
        progress((place + 1) / len(suite.checks))
    return CheckResults(name=suite.name, rows=evaluator.rows, results=tuple(results))


def _result(evaluator: _Evaluator, check: Check) -> CheckResult:
    try:
        result = evaluator.evaluate(check)
    except _NotApplicable as problem:
        return CheckResult(check=check, passed=False, message=str(problem))
    except TROUBLES as problem:
        message = f"It could not be checked: {plain_words.words(problem)}"
        return CheckResult(check=check, passed=False, message=message)
    passed = within(result.broken, result.rows, check.allowed)
    return CheckResult(
        check=check,
        passed=passed,
        broken=result.broken,
        rows=result.rows,
        examples=result.examples,
        message=_message(check, result, passed=passed),
    )


def _message(check: Check, outcome: _Outcome, *, passed: bool) -> str:
    if check.code == "row_count_between":
        return f"{outcome.rows:,} rows"
    if not outcome.broken:
        return f"{describe(check)}: all {outcome.rows:,}"
    share = outcome.broken / max(outcome.rows, 1)
    verdict = "within what is allowed" if passed else "too many"
    return f"{outcome.broken:,} of {outcome.rows:,} ({share:.2%}) do not: {verdict}"


class _Evaluator:
    """The table, and the column that was looked at last."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._places = {name: place for place, name in reversed(list(enumerate(table.names)))}
        self._last: tuple[int, _Column] | None = None

    @property
    def rows(self) -> int | None:
        """Rows that are looked at."""
        sampling = self._table.sampling
        return sampling.rows if sampling is not None else self._table.rows

    def evaluate(self, check: Check) -> _Outcome:
        """What becomes of a check."""
        if check.code == "row_count_between":
            return self._row_count(check)
        if check.code == "no_duplicates":
            return self._duplicates(check)
        place = self._place(check.column)
        if check.code == "column_exists":
            return _Outcome(0, self.rows or 0)
        answered = pushdown_checks.evaluate(self._table, check)
        if answered is not None:
            return _Outcome(*answered)
        return _EVALUATORS[check.code](self._column(place), check)

    def _place(self, name: str | None) -> int:
        if name is None or name not in self._places:
            raise _NotApplicable("There is no such column")
        return self._places[name]

    def _column(self, place: int) -> _Column:
        if self._last is None or self._last[0] != place:
            series = self._table.column(place)
            present = series.drop_nulls()
            if present.dtype.is_float():
                present = present.drop_nans()
            kind = self._table.types[place]
            if isinstance(present.dtype, pl.Categorical | pl.Enum) or kind == "mixed":
                present = present.cast(pl.String)
            self._last = (place, _Column(kind, len(series), present))
        return self._last[1]

    def _row_count(self, check: Check) -> _Outcome:
        rows = self._table.rows
        if rows is None:
            rows = len(self._table.column(0)) if self._table.names else 0
        low, high = _whole(check.minimum), _whole(check.maximum)
        fits = (low is None or rows >= low) and (high is None or rows <= high)
        return _Outcome(0 if fits else max(rows, 1), rows)

    def _duplicates(self, check: Check) -> _Outcome:
        names = [str(value) for value in check.values]
        places = [self._place(name) for name in names] or list(range(len(self._table.names)))
        answered = pushdown_checks.evaluate(self._table, check)
        if answered is not None:
            return _Outcome(*answered)
        frame = self._table.frame(places)
        if not places or not frame.height:
            return _Outcome(0, frame.height)
        frame = frame.with_columns(pl.selectors.float().fill_nan(None))
        return _Outcome(frame.height - frame.n_unique(), frame.height)


def _whole(limit: Value) -> int | float | None:
    limit = native(limit, "float")
    if limit is None or isinstance(limit, int | float):
        return limit
    raise _NotApplicable(f"{limit!r} is no number")


def _of(column: _Column, broken: pl.Series) -> _Outcome:
    """How many values are broken, and the first different ones."""
    count = int(broken.sum() or 0)
    examples: tuple[Value, ...] = ()
    if count:
        subset = column.present.filter(broken).head(1_000)
        examples = tuple(dict.fromkeys(values(subset)))[:_EXAMPLES]
    return _Outcome(count, len(column.present), examples)


def _type(column: _Column, check: Check) -> _Outcome:
    rows = len(column.present)
    expected = check.type or "null"
    fits = column.type in ACCEPTED[expected] or not rows or column.type == "null"
    if not fits and expected == "integer" and column.type in ("float", "decimal"):
        floats = column.present.cast(pl.Float64)
        return _of(column, ~(floats.is_finite() & (floats.floor() == floats)))
    if fits:
        return _Outcome(0, rows)
    return _Outcome(rows, rows, tuple(dict.fromkeys(values(column.present.head(_EXAMPLES)))))


def _not_null(column: _Column, check: Check) -> _Outcome:
    return _Outcome(column.missing, column.rows)


def _unique(column: _Column, check: Check) -> _Outcome:
    return _of(column, column.present.is_duplicated())


def _between(column: _Column, check: Check) -> _Outcome:
    present, least, most = _comparable(column, check)
    broken = pl.repeat(False, len(present), dtype=pl.Boolean, eager=True)
    if least is not None:
        broken |= present < least
    if most is not None:
        broken |= present > most
    return _of(column, broken)


def _comparable(column: _Column, check: Check) -> tuple[pl.Series, Any, Any]:
    """Values and limits that can be compared."""
    limits = (check.minimum, check.maximum)
    if is_number(column.type):
        return column.present, _number(limits[0], column.type), _number(limits[1], column.type)
    if is_time(column.type):
        return _moments(column.present), _moment(limits[0]), _moment(limits[1])
    if column.type in _TEXTS and all(isinstance(limit, str | None) for limit in limits):
        if is_number(check.type) or is_time(check.type):
            raise _NotApplicable(f"The column holds texts, not values of type {check.type}")
        return column.present, limits[0], limits[1]
    raise _NotApplicable(f"Values of type {column.type} have no such order")


def _number(limit: Value, kind: ColumnType) -> int | float | Decimal | None:
    if limit is None or isinstance(limit, int | float):
        return Decimal(str(limit)) if kind == "decimal" and limit is not None else limit
    try:
        exact = Decimal(limit)
    except InvalidOperation:
        raise _NotApplicable(f"{limit!r} is no number") from None
    if kind == "decimal":
        return exact
    return int(exact) if kind == "integer" and exact == exact.to_integral_value() else float(exact)


def _moments(series: pl.Series) -> pl.Series:
    """Points in time without a zone, those of a zone in UTC."""
    if series.dtype == pl.Date:
        return series.cast(pl.Datetime("us"))
    zone = getattr(series.dtype, "time_zone", None)
    return series.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if zone else series


def _moment(limit: Value) -> datetime | None:
    if limit is None:
        return None
    try:
        moment = datetime.fromisoformat(str(limit))
    except ValueError:
        raise _NotApplicable(f"{limit!r} is no point in time") from None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _in_set(column: _Column, check: Check) -> _Outcome:
    known = [native(value, column.type) for value in check.values if value is not None]
    try:
        expected = pl.Series(known, dtype=column.present.dtype, strict=True)
    except (TypeError, *TROUBLES):
        texts = column.present.cast(pl.String)
        return _of(column, ~texts.is_in([str(value) for value in known]))
    return _of(column, ~column.present.is_in(expected.implode()))


def _texts(column: _Column) -> pl.Series:
    if column.type not in _TEXTS:
        raise _NotApplicable(f"The column holds values of type {column.type}, not texts")
    return column.present


def _matches(column: _Column, check: Check) -> _Outcome:
    texts = _texts(column)
    try:
        return _of(column, ~texts.str.contains(check.pattern))
    except pl.exceptions.ComputeError:
        # Only Python's own expressions look around.
        import re

        pattern = re.compile(python_pattern(check.pattern))
        result = [pattern.search(text) is None for text in texts.to_list()]
        return _of(column, pl.Series(result, dtype=pl.Boolean))


def _length(column: _Column, check: Check) -> _Outcome:
    lengths = _texts(column).str.len_chars().cast(pl.Int64)
    least, most = _whole(check.minimum), _whole(check.maximum)
    broken = pl.repeat(False, len(lengths), dtype=pl.Boolean, eager=True)
    if least is not None:
        broken |= lengths < least
    if most is not None:
        broken |= lengths > most
    return _of(column, broken)


_EVALUATORS: dict[str, Callable[[_Column, Check], _Outcome]] = {
    "type": _type,
    "not_null": _not_null,
    "unique": _unique,
    "between": _between,
    "in_set": _in_set,
    "matches": _matches,
    "length_between": _length,
}
