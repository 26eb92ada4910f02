"""The lists of the page of administration: 10,000 people, 1,000 projects, 500 servers that run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import update

from orrery_hub.base.db import Database, now
from orrery_hub.base.migrate import upgrade
from orrery_hub.base.people import PersonRow
from orrery_hub.projects.store import MemberRow, ProjectRow, StorageKeyRow
from orrery_hub.scopes import ACCESS, carried_by
from tests.bench.method import Goal, Result, Sample, alternate, finish, percentile, values
from tests.hub.hubs import Hub

PEOPLE = 10_000
PROJECTS = 1_000
MEMBERS = 20  # of each project
SERVERS = 500
LIMIT_MS = 300

SIDES = {
    "people by name": "/people?limit=100",
    "people, the last page": f"/people?limit=100&offset={PEOPLE - 100}",
    "people, searched": "/people?limit=100&q=person-99",
    "people by number of projects": "/people?limit=100&sort=projects&descending=true",
    "projects by members": "/admin/projects?limit=100&sort=members&descending=true&state=all",
    "projects without an owner": "/admin/projects?limit=100&state=ownerless",
    "servers by last activity": "/admin/servers?limit=100&sort=last_activity&descending=true",
    "servers, searched": "/admin/servers?limit=100&q=project-7",
    "audit": "/audit?limit=100",
}
PEER = "JupyterHub's own list of 100 people (peer)"


def run(*, force: bool, load: float) -> Result:
    """Measure."""
    with tempfile.TemporaryDirectory() as scratch:
        hub = Hub(Path(scratch) / "hub")
        with hub.config.open("a", encoding="utf-8") as config:
            config.write('c.JupyterHub.spawner_class = "fake_spawner.FakeSpawner"\n')
            config.write("c.JupyterHub.concurrent_spawn_limit = 0\n")
        _fill(hub.home)
        hub.start()
        try:
            sides = _prepared(hub)
            series = alternate(sides, 50, warm=3)
        finally:
            hub.stop()
    goals = [
        Goal(f"{name}, p95", percentile(values(series[name]), 0.95), LIMIT_MS, "ms")
        for name in SIDES
    ]
    return finish(
        Result(
            "admin_lists",
            "The lists of the page of administration",
            f"A real JupyterHub with the service that it manages, SQLite, {PEOPLE:,} people, {PROJECTS:,} projects of"
            f" {MEMBERS} members and {SERVERS} servers of a spawner that starts nothing. One client asks for a page of"
            " a hundred rows, with everything that the page shows of them.",
            series,
            goals,
        ),
        force=force,
        load=load,
    )


def _fill(home: Path) -> None:
    """The service's database as years of use leave it, without asking JupyterHub for each of them."""
    (home / "state").mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{home / 'state' / 'orrery.sqlite'}", seconds=60)
    upgrade(database)
    moment = now() - timedelta(days=100)
    with database.write() as session:
        session.add_all(
            PersonRow(id=number, hub_name=f"person-{number}") for number in range(1, PEOPLE + 1)
        )
        for number in range(1, PROJECTS + 1):
            slug = f"project-{number}"
            session.add(StorageKeyRow(key=slug, given=moment))
            session.add(
                ProjectRow(
                    id=number,
                    slug=slug,
                    key=slug,
                    name=f"Project {number}",
                    description="",
                    created=moment,
                    updated=moment + timedelta(hours=number),
                )
            )
        session.flush()
        session.add_all(
            MemberRow(
                project_id=project,
                person_id=(project * 7 + member * 13) % PEOPLE + 1,
                role="owner" if member == 0 else "editor",
                since=moment,
            )
            for project in range(1, PROJECTS + 1)
            for member in range(MEMBERS)
        )
    database.close()


def _prepared(hub: Hub) -> dict[str, Callable[[], Sample]]:
    names = [f"person-{number}" for number in range(1, PEOPLE + 1)]
    for start in range(0, PEOPLE, 500):
        body = {"usernames": names[start : start + 500]}
        hub.call("POST", "/users", json=body).raise_for_status()
    _note_creation(hub)
    with ThreadPoolExecutor(8) as pool:
        for response in pool.map(
            lambda name: hub.call("POST", f"/users/{name}/server"), names[:SERVERS]
        ):
            assert response.status_code in (201, 202), response.text
    token = hub.token("root", [ACCESS, *carried_by("admin")])
    headers = {"authorization": f"Bearer {token}"}
    service = httpx.Client(headers=headers, trust_env=False, timeout=60)
    until = time.monotonic() + 300
    while service.get(f"{hub.service}/admin/servers").json()["total"] < SERVERS:
        assert time.monotonic() < until, "the servers do not come up"
        time.sleep(1)
    peer = httpx.Client(
        headers={
            "authorization": f"token {token}",
            "accept": "application/jupyterhub-pagination+json",
        },
        trust_env=False,
        timeout=60,
    )
    sides = {name: _timed(service, f"{hub.service}{path}") for name, path in SIDES.items()}
    token = hub.token("root", ["list:users"])
    peer.headers["authorization"] = f"token {token}"
    return sides | {PEER: _timed(peer, f"{hub.api}/users?limit=100")}


def _note_creation(hub: Hub) -> None:
    """Note of each person when JupyterHub created the account, as the service has done of those who came one by one."""
    accounts: list[dict[str, object]] = []
    while len(accounts) < PEOPLE:
        query = {"limit": 200, "offset": len(accounts)}
        page = hub.call("GET", "/users", params=query).raise_for_status().json()
        accounts += [
            {"hub_name": model["name"], "hub_created": datetime.fromisoformat(model["created"])}
            for model in page
        ]
    database = Database(f"sqlite:///{hub.home / 'state' / 'orrery.sqlite'}", seconds=60)
    with database.write() as session:
        for account in accounts:
            session.execute(
                update(PersonRow)
                .where(PersonRow.hub_name == account["hub_name"])
                .values(hub_created=account["hub_created"])
            )
    database.close()


def _timed(client: httpx.Client, address: str) -> Callable[[], Sample]:
    def act() -> Sample:
        begun = time.perf_counter()
        response = client.get(address)
        assert response.status_code == 200, response.text
        return {"ms": (time.perf_counter() - begun) * 1000}

    return act
