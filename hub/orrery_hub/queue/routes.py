"""HTTP routes of the queue."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.queue.service import QueueService
from orrery_hub.scopes import PLATFORM_ADMIN, RUN_NOW
from orrery_wire.queue import QueueQuery, Ticket, TicketIn, TicketPatch, TicketQuery
from orrery_wire.schemas import Page

Admin = Annotated[User, needs_scope(PLATFORM_ADMIN)]
Override = Annotated[User, needs_scope(RUN_NOW)]
Reader = Annotated[User, needs_scope("custom:orrery:queue:read")]
Writer = Annotated[User, needs_scope("custom:orrery:queue:write")]
TicketId = Annotated[int, Path(ge=1, le=2**31 - 1)]


def router(service: QueueService) -> Router:
    """Routes of the queue: `/tickets` for who waits, `/queue` for administrators."""
    routes = Router(tags=["queue"])

    @routes.get("/tickets")
    def list_own(user: Reader, query: Annotated[TicketQuery, Query()]) -> Page[Ticket]:
        """The user's requests for devices, newest first."""
        return service.list_own(user, query)

    @routes.post("/tickets", status_code=201)
    def request(user: Writer, request: TicketIn) -> Ticket:
        """Wait for a server; what is free is offered at once."""
        return service.request(user, request)

    @routes.get("/tickets/{ticket}")
    def get(user: Reader, ticket: TicketId) -> Ticket:
        """One request, with place, expected wait and cause."""
        return service.get(user, ticket)

    @routes.delete("/tickets/{ticket}", status_code=204)
    def cancel(user: Writer, ticket: TicketId) -> None:
        """Do not wait any more; an offer goes to the next."""
        service.cancel(user, ticket)

    @routes.post("/tickets/{ticket}/claim")
    def claim(user: Writer, ticket: TicketId) -> Ticket:
        """Take the offer: the server is started."""
        return service.claim(user, ticket)

    routes.include_router(_admin(service))
    return routes


def _admin(service: QueueService) -> Router:
    routes = Router()

    @routes.get("/queue")
    def list_all(_: Admin, query: Annotated[QueueQuery, Query()]) -> Page[Ticket]:
        """The requests of everybody, in the order of the queue; or those that have ended."""
        return service.list_all(query)

    @routes.patch("/queue/{ticket}")
    def change(user: Admin, ticket: TicketId, request: TicketPatch) -> Ticket:
        """Give a request another place or priority."""
        return service.change(user, ticket, request)

    @routes.delete("/queue/{ticket}", status_code=204)
    def remove(user: Admin, ticket: TicketId) -> None:
        """Cancel a request of somebody, who is told of it."""
        service.remove(user, ticket)

    @routes.post("/queue/{ticket}/run-now")
    def run_now(user: Override, ticket: TicketId) -> Ticket:
        """Let a request pass before all others of its pool."""
        return service.run_now(user, ticket)

    return routes
