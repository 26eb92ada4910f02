"""A lab without a hub: what it runs on is all there is."""

from __future__ import annotations

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
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.notices import Notices
from orrery_wire.pools import LaunchChoices, Lease, LeaseQuery
from orrery_wire.queue import Ticket, TicketIn, TicketQuery
from orrery_wire.schemas import Page
from orrery_wire.servers import OwnServers, StartIn

_POLL_SECONDS = 3600

_POLL_SECONDS = 3600
_UNLIMITED = CullState(
    is_limited=False,
    state="unknown",
    idle_since=None,
    idle_minutes=None,
    cull_at=None,
    is_warned=False,
    extensions_left=0,
    extension_minutes=0,
    report_seconds=_POLL_SECONDS,
)


class LocalCompute(ComputeBackend):
    """There are no pools, so nobody waits."""

    async def launch_choices(self, server: str) -> LaunchChoices:
        return LaunchChoices(is_required=False)

    async def list_leases(self, query: LeaseQuery) -> Page[Lease]:
        return Page(items=(), total=0, offset=query.offset, limit=query.limit)

    async def list_servers(self, current: str) -> OwnServers:
        return OwnServers(items=())

    async def start_server(self, request: StartIn) -> None:
        raise _no_server()

    async def stop_server(self, server: str) -> None:
        raise _no_server()

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

    async def notices(self, server: str) -> Notices:
        return Notices(items=(), poll_seconds=_POLL_SECONDS)

    async def dismiss(self, notice: int) -> None:
        raise NotFound(
            "There is no such notice",
            reason="This lab runs without a hub, and nobody else tells you anything.",
            remedy="Look at the notices again.",
        )

    async def report(self, server: str, activity: Activity) -> CullState:
        return _UNLIMITED

    async def cull_state(self, server: str) -> CullState:
        return _UNLIMITED

    async def extend(self, server: str) -> CullState:
        raise Conflict(
            "There is nothing to put off",
            reason="This lab runs without a hub, so nobody stops it.",
            remedy="Nothing is to be done.",
        )

    async def budgets(self, server: str) -> MyBudgets:
        return MyBudgets(currency="", budgets=(), servers=())

    async def budget_requests(self, query: BudgetRequestQuery) -> Page[BudgetRequest]:
        return Page(items=(), total=0, offset=query.offset, limit=query.limit)

    async def ask(self, request: BudgetRequestIn) -> BudgetRequest:
        raise NotFound(
            "There is no such budget",
            reason="This lab runs without a hub, so nothing is limited.",
            remedy="Use what this machine has.",
        )

    async def costs(self, query: CostQuery) -> Page[Cost]:
        return Page(items=(), total=0, offset=query.offset, limit=query.limit)


def _no_server() -> NotFound:
    return NotFound(
        "There is no such server",
        reason="This lab runs without a hub, which would start and stop it.",
        remedy="Stop this lab with File > Shut Down, or where you started it.",
    )


def _no_ticket() -> NotFound:
    return NotFound(
        "There is no such request",
        reason="This lab runs without a hub, so nobody waits for anything.",
        remedy="Look at the list of your requests.",
    )
