"""Budgets and where they stand, with permission checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from orrery_hub.base import db, people
from orrery_hub.base.contracts import Memberships, RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.user import User
from orrery_hub.budgets import ledger_store, store
from orrery_hub.budgets.limits import SCALES
from orrery_hub.budgets.schemas import BudgetIn, BudgetPatch, BudgetQuery
from orrery_hub.budgets.shapes import budget_shape, budget_shapes
from orrery_hub.budgets.standings import draws_of, evaluate, overview, targets_of
from orrery_hub.budgets.store import BudgetRow
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.budgets import Budget, MyBudgets, MyBudgetsQuery, ServerCost
from orrery_wire.errors import Conflict, Invalid, NotFound
from orrery_wire.schemas import Page


class BudgetService:
    """Budgets. Administrators see all; owners those of their projects; everybody what bears on them."""

    def __init__(
        self,
        database: Database,
        memberships: Memberships,
        *,
        currency: str = "EUR",
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._memberships = memberships
        self._currency = currency
        self._record = record

    def mine(self, user: User, query: MyBudgetsQuery) -> MyBudgets:
        """The budgets that bear on the user's servers, and what the running ones cost."""
        moment = db.now()
        with self._database.read() as session:
            projects = {id_ for id_, _, _ in self._memberships(session, user.person_id)}
            leases = ledger_store.running(session, person_id=user.person_id, project_ids=projects)
            draws = draws_of(session, leases, moment)
            own = [
                draw
                for draw in draws
                if draw.lease.person_id == user.person_id
                and query.server in (None, draw.lease.server)
            ]
            if query.server is not None:
                projects &= {draw.lease.project_id for draw in own}
            budgets = store.bearing_on(session, [user.person_id], projects)
            targets = targets_of(budgets, user.person_id)
            current = evaluate(session, targets, draws, moment)
            shapes = budget_shapes(session, current, moment)
            money = ledger_store.money_of(session, [draw.lease.id for draw in own])
            servers = tuple(
                ServerCost(
                    server=draw.lease.server,
                    pool=store.pool_slug(session, draw.lease.pool_id),
                    project=store.slug(session, draw.lease.project_id),
                    price_per_hour=draw.price * 60,
                    since=draw.lease.started_at,
                    money=money.get(draw.lease.id, 0),
                )
                for draw in own
            )
        return MyBudgets(currency=self._currency, budgets=shapes, servers=servers)

    def list(self, user: User, query: BudgetQuery) -> Page[Budget]:
        """One page of budgets: all for an administrator, else those of projects that the user owns."""
        moment = db.now()
        with self._database.read() as session:
            projects = None if user.may(PLATFORM_ADMIN) else self._owned(session, user)
            rows, total = store.page(session, query, projects)
            draws = draws_of(session, ledger_store.running(session), moment)
            items = budget_shapes(session, overview(session, rows, draws, moment), moment)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def create(self, who: str, request: BudgetIn) -> Budget:
        """Set a budget.

        Raises:
            NotFound: there is no such person or project.
            Invalid: subject and name do not fit.
            Conflict: there is such a budget already.
        """
        moment = db.now()
        try:
            with self._database.write() as session:
                person, project = _subject(session, request)
                row = BudgetRow(
                    slot=store.slot_of(
                        request.subject, person or project, request.resource, request.period
                    ),
                    subject=request.subject,
                    person_id=person,
                    project_id=project,
                    resource=request.resource,
                    period=request.period,
                    amount=request.limit * SCALES[request.resource],
                    created=moment,
                )
                session.add(row)
                session.flush()
                self._record(
                    session,
                    who,
                    "budgets.create",
                    str(row.id),
                    project=request.project or "",
                    after={"slot": row.slot, "limit": request.limit},
                )
                return self._shaped(session, row, moment)
        except IntegrityError:
            raise Conflict(
                "There is such a budget already",
                reason="A subject has one budget for each resource and period.",
                remedy="Change the limit of that budget.",
            ) from None

    def update(self, who: str, id: int, request: BudgetPatch) -> Budget:
        """Change the limit of a budget; servers that are over it now are warned, then stopped."""
        with self._database.write() as session:
            row = _find(session, id)
            before, row.amount = row.amount, request.limit * SCALES[row.resource]
            if before != row.amount:
                self._record(
                    session,
                    who,
                    "budgets.change",
                    str(id),
                    project=store.slug(session, row.project_id),
                    before={"limit": before // SCALES[row.resource]},
                    after={"limit": request.limit},
                )
            return self._shaped(session, row, db.now())

    def delete(self, who: str, id: int) -> None:
        """Remove a budget with its requests; nothing is limited by it any more."""
        with self._database.write() as session:
            row = _find(session, id)
            facts = {"slot": row.slot, "limit": row.amount // SCALES[row.resource]}
            project = store.slug(session, row.project_id)
            session.delete(row)
            self._record(session, who, "budgets.delete", str(id), project=project, before=facts)

    def _owned(self, session: Session, user: User) -> Sequence[int]:
        rows = self._memberships(session, user.person_id)
        return [id_ for id_, _, role in rows if role == "owner"]

    def _shaped(self, session: Session, row: BudgetRow, moment: datetime) -> Budget:
        session.flush()
        draws = draws_of(session, ledger_store.running(session), moment)
        (standing,) = overview(session, [row], draws, moment)
        return budget_shape(session, standing, moment)


def _find(session: Session, id: int) -> BudgetRow:
    row = session.get(BudgetRow, id, with_for_update=True)
    if row is None:
        raise NotFound(
            "There is no such budget",
            reason="No budget has that number.",
            remedy="Look at the list of budgets.",
        )
    return row


def _subject(session: Session, request: BudgetIn) -> tuple[int | None, int | None]:
    """The person or the project that a budget is for, by id; neither for everyone's."""
    needs = {"person": bool(request.person), "project": bool(request.project), "everyone": True}
    is_exact = (bool(request.person), bool(request.project)) == (
        request.subject == "person",
        request.subject == "project",
    )
    if not needs[request.subject] or not is_exact:
        raise Invalid(
            "It is not clear whose budget this is",
            reason="A budget of a person needs `person`, one of a project `project`, one of everyone neither.",
            remedy="Send exactly the name that the subject needs.",
        )
    if request.subject == "person":
        person = people.find(session, request.person)
        if person is None:
            raise NotFound(
                f"Nobody is called {request.person!r}",
                reason="The hub service does not know the name.",
                remedy="Look at the list of people.",
            )
        return person.id, None
    if request.subject == "project" and request.project:
        project = store.project_id(session, request.project)
        if project is None:
            raise NotFound(
                f"There is no project {request.project!r}",
                reason="It has another short name, or it was deleted.",
                remedy="Look at the list of projects.",
            )
        return None, project
    return None, None
