"""The queue in the hub service: waiting, offers, claims, misses, administrators, clocks."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import delete, select, text

from orrery_hub.audit.store import AuditRow
from orrery_hub.base import db
from orrery_hub.base.cause_texts import cause_of
from orrery_hub.base.db import Database
from orrery_hub.base.migrate import upgrade
from orrery_hub.base.notices import NoticeRow
from orrery_hub.pools.store import DeviceTypeRow, LeaseRow, PoolRow, ProfileRow
from orrery_hub.queue import dispatcher as dispatcher_module
from orrery_hub.queue import estimate as estimate_module
from orrery_hub.queue import store as queue_store
from orrery_hub.queue import view as view_module
from orrery_hub.queue.dispatcher import Dispatcher, Start
from orrery_hub.queue.launch_queue import TicketQueue
from orrery_hub.queue.store import ClockRow, TicketRow
from orrery_hub.queue.view import QueueView
from orrery_wire.errors import Conflict
from orrery_wire.queue import CauseKind, WaitCause
from tests.hub.queue.pools import declare
from tests.hub.services import Service

CLAIM_MINUTES = 10


@dataclass
class Clock:
    """The clock of the day, and the one that nobody sets."""

    moment: datetime = datetime(2026, 11, 20, 10, tzinfo=UTC)
    seconds: float = 1_000.0

    def go(self, seconds: float) -> None:
        """Time goes by."""
        self.moment += timedelta(seconds=seconds)
        self.seconds += seconds

    def set(self, seconds: float) -> None:
        """Somebody sets the clock of the day."""
        self.moment += timedelta(seconds=seconds)


@dataclass
class World:
    """A service with a pool of two devices, whose dispatcher is looked at by hand."""

    service: Service
    database: Database
    queue: TicketQueue
    clock: Clock
    dispatcher: Dispatcher
    is_closed: bool = False

    def restart(self) -> None:
        """Another process looks at the same database."""
        context = self.service.app.state.context
        self.dispatcher = Dispatcher(
            self.database,
            context.leases,
            self.queue.view,
            self.queue.transitions,
            gates=[lambda _: Conflict("Closed", details={"cause": "maintenance"})] * self.is_closed,
        )

    def tick(self) -> tuple[Any, ...]:
        self.queue.view.forget()
        return self.dispatcher.tick()

    def request(self, name: str, profile: str = "gpu", status: int = 201, **more: Any) -> Any:
        body = {"options": {"profile": profile}} | more
        answer = self.service.client(name).post("/tickets", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def ticket(self, name: str, ticket: int) -> Any:
        self.queue.view.forget()
        return self.service.client(name).get(f"/tickets/{ticket}").raise_for_status().json()

    def claim(self, name: str, ticket: int, status: int = 200) -> Any:
        answer = self.service.client(name).post(f"/tickets/{ticket}/claim")
        assert answer.status_code == status, answer.text
        return answer.json()

    def start(self, ticket: int) -> None:
        """What the spawner notes when the server of a ticket is up."""
        with self.database.write() as session:
            lease = session.get_one(LeaseRow, session.get_one(TicketRow, ticket).lease_id)
            lease.state, lease.started_at, lease.reserved_until = "running", db.now(), None

    def end(self, ticket: int, reason: str = "stopped") -> None:
        with self.database.write() as session:
            lease_id = session.get_one(TicketRow, ticket).lease_id
            assert lease_id is not None
            self.service.app.state.context.leases.end(session, lease_id, reason)

    def run(self, name: str, **more: Any) -> int:
        """Somebody whose server runs with a device."""
        ticket = int(self.request(name, **more)["id"])
        self.claim(name, ticket)
        self.start(ticket)
        self.tick()
        assert self.ticket(name, ticket)["state"] == "started"
        return ticket

    def notice(self, name: str) -> Any:
        (item,) = self.service.client(name).get("/notices").raise_for_status().json()["items"]
        return item

    def held(self) -> int:
        with self.database.read() as session:
            open_leases = select(LeaseRow.devices).where(LeaseRow.ended_at.is_(None))
            return sum(session.scalars(open_leases))


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]
)
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """One service for all tests here, each of which begins with empty pools and no tickets."""
    home = tmp_path_factory.mktemp("queue")
    if request.param == "sqlite":
        database = Database(f"sqlite:///{home / 'orrery.sqlite'}")
    else:
        database = Database(request.getfixturevalue("cluster").url())
    upgrade(database)
    service = Service(
        home / "home",
        database,
        queue_claim_minutes=CLAIM_MINUTES,
        person_requests_per_second=10_000,
        person_writes_per_second=10_000,
    )
    yield service
    service.loop.stop()
    database.close()


@pytest.fixture
def world(shared: Service, monkeypatch: pytest.MonkeyPatch) -> World:
    clock = Clock()
    for module in _with_now():
        monkeypatch.setattr(module, "now", lambda: clock.moment)
    monkeypatch.setattr(dispatcher_module, "monotonic", lambda: clock.seconds)
    database = shared.database
    with database.write() as session:
        for table in (TicketRow, ClockRow, NoticeRow, LeaseRow, ProfileRow, PoolRow, DeviceTypeRow):
            session.execute(delete(table))
        declare(session, devices=2)
    queue = shared.app.state.context.queue
    assert isinstance(queue, TicketQueue)
    world = World(shared, database, queue, clock, None)  # type: ignore[arg-type]
    world.restart()
    world.tick()
    return world


def _with_now() -> list[Any]:
    """Every module that took the clock from `base.db`."""
    return [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("orrery_hub.") and getattr(module, "now", None) is db.now
    ]


def test_what_is_free_is_offered_at_once_and_the_rest_waits_in_order(world: World) -> None:
    first, second, third, fourth = (world.request(name) for name in ("ann", "ben", "cem", "dora"))
    assert [t["state"] for t in (first, second, third, fourth)] == ["offered"] * 2 + ["waiting"] * 2
    assert world.held() == 2
    assert (third["place"], fourth["place"]) == (1, 2)
    assert third["cause"]["kind"] == "capacity"
    assert "All 2 devices of A100s are in use." in third["cause"]["text"]
    assert fourth["cause"]["kind"] == "ahead"
    assert 0 <= third["wait"]["low_seconds"] <= third["wait"]["high_seconds"]
    assert fourth["wait"]["high_seconds"] >= third["wait"]["high_seconds"]
    told = world.notice("ann")
    assert (told["action"], told["subject"]) == ("claim", str(first["id"]))
    assert "A device of A100s is yours" in told["message"]


def test_an_offer_is_claimed_started_and_what_it_held_goes_to_the_next(world: World) -> None:
    ann, ben, cem = (world.request(name)["id"] for name in ("ann", "ben", "cem"))
    assert world.claim("ann", ann)["state"] == "claimed"
    (start,) = world.tick()
    assert (start.ticket, start.user, start.server_name) == (ann, "ann", "")
    assert start.options["profile"] == "gpu"
    world.start(ann)
    assert world.tick() == ()
    assert world.ticket("ann", ann)["state"] == "started"
    assert world.claim("ann", ann)["state"] == "started"  # twice is once
    assert world.ticket("cem", cem)["state"] == "waiting"
    world.end(ann)
    world.tick()
    assert world.ticket("cem", cem)["state"] == "offered"
    assert world.ticket("ben", ben)["state"] == "offered"
    assert world.held() == 2


def test_an_offer_that_nobody_claims_goes_to_the_next_and_the_person_is_told(world: World) -> None:
    ann, ben, cem = (world.request(name)["id"] for name in ("ann", "ben", "cem"))
    world.claim("ben", ben)
    world.start(ben)
    world.clock.go(CLAIM_MINUTES * 60 + 1)
    world.claim("ann", ann, status=409)
    world.tick()
    assert world.ticket("cem", cem)["state"] == "offered"
    missed = world.ticket("ann", ann)
    assert (missed["state"], missed["missed_offers"], missed["place"]) == ("waiting", 1, 1)
    assert "was not claimed in time" in world.notice("ann")["message"]
    world.clock.go(CLAIM_MINUTES * 60 + 1)
    world.tick()  # cem misses too, and ann is offered again
    assert world.ticket("ann", ann)["state"] == "offered"
    world.clock.go(CLAIM_MINUTES * 60 + 1)
    world.tick()
    assert world.ticket("ann", ann)["state"] == "expired"
    assert "has ended" in world.notice("ann")["message"]


def test_who_cancels_gives_the_offer_back_and_cancels_twice(world: World) -> None:
    ann, _, cem = (world.request(name)["id"] for name in ("ann", "ben", "cem"))
    client = world.service.client("ann")
    for _ in range(2):
        assert client.delete(f"/tickets/{ann}").status_code == 204
    world.tick()
    assert world.ticket("cem", cem)["state"] == "offered"
    assert world.service.client("ann").get("/notices").json()["items"] == []
    assert world.held() == 2


def test_a_ticket_of_somebody_else_is_not_there(world: World) -> None:
    ann = world.request("ann")["id"]
    ben = world.service.client("ben")
    for answer in (
        ben.get(f"/tickets/{ann}"),
        ben.delete(f"/tickets/{ann}"),
        ben.post(f"/tickets/{ann}/claim"),
    ):
        assert answer.status_code == 404
    assert ben.get("/tickets").json()["total"] == 0


def test_what_is_waited_for_is_among_the_choices_before_a_start(world: World) -> None:
    first, second = (world.request("ann", server_name=name)["id"] for name in ("", "two"))
    world.request("ben", "cpu")
    third = world.request("ann", server_name="three")["id"]
    moving = world.request("dora", "cpu")["id"]
    world.claim("dora", moving)
    world.start(moving)
    world.tick()
    world.request("dora")
    world.tick()

    def requests(name: str) -> list[Any]:
        world.queue.view.forget()
        answer = world.service.client(name).get("/me/launch").raise_for_status().json()
        return list(answer["requests"])

    ann = requests("ann")
    assert [(r["id"], r["server_name"], r["state"]) for r in ann] == [
        (first, "", "offered"),
        (second, "two", "offered"),
        (third, "three", "waiting"),
    ]
    assert ann[0]["claim_until"]
    assert ann[0]["wait"] is None
    assert (ann[2]["wait"]["place"], ann[2]["profile"], ann[2]["pool_name"]) == (1, "gpu", "A100s")
    assert ann[2]["wait"]["low_seconds"] <= ann[2]["wait"]["high_seconds"]
    assert ann[2]["reason"]
    assert [(r["is_move"], r["wait"]["place"]) for r in requests("dora")] == [(True, 2)]
    assert [r["is_move"] for r in ann] == [False] * 3
    assert requests("cem") == []


def test_a_request_is_given_up_before_a_start(world: World) -> None:
    ann, cem = world.request("ann", "large")["id"], world.request("cem")["id"]
    launcher = world.service.anonymous()
    launcher.headers["Authorization"] = f"Bearer {world.service.settings.launcher_token()}"

    def cancel(name: str, ticket: int) -> int:
        created = world.service.hub.account(name).isoformat()
        body = {"user": name, "created": created, "ticket": ticket}
        return launcher.post("/launch/tickets/cancel", json=body).status_code

    assert (cancel("cem", ann), cancel("ann", 2**31 - 1)) == (404, 404)
    assert world.ticket("ann", ann)["state"] == "offered"
    assert (cancel("ann", ann), cancel("ann", ann)) == (204, 204)
    assert world.ticket("ann", ann)["state"] == "cancelled"
    world.tick()
    assert world.ticket("cem", cem)["state"] == "offered"
    with world.database.read() as session:
        query = select(AuditRow.who).where(AuditRow.what == "queue.cancel")
        assert session.scalars(query).all()[-1] == "ann"


def test_who_leaves_waits_no_more_and_what_was_held_goes_to_the_next(world: World) -> None:
    offered, waiting = (world.request("eve", "large", server_name=n)["id"] for n in ("", "two"))
    ben = world.request("ben", "large")["id"]
    root = world.service.client("root", admin=True)
    root.get("/me").raise_for_status()
    (eve,) = (p["id"] for p in root.get("/people", params={"q": "eve"}).json()["items"])
    for call, state in (
        (lambda: root.get(f"/people/{eve}/offboarding"), "planned"),
        (lambda: root.post(f"/people/{eve}/offboarding", json={}), "done"),
    ):
        items = {item["what"]: item for item in call().raise_for_status().json()["items"]}
        assert (items["requests"]["count"], items["requests"]["state"]) == (2, state)
    with world.database.read() as session:
        rows = [session.get_one(TicketRow, ticket) for ticket in (offered, waiting)]
        assert [(row.state, row.lease_id) for row in rows] == [("cancelled", None)] * 2
    world.tick()
    assert world.ticket("ben", ben)["state"] == "offered"
    assert world.held() == 2


def test_a_server_has_one_ticket(world: World) -> None:
    first = world.request("ann")
    assert world.request("ann")["id"] == first["id"]
    other = world.request("ann", "large")
    assert other["id"] != first["id"]
    assert world.ticket("ann", first["id"])["state"] == "cancelled"
    assert other["state"] == "offered"
    assert world.held() == 2
    assert world.request("ann", server_name="second")["state"] == "waiting"
    assert world.request("ann", "none", status=404)["details"]["cause"] == "project"


def test_a_person_has_so_many_tickets(world: World) -> None:
    for number in range(10):
        world.request("ann", server_name=f"s{number}")
    refused = world.request("ann", server_name="more", status=409)
    assert refused["details"]["limit"] == 10


def test_who_holds_the_maximum_lets_others_pass(world: World) -> None:
    with world.database.write() as session:
        session.scalars(select(PoolRow).where(PoolRow.slug == "gpu")).one().devices_per_person = 1
    world.run("ann")
    held = world.request("ann", server_name="second")
    assert held["state"] == "waiting"
    assert held["cause"]["kind"] == "person_maximum"
    assert world.request("ben")["state"] == "offered"


def test_a_pool_that_is_drained_says_so_and_offers_nothing(world: World) -> None:
    with world.database.write() as session:
        session.scalars(select(PoolRow).where(PoolRow.slug == "gpu")).one().is_draining = True
    waits = world.request("ann")
    assert (waits["state"], waits["cause"]["kind"]) == ("waiting", "drained")


def test_a_request_that_can_never_be_met_fails_in_words(world: World) -> None:
    waits = world.run("ann"), world.run("ben"), world.request("cem", "large")["id"]
    with world.database.write() as session:
        session.scalars(select(PoolRow).where(PoolRow.slug == "gpu")).one().devices = 1
    world.clock.go(60)
    world.tick()
    failed = world.ticket("cem", waits[2])
    assert (failed["state"], failed["cause"]["kind"]) == ("failed", "too_large")
    assert world.notice("cem")["level"] == "error"


def test_a_large_request_collects_what_becomes_free(world: World) -> None:
    ann, ben = world.run("ann"), world.run("ben")
    large, small = world.request("cem", "large")["id"], world.request("dora")["id"]
    world.end(ann)
    world.tick()
    assert world.ticket("cem", large)["state"] == "waiting"
    assert world.ticket("dora", small)["state"] == "waiting"
    world.end(ben)
    world.tick()
    assert world.ticket("cem", large)["state"] == "offered"
    assert world.held() == 2


def test_start_without_asking(world: World) -> None:
    ticket = world.request("ann", auto_claim=True)
    assert ticket["state"] == "claimed"
    (start,) = world.tick()
    assert start.ticket == ticket["id"]


def test_a_server_on_cpus_is_moved_after_the_claim(world: World) -> None:
    cpu = world.run("ann", profile="cpu")
    move = world.request("ann", "gpu")
    assert (move["state"], move["is_move"]) == ("offered", True)
    with world.database.read() as session:
        cpu_lease = session.get_one(LeaseRow, session.get_one(TicketRow, cpu).lease_id)
        assert cpu_lease.ended_at is None, "it runs until the claim"
    world.claim("ann", move["id"])
    (start,) = world.tick()
    assert start.is_beside
    assert world.dispatcher.swap(start)
    with world.database.read() as session:
        (lease,) = session.scalars(select(LeaseRow).where(LeaseRow.ended_at.is_(None)))
        assert (lease.server_name, lease.devices) == ("", 1)
    (start,) = world.tick()
    assert not start.is_beside
    world.start(move["id"])
    world.tick()
    assert world.ticket("ann", move["id"])["state"] == "started"


def test_a_server_that_does_not_start_gives_its_devices_back(world: World) -> None:
    ann, _, cem = (world.request(name)["id"] for name in ("ann", "ben", "cem"))
    world.claim("ann", ann)
    world.end(ann, "server is gone")
    (again,) = world.tick()  # a hub that was killed meanwhile looks so: it is tried once more
    assert again.ticket == ann
    assert world.ticket("cem", cem)["state"] == "waiting"
    world.end(ann, "the lab ended with code 1")
    world.tick()
    failed = world.ticket("ann", ann)
    assert (failed["state"], failed["cause"]["kind"]) == ("failed", "crash")
    assert "code 1" in failed["cause"]["values"]["detail"]
    assert world.ticket("cem", cem)["state"] == "offered"


def test_a_claimed_server_that_never_starts_fails_in_time(world: World) -> None:
    ann = world.request("ann")["id"]
    world.claim("ann", ann)
    world.clock.go(16 * 60)
    world.tick()
    assert world.ticket("ann", ann)["cause"]["kind"] == "time_limit"
    assert world.held() == 0


def begin(world: World, ticket: int) -> int:
    """JupyterHub begins to start the server of a claimed ticket: the lease is the server's now."""
    with world.database.write() as session:
        lease = session.get_one(TicketRow, ticket).lease_id
        session.get_one(LeaseRow, lease).reserved_until = None
        assert lease
        return lease


