"""Tables of pyarrow."""

from __future__ import annotations

from orrery_engine.codegen.base import (
    NUMBERS,
    ODD,
    SHARES,
    CodeTarget,
    Writer,
    placeholder_literals,
    spelling_map,
)
from orrery_engine.codegen.pandas import numbers_of
from orrery_engine.quoting import is_time, python
from orrery_engine.schemas import ColumnProfile, NumberForm, Value

_HASH = """pa.array(
    [
        value
        if value is None
        else hashlib.blake2b(str(value).encode(), key=key, digest_size=16).hexdigest()
        for value in {c}.to_pylist()
    ],
    pa.string(),
)"""
_FENCES = "q1, q3 = pc.quantile({x}, q=[0.25, 0.75]).to_pylist()\n"


class ArrowWriter(Writer):
    """Code for a Table of pyarrow."""

    statistics = {
        "missing": "{p}.null_count",
        "distinct": "pc.count_distinct({p})",
        "mean": "pc.mean({x})",
        "std": "pc.stddev({x}, ddof=1)",
        "min": "pc.min({x})",
        "max": "pc.max({x})",
        "quantiles": f"pc.quantile({{x}}, q={list(SHARES)})",
        "histogram": "np.histogram({x}.drop_null().to_numpy(), bins=20)",
        "top": "pa.table([{p}.drop_null()], names=['value']).group_by('value')"
        ".aggregate([([], 'count_all')]).sort_by([('count_all', 'descending')]).slice(0, 10)",
        "outliers": _FENCES + "{f}.filter(pc.or_(\n"
        "    pc.less({x}, q1 - 1.5 * (q3 - q1)), pc.greater({x}, q3 + 1.5 * (q3 - q1))\n))",
        "skewness": "pc.skew({x}, biased=False)",
        "duplicates": "{f}.filter(pa.array({f}.to_pandas().astype(str).duplicated()))",
        "associations": "{f}.to_pandas().corr(numeric_only=True)",
    }
    columns = {
        "blank_to_missing": "pc.if_else(pc.equal(pc.utf8_trim_whitespace({c}), ''), None, {c})",
        "clip_outliers": "pc.min_element_wise("
        "pc.max_element_wise({x}, low, skip_nulls=False), high, skip_nulls=False)",
        "fill_median": "pc.fill_null(pc.cast({p}, pa.float64()), pc.quantile({x}, q=0.5)[0])",
        "fill_most_frequent": "pc.fill_null({p}, max("
        "pc.value_counts({p}.drop_null()).to_pylist(), key=lambda one: one['counts'])['values'])",
        "group_rare": "pc.if_else(pc.or_(pc.is_null({c}), pc.is_in({c}, value_set=pc.value_counts("
        "{c}.drop_null()).take(pc.sort_indices(pc.value_counts({c}.drop_null()).field('counts'),"
        " sort_keys=[('', 'descending')])[:20]).field('values'))), {c}, 'other')",
        "hash_values": _HASH,
        "infinite_to_missing": "pc.if_else(pc.is_inf({c}), None, {c})",
        "log": "pc.log1p(pc.subtract(pc.cast({x}, pa.float64()), pc.cast(pc.min({x}), pa.float64())))",
        "placeholders_to_missing": "pc.if_else({is_placeholder}, None, {t})",
        "strip": "pc.utf8_trim_whitespace({c})",
        "to_index_text": "pc.if_else(pc.equal({c}, pc.floor({c})),"
        " pc.cast(pc.cast({c}, pa.int64(), safe=False), pa.string()), pc.cast({c}, pa.string()))",
        "to_number": "pa.array(pd.to_numeric({c}.to_pandas(), errors='coerce'),"
        " pa.float64(), from_pandas=True)",
        "to_text": "pc.cast({c}, pa.string())",
        "to_time": "pa.array(pd.to_datetime({c}.to_pandas(), errors='coerce', format='mixed'),"
        " from_pandas=True)",
        "unify_spelling": "pa.array(\n"
        "        [{spellings}.get(value, value) for value in {c}.to_pylist()], pa.string()\n    )",
        "zero_to_missing": "pc.if_else(pc.equal({c}, 0), None, {c})",
    }
    # The lower of two middle values: their mean is a float.
    exact = {
        "fill_median": "pc.fill_null({c}, {c}.take(pc.sort_indices({c}))[({c}.length() - {c}.null_count - 1) // 2])"
    }
    tables = {
        "drop_column": "{f} = {f}.remove_column({i})",
        "drop_columns": "{f} = {without}",
        "drop_rows_missing": "{f} = {f}.filter(pc.is_valid({p}))",
        "drop_duplicates": "{f} = {f}.filter(pa.array(~{f}.to_pandas().astype(str).duplicated()))",
        "keep_first": "{f} = {f}.filter(pa.array(~{c}.to_pandas().duplicated() | {c}.to_pandas().isna()))",
        "drop_shared": "# reference: the table that it was compared with\n"
        "rows, known = (\n"
        "    pd.util.hash_pandas_object(table.to_pandas().astype(str), index=False)\n"
        "    for table in ({f}, reference.select({f}.column_names))\n"
        ")\n"
        "{f} = {f}.filter(pa.array(~rows.isin(known)))",
        "weights": "counts = {{one['values']: one['counts'] for one in pc.value_counts({c}).to_pylist()}}\n"
        "weights = pa.array([len({c}) / (len(counts) * counts[value]) for value in {c}.to_pylist()])\n"
        "weights",
    }

    def words(self, target: CodeTarget) -> dict[str, str]:
        if target.column is None:
            return {"f": target.frame}
        column = target.column
        name = f"{target.frame}.column({column.index if target.doubled else repr(column.name)})"
        present = f"pc.if_else(pc.is_nan({name}), None, {name})" if column.type == "float" else name
        finite = f"pc.if_else(pc.is_finite({name}), {name}, None)" if column.infinite else present
        return {
            "f": target.frame,
            "c": name,
            "p": present,
            "x": f"pc.cast({present}, pa.float64())" if column.type == "decimal" else finite,
            "i": str(column.index)
            if target.doubled
            else f"{target.frame}.column_names.index({column.name!r})",
            "t": f"pc.cast({name}, pa.string())" if column.type == "category" else name,
            "is_placeholder": _is_placeholder(column, name),
            "spellings": repr(spelling_map(column)),
            "without": _without(target),
        }

    def show(self, target: CodeTarget) -> str:
        return self.fill("{c}", target)

    def value(self, target: CodeTarget, value: Value) -> str:
        words = self.words(target)
        missing = f"pc.is_null({words['p']})"
        condition = missing if value is None else _equals(target.required_column, words["c"], value)
        return self.finish(f"{target.frame}.filter({condition})")

    def numbers(self, target: CodeTarget, form: NumberForm) -> str:
        series = f"{self.words(target)['c']}.to_pandas()"
        return f"pa.array({numbers_of(series, form)}, pa.float64(), from_pandas=True)"

    def times(self, target: CodeTarget, form: str) -> str:
        series = f"{self.words(target)['c']}.to_pandas()"
        return f"pa.array(pd.to_datetime({series}, errors='coerce', format={form!r}), from_pandas=True)"

    def become(self, target: CodeTarget, expression: str) -> str:
        words = self.words(target)
        before = ""
        if "key=key" in expression:
            before = "key = secrets.token_bytes(32)  # keep it if equal values must stay equal\n"
        if "low, skip_nulls" in expression:
            before = _FENCES.format_map(words)
            before += "low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)\n"
        return (
            f"{before}{target.frame} = {target.frame}.set_column(\n"
            f"    {words['i']}, {target.required_column.name!r}, {expression}\n)"
        )


