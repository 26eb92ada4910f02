"""Tables of pools and their queries; the caller owns the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    delete,
    false,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from orrery_hub.base.db import Table, UTCDateTime, now
from orrery_hub.base.people import PersonRow
from orrery_hub.base.private_options import STRIP_LIMIT, has_private, without_private
from orrery_hub.base.shared_tables import PROJECT
from orrery_hub.pools.schemas import CatalogueQuery
from orrery_wire.json_types import JsonObject
from orrery_wire.pools import LeaseQuery, LeaseState

_SLUG = 63
_NAME = 120


class _Declared:
    """Columns of what an administrator declares. A deleted row stays, for leases refer to it; its slug is free again.

    ``is_declared``: it comes from the file of pools and is changed there.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(_SLUG))
    name: Mapped[str] = mapped_column(String(_NAME))
    is_declared: Mapped[bool] = mapped_column(Boolean, server_default=false())
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    updated: Mapped[datetime] = mapped_column(UTCDateTime)
    deleted: Mapped[datetime | None] = mapped_column(UTCDateTime)


def _unique_slug(table: str) -> Index:
    present = text("deleted IS NULL")
    return Index(
        f"uq_{table}_slug", "slug", unique=True, sqlite_where=present, postgresql_where=present
    )


class DeviceTypeRow(_Declared, Table):
    """A type of device, and how many of it there are."""

    __tablename__ = "device_type"
    __table_args__ = (_unique_slug("device_type"),)
    resource: Mapped[str] = mapped_column(String(253))
    mig_slice: Mapped[str] = mapped_column(String(16))
    count: Mapped[int]


class PoolRow(_Declared, Table):
    """A pool. ``devices`` is null for the default pool of a type, and for a pool without devices."""

    __tablename__ = "pool"
    __table_args__ = (_unique_slug("pool"), Index(None, "device_type_id"))
    description: Mapped[str] = mapped_column(Text)
    device_type_id: Mapped[int | None] = mapped_column(ForeignKey("device_type.id"))
    devices: Mapped[int | None]
    is_default: Mapped[bool]
    for_everyone: Mapped[bool]
    is_draining: Mapped[bool]
    drain_reason: Mapped[str] = mapped_column(String(400))
    max_servers: Mapped[int | None]
    devices_per_person: Mapped[int | None]
    spec: Mapped[JsonObject] = mapped_column(JSON)
    position: Mapped[int]


