"""Rows of budgets and requests as the shapes of the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    (shape,) = budget_shapes(session, [standing], moment)
    return shape


def budget_shapes(
    session: Session, standings: Sequence[Standing], moment: datetime
) -> tuple[Budget, ...]:
    """Budgets and where they stand; the names of all are asked for at once."""
    rows = [standing.budget for standing in standings]
    names = people.names(session, _ids(row.person_id for row in rows))
    slugs = store.slugs(session, _ids(row.project_id for row in rows))
    return tuple(
        _budget(
            standing,
            moment,
            person=names.get(standing.budget.person_id or 0, ""),
            project=slugs.get(standing.budget.project_id or 0, ""),
        )
        for standing in standings
    )


def _budget(standing: Standing, moment: datetime, *, person: str, project: str) -> Budget:
    row, position = standing.budget, standing.position
    scale = SCALES[row.resource]
    return Budget(
        id=row.id,
        subject=row.subject,
        person=person,
        project=project,
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
    (shape,) = request_shapes(session, [row])
    return shape


def request_shapes(session: Session, rows: Sequence[RequestRow]) -> tuple[BudgetRequest, ...]:
    """Requests and what became of them; budgets and names of all are asked for at once."""
    budgets = store.by_id(session, {row.budget_id for row in rows})
    slugs = store.slugs(session, _ids(budget.project_id for budget in budgets.values()))
    ids = _ids(id_ for row in rows for id_ in (row.person_id, row.decided_by))
    names = people.names(session, ids)
    return tuple(_request(row, budgets[row.budget_id], names=names, slugs=slugs) for row in rows)


def _request(
    row: RequestRow, budget: BudgetRow, *, names: Mapping[int, str], slugs: Mapping[int, str]
) -> BudgetRequest:
    return BudgetRequest(
        id=row.id,
        budget=row.budget_id,
        subject=budget.subject,
        project=slugs.get(budget.project_id or 0, ""),
        resource=budget.resource,
        person=names.get(row.person_id, ""),
        amount=row.amount // SCALES[budget.resource],
        until=row.until,
        reason=row.reason,
        state=row.state,
        created=row.created,
        decided=row.decided,
        decided_by=names.get(row.decided_by or 0, ""),
        answer=row.answer,
    )


def _ids(ids: Iterable[int | None]) -> set[int]:
    return {id_ for id_ in ids if id_ is not None}
