"""pandas."""

from __future__ import annotations

from dataclasses import replace

from orrery_engine.codegen.base import (
    ODD,
    SHARES,
    CodeTarget,
    Writer,
    placeholder_literals,
    spelling_map,
)
from orrery_engine.number_forms import pattern, replacements
from orrery_engine.quoting import is_time, native, python
from orrery_engine.schemas import ColumnProfile, NumberForm, Value

_HASH = """{s}.map(
    lambda value: value
    if pd.isna(value)
    else hashlib.blake2b(str(value).encode(), key=key, digest_size=16).hexdigest()
)"""


class PandasWriter(Writer):
    """Code for a DataFrame of pandas."""

    statistics = {
        "missing": "{s}.isna().sum()",
        "distinct": "{s}.nunique()",
        "mean": "{x}.mean()",
        "std": "{x}.std()",
        "min": "{x}.min()",
        "max": "{x}.max()",
        "quantiles": f"{{x}}.quantile({list(SHARES)})",
        "histogram": "{x}.value_counts(bins=20, sort=False)",
        "top": "{s}.value_counts().head(10)",
        "outliers": "q1, q3 = {x}.quantile([0.25, 0.75])\n"
        "{f}[({x} < q1 - 1.5 * (q3 - q1)) | ({x} > q3 + 1.5 * (q3 - q1))]",
        "skewness": "{x}.skew()",
        "duplicates": "{f}[{f}.astype(str).duplicated()]",
        "associations": "{f}.corr(numeric_only=True)",
    }
    columns = {
        "blank_to_missing": "{s}.mask({s}.str.strip() == '')",
        "clip_outliers": "{n}.clip(*({x}.quantile([0.25, 0.75])"
        " + 1.5 * ({x}.quantile(0.75) - {x}.quantile(0.25)) * np.array([-1, 1])))",
        "fill_median": "{m}.fillna({x}.median())",
        "fill_most_frequent": "{s}.fillna({s}.mode().iloc[0])",
        "group_rare": "{s}.astype(object).where("
        "{s}.isin({s}.value_counts().index[:20]) | {s}.isna(), 'other')",
        "hash_values": _HASH,
        "infinite_to_missing": "{s}.replace([np.inf, -np.inf], np.nan)",
        "log": "np.log1p({x} - {x}.min())",
        "placeholders_to_missing": "{s}.mask({is_placeholder})",
        "strip": "{s}.str.strip()",
        "to_index_text": "{s}.map(lambda value: None if pd.isna(value) else"
        " str(int(value)) if float(value).is_integer() else str(value))",
        "to_number": "pd.to_numeric({s}, errors='coerce')",
        "to_text": "{s}.map(str, na_action='ignore')",
        "to_time": "pd.to_datetime({s}, errors='coerce', format='mixed')",
        "unify_spelling": "{o}.replace({spellings})",
        "zero_to_missing": "{s}.mask({s} == 0)",
    }
    # The lower of two middle values: their mean is a float.
    exact = {
        "fill_median": "{s}.fillna({s}.dropna().sort_values().iloc[({s}.count() - 1) // 2])",
        "placeholders_to_missing": "{w}.mask({is_placeholder})",
        "zero_to_missing": "{w}.mask({s} == 0)",
    }
    tables = {
        "drop_column": "{f} = {without}",
        "drop_columns": "{f} = {without}",
        "drop_rows_missing": "{f} = {f}[{s}.notna()]",
        "drop_duplicates": "{f} = {f}[~{f}.astype(str).duplicated()]",
        "keep_first": "{f} = {f}[~{s}.duplicated() | {s}.isna()]",
        "drop_shared": "# reference: the table that it was compared with\n"
        "{f} = {f}[\n"
        "    ~pd.util.hash_pandas_object({f}.astype(str), index=False).isin(\n"
        "        pd.util.hash_pandas_object(reference[{f}.columns].astype(str), index=False)\n"
        "    )\n"
        "]",
        "weights": "weights = {s}.map(len({s}) / ({s}.nunique() * {s}.value_counts()))\nweights",
    }

    def words(self, target: CodeTarget) -> dict[str, str]:
        frame = target.frame
        if target.column is None:
            return {"f": frame, "x": frame, "s": frame}
        column = target.column
        series = _series(target)
        finite = f"{series}.replace([float('inf'), -float('inf')], float('nan'))"
        plain = series
        if column.type == "decimal":
            plain = f"{series}.astype(float)"
        # What whole numbers are filled with or cut at may lie between two of them.
        between = f"{series}.astype(float)" if column.type == "integer" else ""
        literals = list(placeholder_literals(column))
        is_placeholder = f"{plain}.isin({literals!r})"
        if is_time(column.type):
            is_placeholder = f"{series}.astype(str).str.slice(0, 10).isin({literals!r})"
        return {
            "f": frame,
            "s": series,
            "x": finite if column.infinite else plain,
            "n": between or (finite if column.infinite else plain),
            "m": between or series,
            "w": f"{series}.astype({_whole(column)!r})" if column.type == "integer" else series,
            "o": f"{series}.astype(object)" if column.type == "category" else series,
            "is_placeholder": is_placeholder,
            "spellings": repr(spelling_map(column)),
            "without": _without(target),
        }

    def show(self, target: CodeTarget) -> str:
        return _series(target) + "\n"

    def value(self, target: CodeTarget, value: Value) -> str:
        frame, series = target.frame, _series(target)
        if value is None:
            return f"{frame}[{series}.isna()]\n"
        return self.finish(f"{frame}[{_equals(target.required_column, series, value)}]")

    def numbers(self, target: CodeTarget, form: NumberForm) -> str:
        return numbers_of(_series(target), form)

    def times(self, target: CodeTarget, form: str) -> str:
        return f"pd.to_datetime({_series(target)}, errors='coerce', format={form!r})"

    def become(self, target: CodeTarget, expression: str) -> str:
        key = "key = secrets.token_bytes(32)  # keep it if equal values must stay equal\n"
        before = key if "key=key" in expression else ""
        if _by_place(target):
            return f"{before}{target.frame}.isetitem({target.required_column.index}, {expression})"
        return f"{before}{target.frame}[{target.required_column.name!r}] = {expression}"