def _is_placeholder(column: ColumnProfile, name: str) -> str:
    """Whether a value stands for a missing one."""
    literals = list(placeholder_literals(column))
    if is_time(column.type):
        texts = f"pc.strftime({name}, format='%Y-%m-%d')"
        return f"pc.is_in({texts}, value_set=pa.array({literals!r}, pa.string()))"
    if column.type in NUMBERS:
        literals = [float(str(item)) for item in literals]
        numbers = f"pc.cast({name}, pa.float64(), safe=False)"
        return f"pc.is_in({numbers}, value_set=pa.array({literals!r}, pa.float64()))"
    return f"pc.is_in(pc.cast({name}, pa.string()), value_set=pa.array({literals!r}, pa.string()))"


def _without(target: CodeTarget) -> str:
    """The table without the columns that go."""
    frame, names = target.frame, [column.name for column in target.columns]
    if any(names.count(column.name) > 1 for column in target.dropped):
        places = [column.index for column in target.dropped]
        return f"{frame}.select([i for i in range({frame}.num_columns) if i not in {places!r}])"
    return f"{frame}.drop_columns({[column.name for column in target.dropped]!r})"


def _equals(column: ColumnProfile, name: str, value: Value) -> str:
    if is_time(column.type):
        moment = f"pd.to_datetime({str(value)!r}, utc=True)"
        return f"pa.array(pd.to_datetime({name}.to_pandas(), utc=True) == {moment})"
    if column.type == "decimal":
        return f"pc.equal({name}, Decimal({str(value)!r}))"
    if column.type in ODD:
        return f"pa.array([str(value) == {str(value)!r} for value in {name}.to_pylist()])"
    return f"pc.equal({name}, {python(value, column.type)})"


WRITER = ArrowWriter()
