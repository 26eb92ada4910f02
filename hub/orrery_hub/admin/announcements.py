"""Announcements to everybody, and maintenance: from when to when no new server starts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from sqlalchemy.orm import Session

from orrery_hub.admin import store
from orrery_hub.admin.schemas import (
    Announcement,
    AnnouncementIn,
    Level,
    Maintenance,
    MaintenanceIn,
    Place,
    PublicAnnouncement,
)
from orrery_hub.base.contracts import RecordChange, no_record
from orrery_hub.base.db import Database, now
from orrery_hub.base.notices import Broadcast
from orrery_wire.errors import Conflict, Invalid, NotFound, OrreryError
from orrery_wire.schemas import Page, PageQuery

_DEFAULT_MESSAGE = "The hub is under maintenance."


class AnnouncementService:
    """Writes and shows announcements, and blocks new servers."""

    def __init__(self, database: Database, *, record: RecordChange = no_record) -> None:
        self._database = database
        self._record = record

    def list(self, query: PageQuery) -> Page[Announcement]:
        """One page of announcements, with those that are over."""
        with self._database.read() as session:
            rows, total = store.announcements(session, query)
        items = tuple(map(_shape, rows))
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def shown(self, place: Place) -> Sequence[PublicAnnouncement]:
        """What is shown in a place now."""
        with self._database.read() as session:
            rows = store.shown(session, place, now())
            notes = [PublicAnnouncement(text=row.text, level=_level(row)) for row in rows]
            if refusal := spawn_refusal(session):
                notes.insert(0, PublicAnnouncement(text=refusal, level="warning"))
            return notes

    def create(self, who: str, request: AnnouncementIn) -> Announcement:
        """Announce something."""
        with self._database.write() as session:
            row = store.AnnouncementRow(created_by=who)
            _fill(row, request)
            session.add(row)
            session.flush()
            self._record(session, who, "admin.announce", str(row.id), after=_facts(row))
            return _shape(row)

    def replace(self, who: str, id: int, request: AnnouncementIn) -> Announcement:
        """Change an announcement."""
        with self._database.write() as session:
            row = _require(session.get(store.AnnouncementRow, id, with_for_update=True), id)
            before = _facts(row)
            _fill(row, request)
            self._record(
                session, who, "admin.announce.change", str(id), before=before, after=_facts(row)
            )
            return _shape(row)

    def delete(self, who: str, id: int) -> None:
        """Delete an announcement."""
        with self._database.write() as session:
            row = _require(session.get(store.AnnouncementRow, id, with_for_update=True), id)
            self._record(session, who, "admin.announce.delete", str(id), before=_facts(row))
            session.delete(row)

    def maintenance(self) -> Maintenance:
        """Whether new servers may start."""
        with self._database.read() as session:
            return _maintenance(store.maintenance(session))

    def set_maintenance(self, who: str, request: MaintenanceIn) -> Maintenance:
        """Block new servers, or let them start."""
        _check(request.starts, request.ends)
        with self._database.write() as session:
            row = store.maintenance(session, lock=True)
            before = None if row is None else {"blocks_spawns": row.blocks_spawns}
            if row is None:
                row = store.MaintenanceRow(id=1)
                session.add(row)
            row.blocks_spawns, row.message = request.blocks_spawns, request.message
            row.starts, row.ends = request.starts, request.ends
            row.changed, row.changed_by = now(), who
            session.flush()
            after = {"blocks_spawns": row.blocks_spawns, "starts": row.starts, "ends": row.ends}
            self._record(session, who, "admin.maintenance", "hub", before=before, after=after)
            return _maintenance(row)


def announce(session: Session) -> Sequence[Broadcast]:
    """What everybody is told in the lab now; see ``base.contracts.Announce``."""
    moment = now()
    broadcasts = [
        Broadcast("message", f"announcement-{row.id}", row.text, level=_level(row))
        for row in store.shown(session, "lab", moment)
    ]
    row = store.maintenance(session)
    if row is not None and row.blocks_spawns and row.starts is not None and row.starts > moment:
        broadcasts.insert(
            0,
            _notice_of(
                row,
                "Maintenance begins: no new server starts from then on",
                remedy="Start what you need before; servers that run go on.",
                deadline=row.starts,
            ),
        )
    elif row is not None and _maintenance(row).is_active:
        broadcasts.insert(
            0,
            _notice_of(
                row, "Maintenance: no new server starts now", remedy="Servers that run go on."
            ),
        )
    return broadcasts


def _notice_of(
    row: store.MaintenanceRow, message: str, *, remedy: str, deadline: datetime | None = None
) -> Broadcast:
    return Broadcast(
        "maintenance",
        "maintenance",
        message,
        reason=f"{row.message}{_end_of(row)}".strip(),
        remedy=remedy,
        level="warning",
        deadline=deadline,
    )


def _end_of(row: store.MaintenanceRow) -> str:
    return f" It is to end at {row.ends:%Y-%m-%d %H:%M} UTC." if row.ends else ""


def spawn_refusal(session: Session) -> str | None:
    """Why no new server may start now, in words; None if it may."""
    refusal = start_gate(session)
    return f"{refusal.message}. {refusal.reason}" if refusal else None


def start_gate(session: Session) -> OrreryError | None:
    """The refusal of every start during maintenance; see ``base.contracts.StartGate``."""
    row = store.maintenance(session)
    if row is None or not _maintenance(row).is_active:
        return None
    return Conflict(
        "No new server starts now",
        reason=f"{row.message or _DEFAULT_MESSAGE}{_end_of(row)}",
        remedy="Try again later. Servers that run go on.",
        details={"cause": "maintenance"},
    )


def _maintenance(row: store.MaintenanceRow | None) -> Maintenance:
    if row is None:
        return Maintenance(blocks_spawns=False, is_active=False, changed=None, changed_by="")
    moment = now()
    has_begun = row.starts is None or row.starts <= moment
    is_over = row.ends is not None and row.ends <= moment
    return Maintenance(
        blocks_spawns=row.blocks_spawns,
        message=row.message,
        starts=row.starts,
        ends=row.ends,
        is_active=row.blocks_spawns and has_begun and not is_over,
        changed=row.changed,
        changed_by=row.changed_by,
    )


def _fill(row: store.AnnouncementRow, request: AnnouncementIn) -> None:
    _check(request.starts, request.ends)
    row.text, row.level = request.text, request.level
    row.places = ",".join(sorted(set(request.places)))
    row.starts, row.ends = request.starts or now(), request.ends


def _check(starts: datetime | None, ends: datetime | None) -> None:
    if ends and ends <= (starts or now()):
        raise Invalid(
            "It would end before it begins",
            reason="The end is not after the start, or has passed.",
            remedy="Choose a later end, or none.",
        )


def _shape(row: store.AnnouncementRow) -> Announcement:
    moment = now()
    return Announcement(
        id=row.id,
        text=row.text,
        level=_level(row),
        places=tuple(place for place in get_args(Place) if place in row.places.split(",")),
        starts=row.starts,
        ends=row.ends,
        is_shown=row.starts <= moment and (row.ends is None or row.ends > moment),
        created_by=row.created_by,
    )


def _level(row: store.AnnouncementRow) -> Level:
    return "warning" if row.level == "warning" else "info"


def _facts(row: store.AnnouncementRow) -> dict[str, object]:
    """What the audit says: places and times, and the length of the text."""
    return {
        "text_length": len(row.text),
        "places": row.places,
        "starts": row.starts,
        "ends": row.ends,
    }


def _require(row: store.AnnouncementRow | None, id: int) -> store.AnnouncementRow:
    if row is None:
        raise NotFound(
            f"There is no announcement {id}",
            reason="Somebody has deleted it.",
            remedy="Look at the list of announcements.",
        )
    return row
