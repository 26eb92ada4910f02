"""Pools, projects and people on a database, without HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from orrery_hub.audit.service import record
from orrery_hub.base import db
from orrery_hub.base.contracts import LaunchAdvisor, LaunchQueue
from orrery_hub.base.db import Database
from orrery_hub.budgets.ledger_store import unsettle
from orrery_hub.pools.backend import Backend
from orrery_hub.pools.backends.kubernetes import KubernetesBackend
from orrery_hub.pools.backends.local import LocalBackend
from orrery_hub.pools.launch import LaunchService
from orrery_hub.pools.leases import PoolLeases
from orrery_hub.pools.schemas import DeviceTypeIn, GrantIn, ImageIn, PoolIn, ProfileIn
from orrery_hub.pools.service import PoolService
from orrery_hub.projects import store as projects
from orrery_wire.launch import Launch, LaunchIn
from orrery_wire.projects import Role
from tests.hub.services import make_user

BACKENDS: dict[str, type[Backend]] = {"local": LocalBackend, "kubernetes": KubernetesBackend}


class Clock:
    """The hub service's clock, which a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment = db.now()
        monkeypatch.setattr(db, "now", lambda: self.moment)

    def move(self, **words: float) -> datetime:
        self.moment += timedelta(**words)
        return self.moment


class World:
    """Pools of a place; `advisors`, `queue` and `ended` are what other capabilities give."""

    def __init__(
        self,
        database: Database,
        place: str = "local",
        *,
        advisors: list[LaunchAdvisor] | None = None,
        queue: LaunchQueue | None = None,
    ) -> None:
        self.database = database
        self.directory = projects.Directory()
        self.ended: list[int] = []
        self.leases = PoolLeases(
            projects.memberships,
            record=record,
            on_end=[lambda _, id_: self.ended.append(id_), unsettle],
        )
        backend = BACKENDS[place]()
        self.service = PoolService(database, backend, self.directory, record=record)
        self.launches = LaunchService(
            database, self.leases, backend, advisors=advisors or [], queue=queue
        )

    def project(self, slug: str, **members: Role) -> int:
        """A project with members by name and role."""
        ids = {make_user(name).person_id: role for name, role in members.items()}
        with self.database.write() as session:
            row = projects.ProjectRow(
                slug=slug,
                key=projects.new_key(session, slug),
                name=slug.title(),
                description="",
                created=db.now(),
                updated=db.now(),
            )
            session.add(row)
            session.flush()
            for person, role in ids.items():
                projects.set_role(session, row, person, role)
            return row.id

    def declare(
        self,
        *,
        devices: int | None = None,
        resource: str = "nvidia.com/gpu",
        profile: dict[str, Any] | None = None,
        slug: str = "gpu",
        **pool: Any,
    ) -> None:
        """A pool with a profile of its own name; with devices, also a type that has so many of them."""
        if devices is not None:
            self.service.device_types.create(
                "root", DeviceTypeIn(slug=slug, name="A100", resource=resource, count=devices)
            )
            pool = {"device_type": slug, "devices": devices} | pool
        pool = {"slug": slug, "name": slug.upper(), "for_everyone": True} | pool
        self.service.pools.create("root", PoolIn(**pool))
        chosen = {"devices": 1 if devices else 0, "name": slug.title()} | (profile or {})
        self.service.profiles.create("root", ProfileIn(slug=slug, pool=slug, **chosen))

    def grant(self, pool: str, project: str, devices: int | None = None) -> None:
        self.service.grant("root", pool, project, GrantIn(devices=devices))

    def image(self, slug: str, **more: Any) -> None:
        values = {"name": slug, "reference": f"registry.example/{slug}"} | more
        self.service.images.create("root", ImageIn(slug=slug, **values))

    def start(self, name: str, profile: str = "gpu", server: str = "", **options: Any) -> Launch:
        """What the hub's process asks before a server starts."""
        user = make_user(name)
        raw = {"profile": profile, **options} if profile else {}
        request = LaunchIn(user=name, created=None, server=server, options=raw)
        return self.launches.launch(user.person_id, request)

    def choices(self, name: str, server: str = "") -> Any:
        return self.launches.choices(name, make_user(name).person_id, server)

    def used(self, pool: str = "gpu") -> tuple[int, int | None]:
        """Used and free devices of a pool."""
        shape = self.service.pools.get(pool)
        return shape.used_devices, shape.free_devices
