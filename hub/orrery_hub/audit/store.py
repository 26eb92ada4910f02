"""Tables of audit entries and their queries; entries are never changed.

Ids have no gaps, and are given in the order of the commits: whoever adds entries holds the head of the chain until
the end of the transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Index, Select, String, delete, func, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.audit.schemas import AuditFilter, AuditQuery
from orrery_hub.base.db import Table, UTCDateTime

HEAD = "head"
CHECKPOINT = "checkpoint"
# What the first entry of all follows.
START = "0" * 64


_ADD_PLACE = text(
    "INSERT INTO audit_chain (name, entry_id, hash) VALUES (:name, 0, :hash) ON CONFLICT (name) DO NOTHING"
)


class AuditRow(Table):
    """One audit entry."""

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "who"),
        Index(None, "when"),
        Index(None, "person_id"),
        Index(None, "project"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    when: Mapped[datetime] = mapped_column(UTCDateTime)
    who: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int | None]
    permission: Mapped[str] = mapped_column(String(64), default="")
    project: Mapped[str] = mapped_column(String(63), default="")
    what: Mapped[str] = mapped_column(String(64))
    on: Mapped[str] = mapped_column(String(512))
    before: Mapped[str | None]
    after: Mapped[str | None]
    outcome: Mapped[str] = mapped_column(String(16), default="done")
    address: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(String(64))
    client_request_id: Mapped[str] = mapped_column(String(64), default="")
    hash: Mapped[str] = mapped_column(String(64))


class ChainRow(Table):
    """A place in the chain: its head, or the checkpoint that the oldest entry follows."""

    __tablename__ = "audit_chain"
    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


def place(session: Session, name: str, *, lock: bool = False) -> ChainRow:
    """A place in the chain; with ``lock``, no other transaction adds entries before this one ends."""
    row = session.get(ChainRow, name, with_for_update=lock or None, populate_existing=True)
    if row is None and lock:
        # Only a database that was emptied has none, and several may add it at once.
        session.execute(_ADD_PLACE, {"name": name, "hash": START})
        row = session.get_one(ChainRow, name, with_for_update=True)
    return row or ChainRow(name=name, entry_id=0, hash=START)


def page(session: Session, query: AuditQuery) -> tuple[Sequence[AuditRow], int]:
    """One page of entries, newest first, and the total."""
    entries = _filtered(query)
    total = session.scalar(select(func.count()).select_from(entries.subquery())) or 0
    ordered = entries.order_by(AuditRow.id.desc()).offset(query.offset).limit(query.limit)
    return session.scalars(ordered).all(), total


def after(session: Session, id: int, count: int, query: AuditFilter) -> Sequence[AuditRow]:
    """The first entries with a greater id, oldest first."""
    entries = _filtered(query).where(AuditRow.id > id)
    return session.scalars(entries.order_by(AuditRow.id).limit(count)).all()


def _filtered(query: AuditFilter) -> Select[AuditRow]:
    entries = select(AuditRow)
    for column, value in (
        (AuditRow.who, query.who),
        (AuditRow.what, query.what),
        (AuditRow.project, query.project),
        (AuditRow.outcome, query.outcome),
    ):
        if value:
            # PostgreSQL refuses a query with a NUL; nothing that is stored contains one.
            entries = entries.where(column == value)
    for word in query.q.split():
        texts = (AuditRow.who, AuditRow.what, AuditRow.on, AuditRow.project)
        entries = entries.where(or_(*(text.icontains(word, autoescape=True) for text in texts)))
    if query.person_id is not None:
        entries = entries.where(AuditRow.person_id == query.person_id)
    if query.since:
        entries = entries.where(AuditRow.when >= query.since)
    if query.until:
        entries = entries.where(AuditRow.when < query.until)
    return entries


def last_before(session: Session, moment: datetime) -> AuditRow | None:
    """The newest entry of those that are older than a point in time, and all entries before which are too."""
    first_newer = session.scalar(select(func.min(AuditRow.id)).where(AuditRow.when >= moment))
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(1)
    if first_newer is not None:
        query = query.where(AuditRow.id < first_newer)
    return session.scalar(query)


def delete_until(session: Session, id: int) -> int:
    """Delete the entries up to an id; returns how many."""
    removed = session.execute(delete(AuditRow).where(AuditRow.id <= id).returning(AuditRow.id))
    return len(removed.all())


def batches(session: Session, count: int) -> Iterator[Sequence[AuditRow]]:
    """All entries in the order of their ids, so many at a time."""
    last = -1
    while rows := after(session, last, count, AuditFilter()):
        last = rows[-1].id
        yield rows
        session.expunge_all()
