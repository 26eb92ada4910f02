"""Requests for more of a budget: asked, approved or refused, with an end and a history."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from orrery_hub.base import db, notices
from orrery_hub.base.contracts import Memberships, RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.notices import Draft
from orrery_hub.base.user import User
from orrery_hub.budgets import store
from orrery_hub.budgets.limits import SCALES, period_end
from orrery_hub.budgets.schemas import Approval, Refusal
from orrery_hub.budgets.shapes import request_shape, request_shapes
from orrery_hub.budgets.store import BudgetRow, GrantRow, RequestRow
from orrery_hub.budgets.wording import allowance, subject_of
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.budgets import (
    BudgetRequest,
    BudgetRequestIn,
    BudgetRequestQuery,
    RequestState,
)
from orrery_wire.errors import Conflict, Invalid, NotFound
from orrery_wire.schemas import Page

_OPEN_REQUESTS = 3
_REASON = 500


class RequestService:
    """Requests for more. Administrators decide; everybody sees the own ones, owners those of their projects."""

    def __init__(
        self,
        database: Database,
        memberships: Memberships,
        *,
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._memberships = memberships
        self._record = record

    def list(self, user: User, query: BudgetRequestQuery) -> Page[BudgetRequest]:
        """One page of requests: all for an administrator, else the user's own and those of owned projects."""
        is_admin = user.may(PLATFORM_ADMIN)
        with self._database.read() as session:
            projects = () if is_admin else self._owned(session, user)
            rows, total = store.requests(
                session,
                query,
                person_id=None if is_admin else user.person_id,
                project_ids=projects,
            )
            items = request_shapes(session, rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def ask(self, user: User, request: BudgetRequestIn) -> BudgetRequest:
        """Ask for more of a budget that bears on the user.

        Raises:
            NotFound: no such budget bears on the user.
            Invalid: it asks for nothing, or until a time that is past.
            Conflict: too many requests for it are open.
        """
        moment = db.now()
        if not request.amount or (request.until and request.until <= moment):
            raise Invalid(
                "This asks for nothing",
                reason="The amount is 0, or the time is past.",
                remedy="Name an amount, and a time that is to come or none.",
            )
        with self._database.write() as session:
            budget = self._bearing(session, user, request.budget)
            session.get(BudgetRow, budget.id, with_for_update=True)
            if store.open_request_count(session, budget.id, user.person_id) >= _OPEN_REQUESTS:
                raise Conflict(
                    "You have asked already",
                    reason=f"{_OPEN_REQUESTS} of your requests for this budget are not decided yet.",
                    remedy="Wait for an answer, or withdraw a request.",
                )
            row = RequestRow(
                budget_id=budget.id,
                person_id=user.person_id,
                amount=request.amount * SCALES[budget.resource],
                until=request.until,
                reason=request.reason,
                state="open",
                created=moment,
                answer="",
            )
            session.add(row)
            session.flush()
            self._note(session, user.name, "ask", row, budget)
            return request_shape(session, row)

    def withdraw(self, user: User, id: int) -> BudgetRequest:
        """Take back a request of the user's own that is not decided yet."""
        with self._database.write() as session:
            row = session.get(RequestRow, id, with_for_update=True)
            if row is None or row.person_id != user.person_id:
                raise _no_request()
            budget = self._decide(session, user, row, "withdrawn", "")
            self._note(session, user.name, "withdraw", row, budget)
            return request_shape(session, row)

    def approve(self, user: User, id: int, approval: Approval) -> BudgetRequest:
        """Grant a request, or less or more than was asked for, from now until its end."""
        moment = db.now()
        with self._database.write() as session:
            row = session.get(RequestRow, id, with_for_update=True)
            if row is None:
                raise _no_request()
            budget = self._decide(session, user, row, "approved", approval.answer)
            scale = SCALES[budget.resource]
            amount = row.amount if approval.amount is None else approval.amount * scale
            ends = approval.until or row.until or period_end(budget.period, moment)
            if ends is not None and ends <= moment:
                raise Invalid(
                    "This grants nothing",
                    reason="The time until which it is to be granted is past.",
                    remedy="Name a time that is to come.",
                )
            row.amount, row.until = amount, ends
            person = row.person_id if budget.subject == "everyone" else None
            grant = GrantRow(
                budget_id=budget.id, person_id=person, amount=amount, starts=moment, ends=ends
            )
            session.add(grant)
            self._note(session, user.name, "approve", row, budget)
            self._tell(session, row, budget, "approved")
            return request_shape(session, row)

    def refuse(self, user: User, id: int, refusal: Refusal) -> BudgetRequest:
        """Refuse a request."""
        with self._database.write() as session:
            row = session.get(RequestRow, id, with_for_update=True)
            if row is None:
                raise _no_request()
            budget = self._decide(session, user, row, "refused", refusal.answer)
            self._note(session, user.name, "refuse", row, budget)
            self._tell(session, row, budget, "refused")
            return request_shape(session, row)

    def _decide(
        self, session: Session, user: User, row: RequestRow, state: RequestState, answer: str
    ) -> BudgetRow:
        if row.state != "open":
            raise Conflict(
                "This request is decided",
                reason=f"It was {row.state}.",
                remedy="Look at the list of requests again.",
            )
        row.state, row.decided, row.answer = state, db.now(), answer
        row.decided_by = user.person_id
        return session.get_one(BudgetRow, row.budget_id)

    def _note(
        self, session: Session, who: str, verb: str, row: RequestRow, budget: BudgetRow
    ) -> None:
        self._record(
            session,
            who,
            f"budgets.{verb}",
            str(row.id),
            project=store.slug(session, budget.project_id),
            after={
                "budget": budget.id,
                "amount": row.amount // SCALES[budget.resource],
                "until": row.until,
            },
        )

    def _tell(self, session: Session, row: RequestRow, budget: BudgetRow, outcome: str) -> None:
        """Tell the person who asked what was decided."""
        what, whose = allowance(budget), subject_of(session, budget)
        notices.put(
            session,
            Draft(
                key=f"budget-request:{row.id}",
                person_id=row.person_id,
                kind="budget",
                message=f"Your request for {what} of {whose} was {outcome}",
                reason=row.answer[:_REASON],
                level="info" if outcome == "approved" else "warning",
                subject=str(budget.id),
            ),
        )

    def _bearing(self, session: Session, user: User, id: int) -> BudgetRow:
        projects = {key for key, _, _ in self._memberships(session, user.person_id)}
        row = store.find_bearing(session, id, user.person_id, projects)
        if row is None:
            raise _no_budget()
        return row

    def _owned(self, session: Session, user: User) -> Sequence[int]:
        rows = self._memberships(session, user.person_id)
        return [id_ for id_, _, role in rows if role == "owner"]


def _no_request() -> NotFound:
    return NotFound(
        "There is no such request",
        reason="It has another number, or it is not yours.",
        remedy="Look at the list of requests.",
    )


def _no_budget() -> NotFound:
    return NotFound(
        "There is no such budget",
        reason="It has another number, or your servers do not count in it.",
        remedy="Look at your budgets.",
    )
