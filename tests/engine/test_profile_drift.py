"""A table, or a later profile of it, is compared with what a profile kept when its data of that time are gone."""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orrery_engine import drift, profile_drift
from orrery_engine.client.process import COMMAND
from orrery_engine.schemas import (
    ColumnProfile,
    Comparison,
    Drift,
    ProfileSnapshot,
    Run,
    RunIn,
    SourceIn,
)
from orrery_server.eda.schemas import ColumnQuery, ReportQuery
from orrery_server.eda.service import EdaService
from orrery_wire.errors import Conflict, Invalid, NotFound
from tests.effort import examples
from tests.engine.tables import FrameTable, profiled
from tests.server.eda.serving import serving, until_finished

START = dt.datetime(2026, 1, 1)


def kept(frame: pl.DataFrame) -> ProfileSnapshot:
    """What a file has of a profile."""
    overview, columns = profiled(FrameTable(frame))
    told = ProfileSnapshot(name="then", rows=overview.rows, columns=columns).model_dump_json()
    return ProfileSnapshot.model_validate_json(told)


def since(before: pl.DataFrame, after: pl.DataFrame) -> Comparison:
    """As the worker does it: of the older side there is only what a file kept."""
    table = FrameTable(after)
    return profile_drift.compare(kept(before), table, profiled(table)[1])


def between(before: pl.DataFrame, after: pl.DataFrame) -> Comparison:
    """The same, and of the newer side there is no more."""
    return profile_drift.compare_kept(kept(before), kept(after))


ReadAttempt = Callable[[pl.DataFrame, pl.DataFrame], Comparison]
WAYS: tuple[ReadAttempt, ...] = (since, between)
both_ways = pytest.mark.parametrize("reading", WAYS)


def of(before: Any, after: Any, reading: ReadAttempt = since) -> Drift:
    return reading(pl.DataFrame({"x": before}), pl.DataFrame({"x": after})).drifts[0]


def directly(before: Any, after: Any) -> Drift:
    sides = [FrameTable(pl.DataFrame({"x": one})) for one in (before, after)]
    return drift.compare(sides[0], profiled(sides[0])[1], sides[1], profiled(sides[1])[1]).drifts[0]


KINDS: dict[str, Callable[[np.random.Generator, int], Any]] = {
    "normal": lambda random, rows: random.normal(size=rows),
    "heavy tail": lambda random, rows: random.pareto(0.8, rows),
    "mostly zero": lambda random, rows: random.normal(size=rows) * (random.random(rows) < 0.3),
    "few": lambda random, rows: random.integers(0, 4, rows),
    "many": lambda random, rows: random.integers(0, 10**12, rows),
    "constant": lambda random, rows: np.full(rows, 7.5),
    "kind": lambda random, rows: random.choice(list("abcde"), rows, p=[0.5, 0.3, 0.1, 0.06, 0.04]),
    "flag": lambda random, rows: random.random(rows) < 0.3,
    "texts": lambda random, rows: [f"order {one}" for one in random.integers(0, 10**9, rows)],
    "gaps": lambda random, rows: [None if one < 0.2 else one for one in random.random(rows)],
}


@both_ways
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [(200, 200), (5_000, 20_000)])
def test_the_same_distribution_is_no_drift(
    kind: str, rows: tuple[int, int], reading: ReadAttempt
) -> None:
    drifts = []
    for seed in range(8):
        random = np.random.default_rng(seed)
        before, after = (KINDS[kind](random, many) for many in rows)
        drifts.append(of(before, after, reading))
    assert sum(one.change != "same" for one in drifts) <= 1
    assert all(one.level != "serious" for one in drifts)
    assert all(one.value is not None for one in drifts)


@both_ways
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [7, 50, 5_000])
def test_the_same_values_look_the_same(kind: str, rows: int, reading: ReadAttempt) -> None:
    values = KINDS[kind](np.random.default_rng(rows), rows)
    found = of(values, values, reading)
    assert found.change == "same"
    assert found.before == found.after
    assert sum(found.before) == sum(one is not None for one in values)


CHANGED: dict[str, tuple[Any, Any]] = {
    "shift": (lambda r, n: r.normal(size=n), lambda r, n: r.normal(0.8, 1, n)),
    "spread": (lambda r, n: r.normal(size=n), lambda r, n: r.normal(0, 3, n)),
    "tail": (lambda r, n: r.pareto(0.8, n), lambda r, n: 3 * r.pareto(0.8, n)),
    "constant": (lambda r, n: np.full(n, 7.5), lambda r, n: r.choice([7.5, 8.0], n)),
    "below": (lambda r, n: np.full(n, 7.5), lambda r, n: np.full(n, 7.4)),
    "kind": (lambda r, n: r.choice(list("ab"), n), lambda r, n: r.choice(list("abc"), n)),
    "flag": (lambda r, n: r.random(n) < 0.2, lambda r, n: r.random(n) < 0.7),
    "texts": (
        lambda r, n: [f"{one}" for one in r.integers(0, 10**5, n)],
        lambda r, n: [f"{one}" for one in r.integers(10**8, 10**9, n)],
    ),
}


