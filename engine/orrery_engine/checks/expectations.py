"""A suite as an Expectation Suite of Great Expectations 1.x."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from orrery_engine.checks.check_types import describe, python_pattern
from orrery_engine.quoting import is_time, native
from orrery_engine.schemas import Check, ColumnType, Suite, Value

_WHOLE = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
_WHOLE += [f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)]
_WHOLE += ["INTEGER", "BIGINT", "SMALLINT", "TINYINT", "INT"]
_REAL = ["float16", "float32", "float64", "Float32", "Float64", "FLOAT", "DOUBLE", "REAL"]
_EXACT = ["Decimal", "DECIMAL", "NUMERIC"]
_TEXT = ["str", "string", "VARCHAR", "TEXT", "CHAR"]
_TIME = ["datetime64", *(f"datetime64[{unit}]" for unit in ("s", "ms", "us", "ns"))]
_TIME += ["Timestamp", "datetime", "date"]
_TIME += ["TIMESTAMP", "DATETIME", "DATE", "TIMESTAMP WITH TIME ZONE"]

_TYPES: dict[ColumnType, list[str]] = {
    "boolean": ["bool", "bool_", "boolean", "BOOLEAN"],
    "integer": _WHOLE,
    "float": [*_REAL, *_WHOLE, *_EXACT],
    "decimal": [*_EXACT, *_REAL, *_WHOLE],
    "text": _TEXT,
    "category": _TEXT,
    "datetime": _TIME,
    "date": _TIME,
    "time": ["time", "TIME"],
    "duration": [
        *(f"timedelta64[{unit}]" for unit in ("s", "ms", "us", "ns")),
        "Timedelta",
        "timedelta",
        "INTERVAL",
    ],
    "binary": ["bytes", "BLOB", "BYTEA", "BINARY", "VARBINARY"],
    "nested": ["list", "dict", "tuple", "ndarray"],
    "null": [],
    "mixed": [],
}

_ZONE = re.compile(r"T.*([+-]\d\d:?\d\d|Z)\Z")

Expectation = dict[str, Any]


def document(suite: Suite) -> str:
    """JSON that ``gx.ExpectationSuite(**json.load(file))`` reads."""
    filled = {
        check.column for check in suite.checks if check.code == "not_null" and not check.allowed
    }
    zoned = {check.column for check in suite.checks if _has_zone(check)}
    result: list[Expectation] = []
    for check in suite.checks:
        if check.code == "type" and check.column in zoned:
            # It knows no type for times with a zone.
            check = check.model_copy(update={"code": "column_exists"})
        expectation = _expectation(check, filled=check.column in filled)
        if expectation is not None:
            notes = [text for text in (describe(check), check.why) if text]
            result.append(expectation | {"meta": {"notes": notes}})
    document = {
        "name": suite.name,
        "expectations": result,
        "meta": {"notes": ["Written by Orrery."]},
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _expectation(check: Check, *, filled: bool) -> Expectation | None:
    if check.code == "type":
        return _type(check, filled=filled)
    if check.code == "row_count_between":
        return _make_expectation(
            "expect_table_row_count_to_be_between", None, **_whole_limits(check)
        )
    if check.code == "no_duplicates":
        return _distinct_rows(check)
    kind, kwargs = _KINDS[check.code](check)
    if check.allowed:
        kwargs["mostly"] = round(1 - check.allowed, 12)
    return _make_expectation(kind, check.column, **kwargs)


def _has_zone(check: Check) -> bool:
    limits = (check.minimum, check.maximum)
    return check.type == "datetime" and any(_ZONE.search(str(limit)) for limit in limits)


def _make_expectation(kind: str, column: str | None, **kwargs: Any) -> Expectation:
    named = {} if column is None else {"column": column}
    return {"type": kind, "kwargs": named | kwargs}


def _type(check: Check, *, filled: bool) -> Expectation | None:
    types = _TYPES[check.type or "null"]
    if not types:
        return _make_expectation("expect_column_to_exist", check.column)
    if check.type == "integer" and not filled:
        types = [*types, *_REAL]  # pandas keeps whole numbers with gaps as floats
    return _make_expectation(
        "expect_column_values_to_be_in_type_list", check.column, type_list=types
    )


def _distinct_rows(check: Check) -> Expectation | None:
    """Great Expectations compares named columns only, two at least."""
    names = [str(name) for name in check.values]
    if not names:
        return None
    if len(names) == 1:
        return _make_expectation("expect_column_values_to_be_unique", names[0])
    mostly = {"mostly": round(1 - check.allowed, 12)} if check.allowed else {}
    return _make_expectation(
        "expect_compound_columns_to_be_unique",
        None,
        column_list=names,
        ignore_row_if="never",
        **mostly,
    )


def _between(check: Check) -> tuple[str, dict[str, Any]]:
    limits = _limits(check, "float" if check.type == "decimal" else check.type)
    if is_time(check.type):
        limits = {name: str(value).replace("T", " ") for name, value in limits.items()}
    return "expect_column_values_to_be_between", limits


def _limits(check: Check, kind: ColumnType | None) -> dict[str, Value]:
    limits = {"min_value": native(check.minimum, kind), "max_value": native(check.maximum, kind)}
    return {name: value for name, value in limits.items() if value is not None}


def _whole_limits(check: Check) -> dict[str, Value]:
    return _limits(check, "integer")


def _values(check: Check) -> list[Value]:
    return [native(value, check.type) for value in check.values]


_KINDS: dict[str, Callable[[Check], tuple[str, dict[str, Any]]]] = {
    "column_exists": lambda check: ("expect_column_to_exist", {}),
    "not_null": lambda check: ("expect_column_values_to_not_be_null", {}),
    "unique": lambda check: ("expect_column_values_to_be_unique", {}),
    "between": _between,
    "in_set": lambda check: ("expect_column_values_to_be_in_set", {"value_set": _values(check)}),
    "matches": lambda check: (
        "expect_column_values_to_match_regex",
        {"regex": python_pattern(check.pattern)},
    ),
    "length_between": lambda check: (
        "expect_column_value_lengths_to_be_between",
        dict(_whole_limits(check)),
    ),
}
