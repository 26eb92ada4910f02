"""Expected waits as ranges: many possible futures of a pool are played through.

How long a lease lasts is not known, only how long others lasted: the Kaplan-Meier estimate of their durations, in
which those that still run count as "at least so long". A running lease of age a lasts on as those do that reached
a, and ends at its limit at the latest. The range of a quantile on each side is then widened or narrowed by how far
earlier ranges missed what came true (conformal prediction), because nobody knows who will come and pass before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from orrery_wire.queue import WaitRange

Floats: TypeAlias = NDArray[np.float64]  # shape (n,): seconds

# The ranges are to hold for at least four in five waits; what is aimed at leaves room for chance.
COVERAGE = 0.9
SAMPLES = 200
_FEW_OUTCOMES = 20
# Waits are compared by their ratio; so many seconds are added, so that a wait of a second is not infinitely far from
# one of two.
_SOFTENING_SECONDS = 60.0
_LEAST_CORRECTION, _GREATEST_CORRECTION = -0.7, 3.0
# Before a pool has a history: an hour, give or take a factor of five. They weigh as much as so few leases.
_PRIOR: Floats = 3600.0 * np.exp(
    1.6 * np.array([-1.28, -0.84, -0.52, -0.25, 0, 0.25, 0.52, 0.84, 1.28])
)


@dataclass(frozen=True)
class Running:
    """A lease that holds devices; ``limit_seconds`` is after how long it is ended, if it is."""

    devices: int
    age_seconds: float
    limit_seconds: float | None = None


class Durations:
    """How long leases last: the Kaplan-Meier estimate from those that ended and those that still run."""

    def __init__(self, ended: Sequence[float], running: Sequence[float] = ()) -> None:
        durations = np.concatenate([_PRIOR, np.asarray(ended, dtype=np.float64)])
        ages = np.asarray(running, dtype=np.float64)
        times = np.concatenate([durations, ages])
        is_end = np.concatenate([np.ones(len(durations)), np.zeros(len(ages))])
        # Of a lease that ended and a running one of the same age, the former left first.
        by_time = np.lexsort((-is_end, times))
        times, is_end = times[by_time], is_end[by_time]
        at_risk = np.arange(len(times), 0, -1)
        survival: Floats = np.cumprod(1 - is_end / at_risk, dtype=np.float64)
        self._times: Floats = times[is_end > 0]
        self._survival: Floats = survival[is_end > 0]
        # Beyond what was ever seen, leases end as fast as on average.
        self._tail_seconds = max(60.0, float(times.sum() / is_end.sum()))

    def sample(self, age: float, uniform: Floats) -> Floats:
        """Whole durations of leases that have lasted ``age`` seconds; ``uniform`` are numbers between 0 and 1."""
        reached = int(np.searchsorted(self._times, age, side="right"))
        start = self._survival[reached - 1] if reached else 1.0
        if start <= 0:
            return age - self._tail_seconds * np.log1p(-uniform)
        target = start * (1 - uniform)
        # The first time at which so few are left.
        index = np.searchsorted(-self._survival, -target, side="left")
        last = len(self._times) - 1
        beyond = max(age, self._times[last]) - self._tail_seconds * np.log1p(-uniform)
        return np.where(
            index <= last, np.maximum(age, self._times[np.minimum(index, last)]), beyond
        )


@dataclass(frozen=True)
class Queued:
    """A ticket that waits: its devices, and after how long its server is ended, if it is."""

    devices: int
    limit_seconds: float | None = None


@dataclass(frozen=True)
class Forecast:
    """Waits of the tickets of a queue in their order, and of newcomers by their devices and place (the first is 1).

    There are as many tickets as the pool can serve; the last place is that behind all of them.
    """

    waits: Sequence[WaitRange] = ()
    newcomers: Mapping[int, Sequence[WaitRange]] = field(default_factory=dict)

    def newcomer(self, devices: int, place: int) -> WaitRange | None:
        """The wait of somebody who comes to a place; None if it is not known."""
        waits = self.newcomers.get(devices, ())
        return waits[place - 1] if 0 < place <= len(waits) else None


def forecast(
    running: Sequence[Running],
    queue: Sequence[Queued],
    durations: Durations,
    *,
    devices_total: int,
    newcomers: Sequence[int] = (),
    handover_seconds: float = 30.0,
    seed: int = 0,
    samples: int = SAMPLES,
) -> Forecast:
    """When each ticket of a queue will be offered its devices, from now, and when newcomers of several sizes would be.

    Tickets from the first on that needs more than there is are left out. ``handover_seconds`` is how long an offer stands
    on average until it is claimed or missed, while its devices do nothing. Time and memory grow with the devices that
    are held and requested, not with those that there are.
    """
    random = np.random.default_rng(seed)
    fitting = next((n for n, t in enumerate(queue) if t.devices > devices_total), len(queue))
    queue = queue[:fitting]
    sizes = sorted({size for size in newcomers if size <= devices_total})
    # More than these are never needed: each ticket takes those that are free first.
    needed = min(devices_total, sum(t.devices for t in queue) + max(sizes, default=0))
    free = _free_times(running, durations, random, devices_total, needed, samples)
    starts: list[Floats] = []
    others: dict[int, list[Floats]] = {size: [] for size in sizes}
    earliest = np.zeros(samples)
    for number in range(len(queue) + 1):
        for size, own in others.items():
            own.append(np.maximum(earliest, free[:, size - 1] if size else 0.0))
        if number == len(queue):
            break
        ticket = queue[number]
        # In order: nobody is offered anything before the ticket in front.
        start = np.maximum(earliest, free[:, ticket.devices - 1] if ticket.devices else 0.0)
        starts.append(start)
        held = random.exponential(handover_seconds, samples) + durations.sample(
            0.0, random.random(samples)
        )
        if ticket.limit_seconds is not None:
            held = np.minimum(held, ticket.limit_seconds)
        if ticket.devices:
            free[:, : ticket.devices] = (start + held)[:, None]
            free.sort(axis=1, kind="stable")  # fast where most is in order already
        earliest = start
    return Forecast(_ranges(starts), {size: _ranges(own) for size, own in others.items()})


def _free_times(
    running: Sequence[Running],
    durations: Durations,
    random: np.random.Generator,
    devices_total: int,
    needed: int,
    samples: int,
) -> Floats:
    """When each device is free, for every future: shape (samples, needed), sorted by time."""
    held = min(devices_total, sum(lease.devices for lease in running))
    idle = min(devices_total - held, needed)
    free = np.zeros((samples, held + idle))
    column = 0
    for lease in running:
        whole = durations.sample(lease.age_seconds, random.random(samples))
        if lease.limit_seconds is not None:
            whole = np.minimum(whole, max(lease.limit_seconds, lease.age_seconds))
        width = min(lease.devices, held - column)
        free[:, column : column + width] = (whole - lease.age_seconds)[:, None]
        column += width
    free.sort(axis=1)
    return free[:, :needed].copy()


def _ranges(waits: Sequence[Floats]) -> list[WaitRange]:
    if not waits:
        return []
    edge = (1 - COVERAGE) / 2
    lows, highs = np.quantile(np.stack(waits), [edge, 1 - edge], axis=1)
    return [
        WaitRange(low_seconds=math.floor(low), high_seconds=math.ceil(high))
        for low, high in zip(lows, highs, strict=True)
    ]


def corrected(wait: WaitRange, correction: float) -> WaitRange:
    """A range that is widened (or narrowed, if it is negative) by what ``correction_of`` gives."""
    if wait.high_seconds == 0:
        return wait
    low = wait.low_seconds + _SOFTENING_SECONDS
    high = wait.high_seconds + _SOFTENING_SECONDS
    middle = math.sqrt(low * high)
    low = min(low * math.exp(-correction), middle) - _SOFTENING_SECONDS
    high = max(high * math.exp(correction), middle) - _SOFTENING_SECONDS
    return WaitRange(low_seconds=max(0, math.floor(low)), high_seconds=math.ceil(high))


@dataclass(frozen=True)
class Outcome:
    """A wait, and the range that was told for it at its beginning, without correction.

    A wait that is not over and longer than its range already counts too: else only short waits would be known.
    """

    low_seconds: float
    high_seconds: float
    actual_seconds: float


def correction_of(outcomes: Sequence[Outcome]) -> float:
    """By which factor (as a logarithm) ranges have to be widened so that they would have held often enough.

    0 until there are enough outcomes to learn from.
    """
    if len(outcomes) < _FEW_OUTCOMES:
        return 0.0
    scores = np.array([_score(outcome) for outcome in outcomes])
    level = min(1.0, COVERAGE * (len(outcomes) + 1) / len(outcomes))
    correction = float(np.quantile(scores, level, method="higher"))
    return min(max(correction, _LEAST_CORRECTION), _GREATEST_CORRECTION)


def _score(outcome: Outcome) -> float:
    """How far the wait lies outside of its range, as a logarithm of the ratio; negative inside of it."""
    actual = outcome.actual_seconds + _SOFTENING_SECONDS
    return max(
        math.log((outcome.low_seconds + _SOFTENING_SECONDS) / actual),
        math.log(actual / (outcome.high_seconds + _SOFTENING_SECONDS)),
    )


@dataclass(frozen=True)
class PoolPicture:
    """What an estimate of a pool's waits is made from. ``ended`` are the durations of leases that have ended, in seconds."""

    devices_total: int
    running: Sequence[Running]
    queue: Sequence[Queued]
    ended: Sequence[float]
    outcomes: Sequence[Outcome]
    newcomers: Sequence[int] = ()
    handover_seconds: float = 60.0
    seed: int = 0


@dataclass(frozen=True)
class PoolForecast:
    """The ranges that are told, and those without the correction, by which they are judged later."""

    calibrated: Forecast = field(default_factory=Forecast)
    raw: Forecast = field(default_factory=Forecast)


def forecast_of(picture: PoolPicture) -> PoolForecast:
    """The waits in a pool."""
    durations = Durations(picture.ended, [lease.age_seconds for lease in picture.running])
    raw = forecast(
        picture.running,
        picture.queue,
        durations,
        devices_total=picture.devices_total,
        newcomers=picture.newcomers,
        handover_seconds=picture.handover_seconds,
        seed=picture.seed,
    )
    correction = correction_of(picture.outcomes)
    calibrated = Forecast(
        [corrected(wait, correction) for wait in raw.waits],
        {
            size: [corrected(wait, correction) for wait in waits]
            for size, waits in raw.newcomers.items()
        },
    )
    return PoolForecast(calibrated, raw)