@both_ways
@pytest.mark.parametrize("kind", CHANGED)
def test_a_change_is_found_as_with_the_data_at_hand(kind: str, reading: ReadAttempt) -> None:
    random = np.random.default_rng(3)
    before, after = (side(random, 20_000) for side in CHANGED[kind])
    found, exact = of(before, after, reading), directly(before, after)
    assert (found.change, found.level) == (exact.change, exact.level) == ("drifted", "serious")
    assert found.measure == exact.measure
    assert found.value is not None
    assert exact.value is not None
    assert exact.value / 2 < found.value < exact.value * 2


@both_ways
def test_values_that_are_new_are_named_when_all_were_kept(reading: ReadAttempt) -> None:
    assert set(of(["a", "b"] * 200, ["a", "b", "c", "<b>"] * 100, reading).fresh) == {"c", "<b>"}
    then = ["usual"] * 2_000 + [f"k{n}" for n in range(1_000)]
    some = of(then, ["usual"] * 1_000 + [f"n{n}" for n in range(2_000)], reading)
    assert (some.level, some.fresh) == ("serious", ())
    assert some.labels[-1] == "Others"
    assert sum(some.before) == sum(some.after) == 3_000


@both_ways
def test_times_are_compared_and_newer_ones_are_no_alarm(reading: ReadAttempt) -> None:
    hours = [START + dt.timedelta(hours=n) for n in range(400)]
    assert of(hours, hours, reading).change == "same"
    after_profile = of(hours, [one + dt.timedelta(days=60) for one in hours], reading)
    assert (after_profile.change, after_profile.level) == ("drifted", "warning")
    assert "Newer tables" in after_profile.note
    # Both lie side by side in the picture: none of the new ones are squeezed into a bin of the old ones.
    assert sum(after_profile.before) == sum(after_profile.after) == 400
    assert not any(
        old and new for old, new in zip(after_profile.before, after_profile.after, strict=True)
    )
    assert np.allclose(
        np.diff(after_profile.edges), after_profile.edges[1] - after_profile.edges[0]
    )


@both_ways
def test_what_lies_far_outside_is_drawn_where_it_is(reading: ReadAttempt) -> None:
    then = list(range(300))
    grown = of(then, [1_000 * one for one in then], reading)
    assert (len(grown.before), grown.before[0], sum(grown.before[1:])) == (60, 300, 0)
    assert max(grown.after) < 10
    stray = of(then, [*then, 10**9], reading)
    assert max(stray.before) < 50
    assert stray.edges[-1] == of(then, then, reading).edges[-1]


@both_ways
def test_schemas_are_compared_too(reading: ReadAttempt) -> None:
    found = reading(
        pl.DataFrame({"kept": [1, 2], "gone": [1, 2], "other": [1, 2]}),
        pl.DataFrame({"new": [1, 2], "kept": [1, 2], "other": ["a", "b"]}),
    )
    assert {one.name: one.change for one in found.drifts} == {
        "new": "added",
        "kept": "same",
        "other": "type",
        "gone": "removed",
    }
    assert (found.rows_before, found.rows_after, found.shared_rows) == (2, 2, None)


NUMBERS = st.lists(
    st.floats(allow_nan=True, allow_infinity=True) | st.none(), min_size=0, max_size=40
)


@both_ways
@settings(deadline=None, max_examples=examples(60))
@given(before=NUMBERS, after=NUMBERS)
@example(before=[sys.float_info.max], after=[-sys.float_info.max])
@example(before=[-sys.float_info.max, sys.float_info.max], after=[0.0, None, math.inf])
def test_any_numbers_can_be_compared(
    before: list[float | None], after: list[float | None], reading: ReadAttempt
) -> None:
    sides = [pl.DataFrame({"x": side}, schema={"x": pl.Float64}) for side in (before, after)]
    (found,) = reading(*sides).drifts
    assert "could not" not in found.note
    if found.edges:
        assert len(found.edges) == len(found.before) + 1 == len(found.after) + 1
        assert list(found.edges) == sorted(set(found.edges))
        assert sum(found.before) == sum(one is not None and math.isfinite(one) for one in before)
        assert sum(found.after) == sum(one is not None and math.isfinite(one) for one in after)


TEXTS = st.lists(st.text(max_size=4) | st.none(), max_size=30)


