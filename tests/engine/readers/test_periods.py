"""Periods of pandas are points in time, in every frequency; types of several files that do not unite are said."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orrery_engine.readers import periods
from orrery_engine.readers.arrow import ArrowTable
from orrery_engine.readers.damage import UnreadableError
from orrery_engine.readers.parquet import ParquetTable

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FREQUENCIES = (
    *(f"{unit}-{month}" for unit in ("Y", "A", "Q") for month in MONTHS),
    *(f"W-{day}" for day in DAYS),
    *("M", "2M", "D", "h", "min", "s", "ms", "us", "ns"),
)


def of_periods(frequency: str, numbers: list[int | None]) -> pa.Table:
    """A table as pandas writes it: whole numbers, and what they are beside the type."""
    metadata = {
        "ARROW:extension:name": "pandas.period",
        "ARROW:extension:metadata": json.dumps({"freq": frequency}),
    }
    schema = pa.schema([pa.field("v", pa.int64(), metadata=metadata), pa.field("n", pa.int64())])
    return pa.table(
        [pa.array(numbers, pa.int64()), pa.array(range(len(numbers)), pa.int64())], schema
    )


def test_periods_begin_when_pandas_says() -> None:
    for frequency in FREQUENCIES:
        for number in (-200, -1, 0, 1, 207):
            name = frequency.replace("A-", "Y-")
            expected = pandas.Period(ordinal=number, freq=name).start_time.floor("us")
            (begin,) = periods.beginnings(pl.Series([number]), frequency).to_list()
            assert pandas.Timestamp(begin).floor("us") == expected, (frequency, number)


def test_periods_of_a_frame_of_pandas(tmp_path: Path) -> None:
    months = pandas.period_range("2020-01", periods=3, freq="M")
    pandas.DataFrame({"v": months, "n": [1, 2, 3]}).to_parquet(tmp_path / "x.parquet")
    table = ParquetTable([lambda: tmp_path / "x.parquet"])
    assert table.column(0).to_list() == [date(2020, month, 1) for month in (1, 2, 3)]
    assert (table.types[0], table.dtypes[0]) == ("date", "period[M]")


@pytest.mark.parametrize(
    ("frequency", "number", "value", "kind"),
    [
        ("M", 600, date(2020, 1, 1), "date"),
        ("Q-DEC", 201, date(2020, 4, 1), "date"),
        ("h", 438_300, datetime(2020, 1, 1, 12), "datetime"),
        ("B", 600, 600, "integer"),
        ("X", 600, 600, "integer"),
    ],
)
def test_periods_in_files(
    frequency: str, number: int, value: Any, kind: str, tmp_path: Path
) -> None:
    table = of_periods(frequency, [number, None, number + 1])
    pq.write_table(table, tmp_path / "x.parquet")
    with (
        pa.OSFile(str(tmp_path / "x.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as out,
    ):
        out.write_table(table)
    for read in (
        ParquetTable([lambda: tmp_path / "x.parquet"]),
        ArrowTable(tmp_path / "x.arrow", 2**30),
    ):
        assert read.column(0).to_list()[:2] == [value, None]
        assert read.start(0, 1).to_list() == [value]
        assert (read.types[0], read.dtypes[0]) == (kind, f"period[{frequency}]")
        assert f"v: periods of pandas ({frequency})" in read.notes[0]
        assert (read.types[1], len(read.notes)) == ("integer", 1)


def test_periods_too_far_away_are_not_computed_with() -> None:
    for frequency in ("M", "D", "Y-DEC", "W-SUN", "h", "s"):
        with pytest.raises(UnreadableError, match="too far away"):
            periods.beginnings(pl.Series([2**62]), frequency)
    assert periods.beginnings(pl.Series([None], dtype=pl.Int64), "M").to_list() == [None]


def test_periods_of_two_frequencies_are_not_united(tmp_path: Path) -> None:
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path, frequency in zip(paths, ("M", "D"), strict=True):
        pq.write_table(of_periods(frequency, [600]), path)
    table = ParquetTable([lambda path=path: path for path in paths])
    assert "files hold values of different types" in "\n".join(table.notes)


@pytest.mark.parametrize(
    "columns",
    [
        (pa.array([2**53 + 1], pa.int64()), pa.array([0.5])),
        (pa.array([2**64 - 1], pa.uint64()), pa.array([-1], pa.int64())),
        (pa.array([datetime(9999, 1, 1)], pa.timestamp("us")), pa.array([5], pa.timestamp("ns"))),
    ],
)
def test_types_that_do_not_unite_exactly_are_said_in_plain_words(
    columns: tuple[pa.Array, pa.Array], tmp_path: Path
) -> None:
    paths = [tmp_path / f"{place}.parquet" for place in range(2)]
    for path, column in zip(paths, columns, strict=True):
        pq.write_table(pa.table({"v": column, "n": pa.array([1])}), path)
    table = ParquetTable([lambda path=path: path for path in paths])
    with pytest.raises(UnreadableError, match="values of different types"):
        table.column(0)
    assert table.column(1).to_list() == [1, 1]
