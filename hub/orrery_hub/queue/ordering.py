"""The order of a pool's queue: run-now, pinned places, priority with age, decayed use, turn.

Nothing here knows the time of day: ``turn`` is a counter, so a clock that is set changes no place.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# A ticket counts as so much use of its devices for the person's other tickets behind it, so that the tickets of one
# person do not come one after the other.
CHARGE_SECONDS = 3600.0


@dataclass(frozen=True)
class Waiting:
    """A ticket that waits, as far as its place depends on it.

    ``pin`` is the place that an administrator gave it. ``priority`` grows by one with each aging period that it
    waited, so that no ticket waits for ever.
    """

    id: int
    person_id: int
    devices: int
    turn: int
    priority: int = 0
    pin: int | None = None
    is_run_now: bool = False
    waited_seconds: float = 0.0


def order(
    tickets: Iterable[Waiting],
    use: Mapping[int, float],
    *,
    aging_seconds: float,
    charge_seconds: float = CHARGE_SECONDS,
) -> list[Waiting]:
    """Tickets in the order in which devices are offered to them.

    ``use`` is the decayed use of each person in device-seconds; who is missing has used nothing.
    """
    charged: defaultdict[int, float] = defaultdict(float, use)
    result: list[Waiting] = []
    rest: defaultdict[int, list[Waiting]] = defaultdict(list)
    first, pinned = [], []
    for ticket in tickets:
        if ticket.is_run_now:
            first.append(ticket)
        elif ticket.pin is not None:
            pinned.append(ticket)
        else:
            age = int(max(0.0, ticket.waited_seconds) // aging_seconds)
            rest[ticket.priority + age].append(ticket)
    first.sort(key=lambda ticket: (ticket.turn, ticket.id))
    pinned.sort(key=lambda ticket: (ticket.pin or 0, ticket.turn, ticket.id))
    for ticket in (*first, *pinned):
        charged[ticket.person_id] += ticket.devices * charge_seconds
        result.append(ticket)
    for priority in sorted(rest, reverse=True):
        result += _fair(rest[priority], charged, charge_seconds)
    return result


def _fair(
    tickets: Sequence[Waiting], charged: defaultdict[int, float], charge_seconds: float
) -> list[Waiting]:
    """Tickets of one priority: always the next of who has used least, counting what stands before it."""
    by_person: defaultdict[int, deque[Waiting]] = defaultdict(deque)
    for ticket in sorted(tickets, key=lambda ticket: (ticket.turn, ticket.id)):
        by_person[ticket.person_id].append(ticket)
    heap = [(charged[person], own[0].turn, own[0].id, person) for person, own in by_person.items()]
    heapq.heapify(heap)
    result = []
    while heap:
        *_, person = heapq.heappop(heap)
        own = by_person[person]
        ticket = own.popleft()
        result.append(ticket)
        charged[person] += ticket.devices * charge_seconds
        if own:
            heapq.heappush(heap, (charged[person], own[0].turn, own[0].id, person))
    return result


def pins_for(order_of_ids: Sequence[int], ticket: int, place: int) -> dict[int, int]:
    """The pins that put a ticket at a place (1 is the first) and leave the order of all others as it is.

    Whoever stands before the place is pinned too: only then does the place stay while use decays.
    """
    others = [id_ for id_ in order_of_ids if id_ != ticket]
    place = min(place, len(others) + 1)
    head = [*others[: place - 1], ticket]
    return {id_: number for number, id_ in enumerate(head, start=1)}
