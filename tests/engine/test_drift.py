"""A comparison finds what was changed, and takes chance for chance."""

from __future__ import annotations

import datetime as dt
import math
import sys
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orrery_engine import drift
from orrery_engine.schemas import Comparison, Drift, Sampling
from tests.effort import examples
from tests.engine.tables import FrameTable, profiled


def compared(before: pl.DataFrame, after: pl.DataFrame) -> Comparison:
    old, new = FrameTable(before), FrameTable(after)
    return drift.compare(old, profiled(old)[1], new, profiled(new)[1])


def of(before: Any, after: Any) -> Drift:
    found = compared(pl.DataFrame({"x": before}), pl.DataFrame({"x": after}))
    return found.drifts[0]


@pytest.mark.parametrize("rows", [(50, 50), (300, 2_000), (5_000, 5_000)])
def test_the_same_distribution_is_no_drift(rows: tuple[int, int]) -> None:
    # An accident of one in a thousand for each of six columns; seeds that nobody searches for one.
    drifts = [one for seed in range(40) for one in _of_the_same(seed, rows)]
    assert sum(one.change != "same" for one in drifts) <= 2
    assert all(one.level != "serious" for one in drifts)


def _of_the_same(seed: int, rows: tuple[int, int]) -> tuple[Drift, ...]:
    random = np.random.default_rng(seed)
    sides = [
        pl.DataFrame(
            {
                "normal": random.normal(size=many),
                "tail": random.lognormal(size=many),
                "few": random.integers(0, 4, many),
                "kind": random.choice(list("abcde"), many, p=[0.5, 0.3, 0.1, 0.05, 0.05]),
                "flag": random.random(many) < 0.3,
                "gaps": [None if one < 0.2 else one for one in random.random(many)],
            }
        )
        for many in rows
    ]
    return compared(*sides).drifts


def test_the_index_is_that_of_known_distributions() -> None:
    random = np.random.default_rng(1)
    before, after = random.normal(size=200_000), random.normal(0.5, 1, 200_000)
    edges = np.quantile(before, np.linspace(0, 1, 11)[1:-1])
    p = np.full(10, 0.1)
    q = np.bincount(np.searchsorted(edges, after, side="right"), minlength=10) / len(after)
    expected = float(((q - p) * np.log(q / p)).sum())
    found = of(before, after)
    assert found.measure == "population_stability"
    assert found.value == pytest.approx(expected, rel=1e-3)
    assert (found.change, found.level) == ("drifted", "warning")
    assert found.mean_after == pytest.approx(0.5, abs=0.01)
    assert of(before, random.normal(1.5, 1, 200_000)).level == "serious"


def test_the_distance_of_categories_is_that_of_the_formula() -> None:
    found = of(["a"] * 500 + ["b"] * 500, ["a"] * 900 + ["b"] * 100)
    p, q = (0.5, 0.5), (0.9, 0.1)
    middle = [(one + other) / 2 for one, other in zip(p, q, strict=True)]
    parts = [
        sum(one * math.log2(one / m) for one, m in zip(side, middle, strict=True))
        for side in (p, q)
    ]
    assert found.value == pytest.approx(math.sqrt(sum(parts) / 2))
    assert found.measure == "jensen_shannon"
    assert found.level == "serious"
    assert dict(zip(found.labels, found.before, strict=True)) == {"a": 500, "b": 500}
    assert found.after == (900, 100)
    assert of(["a"] * 100, ["b"] * 100).value == 1


def test_values_that_are_new_are_named() -> None:
    found = of(["a", "b"] * 200, ["a", "b", "c", "<b>"] * 100)
    assert set(found.fresh) == {"c", "<b>"}
    many = of([f"k{n % 20}" for n in range(400)], [f"k{n % 40}" for n in range(400)])
    assert many.labels[-1] == "28 others"
    assert sum(many.before) == sum(many.after) == 400


@settings(deadline=None, max_examples=examples(60))
@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True) | st.none(), min_size=0, max_size=40),
    st.lists(st.floats(allow_nan=True, allow_infinity=True) | st.none(), min_size=0, max_size=40),
)
@example(before=[sys.float_info.max], after=[0.0])
@example(before=[sys.float_info.max], after=[sys.float_info.max])
@example(before=[-sys.float_info.max], after=[sys.float_info.max, -sys.float_info.max])
def test_any_numbers_can_be_compared(before: list[float | None], after: list[float | None]) -> None:
    old = pl.DataFrame({"x": before}, schema={"x": pl.Float64})
    new = pl.DataFrame({"x": after}, schema={"x": pl.Float64})
    (found,) = compared(old, new).drifts
    assert "could not" not in found.note
    if found.edges:
        assert len(found.edges) == len(found.before) + 1 == len(found.after) + 1
        assert sum(found.before) == sum(one is not None and math.isfinite(one) for one in before)
        assert sum(found.after) == sum(one is not None and math.isfinite(one) for one in after)
        assert list(found.edges) == sorted(found.edges)


def test_edges_are_shared_and_stray_values_do_not_squeeze_the_rest() -> None:
    random = np.random.default_rng(2)
    found = of(random.normal(size=2_000), [*random.normal(size=2_000), 1e9])
    assert found.edges[-1] < 100
    assert sum(found.after) == 2_001
    assert sum(count > 0 for count in found.before) > 5


