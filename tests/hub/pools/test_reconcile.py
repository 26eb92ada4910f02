"""Leases follow the servers that JupyterHub runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select

from orrery_hub.audit.service import record
from orrery_hub.base import db, notices, people
from orrery_hub.base.accounts import Accounts
from orrery_hub.base.db import Database
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.people import PersonRow
from orrery_hub.budgets.charging import Charging
from orrery_hub.budgets.ledger import minute_in, minute_of, span_of
from orrery_hub.budgets.ledger_store import LedgerRow
from orrery_hub.people.offboarding import leaving_leases
from orrery_hub.pools import former_members
from orrery_hub.pools.backends.local import LocalBackend
from orrery_hub.pools.former_members import FormerMembers
from orrery_hub.pools.planning import Planner
from orrery_hub.pools.reconcile import Reconciler
from orrery_hub.pools.store import LeaseRow
from orrery_hub.pools.unleased import GRACE, Unleased
from orrery_hub.projects import store as projects
from orrery_wire.errors import NotFound
from orrery_wire.launch import EndedIn
from orrery_wire.pools import Lease, LeaseQuery
from tests.hub.pools.worlds import Clock, World
from tests.hub.services import created_of, make_user


class FakeHub:
    """JupyterHub's list of active users, in pages of two."""

    def __init__(self) -> None:
        self.servers: dict[tuple[str, str], dict[str, Any]] = {}
        self.away = False

    def run(
        self,
        name: str,
        server: str = "",
        *,
        pending: str | None = None,
        started: datetime | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        self.servers[name, server] = {
            "name": server,
            "ready": pending is None,
            "pending": pending,
            "started": (started or db.now()).isoformat(),
            "user_options": options or {},
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
        self.stopped: list[tuple[str, str]] = []
        planner = Planner(world.leases, LocalBackend())
        self.unleased = Unleased(world.leases, planner, record)
        self.former_members = FormerMembers(record)
        self.reconciler = Reconciler(
            world.database,
            client,
            accounts,
            world.leases,
            Metrics(),
            30,
            unleased=self.unleased,
            former_members=self.former_members,
            stop=self.stop,
        )

    async def stop(
        self, user: str, server: str, *, is_account: Callable[[datetime | None], bool]
    ) -> None:
        if (user, server) not in self.hub.servers or not is_account(created_of(user)):
            raise NotFound("There is no such server")
        self.stopped.append((user, server))
        del self.hub.servers[user, server]

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


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (timedelta(hours=-1), timedelta()),  # nobody saw it run, and it says that it did not
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(days=9), timedelta(hours=2, seconds=30)),  # a clock that is ahead
    ],
)
def test_a_late_report_says_how_long_a_server_ran_that_was_found_gone(
    watch: Watch, offset: timedelta, expected: timedelta
) -> None:
    lease = watch.world.start("ann").lease
    assert lease
    watch.hub.run("ann")
    watch.look(seconds=10)
    seen = watch.clock.moment
    charging = Charging(watch.world.database)
    del watch.hub.servers["ann", ""]
    watch.look(hours=2)  # nobody looked for that long
    watch.look(seconds=30)
    charging.run(watch.clock.moment)
    report = EndedIn(user="ann", lease=lease, at=seen + offset, reason="stopped")
    for _ in range(2):
        watch.world.launches.ended(report)
    (ended,) = watch.leases("ended")
    assert ended.ended_at == seen + expected
    assert ended.end_reason == ("stopped" if expected else "server is gone")
    charging.run(watch.clock.moment)
    with watch.world.database.read() as session:
        rows = session.scalars(select(LedgerRow).where(LedgerRow.lease_id == lease)).all()
    due = span_of(seen, seen + expected)
    assert sum(row.end_minute - row.first_minute for row in rows) == len(due)


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
    before = watch.clock.moment - timedelta(hours=1)
    watch.hub.run("ann", "old", started=before)
    watch.hub.run("somebody-new", started=before)
    watch.look(seconds=1)
    adopted = watch.leases("running")
    assert {(lease.user, lease.server, lease.pool, lease.devices) for lease in adopted} == {
        ("ann", "old", None, 0),
        ("somebody-new", "", None, 0),
    }
    watch.look(seconds=30)
    assert len(watch.leases()) == 2
    assert watch.unleased.notices() == []


