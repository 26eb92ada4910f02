"""The databases that the contract is tried on."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from orrery_engine.catalog.spec import DatabaseSpec
from tests.engine.catalog.databases import fill_files, mariadb, script
from tests.hub.clusters import Cluster


@pytest.fixture(scope="session")
def database_specs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, DatabaseSpec]]:
    """A database of each kind with the same tables."""
    specs = fill_files(tmp_path_factory.mktemp("databases"))
    cluster = Cluster()
    try:
        name = cluster.url().split("@/")[1].split("?")[0]
        with psycopg.connect(
            f"host={cluster.root} user=orrery dbname={name}", autocommit=True
        ) as to:
            # No superuser: of such a user nothing is only read.
            to.execute("CREATE ROLE shop LOGIN")
            to.execute("GRANT ALL ON SCHEMA public TO shop")
            to.execute("SET ROLE shop")
            for statement in script("postgresql"):
                to.execute(statement)  # type: ignore[arg-type]
            to.execute("RESET ROLE")
            to.execute("CREATE ROLE nobody LOGIN")
            to.execute("COMMENT ON TABLE orders IS 'What was ordered'")
            to.execute("COMMENT ON COLUMN orders.amount IS 'In euros'")
            to.execute("CREATE TABLE parts (id integer, day date) PARTITION BY RANGE (day)")
            to.execute(
                "CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"
            )
            to.execute("ANALYZE")
        specs["postgresql"] = DatabaseSpec("postgresql", name, host=str(cluster.root), user="shop")
        with mariadb() as specs["mysql"]:
            yield specs
    finally:
        cluster.close()


@pytest.fixture(params=["postgresql", "mysql", "sqlite", "duckdb"])
def database(
    request: pytest.FixtureRequest, database_specs: dict[str, DatabaseSpec]
) -> DatabaseSpec:
    """A database of each kind."""
    return database_specs[request.param]
