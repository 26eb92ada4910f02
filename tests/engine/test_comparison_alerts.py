"""What must never pass a gate unseen: rows that are gone, columns that are lost or unread, values that are new."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from orrery_engine import comparison_alerts, drift, profile_drift
from orrery_engine.schemas import Alert, ColumnProfile, Comparison, ProfileSnapshot
from tests.engine.tables import FrameTable, profiled
from tests.loops import each

RANDOM = np.random.default_rng(6)
ROWS = 2_000


def table(rows: int = ROWS, **columns: Any) -> pl.DataFrame:
    random = np.random.default_rng(1)
    usual = {
        "amount": random.normal(50, 9, rows),
        "shop": random.choice(["north", "south"], rows),
        "name": [f"customer {n}" for n in range(rows)],
    }
    return pl.DataFrame({**usual, **columns}, strict=False)


def of_tables(before: pl.DataFrame, after: pl.DataFrame) -> tuple[Comparison, Any]:
    old, new = FrameTable(before), FrameTable(after)
    columns = profiled(new)[1]
    return drift.compare(old, profiled(old)[1], new, columns), columns


def of_profile(before: pl.DataFrame, after: pl.DataFrame) -> tuple[Comparison, Any]:
    new = FrameTable(after)
    columns = profiled(new)[1]
    snapshot = ProfileSnapshot(
        name="old", rows=before.height, columns=profiled(FrameTable(before))[1]
    )
    return profile_drift.compare(snapshot, new, columns), columns


def of_profiles(before: pl.DataFrame, after: pl.DataFrame) -> tuple[Comparison, Any]:
    sides = [
        ProfileSnapshot(name="side", rows=frame.height, columns=profiled(FrameTable(frame))[1])
        for frame in (before, after)
    ]
    return profile_drift.compare_kept(*sides), sides[1].columns


WAYS = (of_tables, of_profile, of_profiles)
Way = Callable[[pl.DataFrame, pl.DataFrame], tuple[Comparison, Any]]


def alerts_of(way: Way, before: pl.DataFrame, after: pl.DataFrame, *sides: str) -> list[Alert]:
    comparison, columns = way(before, after)
    before_name, after_name = sides or ("", "")
    said = comparison_alerts.compare(comparison, columns, (before_name, after_name))
    # That all rows are the same is said by another test.
    return [alert for alert in said if alert.code != "leakage"]


@pytest.mark.parametrize("way", WAYS)
def test_a_table_that_stayed_says_nothing(way: Way) -> None:
    assert alerts_of(way, table(), table()) == []
    assert alerts_of(way, table(2_000), table(2_300)) == []


LOST = (
    (100_000, 10, "serious", "Only under 0.1% of the rows are left"),
    (2_000, 0, "serious", "The table has no rows any more"),
    (2_000, 150, "serious", "Only 7.5% of the rows are left"),
    (2_000, 900, "warning", "Only 45% of the rows are left"),
    (30, 0, "serious", "The table has no rows any more"),
    (3, 0, "serious", "The table has no rows any more"),
    (100, 2_000, "info", "There are 20 times as many rows"),
)


@pytest.mark.parametrize("way", WAYS)
@each("before, after, level, message", LOST)
def test_rows_that_are_gone_are_said(
    way: Way, before: int, after: int, level: str, message: str
) -> None:
    said = [one for one in alerts_of(way, table(before), table(after)) if one.code == "row_count"]
    assert [(one.level, one.message) for one in said] == [(level, message)]
    assert said[0].evidence == f"{before:,} rows before, {after:,} after"


@pytest.mark.parametrize("way", WAYS)
def test_a_column_that_lost_its_values_is_said_of_few_rows_too(way: Way) -> None:
    said = alerts_of(way, table(6), table(6, amount=[None] * 6))
    assert [(one.level, one.names) for one in said] == [("serious", ("amount",))]


def test_parts_that_train_and_test_may_differ_in_size() -> None:
    assert alerts_of(of_tables, table(2_000), table(300), "train.csv", "test.csv") == []


@pytest.mark.parametrize("way", WAYS)
def test_a_new_category_is_said_even_of_one_row(way: Way) -> None:
    shop = table()["shop"].to_list()
    after = table(shop=[*shop[:-1], "west"])
    (alert,) = alerts_of(way, table(), after)
    assert (alert.code, alert.level, alert.names) == ("drift", "warning", ("shop",))
    assert alert.message == "Values that the reference does not have"
    assert "new: west" in alert.evidence
    comparison = way(table(), after)[0]
    assert [one.name for one in comparison.drifts if one.change != "same"] == ["shop"]


@pytest.mark.parametrize("way", WAYS)
def test_new_names_among_names_are_no_news(way: Way) -> None:
    after = table(name=[f"customer {n + 7}" for n in range(ROWS)])
    assert alerts_of(way, table(), after) == []


@pytest.mark.parametrize("way", WAYS)
def test_lost_and_other_columns_are_said(way: Way) -> None:
    said = alerts_of(way, table(), table().drop("amount"))
    assert [(one.level, one.message, one.names) for one in said] == [
        ("serious", "Column removed", ("amount",))
    ]
    said = alerts_of(way, table(), table(amount=[f"{n} EUR" for n in range(ROWS)]))
    assert [(one.level, one.message, one.names) for one in said] == [
        ("serious", "Another type", ("amount",))
    ]
    said = alerts_of(way, table(), table(amount=[None] * ROWS))
    assert [(one.level, one.names) for one in said] == [("serious", ("amount",))]


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_column_that_could_not_be_read_did_not_stay_the_same(side: str) -> None:
    profiles = {name: profiled(FrameTable(table()))[1] for name in ("before", "after")}
    unread = ColumnProfile(
        index=0, name="amount", type="float", dtype="f", unread=True, note="It is broken."
    )
    profiles[side] = (unread, *profiles[side][1:])
    comparison = profile_drift.compare_kept(
        *(ProfileSnapshot(name="", rows=ROWS, columns=columns) for columns in profiles.values())
    )
    (changed,) = [one for one in comparison.drifts if one.change != "same"]
    assert (changed.change, changed.level, changed.note) == ("unread", "serious", "It is broken.")
    (alert,) = comparison_alerts.compare(comparison, profiles["after"])
    assert (alert.code, alert.level, alert.evidence) == ("unread", "serious", "It is broken.")
