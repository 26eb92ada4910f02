"""What a place that gives out devices must be able to do."""

from __future__ import annotations

from abc import abstractmethod

from orrery_server.base.backend import Backend
from orrery_wire.queue import Ticket, TicketIn, TicketQuery
from orrery_wire.schemas import Page


class ComputeBackend(Backend):
    """The contract of a place where devices are requested. What is somebody else's is ``NotFound``."""

    @abstractmethod
    async def list_tickets(self, query: TicketQuery) -> Page[Ticket]:
        """One page of the person's requests, newest first."""

    @abstractmethod
    async def get_ticket(self, ticket: int) -> Ticket:
        """One request."""

    @abstractmethod
    async def request(self, request: TicketIn) -> Ticket:
        """A new request; or the one that the server has for the same profile."""

    @abstractmethod
    async def claim(self, ticket: int) -> Ticket:
        """The request after its offer was claimed; Conflict if there is none."""

    @abstractmethod
    async def cancel(self, ticket: int) -> None:
        """End a request; one that has ended stays as it is."""
