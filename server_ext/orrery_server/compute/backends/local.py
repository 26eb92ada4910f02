"""A lab without a hub: what it runs on is all there is."""

from __future__ import annotations

from orrery_server.compute.backend import ComputeBackend
from orrery_wire.errors import NotFound
from orrery_wire.queue import Ticket, TicketIn, TicketQuery
from orrery_wire.schemas import Page


class LocalCompute(ComputeBackend):
    """There are no pools, so nobody waits."""

    async def list_tickets(self, query: TicketQuery) -> Page[Ticket]:
        return Page(items=(), total=0, offset=query.offset, limit=query.limit)

    async def get_ticket(self, ticket: int) -> Ticket:
        raise _no_ticket()

    async def request(self, request: TicketIn) -> Ticket:
        raise NotFound(
            "There are no pools to request devices from",
            reason="This lab runs without a hub.",
            remedy="Open a lab of a hub, or use the devices of this machine.",
        )

    async def claim(self, ticket: int) -> Ticket:
        raise _no_ticket()

    async def cancel(self, ticket: int) -> None:
        raise _no_ticket()


def _no_ticket() -> NotFound:
    return NotFound(
        "There is no such request",
        reason="This lab runs without a hub, so nobody waits for anything.",
        remedy="Look at the list of your requests.",
    )