def is_open(world: World, lease: int) -> bool:
    with world.database.read() as session:
        return session.get_one(LeaseRow, lease).ended_at is None


def late(world: World, ticket: int) -> None:
    """The image takes longer than the queue waits."""
    world.clock.go(16 * 60)
    assert world.ticket("ann", ticket)["state"] == "claimed"


def cancelled(world: World, ticket: int) -> None:
    """The person does not wait any more."""
    world.service.client("ann").delete(f"/tickets/{ticket}").raise_for_status()


def removed(world: World, ticket: int) -> None:
    """An administrator removes the request."""
    root = world.service.client("root", admin=True)
    root.delete(f"/queue/{ticket}").raise_for_status()


def reported(world: World, ticket: int) -> None:
    """JupyterHub answers with an error, while the start goes on."""
    with world.database.read() as session:
        lease = session.get_one(TicketRow, ticket).lease_id or 0
    start = Start(ticket, lease, "ann", "", {}, is_beside=False)
    world.dispatcher.fail(start, cause_of("crash", "a proxy's 500"), is_final=False)


@pytest.mark.parametrize("event", [late, cancelled, removed, reported])
def test_a_server_that_starts_keeps_its_lease_whatever_becomes_of_its_ticket(
    world: World, event: Callable[[World, int], None]
) -> None:
    ann, _, cem = (world.request(name)["id"] for name in ("ann", "ben", "cem"))
    world.claim("ann", ann)
    lease = begin(world, ann)
    event(world, ann)
    assert world.tick() == ()
    assert is_open(world, lease)
    assert world.ticket("cem", cem)["state"] != "offered" or world.held() <= 2
    with world.database.write() as session:
        world.service.app.state.context.leases.end(session, lease, "stopped")
    world.tick()
    assert not is_open(world, lease)


