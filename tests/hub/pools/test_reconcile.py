"""Leases follow the servers that JupyterHub runs."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from orrery_hub.base.accounts import Accounts
from orrery_hub.base.db import Database
from orrery_hub.base.metrics import Metrics
from orrery_hub.pools.reconcile import Reconciler
from orrery_wire.pools import Lease, LeaseQuery
from tests.hub.pools.worlds import Clock, World
from tests.hub.services import created_of, make_user


class FakeHub:
    """JupyterHub's list of active users, in pages of two."""

    def __init__(self) -> None:
        self.servers: dict[tuple[str, str], dict[str, Any]] = {}
        self.away = False

    def run(self, name: str, server: str = "", *, pending: str | None = None) -> None:
        self.servers[name, server] = {
            "name": server,
            "ready": pending is None,
            "pending": pending,
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("nobody listens")
        if request.url.path.count("/") > 3:
            return httpx.Response(404)
        offset = int(request.url.params["offset"])
        users = sorted({name for name, _ in self.servers})
        items = [
            {
                "name": name,
                "created": created_of(name).isoformat(),
                "servers": {s: m for (n, s), m in self.servers.items() if n == name},
            }
            for name in users[offset : offset + 2]
        ]
        has_more = offset + 2 < len(users)
        page = {"items": items, "_pagination": {"next": {} if has_more else None}}
        page["_pagination"] = {"next": {"offset": offset + 2} if has_more else None}
        return httpx.Response(200, json=page)


class Watch:
    """A reconciler in front of a fake hub."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world, self.clock, self.hub = world, clock, FakeHub()
        client = httpx.AsyncClient(
            transport=httpx.MockTransport(self.hub.answer), base_url="http://hub/hub/api"
        )
        accounts = Accounts(world.database, client)
        self.reconciler = Reconciler(world.database, client, accounts, world.leases, Metrics(), 30)

    def look(self, **words: float) -> bool:
        self.clock.move(**words)
        return asyncio.run(self.reconciler.compare())

    def leases(self, state: Any = "") -> list[Lease]:
        return list(self.world.service.leases(LeaseQuery(state=state, descending=False)).items)


@pytest.fixture
def watch(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch(World(sqlite), Clock(monkeypatch))
    watch.world.declare(devices=4)
    return watch


def test_a_running_server_is_seen_and_one_that_is_gone_ends_when_it_was_last_seen(
    watch: Watch,
) -> None:
    for name in ("ann", "bob", "eve"):
        watch.world.start(name)
        watch.hub.run(name)
    assert watch.look(seconds=10)
    begun = watch.clock.moment
    assert {lease.started_at for lease in watch.leases("running")} == {begun}
    watch.look(seconds=30)
    seen = watch.clock.moment
    del watch.hub.servers["bob", ""]
    watch.look(hours=2)  # nobody looked for that long
    # The report of a stop may be on its way, with the time of it.
    assert watch.leases("ended") == []
    watch.look(seconds=30)
    ended = [lease for lease in watch.leases() if lease.state == "ended"]
    assert [(i.user, i.ended_at, i.end_reason) for i in ended] == [("bob", seen, "server is gone")]
    assert {lease.seen_at for lease in watch.leases("open")} == {watch.clock.moment}
    assert watch.world.used() == (2, 2)


def test_a_start_that_failed_unreported_ends_after_a_minute(watch: Watch) -> None:
    watch.world.start("ann")
    watch.world.start("bob")
    watch.hub.run("bob", pending="spawn")  # takes long
    watch.look(seconds=30)
    assert len(watch.leases("reserved")) == 2
    watch.look(seconds=45)
    assert [lease.user for lease in watch.leases("reserved")] == ["bob"]
    assert [lease.end_reason for lease in watch.leases("ended")] == ["start failed"]


def test_a_reservation_that_nobody_claims_ends_on_time(watch: Watch) -> None:
    world = watch.world
    world.start("ann", server="first")
    with world.database.write() as session:
        (facts,) = world.leases.open(session)
        until = watch.clock.moment
        watch.clock.move(minutes=-10)
        from orrery_hub.base.contracts import LaunchRequest

        request = LaunchRequest(
            facts.person_id,
            facts.account_id,
            "second",
            None,
            facts.pool_id or 0,
            facts.profile_id or 0,
            1,
            0,
            0,
            False,
        )
        world.leases.reserve(session, request, until=until)
    watch.hub.run("ann", "first")
    watch.look(minutes=9)
    assert len(watch.leases("open")) == 2
    watch.look(minutes=2)
    (lease,) = watch.leases("ended")
    assert (lease.server, lease.ended_at, lease.end_reason) == (
        "second",
        until,
        "not claimed in time",
    )
    assert world.ended == [lease.id]


def test_a_server_that_ran_before_there_were_profiles_is_listed(watch: Watch) -> None:
    make_user("ann")
    watch.hub.run("ann", "old")
    watch.hub.run("somebody-new")
    watch.look(seconds=1)
    adopted = watch.leases("running")
    assert {(lease.user, lease.server, lease.pool, lease.devices) for lease in adopted} == {
        ("ann", "old", None, 0),
        ("somebody-new", "", None, 0),
    }
    watch.look(seconds=30)
    assert len(watch.leases()) == 2


def test_a_hub_that_does_not_answer_ends_nothing(watch: Watch) -> None:
    watch.world.start("ann")
    watch.hub.run("ann")
    watch.look(seconds=1)
    watch.hub.away = True
    assert not watch.look(hours=5)
    assert len(watch.leases("running")) == 1
    watch.hub.away = False
    assert watch.look(seconds=1)


def test_without_profiles_nobody_is_asked(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(World(sqlite), Clock(monkeypatch))
    watch.hub.away = True
    assert watch.look(seconds=1)
    assert watch.leases() == []