def numbers_of(series: str, form: NumberForm) -> str:
    """An expression for the numbers of a series of texts."""
    replaced = "".join(
        f"\n    .str.replace({before!r}, {after!r}, regex=False)"
        for before, after in replacements(form)
    )
    return (
        f"pd.to_numeric(\n    {series}.map(str, na_action='ignore')\n    .str.strip()\n"
        f"    .where(lambda texts: texts.str.fullmatch({pattern(form)!r}, na=False))"
        f"{replaced},\n    errors='coerce',\n)"
    )


def _whole(column: ColumnProfile) -> str:
    """The type of pandas for whole numbers beside missing values."""
    largest = native(column.maximum, column.type)
    return "UInt64" if isinstance(largest, int) and largest >= 2**63 else "Int64"


def _by_place(target: CodeTarget) -> bool:
    """A name that is doubled, or that may be a number in the frame, says nothing."""
    return target.doubled or target.required_column.name.isdecimal()


def _without(target: CodeTarget) -> str:
    """The dataframe without the columns that go."""
    frame = target.frame
    dropped = target.dropped or (target.required_column,)
    if any(_by_place(replace(target, column=column)) for column in dropped):
        places = [column.index for column in dropped]
        return f"{frame}.iloc[:, [i for i in range({frame}.shape[1]) if i not in {places!r}]]"
    return f"{frame}.drop(columns={[column.name for column in dropped]!r})"


def _series(target: CodeTarget) -> str:
    if _by_place(target):
        return f"{target.frame}.iloc[:, {target.required_column.index}]"
    return f"{target.frame}[{target.required_column.name!r}]"


def _equals(column: ColumnProfile, series: str, value: Value) -> str:
    if is_time(column.type):
        times = "pd.to_datetime({}, utc=True)"
        return f"{times.format(series)} == {times.format(repr(value))}"
    if column.type == "decimal":
        return f"{series}.map(str, na_action='ignore').map(Decimal, na_action='ignore') == Decimal({str(value)!r})"
    if column.type in ODD:
        return f"{series}.astype(str) == {str(value)!r}"
    return f"{series} == {python(value, column.type)}"


WRITER = PandasWriter()
