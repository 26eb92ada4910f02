"""Tables of jobs, announcements and maintenance, and their queries; the caller owns the transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, delete, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.admin.schemas import ItemState, JobItemQuery, JobState, Place
from orrery_hub.base.db import Table, UTCDateTime, now
from orrery_wire.schemas import PageQuery

_MESSAGE_LENGTH = 512


class JobRow(Table):
    """An action on many objects."""

    __tablename__ = "job"
    __table_args__ = (Index(None, "state"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(64))
    who: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    arguments: Mapped[str] = mapped_column(Text)
    is_dry_run: Mapped[bool]
    state: Mapped[JobState] = mapped_column(String(16))
    total: Mapped[int]
    done: Mapped[int]
    failed: Mapped[int]
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    started: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended: Mapped[datetime | None] = mapped_column(UTCDateTime)


class JobItemRow(Table):
    """One object of a job."""

    __tablename__ = "job_item"
    __table_args__ = (Index(None, "job_id", "state"),)
    job_id: Mapped[int] = mapped_column(
        ForeignKey("job.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    target: Mapped[str] = mapped_column(String(255))
    state: Mapped[ItemState] = mapped_column(String(16))
    message: Mapped[str] = mapped_column(String(_MESSAGE_LENGTH))


class AnnouncementRow(Table):
    """A text for everybody; ``places`` are separated by commas."""

    __tablename__ = "announcement"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(String(16))
    places: Mapped[str] = mapped_column(String(64))
    starts: Mapped[datetime] = mapped_column(UTCDateTime)
    ends: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_by: Mapped[str] = mapped_column(String(255))


class MaintenanceRow(Table):
    """The one row that says whether new servers may start."""

    __tablename__ = "maintenance"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    blocks_spawns: Mapped[bool]
    message: Mapped[str] = mapped_column(Text)
    starts: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ends: Mapped[datetime | None] = mapped_column(UTCDateTime)
    changed: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_by: Mapped[str] = mapped_column(String(255))


def add_job(
    session: Session,
    *,
    action: str,
    who: str,
    person_id: int | None,
    arguments: Mapping[str, str],
    targets: Sequence[str],
    is_dry_run: bool,
) -> JobRow:
    """Add a job with its objects, all of them pending."""
    row = JobRow(
        action=action,
        who=who,
        person_id=person_id,
        arguments=json.dumps(dict(arguments), sort_keys=True),
        is_dry_run=is_dry_run,
        state="queued",
        total=len(targets),
        done=0,
        failed=0,
        created=now(),
    )
    session.add(row)
    session.flush()
    session.execute(
        insert(JobItemRow),
        [
            {
                "job_id": row.id,
                "position": position,
                "target": target,
                "state": "pending",
                "message": "",
            }
            for position, target in enumerate(targets)
        ],
    )
    return row


def jobs(session: Session, query: PageQuery) -> tuple[Sequence[JobRow], int]:
    """One page of jobs, newest first, and the total."""
    total = session.scalar(select(func.count()).select_from(JobRow)) or 0
    page = select(JobRow).order_by(JobRow.id.desc()).offset(query.offset).limit(query.limit)
    return session.scalars(page).all(), total


def items(session: Session, job: int, query: JobItemQuery) -> tuple[Sequence[JobItemRow], int]:
    """One page of a job's objects, in their order, and the total."""
    statement = select(JobItemRow).where(JobItemRow.job_id == job)
    if query.state:
        statement = statement.where(JobItemRow.state == query.state)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    page = statement.order_by(JobItemRow.position).offset(query.offset).limit(query.limit)
    return session.scalars(page).all(), total


def targets(session: Session, job: int, *, state: ItemState | None = None) -> Sequence[str]:
    """The objects of a job, all of them or those in a state."""
    statement = select(JobItemRow.target).where(JobItemRow.job_id == job)
    if state:
        statement = statement.where(JobItemRow.state == state)
    return session.scalars(statement.order_by(JobItemRow.position)).all()


def next_job(session: Session) -> JobRow | None:
    """The oldest job that is not ended: one that a restart interrupted, or the next in the queue."""
    statement = select(JobRow).where(JobRow.state.in_(("queued", "running")))
    return session.scalar(statement.order_by(JobRow.id).limit(1))


def pending(session: Session, job: int, limit: int) -> Sequence[JobItemRow]:
    """The next objects of a job."""
    statement = select(JobItemRow).where(JobItemRow.job_id == job, JobItemRow.state == "pending")
    return session.scalars(statement.order_by(JobItemRow.position).limit(limit)).all()


def finish_item(session: Session, job: int, position: int, state: ItemState, message: str) -> None:
    """Note what became of an object, once."""
    changed = session.execute(
        update(JobItemRow)
        .where(
            JobItemRow.job_id == job,
            JobItemRow.position == position,
            JobItemRow.state == "pending",
        )
        .values(state=state, message=message[:_MESSAGE_LENGTH])
        .returning(JobItemRow.position)
    )
    if changed.first() is None:
        return
    column = JobRow.done if state == "done" else JobRow.failed
    session.execute(update(JobRow).where(JobRow.id == job).values({column: column + 1}))


def cancel_pending(session: Session, job: int, message: str = "") -> None:
    """Leave the rest of a job undone, and say why."""
    session.execute(
        update(JobItemRow)
        .where(JobItemRow.job_id == job, JobItemRow.state == "pending")
        .values(state="cancelled", message=message)
    )


def purge_jobs(session: Session, before: datetime) -> None:
    """Delete the jobs that ended before a point in time."""
    session.execute(delete(JobRow).where(JobRow.ended < before))


def announcements(session: Session, query: PageQuery) -> tuple[Sequence[AnnouncementRow], int]:
    """One page of announcements, the newest first, and the total."""
    total = session.scalar(select(func.count()).select_from(AnnouncementRow)) or 0
    page = select(AnnouncementRow).order_by(
        AnnouncementRow.starts.desc(), AnnouncementRow.id.desc()
    )
    return session.scalars(page.offset(query.offset).limit(query.limit)).all(), total


def shown(session: Session, place: Place, moment: datetime) -> Sequence[AnnouncementRow]:
    """What is shown in a place at a time, the newest first."""
    statement = (
        select(AnnouncementRow)
        .where(AnnouncementRow.starts <= moment)
        .where(or_(AnnouncementRow.ends.is_(None), AnnouncementRow.ends > moment))
        .where(AnnouncementRow.places.contains(place))
        .order_by(AnnouncementRow.starts.desc(), AnnouncementRow.id.desc())
        .limit(5)
    )
    return session.scalars(statement).all()


def maintenance(session: Session, *, lock: bool = False) -> MaintenanceRow | None:
    """Whether new servers may start; None if that was never changed."""
    return session.get(MaintenanceRow, 1, with_for_update=lock or None)
