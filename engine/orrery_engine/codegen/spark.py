"""DataFrames of Spark."""

from __future__ import annotations

import re

from orrery_engine.codegen.base import (
    ODD,
    SHARES,
    CodeTarget,
    Writer,
    placeholder_literals,
    spelling_map,
)
from orrery_engine.number_forms import pattern, replacements
from orrery_engine.quoting import is_time, python, sql_text
from orrery_engine.schemas import NumberForm, Value
from orrery_wire.errors import Invalid

_QUARTILES = "q1, q3 = {f}.select({x}.alias('x')).approxQuantile('x', [0.25, 0.75], 0.001)\n"

# Words of Spark for those of ``strptime``.
_TIME_WORDS = {
    "%d": "d",
    "%m": "M",
    "%Y": "yyyy",
    "%y": "yy",
    "%H": "H",
    "%M": "mm",
    "%S": "ss",
    "T": "'T'",
}


class SparkWriter(Writer):
    """Code for a DataFrame of Spark."""

    statistics = {
        "missing": "{f}.filter({p}.isNull()).count()",
        "distinct": "{f}.select(F.countDistinct({p})).show()",
        "mean": "{f}.select(F.mean({x})).show()",
        "std": "{f}.select(F.stddev_samp({x})).show()",
        "min": "{f}.select(F.min({x})).show()",
        "max": "{f}.select(F.max({x})).show()",
        "quantiles": f"{{f}}.select({{x}}.alias('x')).approxQuantile('x', {list(SHARES)}, 0.001)",
        "histogram": "{f}.select({x}.alias('x')).dropna().rdd.map(lambda row: float(row[0])).histogram(20)",
        "top": "{f}.groupBy({p}).count().orderBy(F.desc('count')).show(10)",
        "outliers": _QUARTILES
        + "{f}.filter(({x} < q1 - 1.5 * (q3 - q1)) | ({x} > q3 + 1.5 * (q3 - q1))).show()",
        "skewness": "{f}.select(F.skewness({x})).show()",
        "duplicates": "{f}.groupBy({f}.columns).count().filter(F.col('count') > 1).show()",
        "associations": "numbers = [F.col(name) for name in [{numbers}]]\n"
        "{f}.select([F.corr(a, b) for a in numbers for b in numbers if a is not b]).show()",
    }
    columns = {
        "blank_to_missing": "F.when(F.trim({c}) != '', {c})",
        "clip_outliers": "F.least(F.greatest({x}, F.lit(q1 - 1.5 * (q3 - q1))),"
        " F.lit(q3 + 1.5 * (q3 - q1)))",
        "fill_median": "F.coalesce({p}, F.lit({f}.select(F.median({x})).first()[0]))",
        "fill_most_frequent": "F.coalesce({p}, F.lit({f}.select(F.mode({p})).first()[0]))",
        "group_rare": "F.when({c}.isin([row[0] for row in {f}.filter({c}.isNotNull()).groupBy({c})"
        ".count().orderBy(F.desc('count')).limit(20).collect()]) | {c}.isNull(), {c}).otherwise('other')",
        "hash_values": "F.sha2(F.concat(F.lit(key), {c}.cast('string')), 256)",
        "infinite_to_missing": "F.when(~{c}.isin(float('inf'), -float('inf')), {c})",
        "log": "F.log1p({x} - F.lit({f}.select(F.min({x})).first()[0]))",
        "placeholders_to_missing": "F.when(~{compared}.isin({placeholders}), {c})",
        "strip": "F.trim({c})",
        "to_index_text": "F.when({c} % 1 == 0, F.expr({try_long}).cast('string'))"
        ".otherwise({c}.cast('string'))",
        "to_number": "F.expr({try_double})",
        "to_text": "{c}.cast('string')",
        "to_time": "F.expr({try_time})",
        "unify_spelling": "F.coalesce(F.try_element_at(F.create_map("
        "*[F.lit(a) for b in {spellings}.items() for a in b]), {c}), {c})",
        "zero_to_missing": "F.when({c} != 0, {c})",
    }
    # The lower of two middle values: their mean is a float.
    exact = {
        "fill_median": "F.coalesce({c}, F.lit({f}.select(F.percentile_approx({c}, 0.5, 2**31 - 1)).first()[0]))"
    }
    tables = {
        "drop_column": "{f} = {f}.drop({c})",
        "drop_columns": "{f} = {f}{dropped}",
        "drop_rows_missing": "{f} = {f}.filter({p}.isNotNull())",
        "drop_duplicates": "{f} = {f}.dropDuplicates()",
        "keep_first": "{f} = {f}.filter({c}.isNull()).unionByName("
        "{f}.filter({c}.isNotNull()).dropDuplicates([{n}]))",
        "drop_shared": "# reference: the table that it was compared with\n"
        "{f} = {f}.join(\n"
        "    reference,\n"
        "    on=[{f}[i].eqNullSafe(reference[i]) for i in range(len({f}.columns))],\n"
        "    how='left_anti',\n"
        ")",
        "weights": "weights = {f}.filter({c}.isNotNull()).groupBy({c}).agg((F.lit("
        "{f}.select(F.count({c}) / F.countDistinct({c})).first()[0]) / F.count('*')).alias('weight'))\n"
        "weights.show()",
    }

    def words(self, target: CodeTarget) -> dict[str, str]:
        result = {
            "f": target.frame,
            "numbers": ", ".join(
                repr(_quoted(column.name))
                for column in target.columns
                if column.type in ("integer", "float", "decimal")
            ),
        }
        if target.column is None:
            return result
        if target.doubled:
            raise Invalid(
                "Spark cannot tell two columns of the same name apart",
                reason="The table has another column with this name.",
                remedy="Rename one of them, or take the code for pandas or pyarrow.",
            )
        column = target.column
        name = f"F.col({_quoted(column.name)!r})"
        present = f"F.when(~F.isnan({name}), {name})" if column.type == "float" else name
        infinite = f"F.when(~{name}.isin(float('inf'), -float('inf'), float('nan')), {name})"
        return result | {
            "c": name,
            "p": present,
            "x": infinite if column.infinite else present,
            "n": repr(column.name),
            "compared": f"F.date_format({name}, 'yyyy-MM-dd')" if is_time(column.type) else name,
            "placeholders": repr(list(placeholder_literals(column))),
            "spellings": repr(spelling_map(column)),
            "dropped": "".join(f".drop(F.col({_quoted(item.name)!r}))" for item in target.dropped),
            "try_double": repr(f"try_cast({_quoted(column.name)} as double)"),
            "try_long": repr(f"try_cast({_quoted(column.name)} as bigint)"),
            "try_time": repr(f"try_cast({_quoted(column.name)} as timestamp)"),
        }

    def show(self, target: CodeTarget) -> str:
        return self.fill("{f}.select({c}).show()", target)

    def value(self, target: CodeTarget, value: Value) -> str:
        words, column = self.words(target), target.required_column
        if value is None:
            condition = f"{words['p']}.isNull()"
        elif is_time(column.type):
            condition = f"{words['c']} == F.lit({str(value)!r}).cast('timestamp')"
        elif column.type == "decimal":
            condition = f"{words['c']} == F.lit(Decimal({str(value)!r}))"
        elif column.type in ODD:
            condition = f"{words['c']}.cast('string') == F.lit({str(value)!r})"
        else:
            condition = f"{words['c']} == F.lit({python(value, column.type)})"
        return self.finish(f"{target.frame}.filter({condition}).show()")

    def numbers(self, target: CodeTarget, form: NumberForm) -> str:
        texts = f"F.trim({self.words(target)['c']}.cast('string'))"
        value = texts
        for before, after in replacements(form):
            value = f"F.regexp_replace({value}, {re.escape(before)!r}, {after!r})"
        whole = f"^(?:{pattern(form)})$"
        return f"F.when({texts}.rlike({whole!r}), {value}.cast('double'))"

    def times(self, target: CodeTarget, form: str) -> str:
        words = "".join(_TIME_WORDS.get(part, part) for part in re.findall("%.|.", form))
        name = _quoted(target.required_column.name)
        return f"F.expr({f'try_to_timestamp(trim({name}), {sql_text(words)})'!r})"

    def become(self, target: CodeTarget, expression: str) -> str:
        words = self.words(target)
        before = ""
        if "F.lit(key)" in expression:
            before = "key = secrets.token_hex(16)  # keep it if equal values must stay equal\n"
        if "F.lit(q1 -" in expression:
            before = _QUARTILES.format_map(words)
        return f"{before}{target.frame} = {target.frame}.withColumn({target.required_column.name!r}, {expression})"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


WRITER = SparkWriter()
