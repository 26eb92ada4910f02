"""What a check means, in words and in the types that it lets through."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from orrery_engine.schemas import Check, ColumnType, Value

TOLERANCE = 1e-9
"""A share this little above what is allowed is a rounding error."""

ACCEPTED: Mapping[ColumnType, frozenset[ColumnType]] = {
    "boolean": frozenset({"boolean"}),
    "integer": frozenset({"integer"}),
    "float": frozenset({"float", "integer", "decimal"}),
    "decimal": frozenset({"decimal", "integer", "float"}),
    "text": frozenset({"text", "category"}),
    "category": frozenset({"category", "text"}),
    "datetime": frozenset({"datetime", "date"}),
    "date": frozenset({"date", "datetime"}),
    "time": frozenset({"time"}),
    "duration": frozenset({"duration"}),
    "binary": frozenset({"binary"}),
    "nested": frozenset({"nested"}),
    "null": frozenset({"null"}),
    "mixed": frozenset({"mixed"}),
}
"""The types that keep the promise of a type; so do whole floats that of an integer, and a column without any value."""

_END = re.compile(r"(?<!\\)(?:\\\\)*\$\Z")


def python_pattern(pattern: str) -> str:
    """The expression for Python, whose ``$`` would let one more newline through than the others' do."""
    return pattern[:-1] + r"\Z" if _END.search(pattern) else pattern


def within(broken: int, rows: int, allowed: float) -> bool:
    """Whether so many breaches are allowed."""
    return broken <= allowed * rows + TOLERANCE * max(rows, 1)


def describe(check: Check) -> str:
    """The promise in words."""
    text = _SAYINGS[check.code](check)
    subject = "" if check.column is None else f"{_short(check.column)} "
    rest = f" (except {check.allowed:.3g} of them)" if check.allowed else ""
    return f"{subject}{text}{rest}"


def _between(check: Check) -> str:
    if check.minimum is None:
        return f"is at most {_short(check.maximum)}"
    if check.maximum is None:
        return f"is at least {_short(check.minimum)}"
    return f"lies between {_short(check.minimum)} and {_short(check.maximum)}"


def _limits(check: Check) -> str:
    low = "any" if check.minimum is None else _short(check.minimum)
    high = "any" if check.maximum is None else _short(check.maximum)
    return f"{low} to {high}"


def _short(value: Value) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


_SAYINGS: dict[str, Callable[[Check], str]] = {
    "column_exists": lambda check: "is there",
    "type": lambda check: f"is of type {check.type}",
    "not_null": lambda check: "is not missing",
    "unique": lambda check: "is unique",
    "between": _between,
    "in_set": lambda check: f"is one of {len(check.values)} known values",
    "matches": lambda check: f"matches {_short(check.pattern)}",
    "length_between": lambda check: f"has {_limits(check)} characters",
    "row_count_between": lambda check: f"There are {_limits(check)} rows",
    "no_duplicates": lambda check: "No row repeats another",
}
