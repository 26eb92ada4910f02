"""The queue of a pool as it is now: order, places, causes, expected waits."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy.orm import Session

from orrery_hub.base import db
from orrery_hub.base.contracts import LaunchRequest, Leases
from orrery_hub.queue import store
from orrery_hub.queue.estimate import PoolForecast, PoolPicture, Queued, Running, forecast_of
from orrery_hub.queue.fair_share import decayed_use
from orrery_hub.queue.ordering import Waiting, order
from orrery_hub.queue.store import TicketRow
from orrery_wire.queue import WaitRange

# A place is at most so old, and waits are estimated at most so often; within it, everybody is answered from one look.
FRESH_SECONDS = 2.0
_HISTORY = timedelta(days=90)
_MAX_HISTORY = 500
# The waits of those behind are not estimated.
_MAX_SIMULATED = 500
# So many leases that run, and so many sizes of newcomers.
_MAX_RUNNING = 2_000
_MAX_SIZES = 12
# A pool that has no limit of devices has room for everything.
UNLIMITED = 1_000_000


@dataclass(frozen=True)
class PoolView:
    """Places (1 for the next) and ranges of the tickets that wait for a pool, by id; ``raw`` are without correction."""

    places: Mapping[int, int] = field(default_factory=dict)
    waits: Mapping[int, WaitRange] = field(default_factory=dict)
    raw: Mapping[int, WaitRange] = field(default_factory=dict)


@dataclass(frozen=True)
class _Line:
    """The tickets of a pool in their order, and what their people used, as of a moment."""

    at: float
    tickets: Sequence[Waiting]
    use: Mapping[int, float]


@dataclass(frozen=True)
class _Estimate:
    """The waits in a pool as of a moment; ``ids`` are the tickets in the order in which their waits are given."""

    at: float
    ids: Mapping[int, int]
    forecast: PoolForecast
    is_servers: bool

    def wait(self, ticket: Waiting, place: int, *, is_raw: bool = False) -> WaitRange | None:
        """The wait of a ticket at a place; of one that came later, as of a newcomer there."""
        known = self.forecast.raw if is_raw else self.forecast.calibrated
        number = self.ids.get(ticket.id)
        if number is not None and number < len(known.waits):
            return known.waits[number]
        if len(self.ids) < _MAX_SIMULATED:
            # Who came after the estimate, behind others who did: as behind all who were there, until the next.
            place = min(place, len(self.ids) + 1)
        return known.newcomer(1 if self.is_servers else ticket.devices, place)


class QueueView:
    """Reads the queues of pools. ``half_life_seconds`` is after how long use counts half.

    Waits are estimated once for all who ask within two seconds, whatever changes meanwhile; never within a transaction
    that writes, for which everybody else would wait.
    """

    def __init__(self, leases: Leases, *, half_life_seconds: float, aging_seconds: float) -> None:
        self._leases = leases
        self._half_life_seconds = half_life_seconds
        self._aging_seconds = aging_seconds
        self._lines: dict[int, _Line] = {}
        self._estimates: dict[int, _Estimate] = {}
        self._lock = threading.Lock()
        # Held by who estimates; the others take the estimate that is there.
        self._turns: dict[int, threading.Lock] = {}

    def forget(self) -> None:
        """Look at places anew at the next question: something has changed."""
        with self._lock:
            self._lines.clear()

    def of_pool(self, session: Session, pool_id: int) -> PoolView:
        """The queue of a pool, at most two seconds old."""
        line = self._line(session, pool_id)
        estimate = self._estimate(session, pool_id, line)
        places = {ticket.id: place for place, ticket in enumerate(line.tickets, start=1)}
        waits, raw = {}, {}
        for ticket in line.tickets:
            place = places[ticket.id]
            if (wait := estimate.wait(ticket, place)) is not None:
                waits[ticket.id] = wait
            if (wait := estimate.wait(ticket, place, is_raw=True)) is not None:
                raw[ticket.id] = wait
        return PoolView(places, waits, raw)

    def places(self, session: Session, pool_id: int) -> Mapping[int, int]:
        """The places of the tickets that wait for a pool, without their waits."""
        line = self._line(session, pool_id)
        return {ticket.id: place for place, ticket in enumerate(line.tickets, start=1)}

    def estimate(self, session: Session, request: LaunchRequest) -> tuple[int, WaitRange | None]:
        """Place and range of a ticket that would be taken now."""
        line = self._line(session, request.pool_id)
        last = max((ticket.turn for ticket in line.tickets), default=0)
        newcomer = Waiting(0, request.person_id, request.devices, last + 1)
        use = line.use
        if request.person_id not in use:
            use = {**use, **self._use(session, [request.person_id], db.now())}
        tickets = order([*line.tickets, newcomer], use, aging_seconds=self._aging_seconds)
        place = next(n for n, ticket in enumerate(tickets, start=1) if ticket.id == 0)
        estimate = self._estimate(session, request.pool_id, line)
        return place, estimate.wait(newcomer, place)

    def ordered(self, session: Session, rows: Sequence[TicketRow]) -> list[Waiting]:
        """Tickets that wait for one pool, in the order in which they are offered devices."""
        moment = db.now()
        waiting = [store.as_waiting(row, moment) for row in rows]
        use = self._use(session, {ticket.person_id for ticket in waiting}, moment)
        return order(waiting, use, aging_seconds=self._aging_seconds)

    def _use(self, session: Session, people: Collection[int], moment: datetime) -> dict[int, float]:
        held = store.uses(session, people, moment, self._half_life_seconds)
        used = {
            person: decayed_use(uses, moment, self._half_life_seconds)
            for person, uses in held.items()
        }
        return {person: used.get(person, 0.0) for person in people}

    def _line(self, session: Session, pool_id: int) -> _Line:
        with self._lock:
            line = self._lines.get(pool_id)
        if line is not None and monotonic() - line.at < FRESH_SECONDS:
            return line
        looked_at, moment = monotonic(), db.now()
        waiting = [store.as_waiting(row, moment) for row in store.waiting(session, pool_id)]
        use = self._use(session, {ticket.person_id for ticket in waiting}, moment)
        line = _Line(looked_at, order(waiting, use, aging_seconds=self._aging_seconds), use)
        with self._lock:
            self._lines[pool_id] = line
        return line

    def _estimate(self, session: Session, pool_id: int, line: _Line) -> _Estimate:
        with self._lock:
            known = self._estimates.get(pool_id)
            turn = self._turns.setdefault(pool_id, threading.Lock())
        if known is not None and monotonic() - known.at < FRESH_SECONDS:
            return known
        if not turn.acquire(blocking=known is None):
            return known or _Estimate(0.0, {}, PoolForecast(), is_servers=False)
        try:
            with self._lock:
                latest = self._estimates.get(pool_id)
            if latest is not None and latest is not known:
                return latest  # whoever had the turn before has just made it
            estimate = self._estimated(session, pool_id, line.tickets[:_MAX_SIMULATED])
            with self._lock:
                self._estimates[pool_id] = estimate
            return estimate
        finally:
            turn.release()

    def _estimated(self, session: Session, pool_id: int, tickets: Sequence[Waiting]) -> _Estimate:
        capacity = self._leases.capacity(session, pool_id)
        total = capacity.total if capacity.total is not None else capacity.max_servers
        # A pool without devices counts servers.
        is_servers = capacity.total is None
        moment = db.now()
        if not total:
            return _Estimate(monotonic(), {}, PoolForecast(), is_servers)
        limits = store.time_limits(session, pool_id)
        profiles = store.profiles_of(session, [ticket.id for ticket in tickets])
        open_leases = self._leases.open(session, pool_id=pool_id)[:_MAX_RUNNING]
        ended = self._leases.ended(session, pool_id, since=moment - _HISTORY, limit=_MAX_HISTORY)
        sizes = {1} if is_servers else store.sizes(session, pool_id)
        picture = PoolPicture(
            devices_total=total,
            running=[
                Running(
                    1 if is_servers else lease.devices,
                    _age(lease.started_at or lease.reserved_at, moment),
                    limits.get(lease.profile_id or 0),
                )
                for lease in open_leases
                if is_servers or lease.devices
            ],
            queue=[
                Queued(1 if is_servers else ticket.devices, limits.get(profiles.get(ticket.id, 0)))
                for ticket in tickets
            ],
            ended=[
                _age(lease.started_at, lease.ended_at)
                for lease in ended
                if lease.started_at and lease.ended_at
            ],
            outcomes=store.outcomes(session, pool_id, moment),
            newcomers=sorted(sizes | {ticket.devices for ticket in tickets})[:_MAX_SIZES],
            seed=pool_id,
        )
        ids = {ticket.id: number for number, ticket in enumerate(tickets)}
        return _Estimate(monotonic(), ids, forecast_of(picture), is_servers)


def _age(begin: datetime, end: datetime) -> float:
    return max(0.0, (end - begin).total_seconds())
