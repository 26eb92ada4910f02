"""The table of failures and its queries; the caller owns the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    Select,
    String,
    delete,
    distinct,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, defer, mapped_column

from orrery_hub.base import db
from orrery_hub.base.db import Table, UTCDateTime
from orrery_hub.base.people import PersonRow
from orrery_hub.base.shared_tables import LEASE, POOL, PROFILE, PROJECT
from orrery_hub.failures.schemas import CauseQuery, FailureQuery
from orrery_wire.failures import FailureIn, FailureStage
from orrery_wire.queue import CauseKind


class LaunchFailureRow(Table):
    """A server that did not start, or ended by itself.

    ``account_id`` is the account that the server belongs to, ``person_id`` whose account that is. ``events`` and ``log``
    are the last lines, a list of texts.
    """

    __tablename__ = "launch_failure"
    __table_args__ = (
        Index(None, "at"),
        Index(None, "kind", "at"),
        Index(None, "account_id", "at"),
        Index(None, "person_id", "at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    server_name: Mapped[str] = mapped_column(String(255))
    lease_id: Mapped[int | None]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="SET NULL"))
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("pool.id"))
    profile_id: Mapped[int | None] = mapped_column(ForeignKey("hardware_profile.id"))
    stage: Mapped[FailureStage] = mapped_column(String(16))
    kind: Mapped[CauseKind] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(String(500))
    node: Mapped[str] = mapped_column(String(253))
    began: Mapped[datetime] = mapped_column(UTCDateTime)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    exit_status: Mapped[int | None]
    events: Mapped[list[str]] = mapped_column(JSON)
    log: Mapped[list[str]] = mapped_column(JSON)
    handled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    handled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


_Account = aliased(PersonRow)
_Handler = aliased(PersonRow)
_Row = LaunchFailureRow


def account_id(session: Session, name: str) -> int | None:
    """The row of an account that is in use."""
    return session.scalar(select(PersonRow.id).where(PersonRow.hub_name == name))


def add(
    session: Session, account: int, person: int, report: FailureIn, moment: datetime
) -> LaunchFailureRow:
    """Store what was reported; what the server held is that of its lease, if the lease is the server's."""
    lease = None
    if report.lease is not None:
        query = select(LEASE).where(
            LEASE.c.id == report.lease,
            LEASE.c.account_id == account,
            LEASE.c.server_name == report.server,
        )
        lease = session.execute(query).first()
    row = LaunchFailureRow(
        account_id=account,
        person_id=person,
        server_name=report.server,
        lease_id=lease.id if lease else None,
        project_id=lease.project_id if lease else None,
        pool_id=lease.pool_id if lease else None,
        profile_id=lease.profile_id if lease else None,
        stage=report.stage,
        kind=report.kind,
        detail=report.detail,
        node=report.node,
        # Of another machine's clock: nothing is reported before it happened.
        began=min(report.began, report.at, moment),
        at=min(report.at, moment),
        exit_status=report.exit_status,
        events=list(report.events),
        log=list(report.log),
    )
    session.add(row)
    session.flush()
    return row


def is_known(session: Session, account: int, report: FailureIn) -> bool:
    """Whether the start was reported already."""
    query = select(_Row.id).where(
        _Row.account_id == account,
        _Row.server_name == report.server,
        _Row.began == report.began,
    )
    return session.scalar(query.limit(1)) is not None


def _shown() -> Select[*tuple[Any, ...]]:
    return (
        select(
            _Row,
            _Account.hub_name.label("person"),
            func.coalesce(POOL.c.slug, "").label("pool"),
            func.coalesce(PROFILE.c.slug, "").label("profile"),
            func.coalesce(PROJECT.c.slug, "").label("project"),
            func.coalesce(_Handler.hub_name, "").label("handler"),
        )
        .select_from(_Row)
        .join(_Account, _Account.id == _Row.account_id)
        .outerjoin(_Handler, _Handler.id == _Row.handled_by)
        .outerjoin(POOL, POOL.c.id == _Row.pool_id)
        .outerjoin(PROFILE, PROFILE.c.id == _Row.profile_id)
        .outerjoin(PROJECT, PROJECT.c.id == _Row.project_id)
    )


