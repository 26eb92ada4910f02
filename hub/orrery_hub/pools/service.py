"""Pools for administrators: what is declared, who may use it, what is held."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from orrery_hub.base import db
from orrery_hub.base.contracts import ProjectDirectory, RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.people import names
from orrery_hub.pools import errors, store
from orrery_hub.pools.backend import Backend
from orrery_hub.pools.kinds import DeviceTypes, Images, Pools, Profiles
from orrery_hub.pools.schemas import Grant, GrantIn, Pool
from orrery_hub.pools.store import LeaseRow, PoolGrantRow, PoolRow, ProfileRow
from orrery_wire.errors import NotFound
from orrery_wire.pools import Lease, LeaseQuery
from orrery_wire.schemas import Page, PageQuery


class PoolService:
    """Declares, grants, drains, and lists leases."""

    def __init__(
        self,
        database: Database,
        backend: Backend,
        projects: ProjectDirectory,
        *,
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._projects = projects
        self._record = record
        self.device_types = DeviceTypes(database, record=record)
        self.pools = Pools(database, backend, record=record)
        self.profiles = Profiles(database, backend, record=record)
        self.images = Images(database, record=record)

    def drain(self, who: str, slug: str, reason: str) -> Pool:
        """Take no new servers; running ones are left alone."""
        return self._set_drain(who, slug, reason, is_draining=True)

    def resume(self, who: str, slug: str) -> Pool:
        """Take new servers again."""
        return self._set_drain(who, slug, "", is_draining=False)

    def _set_drain(self, who: str, slug: str, reason: str, *, is_draining: bool) -> Pool:
        with self._database.write() as session:
            row = self.pools.find(session, slug, lock=True)
            before = {"is_draining": row.is_draining, "drain_reason": row.drain_reason}
            row.is_draining, row.drain_reason = is_draining, reason
            after = {"is_draining": is_draining, "drain_reason": reason}
            if before != after:
                what = "pools.pool.drain" if is_draining else "pools.pool.resume"
                self._record(session, who, what, slug, before=before, after=after)
            session.flush()
            return self.pools.shape(session, row)

    def grants(self, slug: str, query: PageQuery) -> Page[Grant]:
        """One page of the projects that may use a pool, ordered by name."""
        with self._database.read() as session:
            pool = self.pools.find(session, slug)
            rows = store.grants_of(session, pool.id)
            titles = self._projects.names(session, rows)
            ids = sorted(rows, key=lambda id_: (titles[id_][1].lower(), id_))
            part = ids[query.offset : query.offset + query.limit]
            used = store.devices_by_project(session, pool.id)
            items = tuple(_grant(rows[id_], titles[id_], used.get(id_, 0)) for id_ in part)
        return Page(items=items, total=len(ids), offset=query.offset, limit=query.limit)

    def grant(self, who: str, slug: str, project: str, request: GrantIn) -> Grant:
        """Let a project use a pool, or change how much of it."""
        with self._database.write() as session:
            pool = self.pools.find(session, slug, lock=True)
            id_ = self._project(session, project)
            row = store.grants_of(session, pool.id).get(id_)
            before = {"devices": row.devices} if row else None
            row = self.add_grant(session, pool, id_, request)
            if before != {"devices": row.devices}:
                self._record(
                    session,
                    who,
                    "pools.grant",
                    f"{slug}/{project}",
                    project=project,
                    before=before,
                    after={"devices": row.devices},
                )
            used, _ = store.usage(session, pool_id=pool.id, project_id=id_)
            return _grant(row, self._projects.names(session, [id_])[id_], used)

    def add_grant(
        self, session: Session, pool: PoolRow, project_id: int, request: GrantIn
    ) -> PoolGrantRow:
        """The grant of a pool to a project, as requested."""
        row = session.get(PoolGrantRow, (pool.id, project_id))
        if row is None:
            row = PoolGrantRow(
                pool_id=pool.id, project_id=project_id, is_declared=False, since=db.now()
            )
            session.add(row)
        row.devices = request.devices
        session.flush()
        return row

    def revoke(self, who: str, slug: str, project: str) -> None:
        """Take a pool from a project; its running servers are left alone."""
        with self._database.write() as session:
            pool = self.pools.find(session, slug, lock=True)
            id_ = self._project(session, project)
            row = session.get(PoolGrantRow, (pool.id, id_))
            if row is None:
                return
            if row.is_declared:
                raise errors.is_declared("grant")
            before = {"devices": row.devices}
            store.remove_grant(session, pool.id, id_)
            self._record(
                session, who, "pools.revoke", f"{slug}/{project}", project=project, before=before
            )

    def leases(self, query: LeaseQuery, *, person_id: int | None = None) -> Page[Lease]:
        """One page of leases, of everybody or of a person."""
        with self._database.read() as session:
            project_id = self._project(session, query.project) if query.project else None
            rows, total = store.leases(session, query, person_id=person_id, project_id=project_id)
            items = lease_shapes(session, rows, self._projects)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def _project(self, session: Session, slug: str) -> int:
        id_ = self._projects.find(session, slug)
        if id_ is None:
            raise NotFound(
                f"There is no project {slug!r}",
                reason="It was never created, or it was deleted.",
                remedy="Look at the list of projects.",
            )
        return id_


def _grant(row: PoolGrantRow, title: tuple[str, str], used: int) -> Grant:
    return Grant(
        project=title[0],
        name=title[1],
        devices=row.devices,
        used_devices=used,
        since=row.since,
    )


def lease_shapes(
    session: Session, rows: list[LeaseRow], projects: ProjectDirectory
) -> tuple[Lease, ...]:
    """Leases with the names of what they refer to."""
    users = names(session, [row.account_id for row in rows])
    titles = projects.names(session, [row.project_id for row in rows if row.project_id])
    pools = _slugs(session, PoolRow, [row.pool_id for row in rows])
    profiles = _slugs(session, ProfileRow, [row.profile_id for row in rows])
    return tuple(
        Lease(
            user=users.get(row.account_id, ""),
            server=row.server_name,
            project=titles[row.project_id][0] if row.project_id is not None else None,
            pool=pools.get(row.pool_id),
            profile=profiles.get(row.profile_id),
            device_ids=tuple(row.device_ids),
            **{name: getattr(row, name) for name in _SAME},
        )
        for row in rows
    )


_Named = TypeVar("_Named", PoolRow, ProfileRow)
_SAME = (
    "id",
    "devices",
    "cpu",
    "memory_bytes",
    "is_spot",
    "state",
    "reserved_at",
    "reserved_until",
    "started_at",
    "seen_at",
    "ended_at",
    "end_reason",
)


def _slugs(
    session: Session, table: type[_Named], ids: Iterable[int | None]
) -> dict[int | None, str]:
    """Slugs by id; an id that is none has none."""
    query = select(table.id, table.slug).where(
        table.id.in_({id_ for id_ in ids if id_ is not None})
    )
    return {id_: slug for id_, slug in session.execute(query)}  # noqa: C416  # rows, not pairs