def test_a_server_that_the_person_started_anew_is_not_stopped_for_its_move(world: World) -> None:
    for name in ("ben", "cem"):
        world.run(name, server_name="s")
    world.request("ann", "cpu")  # its own offer: the server runs in the other pool
    cpu = world.run("ann", server_name="two", profile="cpu")
    move = world.request("ann", server_name="two", auto_claim=True)["id"]
    with world.database.read() as session:
        first = session.scalars(select(TicketRow).where(TicketRow.state == "started")).all()
        ben = next(row for row in first if row.server_name == "s")
    world.end(ben.id)
    (start,) = [s for s in world.tick() if s.ticket == move]
    assert start.is_beside
    assert world.dispatcher.may_stop(start)
    # The person stops it and starts it with something else, before the queue does.
    world.end(cpu)
    with world.database.write() as session:
        row = session.get_one(TicketRow, cpu)
        leases = world.service.app.state.context.leases
        request = row.request
        leases.take(session, request)
    for decide in (world.dispatcher.may_stop, world.dispatcher.swap):
        assert not decide(start)
    ended = world.ticket("ann", move)
    assert ended["state"] == "cancelled"
    items = world.service.client("ann").get("/notices").json()["items"]
    assert any("started with something else" in item["reason"] for item in items)
    with world.database.read() as session:
        held = session.scalars(select(LeaseRow).where(LeaseRow.ended_at.is_(None))).all()
        assert "two" in {lease.server_name for lease in held}
        assert not any(lease.server_name.endswith("~move") for lease in held)


