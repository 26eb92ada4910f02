"""The queue's heart: offers what is free, ends what nobody claimed, follows the servers that were claimed.

All it knows is in the database. A service that is killed at any point goes on where it was: an offer and its lease
are one transaction, and a server that was claimed is asked for until it runs or its time is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy.orm import Session

from orrery_hub.base import db, people
from orrery_hub.base.cause_texts import cause_of, cause_of_error, kind_of
from orrery_hub.base.contracts import LaunchAdvisor, LaunchRequest, Leases, StartGate
from orrery_hub.base.db import Database
from orrery_hub.base.people import PersonRow
from orrery_hub.queue import messages, store, unused_offers
from orrery_hub.queue.ordering import Waiting
from orrery_hub.queue.plan import Plan, plan
from orrery_hub.queue.set_aside import SetAside
from orrery_hub.queue.store import TicketRow
from orrery_hub.queue.ticket_state import HOLDS_LEASE, clock_step, moved_deadline
from orrery_hub.queue.transitions import Transitions
from orrery_hub.queue.view import UNLIMITED, QueueView
from orrery_wire.errors import OrreryError
from orrery_wire.json_types import JsonObject
from orrery_wire.queue import CauseKind, WaitCause

# After a start of the service, an offer stands at least so long, or as long as every offer does if that is less:
# nobody could claim while it was away.
_LEAST_CLAIM_SECONDS = 120.0
_CLOCK_SECONDS = 10.0
# Why a ticket is held back is looked at again after so long, though nothing became free.
_CAUSE_SECONDS = 10.0
# What becomes free, or what others decide, changes these; waiting for it is no use with every other cause.
_DEVICES: frozenset[CauseKind] = frozenset({"capacity", "ahead"})
_FINAL: frozenset[CauseKind] = frozenset({"not_permitted", "too_large"})


@dataclass(frozen=True)
class Start:
    """A server that was claimed and has to be started; first to be stopped, if it runs elsewhere with the lease ``former``."""

    ticket: int
    lease: int
    user: str
    server_name: str
    options: JsonObject
    is_beside: bool
    former: int | None = None
    # When the account was created: whoever has the name by now is not started anything that another has claimed.
    created: datetime | None = None


class Dispatcher:
    """One look at everything at a time: ``tick``, every second or two, in a thread. ``gates`` and ``advisors`` are asked too."""

    def __init__(
        self,
        database: Database,
        leases: Leases,
        view: QueueView,
        transitions: Transitions,
        *,
        gates: Sequence[StartGate] = (),
        advisors: Sequence[LaunchAdvisor] = (),
    ) -> None:
        self._database = database
        self._gates = gates
        self._advisors = advisors
        self._leases = leases
        self._view = view
        self._transitions = transitions
        # The last look, by the clock of the day and by one that nobody sets.
        self._looked_at: tuple[datetime, float] | None = None
        self._noted_at = 0.0
        self._causes_at: dict[int, float] = {}
        self._set_aside = SetAside()

    def notices(self) -> Sequence[str]:
        """What an operator has to know."""
        return self._set_aside.notices()

    def tick(self) -> tuple[Start, ...]:
        """Do what is due; the result are the servers to start."""
        with self._database.read() as session:
            is_idle = not store.has_open(session)
        if is_idle and self._looked_at is not None:
            self._looked_at = (db.now(), monotonic())
            return ()
        with self._database.write() as session:
            self._follow_clock(session)
            starts = []
            for row in self._set_aside.others(store.with_lease(session)):
                with self._set_aside.guard(session, row):
                    if (start := self._settle(session, row, db.now())) is not None:
                        starts.append(start)
        with self._database.read() as session:
            pools = store.pools_with_waiting(session)
        offers = [pool_id for pool_id in pools if self.offer_in(pool_id)]
        if offers:
            with self._database.write() as session:
                starts += self._claimed(session, {start.ticket for start in starts})
        return tuple(starts)

    def offer_in(self, pool_id: int) -> bool:
        """Offer what is free in a pool; whether anything was offered."""
        with self._database.read() as session:
            if not self._is_due(session, pool_id):
                return False
            chosen = self._plan(session, pool_id)
            new = store.without_expected(session, pool_id)
            # Here, and not where tickets are taken: nobody waits for an estimate with the one writer.
            raw = self._view.of_pool(session, pool_id).raw if new else {}
        is_changed = False
        with self._database.write() as session:
            for ticket in chosen.offers:
                row = store.locked(session, ticket)
                if row is None or row.state != "waiting":
                    continue
                cause: WaitCause | None = cause_of("unknown")
                with self._set_aside.guard(session, row):
                    cause = self._try_offer(session, row)
                is_changed = is_changed or cause is None
                if cause is not None and cause.kind in _DEVICES:
                    break  # the next may not pass
            self._note_causes(session, chosen)
            store.note_expected(session, {id_: raw[id_] for id_ in new if id_ in raw})
        if is_changed:
            self._view.forget()
        return is_changed

    def fail(self, start: Start, cause: WaitCause, *, is_final: bool) -> None:
        """Note that the server of a claimed ticket does not start; ``is_final``: nor would it the next time.

        A start that took up the lease has failed once the lease has ended, with a cause of its own.
        """
        with self._database.write() as session:
            row = store.locked(session, start.ticket)
            if row is None or row.state != "claimed" or row.lease_id != start.lease:
                return
            lease = store.lease_life(session, start.lease)
            if lease.is_reserved or lease.ended_at is not None:
                self._transitions.fail_start(session, row, db.now(), cause, is_final=is_final)
        self._view.forget()

    def may_stop(self, start: Start) -> bool:
        """Whether the server that runs is still the one that is to move; if not, the ticket has ended."""
        with self._database.write() as session:
            return self._movable(session, start) is not None

    def swap(self, start: Start) -> bool:
        """After the server was stopped, make its reservation its own; false if the ticket is not claimed any more."""
        with self._database.write() as session:
            row = self._movable(session, start)
            if row is None:
                return False
            self._transitions.swap(session, row)
            return True

    def _movable(self, session: Session, start: Start) -> TicketRow | None:
        """The claimed ticket of a server that moves; it ends if the person started the server anew meanwhile."""
        row = store.locked(session, start.ticket)
        if row is None or row.state != "claimed" or row.lease_id != start.lease:
            return None
        current = store.open_lease_id(session, row.account_id, row.server_name)
        if current is None or current == start.former:
            return row
        self._transitions.overtake(session, row, db.now())
        self._view.forget()
        return None

    def _try_offer(self, session: Session, row: TicketRow) -> WaitCause | None:
        """Offer the devices; why not, if the pool does not give them, or what this look has offered already is too much."""
        if (refusal := self._refusal(session, row.request, lock=True)) is not None:
            row.set_cause(refusal)
            return refusal
        try:
            with session.begin_nested():
                self._transitions.offer(session, row, db.now())
        except OrreryError as problem:
            cause = cause_of_error(problem)
            session.refresh(row)
            row.set_cause(cause)
            return cause
        return None

    def _is_due(self, session: Session, pool_id: int) -> bool:
        """Whether a look at a pool can change anything: it has room, or causes have grown old."""
        capacity = self._leases.capacity(session, pool_id)
        has_devices = capacity.free is None or capacity.free > 0
        has_servers = capacity.max_servers is None or capacity.servers < capacity.max_servers
        moment = monotonic()
        is_old = moment - self._causes_at.get(pool_id, -_CAUSE_SECONDS) >= _CAUSE_SECONDS
        if is_old or (has_devices and has_servers):
            self._causes_at[pool_id] = moment
            return True
        return store.has_unexplained(session, pool_id)

    def _plan(self, session: Session, pool_id: int) -> Plan:
        waiting = self._set_aside.others(store.waiting(session, pool_id))
        rows = {row.id: row for row in waiting}
        capacity = self._leases.capacity(session, pool_id)
        names = store.pool_names(session, [pool_id])
        is_full = capacity.max_servers is not None and capacity.servers >= capacity.max_servers

        def hold_back(ticket: Waiting, _planned: int) -> WaitCause | None:
            cause = self._refusal(session, rows[ticket.id].request)
            return cause if cause and cause.kind not in _DEVICES else None

        total = UNLIMITED if capacity.total is None else capacity.total
        free = UNLIMITED if capacity.free is None else capacity.free
        return plan(
            self._view.ordered(session, list(rows.values())),
            devices_total=total,
            devices_free=free,
            is_full=is_full,
            pool_name=names.get(pool_id, ("", "the pool"))[1],
            hold_back=hold_back,
        )

    def _refusal(
        self, session: Session, request: LaunchRequest, *, lock: bool = False
    ) -> WaitCause | None:
        """Why a server may not start now, by the pools and by all who are asked before a start."""
        advice = (advise(session, request, lock=lock).refusal for advise in self._advisors)
        # A start locks whose budgets they are before the pool; in another order both would wait for each other.
        refusals = list(advice) if lock else advice
        problem = self._closed(session) or self._leases.check(session, request, lock=lock)
        problem = problem or next((refusal for refusal in refusals if refusal is not None), None)
        problem = problem or unused_offers.refusal(
            session, request.person_id, request.pool_id, with_standing=True
        )
        return None if problem is None else cause_of_error(problem)

    def _closed(self, session: Session) -> OrreryError | None:
        """Why no server at all may start now, as during maintenance."""
        refusals = (gate(session) for gate in self._gates)
        return next((refusal for refusal in refusals if refusal is not None), None)

    def _note_causes(self, session: Session, chosen: Plan) -> None:
        for row in store.rows(session, chosen.causes):
            if row.state != "waiting":
                continue
            cause = chosen.causes[row.id]
            with self._set_aside.guard(session, row):
                if cause.kind in _FINAL:
                    self._transitions.fail(session, row, db.now(), cause)
                else:
                    row.set_cause(cause)

    def _settle(self, session: Session, row: TicketRow, moment: datetime) -> Start | None:
        """Bring an offered or claimed ticket to where its lease is."""
        if row.lease_id is None:
            return None
        lease = store.lease_life(session, row.lease_id)
        if row.state == "claimed" and lease.is_reserved and self._closed(session):
            # It is started when servers may start again.
            start_seconds = self._transitions.terms.start_seconds
            row.deadline = moment + timedelta(seconds=start_seconds)
            return None
        is_late = row.deadline is not None and moment >= row.deadline
        if row.state == "offered":
            if lease.ended_at is None and not lease.is_reserved:
                # The person has started the server without waiting for this service.
                self._transitions.claim(session, row, moment, self._user(session, row))
            elif lease.ended_at is not None or is_late:
                self._transitions.miss(session, row, moment)
                return None
            else:
                return None
        if lease.ended_at is not None:
            cause = cause_of(kind_of(lease.end_reason) or "crash", lease.end_reason)
            self._transitions.fail_start(session, row, moment, cause)
        elif lease.started_at is not None:
            self._transitions.start(session, row, moment)
        elif not lease.is_reserved:
            # JupyterHub starts it, for as long as the profile allows; the end of the lease says if that failed.
            return None
        elif is_late:
            self._transitions.fail(session, row, moment, cause_of("time_limit"))
        else:
            return self._start_of(session, row)
        return None

    def _claimed(self, session: Session, known: set[int]) -> list[Start]:
        """The servers of tickets that were claimed in the same look."""
        return [
            self._start_of(session, row)
            for row in store.with_lease(session)
            if row.state == "claimed"
            and row.id not in known
            and row.lease_id is not None
            and store.lease_life(session, row.lease_id).is_reserved
        ]

    def _start_of(self, session: Session, row: TicketRow) -> Start:
        lease = row.lease_id or 0
        is_beside = store.is_beside(session, lease)
        former = None
        if is_beside:
            former = store.open_lease_id(session, row.account_id, row.server_name)
        account = session.get_one(PersonRow, row.account_id)
        return Start(
            row.id,
            lease,
            account.hub_name,
            row.server_name,
            row.options,
            is_beside,
            former,
            account.hub_created,
        )

    @staticmethod
    def _user(session: Session, row: TicketRow) -> str:
        return people.names(session, [row.account_id])[row.account_id]

    def _follow_clock(self, session: Session) -> None:
        """Move the deadlines of offers when the clock was set, and after an outage, in which nobody could claim."""
        moment, reading, previous = db.now(), monotonic(), self._looked_at
        if previous is None:
            seen, elapsed = store.last_seen(session), None
        else:
            seen, elapsed = previous[0], reading - previous[1]
        step = clock_step(seen, moment, elapsed) if seen else timedelta(0)
        if step or previous is None:
            claim = self._transitions.terms.claim_seconds
            least = min(_LEAST_CLAIM_SECONDS, claim) if previous is None else 0.0
            self._move_deadlines(session, step, moment, least)
        self._looked_at = (moment, reading)
        if step or previous is None or reading - self._noted_at >= _CLOCK_SECONDS:
            self._noted_at = reading
            store.note_seen(session, moment)

    @staticmethod
    def _move_deadlines(
        session: Session, step: timedelta, moment: datetime, least_seconds: float
    ) -> None:
        rows: Sequence[TicketRow] = store.with_lease(session)
        for row in rows:
            if row.deadline is None or row.state not in HOLDS_LEASE:
                continue
            row.deadline = moved_deadline(row.deadline, step, moment, least_seconds)
            if row.state == "offered":
                messages.tell_offered(session, row)
