"""Audit entries: written in the transaction of the change itself, read page by page."""

from __future__ import annotations

from sqlalchemy.orm import Session

from orrery_hub.audit import store
from orrery_hub.audit.schemas import AuditQuery, Entry
from orrery_hub.base.db import Database, now
from orrery_hub.base.request_context import request_context
from orrery_wire.schemas import Page


def record(session: Session, who: str, what: str, on: str, /) -> None:
    """Add an entry with the address and id of the present request; see ``RecordChange``."""
    current = request_context.get()
    entry = store.AuditRow(
        when=now(),
        who=who,
        person_id=current.person_id if who == current.user else None,
        what=what,
        on=on,
        address=current.address,
        request_id=current.request_id,
    )
    session.add(entry)


class AuditService:
    """Reads the audit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, query: AuditQuery) -> Page[Entry]:
        """One page of entries, newest first."""
        with self._database.read() as session:
            rows, total = store.page(session, query)
        items = tuple(Entry.model_validate(row, from_attributes=True) for row in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)