def test_a_person_who_starts_the_server_by_hand_has_claimed(world: World) -> None:
    ann = world.request("ann")["id"]
    world.start(ann)
    world.tick()
    assert world.ticket("ann", ann)["state"] == "started"


def test_fair_share_puts_who_used_less_first(world: World) -> None:
    ann, ben = world.run("ann"), world.run("ben")
    world.clock.go(3 * 3600)
    ids = {n: world.request(n, server_name="two")["id"] for n in ("ann", "ben", "cem")}
    places = {name: world.ticket(name, id_)["place"] for name, id_ in ids.items()}
    assert places["cem"] == 1
    world.end(ann)
    world.tick()
    assert world.ticket("cem", ids["cem"])["state"] == "offered"
    del ben


def test_during_maintenance_nothing_is_offered_and_a_claim_waits_for_its_end(world: World) -> None:
    ann, ben, cem = (world.request(name)["id"] for name in ("ann", "ben", "cem"))
    world.claim("ann", ann)
    world.service.client("ben").delete(f"/tickets/{ben}")
    world.is_closed = True
    world.restart()
    assert world.tick() == ()
    waits = world.ticket("cem", cem)
    assert (waits["state"], waits["cause"]["kind"]) == ("waiting", "maintenance")
    world.clock.go(3600)
    assert world.tick() == ()
    assert world.ticket("ann", ann)["state"] == "claimed"
    world.is_closed = False
    world.restart()
    (start,) = world.tick()
    assert start.ticket == ann
    assert world.ticket("cem", cem)["state"] == "offered"


