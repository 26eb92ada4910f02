"""polars, eager and lazy alike."""

from __future__ import annotations

from orrery_engine.codegen.base import (
    ODD,
    SHARES,
    CodeTarget,
    Writer,
    placeholder_literals,
    spelling_map,
)
from orrery_engine.number_forms import pattern, replacements
from orrery_engine.quoting import is_time, python
from orrery_engine.schemas import ColumnProfile, NumberForm, Value

_HASH = """{c}.map_elements(
    lambda value: hashlib.blake2b(str(value).encode(), key=key, digest_size=16).hexdigest(),
    return_dtype=pl.String,
)"""
_SELECT = "{f}.lazy().select(%s).collect()"
_FENCES = (
    "({x}.quantile(0.25, 'linear') - 1.5 * ({x}.quantile(0.75, 'linear') - {x}.quantile(0.25, 'linear')))",
    "({x}.quantile(0.75, 'linear') + 1.5 * ({x}.quantile(0.75, 'linear') - {x}.quantile(0.25, 'linear')))",
)


class PolarsWriter(Writer):
    """Code for a DataFrame or a LazyFrame of polars."""

    statistics = {
        "missing": _SELECT % "{p}.null_count()",
        "distinct": _SELECT % "{p}.drop_nulls().n_unique()",
        "mean": _SELECT % "{x}.mean()",
        "std": _SELECT % "{x}.std()",
        "min": _SELECT % "{x}.min()",
        "max": _SELECT % "{x}.max()",
        "quantiles": "{f}.lazy().select(\n    {x}.quantile(q, 'linear').alias(str(q))"
        f" for q in {list(SHARES)}\n).collect()",
        "histogram": "{f}.lazy().select({x}).collect().to_series().hist(bin_count=20)",
        "top": "{f}.lazy().select({p}.drop_nulls().value_counts(sort=True).head(10)).collect()",
        "outliers": "{f}.lazy().filter(\n"
        f"    ({{x}} < {_FENCES[0]})\n    | ({{x}} > {_FENCES[1]})\n"
        ").collect()",
        "skewness": _SELECT % "{x}.skew(bias=False)",
        "duplicates": "{f}.lazy().filter(pl.struct(pl.all()).is_first_distinct().not_()).collect()",
        "associations": "{f}.lazy().select(pl.selectors.numeric().cast(pl.Float64)).collect().corr()",
    }
    columns = {
        "blank_to_missing": "pl.when({c}.str.strip_chars() != '').then({c})",
        "clip_outliers": f"{{x}}.cast(pl.Float64).clip(\n    {_FENCES[0]},\n    {_FENCES[1]},\n)",
        "fill_median": "{p}.fill_null({x}.median())",
        "fill_most_frequent": "{p}.fill_null({p}.drop_nulls().mode().sort().first())",
        "group_rare": "pl.when({c}.is_null() | {c}.is_in("
        "{c}.drop_nulls().value_counts(sort=True).head(20).struct.field({n}).implode()"
        ")).then({c}.cast(pl.String)).otherwise(pl.lit('other'))",
        "hash_values": _HASH,
        "infinite_to_missing": "pl.when({c}.is_infinite()).then(None).otherwise({c})",
        "log": "({x} - {x}.min()).log1p()",
        "placeholders_to_missing": "pl.when(({is_placeholder}).not_()).then({c})",
        "strip": "{c}.str.strip_chars()",
        "to_index_text": "pl.when({c} == {c}.floor()).then({c}.cast(pl.Int64, strict=False)"
        ".cast(pl.String)).otherwise({c}.cast(pl.String))",
        "to_number": "{c}.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)",
        "to_text": "{c}.cast(pl.String)",
        "to_time": "{c}.cast(pl.String).str.to_datetime(strict=False)",
        "unify_spelling": "{t}.replace({spellings})",
        "zero_to_missing": "pl.when({c} != 0).then({c})",
    }
    # The lower of two middle values: their mean is a float.
    exact = {"fill_median": "{c}.fill_null({c}.drop_nulls().sort().get(({c}.count() - 1) // 2))"}
    tables = {
        "drop_column": "{f} = {f}.drop({n})",
        "drop_columns": "{f} = {f}.drop({dropped})",
        "drop_rows_missing": "{f} = {f}.filter({p}.is_not_null())",
        "drop_duplicates": "{f} = {f}.unique(keep='first', maintain_order=True)",
        "keep_first": "{f} = {f}.filter({c}.is_first_distinct() | {c}.is_null())",
        "drop_shared": "# reference: the table that it was compared with\n"
        "{f} = {f}.lazy().join(\n"
        "    reference.lazy(), on=pl.all(), how='anti', nulls_equal=True\n).collect()",
        "weights": "weights = {f}.lazy().select(\n"
        "    (pl.len() / ({c}.drop_nulls().n_unique() * {c}.len().over({c}))).alias('weight')\n"
        ").collect()\nweights",
    }

    def words(self, target: CodeTarget) -> dict[str, str]:
        if target.column is None:
            return {"f": target.frame}
        column = target.column
        present = f"{_column(column)}.fill_nan(None)" if column.type == "float" else _column(column)
        finite = f"pl.when({present}.is_finite()).then({present})" if column.infinite else present
        return {
            "f": target.frame,
            "c": _column(column),
            "p": present,
            "x": f"{present}.cast(pl.Float64)" if column.type == "decimal" else finite,
            "n": _name(column),
            "t": f"{_column(column)}.cast(pl.String)"
            if column.type == "category"
            else _column(column),
            "is_placeholder": _is_placeholder(column),
            "spellings": repr(spelling_map(column)),
            "dropped": ", ".join(_name(item) for item in target.dropped),
        }

    def show(self, target: CodeTarget) -> str:
        return self.fill(_SELECT % "{c}", target)

    def value(self, target: CodeTarget, value: Value) -> str:
        words = self.words(target)
        missing = f"{words['p']}.is_null()"
        condition = missing if value is None else _equals(target.required_column, words["c"], value)
        return self.finish(f"{target.frame}.lazy().filter({condition}).collect()")

    def numbers(self, target: CodeTarget, form: NumberForm) -> str:
        texts = f"{_column(target.required_column)}.cast(pl.String).str.strip_chars()"
        replaced = "".join(
            f"\n        .str.replace_all({before!r}, {after!r}, literal=True)"
            for before, after in replacements(form)
        )
        whole = f"^(?:{pattern(form)})$"
        return (
            f"pl.when({texts}.str.contains({whole!r})).then(\n"
            f"        {texts}{replaced}\n        .cast(pl.Float64, strict=False)\n    )"
        )

    def times(self, target: CodeTarget, form: str) -> str:
        texts = f"{_column(target.required_column)}.cast(pl.String).str.strip_chars()"
        if "%H" in form:
            return f"{texts}.str.to_datetime({form!r}, strict=False)"
        return f"{texts}.str.to_date({form!r}, strict=False).cast(pl.Datetime('us'))"

    def become(self, target: CodeTarget, expression: str) -> str:
        key = "key = secrets.token_bytes(32)  # keep it if equal values must stay equal\n"
        before = key if "key=key" in expression else ""
        name = target.required_column.name
        return (
            f"{before}{target.frame} = {target.frame}.with_columns(({expression}).alias({name!r}))"
        )


