"""A clock that was set is not believed until it has gone on steadily."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orrery_hub.base.steady_clock import SteadyClock
from tests.hub.leases import Clock


@given(
    st.lists(st.tuples(st.sampled_from([1, 10, 60]), st.sampled_from([0, 0, 0, 3, 60, -60, 3600])))
)
def test_a_minute_goes_by_after_each_step(events: list[tuple[int, int]]) -> None:
    clock = Clock()
    steady = SteadyClock(clock, clock.monotonic)
    assert steady.read() == clock.moment
    since: float | None = None
    for seconds, step in events:
        clock.go(seconds)
        clock.set(step)
        if abs(step) > 5:
            since = clock.ticks
        is_steady = since is None or clock.ticks - since >= 60
        assert steady.read() == (clock.moment if is_steady else None)
        assert steady.is_steady == is_steady
        if is_steady:
            since = None