# Clocks and restarts.


@pytest.mark.parametrize("step", [3600 * 5, -3600 * 5, 120, -120])
def test_a_clock_that_is_set_neither_ends_nor_prolongs_an_offer(world: World, step: int) -> None:
    ann = world.request("ann")["id"]
    world.tick()
    world.clock.go(300)
    world.tick()
    world.clock.set(step)
    world.tick()
    world.clock.go(CLAIM_MINUTES * 60 - 300 - 10)
    world.tick()
    assert world.ticket("ann", ann)["state"] == "offered"
    assert world.claim("ann", ann)["state"] == "claimed"


@pytest.mark.parametrize("step", [3600 * 5, -3600 * 5])
def test_after_a_clock_was_set_an_offer_ends_when_its_time_is_over(world: World, step: int) -> None:
    ann = world.request("ann")["id"]
    world.tick()
    world.clock.set(step)
    world.tick()
    world.clock.go(CLAIM_MINUTES * 60 + 10)
    world.tick()
    assert world.ticket("ann", ann)["missed_offers"] == 1


@pytest.mark.parametrize("step", [0, -7200])
def test_after_an_outage_there_is_time_to_claim(world: World, step: int) -> None:
    ann = world.request("ann")["id"]
    world.tick()
    world.clock.go(3600)
    world.clock.set(step)
    world.restart()
    world.tick()
    assert world.ticket("ann", ann)["state"] == "offered"
    world.clock.go(110)
    world.tick()
    assert world.claim("ann", ann)["state"] == "claimed"


def test_a_clock_that_goes_back_changes_no_place(world: World) -> None:
    world.run("ann"), world.run("ben")
    first = world.request("cem")["id"]
    world.clock.set(-86_400)
    second = world.request("dora")["id"]
    assert world.ticket("cem", first)["place"] == 1
    assert world.ticket("dora", second)["place"] == 2


# Administrators.


def test_an_administrator_sees_orders_and_cancels(world: World) -> None:
    world.run("ann"), world.run("ben")
    cem, dora, emil = (world.request(name)["id"] for name in ("cem", "dora", "emil"))
    root = world.service.client("root", admin=True)

    def ids(**query: Any) -> list[int]:
        world.queue.view.forget()
        return [item["id"] for item in root.get("/queue", params=query).json()["items"]]

    assert ids() == [cem, dora, emil]
    assert ids(q="dor") == [dora]
    assert ids(pool="cpu") == []
    assert ids(offset=1, limit=1) == [dora]
    moved = root.patch(f"/queue/{emil}", json={"place": 1}).json()
    assert (moved["id"], moved["place"]) == (emil, 1)
    assert ids() == [emil, cem, dora]
    root.patch(f"/queue/{dora}", json={"priority": "high"})
    assert ids() == [emil, dora, cem]
    assert root.delete(f"/queue/{emil}").status_code == 204
    assert "An administrator" in world.notice("emil")["reason"]
    assert ids() == [dora, cem]
    assert emil in ids(ended=True)
    assert root.patch(f"/queue/{emil}", json={"place": 1}).status_code == 409
    assert root.patch("/queue/99999", json={"place": 1}).status_code == 404


