"""The order of the queue, its plan and decayed use, as properties."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery_hub.queue.fair_share import Use, decayed_use
from orrery_hub.queue.ordering import Waiting, order, pins_for
from orrery_hub.queue.plan import Plan, plan
from orrery_wire.queue import WaitCause

HOUR = 3600.0
DAY = 24 * HOUR
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)

waiting = st.builds(
    Waiting,
    id=st.integers(1, 10_000),
    person_id=st.integers(1, 6),
    devices=st.integers(0, 8),
    turn=st.integers(1, 50),
    priority=st.integers(-1, 1),
    pin=st.none() | st.integers(1, 5),
    is_run_now=st.booleans(),
    waited_seconds=st.floats(-HOUR, 5 * DAY),
)
queues = st.lists(waiting, max_size=25, unique_by=lambda ticket: ticket.id)
uses = st.dictionaries(st.integers(1, 6), st.floats(0, 1e6))


def ids(tickets: list[Waiting]) -> list[int]:
    return [ticket.id for ticket in tickets]


def ordered(tickets: list[Waiting], use: dict[int, float] | None = None) -> list[Waiting]:
    return order(tickets, use or {}, aging_seconds=DAY)


@given(queues, uses, st.randoms(use_true_random=False))
def test_everybody_has_one_place_whatever_the_order_of_rows(
    tickets: list[Waiting], use: dict[int, float], chance: random.Random
) -> None:
    result = ordered(tickets, use)
    assert sorted(ids(result)) == sorted(ids(tickets))
    shuffled = list(tickets)
    chance.shuffle(shuffled)
    assert ids(ordered(shuffled, use)) == ids(result)


@given(queues, uses)
def test_run_now_is_first_then_pins_then_priority(
    tickets: list[Waiting], use: dict[int, float]
) -> None:
    def rank(ticket: Waiting) -> tuple[int, float]:
        if ticket.is_run_now:
            return (0, 0)
        if ticket.pin is not None:
            return (1, ticket.pin)
        return (2, -(ticket.priority + int(max(0.0, ticket.waited_seconds) // DAY)))

    ranks = [rank(ticket) for ticket in ordered(tickets, use)]
    assert ranks == sorted(ranks)


@given(queues, uses)
def test_tickets_of_a_person_that_are_alike_keep_their_turn(
    tickets: list[Waiting], use: dict[int, float]
) -> None:
    alike = [replace(t, priority=0, pin=None, is_run_now=False, waited_seconds=0) for t in tickets]
    result = ordered(alike, use)
    for person in {ticket.person_id for ticket in result}:
        own = [(t.turn, t.id) for t in result if t.person_id == person]
        assert own == sorted(own)


def test_who_used_less_is_first_and_equal_use_is_in_turn() -> None:
    tickets = [Waiting(n, person_id=n, devices=1, turn=n) for n in (1, 2, 3)]
    assert ids(ordered(tickets)) == [1, 2, 3]
    assert ids(ordered(tickets, {1: 10.0, 2: 5.0})) == [3, 2, 1]


def test_ten_tickets_of_one_person_do_not_stand_before_the_next_person() -> None:
    many = [Waiting(n, person_id=1, devices=1, turn=n) for n in range(1, 11)]
    late = Waiting(99, person_id=2, devices=1, turn=99)
    assert ids(ordered([*many, late]))[:2] == [1, 99]


@given(queues, uses, st.integers(1, 3))
def test_no_ticket_waits_for_ever(tickets: list[Waiting], use: dict[int, float], days: int) -> None:
    """After as many aging periods as there are priorities, newcomers of any priority and use are behind it."""
    old = Waiting(20_000, 1, 1, turn=1, priority=-1, waited_seconds=(2 + days) * DAY)
    new = [replace(t, waited_seconds=0, pin=None, is_run_now=False) for t in tickets]
    assert ids(ordered([*new, old], {**use, 1: 1e9}))[0] == 20_000


@given(queues, uses, st.data())
def test_a_place_that_an_administrator_gives_is_the_place(
    tickets: list[Waiting], use: dict[int, float], data: st.DataObject
) -> None:
    if not tickets:
        return
    plain = [replace(ticket, is_run_now=False) for ticket in tickets]
    before = ids(ordered(plain, use))
    ticket = data.draw(st.sampled_from(before))
    place = data.draw(st.integers(1, len(before) + 3))
    pins = pins_for(before, ticket, place)
    pinned = [replace(t, pin=pins.get(t.id)) for t in plain]
    # Whatever becomes of use, what was pinned stays.
    for later in (use, dict.fromkeys(use, 0.0)):
        after = ids(ordered(pinned, later))
        assert after.index(ticket) == min(place, len(before)) - 1
        others = [id_ for id_ in before if id_ != ticket]
        assert after[: len(pins)] == [*others[: len(pins) - 1], ticket]


@given(queues, st.integers(0, 10), st.integers(0, 10))
def test_no_device_is_offered_twice_and_nobody_is_overtaken(
    tickets: list[Waiting], total: int, used: int
) -> None:
    free = total - used
    result = plan(tickets, devices_total=total, devices_free=free, pool_name="p")
    by_id = {ticket.id: ticket for ticket in tickets}
    assert sum(by_id[id_].devices for id_ in result.offers) <= max(0, free)
    assert set(result.offers) | result.causes.keys() == set(by_id)
    assert not set(result.offers) & result.causes.keys()
    is_short = False
    for ticket in tickets:
        kind = result.causes[ticket.id].kind if ticket.id in result.causes else None
        if is_short:
            assert kind in ("ahead", "too_large")
        is_short = is_short or kind == "capacity"


@given(queues, st.integers(0, 10))
def test_who_is_held_back_lets_others_pass(tickets: list[Waiting], free: int) -> None:
    held = WaitCause(kind="person_maximum", text="You hold as many as you may.")

    def hold_back(ticket: Waiting, planned: int) -> WaitCause | None:
        return held if ticket.person_id == 1 or planned + ticket.devices > 4 else None

    result = plan(tickets, devices_total=10, devices_free=free, pool_name="p", hold_back=hold_back)
    without = [t for t in tickets if result.causes.get(t.id) != held]
    assert plan(without, devices_total=10, devices_free=free, pool_name="p").offers == result.offers
    by_id = {ticket.id: ticket for ticket in tickets}
    for person in range(1, 7):
        own = [by_id[i].devices for i in result.offers if by_id[i].person_id == person]
        assert sum(own) <= 4


def test_an_empty_pool_gives_plain_words() -> None:
    one = [Waiting(1, 1, 1, 1), Waiting(2, 2, 1, 2), Waiting(3, 3, 1, 3), Waiting(4, 4, 9, 4)]
    result = plan(one, devices_total=4, devices_free=0, pool_name="A100")
    assert result == Plan((), result.causes)
    assert [result.causes[n].text for n in (1, 2, 3, 4)] == [
        "All 4 devices of A100 are in use.",
        "One other request comes first in A100.",
        "2 other requests come first in A100.",
        "9 devices are requested, and A100 has 4 in all.",
    ]


moments = st.floats(-30 * DAY, 5 * DAY).map(lambda seconds: NOW + timedelta(seconds=seconds))
use_lists = st.lists(st.builds(Use, st.integers(0, 8), moments, st.none() | moments), max_size=8)


@given(use_lists)
def test_use_is_never_negative_and_never_more_than_undecayed(uses: list[Use]) -> None:
    value = decayed_use(uses, NOW, 7 * DAY)
    plain = sum(
        u.devices * max(0.0, (min(u.end or NOW, NOW) - min(u.begin, NOW)).total_seconds())
        for u in uses
    )
    assert -1e-6 <= value <= plain + 1e-3


@given(use_lists, st.floats(0, 1))
def test_a_use_that_is_cut_in_two_counts_the_same(uses: list[Use], share: float) -> None:
    """A restart that ends one lease and begins another changes nobody's place."""
    cut = []
    for use in uses:
        end = use.end or NOW
        middle = use.begin + (end - use.begin) * share
        cut += [Use(use.devices, use.begin, middle), Use(use.devices, middle, end)]
    assert decayed_use(cut, NOW, DAY) == pytest.approx(decayed_use(uses, NOW, DAY), abs=1.0)


def test_use_halves_with_each_half_life() -> None:
    use = [Use(2, NOW - timedelta(hours=1), NOW)]
    first = decayed_use(use, NOW, DAY)
    assert first == pytest.approx(2 * HOUR, rel=0.02)
    assert decayed_use(use, NOW + timedelta(days=3), DAY) == pytest.approx(first / 8)
