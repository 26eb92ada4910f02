"""Shapes of budgets, requests and costs that hub and server exchange.

Amounts are whole numbers: minutes of devices and of CPUs, GiB of memory for a minute, and micro-units of money.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from orrery_wire.names import ServerName, Slug
from orrery_wire.schemas import Day, Moment, PageQuery, SearchText, Shape, StorableText

Resource = Literal["device", "cpu", "memory", "money"]
Period = Literal["month", "quarter", "year", "total"]
Subject = Literal["person", "project", "everyone"]
RequestState = Literal["open", "approved", "refused", "withdrawn"]
Amount = Annotated[
    int,
    Field(
        ge=0,
        le=10**15,
        description="Device minutes, CPU minutes, GiB minutes, or micro-units of money.",
    ),
]
Reason = Annotated[StorableText, Field(max_length=1_000)]


class Budget(Shape):
    """A budget and where it stands in the present period."""

    id: int
    subject: Subject = Field(
        description="Whose servers count: a person's, those in a project together, or each person's without an own budget."
    )
    person: str = ""
    project: str = ""
    resource: Resource
    period: Period
    limit: Amount
    granted: int = Field(ge=0, description="What approved requests add to the limit now.")
    used: int = Field(ge=0, description="What was used of it in the period.")
    percent: int = Field(ge=0, description="Use in percent of limit and grants together.")
    is_exhausted: bool = Field(description="Whether servers that draw on it are stopped.")
    minutes_left: int | None = Field(
        description="In how many minutes it is exhausted if nothing starts or stops; null if nothing draws on it."
    )
    starts: datetime | None = Field(description="When the period began; null without periods.")
    ends: datetime | None = Field(description="When the next period begins; null without periods.")


class ServerCost(Shape):
    """What one running server of a person costs."""

    server: str
    pool: str
    project: str
    price_per_hour: int = Field(description="Micro-units of money.")
    since: datetime
    money: int = Field(description="Micro-units of money since it started.")


class MyBudgets(Shape):
    """The budgets that bear on a person's servers, and what the running ones cost."""

    currency: str
    budgets: tuple[Budget, ...]
    servers: tuple[ServerCost, ...]


class MyBudgetsQuery(Shape):
    """For which server."""

    server: ServerName | None = Field(
        default=None, description="Only what bears on this server; absent: on every server."
    )


class BudgetRequestIn(Shape):
    """More of a budget, until a day."""

    budget: int = Field(ge=1, le=2**31 - 1)
    amount: Amount
    until: Moment | None = Field(
        default=None, description="Until when; null: until the period ends."
    )
    reason: Reason = ""


class BudgetRequest(Shape):
    """A request for more, and what became of it."""

    id: int
    budget: int
    subject: Subject
    project: str
    resource: Resource
    person: str = Field(description="Who asks.")
    amount: Amount
    until: datetime | None
    reason: str
    state: RequestState
    created: datetime
    decided: datetime | None
    decided_by: str
    answer: str


class BudgetRequestQuery(PageQuery):
    """Which requests, which page; newest first."""

    state: RequestState | None = None
    budget: int | None = Field(default=None, ge=1, le=2**31 - 1)


CostColumn = Literal["person", "project", "pool", "month"]


class CostFilter(Shape):
    """Which costs, and by what they are summed."""

    by: str = Field(
        default="project",
        pattern=r"^(person|project|pool|month)(,(person|project|pool|month)){0,3}$",
        description="Columns separated by commas: `person`, `project`, `pool`, `month`.",
    )
    since: Day | None = Field(default=None, description="From this day on, in UTC.")
    until: Day | None = Field(default=None, description="Before this day, in UTC.")
    person: SearchText = Field(default="", max_length=255)
    project: Slug | None = None
    pool: Slug | None = None


class CostQuery(CostFilter, PageQuery):
    """Which costs, which page."""

    sort: Literal["person", "project", "pool", "month", "money", "device", "cpu", "memory"] = (
        "money"
    )
    descending: bool = True


class Cost(Shape):
    """A sum of costs; a column by which nothing is summed is empty."""

    person: str = ""
    project: str = Field(default="", description="Empty too for servers without a project.")
    pool: str = ""
    month: str = Field(default="", description="Such as 2026-11, in UTC.")
    device_minutes: int
    cpu_minutes: int
    memory_gib_minutes: int
    money: int = Field(description="Micro-units of money.")
