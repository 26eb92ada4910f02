"""Code that shows or repairs a part of a table: it is run on values of the profile before it is offered."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from orrery_engine import codegen
from orrery_engine.offers import promises, proof
from orrery_engine.offers.proof import Table
from orrery_engine.quoting import sql_name, sql_table
from orrery_engine.readers import duck
from orrery_engine.schemas import CodeIn, CodeJob, ColumnProfile, ColumnType, Value
from orrery_wire.errors import Invalid

_ROWS = 24
_SPELLINGS = 3
_MOST_COLUMNS = 200
_FIRST_COLUMNS = 20
_UNPROVEN = "# Not run beforehand: Spark is not there where Orrery profiles.\n"


def snippet(request: CodeJob) -> str:
    """The code, which ran on a table with the names, types and values of the profile, and did what it promises.

    Raises:
        Invalid: it failed, or it does something else.
        NotFound: there is no such column, alert or quick fix.
    """
    code_in, source = request.request, request.source
    written = codegen.write(code_in, source, request.columns, request.alerts).code
    if code_in.dialect == "spark":
        return _UNPROVEN + written
    request = _narrow(request)
    code_in = request.request
    tried = codegen.write(code_in, source, request.columns, request.alerts).code
    before = probe(request.columns)
    try:
        pairs = _run(tried, code_in, source.table, before)
    except (Exception, pl.exceptions.PanicException) as problem:
        raise Invalid(
            "This code does not work on the data",
            reason=f"It was run on values of the profile and failed: {proof.reason(problem)}.",
            remedy="Choose another quick fix, or another dialect.",
        ) from problem
    for table, after in pairs:
        fix, places = codegen.chosen_fix(code_in, request.columns, request.alerts)
        chosen = [item for item in request.columns if item.index in places]
        promises.require(fix, chosen, table, after)
    return written


def _narrow(request: CodeJob) -> CodeJob:
    """Of a wide table the columns that the code is about, and a few more."""
    code_in, columns = request.request, request.columns
    if len(columns) <= _MOST_COLUMNS:
        return request
    alerts = [alert for alert in request.alerts if alert.id == code_in.alert]
    used = {index for alert in alerts for index in alert.columns} | {code_in.column}
    chosen = [column for column in columns if column.index in used or column.index < _FIRST_COLUMNS]
    places = {column.index: place for place, column in enumerate(chosen)}
    return request.model_copy(
        update={
            "request": code_in.model_copy(
                update={"column": None if code_in.column is None else places.get(code_in.column)}
            ),
            "columns": tuple(
                column.model_copy(update={"index": place}) for place, column in enumerate(chosen)
            ),
            "alerts": tuple(
                alert.model_copy(update={"columns": tuple(places[item] for item in alert.columns)})
                for alert in alerts
            ),
        }
    )


def _run(code: str, code_in: CodeIn, table: str, before: pa.Table) -> Sequence[tuple[Table, Table]]:
    """Run the code; of a quick fix that changes the table, the table in each of its forms before and afterwards."""
    is_change = code_in.what == "fix" and "weights" not in code.splitlines()[-1]
    if code_in.dialect == "sql":
        with duck.caged([], []) as connection:
            for name in (table or code_in.frame, "reference"):
                _register(connection, name, before)
            result = connection.sql(code)
            changed = proof.as_table(result)
            is_change = is_change and "AS weight" not in code
            return [(proof.as_table(before), changed)] if is_change else ()
    frames: list[object] = [before]
    if code_in.dialect == "pandas":
        import pandas as pd

        # Integers beside missing values are floats in pandas, unless the code that loads them says otherwise.
        whole = {pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype()}
        exact = before.to_pandas(types_mapper=whole.get)
        frames = [before.to_pandas(), exact]
    elif code_in.dialect == "polars":
        frames = [pl.from_arrow(before)]
    pairs = []
    with _duckdb_of(code_in, before):
        for frame in frames:
            given = proof.as_table(frame)
            _, scope = proof.run(code, {code_in.frame: frame, "reference": frame})
            if is_change:
                changed = proof.as_table(scope[code_in.frame], has_row_names=True)
                pairs.append((given, changed))
    return pairs


@contextmanager
def _duckdb_of(code_in: CodeIn, table: pa.Table) -> Iterator[None]:
    """DuckDB as its code finds it; a connection takes 25 ms, which code of other dialects does without."""
    if code_in.dialect != "duckdb":
        yield
        return
    connection = duck.caged([], [])
    for name in (code_in.frame, "reference"):
        # In its cage DuckDB finds no variables by their names.
        connection.register(name, table)
    with duck.as_default(connection):
        yield


def _register(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """A table of the name, with its schema in front of the first point if there is one."""
    schema, point, _ = name.partition(".")
    if not point:
        connection.register(name, table)
        return
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {sql_name(schema)}")
    connection.register("orrery_probe", table)
    connection.execute(f"CREATE TABLE {sql_table(name)} AS SELECT * FROM orrery_probe")  # noqa: S608 - a quoted name


def probe(columns: Sequence[ColumnProfile]) -> pa.Table:
    """A small table with the columns of a profile, and values that it holds of them."""
    return pa.Table.from_arrays(
        [_array(column) for column in columns], names=[column.name for column in columns]
    )


def _array(column: ColumnProfile) -> pa.Array:
    type_ = _TYPES.get(column.type, pa.large_string())
    values = [item for item in map(_parser(column.type), _values(column)) if item is not None]
    rows = [*values[:_ROWS], None] if column.missing or not values else values[:_ROWS]
    cycled = list(itertools.islice(itertools.cycle(rows), _ROWS))
    try:
        return pa.array(cycled, None if column.type == "decimal" else type_)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        if column.type == "integer":
            return _unsigned(cycled)
        return pa.nulls(_ROWS, type_)


def _unsigned(values: Sequence[object]) -> pa.Array:
    """Whole numbers, which have no sign if they are so large; nothing if they are larger still."""
    try:
        return pa.array(values, pa.uint64())
    except (pa.ArrowInvalid, OverflowError):
        return pa.nulls(len(values), pa.int64())


def _values(column: ColumnProfile) -> Iterator[Value]:
    """The values that a profile holds: examples of each way to write, frequent ones, the least and the greatest."""
    if column.text is not None and column.text.number is not None:
        yield from column.text.number.examples
    yield from (top.value for top in column.placeholders)
    for group in column.spellings[:_SPELLINGS]:
        yield from (group.value, *(top.value for top in group.variants))
    yield from (top.value for top in column.top)
    yield column.minimum
    yield column.maximum
    yield from (quantile.value for quantile in column.quantiles)
    if column.text is not None and column.text.blank:
        yield "  "


def _parser(type: ColumnType) -> Callable[[Value], object]:
    convert = _PARSERS.get(type, str)

    def parse(value: Value) -> object:
        if value is None:
            return None
        try:
            return convert(value)
        except (ValueError, TypeError, ArithmeticError):
            return None

    return parse


def _moment(value: object) -> dt.datetime:
    moment = dt.datetime.fromisoformat(str(value))
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment


_PARSERS: Mapping[ColumnType, Callable[[Any], Any]] = {
    "boolean": bool,
    "date": lambda value: dt.date.fromisoformat(str(value)[:10]),
    "datetime": _moment,
    "decimal": lambda value: Decimal(str(value)),
    "duration": lambda value: None,
    "float": float,
    "integer": int,
    "nested": lambda value: None,
    "null": lambda value: None,
    "time": lambda value: dt.time.fromisoformat(str(value)),
}
_TYPES: Mapping[ColumnType, pa.DataType] = {
    "binary": pa.large_binary(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "duration": pa.duration("us"),
    "float": pa.float64(),
    "integer": pa.int64(),
    "nested": pa.list_(pa.int64()),
    "null": pa.null(),
    "time": pa.time64("us"),
}