def test_run_now_passes_all_others_and_is_in_the_audit(world: World) -> None:
    ann = world.run("ann")
    world.run("ben")
    cem, dora = (world.request(name)["id"] for name in ("cem", "dora"))
    plain = world.service.client("dora")
    assert plain.post(f"/queue/{dora}/run-now").status_code == 403
    root = world.service.client("root", admin=True)
    now = root.post(f"/queue/{dora}/run-now").json()
    assert (now["run_now"], now["place"], now["state"]) == (True, 1, "waiting")
    world.end(ann)
    world.tick()
    assert world.ticket("dora", dora)["state"] == "offered"
    assert world.ticket("cem", cem)["state"] == "waiting"
    with world.database.read() as session:
        entries = session.scalars(select(AuditRow).where(AuditRow.what.startswith("queue.")))
        written = [(entry.who, entry.what) for entry in entries]
    assert ("root", "queue.run_now") in written
    assert ("dora", "queue.request") in written
    assert ("orrery", "queue.offer") in written


# What starts of servers ask.


def test_a_newcomer_waits_while_others_wait_and_not_for_who_is_held_back(world: World) -> None:
    with world.database.write() as session:
        session.scalars(select(PoolRow).where(PoolRow.slug == "gpu")).one().devices_per_person = 1
    ann = world.run("ann")
    world.request("ann", server_name="second")

    def must_wait() -> bool:
        with world.database.read() as session:
            request = session.get_one(TicketRow, ann).request
            return world.queue.must_wait(session, request)

    assert not must_wait()
    world.run("ben")
    world.request("cem")
    assert must_wait()


def test_the_estimate_for_a_newcomer_is_the_place_after_the_others(world: World) -> None:
    ann = world.run("ann")
    world.run("ben")
    world.request("cem")
    with world.database.read() as session:
        estimate = world.queue.estimate(session, session.get_one(TicketRow, ann).request)
    assert estimate is not None
    assert estimate.place == 2
    assert estimate.high_seconds is not None
    assert (estimate.low_seconds or 0) <= estimate.high_seconds


