"""What compute means on this server: the person's servers, requests for devices, budgets, use, and what the hub tells."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from traitlets import default

from orrery_server.base.backend import BackendName
from orrery_server.base.caller import is_code
from orrery_server.base.hub import is_at_hub
from orrery_server.base.service import Service
from orrery_server.compute.backend import ComputeBackend
from orrery_server.compute.code_options import require_plain, with_last, without_private
from orrery_server.compute.meter import Meter
from orrery_server.compute.reporter import Reporter
from orrery_server.compute.schemas import Use
from orrery_wire.budgets import (
    BudgetRequest,
    BudgetRequestIn,
    BudgetRequestQuery,
    Cost,
    CostQuery,
    MyBudgets,
)
from orrery_wire.culling import CullState
from orrery_wire.notices import Notices
from orrery_wire.pools import LaunchChoices, LaunchOptions, Lease, LeaseQuery
from orrery_wire.queue import Ticket, TicketIn, TicketQuery
from orrery_wire.schemas import Page
from orrery_wire.servers import OwnServerQuery, OwnServers, StartIn, StopIn

# Between two measurements of what is used now.
_GLANCE_SECONDS = 0.5


class ComputeService(Service):
    """The person's servers and requests for devices."""

    backend = BackendName("orrery.compute", help="Where devices are requested.").tag(config=True)

    @default("backend")
    def _default_backend(self) -> str:
        return "hub" if is_at_hub() else "local"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._backend: ComputeBackend = BackendName.backend_class(self)(parent=self)
        self._server = os.environ.get("JUPYTERHUB_SERVER_NAME", "")
        self._meter = Meter(self.context.kernels)
        self._reporter = Reporter(self._backend, self._meter, self._server, self.log)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to report what this server uses."""
        if self.backend == "hub":
            self._task = asyncio.create_task(self._reporter.run())

    async def stop(self) -> None:
        """Stop reporting and close the backend."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._backend.close()

    async def launch_choices(self, query: OwnServerQuery) -> LaunchChoices:
        """What a server, this one if none is named, may be started with: free devices, price, wait, and why not now."""
        is_named = "server" in query.model_fields_set
        choices = await self._backend.launch_choices(query.server if is_named else self._server)
        return without_private(choices) if is_code() else choices

    async def list_leases(self, query: LeaseQuery) -> Page[Lease]:
        """One page of what the person's servers hold, and held."""
        return await self._backend.list_leases(query)

    async def list_servers(self) -> OwnServers:
        """The person's servers; this one is marked as the current one."""
        return await self._backend.list_servers(self._server)

    async def start_server(self, request: StartIn) -> None:
        """Start another server of the person."""
        if request.options is not None:
            options = await self._checked(request.server_name, request.options)
            request = request.model_copy(update={"options": options})
        await self._backend.start_server(request)
        self._emit_event("start", request.server_name)

    async def _checked(self, server: str, options: LaunchOptions) -> LaunchOptions:
        """The options of a person as they are; those of code with what the person chose last, or refused."""
        if not is_code():
            return options
        require_plain(options)
        return with_last(options, await self._backend.launch_choices(server))

    async def stop_server(self, request: StopIn) -> None:
        """Stop a server of the person, this one if none is named; then the answer may never arrive."""
        server = self._server if request.server_name is None else request.server_name
        # Before it is done: afterwards this server may be gone.
        self._emit_event("stop", server)
        await self._backend.stop_server(server)

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
        options = await self._checked(request.server_name, request.options)
        ticket = await self._backend.request(request.model_copy(update={"options": options}))
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

    async def notices(self) -> Notices:
        """What the hub tells the person in this server."""
        return await self._backend.notices(self._server)

    async def dismiss(self, notice: int) -> None:
        """Do not show a notice any more."""
        await self._backend.dismiss(notice)

    async def use(self) -> Use:
        """What this server uses now, and when it is stopped if it stays idle."""
        meter = Meter(self.context.kernels)
        await asyncio.to_thread(meter.sample)
        await asyncio.sleep(_GLANCE_SECONDS)
        await asyncio.to_thread(meter.sample)
        culling = await self._backend.cull_state(self._server)
        return Use(server=self._server, activity=meter.take(), culling=culling)

    async def extend(self) -> CullState:
        """Put off that this server is stopped because it is idle."""
        state = await self._backend.extend(self._server)
        self._emit_event("extend", self._server)
        return state

    async def budgets(self) -> MyBudgets:
        """The budgets that bear on this server, and what it costs."""
        return await self._backend.budgets(self._server)

    async def budget_requests(self, query: BudgetRequestQuery) -> Page[BudgetRequest]:
        """One page of the person's requests for more, newest first."""
        return await self._backend.budget_requests(query)

    async def ask(self, request: BudgetRequestIn) -> BudgetRequest:
        """Ask for more of a budget."""
        asked_for = await self._backend.ask(request)
        self._emit_event("ask", asked_for.id)
        return asked_for

    async def costs(self, query: CostQuery) -> Page[Cost]:
        """One page of what the person's servers cost, summed by person, project, pool or month."""
        return await self._backend.costs(query)

    def _emit_event(self, action: str, subject: int | str) -> None:
        self.context.emit("compute", {"action": action, "subject": str(subject)})