class PoolGrantRow(Table):
    """A project that may use a pool, and how many devices of it at once; null for any number."""

    __tablename__ = "pool_grant"
    __table_args__ = (Index(None, "project_id"),)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(
        ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
    devices: Mapped[int | None]
    is_declared: Mapped[bool] = mapped_column(Boolean, server_default=false())
    since: Mapped[datetime] = mapped_column(UTCDateTime)


class ProfileRow(_Declared, Table):
    """A hardware profile. What is counted is in columns, what a server is started with in ``spec``."""

    __tablename__ = "hardware_profile"
    __table_args__ = (_unique_slug("hardware_profile"), Index(None, "pool_id"))
    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"))
    description: Mapped[str] = mapped_column(Text)
    devices: Mapped[int]
    cpu: Mapped[float] = mapped_column(Float)
    memory_bytes: Mapped[int] = mapped_column(BigInteger)
    is_spot: Mapped[bool]
    is_hidden: Mapped[bool]
    position: Mapped[int]
    spec: Mapped[JsonObject] = mapped_column(JSON)


class ImageRow(_Declared, Table):
    """An image of the catalogue."""

    __tablename__ = "image"
    __table_args__ = (_unique_slug("image"),)
    description: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(String(512))
    tag: Mapped[str] = mapped_column(String(128))
    digest: Mapped[str] = mapped_column(String(71))
    tag_pattern: Mapped[str] = mapped_column(String(200))
    labels: Mapped[dict[str, str]] = mapped_column(JSON)
    is_hidden: Mapped[bool]
    redirect_to: Mapped[str] = mapped_column(String(_SLUG))
    position: Mapped[int]


class DeclaredGrantRow(Table):
    """A grant of the file of pools, by slugs, and when it was first read there."""

    __tablename__ = "declared_grant"
    pool: Mapped[str] = mapped_column(String(63), primary_key=True)
    project: Mapped[str] = mapped_column(String(63), primary_key=True)
    first_seen: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class LeaseRow(Table):
    """What a server holds of a pool from its start, or the reservation of it, to its end.

    ``account_id`` is the account that the server belongs to; ``person_id`` is whose account that is, which may be
    another after a merge. ``pool_id`` and ``profile_id`` are null for a server that ran before there were profiles.
    ``seen_at`` is when the server was last known to exist.
    """

    __tablename__ = "lease"
    __table_args__ = (
        Index(
            "uq_lease_open",
            "account_id",
            "server_name",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "pool_id", "ended_at"),
        Index(None, "person_id", "ended_at"),
        Index(None, "project_id", "ended_at"),
        Index(None, "ended_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    server_name: Mapped[str] = mapped_column(String(255))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="SET NULL"))
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("pool.id"))
    profile_id: Mapped[int | None] = mapped_column(ForeignKey("hardware_profile.id"))
    devices: Mapped[int]
    cpu: Mapped[float] = mapped_column(Float)
    memory_bytes: Mapped[int] = mapped_column(BigInteger)
    is_spot: Mapped[bool]
    device_ids: Mapped[list[int]] = mapped_column(JSON)
    options: Mapped[JsonObject] = mapped_column(JSON)
    state: Mapped[LeaseState] = mapped_column(String(16))
    reserved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reserved_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    end_reason: Mapped[str] = mapped_column(String(200))


# The end of a lease that has not come, because the server could not be stopped.
LEFT_RUNNING = "could not be stopped"
# Why a lease ended whose server was missed; nobody has reported its end.
VANISHED = "server is gone"

_Row = TypeVar("_Row", DeviceTypeRow, PoolRow, ProfileRow, ImageRow)
OPEN = LeaseRow.ended_at.is_(None)


def find(session: Session, table: type[_Row], slug: str, *, lock: bool = False) -> _Row | None:
    """The row of a slug that is not deleted; with ``lock``, nobody else changes it before the transaction ends."""
    query = select(table).where(table.slug == slug, table.deleted.is_(None))
    return session.scalar(query.with_for_update() if lock else query)


def page(session: Session, table: type[_Row], query: CatalogueQuery) -> tuple[list[_Row], int]:
    """One page of what is declared, and the total."""
    statement: Select[Any] = select(table).where(table.deleted.is_(None))
    for word in query.q.split():
        statement = statement.where(
            table.name.icontains(word, autoescape=True) | table.slug.contains(word, autoescape=True)
        )
    order: list[Any] = [func.lower(table.name), table.id]
    if query.sort == "created":
        order = [table.created, table.id]
    elif query.sort == "position" and table is not DeviceTypeRow:
        order.insert(0, getattr(table, "position"))  # noqa: B009  # not every table has it
    if query.descending:
        order = [column.desc() for column in order]
    return _cut(session, statement.order_by(*order), query.offset, query.limit)


def _cut(
    session: Session, statement: Select[Any], offset: int, limit: int
) -> tuple[list[Any], int]:
    total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery()))
    return list(session.scalars(statement.offset(offset).limit(limit))), total or 0


def every(session: Session, table: type[_Row]) -> list[_Row]:
    """All that are not deleted, in the order of lists."""
    query = select(table).where(table.deleted.is_(None))
    if table is not DeviceTypeRow:
        query = query.order_by(getattr(table, "position"))  # noqa: B009  # not every table has it
    return list(session.scalars(query.order_by(func.lower(table.name), table.id)))


def has_profiles(session: Session) -> bool:
    """Whether a profile is declared: from then on every server needs one."""
    return (
        session.scalar(select(ProfileRow.id).where(ProfileRow.deleted.is_(None)).limit(1))
        is not None
    )


def pools_of_type(session: Session, device_type_id: int) -> list[PoolRow]:
    """The pools that hold devices of a type."""
    query = select(PoolRow).where(
        PoolRow.device_type_id == device_type_id, PoolRow.deleted.is_(None)
    )
    return list(session.scalars(query))


def usage(
    session: Session,
    *,
    pool_id: int | None = None,
    person_id: int | None = None,
    project_id: int | None = None,
) -> tuple[int, int]:
    """Devices and servers of the open leases of a pool, a person in it, a project in it."""
    query = select(func.coalesce(func.sum(LeaseRow.devices), 0), func.count()).where(OPEN)
    for column, value in (
        (LeaseRow.pool_id, pool_id),
        (LeaseRow.person_id, person_id),
        (LeaseRow.project_id, project_id),
    ):
        if value is not None:
            query = query.where(column == value)
    devices, servers = session.execute(query).one()
    return int(devices), int(servers)


