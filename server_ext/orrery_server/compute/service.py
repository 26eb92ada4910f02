"""What compute means on this server: the person's requests, by default for this very server."""

from __future__ import annotations

import os
from typing import Any

from traitlets import default

from orrery_server.base.backend import BackendName
from orrery_server.base.hub import is_at_hub
from orrery_server.base.service import Service
from orrery_server.compute.backend import ComputeBackend
from orrery_wire.queue import Ticket, TicketIn, TicketQuery
from orrery_wire.schemas import Page


class ComputeService(Service):
    """The person's requests for devices."""

    backend = BackendName("orrery.compute", help="Where devices are requested.").tag(config=True)

    @default("backend")
    def _default_backend(self) -> str:
        return "hub" if is_at_hub() else "local"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._backend: ComputeBackend = BackendName.backend_class(self)(parent=self)
        self._server = os.environ.get("JUPYTERHUB_SERVER_NAME", "")

    async def stop(self) -> None:
        """Close the backend."""
        await self._backend.close()

    async def list_tickets(self, query: TicketQuery) -> Page[Ticket]:
        """One page of the person's requests for devices, newest first."""
        return await self._backend.list_tickets(query)

    async def get_ticket(self, ticket: int) -> Ticket:
        """One request, with its place, the expected wait and why it waits."""
        return await self._backend.get_ticket(ticket)

    async def request(self, request: TicketIn) -> Ticket:
        """Request devices for a server: this one, unless another is named; it goes on as it is until the claim."""
        if "server_name" not in request.model_fields_set:
            request = request.model_copy(update={"server_name": self._server})
        ticket = await self._backend.request(request)
        self._emit_event("request", ticket.id)
        return ticket

    async def claim(self, ticket: int) -> Ticket:
        """Take the offer of a request: its server is started, and stopped before that if it runs elsewhere."""
        claimed = await self._backend.claim(ticket)
        self._emit_event("claim", ticket)
        return claimed

    async def cancel(self, ticket: int) -> None:
        """Do not wait any more; an offer goes to the next."""
        await self._backend.cancel(ticket)
        self._emit_event("cancel", ticket)

    def _emit_event(self, action: str, ticket: int) -> None:
        self.context.emit("compute", {"action": action, "subject": str(ticket)})
