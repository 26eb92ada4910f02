"""Statements run where their data are, within limits, and end there when they are cancelled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pymysql
import pytest

from orrery_engine.catalog.sessions import open_session
from orrery_engine.catalog.spec import DatabaseSpec, Password
from orrery_engine.lake.opening import Store
from orrery_engine.query.result import QueryLimits
from orrery_engine.query.runner import Lake, Target
from orrery_wire.errors import Cancelled, Invalid, NotFound, OrreryError, TimedOut
from tests.engine.lake.stores import Place, local_place, s3_place
from tests.engine.preview import files
from tests.engine.query import attacks
from tests.engine.query.conftest import Statements

KINDS = ("postgresql", "mysql", "sqlite", "duckdb")
SLOW = {
    "postgresql": "SELECT pg_sleep(60)",
    "mysql": "SELECT SLEEP(60)",
    "sqlite": "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
    "duckdb": "SELECT count(*) FROM range(1000000000000)",
}


def contents(spec: DatabaseSpec) -> list[Any]:
    """What the database holds."""
    with closing(open_session(spec, Password())) as session:
        return [
            sorted(session.rows("SELECT id, customer, amount FROM orders"), key=str),
            session.rows("SELECT count(*) FROM customers"),
        ]


def test_rows_come_as_arrow_with_their_types(
    database: DatabaseSpec, statements: Statements
) -> None:
    result = statements(database, "SELECT id, name FROM customers ORDER BY id;")
    assert result.table.to_pydict() == {"id": [1, 2], "name": ["Ann", "Bob"]}
    assert not result.is_cut
    empty = statements(database, "SELECT id FROM customers WHERE id > 9")
    assert (empty.table.num_rows, empty.table.column_names) == (0, ["id"])
    twice = statements(database, "SELECT 1 AS a, 2 AS a")
    assert [column.to_pylist() for column in twice.table.columns] == [[1], [2]]


def test_forms_of_queries_run(database: DatabaseSpec, statements: Statements) -> None:
    for text in (
        "WITH a AS (SELECT 1 AS x UNION ALL SELECT 2) SELECT sum(x) AS s FROM a",
        "SELECT 1 AS s UNION SELECT 1",
        "SELECT id AS s FROM orders ORDER BY id DESC LIMIT 1 -- the last",
        "SELECT 3 AS s" if database.kind == "sqlite" else "(SELECT 3 AS s)",
        "SELECT count(*) AS s FROM orders /* all */",
    ):
        result = statements(database, text)
        assert result.table.num_rows == 1, text
    explained = statements(database, "EXPLAIN SELECT * FROM orders")
    assert explained.table.num_rows >= 1


def test_parameters_are_values_and_never_text(
    database: DatabaseSpec, statements: Statements
) -> None:
    hostile = "x' OR '1'='1'; DROP TABLE orders; -- % \\"
    result = statements(
        database, "SELECT name FROM customers WHERE name = :n AND id = :i", {"n": "Ann", "i": 1}
    )
    assert result.table.to_pydict() == {"name": ["Ann"]}
    none = statements(database, "SELECT name FROM customers WHERE name = :n", {"n": hostile})
    assert none.table.num_rows == 0
    with pytest.raises(Invalid, match=":i has no value"):
        statements(database, "SELECT :i")


def test_more_rows_than_are_allowed_are_not_fetched(
    database: DatabaseSpec, statements: Statements
) -> None:
    result = statements(database, "SELECT id FROM orders ORDER BY id", rows=2)
    assert (result.table.num_rows, result.is_cut) == (2, True)
    result = statements(database, "SELECT id FROM orders ORDER BY id", rows=3)
    assert (result.table.num_rows, result.is_cut) == (3, False)


def test_what_is_wrong_is_said_in_words(database: DatabaseSpec, statements: Statements) -> None:
    for text in ("SELEC 1", "SELECT * FROM nowhere", "SELECT nowhere FROM orders"):
        assert "rows of" not in outcome(statements, database, text), text
    missing = replace(
        database, database="/nowhere/x" if database.kind in ("sqlite", "duckdb") else "nowhere"
    )
    with pytest.raises(OrreryError) as caught:
        statements(missing, "SELECT 1")
    assert isinstance(caught.value, NotFound)


def outcome(statements: Statements, spec: DatabaseSpec | None, text: str, **more: Any) -> str:
    """The rows of a statement, or why there are none, as a text; it is never a fault of ours."""
    problem: OrreryError | None = None
    try:
        result = statements(spec, text, **{"seconds": 5, **more})
    except OrreryError as caught:
        problem = caught
    if problem is None:
        return f"rows of {result.table.to_pydict()}"
    assert problem.code != "internal_error", (text, problem)
    assert "Traceback" not in str(problem), (text, problem)
    return str(problem)


def test_there_are_as_many_attacks_as_were_promised() -> None:
    assert sum(len(attacks.writes(kind)) + len(attacks.bombs(kind)) for kind in KINDS) >= 400


@pytest.mark.parametrize("kind", KINDS)
def test_no_statement_changes_what_is_only_read(
    kind: str, database_specs: dict[str, DatabaseSpec], statements: Statements
) -> None:
    spec = database_specs[kind]
    before = contents(spec)
    Path(attacks.OUT).unlink(missing_ok=True)
    texts = attacks.tried(attacks.writes(kind), 14)
    leaked = [text for text in texts if "root:" in outcome(statements, spec, text)]
    assert contents(spec) == before
    assert leaked == []
    assert not Path(attacks.OUT).exists()
    # And the connection that was attacked runs what it may.
    assert statements(spec, "SELECT count(*) AS n FROM orders").table.to_pydict() == {"n": [3]}


@pytest.mark.parametrize("kind", KINDS)
def test_bombs_end_at_a_limit(
    kind: str, database_specs: dict[str, DatabaseSpec], statements: Statements
) -> None:
    spec = replace(database_specs[kind], seconds=0.7)
    for text in attacks.tried(attacks.bombs(kind), 1):
        begun = time.monotonic()
        result = outcome(statements, spec, text, seconds=0.7, memory=400 * 2**20)
        # Some servers give up by themselves, with fewer rows than were asked for.
        assert kind == "mysql" or "rows of" not in result, (text, result)
        assert time.monotonic() - begun < 8, text
    assert statements(database_specs[kind], "SELECT 1 AS n").table.num_rows == 1


def processes(spec: DatabaseSpec) -> list[str]:
    """The statements that run at a server, in its own process list."""
    if spec.kind == "postgresql":
        with psycopg.connect(f"host={spec.host} user=orrery dbname={spec.database}") as to:
            query = "SELECT query FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
            return [row[0] for row in to.execute(query).fetchall()]
    with (
        closing(pymysql.connect(unix_socket=spec.host, user="root")) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT info FROM information_schema.processlist WHERE info IS NOT NULL")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_cancelled_statement_is_gone_where_it_ran(
    kind: str, database_specs: dict[str, DatabaseSpec], statements: Statements
) -> None:
    spec = database_specs[kind]
    is_server = kind in ("postgresql", "mysql")

    def running() -> list[str]:
        if is_server:
            return [text for text in processes(spec) if "60)" in text]
        return [
            str(child.pid)
            for child in psutil.Process().children()
            if "orrery_engine.query.worker" in child.cmdline()
            and child.cpu_times().user > 0.1
            and child.status() == psutil.STATUS_RUNNING
        ]

    async def cancel() -> float:
        limits = QueryLimits(seconds=30)
        task = asyncio.create_task(statements.runner.run(Target(spec), SLOW[kind], {}, limits))
        until = time.monotonic() + 10
        while not await asyncio.to_thread(running):
            assert time.monotonic() < until, "it never ran"
            assert not task.done(), task
            await asyncio.sleep(0.05)
        begun = time.monotonic()
        task.cancel()
        with pytest.raises((asyncio.CancelledError, Cancelled)):
            await task
        while await asyncio.to_thread(running):
            assert time.monotonic() - begun < 2, "it runs on"
            await asyncio.sleep(0.02)
        return time.monotonic() - begun

    assert statements.run(cancel()) < 2
    assert statements(spec, "SELECT 1 AS n").table.num_rows == 1


def test_a_time_limit_is_kept(database: DatabaseSpec, statements: Statements) -> None:
    begun = time.monotonic()
    with pytest.raises(TimedOut):
        statements(replace(database, seconds=1), SLOW[database.kind], seconds=1)
    assert time.monotonic() - begun < 6


def test_a_connection_that_may_write_writes(
    database_specs: dict[str, DatabaseSpec], statements: Statements
) -> None:
    for kind in ("postgresql", "mysql", "sqlite"):
        spec = replace(database_specs[kind], is_read_only=False)
        made = statements(spec, "CREATE TABLE written (a integer)")
        assert made.table.num_rows == 0
        changed = statements(spec, "INSERT INTO written VALUES (1), (2)")
        assert any("2 rows" in note for note in changed.notes), (kind, changed.notes)
        assert statements(spec, "SELECT a FROM written ORDER BY a").table.to_pydict() == {
            "a": [1, 2]
        }
        statements(spec, "DROP TABLE written")


@pytest.fixture(scope="module")
def lake(s3_for_queries: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Place]:
    """A folder as the lake, and a bucket as a store."""
    place = local_place(tmp_path_factory.mktemp("lake"))
    bucket = s3_place(s3_for_queries, "queries")
    table = files.table(1_000)
    content = {
        "t/year=2025/a.parquet": files.parquet(table, row_group_size=100),
        "t/year=2026/b.parquet": files.parquet(table),
        "ü b/x.csv": files.csv(table),
        "r.jsonl": files.ndjson(table),
    }
    place.put(content)
    bucket.put(content)
    stores: dict[str, Store] = {"lake": place.open(), "store": bucket.open()}

    async def resolve(scheme: str, path: str) -> tuple[Store, str]:
        if scheme == "store":
            name, _, path = path.partition("/")
            if name != "minio":
                raise NotFound(f"There is no connection {name!r}")
        return stores[scheme], path

    return Lake(resolve, ("lake", "store"), 50 * 2**20), place


@pytest.fixture(scope="module")
def s3_for_queries() -> Iterator[str]:
    """A server that speaks S3."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_duckdb_reads_files_of_stores_and_joins_them(
    lake: tuple[Lake, Place], statements: Statements
) -> None:
    stores, _ = lake
    one = statements(None, "SELECT count(*) AS n FROM 'lake://t/year=2025/a.parquet'", lake=stores)
    assert one.table.to_pydict() == {"n": [1_000]}
    assert one.scanned > 0
    many = statements(
        None, "SELECT count(*) AS n, max(year) AS y FROM 'lake://t/*/*.parquet'", lake=stores
    )
    assert many.table.to_pydict() == {"n": [2_000], "y": [2026]}
    joined = statements(
        None,
        "SELECT count(*) AS n FROM 'store://minio/t/**/*.parquet' p JOIN 'lake://ü b/x.csv' c USING (id)"
        " JOIN read_json('lake://r.jsonl') r USING (id) WHERE c.name = :n",
        {"n": "n3"},
        lake=stores,
    )
    assert joined.table.to_pydict() == {"n": [286]}
    few = statements(
        None, "SELECT id FROM 'lake://t/year=2025/a.parquet' WHERE id = 950", lake=stores
    )
    whole = statements(None, "SELECT * FROM 'lake://t/year=2025/a.parquet'", lake=stores)
    assert few.scanned <= whole.scanned


