"""SQL by itself, and the same for a relation of DuckDB."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from itertools import combinations, islice

from orrery_engine.codegen.base import (
    NUMBERS,
    ODD,
    SHARES,
    CodeTarget,
    Writer,
    placeholder_literals,
    quantile,
    spelling_map,
)
from orrery_engine.codegen.quick_fixes import Fix
from orrery_engine.number_forms import pattern, replacements
from orrery_engine.quoting import is_time, sql, sql_name, sql_table, sql_text
from orrery_engine.schemas import ColumnProfile, NumberForm, Statistic, Value
from orrery_wire.errors import Invalid

_NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
_QUANTILES = ", ".join(
    f'percentile_cont({share}) WITHIN GROUP (ORDER BY CAST({{x}} AS DOUBLE PRECISION)) AS "{share}"'
    for share in SHARES
)
_STATISTICS: Mapping[Statistic, str] = {
    "missing": "SELECT count(*) - count({x}) AS missing FROM {t}",
    "distinct": 'SELECT count(DISTINCT {x}) AS "distinct" FROM {t}',
    "mean": "SELECT avg({x}) AS mean FROM {t}",
    "std": "SELECT stddev_samp({x}) AS std FROM {t}",
    "min": "SELECT min({x}) AS minimum FROM {t}",
    "max": "SELECT max({x}) AS maximum FROM {t}",
    "quantiles": f"SELECT {_QUANTILES} FROM {{t}}",
    "histogram": "SELECT {low} + floor(({x} - {low}) / {width}) * {width} AS bin, count(*) AS rows_in_it\n"
    "FROM {t} WHERE {x} IS NOT NULL GROUP BY 1 ORDER BY 1",
    "top": "SELECT {c} AS value, count(*) AS rows_with_it FROM {t} WHERE {x} IS NOT NULL\n"
    "GROUP BY {c} ORDER BY rows_with_it DESC LIMIT 10",
    "outliers": "SELECT * FROM {t} WHERE {x} < {low_fence} OR {x} > {high_fence}",
    "skewness": "SELECT n / ((n - 1.0) * (n - 2.0)) * sum(power((x - mean) / std, 3)) AS skewness FROM (\n"
    "    SELECT {x} AS x, avg({x}) OVER () AS mean, stddev_samp({x}) OVER () AS std,"
    " count({x}) OVER () AS n FROM {t}\n"
    ") AS standard WHERE n > 2 GROUP BY n",
    "duplicates": "SELECT {all}, count(*) AS times FROM {t} GROUP BY {all} HAVING count(*) > 1",
    "associations": "SELECT {correlations} FROM {t}",
}
_COLUMNS: Mapping[Fix, str] = {
    "blank_to_missing": "CASE WHEN trim({c}) <> '' THEN {c} END",
    "clip_outliers": "CASE WHEN {x} < {low_fence} THEN {low_fence} WHEN {x} > {high_fence}"
    " THEN {high_fence} ELSE {x} END",
    "fill_median": "coalesce({x}, {median})",
    "fill_most_frequent": "coalesce({x}, {frequent})",
    "group_rare": "CASE WHEN {c} IN (SELECT value FROM (SELECT {c} AS value, count(*) AS n FROM {t}"
    " GROUP BY 1 ORDER BY n DESC LIMIT 20) AS frequent) THEN {c} WHEN {c} IS NOT NULL THEN 'other' END",
    "hash_values": "md5({key} || CAST({c} AS VARCHAR))",
    "infinite_to_missing": "CASE WHEN CAST({c} AS VARCHAR) NOT IN"
    " ('inf', '-inf', 'Infinity', '-Infinity') THEN {c} END",
    "log": "ln(1 + {x} - (SELECT min({x}) FROM {t}))",
    "placeholders_to_missing": "CASE WHEN {compared} NOT IN ({placeholders}) THEN {c} END",
    "strip": "trim({c})",
    "to_index_text": "CASE WHEN {c} = floor({c}) AND abs({c}) < 1e18"
    " THEN CAST(CAST({c} AS BIGINT) AS VARCHAR) ELSE CAST({c} AS VARCHAR) END",
    "to_number": "CASE WHEN {matches} THEN CAST(trim({c}) AS DOUBLE PRECISION) END",
    "to_text": "CAST({c} AS VARCHAR)",
    "to_time": "CAST({c} AS TIMESTAMP)",
    "unify_spelling": "CASE {c} {spellings} ELSE {c} END",
    "zero_to_missing": "nullif({c}, 0)",
}
# The lower of two middle values: their mean is a float.
_EXACT: Mapping[Fix, str] = {
    "fill_median": "coalesce({c}, (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY {c}) FROM {t}))"
}
_TABLES: Mapping[Fix, str] = {
    "drop_column": "SELECT {others} FROM {t}",
    "drop_columns": "SELECT {others} FROM {t}",
    "drop_rows_missing": "SELECT * FROM {t} WHERE {x} IS NOT NULL",
    "drop_duplicates": "SELECT DISTINCT * FROM {t}",
    "keep_first": "SELECT {all} FROM (\n"
    "    SELECT *, row_number() OVER (PARTITION BY {c} ORDER BY {c}) AS orrery_nth FROM {t}\n"
    ") AS numbered WHERE orrery_nth = 1 OR {c} IS NULL",
    "drop_shared": "SELECT * FROM {t} AS here WHERE NOT EXISTS (\n"
    "    SELECT 1 FROM reference AS there WHERE {same}\n)",
    "weights": "SELECT {c} AS value, (SELECT count({c}) FROM {t}) * 1.0 /"
    " ((SELECT count(DISTINCT {c}) FROM {t}) * count(*)) AS weight\n"
    "FROM {t} WHERE {c} IS NOT NULL GROUP BY {c}",
}


class SqlWriter(Writer):
    """Statements by themselves."""

    statistics = _STATISTICS
    columns = _COLUMNS
    exact = _EXACT
    tables = _TABLES

    def words(self, target: CodeTarget) -> dict[str, str]:
        names = [column.name for column in target.columns]
        if target.column is not None and target.doubled:
            raise Invalid(
                "SQL cannot tell two columns of the same name apart",
                reason="The table has another column with this name.",
                remedy="Rename one of them, or take the code for pandas or pyarrow.",
            )
        numbers = [column for column in target.columns if column.type in NUMBERS]
        result = {
            "t": self.table(target),
            "all": ", ".join(sql_name(name) for name in names) or "*",
            "same": " AND ".join(
                f"here.{sql_name(name)} IS NOT DISTINCT FROM there.{sql_name(name)}"
                for name in names
            )
            or "FALSE",
        }
        if target.column is None:
            pairs = islice(combinations(numbers, 2), 1_000)
            result["correlations"] = ", ".join(_correlation(a, b) for a, b in pairs) or "NULL"
            return result
        return result | self._of_column(target, numbers)

    def _of_column(self, target: CodeTarget, numbers: list[ColumnProfile]) -> dict[str, str]:
        column = target.required_column
        name = sql_name(column.name)
        dropped = target.dropped or (column,)
        dropped_places = {item.index for item in dropped}
        others = [
            sql_name(item.name) for item in target.columns if item.index not in dropped_places
        ]
        finite = self.finite(column, name)
        low, width = _bins(column)
        fences = column.outliers
        middle = quantile(column, 0.5)
        return {
            "c": name,
            "x": finite,
            "others": ", ".join(others) or "NULL",
            "dropped": ", ".join(sql_name(item.name) for item in dropped),
            "compared": f"CAST(CAST({name} AS DATE) AS VARCHAR)" if is_time(column.type) else name,
            "placeholders": ", ".join(sql(value) for value in placeholder_literals(column))
            or "NULL",
            "spellings": " ".join(
                f"WHEN {sql_text(variant)} THEN {sql_text(value)}"
                for variant, value in spelling_map(column).items()
            ),
            "low": low,
            "width": width,
            "low_fence": repr(fences.fence_low)
            if fences
            else _fence(finite, self.table(target), 0.25),
            "high_fence": repr(fences.fence_high)
            if fences
            else _fence(finite, self.table(target), 0.75),
            "median": sql(middle, column.type)
            if middle is not None
            else f"(SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY {finite}) FROM {self.table(target)})",
            "frequent": sql(column.top[0].value, column.type) if column.top else "NULL",
            "key": sql_text(secrets.token_hex(16)),
            "matches": self.matches(name),
            "correlations": ", ".join(
                _correlation(column, number) for number in numbers if number.index != column.index
            )
            or "NULL",
        }

    def table(self, target: CodeTarget) -> str:
        """The table's name."""
        return sql_table(target.table) if target.table else sql_name(target.frame)

    def finite(self, column: ColumnProfile, name: str) -> str:
        """The column without what is no number."""
        if not column.infinite:
            return name
        return f"CASE WHEN {name} BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 THEN {name} END"

    def missing(self, column: ColumnProfile, name: str) -> str:
        """Where there is no value."""
        return f"{name} IS NULL"

    def matches(self, name: str) -> str:
        """Whether a text is a number."""
        return f"{name} ~ {sql_text(_NUMBER)}"

    def finish(self, code: str) -> str:
        return code + "\n"

    def show(self, target: CodeTarget) -> str:
        return self.fill("SELECT {c} FROM {t}", target)

    def value(self, target: CodeTarget, value: Value) -> str:
        return self.finish(
            f"SELECT * FROM {self.table(target)} WHERE {self._equals(target, value)}"
        )

    def _equals(self, target: CodeTarget, value: Value) -> str:
        words, column = self.words(target), target.required_column
        if value is None:
            return self.missing(column, words["c"])
        if column.type in ODD:
            return f"CAST({words['c']} AS VARCHAR) = {sql_text(str(value))}"
        return f"{words['c']} = {sql(value, column.type)}"

    def numbers(self, target: CodeTarget, form: NumberForm) -> str:
        texts = f"trim(CAST({sql_name(target.required_column.name)} AS VARCHAR))"
        value = texts
        for before, after in replacements(form):
            value = f"replace({value}, {sql_text(before)}, {sql_text(after)})"
        return f"CASE WHEN {self.is_of(texts, pattern(form))} THEN CAST({value} AS DOUBLE PRECISION) END"

    def is_of(self, texts: str, pattern: str) -> str:
        """Whether a text as a whole is of a pattern."""
        return f"{texts} ~ {sql_text(f'^(?:{pattern})$')}"

    def times(self, target: CodeTarget, form: str) -> str:
        raise Invalid(
            "Databases have no common way to read such dates",
            reason=f"They are written as {form}.",
            remedy="Take the code for DuckDB, pandas or polars.",
        )

    def become(self, target: CodeTarget, expression: str) -> str:
        columns = (
            f"{expression} AS {sql_name(column.name)}"
            if column.index == target.required_column.index
            else sql_name(column.name)
            for column in target.columns
        )
        return f"SELECT {', '.join(columns)} FROM {self.table(target)}"


