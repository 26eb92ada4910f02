"""Shapes of the queue that hub and server exchange."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, StrictBool

from orrery_wire.names import ServerName, Slug
from orrery_wire.pools import LaunchOptions
from orrery_wire.schemas import PageQuery, SearchText, Shape

TicketState = Literal["waiting", "offered", "claimed", "started", "cancelled", "expired", "failed"]
Priority = Literal["low", "normal", "high"]
CauseKind = Literal[
    "ahead",
    "budget",
    "capacity",
    "configuration",
    "control_plane",
    "crash",
    "disk",
    "drained",
    "ended",
    "hub_service",
    "image",
    "maintenance",
    "memory",
    "mount",
    "network",
    "no_answer",
    "no_node",
    "node_fault",
    "node_resources",
    "not_permitted",
    "person_maximum",
    "policy",
    "preempted",
    "quota",
    "scaling",
    "software",
    "starting",
    "time_limit",
    "too_large",
    "unknown",
    "volume",
]


class WaitCause(Shape):
    """Why a server does not start now, in plain words."""

    kind: CauseKind
    text: str = Field(description="One sentence for a person.")
    remedy: str = Field(default="", description="What the person or an administrator can do.")
    values: dict[str, str | int] = Field(
        default_factory=dict, description="What the sentence is made of, for translations."
    )


class WaitRange(Shape):
    """How long it will take until a device is offered: between so many and so many seconds, in four of five cases."""

    low_seconds: int = Field(ge=0)
    high_seconds: int = Field(ge=0)


class TicketIn(Shape):
    """A server to start as soon as its pool has room."""

    server_name: ServerName = Field(default="", description="Empty for the default server.")
    options: LaunchOptions
    priority: Literal["low", "normal"] = "normal"
    auto_claim: StrictBool = Field(
        default=False, description="Start without asking as soon as a device is free."
    )


class Ticket(Shape):
    """A request for devices that waits, is offered them, or has ended."""

    id: int
    person: str = Field(description="Whose it is.")
    server_name: str
    project: str | None
    pool: str
    pool_name: str
    profile: str
    devices: int = Field(ge=0)
    state: TicketState
    priority: Priority
    auto_claim: bool
    is_move: bool = Field(
        description="The server runs without these devices; after the claim it is stopped and started with them."
    )
    run_now: bool = Field(description="An administrator lets it pass before all others.")
    place: int | None = Field(
        default=None, description="1 for the next of the pool; null unless it waits."
    )
    wait: WaitRange | None = Field(
        default=None, description="When a device will be offered, from now; null unless it waits."
    )
    cause: WaitCause | None = Field(default=None, description="Why it waits, or why it failed.")
    created: datetime
    offered: datetime | None = None
    claim_until: datetime | None = Field(
        default=None, description="Until when an offer can be claimed."
    )
    ended: datetime | None = None
    missed_offers: int = Field(default=0, ge=0)


class TicketQuery(PageQuery):
    """Which of the own tickets, which page."""

    is_open: bool = Field(default=False, description="Only those that have not ended.")


class QueueQuery(PageQuery):
    """Which tickets of everybody, which page; those that wait come in the order of the queue."""

    q: SearchText = Field(default="", max_length=255, description="Part of the person's name.")
    pool: Slug | None = None
    state: TicketState | None = None
    ended: bool = Field(default=False, description="Tickets that have ended, newest first.")


class TicketPatch(Shape):
    """What an administrator changes of a ticket that waits; a field that is not sent is left as it is."""

    place: int | None = Field(
        default=None, ge=1, le=100_000, description="The place in the pool's queue."
    )
    priority: Priority | None = None
