"""Expected waits: four of five hold in simulated traces, and the ranges say something."""

from __future__ import annotations

import math
import statistics
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery_hub.queue.estimate import (
    Durations,
    Outcome,
    PoolPicture,
    Queued,
    Running,
    correction_of,
    forecast,
    forecast_of,
)
from tests.hub.queue.simulator import Request, Simulator, Trace

KINDS = (
    Trace(seed=11),
    Trace(seed=12, devices=1, sizes=(1,), load=0.9, people=8),
    Trace(seed=13, devices=64, sizes=(1, 1, 2, 8), load=1.05, people=200),
    Trace(seed=14, limit_seconds=None, spread=1.6, load=0.85),
    Trace(seed=15, load=0.7, median_seconds=600.0, spread=0.5),
    Trace(seed=16, load=1.3, missed_share=0.2),
)


def coverage(requests: list[Request]) -> float:
    hits = [
        r.told.low_seconds <= r.offered - r.created <= r.told.high_seconds
        for r in requests
        if r.told and r.offered is not None
    ]
    return sum(hits) / len(hits)


def check(trace: Trace) -> None:
    requests = Simulator(trace).run()
    assert len(requests) >= trace.requests // 12, "hardly anybody had to wait"
    assert all(request.offered is not None for request in requests), "a ticket was never offered"
    assert coverage(requests) >= 0.8, coverage(requests)
    # A range that holds everything says nothing: the upper end is within reach of what came true.
    ratios = [
        (r.told.high_seconds + 600) / (r.offered - r.created + 600)
        for r in requests
        if r.told and r.offered is not None
    ]
    assert statistics.median(ratios) <= 6.0, statistics.median(ratios)


def test_four_of_five_ranges_hold_for_a_thousand_requests() -> None:
    check(Trace(seed=1))


@pytest.mark.slow
@pytest.mark.parametrize("trace", KINDS, ids=lambda trace: f"seed {trace.seed}")
def test_four_of_five_ranges_hold_for_every_kind_of_pool(trace: Trace) -> None:
    check(trace)


durations = st.lists(st.floats(1, 1e6), max_size=30)
leases = st.lists(
    st.builds(Running, st.integers(1, 4), st.floats(0, 1e5), st.none() | st.floats(1, 1e5)),
    max_size=6,
)


@given(durations, durations, st.floats(0, 2e6))
def test_a_lease_never_ends_before_its_age(
    ended: list[float], running: list[float], age: float
) -> None:
    drawn = Durations(ended, running).sample(age, np.linspace(0, 0.999, 50))
    assert np.all(np.isfinite(drawn))
    assert np.all(drawn >= age)
    assert np.all(np.diff(drawn) >= 0)


@given(leases, st.lists(st.integers(0, 8), min_size=1, max_size=8), durations)
def test_waits_are_ranges_that_grow_along_the_queue(
    running: list[Running], queue: list[int], ended: list[float]
) -> None:
    tickets = [Queued(devices) for devices in queue]
    sizes = (0, 1, 8, 9)
    both = forecast(running, tickets, Durations(ended), devices_total=8, newcomers=sizes, seed=3)
    ranges = both.waits
    assert both.newcomers.keys() == {0, 1, 8}
    for waits in both.newcomers.values():
        assert len(waits) == len(queue) + 1
        assert [w.high_seconds for w in waits] == sorted(w.high_seconds for w in waits)
    last = len(queue) + 1
    assert both.newcomer(8, last + 1) is both.newcomer(9, 1) is both.newcomer(1, 0) is None
    assert both.newcomer(8, last) == both.newcomers[8][-1]
    assert len(ranges) == len(queue)
    for wait in ranges:
        assert 0 <= wait.low_seconds <= wait.high_seconds
    highs = [wait.high_seconds for wait in ranges]
    assert highs == sorted(highs)


def test_a_free_pool_has_no_wait_and_a_limit_is_the_longest() -> None:
    empty = forecast([], [Queued(1)], Durations([]), devices_total=2).waits
    assert empty[0].high_seconds == 0
    full = [Running(2, 3_000.0, limit_seconds=3_600.0)]
    long = Durations([100_000.0] * 200)
    (wait,) = forecast(full, [Queued(1)], long, devices_total=2).waits
    assert 0 < wait.high_seconds <= 600
    behind = [Queued(2, limit_seconds=1_200.0), Queued(1)]
    second = forecast(full, behind, long, devices_total=2).waits[1]
    assert 0 < second.high_seconds <= 600 + 1_200 + 600


def test_running_leases_count_as_at_least_so_long() -> None:
    """Ten short leases have ended, ninety run for a day: a lease lasts long."""
    naive = Durations([600.0] * 10)
    honest = Durations([600.0] * 10, [86_400.0] * 90)
    half = np.array([0.5])
    assert honest.sample(0.0, half)[0] > 10 * naive.sample(0.0, half)[0]


@given(
    st.lists(
        st.builds(Outcome, st.floats(0, 1e4), st.floats(1e4, 1e5), st.floats(0, 1e6)),
        min_size=20,
        max_size=60,
    )
)
def test_the_correction_would_have_covered_what_is_aimed_at(outcomes: list[Outcome]) -> None:
    factor = math.exp(correction_of(outcomes))
    hits = sum(
        (o.low_seconds + 60) / factor - 60
        <= o.actual_seconds
        <= (o.high_seconds + 60) * factor - 60 + 1e-6
        for o in outcomes
    )
    assert hits >= 0.8 * len(outcomes) or factor == pytest.approx(math.exp(3.0))


def test_few_outcomes_correct_nothing() -> None:
    assert correction_of([Outcome(1, 2, 1e6)] * 19) == 0.0


def test_what_there_is_costs_nothing_and_a_long_queue_little() -> None:
    """A pool of a million places is no larger than what is held and requested of it."""
    running = [Running(8, 60.0 * n) for n in range(64)]
    queue = [Queued(1 + n % 8) for n in range(300)]
    for total in (512, 1_000_000):
        picture = PoolPicture(total, running, queue, [3600.0] * 500, [], newcomers=(1, 2, 4, 8))
        begin = time.process_time()
        found = forecast_of(picture)
        assert time.process_time() - begin < 3
        assert len(found.calibrated.waits) == 300
    assert found.calibrated.waits[-1].high_seconds == 0
    # What is left out of many is what nobody needs: the waits are those of all devices.
    few = forecast(running, queue[:3], Durations([]), devices_total=512)
    all_of_them = forecast(running, queue[:3], Durations([]), devices_total=512, newcomers=[512])
    assert few.waits == all_of_them.waits


def test_nobody_behind_a_request_that_never_fits_is_given_a_wait() -> None:
    found = forecast([], [Queued(1), Queued(9), Queued(1)], Durations([]), devices_total=8)
    assert len(found.waits) == 1
