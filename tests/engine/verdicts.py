"""What pandera, DuckDB, SQLite and Great Expectations say of the checks that were written for them."""

from __future__ import annotations

import json
import re
import sqlite3
import warnings
from functools import cache
from typing import Any

import duckdb
import pandas as pd
import polars as pl

from orrery_engine.checks import render
from orrery_engine.checks.sql import statements
from orrery_engine.run_checks import check
from orrery_engine.schemas import Suite
from tests.engine.tables import FrameTable

Verdicts = list[bool]


def ours(frame: pl.DataFrame, suite: Suite) -> Verdicts:
    return [one.passed for one in check(FrameTable(frame), suite).results]


def singly(suite: Suite) -> list[Suite]:
    return [suite.model_copy(update={"checks": (one,)}) for one in suite.checks]


def by_pandera(frame: pl.DataFrame, suite: Suite) -> Verdicts:
    import pandera.errors

    data = frame.to_arrow().to_pandas()
    found = []
    for one in singly(suite):
        names: dict[str, Any] = {}
        exec(compile(render(one, "pandera").content, "schema.py", "exec"), names)
        try:
            names["schema"].validate(data, lazy=True)
        except pandera.errors.SchemaErrors:
            found.append(False)
        else:
            found.append(True)
    return found


def by_duckdb(frame: pl.DataFrame, suite: Suite, table: str = "data") -> Verdicts:
    with duckdb.connect() as connection:
        connection.register("arrow_table", frame.to_arrow())
        quoted = '"' + table.replace('"', '""') + '"'
        connection.execute(f"CREATE TABLE {quoted} AS SELECT * FROM arrow_table")
        return [_answer(connection, one) for one in statements(suite, table)]


def _answer(connection: Any, statement: str) -> bool:
    try:
        row = connection.execute(statement).fetchone()
    except (duckdb.Error, sqlite3.Error):
        return False
    return bool(row[3])


def by_sqlite(frame: pl.DataFrame, suite: Suite, table: str = "data") -> Verdicts:
    connection = sqlite3.connect(":memory:")
    connection.create_function(
        "regexp", 2, lambda pattern, text: text is not None and bool(re.search(pattern, text))
    )
    quoted = "`" + table.replace("`", "``") + "`"
    names = ", ".join("`" + name.replace("`", "``") + "`" for name in frame.columns)
    marks = ", ".join("?" for _ in frame.columns)
    connection.execute(f"CREATE TABLE {quoted} ({names})")
    connection.executemany(f"INSERT INTO {quoted} VALUES ({marks})", map(_plain, frame.rows()))
    try:
        return [_answer(connection, one) for one in statements(suite, table, "sqlite")]
    finally:
        connection.close()


def _plain(row: tuple[Any, ...]) -> list[Any]:
    kept = (int, float, str, bytes, type(None))
    return [value if isinstance(value, kept) else str(value) for value in row]


@cache
def _context() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own, at import
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("memory")
    return source.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")


def by_great_expectations(frame: pl.DataFrame, suite: Suite) -> Verdicts:
    whole = _context()
    import great_expectations as gx

    data: pd.DataFrame = frame.to_arrow().to_pandas()
    written = json.loads(render(suite, "great_expectations").content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        batch = whole.get_batch({"dataframe": data})
        results = batch.validate(gx.ExpectationSuite(**written)).results
    assert len(results) == len(written["expectations"]) == len(suite.checks)
    # Results come in an order of their own; each says in its notes which check it is.
    told = {tuple(one.expectation_config.meta["notes"]): bool(one.success) for one in results}
    return [told[tuple(one["meta"]["notes"])] for one in written["expectations"]]
