"""What columns tell of each other is what pandas, SciPy and the definitions say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

from orrery_engine.schemas import Association
from orrery_engine.stats.association import (
    correlation_ratio,
    cramers_v,
    pearson,
    ranks,
    spearman,
    standardised,
)
from orrery_engine.stats.encoding import encode
from orrery_engine.stats.scatter import grid
from orrery_wire.errors import Invalid
from tests.effort import examples
from tests.engine.worker_jobs import Told, column, of_table

MANY = settings(max_examples=examples(100), deadline=None)
holed = st.one_of(st.floats(-1e6, 1e6, width=32), st.just(float("nan")))
codes = of_numpy.arrays(
    np.int32, st.shared(st.integers(2, 80), key="n"), elements=st.integers(-1, 4)
)


@MANY
@given(of_numpy.arrays(np.float64, st.tuples(st.just(3), st.integers(3, 50)), elements=holed))
def test_pearson_and_spearman_are_those_of_pandas(values: np.ndarray) -> None:
    values = np.round(values, 2)
    frame = pd.DataFrame(values.T)
    for method, (found, rows) in {
        "pearson": pearson([standardised(one) for one in values]),
        "spearman": spearman(list(values), 10_000),
    }.items():
        wanted = frame.corr(method=method, min_periods=2).to_numpy()
        for a, b in ((0, 1), (0, 2), (1, 2)):
            both = ~np.isnan(values[a]) & ~np.isnan(values[b])
            assert rows[a, b] == both.sum()
            pair = values[:, both][[a, b]]
            if both.sum() < 2 or (np.ptp(pair, axis=1) < 1e-3 * np.abs(pair).max(axis=1)).any():
                continue  # constant there, or so nearly that pandas loses its digits
            if not np.isnan(wanted[a, b]):
                assert found[a, b] == pytest.approx(wanted[a, b], abs=1e-6)


@pytest.mark.parametrize("outlier", [1e3, 1e5, 1e6, 1e8])
def test_pearson_is_right_where_what_varies_most_is_missing_in_the_other(outlier: float) -> None:
    rng = np.random.default_rng(0)
    left, noise = rng.normal(size=(2, 40))
    right = left + noise
    left[0], right[0] = outlier, np.nan
    r, rows = pearson([standardised(left), standardised(right)])
    assert rows[0, 1] == 39
    assert r[0, 1] == pytest.approx(np.corrcoef(left[1:], right[1:])[0, 1], abs=1e-6)
    assert r[1, 0] == r[0, 1]


@MANY
@given(of_numpy.arrays(np.float64, st.integers(0, 60), elements=holed))
def test_ranks_are_those_of_scipy(values: np.ndarray) -> None:
    values = np.round(values, 1)
    wanted = scipy.stats.rankdata(values, nan_policy="omit")
    np.testing.assert_allclose(ranks(values), wanted)


@MANY
@given(codes, codes)
def test_cramers_v_is_that_of_its_definition(a: np.ndarray, b: np.ndarray) -> None:
    found, rows = cramers_v(a, b)
    both = (a >= 0) & (b >= 0)
    assert rows == both.sum()
    table = pd.crosstab(a[both], b[both]).to_numpy() if both.any() else np.zeros((0, 0))
    if min(table.shape) < 2:
        assert np.isnan(found)
        return
    chi = scipy.stats.chi2_contingency(table, correction=False).statistic
    high, wide = table.shape
    phi = max(0.0, chi / rows - (high - 1) * (wide - 1) / (rows - 1))
    most = min(high - (high - 1) ** 2 / (rows - 1), wide - (wide - 1) ** 2 / (rows - 1)) - 1
    if most > 0:
        assert found == pytest.approx(min(1.0, np.sqrt(phi / most)), abs=1e-9)


@MANY
@given(codes, of_numpy.arrays(np.float64, st.shared(st.integers(2, 80), key="n"), elements=holed))
def test_the_correlation_ratio_is_that_of_its_definition(a: np.ndarray, b: np.ndarray) -> None:
    b = np.round(b, 2)
    found, rows = correlation_ratio(a, standardised(b))
    frame = pd.DataFrame({"a": a, "b": b})[(a >= 0) & ~np.isnan(b)]
    assert rows == len(frame)
    whole = ((frame.b - frame.b.mean()) ** 2).sum()
    if frame.a.nunique() < 2 or whole <= 1e-6 * (frame.b**2).sum():
        return
    groups = frame.groupby("a").b
    between = (groups.size() * (groups.mean() - frame.b.mean()) ** 2).sum()
    assert found == pytest.approx(np.sqrt(between / whole), abs=1e-6)


def test_the_correlation_ratio_is_right_where_what_varies_most_has_no_class() -> None:
    classes = np.array([0, -1, 1], dtype=np.int32)
    found, rows = correlation_ratio(classes, standardised(np.array([1.0, 171_262.0, 0.0])))
    assert rows == 2
    assert found == pytest.approx(1.0, abs=1e-9)


def named(told: Told, a: str, b: str, measure: str) -> Association:
    places = sorted((told.named(a).index, told.named(b).index))
    return next(
        one for one in told.last.associations if [one.a, one.b] == places and one.measure == measure
    )


def sample(rows: int = 3_000) -> pa.Table:
    random = np.random.default_rng(3)
    x = random.normal(size=rows)
    kind = random.choice(["low", "high"], rows)
    return pa.table(
        {
            "x": x,
            "double": 2 * x + 1,
            "exponent": np.exp(x),
            "noise": random.normal(size=rows),
            "kind": kind,
            "same": np.char.upper(kind),
            "level": np.where(kind == "low", 0.0, 10.0) + random.normal(size=rows),
            "text": [f"row {number}" for number in range(rows)],
            "bought": pa.array((x > 0).tolist()),
        }
    )


def test_the_strongest_relations_come_first(tmp_path: Path) -> None:
    told = of_table(sample(), tmp_path, target="bought")
    values = [abs(one.value) for one in told.last.associations]
    assert values == sorted(values, reverse=True)
    assert named(told, "x", "double", "pearson").value == pytest.approx(1)
    assert named(told, "x", "exponent", "spearman").value == pytest.approx(1)
    assert named(told, "kind", "same", "cramers_v").value == pytest.approx(1, abs=1e-3)
    assert named(told, "kind", "level", "correlation_ratio").value > 0.95
    assert not any(told.named("text").index in (one.a, one.b) for one in told.last.associations)
    first = told.last.scatters[0]
    assert sum(map(sum, first.counts)) == 3_000
    assert all(len(row) == len(first.x_edges) - 1 for row in first.counts)


def test_the_target_is_told_by_each_column(tmp_path: Path) -> None:
    told = of_table(sample(), tmp_path, target="bought")
    assert told.last.target == told.named("bought").index
    effects = {told.columns[one.column].name: one for one in told.last.effects}
    assert effects["x"].measure == "correlation_ratio"
    assert effects["x"].value > 0.7
    assert effects["x"].groups[0].share == 0.0
    assert effects["x"].groups[-1].share == 1.0
    assert sum(group.rows for group in effects["kind"].groups) == 3_000
    assert told.named("x").association == pytest.approx(effects["x"].value)
    assert told.named("x").stage == "relations"
    assert told.named("noise").association < 0.1  # type: ignore[operator]


def test_a_numeric_target_has_means(tmp_path: Path) -> None:
    told = of_table(sample(), tmp_path, target="level")
    effects = {told.columns[one.column].name: one for one in told.last.effects}
    means = {group.label: group.mean for group in effects["kind"].groups}
    assert means["low"] == pytest.approx(0, abs=0.2)
    assert means["high"] == pytest.approx(10, abs=0.2)
    assert effects["x"].measure == "pearson"


def test_a_target_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no column 'doubel'") as refused:
        of_table(sample(50), tmp_path, target="doubel")
    assert "'double'" in refused.value.remedy


@pytest.mark.parametrize(
    ("nulls", "wanted"),
    [
        ("skip", [1.0, float("nan"), 3.0, 3.0]),
        ("mean", [1.0, 7 / 3, 3.0, 3.0]),
        ("mode", [1.0, 3.0, 3.0, 3.0]),
        ("interpolate", [1.0, 2.0, 3.0, 3.0]),
    ],
)
def test_missing_numbers_are_filled_as_asked(nulls: str, wanted: list[float]) -> None:
    series = pl.Series([1.0, None, 3.0, 3.0])
    np.testing.assert_allclose(encode(series, column(series), nulls).numbers, wanted)


@pytest.mark.parametrize(
    ("nulls", "wanted"),
    [("skip", [-1, 0, -1, 1, 1]), ("mode", [1, 0, 1, 1, 1]), ("interpolate", [0, 0, 0, 1, 1])],
)
def test_missing_classes_are_filled_as_asked(nulls: str, wanted: list[int]) -> None:
    series = pl.Series([None, "a", None, "b", "b"])
    coded = encode(series, column(series), nulls)
    assert coded.codes is not None
    assert coded.codes.tolist() == wanted
    assert coded.labels == ("a", "b")


def test_filling_changes_the_relations(tmp_path: Path) -> None:
    table = pa.table({"a": [1.0, None, 3.0, 4.0, 9.0], "b": [2.0, 8.0, 6.0, 8.0, 1.0]})
    skipped = named(of_table(table, tmp_path), "a", "b", "pearson")
    filled = named(of_table(table, tmp_path, nulls="mean"), "a", "b", "pearson")
    assert (skipped.rows, filled.rows) == (4, 5)
    raw = table.to_pandas()
    assert skipped.value == pytest.approx(raw.corr().iloc[0, 1])
    assert filled.value == pytest.approx(raw.fillna(raw.mean()).corr().iloc[0, 1])


def test_sections_decide_what_is_computed(tmp_path: Path) -> None:
    table = pa.table({"a": [1.0, 2.0, 1.0, None], "b": [2.0, 2.5, 2.0, None]})
    none = of_table(table, tmp_path, sections=("univariate",)).last
    assert (none.associations, none.scatters, none.duplicates, none.patterns) == ((), (), None, ())
    rows = of_table(table, tmp_path, sections=("multivariate",)).last
    assert rows.duplicates is not None
    assert rows.duplicates.rows == 1
    assert rows.associations == ()


def test_among_many_columns_the_telling_ones_are_chosen(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    noise = {f"n{number}": random.normal(size=400) for number in range(90)}
    x = random.normal(size=400)
    told = of_table(pa.table(noise | {"x": x, "y": x + random.normal(size=400) / 100}), tmp_path)
    first = told.last.associations[0]
    assert {told.columns[first.a].name, told.columns[first.b].name} == {"x", "y"}
    assert len({place for one in told.last.associations for place in (one.a, one.b)}) == 60
    assert any("60 of 92" in note for note in told.last.notes)


@pytest.mark.parametrize(
    ("dtype", "last"),
    [
        (pl.Datetime("us"), 86_400.0),
        (pl.Datetime("ns"), 86_400.0),
        (pl.Datetime("ms"), 86_400.0),
        (pl.Date, 86_400.0),
        (pl.Duration("us"), 86_400.0),
    ],
)
def test_the_edges_of_times_are_seconds(dtype: pl.DataType, last: float) -> None:
    day = (
        1 if dtype == pl.Date else {"us": 10**6, "ns": 10**9, "ms": 10**3}[dtype.time_unit] * 86_400
    )
    times = pl.Series("t", [0, day]).cast(pl.Int32 if dtype == pl.Date else pl.Int64).cast(dtype)
    values = pl.Series("v", [1.0, 2.0])
    result = grid(encode(times, column(times), "skip"), encode(values, column(values), "skip"))
    assert result is not None
    assert (result.x_edges[0], result.x_edges[-1]) == (0.0, last)
    assert (result.y_edges[0], result.y_edges[-1]) == (1.0, 2.0)


def test_a_grid_counts_every_row_once() -> None:
    a, b = pl.Series([-1e308, 0.0, 1e308, None]), pl.Series([0.0, 0.0, 0.0, 1.0])
    found = grid(encode(a, column(a), "skip"), encode(b, column(b), "skip"))
    assert found is not None
    assert sum(map(sum, found.counts)) == 3
    assert found.x_edges[0] == -1e308


rows_of = st.lists(
    st.tuples(
        *[st.sampled_from([None, 0.0, -0.0, 1.5, 2.0])] * 2, st.sampled_from(["a", "b", None])
    ),
    max_size=40,
)


@settings(max_examples=examples(40), deadline=None)
@given(rows_of)
def test_duplicates_and_patterns_are_those_of_pandas(rows: list[tuple[object, ...]]) -> None:
    import tempfile

    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    types = [pa.float64(), pa.float64(), pa.string()]
    table = pa.table(
        [pa.array(one, native) for one, native in zip(columns, types, strict=True)], ["a", "b", "c"]
    )
    raw = table.to_pandas()
    with tempfile.TemporaryDirectory() as folder:
        told = of_table(table, Path(folder))
    assert told.last.duplicates is not None
    assert told.last.duplicates.rows == int(raw.duplicated().sum())
    assert len(told.last.duplicates.examples) == min(
        5, int(raw[raw.duplicated()].drop_duplicates().shape[0])
    )
    counts = raw.isna().apply(tuple, axis=1).value_counts() if len(raw) else {}
    wanted = {
        tuple(place for place, absent in enumerate(key) if absent): count
        for key, count in counts.items()
    }
    wanted.pop((), None)
    assert {one.columns: one.rows for one in told.last.patterns} == wanted
    assert told.last.missing == int(raw.isna().sum().sum())


def test_without_time_the_relations_are_left_out_and_said(tmp_path: Path) -> None:
    told = of_table(sample(50), tmp_path, seconds=1e-6)
    assert told.named("x").count > 0
    assert told.last.associations == ()
    assert any("left out" in note for note in told.last.notes)


def test_a_sample_is_stated_with_its_margin(tmp_path: Path) -> None:
    told = of_table(sample(), tmp_path, sample=400)
    assert told.last.sampling is not None
    assert (told.last.sampling.rows, told.last.sampling.of) == (400, 3_000)
    assert told.last.sampling.margin == pytest.approx(0.98 / 20)
    assert told.named("x").count == 400
    assert told.last.rows == 3_000
    assert told.named("x").mean == pytest.approx(0, abs=0.2)
