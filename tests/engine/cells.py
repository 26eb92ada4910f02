"""Cells of a notebook: code is run as a kernel runs it, and what its last line says is the answer."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

from orrery_engine.schemas import Dialect

LOCAL: tuple[Dialect, ...] = ("pandas", "polars", "pyarrow", "duckdb", "sql")


@cache
def instance() -> duckdb.DuckDBPyConnection:
    """One DuckDB for all SQL of tests: what a cursor of it registers, no other sees."""
    return duckdb.connect()


def given(frame: pl.DataFrame, dialect: Dialect) -> Any:
    """The frame as the dialect knows tables."""
    if dialect == "pandas":
        return frame.to_pandas()
    if dialect == "polars":
        return frame
    return frame.to_arrow()


def run(code: str, names: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The value of the last line, and all variables."""
    scope = dict(names)
    tree = ast.parse(code)
    last = tree.body[-1]
    answer = None
    if isinstance(last, ast.Expr):
        tree.body.pop()
        exec(compile(tree, "cell", "exec"), scope)
        answer = eval(compile(ast.Expression(last.value), "cell", "eval"), scope)
    else:
        exec(compile(tree, "cell", "exec"), scope)
    return answer, scope


def answer(code: str, dialect: Dialect, frame: pl.DataFrame, **more: pl.DataFrame) -> Any:
    """What the last line says of a frame called df."""
    if dialect == "sql":
        return _sql(code, {"df": frame, **more})
    names = {name: given(one, dialect) for name, one in {"df": frame, **more}.items()}
    if dialect == "duckdb":
        # DuckDB looks for variables where it is called from.
        return as_polars(run(code, names)[0])
    return run(code, names)[0]


def fixed(code: str, dialect: Dialect, frame: pl.DataFrame, **more: pl.DataFrame) -> pl.DataFrame:
    """What df is after the cell."""
    if dialect == "sql":
        return _sql(code, {"df": frame, **more})
    names = {name: given(one, dialect) for name, one in {"df": frame, **more}.items()}
    return as_polars(run(code, names)[1]["df"])


def _sql(code: str, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    with instance().cursor() as connection:
        for name, one in tables.items():
            connection.register(name, one.to_arrow())
        return pl.DataFrame(connection.sql(code).to_arrow_table())


def as_polars(table: Any) -> pl.DataFrame:
    """Whatever it is, as a frame of polars."""
    if isinstance(table, pl.DataFrame):
        return table
    if isinstance(table, pd.DataFrame):
        return pl.from_pandas(table.reset_index(drop=True), nan_to_null=True)
    if isinstance(table, pa.Table):
        found = pl.from_arrow(table)
        assert isinstance(found, pl.DataFrame)
        return found
    found = pl.from_arrow(table.to_arrow_table())
    assert isinstance(found, pl.DataFrame)
    return found
