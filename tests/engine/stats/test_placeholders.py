"""Values that stand for a missing one, in each type of column; and none among values that are meant."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery_engine.schemas import ColumnProfile, Options
from orrery_engine.stats.univariate import profile_column
from tests.effort import examples
from tests.loops import each

RANDOM = np.random.default_rng(4)
AGES = RANDOM.integers(18, 90, 300).tolist()
PRICES = RANDOM.gamma(2, 40, 300).round(2).tolist()
TEMPERATURES = RANDOM.normal(8, 9, 300).round(1).tolist()
TODAY = dt.date(2024, 6, 1)
DAYS = [TODAY - dt.timedelta(days=int(n)) for n in RANDOM.integers(0, 2_000, 300)]
BIRTHS = [dt.date(1925, 1, 1) + dt.timedelta(days=int(n)) for n in RANDOM.integers(0, 29_000, 300)]
CITIES = RANDOM.choice(["Rome", "Oslo", "Bern"], 300).tolist()


def column(values: list[Any], name: str = "x") -> ColumnProfile:
    series = pl.Series(values, strict=False)
    return profile_column(series, 0, name, str(series.dtype), Options())


def found(values: list[Any], name: str = "x") -> dict[Any, int]:
    return {top.value: top.count for top in column(values, name).placeholders}


NUMBERS = (
    (AGES, -999, 5),
    (AGES, -1, 30),
    (AGES, -99, 4),
    (AGES, 999, 5),
    (AGES, 9_999, 1),
    (PRICES, -999.0, 3),
    (PRICES, 99_999.0, 4),
    (TEMPERATURES, -999.0, 2),
    (TEMPERATURES, -9_999.0, 1),
    (TEMPERATURES, 9_999.0, 2),
    (RANDOM.integers(0, 28, 300).tolist(), 999, 200),
    (AGES, 2**31 - 1, 2),
    (AGES, 32_767, 2),
)


@each("usual, value, count", NUMBERS)
def test_numbers_apart_from_all_others(usual: list[Any], value: float, count: int) -> None:
    assert found([*usual, *[value] * count]) == {value: count}


def test_several_numbers_and_decimals_too() -> None:
    assert found([*AGES, *[-999] * 3, *[-99] * 4, *[9_999] * 5]) == {-99: 4, -999: 3, 9_999: 5}
    decimals = pl.Series([*AGES, -999, -999]).cast(pl.Decimal(10, 2))
    profile = profile_column(decimals, 0, "x", "", Options())
    assert [top.value for top in profile.placeholders] == [-999]


DATES = (
    (DAYS, "1900-01-01", 1),
    (DAYS, "1970-01-01", 2),
    (DAYS, "9999-12-31", 1),
    (DAYS, "2999-12-31", 3),
    (DAYS, "0001-01-01", 1),
    (BIRTHS, "1900-01-01", 12),
    (BIRTHS, "9999-12-31", 2),
)


@each("usual, value, count", DATES)
def test_days_apart_from_all_others(usual: list[Any], value: str, count: int) -> None:
    days = [*usual, *[dt.date.fromisoformat(value)] * count]
    assert found(days) == {value: count}
    moments = [dt.datetime.combine(day, dt.time(0)) for day in days]
    assert found(moments) == {value: count}


TEXTS = ("Unknown", "UNKNOWN", "TBD", "none", "?", "N.A.", "n/a", "-", "null", "Not available")
TEXTS += ("#N/A", "(blank)", "to be determined", " unknown ", "...", "k. A.", "missing")


@each("value", TEXTS)
def test_words_that_say_that_there_is_none(value: str) -> None:
    assert found([*CITIES, value, value]) == {value: 2}
    many = [f"place {n}" for n in range(6_000)]
    assert found([*many, value]) == {value: 1}
    category = pl.Series([*CITIES, value]).cast(pl.Categorical)
    profile = profile_column(category, 0, "x", "", Options())
    assert [top.value for top in profile.placeholders] == [value]


MEANT: dict[str, list[Any]] = {
    "temperature": [-9, -1, 0, 3, -12, *range(-20, 25)] * 3,
    "change": [-1, 0, 1] * 50,
    "label": [-1, 1] * 60,
    "price to 9,999": [*range(100, 9_900, 37), 9_999, 9_999],
    "percent": [*range(100), 99, 99],
    "year": [*range(1900, 2020)] * 2,
    "id": list(range(1_000)),
    "numbers of two digits": [*range(1_000), 99, 99],
    "balance": [-999.0, *np.linspace(-1_500, 3_000, 200).tolist()],
    "from 1890 on": [dt.date(1890 + n % 80, 1, 1) for n in range(300)],
    "from 1960 on, daily": [dt.date(1960, 1, 1) + dt.timedelta(days=n) for n in range(9_000)],
    "one of few": ["+", "-"] * 60,
    "country": ["DE", "FR", "NA", "US", "GB"] * 20,
    "all": ["unknown"] * 40,
    "names": ["Nadine", "Nana", "Tibor", "Nil Young", "Noone"] * 20,
    "grade": ["A", "B", "B-", "A-", "C"] * 20,
}


@each("name", MEANT)
def test_values_that_are_meant_are_no_placeholders(name: str) -> None:
    assert found(MEANT[name], name) == {}


@settings(deadline=None, max_examples=examples(30))
@given(st.integers(0, 2**32), st.sampled_from([40, 400, 4_000]))
def test_usual_distributions_have_none(seed: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    for values in (
        random.normal(50, 20, rows),
        random.integers(-100, 100, rows),
        random.poisson(3, rows),
        random.exponential(200, rows),
        random.uniform(-1, 1, rows),
    ):
        assert found(values.tolist()) == {}