def test_one_estimate_answers_everybody_and_none_is_made_while_the_writer_is_held(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ann", "ben"):
        world.run(name)
    clients = [world.service.client(f"p{n}") for n in range(6)]
    for client in clients:
        client.get("/me").raise_for_status()
    made: list[bool] = []
    is_writing = threading.local()
    write, forecast_of = world.database.write, estimate_module.forecast_of

    @contextmanager
    def noted_write() -> Iterator[Any]:
        with write() as session:
            is_writing.now = True
            try:
                yield session
            finally:
                is_writing.now = False

    def noted(picture: Any) -> Any:
        made.append(getattr(is_writing, "now", False))
        return forecast_of(picture)

    monkeypatch.setattr(world.database, "write", noted_write)
    monkeypatch.setattr(view_module, "forecast_of", noted)
    ticks = [view_module.monotonic() + 100]
    monkeypatch.setattr(view_module, "monotonic", lambda: ticks[0])
    for _ in range(2):
        ticks[0] += 3
        for client in clients:
            for profile in ("gpu", "large", "gpu"):
                body = {"options": {"profile": profile}}
                client.post("/tickets", json=body).raise_for_status()
            shown = client.get("/me/launch").raise_for_status().json()["profiles"]
            waits = [profile["wait"] for profile in shown if profile["may_queue"]]
            assert all(wait["high_seconds"] is not None for wait in waits)
            assert len(waits) == 2
            client.get("/tickets").raise_for_status()
        root = world.service.client("root", admin=True)
        (first, *_) = root.get("/queue").raise_for_status().json()["items"]
        root.patch(f"/queue/{first['id']}", json={"place": 2}).raise_for_status()
    world.dispatcher.tick()
    assert made == [False, False]
    with world.database.read() as session:
        rows = session.scalars(select(TicketRow).where(TicketRow.state == "waiting")).all()
        assert len(rows) == 6
        assert all(row.expected_high is not None for row in rows)


def test_what_kueue_ends_is_waited_for_no_longer(world: World) -> None:
    with world.database.write() as session:
        profile = session.scalars(select(ProfileRow).where(ProfileRow.slug == "gpu")).one()
        profile.spec = {"max_seconds": 300}
    for name in ("ann", "ben"):
        world.run(name)
    waits = []
    for queue_name in ("", "research"):
        with world.database.write() as session:
            pool = session.scalars(select(PoolRow).where(PoolRow.slug == "gpu")).one()
            pool.spec = {"queue_name": queue_name}
            request = session.scalars(select(TicketRow)).all()[0].request
        view = QueueView(world.queue.view._leases, half_life_seconds=1e6, aging_seconds=1e6)
        with world.database.read() as session:
            _, wait = view.estimate(session, request)
        assert wait is not None
        waits.append(wait.high_seconds)
    assert waits[0] > 600
    assert waits[1] <= 300


@pytest.mark.parametrize("kind", get_args(CauseKind))
def test_only_who_is_held_back_alone_lets_a_newcomer_pass(world: World, kind: CauseKind) -> None:
    for name in ("ann", "ben"):
        world.run(name)
    waits = world.request("cem")["id"]
    with world.database.write() as session:
        row = session.get_one(TicketRow, waits)
        row.set_cause(WaitCause(kind=kind, text='"kind":"budget", 100 %', remedy="_"))
        session.flush()
        assert queue_store.has_blocking(session, row.pool_id) is (
            kind not in queue_store.PASSED_OVER
        )
        row.set_cause(None)
        session.flush()
        assert queue_store.has_blocking(session, row.pool_id)
        assert queue_store.has_unexplained(session, row.pool_id)


def test_many_who_ask_at_once_get_what_there_is_once(world: World) -> None:
    names = [f"p{n}" for n in range(8)]
    for name in names:
        world.service.client(name).get("/tickets")
    threads = [threading.Thread(target=world.request, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.tick()
    with world.database.read() as session:
        states = sorted(session.scalars(select(TicketRow.state)))
        integrity = session.scalar(text("SELECT count(DISTINCT lease_id) FROM ticket"))
    assert states == ["offered"] * 2 + ["waiting"] * 6
    assert integrity == 2
    assert world.held() == 2


def test_a_merge_gives_the_tickets_too(world: World) -> None:
    ann = world.request("merged")["id"]
    world.request("merger")
    root = world.service.client("root", admin=True)
    people = {p["name"]: p["id"] for p in root.get("/people").json()["items"]}
    root.post(f"/people/{people['merged']}/merge", json={"to": people["merger"]}).raise_for_status()
    assert world.ticket("merger", ann)["person"] == "merged"
    with world.database.read() as session:
        assert session.scalar(select(NoticeRow.id).limit(1)) is not None


# What one person does is no other's fault, and leaves a trace.


@pytest.mark.parametrize("method", ["offer", "start", "fail"])
def test_a_ticket_that_cannot_be_dealt_with_lets_the_others_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    bad, good = (world.request(name)["id"] for name in ("ann", "ben"))
    third = world.request("cem")["id"]
    original = getattr(world.queue.transitions, method)

    def broken(session: Any, row: TicketRow, *more: Any) -> Any:
        if row.id == bad:
            original(session, row, *more)
            session.execute(text("INSERT INTO ticket (id) VALUES (1)"))  # what the database refuses
        return original(session, row, *more)

    if method == "offer":
        for ticket in (bad, good):
            world.service.client("ann" if ticket == bad else "ben").delete(f"/tickets/{ticket}")
        bad, good = third, world.request("dora")["id"]
        with world.database.write() as session:
            for ticket in (bad, good):
                row = session.get_one(TicketRow, ticket)
                world.queue.transitions._release(session, row, "again")
                row.state, row.offered = "waiting", None
    else:
        for name, ticket in (("ann", bad), ("ben", good)):
            world.claim(name, ticket)
    monkeypatch.setattr(world.queue.transitions, method, broken)
    if method == "start":
        world.start(bad)
        world.start(good)
    elif method == "fail":
        world.clock.go(16 * 60)
    world.tick()
    names = {"offer": ("cem", "dora"), "start": ("ann", "ben"), "fail": ("ann", "ben")}[method]
    expected = {"offer": "offered", "start": "started", "fail": "failed"}[method]
    assert world.ticket(names[1], good)["state"] == expected
    left = world.ticket(names[0], bad)
    assert left["state"] == ("waiting" if method == "offer" else "claimed")
    with world.database.read() as session:
        assert "IntegrityError" in (session.get_one(TicketRow, bad).cause or "")
    (notice,) = world.dispatcher.notices()
    assert "One request of the queue" in notice
    world.tick()  # it is left alone for a while


def test_a_cause_of_any_length_is_told_in_part(world: World) -> None:
    ann = world.request("ann")["id"]
    with world.database.write() as session:
        row = session.get_one(TicketRow, ann)
        long = WaitCause(kind="not_permitted", text="é" * 9_000, remedy="x" * 501)
        world.queue.transitions.fail(session, row, db.now(), long)
    notice = world.notice("ann")
    assert len(notice["reason"]) == len(notice["remedy"]) == 500
    assert notice["reason"].endswith("…")


def test_a_server_that_cannot_be_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = world.queue.book
    monkeypatch.setattr(book, "_named_servers", 0)
    refused = world.request("ann", status=400, server_name="two")
    assert "ORRERY_NAMED_SERVERS" in refused["remedy"]
    assert world.held() == 0
    world.request("ann")
    monkeypatch.setattr(book, "_named_servers", 2)
    for name in ("two", "three", "two"):
        world.request("ann", server_name=name)
    world.request("ann", status=409, server_name="four")


def test_who_gives_offers_back_again_and_again_holds_nothing_more(world: World) -> None:
    client = world.service.client("ann")
    for _ in range(2):
        ticket = world.request("ann")["id"]
        assert world.held() == 1
        client.delete(f"/tickets/{ticket}").raise_for_status()
    refused = world.request("ann", status=409)
    assert "offers" in refused["reason"]
    world.request("ben")
    world.clock.go(3_700)
    world.request("ann")


def test_offers_count_and_not_tickets(world: World) -> None:
    """One that was let pass and then cancelled while it waits held what it held."""
    client = world.service.client("ann")
    for _ in range(2):
        ticket = world.request("ann")["id"]
        world.clock.go(CLAIM_MINUTES * 60 + 1)
        with world.database.write() as session:
            row = session.get_one(TicketRow, ticket)
            world.queue.transitions.miss(session, row, db.now())
        client.delete(f"/tickets/{ticket}").raise_for_status()
    world.request("ann", status=409)


def test_many_tickets_at_once_hold_no_more_than_one(world: World) -> None:
    tickets = [world.request("ann", server_name=f"s{n}")["id"] for n in range(4)]
    for _ in range(5):
        world.tick()
        assert world.held() <= 2
        world.clock.go(CLAIM_MINUTES * 60 + 1)
    world.tick()
    assert world.held() == 0
    states = [world.ticket("ann", ticket) for ticket in tickets]
    assert sum(ticket["missed_offers"] for ticket in states) == 2
    waiting = [ticket for ticket in states if ticket["state"] == "waiting"]
    assert all("offers" in ticket["cause"]["text"] for ticket in waiting)
    world.request("ben")
    assert world.held() == 1  # others pass
    world.clock.go(3_700)
    world.tick()
    assert any(world.ticket("ann", ticket)["state"] == "offered" for ticket in tickets)


def test_another_wish_for_a_ticket_leaves_a_trace_and_the_same_does_not(world: World) -> None:
    ann = world.request("ann")["id"]

    def updates() -> list[AuditRow]:
        with world.database.read() as session:
            query = select(AuditRow).where(AuditRow.what == "queue.update", AuditRow.on == str(ann))
            return list(session.scalars(query.order_by(AuditRow.id)))

    before = len(updates())
    for more in ({}, {"auto_claim": True}, {"auto_claim": True}):
        assert world.request("ann", **more)["id"] == ann
    script = {"profile": "gpu", "startup_script": "curl secret"}
    world.request("ann", options=script, auto_claim=True)
    rows = updates()[before:]
    assert [json.loads(row.after or "") for row in rows] == [
        {"auto_claim": True, "has_other_options": False},
        {"auto_claim": True, "has_other_options": True},
    ]


def test_what_others_are_offered_is_not_the_doing_of_who_asks(world: World) -> None:
    ann, ben = (world.request(name)["id"] for name in ("ann", "ben"))
    cem = world.request("cem")["id"]
    assert ben
    world.claim("ann", ann)
    world.end(ann)
    world.request("dora")  # whose request finds what is free now
    with world.database.read() as session:
        query = select(AuditRow).where(AuditRow.what == "queue.offer", AuditRow.on == str(cem))
        rows = session.scalars(query.order_by(AuditRow.id.desc())).all()
        own = session.scalars(
            select(AuditRow).where(AuditRow.what == "queue.request").order_by(AuditRow.id.desc())
        ).first()
    assert own is not None
    assert own.request_id
    assert rows
    assert (rows[0].who, rows[0].request_id, rows[0].address) == ("orrery", "", "")


def test_requests_count_in_what_a_person_may_change_in_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = {world.queue.book._record, world.queue.transitions._record}
    assert records == {world.service.app.state.context.record}


def test_the_head_of_a_long_queue_is_the_first_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ann", "ben"):
        world.run(name)
    tickets = [world.request(f"p{n}")["id"] for n in range(7)]
    root = world.service.client("root", admin=True)
    seen = []
    for offset in range(0, 8, 2):
        page = root.get("/queue", params={"offset": offset, "limit": 2}).json()
        assert page["total"] == 7
        seen += [(item["id"], item["place"]) for item in page["items"]]
    assert [place for _, place in seen] == list(range(1, 8))
    assert sorted(id_ for id_, _ in seen) == sorted(tickets)
    page = root.get("/queue", params={"q": "p3", "state": "waiting"}).json()
    assert [item["person"] for item in page["items"]] == ["p3"]


def test_a_role_that_may_not_queue_neither_waits_nor_claims_before_a_start(world: World) -> None:
    ann = world.request("ann")["id"]
    for name in ("ben", "cem"):
        world.request(name)
    launcher = world.service.anonymous()
    launcher.headers["Authorization"] = f"Bearer {world.service.settings.launcher_token()}"

    def ask(what: str, user: str, **more: Any) -> int:
        created = world.service.hub.account(user).isoformat()
        body = {"user": user, "created": created, **more}
        return launcher.post(f"/launch/{what}", json=body).status_code

    root = world.service.client("root", admin=True)
    path = "/access/roles/data-scientist/permissions/custom:orrery:queue:write"
    root.put(path, json={"allowed": False}).raise_for_status()
    try:
        query = {"user": "ann", "action": "tickets.request"}
        assert root.get("/access/explain", params=query).json()["is_allowed"] is False
        gpu = {"options": {"profile": "gpu"}}
        assert ask("tickets", "dora", **gpu) == 403
        assert ask("leases", "ann", **gpu) == 403  # it is held for a request
        assert ask("leases", "cem", options={"profile": "cpu"}, then="gpu") == 403
        assert ask("tickets/cancel", "ann", ticket=ann) == 403
        assert ask("leases", "dora", options={"profile": "cpu"}) == 200
        assert ask("choices", "dora") == 200
        assert ask("leases", "ann", admin=True, **gpu) == 200
    finally:
        root.put(path, json={"allowed": True}).raise_for_status()
    assert ask("tickets", "dora", **gpu) == 200
