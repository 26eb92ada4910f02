"""The record of who changed what: written with the change itself, or not at all."""

from __future__ import annotations

from sqlalchemy.orm import Session

from orrery_hub.audit import store
from orrery_hub.audit.schemas import AuditQuery, Entry
from orrery_hub.base.context import trip
from orrery_hub.base.db import Database, now
from orrery_wire.schemas import Page


class AuditService:
    """Notes changes and shows them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @staticmethod
    def record(session: Session, who: str, what: str, on: str) -> None:
        """Note a change in its own transaction, so that neither exists without the other."""
        current = trip.get()
        session.add(
            store.AuditRow(
                when=now(),
                who=who,
                what=what,
                on=on,
                address=current.address,
                request_id=current.request_id,
            )
        )

    def page(self, query: AuditQuery) -> Page[Entry]:
        """One page of entries, newest first."""
        with self._database.read() as session:
            rows, total = store.page(session, query)
        items = tuple(
            Entry(
                id=row.id,
                when=row.when,
                who=row.who,
                what=row.what,
                on=row.on,
                address=row.address,
                request_id=row.request_id,
            )
            for row in rows
        )
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)