def test_missing_values_drift_too() -> None:
    values = list(range(400))
    found = of(values, [None if n % 4 == 0 else n for n in values])
    assert (found.change, found.level) == ("drifted", "serious")
    assert (found.missing_before, found.missing_after) == (0, 0.25)
    assert of(values, [None if n % 50 == 0 else n for n in values]).change == "same"
    gone = of([1.0, 2.0] * 40, pl.Series([None] * 80, dtype=pl.Float64))
    assert gone.level == "serious"
    assert gone.note == "One side has no values"


def test_a_value_that_is_most_of_the_column_is_compared_by_itself() -> None:
    before = [0.0] * 900 + [float(n) for n in range(1, 101)]
    after = [0.0] * 500 + [float(n % 100 + 1) for n in range(500)]
    assert of(before, after).level == "serious"
    assert of(before, before).value == pytest.approx(0)


def test_the_schema_is_compared() -> None:
    before = pl.DataFrame({"kept": [1, 2], "gone": [1, 2], "kind": ["a", "b"], "wide": [1, 2]})
    after = pl.DataFrame({"kept": [1, 2], "kind": [1, 2], "wide": [1.0, 2.5], "new": [1, 2]})
    told = {one.name: one for one in compared(before, after).drifts}
    assert {name: one.change for name, one in told.items()} == {
        "kept": "same",
        "kind": "type",
        "wide": "same",
        "new": "added",
        "gone": "removed",
    }
    assert (told["kind"].type_before, told["kind"].type_after) == ("text", "integer")
    assert (told["wide"].type_before, told["wide"].type_after) == ("integer", "float")
    assert told["gone"].level == "serious"


def test_columns_of_one_name_are_compared_in_their_order() -> None:
    frame = pl.DataFrame({"a": [1.0, 2.0] * 50, "b": ["x", "y"] * 50})
    tables = [FrameTable(frame, ["same", "same"]) for _ in range(2)]
    columns = [profiled(table)[1] for table in tables]
    found = drift.compare(tables[0], columns[0], tables[1], columns[1])
    assert [(one.name, one.change) for one in found.drifts] == [
        ("same", "same"),
        ("same (2)", "same"),
    ]


def test_later_times_are_told_softly() -> None:
    before = [dt.datetime(2024, 1, 1) + dt.timedelta(hours=n) for n in range(400)]
    after = [moment + dt.timedelta(days=300) for moment in before]
    found = of(before, after)
    assert (found.change, found.level) == ("drifted", "warning")
    assert "later times" in found.note


def test_many_different_texts_are_compared_by_their_lengths() -> None:
    before = [f"user-{n:06}" for n in range(3_000)]
    after = [f"user-{n:06}" for n in range(9_000, 12_000)]
    assert of(before, after).change == "same"
    longer = of(before, [text * 3 for text in after])
    assert longer.level == "serious"
    assert "lengths" in longer.note


def test_values_without_an_order_are_left_alone() -> None:
    found = of([[1], [2]] * 20, [[3], [4]] * 20)
    assert found.change == "same"
    assert found.note == "Values of type nested are not compared"


def rows(first: int, last: int) -> pl.DataFrame:
    numbers = range(first, last)
    return pl.DataFrame(
        {
            "id": numbers,
            "x": [n / 7 for n in numbers],
            "word": [None if n % 5 == 0 else f"w{n}" for n in numbers],
            "when": [dt.datetime(2024, 1, 1) + dt.timedelta(minutes=n) for n in numbers],
        }
    )


def test_rows_of_both_sides_are_counted() -> None:
    assert compared(rows(0, 100), rows(60, 200)).shared_rows == 40
    assert compared(rows(0, 100), rows(100, 200)).shared_rows == 0
    other = rows(60, 200).select("when", "word", "x", "id")
    assert compared(rows(0, 100), other).shared_rows == 40
    kept_otherwise = rows(60, 200).with_columns(
        pl.col("id").cast(pl.Float64),
        pl.col("word").cast(pl.Categorical),
        pl.col("when").cast(pl.Datetime("ms")),
    )
    assert compared(rows(0, 100), kept_otherwise).shared_rows == 40


def test_large_whole_numbers_are_not_taken_for_their_neighbours() -> None:
    before = pl.DataFrame({"id": [2**60 + n for n in range(50)]})
    after = pl.DataFrame({"id": [2**60 + n for n in range(50, 100)]})
    assert compared(before, after).shared_rows == 0
    assert compared(before, before).shared_rows == 50
    small = pl.DataFrame({"id": [1, 2, 3]})
    assert compared(small, pl.DataFrame({"id": [3, 2**60]})).shared_rows == 1


def test_rows_of_samples_are_not_counted() -> None:
    old, new = FrameTable(rows(0, 50)), FrameTable(rows(0, 50))
    new.sampling = Sampling(rows=50, of=500, why="the budget", margin=0.1)
    found = drift.compare(old, profiled(old)[1], new, profiled(new)[1])
    assert found.shared_rows is None
    less = compared(rows(0, 50), rows(0, 50).drop("x"))
    assert less.shared_rows is None


def test_progress_reaches_its_end() -> None:
    table = FrameTable(rows(0, 50))
    columns = profiled(table)[1]
    told: list[float] = []
    drift.compare(table, columns, table, columns, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_empty_tables_can_be_compared() -> None:
    found = compared(rows(0, 0), rows(0, 10))
    assert found.rows_before == 0
    assert found.shared_rows == 0
    assert compared(pl.DataFrame(), pl.DataFrame()).drifts == ()