def end_as_queue(watch: Watch, lease: int) -> None:
    """The queue's time is over, or the person has left: the lease ends, the server does not."""
    with watch.world.database.write() as session:
        watch.world.leases.end(session, lease, "the start failed: time_limit")


def forget(watch: Watch, lease: int) -> None:
    """An older copy of the database took the place of a damaged one: the lease never was."""
    with watch.world.database.write() as session:
        session.delete(session.get_one(LeaseRow, lease))


@pytest.mark.parametrize("lose", [end_as_queue, forget])
@pytest.mark.parametrize("has_started", [True, False], ids=["running", "starting"])
def test_a_server_that_lost_its_lease_gets_it_back(
    watch: Watch, lose: Callable[[Watch, int], None], has_started: bool
) -> None:
    world = watch.world
    world.project("churn", ann="owner")
    started = watch.clock.moment
    lease = world.start("ann", project="churn").lease
    assert lease
    if has_started:
        watch.hub.run("ann", started=started, options={"profile": "gpu", "project": "churn"})
        watch.look(minutes=1)
    lose(watch, lease)
    watch.clock.move(minutes=2)
    watch.hub.run("ann", started=started, options={"profile": "gpu", "project": "churn"})
    watch.look()
    assert watch.leases("open") == []  # the report of its end may be on its way
    watch.look(seconds=30)
    (held,) = watch.leases("open")
    assert (held.pool, held.devices, held.project, held.user) == ("gpu", 1, "churn", "ann")
    assert world.used() == (1, 3)
    assert held.started_at is not None
    (notice,) = watch.unleased.notices()
    assert "One server runs" in notice
    assert "got it back" in notice
    watch.look(minutes=5)
    assert [item.id for item in watch.leases("open")] == [held.id]
    # Its real end ends it, and with it the alarm.
    del watch.hub.servers["ann", ""]
    world.launches.ended(EndedIn(user="ann", lease=held.id, at=db.now()))
    watch.hub.run("bob", started=started - timedelta(days=1))
    watch.look(seconds=30)
    assert watch.unleased.notices() == []


def test_a_lease_that_ended_in_error_is_charged_without_a_gap(watch: Watch) -> None:
    started = watch.clock.moment
    lease = watch.world.start("ann").lease
    assert lease
    watch.hub.run("ann", started=started)
    watch.look(seconds=1)
    charging = Charging(watch.world.database)
    charging.run(watch.clock.move(minutes=3))
    end_as_queue(watch, lease)
    charging.run(watch.clock.move(minutes=2))  # settled
    watch.look(seconds=1)
    watch.look(seconds=30)
    for _ in range(2):
        charging.run(watch.clock.move(minutes=5))
    (held,) = watch.leases("open")
    assert held.started_at
    assert charged(watch, lease) == (minute_of(held.started_at), minute_in(watch.clock.moment))
    end = watch.clock.move(seconds=150)
    watch.world.launches.ended(EndedIn(user="ann", lease=lease, at=end))
    charging.run(watch.clock.move(minutes=5))
    assert charged(watch, lease) == (minute_of(held.started_at), minute_of(end))


def charged(watch: Watch, lease: int) -> tuple[int, int]:
    """The minutes of a lease in the ledger, which have no gap."""
    with watch.world.database.read() as session:
        query = select(LedgerRow).where(LedgerRow.lease_id == lease)
        rows = session.scalars(query.order_by(LedgerRow.first_minute)).all()
        assert all(a.end_minute == b.first_minute for a, b in pairwise(rows))
        return rows[0].first_minute, rows[-1].end_minute


