"""Devices of a hub's pools."""

from __future__ import annotations

from orrery_server.base.hub import GLANCE_SECONDS, HubBackend
from orrery_server.compute.backend import ComputeBackend
from orrery_wire.budgets import (
    BudgetRequest,
    BudgetRequestIn,
    BudgetRequestQuery,
    Cost,
    CostQuery,
    MyBudgets,
)
from orrery_wire.culling import Activity, CullState
from orrery_wire.notices import Notices
from orrery_wire.pools import LaunchChoices, Lease, LeaseQuery
from orrery_wire.queue import Ticket, TicketIn, TicketQuery
from orrery_wire.schemas import Page
from orrery_wire.servers import OwnServers, StartIn


class HubCompute(HubBackend, ComputeBackend):
    """The person's servers at the hub, and requests in its queue."""

    async def launch_choices(self, server: str) -> LaunchChoices:
        return await self._hub.get(LaunchChoices, "me", "launch", query={"server": server})

    async def list_leases(self, query: LeaseQuery) -> Page[Lease]:
        return await self._hub.get(Page[Lease], "me", "leases", query=query.model_dump())

    async def list_servers(self, current: str) -> OwnServers:
        return await self._hub.get(OwnServers, "me", "servers", query={"server": current})

    async def start_server(self, request: StartIn) -> None:
        await self._hub.run("POST", "me", "servers", body=request)

    async def stop_server(self, server: str) -> None:
        await self._hub.run("DELETE", "me", "servers", query={"server": server})

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

    async def notices(self, server: str) -> Notices:
        return await self._hub.get(
            Notices, "notices", query={"server": server}, seconds=GLANCE_SECONDS
        )

    async def dismiss(self, notice: int) -> None:
        await self._hub.delete("notices", str(notice))

    async def report(self, server: str, activity: Activity) -> CullState:
        path = ("culling", "activity")
        return await self._hub.ask(CullState, "PUT", *path, body=activity, query={"server": server})

    async def cull_state(self, server: str) -> CullState:
        return await self._hub.get(
            CullState, "culling", "mine", query={"server": server}, seconds=GLANCE_SECONDS
        )

    async def extend(self, server: str) -> CullState:
        path = ("culling", "extend")
        return await self._hub.ask(CullState, "POST", *path, query={"server": server})

    async def budgets(self, server: str) -> MyBudgets:
        return await self._hub.get(
            MyBudgets, "budgets", "mine", query={"server": server}, seconds=GLANCE_SECONDS
        )

    async def budget_requests(self, query: BudgetRequestQuery) -> Page[BudgetRequest]:
        sent = query.model_dump(mode="json", exclude_none=True)
        return await self._hub.get(Page[BudgetRequest], "budgets", "requests", query=sent)

    async def ask(self, request: BudgetRequestIn) -> BudgetRequest:
        path = ("budgets", "requests")
        return await self._hub.ask(BudgetRequest, "POST", *path, body=request)

    async def costs(self, query: CostQuery) -> Page[Cost]:
        sent = query.model_dump(mode="json", exclude_none=True)
        return await self._hub.get(Page[Cost], "budgets", "costs", query=sent)