def _narrowed(statement: Select[Any], query: CauseQuery) -> Select[Any]:
    for word in query.q.split():
        statement = statement.where(
            _Account.hub_name.icontains(word, autoescape=True)
            | _Row.server_name.icontains(word, autoescape=True)
            | _Row.node.icontains(word, autoescape=True)
            | _Row.detail.icontains(word, autoescape=True)
        )
    equals: tuple[tuple[Any, str | None], ...] = (
        (_Account.hub_name, query.person),
        (POOL.c.slug, query.pool),
        (PROFILE.c.slug, query.profile),
        (_Row.stage, query.stage),
    )
    for column, value in equals:
        if value:
            statement = statement.where(column == value)
    if query.state != "all":
        is_open = _Row.handled_at.is_(None)
        statement = statement.where(is_open if query.state == "open" else ~is_open)
    if query.hours is not None:
        statement = statement.where(_Row.at >= db.now() - timedelta(hours=query.hours))
    if query.since is not None:
        statement = statement.where(_Row.at >= query.since)
    if query.until is not None:
        statement = statement.where(_Row.at < query.until)
    return statement


def page(session: Session, query: FailureQuery) -> tuple[Sequence[Any], int]:
    """One page of failures with the names of what they are about, without their lines, and the total."""
    statement = _narrowed(_shown(), query)
    if query.kind is not None:
        statement = statement.where(_Row.kind == query.kind)
    ids = statement.with_only_columns(_Row.id)
    total = session.scalar(select(func.count()).select_from(ids.subquery())) or 0
    columns: dict[str, Any] = {
        "at": _Row.at,
        "person": _Account.hub_name,
        "pool": func.coalesce(POOL.c.slug, ""),
        "kind": _Row.kind,
        "node": _Row.node,
    }
    column = columns[query.sort]
    order = (column.desc(), _Row.id.desc()) if query.descending else (column, _Row.id)
    lean = statement.options(defer(_Row.events), defer(_Row.log)).order_by(*order)
    return session.execute(lean.offset(query.offset).limit(query.limit)).all(), total


def find(session: Session, id: int) -> Any:
    """A failure with the names of what it is about; None if there is none."""
    return session.execute(_shown().where(_Row.id == id)).first()


def causes(session: Session, query: CauseQuery) -> tuple[Sequence[Any], int]:
    """One page of counts by cause, the commonest first, and how many causes there are."""
    counted = _narrowed(_shown(), query).with_only_columns(
        _Row.kind.label("kind"),
        func.count().label("failures"),
        func.count(distinct(_Row.person_id)).label("people"),
        (func.count() - func.count(_Row.handled_at)).label("open"),
        func.max(_Row.at).label("last_at"),
    )
    counted = counted.group_by(_Row.kind)
    total = session.scalar(select(func.count()).select_from(counted.subquery())) or 0
    ordered = counted.order_by(func.count().desc(), _Row.kind)
    return session.execute(ordered.offset(query.offset).limit(query.limit)).all(), total


def newest(session: Session, account: int, since: datetime) -> Sequence[LaunchFailureRow]:
    """The last failure of each server of an account since a point in time, newest first.

    One of a start is not among them once the server has run.
    """
    query = (
        select(_Row)
        .options(defer(_Row.events), defer(_Row.log))
        .where(_Row.account_id == account, _Row.at >= since)
        .order_by(_Row.at.desc(), _Row.id.desc())
    )
    rows: dict[str, LaunchFailureRow] = {}
    for row in session.scalars(query):
        rows.setdefault(row.server_name, row)
    return [row for row in rows.values() if row.stage == "run" or not _has_run_since(session, row)]


def _has_run_since(session: Session, row: LaunchFailureRow) -> bool:
    query = select(LEASE.c.id).where(
        LEASE.c.account_id == row.account_id,
        LEASE.c.server_name == row.server_name,
        LEASE.c.started_at > row.at,
    )
    return session.scalar(query.limit(1)) is not None


def server_of(session: Session, lease_id: int) -> tuple[int, str] | None:
    """Whose server a lease is for, and its name."""
    query = select(LEASE.c.person_id, LEASE.c.server_name).where(LEASE.c.id == lease_id)
    row = session.execute(query).first()
    return (row.person_id, row.server_name) if row else None


def transfer(session: Session, source: int, target: int) -> None:
    """Give every failure of one person to another; the servers stay those of their accounts."""
    session.execute(update(_Row).where(_Row.person_id == source).values(person_id=target))


def purge(session: Session, before: datetime) -> None:
    """Remove the failures from before a point in time."""
    session.execute(delete(_Row).where(_Row.at < before))
