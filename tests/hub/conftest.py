"""What the tests of the hub side share: databases of both kinds, and a real hub."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from orrery_hub.base.db import Database, Table
from orrery_hub.base.migrate import upgrade
from tests.hub.clusters import Cluster
from tests.hub.hubs import Hub
from tests.hub.services import Service, unsynced, with_people


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    yield cluster
    cluster.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'orrery.sqlite'}"
    return request.getfixturevalue("cluster").url()


@pytest.fixture(scope="session")
def shared(cluster: Cluster) -> Iterator[Database]:
    """A PostgreSQL database with the present schema, for tests that take turns."""
    database = Database(cluster.url())
    upgrade(database)
    yield database
    database.close()


def emptied(database: Database) -> Database:
    """Without any rows; all tables in one request, for one request each takes six times as long."""
    tables = [own for own in reversed(Table.metadata.sorted_tables) if own.name != "counter"]
    statements = [*(str(own.delete()) for own in tables), "UPDATE counter SET value = 0"]
    with database.write() as session:
        session.execute(text("; ".join(statements)))
    return database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with the present schema and the people of `make_user`, and nothing else."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    with with_people(emptied(request.getfixturevalue("shared"))) as database:
        yield database


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the present schema. A copy of it takes a hundredth of the time that all migrations take."""
    file = tmp_path_factory.mktemp("template") / "orrery.sqlite"
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


@pytest.fixture
def sqlite(tmp_path: Path, template: Path) -> Iterator[Database]:
    """The same, for tests that concern no database in particular."""
    file = shutil.copyfile(template, tmp_path / "orrery.sqlite")
    database = unsynced(Database(f"sqlite:///{file}"))
    with with_people(database):
        yield database
    database.close()


@pytest.fixture
def service(tmp_path: Path, sqlite: Database) -> Iterator[Service]:
    """The hub service in this process."""
    service = Service(tmp_path / "home", sqlite)
    yield service
    service.loop.stop()


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A real JupyterHub with the service, for tests that do not end it."""
    hub = Hub(tmp_path_factory.mktemp("hub"))
    hub.start()
    yield hub
    hub.stop()


@pytest.fixture
def own_hub(tmp_path: Path) -> Iterator[Hub]:
    """A real JupyterHub that one test may kill and stop."""
    hub = Hub(tmp_path / "hub")
    hub.start()
    yield hub
    hub.stop()
    for child in hub.children():
        child.kill()
