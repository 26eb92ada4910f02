"""The queue of a pool as it is now: order, places, causes, expected waits."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy.orm import Session

from orrery_hub.base import db
from orrery_hub.base.contracts import LaunchRequest, Leases
from orrery_hub.queue import store
from orrery_hub.queue.estimate import Durations, Running, corrected, correction_of, expected_waits
from orrery_hub.queue.fair_share import decayed_use
from orrery_hub.queue.ordering import Waiting, order
from orrery_hub.queue.store import TicketRow
from orrery_wire.queue import WaitRange

# A place is at most so old; within it, everybody who asks is answered from one look.
FRESH_SECONDS = 2.0
_HISTORY = timedelta(days=90)
_MAX_HISTORY = 500
# The wait of those behind is that of the last of these at least.
_MAX_SIMULATED = 500
_HANDOVER_SECONDS = 60.0
# A pool that has no limit of devices has room for everything.
UNLIMITED = 1_000_000


@dataclass(frozen=True)
class PoolView:
    """Places (1 for the next) and ranges of the tickets that wait for a pool, by id."""

    places: dict[int, int] = field(default_factory=dict)
    waits: dict[int, WaitRange] = field(default_factory=dict)


class QueueView:
    """Reads the queues of pools. ``half_life_seconds`` is after how long use counts half."""

    def __init__(self, leases: Leases, *, half_life_seconds: float, aging_seconds: float) -> None:
        self._leases = leases
        self._half_life_seconds = half_life_seconds
        self._aging_seconds = aging_seconds
        self._cache: dict[int, tuple[float, PoolView]] = {}
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Look anew at the next question: something has changed."""
        with self._lock:
            self._cache.clear()

    def of_pool(self, session: Session, pool_id: int) -> PoolView:
        """The queue of a pool, at most two seconds old."""
        with self._lock:
            cached = self._cache.get(pool_id)
        if cached and monotonic() - cached[0] < FRESH_SECONDS:
            return cached[1]
        looked_at = monotonic()
        tickets = self.ordered(session, store.waiting(session, pool_id))
        ranges = self._ranges(session, pool_id, tickets)
        view = PoolView(
            {ticket.id: place for place, ticket in enumerate(tickets, start=1)},
            {ticket.id: wait for ticket, wait in zip(tickets, ranges, strict=False)},
        )
        with self._lock:
            self._cache[pool_id] = (looked_at, view)
        return view

    def ordered(
        self, session: Session, rows: Sequence[TicketRow], extra: Sequence[Waiting] = ()
    ) -> list[Waiting]:
        """Tickets that wait for one pool, in the order in which they are offered devices."""
        moment = db.now()
        waiting = [*(store.as_waiting(row, moment) for row in rows), *extra]
        people = {ticket.person_id for ticket in waiting}
        held = store.uses(session, people, moment, self._half_life_seconds)
        use = {
            person: decayed_use(uses, moment, self._half_life_seconds)
            for person, uses in held.items()
        }
        return order(waiting, use, aging_seconds=self._aging_seconds)

    def estimate(
        self, session: Session, request: LaunchRequest, *, is_corrected: bool = True
    ) -> tuple[int, WaitRange | None]:
        """Place and range of a ticket that would be taken now."""
        newcomer = Waiting(0, request.person_id, request.devices, store.next_turn(session))
        rows = store.waiting(session, request.pool_id)
        tickets = self.ordered(session, rows, [newcomer])
        place = next(n for n, ticket in enumerate(tickets, start=1) if ticket.id == 0)
        ranges = self._ranges(session, request.pool_id, tickets[:place], is_corrected=is_corrected)
        return place, ranges[-1] if len(ranges) == place else None

    def range_at_start(self, session: Session, row: TicketRow) -> WaitRange | None:
        """The range of a ticket that has just begun to wait, without the correction."""
        tickets = self.ordered(session, store.waiting(session, row.pool_id))
        place = next((n for n, t in enumerate(tickets, start=1) if t.id == row.id), 0)
        ranges = self._ranges(session, row.pool_id, tickets[:place], is_corrected=False)
        return ranges[-1] if place and len(ranges) == place else None

    def _ranges(
        self,
        session: Session,
        pool_id: int,
        tickets: Sequence[Waiting],
        *,
        is_corrected: bool = True,
    ) -> list[WaitRange]:
        """The ranges of tickets in their order; none from the first on that the pool can never serve."""
        capacity = self._leases.capacity(session, pool_id)
        total = capacity.total if capacity.total is not None else capacity.max_servers
        if not total or not tickets:
            return []
        # A pool without devices counts servers.
        is_servers = capacity.total is None
        moment = db.now()
        open_leases = self._leases.open(session, pool_id=pool_id)
        running = [
            Running(
                1 if is_servers else lease.devices,
                _age(lease.started_at or lease.reserved_at, moment),
            )
            for lease in open_leases
            if is_servers or lease.devices
        ]
        ended = self._leases.ended(session, pool_id, since=moment - _HISTORY, limit=_MAX_HISTORY)
        history = [
            _age(lease.started_at, lease.ended_at)
            for lease in ended
            if lease.started_at and lease.ended_at
        ]
        sizes = [1 if is_servers else ticket.devices for ticket in tickets[:_MAX_SIMULATED]]
        if any(size > total for size in sizes):
            sizes = sizes[: next(n for n, size in enumerate(sizes) if size > total)]
        ranges = expected_waits(
            running,
            sizes,
            Durations(history, [lease.age_seconds for lease in running]),
            devices_total=total,
            handover_seconds=_HANDOVER_SECONDS,
            seed=pool_id,
        )
        if not is_corrected:
            return ranges
        correction = correction_of(store.outcomes(session, pool_id, moment))
        return [corrected(wait, correction) for wait in ranges]


def _age(begin: datetime, end: datetime) -> float:
    return max(0.0, (end - begin).total_seconds())