@pytest.mark.parametrize(
    ("options", "has_former"),
    [
        ({}, False),
        ({"profile": "gone"}, False),
        ({"profile": 7}, False),
        ({}, True),  # the lease of an earlier start says nothing of this one
    ],
)
def test_a_server_of_which_nothing_is_known_is_stopped_after_a_notice(
    watch: Watch, options: dict[str, Any], has_former: bool
) -> None:
    watch.world.declare(slug="other")  # who chose nothing has no certain one
    if has_former:
        lease = watch.world.start("ann").lease
        assert lease
        watch.world.launches.ended(EndedIn(user="ann", lease=lease, at=db.now()))
    make_user("ann")
    watch.clock.move(minutes=10)
    watch.hub.run("ann", options=options)
    watch.look(seconds=30)
    watch.look(seconds=30)
    assert watch.leases("open") == []
    (alarm,) = watch.unleased.notices()
    assert "without a lease" in alarm
    person = make_user("ann").person_id
    with watch.world.database.read() as session:
        (notice,) = notices.current(session, person, "")
        assert notice.deadline == watch.clock.moment + GRACE
        assert notice.server == ""
    watch.look(seconds=GRACE.seconds - 30)
    assert watch.stopped == []
    watch.look(seconds=60)
    assert watch.stopped == [("ann", "")]
    watch.look(seconds=30)
    assert watch.unleased.notices() == []
    with watch.world.database.read() as session:
        assert notices.current(session, person, "") == []


def test_a_server_that_was_started_without_a_choice_gets_the_only_profile_back(
    watch: Watch,
) -> None:
    make_user("ann")
    watch.clock.move(minutes=10)
    watch.hub.run("ann")
    watch.look(seconds=30)
    watch.look(seconds=30)
    (lease,) = watch.leases("running")
    assert (lease.user, lease.profile, lease.devices) == ("ann", "gpu", 1)
    assert watch.stopped == []


def test_a_server_that_could_not_be_stopped_holds_what_it_has_until_it_starts_anew(
    watch: Watch,
) -> None:
    lease = watch.world.start("ann").lease
    assert lease
    watch.hub.run("ann")
    watch.look(seconds=5)
    del watch.hub.servers["ann", ""]  # JupyterHub forgets it
    left = EndedIn(user="ann", lease=lease, at=watch.clock.moment, is_gone=False)
    for _ in range(2):
        watch.world.launches.ended(left)
    for _ in range(3):
        watch.look(minutes=5)
    assert [item.id for item in watch.leases("running")] == [lease]
    assert watch.world.used() == (1, 3)
    (alarm,) = watch.unleased.notices()
    assert "could not stop" in alarm
    watch.world.start("ann")
    watch.hub.run("ann")
    watch.look(seconds=30)
    assert watch.unleased.notices() == []
    ended = watch.leases("ended")
    assert [(item.id, item.end_reason) for item in ended] == [(lease, "replaced by a new start")]


def test_who_leaves_ends_no_lease_of_a_server_that_may_run_on(watch: Watch) -> None:
    lease = watch.world.start("ann").lease
    assert lease
    watch.hub.run("ann")
    watch.look(seconds=5)
    del watch.hub.servers["ann", ""]
    left = EndedIn(user="ann", lease=lease, at=watch.clock.moment, is_gone=False)
    watch.world.launches.ended(left)
    with watch.world.database.write() as session:
        row = session.get_one(LeaseRow, lease)
        items = leaving_leases(watch.world.leases)(session, row.person_id)
    assert [(item.what, item.number, item.is_left) for item in items] == [
        ("leases", 0, False),
        ("leases_left", 1, True),
    ]
    assert [item.id for item in watch.leases("running")] == [lease]


