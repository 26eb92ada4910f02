"""Quick fixes and other code ran on the values of the profile before they are offered, and do what they promise."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

import polars as pl
import pytest

from orrery_engine import alerts, number_forms
from orrery_engine.codegen.quick_fixes import FIX_LABELS, fixes
from orrery_engine.offers import promises, snippets
from orrery_engine.schemas import (
    Alert,
    AlertCode,
    CodeIn,
    CodeJob,
    ColumnProfile,
    Dialect,
    Options,
    Overview,
    SourceIn,
    Statistic,
)
from orrery_engine.stats.univariate import profile_column
from orrery_wire.errors import Invalid
from tests.engine.cells import LOCAL, fixed
from tests.engine.codegen.test_codegen import COLUMNS, FRAME
from tests.loops import each

HERE = SourceIn(kind="frame", location="0" * 32, name="df")

# Texts of a column, and the numbers that they are.
FORMS: tuple[tuple[list[str | None], list[float | None]], ...] = (
    (["1,5", "2,25", "-3", None], [1.5, 2.25, -3.0, None]),
    (["1,234", "12,345,678", "5"], [1234.0, 12345678.0, 5.0]),
    (["1,234.50", "-2,000.25", "7"], [1234.5, -2000.25, 7.0]),
    (["1.234,50", "2.000.000", "7,5"], [1234.5, 2000000.0, 7.5]),
    (["1 234,5", "12\u00a0345", "1\u202f000,25"], [1234.5, 12345.0, 1000.25]),
    (["1'234.5", "2'000", "7"], [1234.5, 2000.0, 7.0]),
    (["5.5%", "10 %", "-0.25%"], [5.5, 10.0, -0.25]),
    (["10 EUR", "1,234.5 EUR", "EUR 7", "8"], [10.0, 1234.5, 7.0, 8.0]),
    (["$10", "-$5.50", "$ 1,000"], [10.0, -5.5, 1000.0]),
    (["1,5 €", "2,25 €", "1.000 €"], [1.5, 2.25, 1000.0]),
    (["(0.50)", "1.25", "(1,000)"], [-0.5, 1.25, -1000.0]),
    (["($5)", "$7", "$ 8"], [-5.0, 7.0, 8.0]),
    (["3 kg", "4.5 kg", "10 kg"], [3.0, 4.5, 10.0]),
    (["1e3", "2.5E-2", "7"], [1000.0, 0.025, 7.0]),
    (["1", "2.5", "n/a", "3", "4"], [1.0, 2.5, None, 3.0, 4.0]),
    (["1,5", "2,5", "unknown", "3", "4,75"], [1.5, 2.5, None, 3.0, 4.75]),
    (["0,500", "0,250", "1,125"], [0.5, 0.25, 1.125]),
)
CODES = (
    ["00501", "10001", "02139"],
    ["007", "8", "9"],
    ["0012", "0013", "x"],
)


def column_of(texts: list[str | None]) -> ColumnProfile:
    return _profiled(tuple(texts))


@cache
def _profiled(texts: tuple[str | None, ...]) -> ColumnProfile:
    """Each dialect asks for the same columns again."""
    return profile_column(pl.Series("x", texts), 0, "x", "str", Options())


def fix(column: ColumnProfile, dialect: Dialect, code: AlertCode, number: int = 0) -> str:
    alert = Alert(
        id="it",
        code=code,
        level="info",
        columns=(0,),
        names=(column.name,),
        message="",
        evidence="",
    )
    asked = CodeIn(what="fix", alert="it", fix=number, dialect=dialect)
    return snippets.snippet(CodeJob(request=asked, source=HERE, columns=(column,), alerts=(alert,)))


@pytest.mark.parametrize("dialect", LOCAL)
@each("texts, numbers", FORMS)
def test_texts_become_the_numbers_that_they_are(
    dialect: Dialect, texts: list[str | None], numbers: list[float | None]
) -> None:
    column = column_of(texts)
    assert column.text is not None
    assert column.text.looks_like == "number"
    frame = pl.DataFrame({"x": texts})
    result = fixed(fix(column, dialect, "mixed_types"), dialect, frame)["x"].cast(pl.Float64)
    assert result.fill_nan(None).to_list() == pytest.approx(numbers)


@each("texts", CODES)
def test_codes_with_leading_zeros_are_no_numbers(texts: list[str]) -> None:
    column = column_of([*texts] * 5)
    assert column.text is not None
    assert column.text.number is None
    overview = Overview(rows=column.count, columns=1)
    assert "mixed_types" not in [
        alert.code for alert in alerts.find(overview, (column,), Options())
    ]


def test_units_that_differ_are_not_dropped() -> None:
    assert number_forms.form_of(["5%", "0.5", "7%", "0.2"]) is None
    form = number_forms.form_of(["10 EUR", "5 EUR", "7 EUR", "3 USD"])
    assert form is not None
    assert [number_forms.parse(text, form) for text in ("10 EUR", "3 USD", "4")] == [
        10.0,
        None,
        4.0,
    ]


DATES: tuple[tuple[list[str], str], ...] = (
    (["31/12/2024", "01/02/2024", "15/03/2024"], "2024-12-31"),
    (["12/31/2024", "02/01/2024", "03/15/2024"], "2024-12-31"),
    (["31.12.2024", "1.2.2024", "15.03.2024"], "2024-12-31"),
    (["31-12-24", "01-02-24", "15-03-24"], "2024-12-31"),
    (["2024/12/31", "2024/02/01"], "2024-12-31"),
    (["31/12/2024 10:30", "01/02/2024 11:00"], "2024-12-31"),
    (["2024-12-31", "2024-02-01", "2024-03-15"], "2024-12-31"),
)


@pytest.mark.parametrize("dialect", LOCAL)
@each("texts, first", DATES)
def test_texts_become_the_days_that_they_are(
    dialect: Dialect, texts: list[str], first: str
) -> None:
    column = column_of([*texts, *texts, *texts])
    assert column.text is not None
    assert column.text.looks_like == "date"
    if dialect == "sql" and column.text.date_form:
        with pytest.raises(Invalid, match="no common way"):
            fix(column, dialect, "mixed_types")
        return
    frame = pl.DataFrame({"x": [*texts, "none"] if dialect != "sql" else texts})
    result = fixed(fix(column, dialect, "mixed_types"), dialect, frame)["x"]
    assert str(result.cast(pl.Datetime("us"))[0])[:10] == first
    assert result.null_count() == (dialect != "sql")


NUMERIC = {"mean", "std", "quantiles", "histogram", "outliers", "skewness", "associations"}
NUMERIC_FIXES = {"clip_outliers", "fill_median", "infinite_to_missing", "log", "zero_to_missing"}
# Alerts that only columns of some types have.
OF_TYPES: dict[AlertCode, tuple[str, ...]] = {
    "blank": ("text",),
    "high_cardinality": ("text",),
    "imbalance": ("text", "boolean"),
    "mixed_types": ("text",),
    "personal_data": ("text",),
    # Of what these are about, these columns have nothing.
    "placeholder": (),
    "spelling": (),
}


def _job(**more: Any) -> CodeJob:
    return CodeJob(request=CodeIn(**more), source=HERE, columns=COLUMNS)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dialect", LOCAL)
def test_every_statistic_column_and_value_runs_on_the_profile(dialect: Dialect) -> None:
    for column in COLUMNS[:: 3 if dialect == "sql" else 1]:
        shared = {"column": column.index, "dialect": dialect}
        assert snippets.snippet(_job(what="column", **shared))
        value = column.top[0].value if column.top else column.minimum
        assert snippets.snippet(_job(what="value", value=value, **shared))
        for statistic in get_args(Statistic):
            asked = _job(what="statistic", statistic=statistic, **shared)
            if statistic in NUMERIC and column.type not in ("integer", "float", "decimal"):
                with pytest.raises(Invalid, match="no such statistic"):
                    snippets.snippet(asked)
                continue
            assert snippets.snippet(asked)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dialect", LOCAL)
def test_every_quick_fix_keeps_its_promise(dialect: Dialect) -> None:
    for column in COLUMNS[:: 3 if dialect == "sql" else 1]:
        pattern = column.text.looks_like if column.text else ""
        for code in get_args(AlertCode):
            if column.type not in OF_TYPES.get(code, (column.type,)):
                continue
            if code == "mixed_types" and not (column.text and column.text.number):
                continue
            places = (0, column.index) if code == "correlated" else (column.index,)
            alert = Alert(
                id="it",
                code=code,
                level="info",
                columns=places,
                names=("x",),
                message="",
                evidence="",
            )
            for number in range(len(fixes(code, column.type, pattern))):
                asked = CodeIn(what="fix", alert="it", fix=number, dialect=dialect)
                job = CodeJob(request=asked, source=HERE, columns=COLUMNS, alerts=(alert,))
                if fixes(code, column.type, pattern)[number] in NUMERIC_FIXES and (
                    column.type not in ("integer", "float", "decimal")
                ):
                    with pytest.raises(Invalid, match="that is for numbers"):
                        snippets.snippet(job)
                    continue
                if code == "infinite" and column.type != "float":
                    continue
                assert snippets.snippet(job), (column.name, code, number)


def test_a_fix_that_breaks_its_promise_is_not_offered() -> None:
    column = column_of(["1,5", "2,25", "3,5"])
    before = snippets.proof.as_table(snippets.probe([column]))
    empty = snippets.proof.Table(("x",), (pl.Series("x", [None] * before.rows, dtype=pl.Float64),))
    with pytest.raises(Invalid, match="other numbers"):
        promises.require("to_number", [column], before, empty)
    with pytest.raises(Invalid, match="missing afterwards"):
        promises.require("strip", [column], before, empty)
    short = snippets.proof.Table(("x",), (before.columns[0].head(3),))
    with pytest.raises(Invalid, match="rows came or went"):
        promises.require("strip", [column], before, short)


def test_a_wide_table_is_tried_on_few_columns() -> None:
    texts = ["1,5", "2,25", "3,5"]
    columns = tuple(
        column_of(texts).model_copy(update={"index": place, "name": f"c{place}"})
        for place in range(500)
    )
    alert = Alert(
        id="it",
        code="mixed_types",
        level="info",
        columns=(400,),
        names=("c400",),
        message="",
        evidence="",
    )
    asked = CodeIn(what="fix", alert="it", dialect="pandas")
    written = snippets.snippet(
        CodeJob(request=asked, source=HERE, columns=columns, alerts=(alert,))
    )
    assert "c400" in written
    assert set(FIX_LABELS) >= {"to_number"}


def test_code_that_cannot_be_run_says_so() -> None:
    written = snippets.snippet(_job(what="column", column=0, dialect="spark"))
    assert written.startswith("# Not run beforehand")
    doubled = tuple(column.model_copy(update={"name": "same"}) for column in COLUMNS[:2])
    asked = CodeIn(what="column", column=0, dialect="polars")
    with pytest.raises(Invalid, match="does not work on the data"):
        snippets.snippet(CodeJob(request=asked, source=HERE, columns=doubled))
    assert len(FRAME.columns) == len(COLUMNS)
