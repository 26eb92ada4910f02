"""Which tickets of a pool are offered devices now, and why each of the others is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from orrery_hub.queue.ordering import Waiting
from orrery_wire.queue import WaitCause

# Why a ticket is held back though devices may be free, given the devices that this plan has already given to the
# person; None if nothing does.
HoldBack = Callable[[Waiting, int], WaitCause | None]


@dataclass(frozen=True)
class Plan:
    """Ids of the tickets to offer devices to, in order, and the cause for each other ticket."""

    offers: tuple[int, ...] = ()
    causes: dict[int, WaitCause] = field(default_factory=dict)


def plan(
    tickets: Sequence[Waiting],
    *,
    devices_total: int,
    devices_free: int,
    pool_name: str,
    is_full: bool = False,
    hold_back: HoldBack = lambda _ticket, _planned: None,
) -> Plan:
    """Offers for tickets in their order.

    The first ticket that lacks devices collects what becomes free: nobody behind it is offered any, however few they
    need, or a request for many devices would wait for ever. A ticket that is held back by something else lets others
    pass. ``is_full``: the pool runs as many servers as it may.
    """
    offers: list[int] = []
    causes: dict[int, WaitCause] = {}
    planned: defaultdict[int, int] = defaultdict(int)
    free, ahead, is_short = devices_free, 0, False
    for ticket in tickets:
        if ticket.devices > devices_total:
            causes[ticket.id] = too_large(pool_name, ticket.devices, devices_total)
        elif cause := hold_back(ticket, planned[ticket.person_id]):
            causes[ticket.id] = cause
        elif is_short:
            causes[ticket.id] = others_ahead(pool_name, ahead)
            ahead += 1
        elif ticket.devices <= free and not is_full:
            offers.append(ticket.id)
            free -= ticket.devices
            planned[ticket.person_id] += ticket.devices
        else:
            causes[ticket.id] = (
                no_server(pool_name)
                if is_full
                else no_device(pool_name, ticket.devices, devices_total, max(0, free))
            )
            is_short = True
            ahead += 1
    return Plan(tuple(offers), causes)


def others_ahead(pool: str, count: int) -> WaitCause:
    """Other tickets come first."""
    who = "One other request comes" if count == 1 else f"{count} other requests come"
    return WaitCause(
        kind="ahead",
        text=f"{who} first in {pool}.",
        values={"pool": pool, "count": count},
    )


def no_device(pool: str, devices: int, total: int, free: int) -> WaitCause:
    """The pool has too few free devices."""
    if free:
        text = f"{pool} has {free} of {total} devices free, and {devices} are needed."
    else:
        text = (
            f"All {total} devices of {pool} are in use."
            if total != 1
            else f"The device of {pool} is in use."
        )
    return WaitCause(
        kind="capacity",
        text=text,
        remedy="Wait, or choose another pool.",
        values={"pool": pool, "devices": devices, "total": total, "free": free},
    )


def no_server(pool: str) -> WaitCause:
    """The pool runs as many servers as it may."""
    return WaitCause(
        kind="capacity",
        text=f"{pool} runs as many servers as it may at once.",
        remedy="Wait, or choose another pool.",
        values={"pool": pool},
    )


def too_large(pool: str, devices: int, total: int) -> WaitCause:
    """The pool will never have as many devices."""
    return WaitCause(
        kind="too_large",
        text=f"{devices} devices are requested, and {pool} has {total} in all.",
        remedy="Choose a smaller profile, or ask an administrator to enlarge the pool.",
        values={"pool": pool, "devices": devices, "total": total},
    )
