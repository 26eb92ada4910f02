"""HTTP routes of budgets, requests, rates and costs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response, StreamingResponse
from pydantic import ValidationError

from orrery_hub.base.auth import needs_scope, require_scope
from orrery_hub.base.login import ADMIN_PAGE, Login
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.budgets.costs import CostService
from orrery_hub.budgets.rates import RateService
from orrery_hub.budgets.requests import RequestService
from orrery_hub.budgets.schemas import (
    Approval,
    BudgetIn,
    BudgetPatch,
    BudgetQuery,
    Rate,
    RateIn,
    RateQuery,
    Refusal,
)
from orrery_hub.budgets.service import BudgetService
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire import budgets as shapes
from orrery_wire.errors import Unauthenticated
from orrery_wire.schemas import Page

Admin = Annotated[User, needs_scope(PLATFORM_ADMIN)]
_READ = "custom:orrery:budgets:read"
Reader = Annotated[User, needs_scope(_READ)]
Writer = Annotated[User, needs_scope("custom:orrery:budgets:write")]
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]


def router(
    budgets: BudgetService, requests: RequestService, rates: RateService, costs: CostService
) -> Router:
    """Routes of budgets, requests, rates and costs."""
    routes = Router(tags=["budgets"])
    # Before `/budgets/{budget}`, which would match them too.
    routes.include_router(_requests(requests))
    routes.include_router(_rates(rates))
    routes.include_router(_costs(costs))
    routes.include_router(_budgets(budgets))
    return routes


def _budgets(service: BudgetService) -> Router:
    routes = Router()

    @routes.get("/budgets/mine")
    def mine(user: Reader, query: Annotated[shapes.MyBudgetsQuery, Query()]) -> shapes.MyBudgets:
        """The budgets that bear on the user's servers, and what the running ones cost."""
        return service.mine(user, query)

    @routes.get("/budgets")
    def list_budgets(user: Reader, query: Annotated[BudgetQuery, Query()]) -> Page[shapes.Budget]:
        """All budgets for an administrator, else those of projects that the user owns."""
        return service.list(user, query)

    @routes.post("/budgets", status_code=201)
    def create(user: Admin, request: BudgetIn) -> shapes.Budget:
        """Set a budget."""
        return service.create(user.name, request)

    @routes.patch("/budgets/{budget}")
    def update(user: Admin, budget: Id, request: BudgetPatch) -> shapes.Budget:
        """Change the limit of a budget."""
        return service.update(user.name, budget, request)

    @routes.delete("/budgets/{budget}", status_code=204)
    def delete(user: Admin, budget: Id) -> None:
        """Remove a budget with its requests."""
        service.delete(user.name, budget)

    return routes


def _requests(service: RequestService) -> Router:
    routes = Router(prefix="/budgets/requests")

    @routes.get("")
    def list_requests(
        user: Reader, query: Annotated[shapes.BudgetRequestQuery, Query()]
    ) -> Page[shapes.BudgetRequest]:
        """Requests for more: all for an administrator, else the user's own and those of owned projects."""
        return service.list(user, query)

    @routes.post("", status_code=201)
    def ask(user: Writer, request: shapes.BudgetRequestIn) -> shapes.BudgetRequest:
        """Ask for more of a budget."""
        return service.ask(user, request)

    @routes.delete("/{request}")
    def withdraw(user: Writer, request: Id) -> shapes.BudgetRequest:
        """Take a request of one's own back."""
        return service.withdraw(user, request)

    @routes.post("/{request}/approve")
    def approve(user: Admin, request: Id, approval: Approval) -> shapes.BudgetRequest:
        """Grant a request, or less or more than was asked for."""
        return service.approve(user, request, approval)

    @routes.post("/{request}/refuse")
    def refuse(user: Admin, request: Id, refusal: Refusal) -> shapes.BudgetRequest:
        """Refuse a request."""
        return service.refuse(user, request, refusal)

    return routes


def _rates(service: RateService) -> Router:
    routes = Router(prefix="/budgets/rates")

    @routes.get("")
    def list_rates(_: Admin, query: Annotated[RateQuery, Query()]) -> Page[Rate]:
        """What pools cost, and cost before."""
        return service.list(query)

    @routes.post("", status_code=201)
    def add(user: Admin, request: RateIn) -> Rate:
        """Set what a pool costs from a point in time on."""
        return service.add(user.name, request)

    @routes.delete("/{rate}", status_code=204)
    def remove(user: Admin, rate: Id) -> None:
        """Remove a rate that is not valid yet."""
        service.remove(user.name, rate)

    return routes


def _costs(service: CostService) -> Router:
    routes = Router(prefix="/budgets/costs")

    @routes.get("")
    def costs(user: Reader, query: Annotated[shapes.CostQuery, Query()]) -> Page[shapes.Cost]:
        """Sums of costs: all for an administrator, else the user's own and those of owned projects."""
        return service.page(user, query)

    @routes.get("/export", response_class=StreamingResponse)
    def export(user: Reader, query: Annotated[shapes.CostFilter, Query()]) -> StreamingResponse:
        """The same sums as a CSV file."""
        return _file(service, user, query)

    return routes


def pages_router(service: CostService, login: Login) -> APIRouter:
    """The CSV file for a browser: a link of the page of administration, which a browser saves while it arrives."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/admin/costs")
    async def download(request: Request) -> Response:
        stepped_up = await login.stepped_up(request, ADMIN_PAGE)
        if stepped_up is None:
            # A log-in would come back without the filters.
            raise Unauthenticated("You are not logged in", remedy="Open the page again.")
        user = stepped_up[0]
        require_scope(user, _READ)
        # After it is known who asks: a stranger is told nothing about the parameters.
        try:
            query = shapes.CostFilter.model_validate(dict(request.query_params))
        except ValidationError as problem:
            raise RequestValidationError(problem.errors()) from None
        return _file(service, user, query)

    return routes


def _file(service: CostService, user: User, query: shapes.CostFilter) -> StreamingResponse:
    headers = {"Content-Disposition": 'attachment; filename="costs.csv"'}
    text = service.export(user, query)
    return StreamingResponse(text, media_type="text/csv; charset=utf-8", headers=headers)