def test_somebody_who_was_off_boarded_and_runs_on_holds_up_no_others(watch: Watch) -> None:
    """The leases of others are compared all the same."""
    gone = watch.world.start("ann").lease
    watch.hub.run("ann")
    watch.hub.run("bob")
    watch.look(seconds=5)
    with watch.world.database.write() as session:
        row = session.scalars(select(PersonRow).where(PersonRow.hub_name == "bob")).one()
        people.end(session, row)
        row.offboarded = db.now()
    del watch.hub.servers["ann", ""]
    for _ in range(2):
        watch.look(seconds=30)
    assert [item.id for item in watch.leases("ended")] == [gone]


def test_a_stop_that_is_just_being_reported_gives_nothing_back(watch: Watch) -> None:
    lease = watch.world.start("ann").lease
    assert lease
    watch.hub.run("ann")
    watch.look(seconds=5)
    watch.world.launches.ended(EndedIn(user="ann", lease=lease, at=watch.clock.move(seconds=30)))
    watch.look()  # the list was read a moment before the stop
    del watch.hub.servers["ann", ""]
    watch.look(seconds=30)
    assert watch.leases("open") == []
    assert watch.stopped == []


@pytest.mark.parametrize("role", ["viewer", None], ids=["viewer", "removed"])
@pytest.mark.parametrize("comes_back", [False, True], ids=["for good", "for a while"])
def test_a_server_for_a_project_that_its_person_left_stops_after_a_notice(
    watch: Watch, role: Any, comes_back: bool
) -> None:
    world = watch.world
    world.project("churn", ann="owner", bob="editor", eve="editor")
    world.project("other", bob="owner")
    for name in ("ann", "bob", "eve"):
        world.start(name, project="churn")
        watch.hub.run(name)
    world.start("bob", project="other", server="second")
    watch.hub.run("bob", "second")
    watch.look(seconds=30)
    assert watch.former_members.notices() == ()
    bob = make_user("bob").person_id

    def set_role(value: Any) -> None:
        with world.database.write() as session:
            project = projects.find(session, "churn")
            assert project
            if value is None:
                session.execute(
                    delete(projects.MemberRow).where(
                        projects.MemberRow.person_id == bob,
                        projects.MemberRow.project_id == project.id,
                    )
                )
            else:
                projects.set_role(session, project, bob, value)

    set_role(role)
    watch.look(seconds=30)
    (alarm,) = watch.former_members.notices()
    assert "One server works" in alarm
    with world.database.read() as session:
        (notice,) = notices.current(session, bob, "")
        assert "churn" in notice.reason
        assert notice.deadline == watch.clock.moment + former_members.GRACE
    if comes_back:
        set_role("editor")
    watch.look(seconds=former_members.GRACE.seconds + 1)
    assert watch.stopped == ([] if comes_back else [("bob", "")])
    watch.look(seconds=30)
    watch.look(seconds=30)
    assert watch.former_members.notices() == ()
    with world.database.read() as session:
        assert notices.current(session, bob, "") == []


@pytest.mark.parametrize("column", ["deleted", "archived"])
@pytest.mark.parametrize("comes_back", [False, True])
def test_a_server_for_a_project_that_is_over_stops_after_a_notice(
    watch: Watch, column: str, comes_back: bool
) -> None:
    world = watch.world
    world.project("churn", ann="owner")
    world.start("ann", project="churn")
    watch.hub.run("ann")
    watch.look(seconds=30)
    ann = make_user("ann").person_id

    def set_over(moment: datetime | None) -> None:
        with world.database.write() as session:
            query = select(projects.ProjectRow).where(projects.ProjectRow.slug == "churn")
            setattr(session.scalars(query).one(), column, moment)

    set_over(watch.clock.moment)
    watch.look(seconds=30)
    with world.database.read() as session:
        (notice,) = notices.current(session, ann, "")
        assert f"churn, which was {column}" in notice.reason
    if comes_back:
        set_over(None)
    watch.look(seconds=former_members.GRACE.seconds + 1)
    assert watch.stopped == ([] if comes_back else [("ann", "")])


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
