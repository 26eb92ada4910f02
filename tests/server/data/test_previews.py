"""Previews and statements through the lab's service."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orrery_engine.catalog.spec import DatabaseSpec
from orrery_server.base.routes import Download
from orrery_server.data import opening
from orrery_server.data.preview_schemas import (
    PreviewIn,
    Query,
    QueryIn,
    QueryRowsQuery,
    QueryWaitQuery,
    StatementIn,
)
from orrery_server.data.service import DataService
from orrery_wire.connections import ConnectionIn
from orrery_wire.errors import Invalid, NotFound, OrreryError
from tests.engine.lake.stores import Place
from tests.server.data.conftest import s3_connection

KINDS = ("postgresql", "mysql", "sqlite", "duckdb")
SCHEMAS = {"postgresql": "public", "mysql": "shop", "sqlite": "main", "duckdb": "main"}


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


@pytest.fixture
def database_of(
    service: DataService, database_specs: dict[str, DatabaseSpec], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Awaitable[str]]:
    """Makes a connection to a database of a kind, and gives its location.

    The servers of the tests listen on sockets only, which no connection names: the specification is put in.
    """

    async def connect(kind: str) -> str:
        spec = database_specs[kind]
        monkeypatch.setattr(opening, "database_of", lambda *_: (spec, opening.Password("")))
        fields = (
            {"host": "db.example"} if kind in ("postgresql", "mysql") else {"path": spec.database}
        )
        connection = {"name": f"db-{kind}", "kind": kind, "spec": fields}
        created = await service.create_connection(ConnectionIn.model_validate(connection))
        return f"connection-{created.id}"

    return connect


async def ended(service: DataService, query: Query) -> Query:
    return await service.get_query(query.id, QueryWaitQuery(wait=20))


async def test_a_file_and_an_object_are_shown_and_given_as_arrow(
    service: DataService, root: Path, bucket: Place
) -> None:
    table = pa.table({"a": [2**60, 2], "b": ["x", None]})
    (root / "a.parquet").write_bytes(parquet(table))
    bucket.put({"d/a.parquet": parquet(table)})
    created = await service.create_connection(ConnectionIn.model_validate(s3_connection(bucket)))
    try:
        for location, path in (("files", "a.parquet"), (f"connection-{created.id}", "d/a.parquet")):
            request = PreviewIn.model_validate({"location": location, "path": path})
            shown = await service.preview(request)
            assert shown.rows == ((str(2**60), "x"), (2, None))
            assert (shown.total, shown.format) == (2, "parquet")
            download = await service.rows(request)
            assert isinstance(download.content, bytes)
            assert pa.ipc.open_stream(download.content).read_all() == table
        with pytest.raises(NotFound):
            await service.preview(PreviewIn(location="files", path="b.parquet"))
        with pytest.raises(OrreryError):
            await service.preview(PreviewIn(location="files", path="../../etc/passwd"))
    finally:
        await service.stop()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_table_of_a_database_is_shown(
    service: DataService, database_of: Callable[[str], Awaitable[str]], kind: str
) -> None:
    location = await database_of(kind)
    path = f"{SCHEMAS[kind]}/customers"

    async def shown(**window: object) -> list[tuple[object, ...]]:
        request = {"location": location, "path": path, "window": {"column_count": 2, **window}}
        preview = await service.preview(PreviewIn.model_validate(request))
        assert [column.name for column in preview.columns] == ["id", "name"]
        assert preview.column_count == 3
        return list(preview.rows)

    try:
        assert sorted(map(str, await shown())) == ["(1, 'Ann')", "(2, 'Bob')"]
        assert await shown(sort=[{"column": 0, "is_descending": True}], limit=1) == [(2, "Bob")]
        assert await shown(sort=[{"column": 0}], offset=1) == [(2, "Bob")]
        cases = [
            ({"operator": "eq", "column": 1, "value": "Ann"}, 1),
            ({"operator": "eq", "column": 1, "value": "x' OR '1'='1"}, 0),
            ({"operator": "gt", "column": 0, "value": 1}, 1),
            ({"operator": "in", "column": 0, "values": [1, 2, 3]}, 2),
            ({"operator": "contains", "column": 1, "value": "%"}, 0),
            ({"operator": "begins", "column": 1, "value": "B"}, 1),
            ({"operator": "not_null", "column": 2}, 2),
            ({"operator": "null", "column": 2}, 0),
        ]
        for item, count in cases:
            assert len(await shown(filters=[item])) == count, item
        with pytest.raises(Invalid, match="no column 9"):
            await shown(sort=[{"column": 9}])
        for name in ('Odd; "name', "x; DROP TABLE orders"):
            with pytest.raises(NotFound):
                await service.preview(PreviewIn(location=location, path=f"{SCHEMAS[kind]}/{name}"))
    finally:
        await service.stop()


async def test_statements_run_over_databases_and_files(
    service: DataService,
    root: Path,
    database_of: Callable[[str], Awaitable[str]],
    bucket: Place,
) -> None:
    location = await database_of("postgresql")
    bucket.put({"d/a.csv": b"a,b\n1,x\n2,y\n"})
    await service.create_connection(ConnectionIn.model_validate(s3_connection(bucket)))
    (root / "a b.csv").write_bytes(b"a,c\n1,7\n")
    try:
        asked = QueryIn(
            location=location,
            statement="SELECT name FROM customers WHERE id = :i",
            parameters={"i": 1},
        )
        query = await ended(service, await service.run_query(asked))
        assert (query.state, query.row_count, query.columns[0].name) == ("done", 1, "name")
        assert (await service.query_rows(query.id, QueryRowsQuery())).rows == (("Ann",),)
        statement = "SELECT b, c FROM 'files://a b.csv' JOIN 'store://sales/d/*.csv' USING (a)"
        estimate = await service.estimate(StatementIn(statement=statement))
        assert (estimate.bytes, estimate.files) == (20, 2)
        query = await ended(service, await service.run_query(QueryIn(statement=statement)))
        assert query.problem is None
        download: Download = await service.query_result(query.id)
        assert isinstance(download.content, bytes)
        table = pa.ipc.open_stream(download.content).read_all()
        assert table.to_pydict() == {"b": ["x"], "c": [7]}
        assert query.scanned_bytes > 0
        assert (await service.list_queries()).items[0].id == query.id
        failed = await ended(
            service,
            await service.run_query(QueryIn(statement="SELECT * FROM read_text('/etc/passwd')")),
        )
        assert failed.state == "failed"
        assert failed.problem
        assert failed.problem.code == "forbidden"
        with pytest.raises(NotFound, match="no rows"):
            await service.query_rows(failed.id, QueryRowsQuery())
        with pytest.raises(Invalid, match="One statement"):
            await service.run_query(QueryIn(statement="SELECT 1; SELECT 2"))
        text = await service.format_statement(StatementIn(statement="select :a"))
        assert (text.text, text.parameters) == ("SELECT\n  :a\n", ("a",))
    finally:
        await service.stop()


async def test_a_statement_is_cancelled(
    service: DataService, database_of: Callable[[str], Awaitable[str]]
) -> None:
    location = await database_of("postgresql")
    try:
        query = await service.run_query(QueryIn(location=location, statement="SELECT pg_sleep(30)"))
        assert query.state == "running"
        await asyncio.sleep(0.5)
        await service.cancel_query(query.id)
        assert (await ended(service, query)).state == "cancelled"
        with pytest.raises(NotFound):
            await service.cancel_query("0" * 32)
    finally:
        await service.stop()
