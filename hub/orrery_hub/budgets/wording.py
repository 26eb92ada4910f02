"""Words for budgets in messages to people."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from orrery_hub.base.shared_tables import PROJECT
from orrery_hub.budgets.store import BudgetRow
from orrery_wire.budgets import Period, Resource

_RESOURCES: dict[Resource, str] = {
    "device": "device hours",
    "cpu": "CPU hours",
    "memory": "memory hours",
    "money": "funds",
}
_PERIODS: dict[Period, str] = {
    "month": "this month",
    "quarter": "this quarter",
    "year": "this year",
    "total": "",
}


def allowance(budget: BudgetRow) -> str:
    """What a budget limits, such as ``device hours of this month``."""
    period = _PERIODS[budget.period]
    return f"{_RESOURCES[budget.resource]} of {period}" if period else _RESOURCES[budget.resource]


def subject_of(session: Session, budget: BudgetRow) -> str:
    """Whose budget it is, as the person who draws on it reads it."""
    if budget.project_id is None:
        return "your account"
    slug = session.scalar(select(PROJECT.c.slug).where(PROJECT.c.id == budget.project_id))
    return f"the project {slug!r}"
