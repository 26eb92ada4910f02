"""A suite means the same wherever it runs; what a profile suggests holds for the data that it profiled."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from orrery_engine.checks import render, suggest
from orrery_engine.checks.check_types import python_pattern
from orrery_engine.checks.sql import statements
from orrery_engine.run_checks import check
from orrery_engine.schemas import Check, Sampling, Suite
from tests.effort import examples
from tests.engine.tables import FrameTable, profiled, result
from tests.engine.verdicts import by_duckdb, by_great_expectations, by_pandera, by_sqlite, ours

slow = settings(
    deadline=None, max_examples=examples(30), suppress_health_check=[HealthCheck.too_slow]
)

WORD = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]) | st.sampled_from("'\"`\\%_;-{}ab"),
    max_size=5,
)
START = dt.datetime(2024, 1, 1)


def gappy(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return values | st.none() | values


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "whole": gappy(st.integers(-5, 5)),
            "real": gappy(st.integers(-8, 8).map(lambda n: n / 4)),
            "word": gappy(WORD),
            "flag": gappy(st.booleans()),
            "when": gappy(st.integers(0, 9).map(lambda n: START + dt.timedelta(days=n))),
        }
    ),
    min_size=1,
    max_size=12,
)
SCHEMA = {
    "whole": pl.Int64,
    "real": pl.Float64,
    "word": pl.String,
    "flag": pl.Boolean,
    "when": pl.Datetime("us"),
}
# No share of at most twelve rows: what is exactly at the limit is another test's business.
ALLOWED = st.sampled_from([0.0, 0.0, 0.13, 0.29, 0.61])
TYPES = {"whole": "integer", "real": "float", "word": "text", "flag": "boolean", "when": "datetime"}


def _limits(column: str) -> st.SearchStrategy[tuple[object, object]]:
    kinds: dict[str, st.SearchStrategy[object]] = {
        "whole": st.integers(-4, 4),
        "real": st.integers(-6, 6).map(lambda n: n / 4),
        "word": WORD,
        "when": st.integers(0, 9).map(lambda n: (START + dt.timedelta(days=n)).isoformat()),
    }
    return st.tuples(st.none() | kinds[column], kinds[column])


CHECKS = st.one_of(
    st.builds(
        lambda column, allowed: Check(
            code="not_null", column=column, type=TYPES[column], allowed=allowed
        ),
        st.sampled_from(list(SCHEMA)),
        ALLOWED,
    ),
    st.builds(
        lambda column, allowed: Check(
            code="unique", column=column, type=TYPES[column], allowed=allowed
        ),
        st.sampled_from(["whole", "real", "word"]),
        ALLOWED,
    ),
    st.sampled_from(["whole", "real", "word", "when"]).flatmap(
        lambda column: st.builds(
            lambda limits, allowed: Check(
                code="between",
                column=column,
                type=TYPES[column],
                minimum=limits[0],
                maximum=limits[1],
                allowed=allowed,
            ),
            _limits(column),
            ALLOWED,
        )
    ),
    st.builds(
        lambda values, allowed: Check(
            code="in_set", column="word", type="text", values=tuple(values), allowed=allowed
        ),
        st.lists(WORD, max_size=4),
        ALLOWED,
    ),
    st.builds(
        lambda values: Check(code="in_set", column="whole", type="integer", values=tuple(values)),
        st.lists(st.integers(-5, 5), max_size=8),
    ),
    st.builds(
        lambda pattern, allowed: Check(
            code="matches", column="word", type="text", pattern=pattern, allowed=allowed
        ),
        st.sampled_from(["^[a-z]*$", "a", "^$", r"\\", "'", "^.{0,3}$", r"[^ab]"]),
        ALLOWED,
    ),
    st.builds(
        lambda low, high: Check(
            code="length_between", column="word", type="text", minimum=low, maximum=high
        ),
        st.none() | st.integers(0, 2),
        st.integers(1, 5),
    ),
    st.builds(
        lambda low, high: Check(code="row_count_between", minimum=low, maximum=high),
        st.integers(0, 6),
        st.none() | st.integers(3, 12),
    ),
    st.builds(
        lambda columns: Check(code="no_duplicates", values=tuple(columns)),
        st.lists(st.sampled_from(["whole", "word", "flag"]), min_size=2, max_size=3, unique=True),
    ),
    st.builds(
        lambda column, kind: Check(code="type", column=column, type=kind),
        st.sampled_from(["whole", "real", "word"]),
        st.sampled_from(["integer", "float", "text"]),
    ),
    st.builds(
        lambda column: Check(code="column_exists", column=column),
        st.sampled_from(["whole", "nowhere", 'no"where']),
    ),
)


@slow
@given(ROWS, st.lists(CHECKS, min_size=1, max_size=6))
def test_every_renderer_gives_the_same_verdicts(
    rows: list[dict[str, object]], checks: list[Check]
) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA)
    suite = Suite(checks=tuple(checks))
    expected = ours(frame, suite)
    told = {
        "pandera": by_pandera(frame, suite),
        "duckdb": by_duckdb(frame, suite),
        "sqlite": by_sqlite(frame, suite),
    }
    for name, found in told.items():
        assert found == expected, (name, suite)


BAD = pl.DataFrame(
    {
        "id": [1, 2, 2, 4, 5, 6, 7, 8],
        "price": [1.0, 2.0, None, 4.0, 500.0, 6.0, 7.0, 8.0],
        "kind": ["a", "b", "c'", "a", "zz", None, "b", "a"],
        "when": [START + dt.timedelta(days=n - 2) for n in range(8)],
        "mail": ["a@b.org", "no mail", "c@d.org", None, "e@f.org", "g@h.org", "i@j.org", "k@l.org"],
    }
)
PROMISES = (
    Check(code="column_exists", column="id"),
    Check(code="type", column="id", type="integer"),
    Check(code="type", column="kind", type="text"),
    Check(code="type", column="when", type="datetime"),
    Check(code="not_null", column="id", type="integer"),
    Check(code="not_null", column="price", type="float"),
    Check(code="not_null", column="price", type="float", allowed=0.2),
    Check(code="unique", column="id", type="integer"),
    Check(code="unique", column="when", type="datetime"),
    Check(code="between", column="price", type="float", minimum=0, maximum=100),
    Check(code="between", column="price", type="float", minimum=0, maximum=100, allowed=0.2),
    Check(code="between", column="when", type="datetime", minimum="2024-01-01T00:00:00"),
    Check(code="between", column="when", type="datetime", minimum="2023-01-01T00:00:00"),
    Check(code="in_set", column="kind", type="text", values=("a", "b", "c'")),
    Check(code="in_set", column="kind", type="text", values=("a", "b", "c'", "zz")),
    Check(code="matches", column="mail", type="text", pattern=r"^[^@\s]+@[^@\s]+$"),
    Check(code="matches", column="mail", type="text", pattern=r"^[^@\s]+@[^@\s]+$", allowed=0.2),
    Check(code="length_between", column="kind", type="text", minimum=1, maximum=1),
    Check(code="length_between", column="kind", type="text", minimum=1, maximum=2),
    Check(code="row_count_between", minimum=4, maximum=16),
    Check(code="row_count_between", minimum=9),
    Check(code="no_duplicates", values=("id", "price")),
    Check(code="no_duplicates", values=("id", "kind")),
)
HOLDS = (
    *(True, True, True, True, True, False, True, False, True, False, True, False, True),
    *(False, True, False, True, False, True, True, False, True, True),
)


def test_great_expectations_agrees_on_good_and_bad_data() -> None:
    suite = Suite(checks=PROMISES)
    assert tuple(ours(BAD, suite)) == HOLDS
    assert tuple(by_great_expectations(BAD, suite)) == HOLDS
    assert tuple(by_pandera(BAD, suite)) == HOLDS
    assert tuple(by_duckdb(BAD, suite)) == HOLDS
    assert tuple(by_sqlite(BAD, suite)) == HOLDS


ANY_FRAME = st.lists(
    st.fixed_dictionaries(
        {
            "a": gappy(st.integers(-(2**60), 2**60)),
            "b": gappy(st.floats(allow_nan=False, allow_infinity=False)),
            "c": gappy(WORD),
            "d": gappy(st.booleans()),
            "e": gappy(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))),
            "f": gappy(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))),
            "g": gappy(st.sampled_from(["x", "y", 'z"'])),
        }
    ),
    min_size=0,
    max_size=60,
)
ANY_SCHEMA = {
    "a": pl.Int64,
    "b": pl.Float64,
    "c": pl.String,
    "d": pl.Boolean,
    "e": pl.Datetime("us"),
    "f": pl.Date,
    "g": pl.String,
}


@slow
@given(ANY_FRAME)
def test_what_a_profile_suggests_holds_for_its_own_data(rows: list[dict[str, object]]) -> None:
    frame = pl.DataFrame(rows, schema=ANY_SCHEMA)
    overview, columns = profiled(FrameTable(frame))
    suite = suggest(overview, columns)
    for one in check(FrameTable(frame), suite).results:
        assert one.passed, one
    assert all(by_pandera(frame, suite))
    assert all(by_duckdb(frame, suite))


def shop(rows: int = 240) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": range(rows),
            "price": [1.5 * (n % 37) for n in range(rows)],
            "kind": [("food", "tools", "it's")[n % 3] for n in range(rows)],
            "mail": [f"u{n}@example.org" for n in range(rows)],
            "when": [START + dt.timedelta(hours=n) for n in range(rows)],
            "paid": [Decimal(n % 9) / 4 for n in range(rows)],
            "open": [n % 2 == 0 for n in range(rows)],
        }
    )


def codes(suite: Suite, column: str | None) -> list[str]:
    return [one.code for one in suite.checks if one.column == column]


def test_a_profile_suggests_what_a_person_would() -> None:
    overview, columns = profiled(FrameTable(shop()))
    suite = suggest(overview, columns, "shop")
    assert codes(suite, None) == ["row_count_between"]
    assert codes(suite, "id") == ["type", "not_null", "unique", "between"]
    assert codes(suite, "kind") == ["type", "not_null", "in_set"]
    assert codes(suite, "mail") == ["type", "not_null", "unique", "length_between", "matches"]
    assert codes(suite, "when") == ["type", "not_null", "between"]
    assert codes(suite, "open") == ["type", "not_null"]
    (kinds,) = [one for one in suite.checks if one.code == "in_set"]
    assert kinds.values == ("food", "it's", "tools")
    assert all(one.why for one in suite.checks)


@pytest.mark.parametrize(
    ("column", "spoilt", "code"),
    [
        ("price", pl.lit(-1.0), "between"),
        ("kind", pl.lit("poison"), "in_set"),
        ("mail", pl.lit("nobody"), "matches"),
        ("id", pl.lit(7), "unique"),
        ("when", pl.lit(dt.datetime(1999, 1, 1)), "between"),
        ("open", pl.lit(None, pl.Boolean), "not_null"),
        ("paid", pl.lit(Decimal(-5)), "between"),
    ],
)
def test_what_is_suggested_is_broken_by_bad_data(column: str, spoilt: pl.Expr, code: str) -> None:
    overview, columns = profiled(FrameTable(shop()))
    suite = suggest(overview, columns)
    bad = shop().with_columns(
        pl.when(pl.int_range(pl.len()) < 20).then(spoilt).otherwise(pl.col(column)).alias(column)
    )
    broken = {
        (one.check.column, one.check.code): one
        for one in check(FrameTable(bad), suite).results
        if not one.passed
    }
    assert (column, code) in broken
    found = broken[column, code]
    assert 19 <= found.broken <= 21
    assert found.rows in (220, 240)
    assert found.examples or code == "not_null"


def test_a_sample_promises_nothing_that_only_all_rows_can_tell() -> None:
    overview, columns = profiled(FrameTable(shop()))
    sampling = Sampling(rows=240, of=100_000, why="the budget", margin=0.06)
    suite = suggest(overview.model_copy(update={"sampling": sampling}), columns)
    said = {one.code for one in suite.checks}
    assert said.isdisjoint({"unique", "in_set", "no_duplicates"})
    assert all(one.allowed > 0 for one in suite.checks if one.code == "not_null")


def test_a_missing_column_breaks_its_checks_and_no_others() -> None:
    suite = Suite(
        checks=(Check(code="not_null", column="gone"), Check(code="not_null", column="id"))
    )
    first, second = check(FrameTable(shop()), suite).results
    assert (first.passed, second.passed) == (False, True)
    assert first.message == "There is no such column"


def test_limits_that_cannot_be_compared_are_said() -> None:
    suite = Suite(
        checks=(
            Check(code="between", column="kind", type="integer", minimum=1),
            Check(code="between", column="when", minimum="soon"),
            Check(code="matches", column="id", pattern="x"),
            Check(code="between", column="open", minimum=0),
        )
    )
    results = check(FrameTable(shop()), suite).results
    assert [one.passed for one in results] == [False] * 4
    assert results[1].message == "'soon' is no point in time"
    assert "not texts" in results[2].message


def test_expressions_that_only_python_knows_are_checked_too() -> None:
    frame = pl.DataFrame({"word": ["ab", "ac", "b"]})
    suite = Suite(checks=(Check(code="matches", column="word", pattern="a(?=b)", allowed=0.7),))
    (found,) = check(FrameTable(frame), suite).results
    assert found.passed
    assert found.broken == 2


def test_what_is_exactly_allowed_passes() -> None:
    frame = pl.DataFrame({"x": [None] * 29 + list(range(71))}, schema={"x": pl.Int64})
    suite = Suite(checks=(Check(code="not_null", column="x", type="integer", allowed=0.29),))
    assert ours(frame, suite) == by_pandera(frame, suite) == by_duckdb(frame, suite) == [True]
    assert by_sqlite(frame, suite) == [True]


def test_the_end_of_an_expression_is_the_end_of_the_text() -> None:
    assert python_pattern("^a$") == r"^a\Z"
    assert python_pattern(r"^a\$") == r"^a\$"
    assert python_pattern(r"^a\\$") == r"^a\\\Z"
    frame = pl.DataFrame({"word": ["a\n"]})
    suite = Suite(checks=(Check(code="matches", column="word", type="text", pattern="^a$"),))
    assert ours(frame, suite) == by_pandera(frame, suite) == by_duckdb(frame, suite) == [False]


def test_infinite_and_not_a_number_are_told_apart_from_missing() -> None:
    frame = pl.DataFrame({"x": [1.0, float("nan"), None, float("inf")]})
    suite = Suite(
        checks=(
            Check(code="not_null", column="x", type="float"),
            Check(code="not_null", column="x", type="float", allowed=0.51),
            Check(code="between", column="x", type="float", maximum=5),
            Check(code="between", column="x", type="float", minimum=0),
        )
    )
    expected = [False, True, False, True]
    assert ours(frame, suite) == by_pandera(frame, suite) == by_duckdb(frame, suite) == expected


def test_json_comes_back_as_the_suite() -> None:
    suite = Suite(name="a", checks=PROMISES)
    assert Suite.model_validate_json(render(suite, "json").content) == suite


def test_one_file_holds_all_statements() -> None:
    suite = Suite(checks=PROMISES)
    written = render(suite, "sql", "a table; --").content
    assert written.count(";\n") == len(PROMISES)
    assert all(one in written for one in statements(suite, "a table; --"))
    assert render(suite, "sql").name == "checks.sql" or render(suite, "sql").name.endswith(".sql")


def test_the_module_writes_checks_of_a_result_and_of_a_suite() -> None:
    overview, columns = profiled(FrameTable(shop()))
    told = {
        "result": result(overview).model_dump(mode="json"),
        "columns": [one.model_dump(mode="json") for one in columns],
    }
    written = _module(json.dumps(told), "--format", "json")
    suite = Suite.model_validate_json(written.stdout)
    assert suite.checks == suggest(overview, columns).checks
    again = _module(json.dumps({"suite": suite.model_dump(mode="json")}), "--format", "pandera")
    assert "pa.DataFrameSchema" in again.stdout
    wrong = _module("{}}", "--format", "json")
    assert wrong.returncode == 2
    assert "not a suite" in wrong.stderr


def _module(given: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orrery_engine.checks", *options],
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "no_duplicates", "column": "a"},
        {"code": "row_count_between", "column": "a", "minimum": 1},
        {"code": "matches", "pattern": "a"},
        {"code": "type", "type": "float", "column": None},
        {"code": "not_null", "column": "a", "allowed": False},
    ],
)
def test_a_check_of_the_wrong_thing_is_no_check(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Check.model_validate(fields)