def _is_placeholder(column: ColumnProfile) -> str:
    """Whether a value stands for a missing one."""
    name, literals = _column(column), list(placeholder_literals(column))
    if is_time(column.type):
        return f"{name}.dt.to_string('%Y-%m-%d').is_in({literals!r})"
    if column.type == "category":
        return f"{name}.cast(pl.String).is_in({literals!r})"
    return (
        f"{name}.cast(pl.Float64).is_in({[float(str(item)) for item in literals]!r})"
        if column.type == "decimal"
        else f"{name}.is_in({literals!r})"
    )


def _name(column: ColumnProfile) -> str:
    """What names the column as an argument."""
    return _column(column) if _is_pattern(column.name) else repr(column.name)


def polars_column(name: str) -> str:
    """The column of exactly this name, in a table whose other columns may be anywhere."""
    if _is_pattern(name):
        return f"pl.selectors.by_name({name!r}).as_expr()"
    return f"pl.col({name!r})"


def _is_pattern(name: str) -> bool:
    """polars takes such a name for an expression, or for every column."""
    return name == "*" or (name.startswith("^") and name.endswith("$"))


def _column(column: ColumnProfile) -> str:
    if _is_pattern(column.name):
        return f"pl.selectors.by_index({column.index}).as_expr()"
    return f"pl.col({column.name!r})"


def _equals(column: ColumnProfile, name: str, value: Value) -> str:
    if is_time(column.type):
        moment = f"pl.lit({str(value)!r}).str.to_datetime(time_unit='us', time_zone='UTC')"
        return f"{name}.cast(pl.Datetime('us')) == {moment}.dt.replace_time_zone(None)"
    if column.type == "decimal":
        return f"{name} == Decimal({str(value)!r})"
    if column.type in ODD:
        return f"{name}.cast(pl.String) == {str(value)!r}"
    return f"{name} == pl.lit({python(value, column.type)})"


WRITER = PolarsWriter()
