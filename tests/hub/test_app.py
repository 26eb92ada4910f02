"""The application is built from manifests: a capability more is a manifest more."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import APIRouter

from orrery_hub import app as hub_app
from orrery_hub import scopes
from orrery_hub.base.auth import needs_scope
from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.base.db import Database
from orrery_hub.base.user import User
from orrery_hub.settings import Settings
from tests.hub.services import Service

Reader = Annotated[User, needs_scope("custom:orrery:projects:read")]


class Toy:
    """A capability with one route, background work, a purge and a hook after a restore."""

    def __init__(self) -> None:
        self.restored: list[Database] = []
        self.capability = Capability("toys", self.build, after_restore=self.restored.append)
        self.contexts: list[HubContext] = []
        self.purged: list[datetime] = []
        self.is_running = asyncio.Event()

    def build(self, context: HubContext) -> Runtime:
        self.contexts.append(context)
        router = APIRouter()

        @router.get("/toys")
        def toys(user: Reader) -> list[str]:
            return [user.name]

        return Runtime(router, background=self.run, purge=self.purged.append)

    async def run(self) -> None:
        self.is_running.set()
        await asyncio.Event().wait()


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Toy:
    toy = Toy()
    monkeypatch.setattr(hub_app, "CAPABILITIES", (*hub_app.CAPABILITIES, toy.capability))
    return toy


def test_its_routes_background_work_and_purge_are_served(
    toy: Toy, sqlite: Database, tmp_path: Path
) -> None:
    service = Service(tmp_path / "home", sqlite)
    try:
        assert service.client("ann").get("/toys").json() == ["ann"]
        assert service.anonymous().get("/toys").status_code == 401
    finally:
        service.loop.stop()

    async def live() -> None:
        async with service.app.router.lifespan_context(service.app):
            await asyncio.wait_for(toy.is_running.wait(), 5)
            while not toy.purged:
                await asyncio.sleep(0.01)

    asyncio.run(live())
    (context,) = toy.contexts
    assert context.database is sqlite
    deadline = datetime.now(UTC) - timedelta(days=context.settings.undelete_days)
    assert abs(toy.purged[0] - deadline) < timedelta(minutes=1)


def test_it_is_told_when_an_older_copy_took_the_place_of_the_database(
    toy: Toy, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    hub_app.open_database(settings).close()
    assert toy.restored == []
    (settings.state / "orrery.sqlite").write_bytes(b"this is no database" * 100)
    database = hub_app.open_database(settings)
    assert toy.restored == [database]
    database.close()


def test_a_route_without_a_scope_does_not_start(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(_: HubContext) -> Runtime:
        router = APIRouter()
        router.add_api_route("/open", lambda: None)
        return Runtime(router)

    careless = Capability("careless", build)
    monkeypatch.setattr(hub_app, "CAPABILITIES", (*hub_app.CAPABILITIES, careless))
    with pytest.raises(RuntimeError, match="/open declares no scope"):
        Service(tmp_path / "home", sqlite)


def test_every_scope_belongs_to_a_capability_or_to_the_platform() -> None:
    names = {capability.name for capability in hub_app.CAPABILITIES}
    for scope in scopes.TABLE:
        assert scope.name.split(":")[2] in names | {"platform"}