def usage_by_pool(session: Session) -> dict[int, tuple[int, int]]:
    """Devices and servers of open leases, by pool."""
    query = (
        select(LeaseRow.pool_id, func.sum(LeaseRow.devices), func.count())
        .where(OPEN, LeaseRow.pool_id.is_not(None))
        .group_by(LeaseRow.pool_id)
    )
    rows = session.execute(query)
    return {pool: (int(devices), servers) for pool, devices, servers in rows if pool is not None}


def devices_by_project(session: Session, pool_id: int) -> dict[int, int]:
    """Devices of the open leases of a pool, by project."""
    query = (
        select(LeaseRow.project_id, func.sum(LeaseRow.devices))
        .where(OPEN, LeaseRow.pool_id == pool_id, LeaseRow.project_id.is_not(None))
        .group_by(LeaseRow.project_id)
    )
    return {id_: int(devices) for id_, devices in session.execute(query) if id_ is not None}


def total_devices(session: Session, pool: PoolRow) -> int | None:
    """How many devices a pool has; None for a pool without devices. The default pool has what others leave."""
    if pool.device_type_id is None:
        return None
    if not pool.is_default:
        return pool.devices or 0
    type_ = session.get_one(DeviceTypeRow, pool.device_type_id)
    others = (other for other in pools_of_type(session, type_.id) if other.id != pool.id)
    return max(0, type_.count - sum(other.devices or 0 for other in others))


def device_ids_in_use(session: Session, device_type_id: int) -> set[int]:
    """The numbers of devices that open leases of a type hold, in any pool."""
    query = (
        select(LeaseRow.device_ids)
        .join(PoolRow, PoolRow.id == LeaseRow.pool_id)
        .where(OPEN, PoolRow.device_type_id == device_type_id)
    )
    return {number for numbers in session.scalars(query) for number in numbers}


def grants_of(session: Session, pool_id: int) -> dict[int, PoolGrantRow]:
    """The grants of a pool, by project."""
    query = select(PoolGrantRow).where(PoolGrantRow.pool_id == pool_id)
    return {row.project_id: row for row in session.scalars(query)}


def open_lease(session: Session, account_id: int, server: str) -> LeaseRow | None:
    """The open lease of a server."""
    query = select(LeaseRow).where(
        LeaseRow.account_id == account_id, LeaseRow.server_name == server, OPEN
    )
    return session.scalar(query.with_for_update())


def last_lease(session: Session, account_id: int, server: str) -> LeaseRow | None:
    """The newest lease of a server for something of a pool, ended or not; nobody else changes it meanwhile."""
    query = select(LeaseRow).where(
        LeaseRow.account_id == account_id,
        LeaseRow.server_name == server,
        LeaseRow.pool_id.is_not(None),
    )
    return session.scalar(query.order_by(LeaseRow.id.desc()).limit(1).with_for_update())


def first_profile(session: Session) -> datetime | None:
    """When the first profile was declared, whether it is still there or not."""
    return session.scalar(select(func.min(ProfileRow.created)))


