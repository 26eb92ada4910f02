"""A suite as SQL: one SELECT for each check, which answers with one row that says whether it holds.

Names and values are in it as ``quoting`` writes them, and only so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orrery_engine.checks.check_types import TOLERANCE, describe
from orrery_engine.quoting import Database, native, sql, sql_name, sql_table, sql_text
from orrery_engine.schemas import Check, ColumnType, Suite, Value

_HEAD = """-- Checks written by Orrery from a profile, for {database}.
-- Each statement answers with one row: check, broken, rows, passed.
"""

_WHOLE = "'TINYINT','SMALLINT','INTEGER','BIGINT','HUGEINT','UTINYINT','USMALLINT','UINTEGER','UBIGINT','UHUGEINT'"
_WHOLE += ",'INT','BIGNUM','VARINT'"
_REAL = "'DOUBLE','FLOAT','REAL','DOUBLE PRECISION','NUMERIC'"
_TIMES = "upper({type}) LIKE 'TIMESTAMP%' OR upper({type}) LIKE 'DATE%'"
_NUMBERS = f"upper({{type}}) IN ({_WHOLE},{_REAL}) OR upper({{type}}) LIKE 'DECIMAL%'"
_TEXTS = (
    "upper({type}) IN ('VARCHAR','TEXT') OR upper({type}) LIKE 'ENUM%'"
    " OR upper({type}) LIKE 'CHARACTER%'"
)
_INTEGERS = f"upper({{type}}) IN ({_WHOLE})"

# What `typeof` answers for a value, in DuckDB and in PostgreSQL.
_TYPES: dict[ColumnType, str] = {
    "boolean": "upper({type}) = 'BOOLEAN'",
    "integer": _INTEGERS,
    "float": _NUMBERS,
    "decimal": _NUMBERS,
    "text": _TEXTS,
    "category": _TEXTS,
    "datetime": _TIMES,
    "date": _TIMES,
    "time": "upper({type}) LIKE 'TIME' OR upper({type}) LIKE 'TIME %'",
    "duration": "upper({type}) = 'INTERVAL'",
    "binary": "upper({type}) IN ('BLOB','BYTEA')",
    "nested": "upper({type}) LIKE '%]' OR upper({type}) LIKE 'STRUCT%' OR upper({type}) LIKE 'MAP%'"
    " OR upper({type}) LIKE 'JSON%'",
    "null": "FALSE",
    "mixed": "FALSE",
}

# SQLite knows five, and keeps truths as numbers and times as texts.
_SQLITE: dict[ColumnType, str] = {
    "boolean": "{type} = 'integer' AND {name} IN (0, 1)",
    "integer": "{type} = 'integer' OR ({type} = 'real' AND {name} = CAST({name} AS INTEGER))",
    "float": "{type} IN ('real', 'integer')",
    "decimal": "{type} IN ('real', 'integer')",
    "binary": "{type} = 'blob'",
    "null": "0",
    "mixed": "1",
}


@dataclass(frozen=True)
class SqlTarget:
    """Where the statements are to run."""

    table: str
    database: Database
    alias: str = "here."

    def name(self, column: str) -> str:
        """The column; without its table's name SQLite would take one that it does not know for a text."""
        return self.alias + sql_name(column, self.database)

    def value(self, check: Check, value: Value) -> str:
        """A literal of the column's type."""
        return sql(value, check.type, self.database)

    def type(self, name: str) -> str:
        """The word for the type of a value."""
        return f"pg_typeof({name})::text" if self.database == "postgresql" else f"typeof({name})"

    def is_nan(self, name: str, type: ColumnType | None) -> str:
        """A condition for not-a-number, or nothing where there is none."""
        if type != "float" or self.database in ("sqlite", "mysql"):
            return ""
        return f"isnan({name})" if self.database == "duckdb" else f"{name}::float8 = 'NaN'"

    def length(self, name: str) -> str:
        """How many characters a text has."""
        return f"char_length({name})" if self.database == "mysql" else f"length({name})"


def script(suite: Suite, table: str = "data", database: Database = "duckdb") -> str:
    """A script with one statement for each check of the suite."""
    body = "\n\n".join(f"{item};" for item in statements(suite, table, database))
    return f"{_HEAD.format(database=database)}\n{body}\n"


def statements(suite: Suite, table: str = "data", database: Database = "duckdb") -> list[str]:
    """One statement for each check. It fails, and so does the check, where the column is missing."""
    target = SqlTarget(sql_table(table, database), database)
    return [_statement(check, target) for check in suite.checks]


def conditions(check: Check, target: SqlTarget) -> tuple[str, str] | None:
    """What keeps a check of single values, and where there is one to be looked at; none for other checks."""
    return _VALUES[check.code](check, target) if check.code in _VALUES else None