class DuckDBWriter(SqlWriter):
    """Python that asks DuckDB about a relation, or about any table that it finds by its variable's name."""

    statistics = {**_STATISTICS, "skewness": "SELECT skewness({x}) AS skewness FROM {t}"}
    columns = {
        **_COLUMNS,
        "to_number": "TRY_CAST({c} AS DOUBLE)",
        "to_time": "TRY_CAST({c} AS TIMESTAMP)",
        "hash_values": "sha256({key} || CAST({c} AS VARCHAR))",
    }
    tables = {
        **_TABLES,
        "drop_column": "SELECT * EXCLUDE ({c}) FROM {t}",
        "drop_columns": "SELECT * EXCLUDE ({dropped}) FROM {t}",
    }

    def table(self, target: CodeTarget) -> str:
        return sql_name(target.frame)

    def finite(self, column: ColumnProfile, name: str) -> str:
        if column.type != "float":
            return name
        rest = f"isfinite({name})" if column.infinite else f"NOT isnan({name})"
        return f"CASE WHEN {rest} THEN {name} END"

    def missing(self, column: ColumnProfile, name: str) -> str:
        plain = super().missing(column, name)
        return f"{plain} OR isnan({name})" if column.type == "float" else plain

    def matches(self, name: str) -> str:
        return f"regexp_matches({name}, {sql_text(_NUMBER)})"

    def is_of(self, texts: str, pattern: str) -> str:
        return f"regexp_full_match({texts}, {sql_text(pattern)})"

    def times(self, target: CodeTarget, form: str) -> str:
        name = sql_name(target.required_column.name)
        return f"try_strptime(trim(CAST({name} AS VARCHAR)), {sql_text(form)})"

    def finish(self, code: str) -> str:
        return f"import duckdb\nduckdb.sql({code!r})\n"

    def fix(self, target: CodeTarget, fix: Fix) -> str:
        code = super().fix(target, fix)
        if fix == "weights":
            return code
        result = code.removeprefix("import duckdb\n")
        note = "# reference: the table that it was compared with\n" if fix == "drop_shared" else ""
        return f"import duckdb\n{note}{target.frame} = {result}"

    def become(self, target: CodeTarget, expression: str) -> str:
        name = sql_name(target.required_column.name)
        return f"SELECT * REPLACE ({expression} AS {name}) FROM {self.table(target)}"


def _correlation(first: ColumnProfile, other: ColumnProfile) -> str:
    label = sql_name(f"{first.name} and {other.name}")
    return f"corr({sql_name(first.name)}, {sql_name(other.name)}) AS {label}"


def _bins(column: ColumnProfile) -> tuple[str, str]:
    edges = column.histogram.edges if column.histogram else ()
    if len(edges) < 2 or edges[-1] <= edges[0]:
        return "0", "1"
    return repr(edges[0]), repr((edges[-1] - edges[0]) / (len(edges) - 1))


def _fence(name: str, table: str, share: float) -> str:
    """Tukey's fence beside a quartile."""
    low, high = (f"percentile_cont({item}) WITHIN GROUP (ORDER BY {name})" for item in (0.25, 0.75))
    near, sign = (low, "-") if share < 0.5 else (high, "+")
    return f"(SELECT {near} {sign} 1.5 * ({high} - {low}) FROM {table})"


SQL = SqlWriter()
DUCKDB = DuckDBWriter()
