"""A database checks its own table: the verdicts are those of the same rows in memory."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from orrery_engine.readers.table import DatabaseTable
from orrery_engine.run_checks import check
from orrery_engine.schemas import Check, Options, ResolvedSource, Suite
from tests.engine.tables import FrameTable

FRAME = pl.DataFrame(
    {
        "id": [1, 2, 2, 4, 5, 6, 7, 8],
        "price": [1.0, 2.0, None, 4.0, 500.0, 6.0, 7.0, 8.5],
        "ki'nd \"%s": ["a", "b", "c'", "a", "zz", None, "b", "100%"],
    }
)
KIND = FRAME.columns[2]
CHECKS = (
    Check(code="column_exists", column="id"),
    Check(code="column_exists", column="gone"),
    Check(code="type", column="id", type="integer"),
    Check(code="type", column="price", type="integer"),
    Check(code="type", column=KIND, type="text"),
    Check(code="not_null", column="id"),
    Check(code="not_null", column="price"),
    Check(code="not_null", column="price", allowed=0.2),
    Check(code="unique", column="id"),
    Check(code="unique", column="price"),
    Check(code="between", column="price", minimum=0, maximum=100),
    Check(code="between", column="price", minimum=0, maximum=1_000),
    Check(code="in_set", column=KIND, values=("a", "b", "c'", "100%", "zz")),
    Check(code="in_set", column=KIND, values=("a", "b")),
    Check(code="matches", column=KIND, pattern="^[a-z]"),
    Check(code="matches", column=KIND, pattern="^[a-z]", allowed=0.2),
    Check(code="length_between", column=KIND, minimum=1, maximum=4),
    Check(code="length_between", column=KIND, minimum=1, maximum=1),
    Check(code="row_count_between", minimum=5, maximum=10),
    Check(code="row_count_between", minimum=9),
    Check(code="no_duplicates"),
    Check(code="no_duplicates", values=tuple(FRAME.columns)),
)


@pytest.fixture
def table(tmp_path: Path) -> DatabaseTable:
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    engine = sa.create_engine(address)
    FRAME.to_pandas().to_sql("it's", engine, index=False)
    engine.dispose()
    resolved = ResolvedSource(reader="table", location=address, format="database", table="it's")
    return DatabaseTable(resolved, Options())


def test_a_database_says_what_the_same_rows_in_memory_say(table: DatabaseTable) -> None:
    def no_rows(index: int) -> pl.Series:
        raise AssertionError("rows left the database")

    table.column = no_rows  # type: ignore[method-assign]
    suite = Suite(checks=CHECKS)
    theirs, ours = check(table, suite), check(FrameTable(FRAME), suite)
    for one, other in zip(theirs.results, ours.results, strict=True):
        told = (one.passed, one.broken, one.rows)
        assert told == (other.passed, other.broken, other.rows), (one, other)
    assert theirs.rows == 8
    table.close()


def test_what_a_database_cannot_say_is_said(table: DatabaseTable) -> None:
    few = Suite(checks=(Check(code="no_duplicates", values=("id", "price")),))
    (found,) = check(table, few).results
    assert not found.passed
    assert "whole rows only" in found.message
    table.database = "oracle"
    (found,) = check(table, Suite(checks=CHECKS[5:6])).results
    assert "oracle" in found.message
    table.close()