def last_options(session: Session, account_id: int, server: str) -> JsonObject | None:
    """What was chosen for a server the last time; for a new server, the last time for any of the account's."""
    query = (
        select(LeaseRow.options)
        .where(LeaseRow.account_id == account_id, LeaseRow.profile_id.is_not(None))
        .order_by((LeaseRow.server_name == server).desc(), LeaseRow.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def strip_options(session: Session) -> int:
    """Forget environments and scripts of ended leases; how many were stripped.

    What was chosen last for a server stays, for its next start, as long as the account is there.
    """
    later = aliased(LeaseRow)
    is_last = ~(
        select(later.id)
        .where(
            later.account_id == LeaseRow.account_id,
            later.server_name == LeaseRow.server_name,
            later.profile_id.is_not(None),
            later.id > LeaseRow.id,
        )
        .exists()
    )
    query = (
        select(LeaseRow)
        .join(PersonRow, PersonRow.id == LeaseRow.account_id)
        .where(
            LeaseRow.ended_at.is_not(None),
            has_private(LeaseRow.options),
            or_(~is_last, PersonRow.ended.is_not(None)),
        )
        .limit(STRIP_LIMIT)
    )
    rows = session.scalars(query).all()
    for row in rows:
        row.options = without_private(row.options)
    return len(rows)


def leases(
    session: Session,
    query: LeaseQuery,
    *,
    person_id: int | None = None,
    project_id: int | None = None,
) -> tuple[list[LeaseRow], int]:
    """One page of leases, of everybody, of a person or of a project, and the total."""
    statement = select(LeaseRow).join(PersonRow, PersonRow.id == LeaseRow.account_id)
    if person_id is not None:
        statement = statement.where(LeaseRow.person_id == person_id)
    if query.state == "open":
        statement = statement.where(OPEN)
    elif query.state:
        statement = statement.where(LeaseRow.state == query.state)
    if query.pool:
        pools = select(PoolRow.id).where(PoolRow.slug == query.pool)
        statement = statement.where(LeaseRow.pool_id.in_(pools))
    if project_id is not None:
        statement = statement.where(LeaseRow.project_id == project_id)
    for word in query.q.split():
        statement = statement.where(
            PersonRow.hub_name.icontains(word, autoescape=True)
            | LeaseRow.server_name.icontains(word, autoescape=True)
        )
    orders: dict[str, list[Any]] = {
        "started": [LeaseRow.reserved_at, LeaseRow.id],
        "ended": [LeaseRow.ended_at, LeaseRow.id],
        "user": [PersonRow.hub_name, LeaseRow.id],
        "devices": [LeaseRow.devices, LeaseRow.id],
    }
    order = orders[query.sort]
    if query.descending:
        order = [column.desc() for column in order]
    return _cut(session, statement.order_by(*order), query.offset, query.limit)


def open_leases(
    session: Session, *, pool_id: int | None = None, person_id: int | None = None
) -> Sequence[LeaseRow]:
    """The open leases, of a pool or of a person, oldest first."""
    query = select(LeaseRow).where(OPEN).order_by(LeaseRow.id)
    if pool_id is not None:
        query = query.where(LeaseRow.pool_id == pool_id)
    if person_id is not None:
        query = query.where(LeaseRow.person_id == person_id)
    return session.scalars(query).all()


def ended_leases(
    session: Session, pool_id: int, *, since: datetime, limit: int
) -> Sequence[LeaseRow]:
    """The leases of a pool that ended since a point in time, newest first."""
    query = (
        select(LeaseRow)
        .where(LeaseRow.pool_id == pool_id, LeaseRow.ended_at >= since)
        .order_by(LeaseRow.ended_at.desc())
        .limit(limit)
    )
    return session.scalars(query).all()


def note_seen(session: Session, ids: Sequence[int], moment: datetime) -> None:
    """Note that the servers of leases exist."""
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        session.execute(update(LeaseRow).where(LeaseRow.id.in_(part)).values(seen_at=moment))


def note_declared_grants(session: Session, named: set[tuple[str, str]]) -> None:
    """Note when a grant (slugs of pool and project) was first read in the file; forget those that are not in it."""
    for row in session.scalars(select(DeclaredGrantRow)).all():
        if (row.pool, row.project) in named:
            named = named - {(row.pool, row.project)}
        else:
            session.delete(row)
    session.add_all(DeclaredGrantRow(pool=pool, project=project) for pool, project in sorted(named))
    session.flush()


def is_of_declaration(session: Session, pool: str, project_id: int) -> bool:
    """Whether a project was there when the grant of a pool to its name was first read."""
    query = (
        select(DeclaredGrantRow.pool)
        .join(PROJECT, PROJECT.c.slug == DeclaredGrantRow.project)
        .where(
            DeclaredGrantRow.pool == pool,
            PROJECT.c.id == project_id,
            PROJECT.c.created <= DeclaredGrantRow.first_seen,
        )
    )
    return session.scalar(query) is not None


def remove_grant(session: Session, pool_id: int, project_id: int) -> None:
    """Take a pool from a project."""
    session.execute(
        delete(PoolGrantRow).where(
            PoolGrantRow.pool_id == pool_id, PoolGrantRow.project_id == project_id
        )
    )


def merge(session: Session, source: int, target: int) -> None:
    """Make every lease of an account the other's, which is the same person's; the servers stay those of their accounts."""
    session.execute(update(LeaseRow).where(LeaseRow.person_id == source).values(person_id=target))
