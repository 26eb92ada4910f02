"""The life of a ticket as a machine, and deadlines under clocks that are set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery_hub.queue.ticket_state import (
    HOLDS_LEASE,
    OPEN,
    TRANSITIONS,
    Event,
    InvalidTransitionError,
    after,
    clock_step,
    moved_deadline,
)
from orrery_wire.queue import TicketState

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
seconds = st.floats(-1e6, 1e6)


@given(st.lists(st.sampled_from(get_args(Event)), max_size=12))
def test_a_ticket_ends_once_and_holds_a_lease_only_between_offer_and_end(
    events: list[Event],
) -> None:
    state: TicketState = "waiting"
    leases = 0
    for event in events:
        if (state, event) not in TRANSITIONS:
            with pytest.raises(InvalidTransitionError, match=state):
                after(state, event)
            continue
        new = after(state, event)
        assert state in OPEN
        leases += (new in HOLDS_LEASE) - (state in HOLDS_LEASE)
        assert leases == (new in HOLDS_LEASE)
        state = new


def test_every_state_is_reached_and_every_open_state_can_end() -> None:
    reached = {"waiting", *TRANSITIONS.values()}
    assert reached == set(get_args(TicketState))
    for state in OPEN:
        assert after(state, "cancel") == "cancelled"
        assert after(state, "fail") == "failed"
    for state in reached - OPEN:
        for event in get_args(Event):
            with pytest.raises(InvalidTransitionError):
                after(state, event)


@given(elapsed=st.floats(0, 1e5), step=seconds)
def test_a_clock_that_is_set_is_seen_and_a_slow_one_is_not(elapsed: float, step: float) -> None:
    current = NOW + timedelta(seconds=elapsed + step)
    found = clock_step(NOW, current, elapsed).total_seconds()
    assert found == pytest.approx(step if abs(found) else 0.0, abs=1e-3)
    assert bool(found) == (abs(step) >= 5) or abs(abs(step) - 5) < 1e-3


@given(elapsed=st.floats(0, 1e5))
def test_after_a_restart_only_a_clock_that_went_back_is_seen(elapsed: float) -> None:
    assert clock_step(NOW, NOW + timedelta(seconds=elapsed), None) == timedelta(0)
    assert clock_step(NOW, NOW - timedelta(seconds=elapsed + 1), None) < timedelta(0)


@given(left=st.floats(0, 1e4), step=seconds)
def test_an_offer_stands_as_long_as_before_the_clock_was_set(left: float, step: float) -> None:
    current = NOW + timedelta(seconds=step)
    moved = moved_deadline(
        NOW + timedelta(seconds=left), timedelta(seconds=step), current, least_seconds=0
    )
    assert (moved - current).total_seconds() == pytest.approx(left, abs=1e-3)


@given(left=seconds)
def test_after_an_outage_there_is_time_to_claim(left: float) -> None:
    moved = moved_deadline(NOW + timedelta(seconds=left), timedelta(0), NOW, least_seconds=120)
    assert (moved - NOW).total_seconds() == pytest.approx(max(left, 120), abs=1e-3)
