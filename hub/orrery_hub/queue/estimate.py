"""Expected waits as ranges: many possible futures of a pool are played through.

How long a lease lasts is not known, only how long others lasted: the Kaplan-Meier estimate of their durations, in
which those that still run count as "at least so long". A running lease of age a lasts on as those do that reached
a, and ends at its limit at the latest. The range of a quantile on each side is then widened or narrowed by how far
earlier ranges missed what came true (conformal prediction), because nobody knows who will come and pass before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
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


def expected_waits(
    running: Sequence[Running],
    queue: Sequence[int],
    durations: Durations,
    *,
    devices_total: int,
    limit_seconds: float | None = None,
    handover_seconds: float = 30.0,
    seed: int = 0,
    samples: int = SAMPLES,
) -> list[WaitRange]:
    """When each ticket of a queue will be offered its devices, from now.

    ``queue`` are the devices of the tickets in their order; none needs more than there are. ``handover_seconds`` is
    how long an offer stands on average until it is claimed or missed, while its devices do nothing.
    """
    random = np.random.default_rng(seed)
    # When each device is free, for every future: shape (samples, devices), sorted by time.
    free = np.zeros((samples, devices_total))
    column = 0
    for lease in running:
        whole = durations.sample(lease.age_seconds, random.random(samples))
        if lease.limit_seconds is not None:
            whole = np.minimum(whole, max(lease.limit_seconds, lease.age_seconds))
        width = min(lease.devices, devices_total - column)
        free[:, column : column + width] = (whole - lease.age_seconds)[:, None]
        column += width
    free.sort(axis=1)
    ranges, earliest = [], np.zeros(samples)
    for devices in queue:
        # In order: nobody is offered anything before the ticket in front.
        start = np.maximum(earliest, free[:, devices - 1] if devices else 0.0)
        ranges.append(_range(start))
        held = random.exponential(handover_seconds, samples) + durations.sample(
            0.0, random.random(samples)
        )
        if limit_seconds is not None:
            held = np.minimum(held, limit_seconds)
        if devices:
            free[:, :devices] = (start + held)[:, None]
            free.sort(axis=1)
        earliest = start
    return ranges


def _range(waits: Floats) -> WaitRange:
    edge = (1 - COVERAGE) / 2
    low, high = np.quantile(waits, [edge, 1 - edge])
    return WaitRange(low_seconds=math.floor(low), high_seconds=math.ceil(high))


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