def _statement(check: Check, target: SqlTarget) -> str:
    result = conditions(check, target)
    broken, rows = _TABLES[check.code](check, target) if result is None else _counted(*result)
    allowed = f'{check.allowed!r} * "rows" + {TOLERANCE!r}' if check.allowed else "0"
    label = sql_text(describe(check), target.database)
    counted = f'SELECT {broken} AS broken, {rows} AS "rows" FROM {target.table} AS here'
    return (
        f'SELECT {label} AS "check", broken, "rows", broken <= {allowed} AS passed\n'
        f"FROM ({counted}) AS found"
    )


def _counted(condition: str, present: str) -> tuple[str, str]:
    """How many values break a condition, and how many there are."""
    return (
        f"coalesce(sum(CASE WHEN {present} AND NOT ({condition}) THEN 1 ELSE 0 END), 0)",
        f"coalesce(sum(CASE WHEN {present} THEN 1 ELSE 0 END), 0)",
    )


def _present(check: Check, target: SqlTarget) -> tuple[str, str]:
    """The column's name, and the condition for a value to be there."""
    name = target.name(check.column or "")
    nan = target.is_nan(name, check.type)
    return name, f"{name} IS NOT NULL" + (f" AND NOT {nan}" if nan else "")


def _exists(check: Check, target: SqlTarget) -> tuple[str, str]:
    return f"0 * count({target.name(check.column or '')})", "count(*)"


def _not_null(check: Check, target: SqlTarget) -> tuple[str, str]:
    _, present = _present(check, target)
    return present, "TRUE"


def _type(check: Check, target: SqlTarget) -> tuple[str, str]:
    name = target.name(check.column or "")
    kind = check.type or "null"
    word = target.type(name)
    if target.database == "sqlite":
        form = _SQLITE.get(kind, "{type} = 'text'")
        return form.replace("{type}", word).replace("{name}", name), f"{name} IS NOT NULL"
    condition = _TYPES[kind].replace("{type}", word)
    if kind == "integer" and target.database == "duckdb":
        number = f"TRY_CAST({name} AS DOUBLE)"
        whole = f"(isnan({number}) OR {number} = floor({number})) AND NOT isinf({number})"
        condition = f"{condition} OR (upper({word}) IN ({_REAL}) AND {whole})"
    return condition, f"{name} IS NOT NULL"


def _unique(check: Check, target: SqlTarget) -> tuple[str, str]:
    name, present = _present(check, target)
    groups = f"SELECT count(*) AS n FROM {target.table} AS here WHERE {present} GROUP BY {name}"
    _, rows = _counted("TRUE", present)
    return f"(SELECT coalesce(sum(n), 0) FROM ({groups} HAVING count(*) > 1) AS doubled)", rows


def _between(check: Check, target: SqlTarget) -> tuple[str, str]:
    name, present = _present(check, target)
    parts = []
    if check.minimum is not None:
        parts.append(f"{name} >= {target.value(check, check.minimum)}")
    if check.maximum is not None:
        parts.append(f"{name} <= {target.value(check, check.maximum)}")
    return " AND ".join(parts) or "TRUE", present


def _in_set(check: Check, target: SqlTarget) -> tuple[str, str]:
    name, present = _present(check, target)
    values = ", ".join(target.value(check, value) for value in check.values if value is not None)
    return f"{name} IN ({values})" if values else "FALSE", present


def _matches(check: Check, target: SqlTarget) -> tuple[str, str]:
    name, present = _present(check, target)
    pattern = sql_text(check.pattern, target.database)
    forms: dict[Database, str] = {
        "duckdb": f"regexp_matches({name}, {pattern})",
        "sqlite": f"{name} REGEXP {pattern}",
        "postgresql": f"{name} ~ {pattern}",
        "mysql": f"{name} REGEXP {pattern}",
    }
    return forms[target.database], present


def _length(check: Check, target: SqlTarget) -> tuple[str, str]:
    name, present = _present(check, target)
    return _within(target.length(name), check), present


def _within(count: str, check: Check) -> str:
    low, high = native(check.minimum, "integer"), native(check.maximum, "integer")
    parts = [] if low is None else [f"{count} >= {sql(low)}"]
    parts += [] if high is None else [f"{count} <= {sql(high)}"]
    return " AND ".join(parts) or "TRUE"


def _row_count(check: Check, target: SqlTarget) -> tuple[str, str]:
    return f"CASE WHEN {_within('count(*)', check)} THEN 0 ELSE 1 END", "count(*)"


def _no_duplicates(check: Check, target: SqlTarget) -> tuple[str, str]:
    names = ", ".join(target.name(str(value)) for value in check.values) or "*"
    kinds = f"SELECT DISTINCT {names} FROM {target.table} AS here"
    return f"count(*) - (SELECT count(*) FROM ({kinds}) AS kinds)", "count(*)"


Pair = Callable[[Check, SqlTarget], tuple[str, str]]

_VALUES: dict[str, Pair] = {
    "type": _type,
    "not_null": _not_null,
    "between": _between,
    "in_set": _in_set,
    "matches": _matches,
    "length_between": _length,
}
_TABLES: dict[str, Pair] = {
    "column_exists": _exists,
    "unique": _unique,
    "row_count_between": _row_count,
    "no_duplicates": _no_duplicates,
}
