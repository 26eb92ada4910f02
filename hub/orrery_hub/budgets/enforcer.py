"""Keeps running servers within their budgets: charges minutes, warns people, and stops what is over.

Every few seconds it compares the ledger with the budgets. A server is stopped only after its person was warned; the
warning is in the database, so a restart of the service neither forgets it nor begins anew.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from orrery_hub.base import notices
from orrery_hub.base.contracts import RecordChange, StopServer
from orrery_hub.base.db import Database, add_once
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.notices import Draft
from orrery_hub.base.people import PersonRow
from orrery_hub.base.steady_clock import SteadyClock
from orrery_hub.budgets import ledger_store, store
from orrery_hub.budgets.charging import Charging
from orrery_hub.budgets.ledger import begin_of, minute_in
from orrery_hub.budgets.limits import GRACE, Decision, decide
from orrery_hub.budgets.standings import Draw, Standing, draws_of
from orrery_hub.budgets.standings import standings as standings_of
from orrery_hub.budgets.store import StopWarningRow
from orrery_hub.budgets.wording import allowance, subject_of
from orrery_wire.errors import NotFound, OrreryError

log = logging.getLogger("orrery_hub.budgets")

# Stopping within a minute of the limit needs a look at least every fifteen seconds; see ``limits.GRACE``.
INTERVAL_SECONDS = 10.0


_SEVERITY: dict[Decision, int] = {"run": 0, "warn": 1, "stop": 2}


@dataclass(frozen=True)
class Stop:
    """A server to stop: its lease, the account that it belongs to by name and creation, and its name."""

    lease_id: int
    user: str
    created: datetime | None
    server: str


@dataclass(frozen=True)
class _Plan:
    """What becomes of one running server, and by which budget."""

    draw: Draw
    decision: Decision
    standing: Standing | None


class Enforcer:
    """The loop that charges, warns and stops."""

    def __init__(
        self,
        database: Database,
        stop: StopServer,
        metrics: Metrics,
        record: RecordChange,
        *,
        clock: SteadyClock | None = None,
    ) -> None:
        self._database = database
        self._stop = stop
        self._metrics = metrics
        self._record = record
        self._clock = clock or SteadyClock()
        self._charging = Charging(database)
        self._minute: int | None = None
        # The minute and the limits of the last comparison.
        self._basis: tuple[int, tuple[int, ...]] | None = None
        # The level that the notice of a budget has for a person, as far as this process knows.
        self._levels: dict[tuple[int, int], tuple[int, int]] = {}
        self._stopping: dict[int, asyncio.Task[None]] = {}
        self._recorded: set[int] = set()

    def notices(self) -> tuple[str, ...]:
        """What an operator has to know."""
        if not self._clock.is_steady:
            return (
                "The clock of the hub service was set; budgets wait until it goes on steadily.",
            )
        return ()

    async def run(self) -> None:
        """Look at running servers until cancelled."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(INTERVAL_SECONDS)
        finally:
            for task in self._stopping.values():
                task.cancel()

    async def look(self) -> bool:
        """Charge, warn and stop once; false if the clock or the database did not allow it."""
        moment = self._clock.read()
        if moment is None:
            self._metrics.background.labels("budgets", "skipped").inc()
            return False
        try:
            stops = await asyncio.to_thread(self.plan, moment)
        except (OrreryError, SQLAlchemyError) as problem:
            self._metrics.background.labels("budgets", "failed").inc()
            log.warning("budgets cannot be looked at now: %s", problem)
            return False
        self._metrics.background.labels("budgets", "done").inc()
        for stop in stops:
            if stop.lease_id not in self._stopping:
                task = asyncio.create_task(self._end(stop))
                self._stopping[stop.lease_id] = task
                task.add_done_callback(functools.partial(self._forget_stop, stop.lease_id))
        return True

    def _forget_stop(self, lease_id: int, _: asyncio.Task[None]) -> None:
        """A stop has ended, well or not: the next look may try again."""
        self._stopping.pop(lease_id, None)

    async def _end(self, stop: Stop) -> None:
        try:
            is_account = functools.partial(operator.eq, stop.created)
            await self._stop(stop.user, stop.server, is_account=is_account)
        except NotFound:
            return  # it stopped meanwhile
        except OrreryError as problem:
            self._metrics.background.labels("budget_stop", "failed").inc()
            log.warning("a server over its budget was not stopped: %s", problem.reason)
            return
        self._metrics.background.labels("budget_stop", "done").inc()

    def plan(self, moment: datetime) -> Sequence[Stop]:
        """Charge the minutes that began, write warnings, and say which servers are to be stopped."""
        minute = minute_in(moment)
        if minute != self._minute:
            self._charging.run(moment)
            self._minute = minute
        with self._database.read() as session:
            warned = store.warnings(session)
            basis = minute, store.fingerprint(session, moment)
            if basis == self._basis and not warned:
                return ()  # what is used changes with the minute
            leases = ledger_store.running(session)
            draws = draws_of(session, leases, moment)
            budgets = store.bearing_on(
                session,
                {lease.person_id for lease in leases},
                {lease.project_id for lease in leases if lease.project_id is not None},
            )
            current = standings_of(session, budgets, draws, moment)
        by_lease: dict[int, list[Standing]] = {}
        for standing in current:
            for draw in standing.draws:
                by_lease.setdefault(draw.lease.id, []).append(standing)
        plans = [
            _plan(draw, by_lease.get(draw.lease.id, ()), warned.get(draw.lease.id), moment)
            for draw in draws
        ]
        stops = self._apply(plans, current, warned, moment)
        self._basis = basis
        return stops

    def _apply(
        self,
        plans: Sequence[_Plan],
        current: Sequence[Standing],
        warned: dict[int, StopWarningRow],
        moment: datetime,
    ) -> Sequence[Stop]:
        ended = warned.keys() - {plan.draw.lease.id for plan in plans}
        relieved = [p for p in plans if p.decision == "run" and p.draw.lease.id in warned]
        endangered = [plan for plan in plans if plan.decision != "run"]
        reached = [s for s in current if self._is_new_level(s)]
        if not (ended or relieved or endangered or reached):
            return ()
        with self._database.write() as session:
            store.remove_warnings(session, [*ended, *(p.draw.lease.id for p in relieved)])
            for lease_id in ended:
                self._recorded.discard(lease_id)
            for plan in relieved:
                notices.withdraw(session, plan.draw.lease.person_id, _stop_key(plan.draw))
            for standing in reached:
                self._announce(session, standing)
            stops = []
            for plan in endangered:
                self._warn(session, plan, moment)
                if plan.decision == "stop":
                    stops.append(self._to_stop(session, plan))
        for standing in reached:
            for draw in standing.draws:
                key = standing.budget.id, draw.lease.person_id
                self._levels[key] = _level(standing)
        return stops

    def _is_new_level(self, standing: Standing) -> bool:
        """Whether somebody who draws on a budget has a notice of another level, or may have."""
        keys = {(standing.budget.id, draw.lease.person_id) for draw in standing.draws}
        return any(self._levels.get(key) != _level(standing) for key in keys)

    def _announce(self, session: Session, standing: Standing) -> None:
        """Tell those who draw on a budget, and the owners of its project, which level it has reached."""
        level = standing.position.level
        audience = {draw.lease.person_id for draw in standing.draws}
        audience |= set(store.owners(session, standing.budget.project_id))
        key = f"budget:{standing.budget.id}"
        what, whose = allowance(standing.budget), subject_of(session, standing.budget)
        for person in audience:
            if level == 0:
                notices.withdraw(session, person, key)
                continue
            is_over = level == 100
            notices.put(
                session,
                Draft(
                    key=key,
                    person_id=person,
                    kind="budget",
                    level="error" if is_over else "warning",
                    message=(
                        f"The {what} of {whose} are used up"
                        if is_over
                        else f"{level} % of the {what} of {whose} are used"
                    ),
                    reason="Servers that need them are stopped when nothing is left.",
                    remedy="Ask for more, or stop servers that you do not need.",
                    subject=str(standing.budget.id),
                    action="request",
                ),
            )

    def _warn(self, session: Session, plan: _Plan, moment: datetime) -> None:
        """Tell a person that a server stops, and note when that was said first."""
        lease, standing = plan.draw.lease, plan.standing
        if standing is None or plan.decision == "stop":
            return
        left = standing.position.minutes_left or 0
        deadline = begin_of(minute_in(moment) + left) if left else moment + GRACE
        if (row := session.get(StopWarningRow, lease.id)) is None:
            row = StopWarningRow(lease_id=lease.id, budget_id=standing.budget.id, warned_at=moment)
            add_once(session, row)
        elif left == 0:
            deadline = row.warned_at + GRACE
        what, whose = allowance(standing.budget), subject_of(session, standing.budget)
        notices.put(
            session,
            Draft(
                key=_stop_key(plan.draw),
                person_id=lease.person_id,
                kind="budget_stop",
                level="error",
                message="This server will be stopped",
                reason=f"The {what} of {whose} are used up, or are in a few minutes.",
                remedy="Save your work now, and ask for more to go on.",
                server=lease.server,
                subject=str(standing.budget.id),
                action="request",
                deadline=deadline,
            ),
        )

    def _to_stop(self, session: Session, plan: _Plan) -> Stop:
        lease, standing = plan.draw.lease, plan.standing
        account = session.get_one(PersonRow, lease.account_id)
        if lease.id not in self._recorded and standing is not None:
            self._recorded.add(lease.id)
            position = standing.position
            self._record(
                session,
                "orrery",
                "budgets.stop",
                f"{account.hub_name}/{lease.server}",
                project=store.slug(session, lease.project_id),
                after={
                    "budget": standing.budget.id,
                    "limit": position.limit,
                    "used": position.used,
                },
            )
        return Stop(lease.id, account.hub_name, account.hub_created, lease.server)


def _plan(
    draw: Draw, standings: Sequence[Standing], warned: StopWarningRow | None, moment: datetime
) -> _Plan:
    """The severest decision of all budgets that a server draws on."""
    worst = _Plan(draw, "run", None)
    warned_at = warned.warned_at if warned else None
    for standing in standings:
        decision = decide(standing.position, standing.demand(draw), warned_at, moment)
        if _SEVERITY[decision] > _SEVERITY[worst.decision]:
            worst = _Plan(draw, decision, standing)
    return worst


def _level(standing: Standing) -> tuple[int, int]:
    """What a notice says: another level, or the same after the limit was changed, is said anew."""
    return standing.position.level, standing.position.limit


def _stop_key(draw: Draw) -> str:
    return f"budget-stop:{draw.lease.id}"
