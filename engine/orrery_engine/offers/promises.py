"""What each quick fix promises of the table that it leaves, so that one that does something else is not offered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from orrery_engine import date_forms, number_forms
from orrery_engine.codegen.base import placeholder_literals, spelling_map
from orrery_engine.codegen.quick_fixes import FIX_LABELS, Fix
from orrery_engine.offers.proof import Table
from orrery_engine.schemas import ColumnProfile
from orrery_wire.errors import Invalid

_CLOSE = 1e-9


def require(fix: Fix, columns: Sequence[ColumnProfile], before: Table, after: Table) -> None:
    """Refuse a quick fix that does not do what its label says.

    Raises:
        Invalid: with what it does instead.
    """
    problem = _problem(fix, columns, before, after)
    if problem:
        raise Invalid(
            f"{FIX_LABELS[fix]}: that does not work on this column",
            reason=f"It was run on values of the profile: {problem}",
            remedy="Choose another quick fix, or another dialect.",
        )


def _problem(fix: Fix, columns: Sequence[ColumnProfile], before: Table, after: Table) -> str:
    if fix in ("drop_column", "drop_columns"):
        left = len(before.names) - len(columns)
        return "" if len(after.names) == left else "other columns are left."
    if len(after.names) != len(before.names):
        return "other columns came or went."
    if not columns or fix in _ROWS:
        return ""
    column = columns[0]
    if after.rows != before.rows:
        return "rows came or went."
    old, new = before.columns[column.index], after.columns[column.index]
    others = (place for place in range(len(before.names)) if place != column.index)
    if any(_missing(before.columns[item]) != _missing(after.columns[item]) for item in others):
        return "values of other columns became missing."
    return _values_problem(fix, column, old, new)


def _values_problem(fix: Fix, column: ColumnProfile, old: pl.Series, new: pl.Series) -> str:
    if fix == "to_number" and column.text is not None and column.text.number is not None:
        form = column.text.number
        texts = old.cast(pl.String).to_list()
        numbers = [None if text is None else number_forms.parse(text, form) for text in texts]
        values = new.cast(pl.Float64).fill_nan(None).to_list()
        is_same = all(map(_is_close, numbers, values))
        return "" if is_same else "it gives other numbers than the texts say."
    if fix == "to_time" and column.text is not None:
        date_form = column.text.date_form
        texts = old.cast(pl.String).to_list()
        lost = sum(text is None or not date_forms.is_date(text, date_form) for text in texts)
        return "" if _missing(new) <= lost else "dates become missing."
    if old.dtype.is_numeric() and _changed(fix, old, new):
        return "it changes values that are there."
    if fix == "placeholders_to_missing":
        lost = _missing(old) + int(_stand_for_none(column, old).sum())
        return "" if _missing(new) == lost else "it leaves some of them, or takes others."
    if fix == "unify_spelling":
        is_unified = not new.cast(pl.String).is_in(list(spelling_map(column))).any()
        return "" if is_unified and _missing(new) == _missing(old) else "some spellings are left."
    expected = _MISSING.get(fix, lambda series: None)(old)
    if expected is not None and _missing(new) != expected:
        return f"{_missing(new):,} values are missing afterwards; it should be {expected:,}."
    if fix in _NEVER_EMPTY and _missing(new) == len(new) > _missing(old):
        return "every value becomes missing."
    return ""


def _changed(fix: Fix, old: pl.Series, new: pl.Series) -> bool:
    """Whether numbers that should stay are other ones; clipped ones are the least and the greatest."""
    if fix not in _PRESERVING:
        return False
    pairs = zip(old.to_list(), new.to_list(), strict=True)
    changed = [other for own, other in pairs if not (own is None or _is_equal(own, other))]
    ends = (new.min(), new.max()) if fix == "clip_outliers" else ()
    return any(other not in ends for other in changed)


def _is_equal(own: Any, other: Any) -> bool:
    """Whether two numbers are the same to the last digit; a decimal may be the float that is written like it."""
    if other is None or own == other or own != own:
        return True
    return isinstance(own, Decimal) and isinstance(other, float) and Decimal(repr(other)) == own


def _stand_for_none(column: ColumnProfile, series: pl.Series) -> pl.Series:
    """Where a value stands for a missing one."""
    literals = [str(value) for value in placeholder_literals(column)]
    if series.dtype.is_temporal():
        return series.dt.to_string("%Y-%m-%d").is_in(literals)
    if series.dtype.is_numeric():
        return series.cast(pl.Float64).is_in([float(text) for text in literals])
    return series.cast(pl.String).is_in(literals)


def _is_close(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return abs(left - right) <= _CLOSE * max(1.0, abs(left))


def _missing(series: pl.Series) -> int:
    return (series.fill_nan(None) if series.dtype.is_float() else series).null_count()


def _blank(series: pl.Series) -> int:
    return _missing(series) + int((series.cast(pl.String).str.strip_chars() == "").sum())


def _zeros(series: pl.Series) -> int:
    return _missing(series) + int((series == 0).sum())


def _infinite(series: pl.Series) -> int:
    return _missing(series) + int(series.is_infinite().sum())


def _none(series: pl.Series) -> int:
    return 0 if _missing(series) < len(series) else len(series)


# Rows are what they change.
_ROWS: frozenset[Fix] = frozenset(
    {"drop_duplicates", "drop_rows_missing", "drop_shared", "keep_first", "weights"}
)
# Values that are there stay, or become missing.
_PRESERVING: tuple[Fix, ...] = (
    "clip_outliers",
    "fill_median",
    "fill_most_frequent",
    "infinite_to_missing",
    "placeholders_to_missing",
    "zero_to_missing",
)
_NEVER_EMPTY: frozenset[Fix] = frozenset({"to_number"})
_MISSING: Mapping[Fix, Callable[[pl.Series], int]] = {
    "blank_to_missing": _blank,
    "clip_outliers": _missing,
    "fill_median": _none,
    "fill_most_frequent": _none,
    "group_rare": _missing,
    "hash_values": _missing,
    "infinite_to_missing": _infinite,
    "strip": _missing,
    "to_text": _missing,
    "zero_to_missing": _zeros,
}
