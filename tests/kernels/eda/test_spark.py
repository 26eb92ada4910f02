"""Dataframes of Spark, from a local session; `make test-frameworks` installs it and runs this."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from orrery_kernels.eda.arrow_writer import write
from orrery_kernels.eda.dataframes import dialect_of, names_of, shape

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore")]

QUERY = """
select id, id * 1.5 price, concat('t', id) word, date'2020-01-01' day,
    timestamp'2020-01-01 00:00:00Z' moment, timestamp_ntz'2020-01-01 00:00:00' clock,
    array(id) list, map('k', id) mapping, named_struct('x', id, 'y', array(named_struct('z', id))) pair,
    if(id % 2 = 0, null, true) flag, binary('x') raw, make_ym_interval(1, 2) months
from range(20000)
"""


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.host", "127.0.0.1")
    found = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    yield found
    found.stop()


def handed(frame: Any, folder: Path) -> pa.Table:
    path = folder / "frame.arrow"
    path.touch(0o600)
    assert write(frame, path) == frame.count()
    return pa.ipc.open_file(path).read_all()


def test_listed_without_computing(session: Any) -> None:
    frame = session.sql("select 1 a, raise_error('computed') b")
    assert dialect_of(frame) == "spark"
    assert names_of(frame) == ["a", "b"]
    assert shape(frame) == {"rows": None, "columns": 2, "bytes": None}


def test_every_type_arrives(session: Any, tmp_path: Path) -> None:
    frame = session.sql(QUERY)
    table = handed(frame, tmp_path).sort_by("id")
    row = table.slice(1, 1).to_pylist()[0]
    assert row["moment"] == dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    assert row["clock"] == dt.datetime(2020, 1, 1)
    assert row["pair"] == {"x": 1, "y": [{"z": 1}]}
    assert row["mapping"] == [("k", 1)]
    assert "1-2" in row["months"]
    assert table.column("flag").null_count == 10_000
    assert table.schema.field("id").metadata[b"orrery:dtype"] == b"bigint"


def test_odd_frames(session: Any, tmp_path: Path) -> None:
    assert handed(session.sql("select 1 a, 2 a"), tmp_path).to_batches()[0].num_columns == 2
    empty = handed(session.sql("select 1 a where false"), tmp_path)
    assert empty.num_rows == 0