def test_duckdb_reaches_nothing_but_the_stores(
    lake: tuple[Lake, Place], statements: Statements
) -> None:
    stores, place = lake
    before = sorted(Path(place.spec.bucket).rglob("*"))
    for text in (
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM 'lake://../../etc/passwd'",
        "SELECT * FROM 'lake:///etc/passwd'",
        "SELECT * FROM read_text('lake://t/../../../../etc/passwd')",
        "SELECT * FROM 'store://other/x.parquet'",
        "SELECT * FROM 'files://x.csv'",
        "COPY (SELECT 1 AS a) TO 'lake://out.parquet'",
        "COPY (SELECT 1 AS a) TO 'lake://t' (FORMAT parquet, PARTITION_BY (a))",
        "EXPORT DATABASE 'lake://x'",
        "ATTACH 'lake://x.db' AS x",
        "SELECT * FROM 'lake://missing.parquet'",
        "SELECT * FROM 'lake://t/*.csv'",
        *attacks.tried(attacks.writes("duckdb"), 5),
    ):
        assert "root:" not in outcome(statements, None, text, lake=stores), text
    assert sorted(Path(place.spec.bucket).rglob("*")) == before
    assert not Path(attacks.OUT).exists()


def test_a_statement_reads_no_more_of_stores_than_it_may(
    lake: tuple[Lake, Place], statements: Statements
) -> None:
    stores, place = lake
    place.put({"big.csv": b"a,b\n" + b"1,2\n" * 2_000_000})
    with pytest.raises(Invalid, match="more of the stores"):
        statements(
            None, "SELECT sum(a) FROM 'lake://big.csv'", lake=replace(stores, most_bytes=2 * 2**20)
        )
    Path(place.spec.bucket, "big.csv").unlink()
