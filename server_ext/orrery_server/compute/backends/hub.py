"""Devices of a hub's pools."""

from __future__ import annotations

from orrery_server.base.hub import HubBackend
from orrery_server.compute.backend import ComputeBackend
from orrery_wire.queue import Ticket, TicketIn, TicketQuery
from orrery_wire.schemas import Page


class HubCompute(HubBackend, ComputeBackend):
    """The person's requests in the queue of the hub."""

    async def list_tickets(self, query: TicketQuery) -> Page[Ticket]:
        return await self._hub.get(Page[Ticket], "tickets", query=query.model_dump())

    async def get_ticket(self, ticket: int) -> Ticket:
        return await self._hub.get(Ticket, "tickets", str(ticket))

    async def request(self, request: TicketIn) -> Ticket:
        return await self._hub.ask(Ticket, "POST", "tickets", body=request)

    async def claim(self, ticket: int) -> Ticket:
        return await self._hub.ask(Ticket, "POST", "tickets", str(ticket), "claim")

    async def cancel(self, ticket: int) -> None:
        await self._hub.delete("tickets", str(ticket))
