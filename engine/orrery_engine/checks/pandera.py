"""A suite as a module with a pandera schema for pandas."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from orrery_engine.checks.check_types import TOLERANCE, describe, python_pattern
from orrery_engine.quoting import is_time, python, python_list
from orrery_engine.schemas import Check, ColumnType, Suite

_HEAD = '''"""Checks written by Orrery from a profile: `schema.validate(df, lazy=True)` raises what is broken."""

import datetime
import decimal

import pandas as pd
import pandera.pandas as pa


def share(broken):
    """The share of values that break a check; nothing breaks where nothing is."""
    return float(broken.mean()) if len(broken) else 0.0


def numbers(s):
    """The values that are there, as numbers."""
    return pd.to_numeric(s.dropna())


def times(s):
    """The values that are there, as points in time; without a zone they are UTC."""
    return pd.to_datetime(s.dropna(), utc=True)


def only(s, *kinds):
    """Whether every value that is there is of one of the kinds."""
    return bool(s.dropna().map(lambda value: isinstance(value, kinds)).all())

'''

_WHOLE = "bool((numbers(s) % 1 == 0).all())"
_REAL = "pd.api.types.is_numeric_dtype(s) and not pd.api.types.is_bool_dtype(s)"
_DECIMAL = "only(s, decimal.Decimal)"
_TEXT = "only(s, str)"
_TIME = "pd.api.types.is_datetime64_any_dtype(s) or only(s, datetime.date)"

_TYPES: dict[ColumnType, str] = {
    "boolean": "pd.api.types.is_bool_dtype(s) or only(s, bool)",
    "integer": f"({_REAL}) and {_WHOLE}",
    "float": f"({_REAL}) or {_DECIMAL}",
    "decimal": f"({_REAL}) or {_DECIMAL}",
    "text": _TEXT,
    "category": _TEXT,
    "datetime": _TIME,
    "date": _TIME,
    "time": "only(s, datetime.time)",
    "duration": "pd.api.types.is_timedelta64_dtype(s) or only(s, datetime.timedelta)",
    "binary": "only(s, bytes)",
    "nested": "not only(s, str, bytes) and bool(s.dropna().map(lambda v: hasattr(v, '__len__')).all())",
    "null": "bool(s.isna().all())",
    "mixed": "s.dropna().map(type).nunique() > 1",
}


def module(suite: Suite) -> str:
    """Python source; it imports pandas and pandera and defines ``schema``."""
    columns: dict[str, list[Check]] = {}
    table: list[Check] = []
    for check in suite.checks:
        if check.column is None:
            table.append(check)
        else:
            columns.setdefault(check.column, []).append(check)
    lines = [_HEAD, "schema = pa.DataFrameSchema(", f"    name={suite.name!r},", "    columns={"]
    for name, checks in columns.items():
        lines += _column(name, checks)
    lines += ["    },", "    checks=["]
    lines += [f"        {_of_table(check)}," for check in table]
    return "\n".join([*lines, "    ],", ")", ""])


def _column(name: str, checks: Sequence[Check]) -> list[str]:
    filled = any(check.code == "not_null" and not check.allowed for check in checks)
    written = [
        f"                {_check(check)},"
        for check in checks
        if check.code != "column_exists" and not (check.code == "not_null" and not check.allowed)
    ]
    body = ["            checks=[", *written, "            ],"] if written else []
    return [
        f"        {name!r}: pa.Column(",
        *body,
        f"            nullable={not filled},",
        "        ),",
    ]


def _check(check: Check) -> str:
    condition = _CONDITIONS[check.code](check)
    return f"pa.Check(lambda s: {condition}, error={describe(check)!r}, ignore_na=False)"


def _of_table(check: Check) -> str:
    if check.code == "row_count_between":
        condition = _interval("len(df)", check)
    else:
        names = list(check.values)
        part = f"df[{names!r}]" if names else "df"
        # Lists and the like have no hash; their texts have one.
        alike = f"{part}.map(lambda v: repr(v) if hasattr(v, '__len__') else v).duplicated()"
        condition = f"share({alike}) <= {_limit(check)}"
    return f"pa.Check(lambda df: {condition}, error={describe(check)!r})"


def _limit(check: Check) -> str:
    return repr(round(check.allowed + TOLERANCE, 12)) if check.allowed else "0"


def _few(broken: str, check: Check) -> str:
    return f"share({broken}) <= {_limit(check)}"


def _type(check: Check) -> str:
    return f"s.isna().all() or ({_TYPES[check.type or 'null']})"


def _between(check: Check) -> str:
    if is_time(check.type):
        lows = [("<", check.minimum), (">", check.maximum)]
        parts = [
            f"(times(s) {sign} pd.to_datetime({limit!r}, utc=True))"
            for sign, limit in lows
            if limit is not None
        ]
    else:
        lows = [("<", check.minimum), (">", check.maximum)]
        parts = [
            f"({_values(check)} {sign} {_number(limit, check)})"
            for sign, limit in lows
            if limit is not None
        ]
    return _few(" | ".join(parts), check) if parts else "True"


def _values(check: Check) -> str:
    texts = all(isinstance(limit, str | None) for limit in (check.minimum, check.maximum))
    if check.type == "decimal" or (texts and check.type not in ("integer", "float")):
        return "s.dropna()"
    return "numbers(s)"


def _number(limit: object, check: Check) -> str:
    if check.type == "decimal":
        return f"decimal.Decimal({str(limit)!r})"
    return python(limit if isinstance(limit, str | int | float) else None, check.type)


def _interval(what: str, check: Check) -> str:
    """Whether a count is within the limits."""
    low = None if check.minimum is None else f"{python(check.minimum, 'integer')} <= {what}"
    high = None if check.maximum is None else f"{what} <= {python(check.maximum, 'integer')}"
    return " and ".join(part for part in (low, high) if part) or "True"


def _length(check: Check) -> str:
    lows = (("<", check.minimum), (">", check.maximum))
    parts = [
        f"(s.dropna().str.len() {sign} {python(limit, 'integer')})"
        for sign, limit in lows
        if limit is not None
    ]
    return _few(" | ".join(parts), check) if parts else "True"


_CONDITIONS: dict[str, Callable[[Check], str]] = {
    "type": _type,
    "not_null": lambda check: _few("s.isna()", check),
    "unique": lambda check: _few("s.dropna().duplicated(keep=False)", check),
    "between": _between,
    "in_set": lambda check: _few(
        f"~s.dropna().isin({python_list(check.values, check.type)})", check
    ),
    "matches": lambda check: _few(
        f"~s.dropna().str.contains({python_pattern(check.pattern)!r}, regex=True)", check
    ),
    "length_between": _length,
}
