"""Shapes of the budgets' API that only pages of the hub use."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from orrery_wire.budgets import Amount, Period, Reason, Resource, Subject
from orrery_wire.names import Slug
from orrery_wire.schemas import Moment, PageQuery, SearchText, Shape, StorableText

Price = Annotated[int, Field(ge=0, le=10**12, description="Micro-units of money for an hour.")]


class BudgetIn(Shape):
    """A budget to set for a person, for a project, or for each person without an own one."""

    subject: Subject
    person: StorableText = Field(default="", max_length=255)
    project: Slug | None = None
    resource: Resource
    period: Period = "month"
    limit: Amount


class BudgetPatch(Shape):
    """What to change of a budget."""

    limit: Amount


class BudgetQuery(PageQuery):
    """Which budgets, which page."""

    q: SearchText = Field(default="", max_length=400)
    subject: Subject | None = None
    resource: Resource | None = None
    project: Slug | None = None
    sort: Literal["name", "limit", "created"] = "name"
    descending: bool = False


class Approval(Shape):
    """Yes to a request; what is absent is as it was asked for."""

    amount: Amount | None = None
    until: Moment | None = None
    answer: Reason = ""


class Refusal(Shape):
    """No to a request, and why."""

    answer: Reason = ""


class RateIn(Shape):
    """What a pool costs from a point in time on."""

    pool: Slug
    device: Price = 0
    cpu: Price = 0
    memory_gib: Price = 0
    valid_from: Moment | None = Field(
        default=None,
        description="Not before now, for what was charged stays; null: from now on.",
    )


class Rate(Shape):
    """What a pool costs, or will cost, in micro-units of money for an hour."""

    id: int
    pool: str
    device: int
    cpu: int
    memory_gib: int
    currency: str
    valid_from: datetime
    valid_until: datetime | None = Field(
        description="When the next rate begins; null for the last."
    )
    is_removable: bool = Field(description="Whether it is not valid yet.")


class RateQuery(PageQuery):
    """The rates of which pool, newest first; absent: of all."""

    pool: Slug | None = None
