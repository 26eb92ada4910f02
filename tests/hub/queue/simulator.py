"""A pool that is asked for devices a thousand times, with the queue's own order, plan and estimate."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from orrery_hub.queue.estimate import Outcome, PoolPicture, Queued, Running, forecast_of
from orrery_hub.queue.fair_share import Use, decayed_use
from orrery_hub.queue.ordering import Waiting, order
from orrery_hub.queue.plan import plan
from orrery_wire.queue import WaitRange

START = datetime(2026, 11, 2, tzinfo=UTC)
DAY = 86_400.0
KEPT_OUTCOMES = 200


@dataclass(frozen=True)
class Trace:
    """What kind of people ask for how much, when and for how long."""

    requests: int = 1_000
    devices: int = 8
    people: int = 40
    load: float = 1.1
    median_seconds: float = 5_400.0
    spread: float = 1.1
    limit_seconds: float | None = 12 * 3600.0
    sizes: tuple[int, ...] = (1, 1, 1, 1, 1, 1, 2, 2, 4)
    missed_share: float = 0.05
    seed: int = 1


@dataclass
class Request:
    ticket: Waiting
    created: float
    duration: float
    is_missed: bool
    told: WaitRange | None = None
    told_uncorrected: WaitRange | None = None
    offered: float | None = None


@dataclass
class Simulator:
    """Discrete events: a request comes, or a lease ends."""

    trace: Trace
    requests: list[Request] = field(default_factory=list)
    waiting: dict[int, Request] = field(default_factory=dict)
    running: dict[int, tuple[Request, float]] = field(default_factory=dict)
    history: list[tuple[int, Use]] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def run(self) -> list[Request]:
        """The requests that had to wait, each with the range that was told and the moment of its offer."""
        chance = random.Random(self.trace.seed)
        agenda: list[tuple[float, int, str, int]] = []
        for number, moment in enumerate(self._arrivals(chance)):
            heapq.heappush(agenda, (moment, number, "arrive", number))
        while agenda:
            moment, number, what, ticket = heapq.heappop(agenda)
            if what == "arrive":
                self._arrive(chance, ticket, moment)
            else:
                self._end(ticket, moment)
            for request in self._offer(moment):
                held = 600.0 if request.is_missed else chance.expovariate(1 / 60) + request.duration
                heapq.heappush(agenda, (moment + held, request.ticket.id, "end", request.ticket.id))
            if what == "arrive" and ticket in self.waiting:
                self._tell(self.waiting[ticket], moment)
        return [request for request in self.requests if request.told]

    def _arrivals(self, chance: random.Random) -> list[float]:
        """Times of requests: more by day than by night, as many as the load asks for."""
        trace = self.trace
        mean = trace.median_seconds * 2.718 ** (trace.spread**2 / 2)
        if trace.limit_seconds:
            mean = min(mean, 0.8 * trace.limit_seconds)
        rate = trace.load * trace.devices / (mean * sum(trace.sizes) / len(trace.sizes))
        moments, now = [], 0.0
        while len(moments) < trace.requests:
            now += chance.expovariate(rate * 2)
            hour = (now % DAY) / 3600
            if chance.random() < (0.85 if 8 <= hour < 19 else 0.15):
                moments.append(now)
        return moments

    def _arrive(self, chance: random.Random, number: int, moment: float) -> None:
        trace = self.trace
        person = min(int(chance.paretovariate(0.9)), trace.people)
        duration = chance.lognormvariate(0, trace.spread) * trace.median_seconds
        if trace.limit_seconds:
            duration = min(duration, trace.limit_seconds)
        ticket = Waiting(
            number, person, chance.choice(trace.sizes), number, chance.choice((0, 0, 0, 0, -1))
        )
        request = Request(ticket, moment, duration, chance.random() < trace.missed_share)
        self.requests.append(request)
        self.waiting[number] = request

    def _end(self, number: int, moment: float) -> None:
        request, since = self.running.pop(number)
        self.durations.append(moment - since)
        if not request.is_missed:
            use = Use(request.ticket.devices, self._time(since), self._time(moment))
            self.history.append((request.ticket.person_id, use))

    def _offer(self, moment: float) -> list[Request]:
        free = self.trace.devices - sum(r.ticket.devices for r, _ in self.running.values())
        chosen = plan(
            self._order(moment), devices_total=self.trace.devices, devices_free=free, pool_name="p"
        )
        offers = []
        for number in chosen.offers:
            request = self.waiting.pop(number)
            request.offered = moment
            self.running[number] = (request, moment)
            if request.told_uncorrected:
                self.outcomes.append(
                    Outcome(
                        request.told_uncorrected.low_seconds,
                        request.told_uncorrected.high_seconds,
                        moment - request.created,
                    )
                )
            offers.append(request)
        return offers

    def _order(self, moment: float) -> list[Waiting]:
        now = self._time(moment)
        people = {request.ticket.person_id for request in self.waiting.values()}
        uses: dict[int, list[Use]] = {person: [] for person in people}
        for person, use in self.history[-600:]:
            if person in people:
                uses[person].append(use)
        for request, since in self.running.values():
            if request.ticket.person_id in people:
                uses[request.ticket.person_id].append(
                    Use(request.ticket.devices, self._time(since), None)
                )
        use = {person: decayed_use(own, now, 7 * DAY) for person, own in uses.items()}
        return order((r.ticket for r in self.waiting.values()), use, aging_seconds=DAY)

    def _tell(self, request: Request, moment: float) -> None:
        tickets = self._order(moment)
        place = next(n for n, t in enumerate(tickets) if t.id == request.ticket.id)
        limit = self.trace.limit_seconds
        late = [
            Outcome(told.low_seconds, told.high_seconds, moment - other.created)
            for other in self.waiting.values()
            if (told := other.told_uncorrected) and moment - other.created > told.high_seconds
        ]
        found = forecast_of(
            PoolPicture(
                devices_total=self.trace.devices,
                running=[
                    Running(r.ticket.devices, moment - since, limit)
                    for r, since in self.running.values()
                ],
                queue=[Queued(t.devices, limit) for t in tickets[: place + 1]],
                ended=self.durations[-500:],
                outcomes=[*self.outcomes[-KEPT_OUTCOMES:], *late],
                seed=request.ticket.id,
            )
        )
        request.told_uncorrected, request.told = found.raw.waits[-1], found.calibrated.waits[-1]

    @staticmethod
    def _time(moment: float) -> datetime:
        return START + timedelta(seconds=moment)
