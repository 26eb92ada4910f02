"""Pools and leases of tests, written where the pools keep theirs, and a clock that a test sets."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orrery_hub.base import db
from orrery_hub.base.db import Database
from orrery_hub.pools.store import LeaseRow, PoolRow, ProfileRow
from tests.hub.services import make_user

GIB = 1024**3
BEGIN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Clock:
    """The hub service's clock, and the time that goes by whatever it says."""

    def __init__(self, moment: datetime = BEGIN) -> None:
        self.moment = moment
        self.ticks = 1_000.0

    def __call__(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.ticks

    def go(self, seconds: float) -> datetime:
        """Let time go by."""
        self.ticks += seconds
        self.moment += timedelta(seconds=seconds)
        return self.moment

    def set(self, seconds: float) -> datetime:
        """Set the clock, while no time goes by."""
        self.moment += timedelta(seconds=seconds)
        return self.moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(db, "now", clock)
    return clock


_numbers = itertools.count(1)


class Farm:
    """A pool with profiles, and servers that start and stop in it."""

    def __init__(self, database: Database, slug: str = "gpu") -> None:
        self.database = database
        self.slug = slug
        moment = BEGIN
        common = {"created": moment, "updated": moment, "deleted": None, "is_declared": False}
        with database.write() as session:
            pool = PoolRow(
                slug=slug,
                name=slug,
                description="",
                device_type_id=None,
                devices=None,
                is_default=False,
                for_everyone=True,
                is_draining=False,
                drain_reason="",
                max_servers=None,
                devices_per_person=None,
                spec={},
                position=0,
                **common,
            )
            session.add(pool)
            session.flush()
            self.pool_id = pool.id
            self.profiles: dict[str, int] = {}
            for name, devices, cpu, memory in (
                ("large", 2, 8.0, 32),
                ("small", 1, 2.0, 8),
                ("plain", 0, 2.0, 8),
            ):
                profile = ProfileRow(
                    slug=f"{slug}-{name}",
                    name=name,
                    pool_id=pool.id,
                    description="",
                    devices=devices,
                    cpu=cpu,
                    memory_bytes=memory * GIB,
                    is_spot=False,
                    is_hidden=False,
                    position=0,
                    spec={},
                    **common,
                )
                session.add(profile)
                session.flush()
                self.profiles[name] = profile.id

    def start(self, user: str, at: datetime, **more: Any) -> int:
        """A server of a user; the result is its lease."""
        person = make_user(user).person_id
        name = more.get("profile", "large")
        values: dict[str, Any] = {
            "account_id": person,
            "person_id": person,
            "server_name": f"s{next(_numbers)}",
            "project_id": None,
            "pool_id": self.pool_id,
            "profile_id": self.profiles[name],
            "devices": {"large": 2, "small": 1, "plain": 0}[name],
            "cpu": 8.0 if name == "large" else 2.0,
            "memory_bytes": (32 if name == "large" else 8) * GIB,
            "is_spot": False,
            "device_ids": [],
            "options": {},
            "state": "running",
            "reserved_at": at,
            "reserved_until": None,
            "started_at": at,
            "seen_at": at,
            "ended_at": None,
            "end_reason": "",
        }
        more.pop("profile", None)
        with self.database.write() as session:
            row = LeaseRow(**values | more)
            session.add(row)
            session.flush()
            return row.id

    def stop(self, lease: int, at: datetime) -> None:
        """The server has stopped."""
        with self.database.write() as session:
            row = session.get_one(LeaseRow, lease)
            row.ended_at, row.state = at, "ended"

    def server_of(self, lease: int) -> str:
        """The name of the server of a lease."""
        with self.database.read() as session:
            return session.get_one(LeaseRow, lease).server_name
