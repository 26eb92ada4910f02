"""Spellings of one value are one group, and different values are none."""

from __future__ import annotations

import polars as pl

from orrery_engine.schemas import Options, Spelling
from orrery_engine.stats.univariate import profile_column
from tests.loops import each


def found(values: list[str], *, category: bool = False) -> tuple[Spelling, ...]:
    series = pl.Series(values)
    series = series.cast(pl.Categorical) if category else series
    return profile_column(series, 0, "x", "", Options()).spellings


def flat(spellings: tuple[Spelling, ...]) -> dict[str, dict[str, int]]:
    return {
        group.value: {str(top.value): top.count for top in group.variants} for group in spellings
    }


def test_case_and_white_space_do_not_tell_values_apart() -> None:
    values = ["Paris"] * 5 + ["PARIS"] * 3 + [" paris"] * 2 + ["Rome"] * 7 + ["Oslo", "oslo "]
    expected = {"Paris": {"PARIS": 3, " paris": 2}, "Oslo": {"oslo ": 1}}
    assert flat(found(values)) == expected
    assert flat(found(values, category=True)) == expected
    assert found(values)[0].count == 5
    assert flat(found(values * 900)) == {
        value: {text: 900 * rows for text, rows in variants.items()}
        for value, variants in expected.items()
    }


VARIANTS = (
    ("New York", "New  York"),
    ("M\u00fcnchen", "Mu\u0308nchen"),
    ("in stock", "In Stock"),
    ("yes", "YES"),
    ("Stra\u00dfe", "STRASSE"),
    ("Rome", "Rome\u00a0"),
    ("B2", "b2"),
)


@each("first, other", VARIANTS)
def test_every_way_of_writing_one_value(first: str, other: str) -> None:
    assert flat(found([first] * 30 + [other] * 4 + ["else"] * 9)) == {first: {other: 4}}


DIFFERENT = (
    ["a", "A", "b", "B"] * 20,
    ["1", "1 ", "2"] * 20,
    ["Rome", "Roma", "Oslo"] * 20,
    ["https://x.org/A", "https://x.org/a"] * 20,
    [
        "A long sentence that somebody once wrote down here",
        "a long sentence that somebody once wrote down here",
    ]
    * 9,
    ["+", " +"] * 20,
    ["", "  "] * 20,
)


@each("values", DIFFERENT)
def test_values_that_differ_stay_apart(values: list[str]) -> None:
    assert found(values) == ()


def test_a_value_that_is_only_written_with_white_space_to_spare_loses_it() -> None:
    (group,) = found([" Rome "] * 9 + ["rome"] * 2)
    assert (group.value, group.count) == ("Rome", 0)
    assert [top.value for top in group.variants] == [" Rome ", "rome"]
