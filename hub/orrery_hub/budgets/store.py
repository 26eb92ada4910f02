"""Tables of budgets, grants, requests and warnings, and their queries; the caller owns the transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from orrery_hub.base.contracts import LeavingItem
from orrery_hub.base.db import Table, UTCDateTime, now
from orrery_hub.base.people import PersonRow
from orrery_hub.base.shared_tables import MEMBER, POOL, PROJECT
from orrery_hub.budgets.schemas import BudgetQuery
from orrery_wire.budgets import (
    BudgetRequestQuery,
    Period,
    RequestState,
    Resource,
    Subject,
)

_PART = 2**20


class BudgetRow(Table):
    """A limit for a resource in a period, in units of the ledger. ``slot`` allows it once for its subject."""

    __tablename__ = "budget"
    __table_args__ = (Index(None, "person_id"), Index(None, "project_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(String(64), unique=True)
    subject: Mapped[Subject] = mapped_column(String(16))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    resource: Mapped[Resource] = mapped_column(String(16))
    period: Mapped[Period] = mapped_column(String(16))
    amount: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[datetime] = mapped_column(UTCDateTime)


class GrantRow(Table):
    """What is added to a budget until a point in time; for one person of a budget that is each person's."""

    __tablename__ = "budget_grant"
    __table_args__ = (Index(None, "budget_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    budget_id: Mapped[int] = mapped_column(ForeignKey("budget.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    starts: Mapped[datetime] = mapped_column(UTCDateTime)
    ends: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RequestRow(Table):
    """A request for more of a budget, and what became of it; it stays as history."""

    __tablename__ = "budget_request"
    __table_args__ = (Index(None, "budget_id"), Index(None, "person_id"), Index(None, "state"))
    id: Mapped[int] = mapped_column(primary_key=True)
    budget_id: Mapped[int] = mapped_column(ForeignKey("budget.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[RequestState] = mapped_column(String(16))
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    decided: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(Text)


class StopWarningRow(Table):
    """A running server whose person was warned that it stops, and when."""

    __tablename__ = "budget_warning"
    lease_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    budget_id: Mapped[int]
    warned_at: Mapped[datetime] = mapped_column(UTCDateTime)


def slot_of(subject: Subject, subject_id: int | None, resource: Resource, period: Period) -> str:
    """What a budget takes up: the same subject has each resource and period once."""
    return f"{subject}:{subject_id or 0}:{resource}:{period}"


def bearing_on(
    session: Session, person_ids: Collection[int], project_ids: Collection[int]
) -> Sequence[BudgetRow]:
    """The budgets that count servers of some people or in some projects, those of everyone included."""
    query = select(BudgetRow).where(
        or_(
            BudgetRow.subject == "everyone",
            BudgetRow.person_id.in_(person_ids),
            BudgetRow.project_id.in_(project_ids),
        )
    )
    return session.scalars(query.order_by(BudgetRow.id)).all()


def lock_subjects(session: Session, budgets: Collection[BudgetRow], person_id: int) -> None:
    """Let nobody else decide by these budgets of a person or a project before the transaction ends.

    The person is locked for its own and for everyone's, so that people do not wait for each other. Others may refer to
    the rows meanwhile.
    """
    if any(budget.subject != "project" for budget in budgets):
        own = select(PersonRow.id).where(PersonRow.id == person_id)
        session.execute(own.with_for_update(key_share=True))
    ids = sorted(budget.id for budget in budgets if budget.subject == "project")
    if ids:
        shared = select(BudgetRow.id).where(BudgetRow.id.in_(ids)).order_by(BudgetRow.id)
        session.execute(shared.with_for_update(key_share=True))


def find_bearing(
    session: Session, id: int, person_id: int, project_ids: Collection[int]
) -> BudgetRow | None:
    """A budget, if it counts servers of a person or in some projects."""
    row = session.get(BudgetRow, id)
    if row is None:
        return None
    is_bearing = (
        row.subject == "everyone" or row.person_id == person_id or row.project_id in project_ids
    )
    return row if is_bearing else None


def page(
    session: Session, query: BudgetQuery, project_ids: Collection[int] | None
) -> tuple[Sequence[BudgetRow], int]:
    """One page of budgets and the total; with ``project_ids``, only those of these projects."""
    statement: Select[BudgetRow] = (
        select(BudgetRow)
        .outerjoin(PersonRow, PersonRow.id == BudgetRow.person_id)
        .outerjoin(PROJECT, PROJECT.c.id == BudgetRow.project_id)
    )
    if project_ids is not None:
        statement = statement.where(BudgetRow.project_id.in_(project_ids))
    if query.subject:
        statement = statement.where(BudgetRow.subject == query.subject)
    if query.resource:
        statement = statement.where(BudgetRow.resource == query.resource)
    if query.project:
        statement = statement.where(PROJECT.c.slug == query.project)
    for word in query.q.split():
        statement = statement.where(
            PersonRow.hub_name.icontains(word, autoescape=True)
            | PROJECT.c.slug.icontains(word, autoescape=True)
        )
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    name = func.coalesce(PROJECT.c.slug, PersonRow.hub_name, "")
    orders = {"name": name, "limit": BudgetRow.amount, "created": BudgetRow.created}
    column = orders[query.sort]
    ordered = statement.order_by(column.desc() if query.descending else column, BudgetRow.id)
    return session.scalars(ordered.offset(query.offset).limit(query.limit)).all(), total


def grants(
    session: Session, budget_ids: Collection[int], moment: datetime
) -> dict[tuple[int, int | None], int]:
    """What is granted now, by budget and person; person None: to all who draw on it."""
    query = select(GrantRow.budget_id, GrantRow.person_id, GrantRow.amount).where(
        GrantRow.budget_id.in_(budget_ids),
        GrantRow.starts <= moment,
        or_(GrantRow.ends.is_(None), GrantRow.ends > moment),
    )
    # Summed here: a few large grants are more than a whole number of the database holds.
    granted: dict[tuple[int, int | None], int] = {}
    for budget, person, amount in session.execute(query):
        granted[budget, person] = granted.get((budget, person), 0) + amount
    return granted


def fingerprint(session: Session, moment: datetime) -> tuple[int, ...]:
    """Numbers that differ once a limit or what is granted now differs."""
    active = (GrantRow.starts <= moment) & or_(GrantRow.ends.is_(None), GrantRow.ends > moment)
    queries = (
        select(func.count(), *_sums(BudgetRow.amount), func.max(BudgetRow.id)),
        select(func.count(), *_sums(GrantRow.amount), func.max(GrantRow.id)).where(active),
    )
    rows = (session.execute(query).one() for query in queries)
    return tuple(int(value or 0) for row in rows for value in row)


def _sums(amount: InstrumentedAttribute[int]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    # The sum of large amounts in two parts: as one it may be more than a whole number of the database holds.
    return func.sum(amount // _PART), func.sum(amount % _PART)


def requests(
    session: Session,
    query: BudgetRequestQuery,
    *,
    person_id: int | None,
    project_ids: Collection[int],
) -> tuple[Sequence[RequestRow], int]:
    """One page of requests, newest first, and the total; with ``person_id``, a person's own and those of some projects."""
    statement = select(RequestRow).join(BudgetRow, BudgetRow.id == RequestRow.budget_id)
    if person_id is not None:
        statement = statement.where(
            or_(RequestRow.person_id == person_id, BudgetRow.project_id.in_(project_ids))
        )
    if query.state:
        statement = statement.where(RequestRow.state == query.state)
    if query.budget:
        statement = statement.where(RequestRow.budget_id == query.budget)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    ordered = statement.order_by(RequestRow.created.desc(), RequestRow.id.desc())
    return session.scalars(ordered.offset(query.offset).limit(query.limit)).all(), total


def open_request_count(session: Session, budget_id: int, person_id: int) -> int:
    """How many undecided requests a person has for a budget."""
    query = select(func.count()).where(
        RequestRow.budget_id == budget_id,
        RequestRow.person_id == person_id,
        RequestRow.state == "open",
    )
    return session.scalar(query) or 0


def people_with_own(session: Session, budget: BudgetRow) -> set[int]:
    """The people who have a budget of their own in the place of one that is everyone's."""
    query = select(BudgetRow.person_id).where(
        BudgetRow.subject == "person",
        BudgetRow.resource == budget.resource,
        BudgetRow.period == budget.period,
    )
    return {person for person in session.scalars(query) if person is not None}


def owners(session: Session, project_id: int | None) -> Sequence[int]:
    """The owners of a project."""
    query = select(MEMBER.c.person_id).where(
        MEMBER.c.project_id == project_id, MEMBER.c.role == "owner"
    )
    return session.scalars(query).all() if project_id is not None else ()


def slugs(session: Session, project_ids: Collection[int]) -> dict[int, str]:
    """The slugs of projects, by id; without those of projects that were removed for good."""
    query = select(PROJECT.c.id, PROJECT.c.slug).where(PROJECT.c.id.in_(project_ids))
    return {id_: slug for id_, slug in session.execute(query)}  # noqa: C416  # rows, not pairs


def by_id(session: Session, ids: Collection[int]) -> dict[int, BudgetRow]:
    """Budgets by their ids."""
    query = select(BudgetRow).where(BudgetRow.id.in_(ids))
    return {row.id: row for row in session.scalars(query)}


def slug(session: Session, project_id: int | None) -> str:
    """The slug of a project; empty for none, and for one that was removed for good."""
    query = select(PROJECT.c.slug).where(PROJECT.c.id == project_id)
    return session.scalar(query) or "" if project_id is not None else ""


def pool_slug(session: Session, pool_id: int | None) -> str:
    """The slug of a pool; empty for none."""
    query = select(POOL.c.slug).where(POOL.c.id == pool_id)
    return session.scalar(query) or "" if pool_id is not None else ""


def project_id(session: Session, slug: str) -> int | None:
    """The project of a slug; None if there is none, or it is deleted."""
    return session.scalar(
        select(PROJECT.c.id).where(PROJECT.c.slug == slug, PROJECT.c.deleted.is_(None))
    )


def warnings(session: Session) -> dict[int, StopWarningRow]:
    """The warnings of running servers, by lease."""
    return {row.lease_id: row for row in session.scalars(select(StopWarningRow))}


def remove_warnings(session: Session, lease_ids: Collection[int]) -> None:
    """Forget warnings."""
    session.execute(delete(StopWarningRow).where(StopWarningRow.lease_id.in_(lease_ids)))


def merge(session: Session, source: int, target: int) -> None:
    """Make the budgets, grants and requests of one account those of the other, which is the same person's.

    What both have as a limit is the target's; what both have used is used once, together. Between two people nothing of
    this changes hands: a limit is no property.
    """
    for row in session.scalars(select(BudgetRow).where(BudgetRow.person_id == source)).all():
        slot = slot_of(row.subject, target, row.resource, row.period)
        if session.scalar(select(BudgetRow.id).where(BudgetRow.slot == slot)) is None:
            row.person_id, row.slot = target, slot
        else:
            session.delete(row)
        session.flush()
    for table in (GrantRow, RequestRow):
        session.execute(update(table).where(table.person_id == source).values(person_id=target))


def leave(session: Session, person: int) -> Sequence[LeavingItem]:
    """Withdraw the open requests of somebody who leaves; what limited the person stays with the costs."""
    withdrawn = session.execute(
        update(RequestRow)
        .where(RequestRow.person_id == person, RequestRow.state == "open")
        .values(state="withdrawn", decided=now())
        .returning(RequestRow.id)
    ).all()
    query = select(func.count()).where(BudgetRow.person_id == person)
    budget_count = session.scalar(query) or 0
    words = (
        "Of the person's own; they limit nobody any more. Removing one removes its requests too."
    )
    return (
        LeavingItem("budget requests", len(withdrawn), False, "For more, not decided yet."),
        LeavingItem("budgets", budget_count, True, words),
    )
