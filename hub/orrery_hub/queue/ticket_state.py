"""The life of a ticket, and the time that an offer stands.

    waiting ──offer──▶ offered ──claim──▶ claimed ──start──▶ started
       ▲                  │                  │
       ├──────miss────────┘                  │      cancel, expire and fail end a ticket
       └──────────────retry──────────────────┘      in every state that is not an end

An offer holds a reserved lease: who is ``offered`` or ``claimed`` has the devices already, and nobody else gets them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from orrery_wire.queue import TicketState

Event = Literal["offer", "claim", "miss", "retry", "start", "cancel", "expire", "fail"]

OPEN: frozenset[TicketState] = frozenset({"waiting", "offered", "claimed"})
HOLDS_LEASE: frozenset[TicketState] = frozenset({"offered", "claimed"})

TRANSITIONS: Mapping[tuple[TicketState, Event], TicketState] = {
    ("waiting", "offer"): "offered",
    ("offered", "claim"): "claimed",
    ("offered", "miss"): "waiting",
    ("claimed", "retry"): "waiting",
    ("claimed", "start"): "started",
    **{(state, "cancel"): "cancelled" for state in OPEN},
    **{(state, "fail"): "failed" for state in OPEN},
    ("offered", "expire"): "expired",
    ("waiting", "expire"): "expired",
}

# A clock that differs by less has only run unevenly.
STEP_SECONDS = 5.0
_NO_STEP = timedelta(0)


class InvalidTransitionError(ValueError):
    """The ticket is in a state in which that does not happen."""

    def __init__(self, state: TicketState, event: Event) -> None:
        super().__init__(f"a ticket that is {state} cannot be subject to {event}")
        self.state = state
        self.event = event


def after(state: TicketState, event: Event) -> TicketState:
    """The state after an event.

    Raises:
        InvalidTransitionError: that does not happen to such a ticket.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise InvalidTransitionError(state, event) from None


def clock_step(previous: datetime, current: datetime, elapsed_seconds: float | None) -> timedelta:
    """By how much the clock was set between two looks at it.

    ``elapsed_seconds`` is the time between them by a clock that nobody sets; None if there is none, because the
    service was started in between: then only a clock that went back is seen, for it cannot have stood still.
    """
    difference = current - previous
    if elapsed_seconds is None:
        return difference if difference < _NO_STEP else _NO_STEP
    step = difference - timedelta(seconds=elapsed_seconds)
    return step if abs(step.total_seconds()) >= STEP_SECONDS else _NO_STEP


def moved_deadline(
    deadline: datetime, step: timedelta, current: datetime, least_seconds: float
) -> datetime:
    """A deadline after the clock was set by ``step``, at least ``least_seconds`` from now.

    The least is what a person gets after an outage, in which nothing could be claimed.
    """
    return max(deadline + step, current + timedelta(seconds=least_seconds))
