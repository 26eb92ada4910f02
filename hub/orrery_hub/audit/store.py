"""Table of audit entries and its query; entries are never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.audit.schemas import AuditQuery
from orrery_hub.base.db import Table, UTCDateTime


class AuditRow(Table):
    """One audit entry."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "who"), Index(None, "when"), Index(None, "person_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    when: Mapped[datetime] = mapped_column(UTCDateTime)
    who: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int | None]
    what: Mapped[str] = mapped_column(String(64))
    on: Mapped[str] = mapped_column(String(512))
    address: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(String(64))


def page(session: Session, query: AuditQuery) -> tuple[Sequence[AuditRow], int]:
    """One page of entries, newest first, and the total."""
    entries = select(AuditRow)
    if query.who:
        entries = entries.where(AuditRow.who == query.who.replace("\x00", "\ufffd"))
    if query.what:
        entries = entries.where(AuditRow.what == query.what.replace("\x00", "\ufffd"))
    total = session.scalar(select(func.count()).select_from(entries.subquery())) or 0
    ordered = entries.order_by(AuditRow.id.desc()).offset(query.offset).limit(query.limit)
    return session.scalars(ordered).all(), total
