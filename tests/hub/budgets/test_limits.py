"""What a budget allows, and when a running server is warned and stopped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orrery_hub.budgets.limits import GRACE, Position, decide, period_end, period_start
from orrery_wire.budgets import Period
from tests.loops import each

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)


@each(
    "period, start, end",
    [
        ("month", datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)),
        ("quarter", datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        ("year", datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        ("total", None, None),
    ],
)
def test_periods_begin_with_the_month_in_utc(
    period: Period, start: datetime | None, end: datetime | None
) -> None:
    assert (period_start(period, NOW), period_end(period, NOW)) == (start, end)


@given(
    st.sampled_from(["month", "quarter", "year"]),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda m: m.replace(tzinfo=UTC)),
)
def test_periods_follow_each_other_without_a_gap(period: Period, moment: datetime) -> None:
    start, end = period_start(period, moment), period_end(period, moment)
    assert start is not None
    assert end is not None
    assert start <= moment < end
    assert period_start(period, end) == end
    assert period_end(period, end - timedelta(microseconds=1)) == end


@each(
    "limit, used, level, percent",
    [
        (100, 0, 0, 0),
        (100, 79, 0, 79),
        (100, 80, 80, 80),
        (100, 94, 80, 94),
        (100, 95, 95, 95),
        (100, 100, 100, 100),
        (100, 250, 100, 250),
        (0, 0, 100, 100),
        (3, 2, 0, 66),
    ],
)
def test_levels_are_reached_exactly(limit: int, used: int, level: int, percent: int) -> None:
    position = Position(limit, used)
    assert (position.level, position.percent) == (level, percent)


def test_a_start_needs_enough_for_a_few_minutes() -> None:
    assert Position(100, 0).allows(20)
    assert not Position(100, 1).allows(20)
    assert Position(100, 100).allows(0)
    assert Position(100, 0, burn=10).allows(10)
    assert not Position(100, 0, burn=11).allows(10)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 500), st.integers(0, 900))
def test_a_server_stops_at_the_limit_and_never_without_a_warning(
    limit: int, used: int, demand: int, ago: int
) -> None:
    position = Position(limit, used, demand)
    unwarned = decide(position, demand, None, NOW)
    assert unwarned != "stop"
    warned = decide(position, demand, NOW - timedelta(seconds=ago), NOW)
    assert (warned == "stop") == (demand > 0 and used >= limit and timedelta(seconds=ago) >= GRACE)
    assert (unwarned == "run") == (
        demand == 0 or (limit - used > 0 and (limit - used) > 10 * demand)
    )


@given(st.integers(1, 64), st.integers(1, 5000), st.integers(0, 59), st.integers(1, 10))
def test_it_ends_within_a_minute_of_the_limit(
    demand: int, limit: int, offset: int, tick: int
) -> None:
    """Charged at each whole minute, looked at every few seconds from any second on."""
    second, warned_at = offset, None
    exceeded: int | None = None
    while True:
        used = second // 60 * demand
        if used >= limit and exceeded is None:
            exceeded = second // 60 * 60
        now = NOW + timedelta(seconds=second)
        decision = decide(Position(limit, used, demand), demand, warned_at, now)
        if decision == "stop":
            break
        if decision == "warn" and warned_at is None:
            warned_at = now
        second += tick if limit - used <= 12 * demand else 60
    assert exceeded is not None
    assert second - exceeded <= 60
    assert warned_at is not None
