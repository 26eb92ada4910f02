"""The hub's file of pools: what an administrator declares in YAML is there at every start of the hub service."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError
from sqlalchemy.orm import Session

from orrery_hub.base import db
from orrery_hub.base.contracts import ProjectDirectory, RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.pools import kinds, store
from orrery_hub.pools.declarations import Declarations
from orrery_hub.pools.schemas import DeviceTypeIn, GrantIn, ImageIn, PoolIn, ProfileIn
from orrery_hub.pools.service import PoolService
from orrery_hub.pools.store import DeviceTypeRow, ImageRow, PoolRow, ProfileRow
from orrery_hub.settings import SettingsError
from orrery_wire.errors import OrreryError
from orrery_wire.names import Slug
from orrery_wire.schemas import Shape

log = logging.getLogger("orrery_hub.pools")

_WHO = "orrery"
_UNDECLARED = "It is not in the hub's file of pools any more."
_MAX_BYTES = 4 * 1024 * 1024
_SERVER_ERROR = 500


class DeclaredGrant(GrantIn):
    """A project that may use a pool."""

    project: Slug


class DeclaredPool(PoolIn):
    """A pool with its grants."""

    grants: tuple[DeclaredGrant, ...] = Field(default=(), max_length=1_000)


class PoolsFile(Shape):
    """The content of the file."""

    device_types: tuple[DeviceTypeIn, ...] = ()
    images: tuple[ImageIn, ...] = ()
    pools: tuple[DeclaredPool, ...] = ()
    profiles: tuple[ProfileIn, ...] = ()


def read_file(path: Path) -> PoolsFile:
    """What the file declares; nothing, if there is no file.

    Raises:
        SettingsError: it cannot be read, with the place in it and what is wrong there.
    """
    try:
        if not path.exists():
            return PoolsFile()
        if path.stat().st_size > _MAX_BYTES:
            raise SettingsError(f"{path} has more than {_MAX_BYTES:,} bytes.")
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return PoolsFile.model_validate({} if content is None else content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise SettingsError(f"{path} cannot be read as YAML: {problem}") from None
    except ValidationError as problem:
        lines = [
            f"  {'.'.join(map(str, error['loc'])) or 'the file'}: {error['msg']}"
            for error in problem.errors()[:10]
        ]
        raise SettingsError("\n".join([f"{path} declares what cannot be:", *lines])) from None


class DeclaredPools:
    """Makes the tables what the file says.

    A grant of the file names a project, and whoever may create projects can take a name that is free. So a grant holds
    for the project that was there when the service first read it in the file; one that is created later, also after
    a purge, waits until an administrator grants the pool to it.
    """

    def __init__(
        self,
        database: Database,
        service: PoolService,
        projects: ProjectDirectory,
        path: Path,
        *,
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._service = service
        self._projects = projects
        self._path = path
        self._record = record
        self._pending: list[tuple[str, DeclaredGrant]] = []

    def apply(self) -> None:
        """Read the file and declare what it says; what it does not say any more goes.

        Raises:
            SettingsError: the file is wrong, or what it declares does not fit together.
        """
        file = read_file(self._path)
        if file == PoolsFile() and not self._has_declared():
            return
        service = self._service
        try:
            with self._database.write() as session:
                changes = [
                    *self._declare(session, service.device_types, file.device_types),
                    *self._declare(session, service.images, file.images),
                    *self._declare(session, service.pools, _without_grants(file.pools)),
                    *self._declare(session, service.profiles, file.profiles),
                ]
                changes += self._withdraw(session, file)
                for type_ in store.every(session, DeviceTypeRow):
                    kinds.require_fit(session, type_.id)
                self._withdraw_grants(session, file)
                named = {(pool.slug, grant.project) for pool in file.pools for grant in pool.grants}
                store.note_declared_grants(session, named)
                for what, slug in changes:
                    self._record(session, _WHO, what, slug)
        except OrreryError as problem:
            if problem.status >= _SERVER_ERROR:
                raise  # of the database; another start may do
            raise SettingsError(f"{self._path} declares what cannot be: {problem}") from None
        self._pending = [(pool.slug, grant) for pool in file.pools for grant in pool.grants]
        self.grant()

    def _has_declared(self) -> bool:
        with self._database.read() as session:
            rows: list[Any] = [
                *store.every(session, DeviceTypeRow),
                *store.every(session, ImageRow),
                *store.every(session, PoolRow),
                *store.every(session, ProfileRow),
            ]
            return any(row.is_declared for row in rows)

    def _declare(
        self, session: Session, kind: Declarations[Any, Any, Any], requests: Sequence[Any]
    ) -> list[tuple[str, str]]:
        """Declare all of one kind; the result is what changed."""
        changes = []
        for request in requests:
            row = store.find(session, kind.table, request.slug, lock=True)
            verb = kind.declare(session, row, request)
            if verb:
                changes.append((f"pools.{kind.action}.{verb}", request.slug))
        return changes

    def _withdraw(self, session: Session, file: PoolsFile) -> list[tuple[str, str]]:
        """Remove what was declared and is not any more; a pool with servers is drained."""
        changes = []
        service = self._service
        kinds_: Sequence[tuple[Declarations[Any, Any, Any], Sequence[Any]]] = (
            (service.profiles, file.profiles),
            (service.pools, file.pools),
            (service.images, file.images),
            (service.device_types, file.device_types),
        )
        for kind, requests in kinds_:
            present = {request.slug for request in requests}
            rows: list[Any] = store.every(session, kind.table)
            for row in rows:
                if row.is_declared and row.slug not in present:
                    verb = _withdraw_row(session, row)
                    changes += [(f"pools.{kind.action}.{verb}", row.slug)] if verb else []
        return changes

    def _withdraw_grants(self, session: Session, file: PoolsFile) -> None:
        declared = {(pool.slug, grant.project) for pool in file.pools for grant in pool.grants}
        for pool in store.every(session, PoolRow):
            rows = [row for row in store.grants_of(session, pool.id).values() if row.is_declared]
            titles = self._projects.names(session, [row.project_id for row in rows])
            for row in rows:
                slug = titles[row.project_id][0]
                if (pool.slug, slug) not in declared:
                    store.remove_grant(session, pool.id, row.project_id)
                    self._record(session, _WHO, "pools.revoke", f"{pool.slug}/{slug}", project=slug)

    def grant(self) -> None:
        """Make the grants of the file for projects that were there when they were declared, or were confirmed."""
        if not self._pending:
            return
        waiting = []
        with self._database.write() as session:
            for slug, grant in self._pending:
                pool = store.find(session, PoolRow, slug, lock=True)
                project_id = self._projects.find(session, grant.project)
                if pool is None or project_id is None:
                    waiting.append((slug, grant))
                    continue
                former = store.grants_of(session, pool.id).get(project_id)
                if former is None and not store.is_of_declaration(session, slug, project_id):
                    waiting.append((slug, grant))
                    continue
                is_same = former is not None and former.devices == grant.devices
                row = self._service.add_grant(session, pool, project_id, grant)
                row.is_declared = True
                if not is_same:
                    after = {"devices": grant.devices}
                    on = f"{slug}/{grant.project}"
                    self._record(
                        session, _WHO, "pools.grant", on, project=grant.project, after=after
                    )
        if waiting and len(waiting) != len(self._pending):
            log.info("%d grants wait for their projects", len(waiting))
        self._pending = waiting

    def notices(self) -> list[str]:
        """That grants of the file wait for projects."""
        if not self._pending:
            return []
        return [
            f"{len(self._pending)} grants in the file of pools name a project that does not exist, or that was created"
            " after the grant was declared: an administrator has to grant the pool to that."
        ]


def _withdraw_row(session: Session, row: Any) -> str:
    """Remove a row; the result is the verb, empty if it has to stay as it is."""
    verb = "delete"
    if isinstance(row, PoolRow) and store.usage(session, pool_id=row.id)[1]:
        if row.is_draining:
            return ""
        row.is_draining, row.drain_reason, verb = True, _UNDECLARED, "drain"
    elif isinstance(row, DeviceTypeRow) and store.pools_of_type(session, row.id):
        return ""  # until the servers of its pools have stopped
    else:
        row.deleted = db.now()
    session.flush()
    return verb


def _without_grants(pools: Sequence[DeclaredPool]) -> list[PoolIn]:
    return [PoolIn(**pool.model_dump(exclude={"grants"})) for pool in pools]
