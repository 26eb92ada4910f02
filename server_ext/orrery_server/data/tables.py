"""Windows of tables of databases, filtered and ordered by the database."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from orrery_engine.catalog.catalog import Catalog
from orrery_engine.catalog.nodes import Node
from orrery_engine.lazy import LazyModule
from orrery_engine.preview.shapes import MAX_CELLS, Filter, Preview, PreviewColumn, Transfer
from orrery_engine.query.result import QueryLimits
from orrery_engine.query.runner import QueryRunner, Target
from orrery_engine.quoting import sql_name
from orrery_server.data.listing import parts_of
from orrery_server.data.locations import Place
from orrery_server.data.preview_schemas import PreviewIn
from orrery_wire.errors import Invalid, NotFound

if TYPE_CHECKING:
    import pyarrow as pa

    from orrery_engine.preview import cells
else:
    pa = LazyModule("pyarrow")
    cells = LazyModule("orrery_engine.preview.cells")

_COMPARISONS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_SECONDS = 15.0
_MOST_COLUMNS = 5_000
_PARTS = 2


async def window(
    place: Place, request: PreviewIn, runner: QueryRunner, *, as_arrow: bool
) -> tuple[Preview, bytes]:
    """Rows of a table, and the same as a stream of Arrow if that is asked for.

    Raises:
        NotFound: there is no such table.
        Invalid: a column is none of it.
    """
    database = place.database
    if database is None:
        raise Invalid("This location is no database")
    begun = time.monotonic()
    path = parts_of(request.path)
    if len(path) != _PARTS:
        raise Invalid("Only tables are shown", remedy="Choose a table or a view.")

    def look(catalog: Catalog) -> tuple[Node, tuple[Node, ...]]:
        return catalog.describe(path), catalog.page(path, limit=_MOST_COLUMNS).nodes

    table, columns = await database.catalog(look)
    if table.problem:
        raise NotFound(f'"{table.name}" cannot be read', reason=table.problem)
    own = request.window
    shown = columns[own.first_column : own.first_column + own.column_count]
    limit = max(1, min(own.limit, MAX_CELLS // max(1, len(shown))))
    statement, values = _statement(database.spec.kind, path, request, columns, shown, limit)
    limits = QueryLimits(rows=limit + 1, seconds=_SECONDS)
    target = Target(database.spec, database.password)
    result = await runner.run(target, statement, values, limits)
    rows = result.table.slice(0, limit)
    preview = _preview(request, table, columns, shown, rows)
    preview = preview.model_copy(
        update={
            "has_more": result.table.num_rows > limit,
            "transfer": Transfer(
                requests=2, round_trips=2, seconds=round(time.monotonic() - begun, 4)
            ),
        }
    )
    if as_arrow:
        return preview, _stream(rows)
    writer = cells.CellWriter()
    own_cells = [writer.column(column) for column in rows.columns]
    own_rows = tuple(zip(*own_cells, strict=True)) if own_cells else ()
    return preview.model_copy(update={"rows": own_rows, "cut_cells": writer.cut}), b""


def _statement(
    database: str,
    path: tuple[str, ...],
    request: PreviewIn,
    columns: tuple[Node, ...],
    shown: tuple[Node, ...],
    limit: int,
) -> tuple[str, dict[str, object]]:
    """The query of a window; names are quoted, and values are parameters."""

    def name_of(place: int) -> str:
        if place >= len(columns):
            raise Invalid(f"There is no column {place:,}", remedy=f"There are {len(columns):,}.")
        return sql_name(columns[place].name, database)  # type: ignore[arg-type]

    own = request.window
    values: dict[str, object] = {}
    conditions = [
        _condition(item, name_of(item.column), values, database, columns[item.column].type)
        for item in own.filters
    ]
    names = ", ".join(sql_name(column.name, database) for column in shown) or "NULL"  # type: ignore[arg-type]
    source = ".".join(sql_name(part, database) for part in path)  # type: ignore[arg-type]
    text = f"SELECT {names} FROM {source}"  # noqa: S608  # names are quoted, values are parameters
    if conditions:
        text += f" WHERE {' AND '.join(conditions)}"
    if own.sort:
        keys = [f"{name_of(key.column)}{' DESC' if key.is_descending else ''}" for key in own.sort]
        text += f" ORDER BY {', '.join(keys)}"
    return f"{text} LIMIT {limit + 1:d} OFFSET {own.offset:d}", values


def _condition(
    item: Filter, name: str, values: dict[str, object], database: str, type_: str
) -> str:
    """A filter as SQL; its values go to the parameters."""
    if item.operator == "null":
        return f"{name} IS NULL"
    if item.operator == "not_null":
        return f"{name} IS NOT NULL"

    def place(value: object) -> str:
        key = f"v{len(values)}"
        values[key] = value
        return f":{key}"

    def typed(value: object) -> str:
        # These two compare no text with a number; the name of the type is the catalogue's own.
        is_strict = database in ("postgresql", "duckdb")
        return f"CAST({place(str(value))} AS {type_})" if is_strict else place(value)

    if item.operator in ("contains", "begins"):
        escaped = str(item.value or "")
        for sign in ("!", "%", "_"):
            escaped = escaped.replace(sign, f"!{sign}")
        pattern = f"{escaped}%" if item.operator == "begins" else f"%{escaped}%"
        text = "TEXT" if database in ("postgresql", "sqlite") else "CHAR"
        text = "VARCHAR" if database == "duckdb" else text
        like = "ILIKE" if database in ("postgresql", "duckdb") else "LIKE"
        return f"CAST({name} AS {text}) {like} {place(pattern)} ESCAPE '!'"
    if item.operator == "in":
        if not item.values:
            return "1 = 0"
        return f"{name} IN ({', '.join(map(typed, item.values))})"
    return f"{name} {_COMPARISONS[item.operator]} {typed(item.value)}"


def _preview(
    request: PreviewIn,
    table: Node,
    columns: tuple[Node, ...],
    shown: tuple[Node, ...],
    rows: pa.Table,
) -> Preview:
    own = request.window
    # What a filter leaves of the estimate of all rows is not known.
    total = None if own.filters else table.rows
    return Preview(
        format="table",
        columns=tuple(
            PreviewColumn(
                index=own.first_column + place,
                name=column.name,
                type=column.type,
                kind=cells.kind(type_),
            )
            for place, (column, type_) in enumerate(zip(shown, rows.schema.types, strict=False))
        ),
        column_count=len(columns),
        row_count=rows.num_rows,
        offset=own.offset,
        total=total,
        total_kind="unknown" if total is None else "estimate",
        notes=() if own.sort else ("The database gives rows in no order of its own.",),
    )


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
