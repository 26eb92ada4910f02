"""The numbers of one column are those of pandas and of DuckDB, whatever the column."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

from orrery_engine.schemas import ColumnProfile, Options
from orrery_engine.stats.univariate import profile_column
from tests.effort import examples
from tests.engine.worker_jobs import column

MANY = settings(max_examples=examples(150), deadline=None)
usual = st.floats(-1e9, 1e9, allow_nan=False)
floats = st.lists(
    st.one_of(usual, st.none(), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0])),
    max_size=60,
)
whole = st.lists(st.one_of(st.integers(-(10**12), 10**12), st.none()), max_size=60)


def near(found: float | None, wanted: float, scale: float = 1.0) -> bool:
    if found is None:
        return not math.isfinite(wanted)
    return math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-9 * max(1.0, scale))


def same_as_pandas(found: ColumnProfile, finite: pd.Series) -> None:
    """Everything that pandas tells of finite numbers."""
    told = finite.describe()
    scale = float(finite.abs().max())
    assert near(found.mean, told["mean"], scale)
    assert near(found.std, told["std"], scale)
    assert float(found.minimum) == told["min"]
    assert float(found.maximum) == told["max"]
    assert near(found.total, float(finite.sum()), scale * len(finite))
    for one in found.quantiles:
        assert near(float(one.value), finite.quantile(one.share), scale)
    assert found.zeros == int((finite == 0).sum())
    first, third = finite.quantile(0.25), finite.quantile(0.75)
    assert found.outliers is not None
    assert near(found.outliers.fence_low, first - 1.5 * (third - first), scale)
    assert found.outliers.low == int((finite < found.outliers.fence_low).sum())
    assert found.outliers.high == int((finite > found.outliers.fence_high).sum())


@MANY
@given(floats)
def test_floats_are_as_pandas_tells_them(values: list[float | None]) -> None:
    series = pl.Series(values, dtype=pl.Float64)
    found = column(series)
    raw = series.to_pandas()
    assert found.count == len(values)
    assert found.missing == int(raw.isna().sum())
    assert found.infinite == int(np.isinf(raw).sum())
    assert found.distinct == raw.nunique()
    assert found.singles == int((raw.value_counts() == 1).sum())
    assert found.negatives == int((raw < 0).sum())
    finite = raw[np.isfinite(raw)]
    if len(finite):
        same_as_pandas(found, finite)
    else:
        assert found.zeros == 0
        assert found.mean is None
        assert found.minimum is None


@MANY
@given(whole)
def test_integers_are_as_pandas_tells_them(values: list[int | None]) -> None:
    found = column(pl.Series(values, dtype=pl.Int64))
    raw = pd.Series(values, dtype="Int64").dropna().astype("int64")
    assert found.missing == values.count(None)
    assert found.distinct == raw.nunique()
    if len(raw):
        same_as_pandas(found, raw)
    counts = raw.value_counts()
    for top in found.top:
        assert counts[int(top.value)] == top.count
    if found.top:
        assert [top.count for top in found.top] == sorted(counts, reverse=True)[: len(found.top)]


@MANY
@given(of_numpy.arrays(np.float64, st.integers(5, 200), elements=st.floats(-1e6, 1e6, width=32)))
def test_shape_is_as_pandas_tells_it(values: np.ndarray) -> None:
    spread = values.std()
    found = column(pl.Series(values))
    raw = pd.Series(values)
    if spread < 1e-3 or spread < 1e-3 * abs(values).max():
        # There pandas takes a spread for none, or loses its digits.
        assert found.skewness is not None
        return
    assert math.isclose(found.skewness or 0.0, raw.skew(), rel_tol=1e-6, abs_tol=1e-6)
    assert math.isclose(found.kurtosis or 0.0, raw.kurt(), rel_tol=1e-6, abs_tol=1e-6)


@MANY
@given(of_numpy.arrays(np.float64, st.integers(1, 200), elements=usual))
def test_the_histogram_is_that_of_numpy(values: np.ndarray) -> None:
    found = column(pl.Series(values)).histogram
    assert found is not None
    edges = np.asarray(found.edges)
    assert (np.diff(edges) > 0).all()
    assert list(found.counts) == np.histogram(values, bins=edges)[0].tolist()
    assert sum(found.counts) == len(values)
    assert not found.whole


@MANY
@given(st.lists(st.integers(-(2**62), 2**62) | st.integers(-40, 80), min_size=1, max_size=200))
def test_every_bin_of_whole_numbers_has_as_many_of_them(values: list[int]) -> None:
    found = column(pl.Series(values, dtype=pl.Int64)).histogram
    assert found is not None
    assert sum(found.counts) == len(values)
    assert found.whole is all(abs(value) < 2**51 for value in values)
    if found.whole:
        edges = np.asarray(found.edges)
        assert len({*np.diff(edges).tolist()}) == 1
        assert edges[0] == min(values) - 0.5
        assert edges[-2] < max(values) < edges[-1]
        assert list(found.counts) == np.histogram(values, bins=edges)[0].tolist()


# pandas takes a text for the same as what it has before a NUL.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@MANY
@given(st.lists(st.one_of(TEXTS, st.none()), max_size=60))
def test_texts_are_as_pandas_tells_them(values: list[str | None]) -> None:
    found = column(pl.Series(values, dtype=pl.String))
    raw = pd.Series(values, dtype=object).dropna()
    assert found.missing == values.count(None)
    assert found.distinct == raw.nunique()
    assert found.singles == int((raw.value_counts() == 1).sum())
    assert found.text is not None
    assert found.text.shortest == min((len(one) for one in raw), default=0)
    assert found.text.longest == max((len(one) for one in raw), default=0)
    if len(raw):
        assert found.text.mean_length == pytest.approx(raw.str.len().mean())
        assert found.text.lengths is not None
        assert sum(found.text.lengths.counts) == len(raw)
        # The order is that of code points, as in Python.
        assert found.minimum == min(raw)


def test_many_equal_texts_are_counted_like_few() -> None:
    words = [f"Word {number % 50:02d}" for number in range(20_000)] + [None] * 7 + [" "]
    found = column(words)
    assert found.distinct == 51
    assert found.singles == 1
    assert found.missing == 7
    assert found.top[0].count == 400
    assert found.text is not None
    assert found.text.blank == 1
    assert found.text.mean_length == pytest.approx((7 * 20_000 + 1) / 20_001)
    assert sum(found.text.lengths.counts) == 20_001  # type: ignore[union-attr]
    assert found.text.patterns[0].value == "Aaaa 99"
    assert found.text.patterns[0].count == 20_000
    assert {top.value: top.count for top in found.text.words}["word"] == 20_000


def test_words_of_a_sample_are_told_for_all_rows() -> None:
    found = column([f"order {number}" for number in range(100_000)])
    assert found.text is not None
    words = {top.value: top.count for top in found.text.words}
    assert words == {"order": 100_000}
    assert found.distinct == 100_000
    assert found.top == ()


@MANY
@given(st.lists(st.one_of(st.booleans(), st.none()), max_size=30))
def test_truth_is_counted(values: list[bool | None]) -> None:
    found = column(pl.Series(values, dtype=pl.Boolean))
    there = [one for one in values if one is not None]
    assert found.trues == there.count(True)
    assert found.distinct == len(set(there))
    assert found.mean == (pytest.approx(sum(there) / len(there)) if there else None)


@MANY
@given(st.lists(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), min_size=1, max_size=40))
def test_times_are_as_python_tells_them(values: list[datetime]) -> None:
    found = column(pl.Series(values, dtype=pl.Datetime("us")))
    assert datetime.fromisoformat(str(found.minimum)) == min(values)
    assert datetime.fromisoformat(str(found.maximum)) == max(values)
    assert found.distinct == len(set(values))
    assert found.time is not None
    assert sum(found.time.weekdays) == len(values)
    assert found.time.weekdays[3] == sum(one.weekday() == 3 for one in values)
    assert found.time.hours[5] == sum(one.hour == 5 for one in values)


def test_the_oracle_of_duckdb_agrees() -> None:
    random = np.random.default_rng(7)
    frame = pl.DataFrame(
        {
            "number": random.normal(3, 2, 5_000),
            "count": random.integers(-5, 40, 5_000),
            "word": random.choice(["a", "b", "c", None], 5_000),
            "day": pl.Series(random.integers(0, 20_000, 5_000)).cast(pl.Int32).cast(pl.Date),
            "holes": [None if one % 3 else float(one) for one in range(5_000)],
        }
    )
    said = duckdb.sql("SELECT * FROM (SUMMARIZE SELECT * FROM frame)").pl()
    for row in said.iter_rows(named=True):
        found = profile_column(frame[row["column_name"]], 0, "", "", Options())
        assert found.count == row["count"]
        assert found.missing / found.count == pytest.approx(
            float(row["null_percentage"]) / 100, abs=1e-4
        )
        # DuckDB's count of different values is a guess.
        assert found.distinct == pytest.approx(row["approx_unique"], rel=0.25)
        if found.mean is not None:
            assert found.mean == pytest.approx(float(row["avg"]))
            assert found.std == pytest.approx(float(row["std"]))
            middle = {one.share: float(one.value) for one in found.quantiles}
            assert middle[0.5] == pytest.approx(float(row["q50"]), rel=0.02, abs=0.6)
        assert str(row["min"]) == str(found.minimum) or float(row["min"]) == found.minimum


@pytest.mark.parametrize(
    ("values", "mean", "std"),
    [
        ([1e308, 1e308], 1e308, 0.0),
        ([1e308, -1e308], 0.0, math.sqrt(2) * 1e308),
        ([5e-324, 0.0], 5e-324, None),
        ([1e308, 1e308, -1e308], 1e308 / 3, None),
    ],
)
def test_numbers_at_the_edge_of_floats(values: list[float], mean: float, std: float | None) -> None:
    found = column(values)
    assert found.mean == pytest.approx(mean)
    if std is not None:
        assert found.std == pytest.approx(std)
    assert found.note == ""
    assert found.histogram is not None
    assert sum(found.histogram.counts) == len(values)
    ColumnProfile.model_validate_json(found.model_dump_json())


def test_a_constant_has_no_spread_and_one_bin() -> None:
    found = column([4.2] * 10)
    assert (found.std, found.skewness, found.kurtosis) == (0.0, 0.0, 0.0)
    assert found.histogram is not None
    assert found.histogram.counts == (10,)
    assert found.monotonic == ""
    assert found.mean == 4.2


@pytest.mark.parametrize(
    ("values", "wanted"),
    [([1, 2, 2, 3], "increasing"), ([3, 1], "decreasing"), ([1, 3, 2], ""), ([1, None, 2], "")],
)
def test_direction(values: list[int | None], wanted: str) -> None:
    assert column(values).monotonic == wanted


def test_integers_beyond_a_browser_are_texts() -> None:
    found = column(pl.Series([2**63 - 1, 2**60, 2**60], dtype=pl.Int64))
    assert found.maximum == str(2**63 - 1)
    assert found.top[0].value == str(2**60)
    wide = column(pl.Series([2**100, 5], dtype=pl.Int128))
    assert wide.maximum == str(2**100)
    assert wide.distinct == 2
    assert column(pl.Series([2**64 - 1, 0], dtype=pl.UInt64)).maximum == str(2**64 - 1)


def test_decimals_keep_their_digits() -> None:
    found = column([Decimal("1.10"), Decimal("2.20"), Decimal("2.20"), None])
    assert (found.type, found.minimum, found.maximum) == ("decimal", "1.10", "2.20")
    assert found.top[0].value == "2.20"
    assert found.mean == pytest.approx(5.5 / 3)
    assert found.distinct == 2


def test_zones_years_and_steps() -> None:
    start = datetime(2024, 1, 1)
    hourly = pl.Series(
        [start + timedelta(hours=one) for one in range(48) if one not in range(9, 20)]
    )
    found = column(hourly.dt.replace_time_zone("Europe/Berlin"))
    assert found.time is not None
    assert found.time.zone == "Europe/Berlin"
    assert found.time.granularity == "hour"
    assert found.time.typical_step == 3_600
    assert found.time.gaps == 1
    assert found.time.largest_gap == 12 * 3_600
    assert str(found.minimum) == "2024-01-01T00:00:00+01:00"
    assert found.time.hours[0] == 2
    strange = pl.Series(np.array(["0000-01-01", "9999-12-31"], dtype="datetime64[us]"))
    assert column(strange).minimum == "0000-01-01T00:00:00"
    assert column([date(2020, 1, 1), date(2021, 1, 1)]).time.granularity == "year"  # type: ignore[union-attr]
    assert column([date(2020, 1, 1), date(2020, 3, 1)]).time.granularity == "month"  # type: ignore[union-attr]
    future = column([datetime(9999, 1, 1), datetime(1999, 1, 1)])
    assert future.time.future == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("values", "type", "distinct"),
    [
        (pl.Series([None, None]), "null", 0),
        (pl.Series([["a"], ["a"], [], None]), "nested", 2),
        (pl.Series([{"a": 1}, {"a": 1}, {"a": 2}]), "nested", 2),
        (pl.Series([b"\xff", b"\xff", None]), "binary", 1),
        (pl.Series(["x", "y", "x"], dtype=pl.Categorical), "category", 2),
        (pl.Series([timedelta(1), timedelta(2), timedelta(2)]), "duration", 2),
        (pl.Series([], dtype=pl.Float64), "float", 0),
        (pl.Series([], dtype=pl.String), "text", 0),
        (pl.Series([], dtype=pl.Datetime), "datetime", 0),
        (pl.Series([], dtype=pl.List(pl.Int8)), "nested", 0),
    ],
)
def test_every_type_has_its_way(values: pl.Series, type: str, distinct: int) -> None:
    found = column(values)
    assert (found.type, found.distinct, found.note) == (type, distinct, "")
    assert found.missing == values.null_count()
    ColumnProfile.model_validate_json(found.model_dump_json())


def test_sections_that_nobody_wants_are_left_out() -> None:
    options = Options(sections=("preliminary",))
    found = profile_column(pl.Series([1.0, 2.0, 2.0]), 0, "x", "f", options)
    assert (found.histogram, found.quantiles, found.top) == (None, (), ())
    assert found.mean == pytest.approx(5 / 3)
    text = profile_column(pl.Series(["some words"]), 0, "x", "s", options)
    assert text.text is not None
    assert text.text.words == ()


@pytest.mark.parametrize(
    ("name", "values", "wanted"),
    [
        ("e", ["a@example.org", "b.c@example.com"], "email"),
        ("u", ["https://example.org/x", "s3://bucket/key"], "url"),
        ("i", ["10.0.0.1", "::1"], "ip_address"),
        ("id", ["123e4567-e89b-12d3-a456-426614174000"], "uuid"),
        ("c", ["4111 1111 1111 1111"], "credit_card"),
        ("b", ["DE89 3704 0044 0532 0130 00"], "iban"),
        ("d", ["2024-02-30", "31.12.2023"], "date"),
        ("n", ["1,234.5", "-7", "3e5"], "number"),
        ("j", ['{"a": 1}', "[1]"], "json"),
        ("phone", ["+49 30 901820", "(030) 901820"], "phone"),
        ("zip", ["10115", "10117-1234"], "postcode"),
        ("full_name", ["Ada Lovelace", "Grace Hopper"], "person_name"),
        ("city", ["New York", "Los Angeles"], ""),
        ("free", ["hello", "4111 1111 1111 1112"], ""),
    ],
)
def test_what_texts_look_like(name: str, values: list[str], wanted: str) -> None:
    found = profile_column(pl.Series(values * 3), 0, name, "s", Options())
    assert found.text is not None
    assert found.text.looks_like == wanted


def test_arrow_and_polars_have_the_same_words_for_types() -> None:
    from orrery_engine.readers import convert

    assert convert.kind(pa.int8()) == "integer"
    assert convert.kind(pa.dictionary(pa.int32(), pa.string())) == "category"
    assert convert.kind(pa.struct([("a", pa.int8())])) == "nested"
    assert convert.kind(pa.uuid()) == "text"
