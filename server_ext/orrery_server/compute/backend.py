"""What a place that gives out devices must be able to do."""

from __future__ import annotations

from abc import abstractmethod

from orrery_server.base.backend import Backend
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


class ServerBackend(Backend):
    """The contract of a place that runs a person's servers, given by name."""

    @abstractmethod
    async def launch_choices(self, server: str) -> LaunchChoices:
        """What the person may start a server with."""

    @abstractmethod
    async def list_leases(self, query: LeaseQuery) -> Page[Lease]:
        """One page of what the person's servers hold, and held."""

    @abstractmethod
    async def list_servers(self, current: str) -> OwnServers:
        """The person's servers that start, run or stop; one is marked as the current one."""

    @abstractmethod
    async def start_server(self, request: StartIn) -> None:
        """Start a server; Conflict if it may not start now."""

    @abstractmethod
    async def stop_server(self, server: str) -> None:
        """Stop a server."""


class TicketBackend(Backend):
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


class UsageBackend(Backend):
    """The contract of a place that watches over servers, given by name."""

    @abstractmethod
    async def notices(self, server: str) -> Notices:
        """What a server of the person has to show now."""

    @abstractmethod
    async def dismiss(self, notice: int) -> None:
        """Do not show a notice any more."""

    @abstractmethod
    async def report(self, server: str, activity: Activity) -> CullState:
        """How a server stands, after what it measured."""

    @abstractmethod
    async def cull_state(self, server: str) -> CullState:
        """Whether a server is idle, and when it is stopped for that."""

    @abstractmethod
    async def extend(self, server: str) -> CullState:
        """How a server stands, after its stop was put off; Conflict if there is none, or not again."""


class AllowanceBackend(Backend):
    """The contract of a place that knows what devices cost and how much of them a person may use."""

    @abstractmethod
    async def budgets(self, server: str) -> MyBudgets:
        """The budgets that bear on a server, and what it costs."""

    @abstractmethod
    async def budget_requests(self, query: BudgetRequestQuery) -> Page[BudgetRequest]:
        """One page of requests for more, newest first."""

    @abstractmethod
    async def ask(self, request: BudgetRequestIn) -> BudgetRequest:
        """A new request for more."""

    @abstractmethod
    async def costs(self, query: CostQuery) -> Page[Cost]:
        """One page of what the person's servers cost."""


class ComputeBackend(ServerBackend, TicketBackend, UsageBackend, AllowanceBackend):
    """The contract of a place that gives out devices: one method for each act of the service."""
