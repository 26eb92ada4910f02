"""Tables of use, limits and warnings of idle servers, and their queries; the caller owns the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ForeignKey, Select, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from orrery_hub.base.db import Table, UTCDateTime, add_once
from orrery_hub.base.people import PersonRow
from orrery_hub.base.shared_tables import LEASE, POOL, PROFILE, PROJECT
from orrery_hub.culling.judgement import Limits, Report, Server, Warned
from orrery_hub.culling.schemas import AdviceQuery, ServerUseQuery
from orrery_wire.culling import Activity
from orrery_wire.json_types import JsonObject

MIB = 1024 * 1024


class ActivityRow(Table):
    """What the lab of a lease reported last, and sums of all its reports."""

    __tablename__ = "activity"
    lease_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reported_at: Mapped[datetime] = mapped_column(UTCDateTime)
    busy_kernels: Mapped[int]
    cpu_millis: Mapped[int] = mapped_column(BigInteger)
    memory_mib: Mapped[int] = mapped_column(BigInteger)
    device_permille: Mapped[int | None]
    device_note: Mapped[str] = mapped_column(String(200))
    last_execution: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_work: Mapped[datetime | None] = mapped_column(UTCDateTime)
    samples: Mapped[int]
    cpu_sum: Mapped[int] = mapped_column(BigInteger)
    cpu_max: Mapped[int] = mapped_column(BigInteger)
    memory_max: Mapped[int] = mapped_column(BigInteger)
    device_samples: Mapped[int]
    device_sum: Mapped[int] = mapped_column(BigInteger)
    device_max: Mapped[int]

    def as_report(self) -> Report:
        """The last report, as it is judged."""
        return Report(
            self.reported_at,
            self.busy_kernels,
            self.cpu_millis,
            self.memory_mib,
            self.device_permille,
            self.last_execution,
        )


class CullLimitRow(Table):
    """When idle servers of a pool are stopped."""

    __tablename__ = "cull_limit"
    pool_id: Mapped[int] = mapped_column(
        ForeignKey("pool.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    idle_minutes: Mapped[int]
    extension_minutes: Mapped[int]
    extensions: Mapped[int]
    unknown_minutes: Mapped[int | None]


class CullWarningRow(Table):
    """A person who was told that an idle server is stopped at ``deadline``, and how often that was put off."""

    __tablename__ = "cull_warning"
    lease_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    warned_at: Mapped[datetime] = mapped_column(UTCDateTime)
    deadline: Mapped[datetime] = mapped_column(UTCDateTime)
    extensions: Mapped[int]

    def as_warned(self) -> Warned:
        """The warning, as it is judged."""
        return Warned(self.warned_at, self.deadline, self.extensions)


class DefaultLimits(NamedTuple):
    """The limits of servers that hold devices of a pool without limits of its own, in minutes; 0 for none."""

    idle_minutes: int = 0
    unknown_minutes: int = 0


NO_LIMITS = DefaultLimits()


@dataclass(frozen=True)
class Case:
    """A running server with all that decides about it."""

    lease_id: int
    person_id: int
    user: str
    server: str
    pool: str
    project: str
    devices: int
    cpu_millis: int
    memory_mib: int
    started: datetime
    activity: ActivityRow | None
    warned: Warned | None
    limit: CullLimitRow | None

    def as_server(self, browser_activity: datetime | None = None) -> Server:
        """The server as it is judged."""
        row = self.activity
        last_work = row.last_work if row else None
        last_report = row.as_report() if row else None
        return Server(self.started, self.devices > 0, last_report, last_work, browser_activity)

    def limits(self, defaults: DefaultLimits) -> Limits | None:
        """Its limits: those of its pool, else the default for servers that hold devices; None for none."""
        minutes = defaults.unknown_minutes
        if self.limit is not None and self.limit.unknown_minutes is not None:
            minutes = self.limit.unknown_minutes
        unknown = timedelta(minutes=minutes) if minutes else None
        if self.limit is not None:
            return Limits(
                idle=timedelta(minutes=self.limit.idle_minutes),
                unknown=unknown,
                extension=timedelta(minutes=self.limit.extension_minutes),
                extensions=self.limit.extensions,
            )
        if defaults.idle_minutes and self.devices:
            return Limits(idle=timedelta(minutes=defaults.idle_minutes), unknown=unknown)
        return None


_Account = aliased(PersonRow)


def _cases() -> Select[Any]:
    return (
        select(
            LEASE,
            _Account.hub_name.label("user"),
            func.coalesce(POOL.c.slug, "").label("pool"),
            func.coalesce(PROJECT.c.slug, "").label("project"),
            ActivityRow,
            CullWarningRow,
            CullLimitRow,
        )
        .select_from(LEASE)
        .join(_Account, _Account.id == LEASE.c.account_id)
        .outerjoin(POOL, POOL.c.id == LEASE.c.pool_id)
        .outerjoin(PROJECT, PROJECT.c.id == LEASE.c.project_id)
        .outerjoin(ActivityRow, ActivityRow.lease_id == LEASE.c.id)
        .outerjoin(CullWarningRow, CullWarningRow.lease_id == LEASE.c.id)
        .outerjoin(CullLimitRow, CullLimitRow.pool_id == LEASE.c.pool_id)
        .where(LEASE.c.ended_at.is_(None), LEASE.c.started_at.is_not(None))
    )


def _case(row: Any) -> Case:
    warning: CullWarningRow | None = row.CullWarningRow
    return Case(
        lease_id=row.id,
        person_id=row.person_id,
        user=row.user,
        server=row.server_name,
        pool=row.pool,
        project=row.project,
        devices=row.devices,
        cpu_millis=round(row.cpu * 1000),
        memory_mib=-(-row.memory_bytes // MIB),
        started=row.started_at,
        activity=row.ActivityRow,
        warned=warning.as_warned() if warning else None,
        limit=row.CullLimitRow,
    )


def cases(session: Session) -> list[Case]:
    """Every running server."""
    return [_case(row) for row in session.execute(_cases().order_by(LEASE.c.id))]


def case_of(session: Session, user: str, server: str) -> Case | None:
    """The running server of an account; None if no lease is known for it."""
    query = _cases().where(_Account.hub_name == user, LEASE.c.server_name == server)
    row = session.execute(query).first()
    return _case(row) if row else None


def case(session: Session, lease_id: int) -> Case | None:
    """The running server of a lease; None once it has ended."""
    row = session.execute(_cases().where(LEASE.c.id == lease_id)).first()
    return _case(row) if row else None


def page(session: Session, query: ServerUseQuery) -> tuple[list[Case], int]:
    """One page of running servers, and the total."""
    statement = _cases()
    if query.pool:
        statement = statement.where(POOL.c.slug == query.pool)
    for word in query.q.split():
        statement = statement.where(
            _Account.hub_name.icontains(word, autoescape=True)
            | LEASE.c.server_name.icontains(word, autoescape=True)
        )
    ids = statement.with_only_columns(LEASE.c.id)
    total = session.scalar(select(func.count()).select_from(ids.subquery())) or 0
    columns: JsonObject = {
        "person": _Account.hub_name,
        "pool": POOL.c.slug,
        "since": LEASE.c.started_at,
        "idle": func.coalesce(ActivityRow.last_work, LEASE.c.started_at),
    }
    column = columns[query.sort]
    ordered = statement.order_by(column.desc() if query.descending else column, LEASE.c.id)
    rows = session.execute(ordered.offset(query.offset).limit(query.limit))
    return [_case(row) for row in rows], total


def report(session: Session, lease_id: int, activity: Activity, moment: datetime) -> ActivityRow:
    """Store what a lab reported."""
    row = session.get(ActivityRow, lease_id, with_for_update=True)
    if row is None:
        row = ActivityRow(
            lease_id=lease_id,
            last_work=None,
            samples=0,
            cpu_sum=0,
            cpu_max=0,
            memory_max=0,
            device_samples=0,
            device_sum=0,
            device_max=0,
            **_measured(activity, moment),
        )
        if not add_once(session, row):
            row = session.get_one(ActivityRow, lease_id, with_for_update=True)
    for name, value in _measured(activity, moment).items():
        setattr(row, name, value)
    row.samples += 1
    row.cpu_sum += activity.cpu_millis
    row.cpu_max = max(row.cpu_max, activity.cpu_millis)
    row.memory_max = max(row.memory_max, activity.memory_mib)
    if activity.device_permille is not None:
        row.device_samples += 1
        row.device_sum += activity.device_permille
        row.device_max = max(row.device_max, activity.device_permille)
    return row


def _measured(activity: Activity, moment: datetime) -> JsonObject:
    idle = activity.idle_seconds
    return activity.model_dump(exclude={"idle_seconds"}) | {
        "reported_at": moment,
        "last_execution": None if idle is None else moment - timedelta(seconds=idle),
    }


def warn(session: Session, lease_id: int, warned: Warned) -> None:
    """Note that a person was warned, or that the warning was put off."""
    row = session.get(CullWarningRow, lease_id, with_for_update=True)
    values = {
        "warned_at": warned.at,
        "deadline": warned.deadline,
        "extensions": warned.extensions,
    }
    if row is None:
        add_once(session, CullWarningRow(lease_id=lease_id, **values))
        return
    for name, value in values.items():
        setattr(row, name, value)


def unwarn(session: Session, lease_ids: Sequence[int]) -> None:
    """Forget warnings."""
    session.execute(delete(CullWarningRow).where(CullWarningRow.lease_id.in_(lease_ids)))


def stale_warnings(session: Session) -> list[int]:
    """The warnings of servers that do not run any more, by lease."""
    query = (
        select(CullWarningRow.lease_id)
        .outerjoin(LEASE, LEASE.c.id == CullWarningRow.lease_id)
        .where(LEASE.c.ended_at.is_not(None) | LEASE.c.id.is_(None))
    )
    return list(session.scalars(query))


def pool_id(session: Session, slug: str) -> int | None:
    """The pool of a slug; None if there is none, or it is deleted."""
    return session.scalar(select(POOL.c.id).where(POOL.c.slug == slug, POOL.c.deleted.is_(None)))


def limits(session: Session, offset: int, limit: int) -> tuple[list[tuple[str, CullLimitRow]], int]:
    """One page of the limits of pools, by slug, and the total."""
    query = (
        select(POOL.c.slug, CullLimitRow)
        .join(POOL, POOL.c.id == CullLimitRow.pool_id)
        .where(POOL.c.deleted.is_(None))
    )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.execute(query.order_by(POOL.c.slug).offset(offset).limit(limit))
    return [(slug, row) for slug, row in rows], total


def uses(
    session: Session, query: AdviceQuery, person_id: int | None, since: datetime
) -> tuple[Sequence[Any], int]:
    """One page of use by person and profile since a point in time, most devices first, and the total."""
    statement = (
        select(
            PersonRow.hub_name.label("person"),
            POOL.c.slug.label("pool"),
            PROFILE.c.id.label("profile_id"),
            PROFILE.c.slug.label("profile"),
            PROFILE.c.pool_id.label("pool_id"),
            PROFILE.c.devices.label("devices"),
            PROFILE.c.cpu.label("cpu"),
            PROFILE.c.memory_bytes.label("memory_bytes"),
            func.count().label("servers"),
            func.sum(ActivityRow.samples).label("samples"),
            func.sum(ActivityRow.cpu_sum).label("cpu_sum"),
            func.max(ActivityRow.cpu_max).label("cpu_max"),
            func.max(ActivityRow.memory_max).label("memory_max"),
            func.sum(ActivityRow.device_samples).label("device_samples"),
            func.sum(ActivityRow.device_sum).label("device_sum"),
            func.max(ActivityRow.device_max).label("device_max"),
        )
        .select_from(ActivityRow)
        .join(LEASE, LEASE.c.id == ActivityRow.lease_id)
        .join(PersonRow, PersonRow.id == LEASE.c.person_id)
        .join(PROFILE, PROFILE.c.id == LEASE.c.profile_id)
        .join(POOL, POOL.c.id == PROFILE.c.pool_id)
        .where(ActivityRow.reported_at >= since)
        .group_by(
            LEASE.c.person_id,
            PersonRow.hub_name,
            POOL.c.slug,
            PROFILE.c.id,
            PROFILE.c.slug,
            PROFILE.c.pool_id,
            PROFILE.c.devices,
            PROFILE.c.cpu,
            PROFILE.c.memory_bytes,
        )
    )
    if person_id is not None:
        statement = statement.where(LEASE.c.person_id == person_id)
    for word in query.q.split():
        statement = statement.where(
            PersonRow.hub_name.icontains(word, autoescape=True)
            | PROFILE.c.slug.icontains(word, autoescape=True)
        )
    if query.person:
        statement = statement.where(PersonRow.hub_name == query.person)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    ordered = statement.order_by(PROFILE.c.devices.desc(), PersonRow.hub_name, PROFILE.c.slug)
    return session.execute(ordered.offset(query.offset).limit(query.limit)).mappings().all(), total


def profiles(session: Session) -> Sequence[Any]:
    """The profiles that people may choose, of every pool."""
    query = select(PROFILE).where(PROFILE.c.deleted.is_(None))
    return [row for row in session.execute(query).mappings() if not row["is_hidden"]]


def purge(session: Session, before: datetime) -> None:
    """Remove what labs reported before a point in time."""
    session.execute(delete(ActivityRow).where(ActivityRow.reported_at < before))
