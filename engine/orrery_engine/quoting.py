"""Names and values as literals, so that nothing from data is ever code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from orrery_engine.schemas import ColumnType, Value

Database = Literal["duckdb", "sqlite", "postgresql", "mysql"]

_NUMBERS = frozenset({"integer", "float", "decimal"})
_TIMES = frozenset({"datetime", "date"})
_WHOLE = re.compile(r"[+-]?[0-9]+\Z")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\Z")


_INFINITE = ("inf", "-inf")


def is_number(type: ColumnType | None) -> bool:
    """Whether values of such a column are numbers."""
    return type in _NUMBERS


def is_time(type: ColumnType | None) -> bool:
    """Whether values of such a column are days or points in time."""
    return type in _TIMES


def native(value: Value, type: ColumnType | None = None) -> Value:
    """A number that crossed the border as a text, as a number again, if it loses nothing."""
    if isinstance(value, str) and type == "integer" and _WHOLE.match(value):
        return int(value)
    if isinstance(value, str) and type == "float" and _NUMBER.match(value):
        return float(value)
    return value


def python(value: Value, type: ColumnType | None = None) -> str:
    """A literal of Python; a decimal is a text, see ``native``."""
    if type == "float" and value in _INFINITE:
        return f"float({value!r})"
    return repr(native(value, type))


def python_list(values: Iterable[Value], type: ColumnType | None = None) -> str:
    """A list of literals."""
    return "[" + ", ".join(python(value, type) for value in values) + "]"


def sql(value: Value, type: ColumnType | None = None, database: Database = "duckdb") -> str:
    """A literal of SQL."""
    value = native(value, type)
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return repr(value)
    if type == "float" and value in _INFINITE:
        return f"CAST('{value}' AS DOUBLE PRECISION)"
    if type == "decimal" and _NUMBER.match(value):
        return value
    if is_time(type) and database == "sqlite":
        value = value.replace("T", " ")
    return sql_text(value, database)


def sql_text(text: str, database: Database = "duckdb") -> str:
    """A text as a literal; no database reads a NUL inside one."""
    character = {"sqlite": "char(0)", "mysql": "char(0)"}.get(database, "chr(0)")
    text = text.encode("utf-8", "replace").decode()
    if database == "mysql":
        text = text.replace("\\", "\\\\")
    parts = ["'" + part.replace("'", "''") + "'" for part in text.split("\0")]
    if len(parts) == 1:
        return parts[0]
    if database == "mysql":
        return f"concat({f', {character}, '.join(parts)})"
    return "(" + f" || {character} || ".join(parts) + ")"


def sql_name(name: str, database: Database = "duckdb") -> str:
    """A column's name in quotes."""
    quote = "`" if database == "mysql" else '"'
    return quote + name.replace(quote, quote * 2) + quote


def sql_table(name: str, database: Database = "duckdb") -> str:
    """A table's name, with its schema in front of the first point if there is one."""
    return ".".join(sql_name(part, database) for part in (name or "data").split(".", 1))
