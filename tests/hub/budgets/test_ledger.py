"""The arithmetic of charged minutes: nothing is lost and nothing doubled, however time and intervals are cut."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orrery_hub.budgets.ledger import (
    MINUTES_PER_DAY,
    Quantity,
    Rate,
    Span,
    begin_of,
    due_span,
    excess,
    minute_of,
    missing,
    month_of,
    rate_at,
    span_of,
    split,
)
from tests.loops import each

BEGIN = datetime(2026, 10, 24, tzinfo=UTC)
SECONDS = st.integers(0, 4 * 24 * 3600 * 1_000_000).map(lambda n: BEGIN + timedelta(microseconds=n))
BERLIN = ZoneInfo("Europe/Berlin")


def minutes(span: Span) -> set[int]:
    return set(range(span.first, span.end))


@given(st.lists(SECONDS, min_size=2, max_size=12))
def test_an_interval_has_the_minutes_of_its_parts(moments: list[datetime]) -> None:
    """Wherever a service restarted, and however often."""
    moments.sort()
    parts = [span_of(a, b) for a, b in itertools.pairwise(moments)]
    whole = span_of(moments[0], moments[-1])
    assert sum(map(len, parts)) == len(whole)
    assert set().union(*map(minutes, parts)) == minutes(whole)


@given(SECONDS, SECONDS, st.integers(-14 * 4, 14 * 4))
def test_zones_and_summer_time_play_no_part(start: datetime, end: datetime, quarter: int) -> None:
    zone = timezone(timedelta(minutes=15 * quarter))
    local = span_of(start.astimezone(BERLIN), end.astimezone(zone))
    assert local == span_of(start, end)


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    day = datetime(2026, 10, 25, tzinfo=BERLIN)
    first, second = day.replace(hour=2, fold=0), day.replace(hour=2, fold=1)
    assert len(span_of(first.astimezone(UTC), second.astimezone(UTC))) == 60
    assert len(span_of(day.astimezone(UTC), (day + timedelta(days=1)).astimezone(UTC))) == 25 * 60


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        minute_of(datetime(2026, 1, 1))


@given(SECONDS, st.integers(0, 10**9))
def test_a_minute_belongs_to_who_holds_its_beginning(start: datetime, microseconds: int) -> None:
    end = start + timedelta(microseconds=microseconds)
    for minute in minutes(span_of(start, end)):
        assert start <= begin_of(minute) < end
    length = (end - start) / timedelta(minutes=1)
    assert length - 1 < len(span_of(start, end)) < length + 1


@given(st.lists(st.integers(0, 3000), max_size=30, unique=True), SECONDS, SECONDS)
def test_what_is_missing_and_what_is_too_much_makes_it_whole(
    edges: list[int], start: datetime, end: datetime
) -> None:
    base = minute_of(BEGIN)
    edges.sort()
    charged = [Span(base + a, base + b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    due = span_of(start, end)
    result = set().union(*map(minutes, charged))
    for span in charged:
        for part in excess(due, span):
            assert minutes(part) <= minutes(span)
            result -= minutes(part)
    for span in missing(due, charged):
        assert not minutes(span) & result
        result |= minutes(span)
    assert result == minutes(due)


CLOCK = st.lists(st.sampled_from([10, 45, 60, 61, 3600, 90_000, -10, -3600, -90_000]), max_size=40)


@given(CLOCK, st.integers(0, 100_000))
def test_a_clock_that_jumps_neither_loses_nor_doubles(steps: list[int], end_after: int) -> None:
    """While it runs nothing is taken back; once it has ended, exactly its own interval is charged."""
    start = now = BEGIN + timedelta(seconds=17)
    charged: list[Span] = []
    for step in steps:
        now += timedelta(seconds=step)
        until = charged[-1].end if charged else 0
        due = due_span(start, None, now, until)
        gaps = missing(due, charged)
        assert all(len(excess(due, span)) == 0 for span in charged)
        assert len(gaps) <= 1
        charged = [Span(due.first, due.end)] if len(due) else []
    end = start + timedelta(seconds=end_after)
    due = due_span(start, end, now, charged[-1].end if charged else 0)
    total = sum(map(len, charged)) + sum(map(len, missing(due, charged)))
    total -= sum(len(part) for span in charged for part in excess(due, span))
    assert total == len(span_of(start, end))


RATES = st.lists(
    st.tuples(st.integers(-500, 6000), st.integers(0, 10**9)), max_size=5, unique_by=lambda t: t[0]
).map(
    lambda pairs: [
        Rate(n, minute_of(BEGIN) + at, price, price // 7, price // 30)
        for n, (at, price) in enumerate(sorted(pairs))
    ]
)


@given(RATES, st.integers(0, 5000), st.integers(0, 5000))
def test_parts_have_one_rate_and_one_day(rates: list[Rate], first: int, length: int) -> None:
    base = minute_of(BEGIN)
    span = Span(base + first, base + first + length)
    parts = list(split(span, rates))
    assert sum(len(part) for part, _ in parts) == length
    position = span.first
    for part, rate in parts:
        assert part.first == position
        assert len(part)
        assert all(rate_at(m, rates) == rate for m in (part.first, part.end - 1))
        assert part.first // MINUTES_PER_DAY == (part.end - 1) // MINUTES_PER_DAY
        assert month_of(part.first) == month_of(part.end - 1)
        position = part.end
    assert position == span.end or not length


@given(RATES, st.integers(0, 4000), st.integers(1, 4000), st.data())
def test_money_is_the_same_however_it_is_charged(
    rates: list[Rate], first: int, length: int, data: st.DataObject
) -> None:
    quantity = Quantity(devices=3, cpu_millis=1500, memory_mib=4097)
    base = minute_of(BEGIN) + first

    def money(span: Span) -> int:
        return sum(len(p) * (r.price(quantity) if r else 0) for p, r in split(span, rates))

    cut = data.draw(st.integers(0, length))
    whole = money(Span(base, base + length))
    assert money(Span(base, base + cut)) + money(Span(base + cut, base + length)) == whole


@each(
    "quantity, expected",
    [
        (Quantity(1, 0, 0), 33_333),  # 2.00 an hour
        (Quantity(3, 0, 0), 100_000),
        (Quantity(0, 500, 0), 833),  # half of 0.10 an hour
        (Quantity(0, 0, 512), 83),  # half of 0.01 an hour
        (Quantity(0, 0, 0), 0),
        (Quantity(10**6, 10**9, 10**9), 33_333_333_333 + 1_666_666_667 + 162_760_417),
    ],
)
def test_the_price_of_a_minute_is_a_whole_number(quantity: Quantity, expected: int) -> None:
    rate = Rate(1, 0, device=2_000_000, cpu=100_000, memory_gib=10_000)
    assert abs(rate.price(quantity) - expected) <= 1
    exact = (
        quantity.devices * rate.device
        + quantity.cpu_millis * rate.cpu / 1000
        + quantity.memory_mib * rate.memory_gib / 1024
    ) / 60
    assert abs(rate.price(quantity) - exact) <= 0.51


@given(st.lists(st.tuples(SECONDS, st.integers(1, 10**10)), min_size=1, max_size=6))
def test_servers_that_follow_each_other_share_no_minute(
    servers: list[tuple[datetime, int]],
) -> None:
    moment, used = servers[0][0], 0
    begin = moment
    for _, microseconds in servers:
        end = moment + timedelta(microseconds=microseconds)
        used += len(span_of(moment, end))
        moment = end
    assume(moment > begin)
    assert used == len(span_of(begin, moment))
