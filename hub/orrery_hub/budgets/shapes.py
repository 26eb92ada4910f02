"""Rows of budgets and requests as the shapes of the API."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.budgets import store
from orrery_hub.budgets.limits import SCALES, period_end, period_start
from orrery_hub.budgets.standings import Standing
from orrery_hub.budgets.store import BudgetRow, RequestRow
from orrery_wire.budgets import Budget, BudgetRequest


def budget_shape(session: Session, standing: Standing, moment: datetime) -> Budget:
    """A budget and where it stands."""
    row, position = standing.budget, standing.position
    scale = SCALES[row.resource]
    name = people.names(session, [row.person_id]) if row.person_id is not None else {}
    return Budget(
        id=row.id,
        subject=row.subject,
        person=next(iter(name.values()), ""),
        project=store.slug(session, row.project_id),
        resource=row.resource,
        period=row.period,
        limit=row.amount // scale,
        granted=standing.granted // scale,
        used=position.used // scale,
        percent=position.percent,
        is_exhausted=position.is_exhausted,
        minutes_left=position.minutes_left,
        starts=period_start(row.period, moment),
        ends=period_end(row.period, moment),
    )


def request_shape(session: Session, row: RequestRow) -> BudgetRequest:
    """A request and what became of it."""
    budget = session.get_one(BudgetRow, row.budget_id)
    ids = {row.person_id, row.decided_by} - {None}
    names = people.names(session, [id_ for id_ in ids if id_ is not None])
    return BudgetRequest(
        id=row.id,
        budget=row.budget_id,
        subject=budget.subject,
        project=store.slug(session, budget.project_id),
        resource=budget.resource,
        person=names.get(row.person_id, ""),
        amount=row.amount // SCALES[budget.resource],
        until=row.until,
        reason=row.reason,
        state=row.state,
        created=row.created,
        decided=row.decided,
        decided_by=names.get(row.decided_by, "") if row.decided_by is not None else "",
        answer=row.answer,
    )
