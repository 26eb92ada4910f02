"""The tree: locations, pages of stores and databases, properties, explanations, code."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from orrery_engine.catalog.spec import DatabaseSpec
from orrery_server.data import listing, opening
from orrery_server.data.schemas import (
    CodeQuery,
    EntryQuery,
    LocationQuery,
    PathQuery,
)
from orrery_server.data.service import DataService
from orrery_wire.connections import ConnectionIn, ConnectionPatch
from orrery_wire.errors import Forbidden, Invalid, NotFound
from tests.engine.catalog.databases import SCHEMAS
from tests.engine.lake.stores import Place
from tests.server.contexts import lab_context
from tests.server.data.conftest import s3_connection

FILES = {
    "orders/2025.parquet": b"12345",
    "orders/2026.parquet": b"1",
    "orders/old/a.csv": b"a",
    "readme.md": b"# Hi",
    ".git/config": b"",
}


def fill(root: Path) -> None:
    for path, content in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


async def connect(service: DataService, **connection: Any) -> str:
    made = await service.create_connection(ConnectionIn.model_validate(connection))
    return f"connection-{made.id}"


async def names(service: DataService, location: str, path: str = "", **more: Any) -> list[str]:
    """The names on all pages."""
    found: list[str] = []
    token = ""
    while True:
        query = EntryQuery(location=location, path=path, page_token=token, **more)
        page = await service.entries(query)
        found += [entry.name for entry in page.items]
        token = page.next
        if not token:
            return found


def database_connection(spec: DatabaseSpec) -> dict[str, Any]:
    """A connection of a kind of database; the two servers of the tests listen on sockets only."""
    return {"name": spec.kind, "kind": spec.kind, "spec": {"path": spec.database}}


async def test_files_of_the_lab_are_a_location(service: DataService, root: Path) -> None:
    fill(root)
    (files,) = (await service.locations(LocationQuery())).items
    assert (files.id, files.kind, files.address) == ("files", "files", str(root))
    assert await names(service, "files") == ["orders", "readme.md"]
    assert ".git" in await names(service, "files", filter=".g")
    assert await names(service, "files", "orders", limit=1) == [
        "old",
        "2025.parquet",
        "2026.parquet",
    ]
    await service.stop()


async def test_the_lake_is_a_location_unless_the_lab_shows_it(tmp_path: Path) -> None:
    root, lake = tmp_path / "lab", tmp_path / "lake"
    root.mkdir()
    lake.mkdir()
    (lake / "a.csv").write_text("x")
    project = ["p", str(lake)]
    service = DataService(context=lab_context(root, project=project))
    found = (await service.locations(LocationQuery())).items
    assert [item.id for item in found] == ["lake", "files"]
    assert await names(service, "lake") == ["a.csv"]
    project[1] = str(root)
    assert [item.id for item in (await service.locations(LocationQuery())).items] == ["files"]
    project[1] = ""
    with pytest.raises(NotFound, match="no lake"):
        await names(service, "lake")
    await service.stop()


async def test_an_object_store_page_by_page(service: DataService, bucket: Place) -> None:
    bucket.put({f"d/{n:03}.csv": b"x" * n for n in range(30)} | {"e/x": b"1", "a b/ü.txt": b"1"})
    location = await connect(service, **s3_connection(bucket))
    assert sorted(await names(service, location)) == ["a b", "d", "e"]
    assert await names(service, location, "d", limit=7) == [f"{n:03}.csv" for n in range(30)]
    assert await names(service, location, "d", prefix="01") == [
        f"{n:03}.csv" for n in range(10, 20)
    ]
    assert await names(service, location, "d", filter="9") == ["009.csv", "019.csv", "029.csv"]
    largest = await names(service, location, "d", sort="-size", limit=4)
    assert largest == [f"{n:03}.csv" for n in reversed(range(30))]
    await service.stop()


async def test_another_order_is_refused_in_words_where_it_would_need_everything(
    service: DataService, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "SORTED_ENTRIES", 3)
    for n in range(1_100):
        (root / f"{n:04}").write_bytes(b"x" * (n % 7))
    page = await service.entries(EntryQuery(location="files", sort="size", limit=2))
    assert [entry.name for entry in page.items] == ["0000", "0001"]
    assert "stand by name" in page.notice
    await service.stop()


async def test_files_of_databases(
    service: DataService, database_specs: dict[str, DatabaseSpec]
) -> None:
    for kind in ["sqlite", "duckdb"]:
        spec = database_specs[kind]
        location = await connect(service, **database_connection(spec))
        schema = SCHEMAS[kind]
        assert schema in await names(service, location)
        tables = await names(service, location, schema, limit=1)
        assert {"customers", "orders", "large_orders", 'Odd; "name"'} <= set(tables)
        assert await names(service, location, f"{schema}/orders") == ["id", "customer", "amount"]
        assert await names(service, location, schema, filter="ORD") == ["large_orders", "orders"]
        found = await service.entry(PathQuery(location=location, path=f"{schema}/customers"))
        assert [column.name for column in found.columns] == ["id", "name", "from"]
        with pytest.raises(NotFound):
            await service.entry(PathQuery(location=location, path=f"{schema}/nothing"))
    await service.stop()


async def test_servers_of_databases(
    service: DataService, database_specs: dict[str, DatabaseSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The servers of the tests listen on sockets only, which no connection names: the specification is put in."""
    for kind in ["postgresql", "mysql"]:
        spec = database_specs[kind]
        monkeypatch.setattr(
            opening, "database_of", lambda *_, spec=spec: (spec, opening.Password(""))
        )
        location = await connect(service, name=kind, kind=kind, spec={"host": "db.example"})
        assert "orders" in await names(service, location, SCHEMAS[kind])
        columns = await service.entries(
            EntryQuery(location=location, path=f"{SCHEMAS[kind]}/orders")
        )
        assert (columns.items[0].name, columns.items[0].key) == ("id", "primary")
    await service.stop()


