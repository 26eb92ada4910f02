"""Running servers and their budgets: notices at 80 and 95 %, a warning, and the stop within a minute of the limit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from orrery_hub.audit.service import record
from orrery_hub.audit.store import AuditRow
from orrery_hub.base import notices
from orrery_hub.base.db import Database
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.steady_clock import SteadyClock
from orrery_hub.budgets.enforcer import INTERVAL_SECONDS, Enforcer
from orrery_hub.budgets.requests import RequestService
from orrery_hub.budgets.schemas import Approval, BudgetIn, BudgetPatch
from orrery_hub.budgets.service import BudgetService
from orrery_hub.projects.store import ProjectRow, memberships, set_role
from orrery_wire.budgets import BudgetRequestIn, MyBudgetsQuery
from orrery_wire.errors import BackendUnavailable
from tests.hub.leases import BEGIN, Clock, Farm, clock
from tests.hub.services import created_of, make_user

__all__ = ["clock"]

ANN, BEN = make_user("ann"), make_user("ben")
ROOT = make_user("root", admin=True)


class Hub:
    """Budgets over a farm, and a JupyterHub that stops what it is told to stop."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.farm = Farm(database)
        self.budgets = BudgetService(database, memberships, record=record)
        self.requests = RequestService(database, memberships, record=record)
        self.leases: dict[tuple[str, str], int] = {}
        self.stopped: dict[str, datetime] = {}
        self.is_away = False
        self.restart()

    def restart(self) -> None:
        """A new process knows only what is in the database."""
        self.enforcer = Enforcer(
            self.database,
            self.stop,
            Metrics(),
            record,
            clock=SteadyClock(self.clock, self.clock.monotonic),
        )

    async def stop(
        self, user: str, name: str, *, is_account: Callable[[datetime | None], bool]
    ) -> None:
        server = name
        if self.is_away:
            raise BackendUnavailable("It could not be stopped", reason="away")
        assert is_account(created_of(user))
        assert not is_account(created_of(user) + timedelta(days=1)), "the next of that name"
        assert not is_account(None)
        self.stopped[server] = self.clock.moment
        self.farm.stop(self.leases[user, server], self.clock.moment)

    def start(self, user: str, **more: object) -> str:
        lease = self.farm.start(user, self.clock.moment, **more)
        server = self.farm.server_of(lease)
        self.leases[user, server] = lease
        return server

    def budget(self, limit: int, **more: object) -> int:
        values = {"subject": "person", "person": "ann", "resource": "device", "limit": limit}
        return self.budgets.create("root", BudgetIn(**values | more)).id  # type: ignore[arg-type]

    def pass_time(self, seconds: float, every: float = INTERVAL_SECONDS) -> None:
        """Let time go by, with a look as often as the service looks, or less often where nothing happens."""

        async def look() -> None:
            await self.enforcer.look()
            await asyncio.gather(*self.enforcer._stopping.values())

        async def run() -> None:
            for _ in range(int(seconds // every)):
                await look()
                self.clock.go(every)
            await look()

        asyncio.run(run())

    def told(self, user: str, server: str = "") -> dict[str, str]:
        """The notices of a person in a server: message by kind."""
        person = make_user(user).person_id
        with self.database.read() as session:
            rows = notices.current(session, person, server)
            return {row.kind: row.message for row in rows}

    def deadline(self, user: str, server: str) -> datetime | None:
        with self.database.read() as session:
            rows = notices.current(session, make_user(user).person_id, server)
            return next((row.deadline for row in rows if row.kind == "budget_stop"), None)

    def audited(self, what: str) -> list[str]:
        with self.database.read() as session:
            query = select(AuditRow.on).where(AuditRow.what == what).order_by(AuditRow.id)
            return list(session.scalars(query))


@pytest.fixture
def hub(sqlite: Database, clock: Clock) -> Hub:
    return Hub(sqlite, clock)


def test_a_budget_is_announced_warned_of_and_enforced(hub: Hub) -> None:
    hub.budget(120)  # an hour of two devices
    server = hub.start("ann")
    hub.pass_time(47 * 60, every=60)
    assert hub.told("ann", server) == {}
    hub.pass_time(2 * 60)
    assert hub.told("ann", server) == {
        "budget": "80 % of the device hours of this month of your account are used"
    }
    hub.pass_time(2 * 60)
    assert "budget_stop" in hub.told("ann", server)
    assert hub.deadline("ann", server) == BEGIN + timedelta(hours=1)
    assert "budget_stop" not in hub.told("ann", "another server")
    hub.pass_time(6 * 60)
    assert hub.told("ann", server)["budget"].startswith("95 %")
    assert hub.stopped == {}
    hub.pass_time(5 * 60)
    assert hub.stopped.keys() == {server}
    late = hub.stopped[server] - (BEGIN + timedelta(hours=1))
    assert timedelta() <= late <= timedelta(seconds=60)
    assert hub.audited("budgets.stop") == [f"ann/{server}"]
    assert hub.told("ann")["budget"].endswith("used up")
    (budget,) = hub.budgets.mine(ANN, MyBudgetsQuery()).budgets
    assert (budget.limit, budget.is_exhausted, budget.minutes_left) == (120, True, 0)
    assert budget.used - budget.limit <= 2


def test_a_limit_that_is_lowered_warns_first_and_stops_within_a_minute(hub: Hub) -> None:
    id_ = hub.budget(10_000)
    server = hub.start("ann")
    hub.pass_time(1800, every=60)
    hub.budgets.update("root", id_, BudgetPatch(limit=10))
    lowered = hub.clock.moment
    hub.pass_time(10)
    assert hub.stopped == {}
    assert hub.told("ann", server)["budget_stop"] == "This server will be stopped"
    hub.restart()  # which neither forgets the warning nor gives more time
    hub.pass_time(50)
    assert timedelta(seconds=20) <= hub.stopped[server] - lowered <= timedelta(seconds=60)


def test_more_in_time_saves_the_server_and_less_later_stops_it(hub: Hub) -> None:
    id_ = hub.budget(120)
    server = hub.start("ann")
    hub.pass_time(55 * 60, every=60)
    assert "budget_stop" in hub.told("ann", server)
    request = hub.requests.ask(ANN, BudgetRequestIn(budget=id_, amount=60, reason="a paper"))
    until = hub.clock.moment + timedelta(hours=1)
    decided = hub.requests.approve(ROOT, request.id, Approval(amount=600, until=until))
    assert (decided.state, decided.amount, decided.decided_by) == ("approved", 600, "root")
    hub.pass_time(30)
    assert "budget_stop" not in hub.told("ann", server)
    hub.pass_time(50 * 60, every=60)
    assert hub.stopped == {}
    # What was granted ends: it is over the limit at once, and warned before.
    hub.pass_time(12 * 60)
    assert hub.stopped.keys() == {server}
    assert hub.stopped[server] <= until + timedelta(seconds=60)


def test_only_what_draws_on_a_budget_is_stopped(hub: Hub) -> None:
    hub.budget(20)
    gpu, cpu = hub.start("ann"), hub.start("ann", profile="plain")
    other = hub.start("ben")
    hub.pass_time(15 * 60)
    assert hub.stopped.keys() == {gpu}
    assert "budget_stop" not in hub.told("ann", cpu)
    assert hub.told("ben", other) == {}


def test_a_project_shares_one_budget_and_its_owner_is_told(hub: Hub) -> None:
    with hub.database.write() as session:
        project = ProjectRow(
            slug="p",
            key="p-1",
            name="P",
            description="",
            created=BEGIN,
            updated=BEGIN,
            deleted=None,
        )
        session.add(project)
        session.flush()
        for person, role in ((ANN, "editor"), (BEN, "viewer"), (ROOT, "owner")):
            set_role(session, project, person.person_id, role)  # type: ignore[arg-type]
        number = project.id
    hub.budget(40, subject="project", person="", project="p")
    a, b = hub.start("ann", project_id=number), hub.start("ben", project_id=number)
    outside = hub.start("ann")
    hub.pass_time(9 * 60, every=60)
    assert "of the project 'p' are used" in hub.told("root")["budget"]
    (budget,) = (x for x in hub.budgets.mine(BEN, MyBudgetsQuery()).budgets if x.project)
    assert (budget.used, budget.minutes_left) == (36, 1)
    hub.pass_time(4 * 60)
    assert hub.stopped.keys() == {a, b}
    assert outside not in hub.stopped


def test_everyone_has_a_budget_unless_there_is_an_own(hub: Hub) -> None:
    hub.budget(10, subject="everyone", person="")
    hub.budget(10_000)
    ann, ben = hub.start("ann"), hub.start("ben")
    hub.pass_time(10 * 60)
    assert hub.stopped.keys() == {ben}
    assert "budget" not in hub.told("ann", ann)


def test_a_stop_that_fails_is_tried_again_and_audited_once(hub: Hub) -> None:
    hub.budget(2)
    server = hub.start("ann")
    hub.is_away = True
    hub.pass_time(5 * 60)
    assert hub.stopped == {}
    hub.is_away = False
    hub.pass_time(20)
    assert hub.stopped.keys() == {server}
    assert hub.audited("budgets.stop") == [f"ann/{server}"]


def test_a_clock_that_was_set_stops_nobody_until_it_is_steady(hub: Hub) -> None:
    hub.budget(120)
    server = hub.start("ann")
    hub.pass_time(600)
    hub.clock.set(7 * 24 * 3600)
    hub.pass_time(40)
    assert hub.stopped == {}
    assert hub.told("ann", server) == {}
    assert hub.enforcer.notices()
    hub.clock.set(-7 * 24 * 3600)  # it was a mistake
    hub.pass_time(120)
    assert hub.stopped == {}
    assert not hub.enforcer.notices()
    (budget,) = hub.budgets.mine(ANN, MyBudgetsQuery()).budgets
    assert budget.used == 2 * 12


def test_the_next_month_begins_anew(hub: Hub) -> None:
    hub.budget(120)
    hub.start("ann")
    hub.pass_time(50 * 60, every=60)
    assert "budget" in hub.told("ann")
    server = next(iter(hub.leases))[1]
    hub.farm.stop(hub.leases["ann", server], hub.clock.moment)
    hub.clock.go(29 * 24 * 3600)
    hub.start("ann")
    hub.pass_time(20)
    assert "budget" not in hub.told("ann")
