"""Notices to people: the table, and how every capability posts and withdraws them.

A notice belongs to the transaction of what it announces. One with the same key replaces the one before, so whoever
posts need not know whether it was posted already; what a person dismissed stays dismissed until the text changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, Select, String, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.base import db
from orrery_hub.base.db import Table, UTCDateTime
from orrery_wire.notices import NoticeAction, NoticeKind, NoticeLevel

# So long a notice stays after what it announced.
LINGER = timedelta(hours=1)
# So long a notice stays that announces nothing.
KEEP = timedelta(days=30)
LIMIT = 50
# Keys of what everybody is told; whoever posts to a person uses none of these.
_TO_ALL = "all:"
_TEXT = 500


class NoticeRow(Table):
    """A notice to a person; ``server`` is null for one that concerns every server."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "person_id", "key", unique=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(String(128))
    server: Mapped[str | None] = mapped_column(String(255))
    kind: Mapped[NoticeKind] = mapped_column(String(16))
    level: Mapped[NoticeLevel] = mapped_column(String(16))
    message: Mapped[str] = mapped_column(String(500))
    reason: Mapped[str] = mapped_column(String(500))
    remedy: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(64))
    action: Mapped[NoticeAction] = mapped_column(String(16))
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    deadline: Mapped[datetime | None] = mapped_column(UTCDateTime)
    dismissed: Mapped[datetime | None] = mapped_column(UTCDateTime)


@dataclass(frozen=True)
class Draft:
    """A notice to post. ``key`` names what it is about, such as ``claim:12``, and is unique for a person."""

    key: str
    person_id: int
    kind: NoticeKind
    message: str
    reason: str = ""
    remedy: str = ""
    level: NoticeLevel = "info"
    server: str | None = None
    subject: str = ""
    action: NoticeAction = ""
    deadline: datetime | None = None


@dataclass(frozen=True)
class Broadcast:
    """What everybody is told in the lab, as long as it holds. ``subject`` names what it is about."""

    kind: NoticeKind
    subject: str
    message: str
    reason: str = ""
    remedy: str = ""
    level: NoticeLevel = "info"
    deadline: datetime | None = None

    @property
    def key(self) -> str:
        """The key of the notices that stand for it: another text is another notice, which was not dismissed."""
        words = (self.message, self.reason, self.remedy, self.level, str(self.deadline))
        digest = hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]
        return f"{_TO_ALL}{self.kind}:{self.subject}:{digest}"


_LENGTHS = {
    column.name: column.type.length
    for column in NoticeRow.__table__.columns
    if isinstance(column.type, String) and column.name not in ("key", "server")
}
_COPIED = tuple(f.name for f in fields(Draft) if f.name not in ("key", "person_id"))


def put(session: Session, draft: Draft) -> NoticeRow:
    """Post a notice, in the place of the person's notice with the same key."""
    row = session.scalar(_query(draft))
    if row is None:
        row = NoticeRow(person_id=draft.person_id, key=draft.key, created=db.now())
        _fill(row, draft)
        if db.add_once(session, row):
            return row
        row = session.scalars(_query(draft)).one()
    if (row.message, row.deadline) != (draft.message, draft.deadline):
        row.created, row.dismissed = db.now(), None
    _fill(row, draft)
    session.flush()
    return row


def _query(draft: Draft) -> Select[NoticeRow]:
    return (
        select(NoticeRow)
        .where(NoticeRow.person_id == draft.person_id, NoticeRow.key == draft.key)
        .with_for_update()
    )


def _fill(row: NoticeRow, draft: Draft) -> None:
    for name in _COPIED:
        value = getattr(draft, name)
        length = _LENGTHS.get(name)
        if isinstance(value, str) and length is not None and len(value) > length:
            value = f"{value[: length - 1]}…"  # whoever posts does not know how long names are
        setattr(row, name, value)


def withdraw(session: Session, person_id: int, key: str) -> None:
    """Take a notice back, if it is there."""
    session.execute(delete(NoticeRow).where(NoticeRow.person_id == person_id, NoticeRow.key == key))


def current(session: Session, person_id: int, server: str) -> Sequence[NoticeRow]:
    """The notices that a server of a person shows, newest first."""
    moment = db.now()
    query = (
        select(NoticeRow)
        .where(
            NoticeRow.person_id == person_id,
            NoticeRow.dismissed.is_(None),
            or_(NoticeRow.server.is_(None), NoticeRow.server == server),
            or_(NoticeRow.deadline.is_(None), NoticeRow.deadline > moment - LINGER),
        )
        .order_by(NoticeRow.created.desc(), NoticeRow.id.desc())
        .limit(LIMIT)
    )
    return session.scalars(query).all()


def has_broadcasts(session: Session, person_id: int, broadcasts: Iterable[Broadcast]) -> bool:
    """Whether the person's notices of what everybody is told are those of now, dismissed ones included."""
    return _keys_to_all(session, person_id) == {broadcast.key for broadcast in broadcasts}


def tell(session: Session, person_id: int, broadcasts: Sequence[Broadcast]) -> None:
    """Post what everybody is told to one person, who has a lab that asks, and withdraw what does not hold any more.

    A long text is shortened here: whoever shows the notice takes it from the broadcast.
    """
    for key in _keys_to_all(session, person_id) - {broadcast.key for broadcast in broadcasts}:
        withdraw(session, person_id, key)
    for broadcast in broadcasts:
        draft = Draft(
            key=broadcast.key,
            person_id=person_id,
            kind=broadcast.kind,
            message=broadcast.message[:_TEXT],
            reason=broadcast.reason[:_TEXT],
            remedy=broadcast.remedy[:_TEXT],
            level=broadcast.level,
            subject=broadcast.subject,
            deadline=broadcast.deadline,
        )
        put(session, draft)


def _keys_to_all(session: Session, person_id: int) -> set[str]:
    query = select(NoticeRow.key).where(
        NoticeRow.person_id == person_id, NoticeRow.key.startswith(_TO_ALL)
    )
    return set(session.scalars(query))


def dismiss(session: Session, person_id: int, id: int) -> bool:
    """Do not show a notice any more; false if the person has no such notice."""
    row = session.get(NoticeRow, id, with_for_update=True)
    if row is None or row.person_id != person_id:
        return False
    row.dismissed = row.dismissed or db.now()
    return True


def transfer(session: Session, source: int, target: int) -> None:
    """Remove the notices of a person whose things are another's now: they will be posted anew where they hold."""
    session.execute(delete(NoticeRow).where(NoticeRow.person_id == source))


def purge(session: Session, broadcasts: Iterable[Broadcast] = ()) -> None:
    """Remove what nobody sees any more; what everybody is told stays as long as it holds, also dismissed."""
    moment = db.now()
    held = {broadcast.key for broadcast in broadcasts}
    session.execute(
        delete(NoticeRow).where(
            NoticeRow.key.not_in(held),
            or_(
                NoticeRow.deadline < moment - LINGER,
                (NoticeRow.deadline.is_(None)) & (NoticeRow.created < moment - KEEP),
            ),
        )
    )