async def test_a_cancelled_listing_ends_the_statement(
    service: DataService, database_specs: dict[str, DatabaseSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = database_specs["postgresql"]
    monkeypatch.setattr(opening, "database_of", lambda *_: (spec, opening.Password("")))
    location = await connect(service, name="pg", kind="postgresql", spec={"host": "db.example"})
    database = (await service._locations.open(location)).database
    assert database is not None

    async def is_running() -> bool:
        # The text is put together, or this statement would be what it looks for.
        statement = (
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_' || 'sleep(60)%'"
            " AND state = 'active'"
        )
        return bool(await database.session(lambda session: session.rows(statement)))

    async def until(running: bool, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while await is_running() is not running:
                await asyncio.sleep(0.02)

    work = asyncio.create_task(
        database.session(lambda session: session.rows("SELECT pg_sleep(60)"))
    )
    await until(True, 10)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await until(False, 2)
    await service.stop()


def test_paths_of_databases_go_and_come() -> None:
    for parts in [("a",), ("a/b", "c%2Fd"), ("", "x"), ("ü ", '"')]:
        if parts[0]:
            assert listing.parts_of(listing.path_of(parts)) == parts


async def test_what_is_wrong_comes_in_words(service: DataService, bucket: Place) -> None:
    location = await connect(service, **s3_connection(bucket))
    with pytest.raises(Invalid, match="no path"):
        await names(service, location, "a/../../b")
    with pytest.raises(Invalid, match="not known"):
        await service.entries(EntryQuery(location=location, page_token="%%%"))
    with pytest.raises(Invalid, match="not known"):
        await service.entries(EntryQuery(location=location, sort="size", page_token="%%%"))
    with pytest.raises(NotFound):
        await names(service, "connection-999")
    await service.stop()


async def test_a_changed_connection_is_opened_anew(service: DataService, bucket: Place) -> None:
    bucket.put({"a/1": b"", "b/2": b""})
    location = await connect(service, **s3_connection(bucket))
    number = int(location.rpartition("-")[2])
    assert await names(service, location) == ["a", "b"]
    spec = {**s3_connection(bucket)["spec"], "prefix": "a"}  # type: ignore[dict-item]
    await service.update_connection(number, ConnectionPatch(spec=spec))
    assert await names(service, location) == ["1"]
    await service.delete_connection(number)
    with pytest.raises(NotFound):
        await names(service, location)
    await service.stop()


async def test_names_resolve_as_code_means_them(service: DataService, bucket: Place) -> None:
    await connect(service, **s3_connection(bucket))
    (found,) = (await service.locations(LocationQuery(name="sales"))).items
    assert (found.name, found.kind, found.audience) == ("sales", "store", "person")
    (files,) = (await service.locations(LocationQuery(name="files"))).items
    assert files.id == "files"
    with pytest.raises(NotFound, match="no connection 'none'"):
        await service.locations(LocationQuery(name="none"))
    await service.stop()


async def test_explain_names_the_step_that_fails(
    service: DataService, bucket: Place, root: Path
) -> None:
    fill(root)
    good = await service.explain(PathQuery(location="files", path="orders/2025.parquet"))
    assert good.is_visible
    assert all(step.is_met for step in good.steps)
    gone = await service.explain(PathQuery(location="files", path="nothing"))
    assert [step.is_met for step in gone.steps] == [True, True, True, True, False]
    sent = s3_connection(bucket)
    sent["spec"] = {**sent["spec"], "bucket": "no-such-bucket"}  # type: ignore[dict-item]
    location = await connect(service, **sent)
    lost = await service.explain(PathQuery(location=location, path="x"))
    assert [step.is_met for step in lost.steps] == [True, True, True, False, None]
    assert "is not there" in lost.steps[3].text
    assert lost.steps[3].remedy
    unknown = await service.explain(PathQuery(location="connection-99", path=""))
    assert [step.is_met for step in unknown.steps] == [False, None, None, None]
    await service.stop()


async def test_properties_of_files(service: DataService, root: Path, bucket: Place) -> None:
    fill(root)
    found = await service.entry(PathQuery(location="files", path="orders/2025.parquet"))
    assert (found.entry.size, found.entry.kind) == (5, "file")
    assert found.address == f"{root}/orders/2025.parquet"
    bucket.put({"d/x.csv": b"123"})
    location = await connect(service, **s3_connection(bucket))
    remote = await service.entry(PathQuery(location=location, path="d/x.csv"))
    assert remote.address == f"s3://{bucket.spec.bucket}/d/x.csv"
    assert remote.entry.etag
    with pytest.raises(Forbidden):
        await service._locations.store(
            await connect(service, name="l", kind="sqlite", spec={"path": "x.sqlite"})
        )
    await service.stop()


async def test_load_code_names_connections_and_relative_paths(
    service: DataService, root: Path, bucket: Place
) -> None:
    location = await connect(service, **s3_connection(bucket, name="my-sales"))
    code = await service.code(CodeQuery(location=location, path="d/x.parquet", library="polars"))
    assert code.code == (
        "import jupyter_orrery as orrery\nimport polars as pl\n\n"
        "my_sales = orrery.connect('my-sales')\n"
        "df = pl.read_parquet(my_sales.open('d/x.parquet'))"
    )
    assert code.requires == ("polars", "jupyter-orrery")
    local = await service.code(
        CodeQuery(location="files", path="data/x.csv", library="pandas", folder="books")
    )
    assert local.code == "import pandas as pd\n\ndf = pd.read_csv('../data/x.csv')"
    assert str(root) not in local.code
    with pytest.raises(Invalid, match="polars does not read orc"):
        await service.code(CodeQuery(location="files", path="x.orc", library="polars"))
    with pytest.raises(Invalid):
        await service.code(CodeQuery(location="files", path="", library="pandas"))
    await service.stop()