@both_ways
@settings(deadline=None, max_examples=examples(40))
@given(before=TEXTS, after=TEXTS)
def test_any_texts_can_be_compared(
    before: list[str | None], after: list[str | None], reading: ReadAttempt
) -> None:
    sides = [pl.DataFrame({"x": side}, schema={"x": pl.String}) for side in (before, after)]
    (found,) = reading(*sides).drifts
    assert "could not" not in found.note
    if found.labels:
        assert sum(found.before) == sum(one is not None for one in before)
        assert sum(found.after) == sum(one is not None for one in after)


def test_a_profile_without_distributions_says_so() -> None:
    bare = ColumnProfile(index=0, name="x", type="integer", dtype="int64", count=9, distinct=9)
    table = FrameTable(pl.DataFrame({"x": [1, 2]}))
    found = profile_drift.compare(
        ProfileSnapshot(name="then", columns=(bare,)), table, profiled(table)[1]
    )
    assert "kept no distribution" in found.drifts[0].note


def test_a_file_that_was_written_over_is_compared_with_its_profile(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    path = tmp_path / "sales.parquet"
    source = SourceIn(kind="file", location="sales.parquet", name="sales")

    def write(mean: float) -> None:
        pl.DataFrame(
            {"price": random.normal(mean, 1, 4_000), "city": random.choice(["Bonn", "Kiel"], 4_000)}
        ).write_parquet(path)

    async def test(service: EdaService) -> None:
        write(0.0)
        then = (await until_finished(service, await service.run(RunIn(source=source)))).run
        write(2.0)
        asked = RunIn(task="comparison", source=source, parent=then.id)
        found = await until_finished(service, await service.run(asked))
        assert found.run.state == "done", found.run.error
        assert found.run.parent == then.id
        assert found.run.against is not None
        assert found.run.against.name == f"sales, {then.created:%Y-%m-%d %H:%M} UTC"
        assert found.comparison is not None
        drifts = {one.name: one for one in found.comparison.drifts}
        assert (drifts["price"].change, drifts["city"].change) == ("drifted", "same")
        assert [one.names for one in found.comparison.alerts] == [("price",)]
        side = await service.columns(found.run.id, ColumnQuery(side="against"))
        assert [one.name for one in side.items] == ["price", "city"]
        assert side.items[0].mean == pytest.approx(0, abs=0.1)
        # The profile of the data as they are now is not what the comparison is with.
        assert (await service.columns(found.run.id, ColumnQuery())).items[0].mean == pytest.approx(
            2, abs=0.1
        )
        with pytest.raises(Conflict, match="Only a profile"):
            await service.run(asked.model_copy(update={"parent": found.run.id}))
        with pytest.raises(NotFound):
            await service.run(asked.model_copy(update={"parent": "0" * 32}))

    serving(test, tmp_path, command=COMMAND)


def test_two_profiles_are_compared_when_the_data_of_both_are_gone(tmp_path: Path) -> None:
    path = tmp_path / "sales.parquet"
    source = SourceIn(kind="file", location="sales.parquet", name="sales")

    async def profile(service: EdaService, price: float) -> Run:
        pl.DataFrame({"price": [price, price + 1, price + 2] * 500}).write_parquet(path)
        return (await until_finished(service, await service.run(RunIn(source=source)))).run

    async def test(service: EdaService) -> None:
        older, newer = await profile(service, 1.0), await profile(service, 2.0)
        path.unlink()
        asked = RunIn(task="comparison", source=source, parent=older.id, newer=newer.id)
        found = await until_finished(service, await service.run(asked))
        assert found.run.state == "done", found.run.error
        assert (found.run.parent, found.run.newer, found.run.rows) == (older.id, newer.id, 1_500)
        together = f"{older.created:%H:%M}" == f"{newer.created:%H:%M}"
        clock = "%H:%M:%S" if together else "%H:%M"
        assert found.run.source.name == f"sales, {newer.created:%Y-%m-%d {clock}} UTC"
        assert found.comparison is not None
        assert [one.change for one in found.comparison.drifts] == ["drifted"]
        for side, mean in (("source", 3.0), ("against", 2.0)):
            query = ColumnQuery.model_validate({"side": side})
            (column,) = (await service.columns(found.run.id, query)).items
            assert column.mean == mean
        document = (await service.report(found.run.id, ReportQuery(format="markdown"))).content
        assert "sales, " in document
        for wrong, said in (
            ({"newer": found.run.id}, "Only a profile"),
            ({"parent": None, "against": source}, "Only a comparison of two profiles"),
            ({"parent": None}, "nothing to compare"),
            ({"task": "profile"}, "Only a comparison of two profiles"),
        ):
            with pytest.raises((Conflict, Invalid), match=said):
                await service.run(asked.model_copy(update=wrong))

    serving(test, tmp_path, command=COMMAND)
