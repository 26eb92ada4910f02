"""The tree of a database, the same of every kind."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from orrery_engine.catalog.catalog import Catalog
from orrery_engine.catalog.nodes import Node
from orrery_engine.catalog.sessions import Session, open_session
from orrery_engine.catalog.spec import DatabaseSpec, Password
from orrery_wire.errors import (
    BackendUnavailable,
    Cancelled,
    Forbidden,
    Invalid,
    NotFound,
    OrreryError,
    TimedOut,
)
from tests.engine.catalog.databases import SCHEMAS

ODD = 'Odd; "name"'
TABLES = {"customers", "orders", "large_orders", ODD}


@contextlib.contextmanager
def opened(spec: DatabaseSpec, password: str = "") -> Iterator[Catalog]:
    session = open_session(spec, Password(password))
    try:
        yield Catalog(spec, session)
    finally:
        session.close()


def session_of(catalog: Catalog) -> Session:
    return catalog._session


def names(catalog: Catalog, path: tuple[str, ...] = (), **more: object) -> list[str]:
    found: list[str] = []
    token = ""
    while True:
        page = catalog.page(path, token=token, **more)  # type: ignore[arg-type]
        found += [node.name for node in page.nodes]
        token = page.next
        if not token:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_tables_come_page_by_page_in_order(database: DatabaseSpec, limit: int) -> None:
    schema = SCHEMAS[database.kind]
    with opened(database) as catalog:
        assert schema in names(catalog, limit=limit)
        tables = names(catalog, (schema,), limit=limit)
    assert set(tables) - {"parts"} == TABLES
    assert len(tables) == len(set(tables))
    assert tables == sorted(tables)


def test_columns_stand_in_the_order_of_the_table(database: DatabaseSpec) -> None:
    schema = SCHEMAS[database.kind]
    with opened(database) as catalog:
        assert names(catalog, (schema, "customers"), limit=1) == ["id", "name", "from"]
        page = catalog.page((schema, "orders"))
        by_name = {node.name: node for node in page.nodes}
        assert by_name["id"].key == "primary"
        assert by_name["customer"].key == "foreign"
        assert by_name["customer"].is_nullable is False
        assert by_name["amount"].is_nullable is True
        assert "12" in by_name["amount"].type
        assert names(catalog, (schema, ODD)) == ["a b", "ü%_"]
        assert names(catalog, (schema, ODD), search="%") == ["ü%_"]


def test_a_search_is_of_the_text_and_not_of_a_pattern(database: DatabaseSpec) -> None:
    schema = SCHEMAS[database.kind]
    with opened(database) as catalog:
        assert names(catalog, (schema,), search="ORD") == ["large_orders", "orders"]
        for text in ("%", "_rder", "'", "!", "\\", "x' OR '1'='1"):
            assert names(catalog, (schema,), search=text) == [], text
        found = catalog.search("amount")
        assert {node.path[1:] for node in found} >= {("orders", "amount")}
        assert catalog.search("custom")[0] == Node((schema, "customers"), "table")
        assert catalog.search("ü%_")[0].path == (schema, ODD, "ü%_")
        assert catalog.search("") == []


def test_what_is_not_there_is_said(database: DatabaseSpec) -> None:
    schema = SCHEMAS[database.kind]
    with opened(database) as catalog:
        for path in (
            ("none",),
            (schema, "none"),
            (schema, "none'; DROP TABLE orders; --"),
            ("none", "orders"),
        ):
            with pytest.raises(NotFound) as caught:
                catalog.page(path)
            assert caught.value.remedy
        with pytest.raises(NotFound):
            catalog.rows((schema, "none"), 5)
        for path in ((schema, "orders", "id"), (schema, "a\0b")):
            with pytest.raises(Invalid):
                catalog.page(path)
        for token in ("x", "e30=", "MQ=="):
            with pytest.raises(Invalid):
                catalog.page(token=token)


def test_rows_of_a_table_are_arrow(database: DatabaseSpec) -> None:
    schema = SCHEMAS[database.kind]
    with opened(database) as catalog:
        rows = catalog.rows((schema, "orders"), 2)
        assert rows.num_rows == 2
        assert rows.column_names == ["id", "customer", "amount"]
        assert catalog.rows((schema, "large_orders"), 10).num_rows == 1
        assert catalog.rows((schema, ODD), 10).num_rows == 0


def test_nothing_can_be_changed_by_a_connection_that_reads(database: DatabaseSpec) -> None:
    with opened(database) as catalog:
        session = session_of(catalog)
        for statement in (
            "INSERT INTO customers (id, name) VALUES (9, 'x')",
            "DELETE FROM orders",
            "CREATE TABLE evil (a integer)",
            "DROP TABLE orders",
        ):
            with pytest.raises(OrreryError):
                session.table(statement, 10)
        assert session.rows("SELECT count(*) FROM orders")[0][0] == 3
    with opened(replace(database)) as catalog:
        assert "evil" not in names(catalog, (SCHEMAS[database.kind],))


SLOW = {
    "postgresql": "SELECT pg_sleep(60)",
    "mysql": "SELECT SLEEP(60) FROM orders a, orders b",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "duckdb": "SELECT count(*) FROM range(1000000000000) r(i) WHERE hash(i) % 7 = 3",
}


def test_a_statement_ends_at_its_time(database: DatabaseSpec) -> None:
    began = time.monotonic()
    with opened(replace(database, seconds=1)) as catalog, pytest.raises(TimedOut):
        session_of(catalog).table(SLOW[database.kind], 1)
    assert time.monotonic() - began < 8


def test_a_statement_is_cancelled_at_the_server(database: DatabaseSpec) -> None:
    with opened(database) as catalog:
        session = session_of(catalog)
        timer = threading.Timer(0.5, session.cancel)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            session.table(SLOW[database.kind], 1)
        assert time.monotonic() - began < 8
        assert session.rows("SELECT 1")[0][0] == 1


def test_postgresql_says_what_it_knows(database_specs: dict[str, DatabaseSpec]) -> None:
    spec = database_specs["postgresql"]
    with opened(spec) as catalog:
        orders = catalog.describe(("public", "orders"))
        assert (orders.comment, orders.owner, orders.rows) == ("What was ordered", "shop", 3)
        assert orders.bytes
        amount = catalog.page(("public", "orders")).nodes[2]
        assert (amount.comment, amount.type) == ("In euros", "numeric(12,2)")
        parts = catalog.describe(("public", "parts"))
        assert parts.kind == "partitioned_table"
        assert "parts_2026" not in names(catalog, ("public",))
    with opened(replace(spec, user="nobody")) as catalog:
        orders = catalog.describe(("public", "orders"))
        assert "no right" in orders.problem
        with pytest.raises(NotFound, match="cannot be read"):
            catalog.rows(("public", "orders"), 5)
        with pytest.raises(Forbidden):
            session_of(catalog).table("SELECT * FROM orders", 5)
    with psycopg.connect(f"host={spec.host} user=orrery dbname={spec.database}") as to:
        left = to.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'orrery'"
        ).fetchone()
    assert left == (0,)


CANARY = "canary-pa@ss/word:%?#"


def test_who_may_not_come_in_is_told_without_the_password(
    database_specs: dict[str, DatabaseSpec], tmp_path: Path
) -> None:
    maria, post = database_specs["mysql"], database_specs["postgresql"]
    lock = tmp_path / "no.sqlite"
    lock.write_bytes(b"not a database at all" * 100)
    for spec, kind in (
        (replace(maria, user="reader"), Forbidden),
        (replace(maria, host="/nowhere/s"), BackendUnavailable),
        (replace(post, database="none"), NotFound),
        (replace(post, user="unknown"), Forbidden),
        (replace(post, host="/nowhere"), BackendUnavailable),
        (replace(post, host="127.0.0.1", port=1), BackendUnavailable),
        (replace(post, host="no-such-host.invalid"), BackendUnavailable),
        (DatabaseSpec("sqlite", str(lock)), Invalid),
        (DatabaseSpec("duckdb", str(lock)), Invalid),
        (DatabaseSpec("sqlite", str(tmp_path / "none.sqlite")), NotFound),
        (DatabaseSpec("duckdb", str(tmp_path / "none.duckdb")), NotFound),
    ):
        with pytest.raises(OrreryError) as caught:
            open_session(spec, Password(CANARY))
        said = f"{caught.value} {caught.value!r} {caught.value.details}"
        assert isinstance(caught.value, kind), (spec, said)
        assert "canary" not in said
        assert caught.value.reason or caught.value.remedy, (spec, said)
    with pytest.raises(NotFound), opened(replace(maria, database="none")):
        pass
    with opened(replace(maria, user="reader"), "pa@ss/word:%") as catalog:
        assert "orders" in names(catalog, ("shop",))
