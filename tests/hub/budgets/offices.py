"""A service with budgets, people, a project, and servers that start and stop in a pool."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from orrery_hub.base.db import Database
from orrery_hub.budgets.charging import Charging
from orrery_hub.projects.store import find
from tests.hub.leases import Clock, Farm, clock
from tests.hub.services import Service, make_user

__all__ = ["clock"]

DEVICE_HOUR = 2_000_000


class Office:
    """A service with a pool, two people with servers in a project, and an administrator."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self.service = service
        self.clock = clock
        self.database: Database = service.database
        self.farm = Farm(self.database)
        self.charging = Charging(self.database)
        for name in ("ann", "ben", "cleo"):
            make_user(name)
            service.hub.created[name] = service.hub.account(name)
        self.root = service.client("root", admin=True)
        self.ann, self.ben, self.cleo = (service.client(n) for n in ("ann", "ben", "cleo"))
        for client in (self.root, self.ann, self.ben, self.cleo):
            client.get("/me").raise_for_status()
        self.ann.post("/projects", json={"slug": "p", "name": "P"}).raise_for_status()
        self.ann.put("/projects/p/members/ben", json={"role": "viewer"}).raise_for_status()

    def person(self, name: str) -> int:
        items = self.root.get("/people", params={"q": name}).json()["items"]
        return int(next(item["id"] for item in items if item["name"] == name))

    def start(self, name: str, *, project: bool = True, **more: Any) -> int:
        person = self.person(name)
        number = self.project() if project else None
        ids = {"person_id": person, "account_id": person, "project_id": number}
        return self.farm.start("ann", self.clock.moment, **ids | more)

    def project(self) -> int:
        with self.database.read() as session:
            row = find(session, "p")
            assert row
            return row.id

    def go(self, seconds: float) -> None:
        self.clock.go(seconds)
        self.charging.run(self.clock.moment)

    def budget(self, **more: Any) -> dict[str, Any]:
        body = {"subject": "project", "project": "p", "resource": "device", "limit": 6000}
        response = self.root.post("/budgets", json=body | more)
        assert response.status_code == 201, response.text
        return dict(response.json())

    def rate(self, **more: Any) -> httpx.Response:
        return self.root.post("/budgets/rates", json={"pool": "gpu", "device": DEVICE_HOUR} | more)


@pytest.fixture
def office(service: Service, clock: Clock) -> Office:
    return Office(service, clock)
