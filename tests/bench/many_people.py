"""A hub as years of use leave it, in the databases of JupyterHub and of the service, without asking either for each row."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from jupyterhub import orm
from sqlalchemy import insert
from sqlalchemy.orm import Session

from orrery_hub.access.store import PersonRoleRow
from orrery_hub.audit import store as audit
from orrery_hub.base.db import Database, Table, now
from orrery_hub.base.migrate import upgrade
from orrery_hub.base.people import PersonRow
from orrery_hub.budgets.ledger_store import LedgerRow
from orrery_hub.budgets.store import BudgetRow, RequestRow
from orrery_hub.projects.store import MemberRow, ProjectRow, StorageKeyRow
from tests.hub.hubs import Hub

POOLS = """
device_types: [{slug: gpu, name: GPU, count: 100000}]
pools: [{slug: gpu, name: GPU, device_type: gpu, devices: 100000, for_everyone: true}]
profiles: [{slug: one, pool: gpu, name: One GPU, devices: 1}]
"""
_BATCH = 1_000
_AGE = timedelta(days=100)

Item = TypeVar("Item")


@dataclass(frozen=True)
class Size:
    """How many there are of everything; members and budgets are those of each project, ledger rows those of a person."""

    people: int = 10_000
    projects: int = 1_000
    members: int = 20
    audit: int = 100_000
    ledger: int = 5
    requests: int = 500
    roles: int = 1_000


def name(number: int) -> str:
    """The name of a person, from 1 on."""
    return f"person-{number}"


def created(number: int) -> datetime:
    """When JupyterHub created the account of a person."""
    return datetime(2024, 1, 1, 12, 0, 0, 123456, UTC) + timedelta(minutes=number)


def fill_jupyterhub(file: Path, people: int) -> None:
    """JupyterHub's database with people who have the role of every user, as it gives it at log-in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    session = orm.new_session_factory(f"sqlite:///{file}")()
    role = orm.Role(name="user", description="Standard user privileges", scopes=["self"])
    session.add(role)
    session.flush()
    has_role = orm._role_associations["user"].__table__
    for numbers in _batches(range(1, people + 1)):
        rows = [
            {
                "id": number,
                "name": name(number),
                "admin": False,
                # JupyterHub keeps moments without a zone, in UTC.
                "created": created(number).replace(tzinfo=None),
                "cookie_id": f"cookie-{number}",
            }
            for number in numbers
        ]
        session.execute(insert(orm.User), rows)
        links = [{"user_id": row["id"], "role_id": role.id} for row in rows]
        session.execute(insert(has_role), links)
    session.commit()
    bind = session.get_bind()
    session.close()
    bind.dispose()


def fill_service(home: Path, size: Size) -> None:
    """The service's database, and its file of pools."""
    (home / "state").mkdir(parents=True, exist_ok=True)
    (home / "pools.yaml").write_text(POOLS, encoding="ascii")
    database = Database(f"sqlite:///{home / 'state' / 'orrery.sqlite'}", seconds=60)
    upgrade(database)
    with database.write() as session:
        fill(session, size)
    database.close()


def fill(session: Session, size: Size) -> None:
    """People, projects, budgets and the audit, in the caller's transaction."""
    _people(session, size)
    _projects(session, size)
    _money(session, size)
    _audit(session, size.audit)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while part := list(islice(rest, _BATCH)):
        yield part


def _add(session: Session, table: type[Table], rows: Iterable[dict[str, Any]]) -> None:
    for part in _batches(rows):
        session.execute(insert(table), part)


def _people(session: Session, size: Size) -> None:
    numbers = range(1, size.people + 1)
    _add(
        session,
        PersonRow,
        (
            {
                "id": number,
                "hub_name": name(number),
                "hub_created": created(number),
                "first_visit": created(number),
            }
            for number in numbers
        ),
    )
    chosen = numbers[:: max(1, size.people // size.roles)]
    _add(
        session,
        PersonRoleRow,
        ({"person_id": n, "role": "ml-engineer", "since": created(n)} for n in chosen),
    )


def members_of(project: int, size: Size) -> Sequence[int]:
    """The people of a project; the first is its owner."""
    return [(project * 7 + place * 13) % size.people + 1 for place in range(size.members)]


def _projects(session: Session, size: Size) -> None:
    moment = now() - _AGE
    numbers = range(1, size.projects + 1)
    keys = ({"key": f"project-{n}", "given": moment} for n in numbers)
    _add(session, StorageKeyRow, keys)
    _add(
        session,
        ProjectRow,
        (
            {
                "id": number,
                "slug": f"project-{number}",
                "key": f"project-{number}",
                "name": f"Project {number}",
                "description": "",
                "created": moment,
                "updated": moment + timedelta(hours=number),
                "category": "",
                "labels": "[]",
                "links": "[]",
            }
            for number in numbers
        ),
    )
    _add(
        session,
        MemberRow,
        (
            {
                "project_id": project,
                "person_id": person,
                "role": role,
                "own_role": role,
                "is_pinned": False,
                "is_agreed": True,
                "since": moment,
            }
            for project in numbers
            for place, person in enumerate(members_of(project, size))
            for role in ["owner" if place == 0 else "editor"]
        ),
    )


def _money(session: Session, size: Size) -> None:
    """A budget of each project, requests for more of them, and what everybody used."""
    moment = now()
    _add(
        session,
        BudgetRow,
        (
            {
                "id": number,
                "slot": f"project:{number}:device:month",
                "subject": "project",
                "project_id": number,
                "resource": "device",
                "period": "month",
                "amount": 60_000,
                "created": moment - _AGE,
            }
            for number in range(1, size.projects + 1)
        ),
    )
    _add(
        session,
        RequestRow,
        (
            {
                "budget_id": number % size.projects + 1,
                "person_id": number % size.people + 1,
                "amount": 600,
                "reason": "More is needed.",
                "state": "open",
                "created": moment - timedelta(minutes=number),
                "answer": "",
            }
            for number in range(size.requests)
        ),
    )
    minute = int(moment.timestamp()) // 60
    _add(
        session,
        LedgerRow,
        (
            {
                "lease_id": -(person * size.ledger + part),
                "first_minute": minute - 1_000 * (part + 1),
                "end_minute": minute - 1_000 * (part + 1) + 60,
                "month": moment.year * 100 + moment.month,
                "person_id": person,
                "project_id": person % size.projects + 1,
                "pool_id": None,
                "devices": 1,
                "cpu_millis": 4_000,
                "memory_mib": 16_384,
                "price": 20_000,
            }
            for person in range(1, size.people + 1)
            for part in range(size.ledger)
        ),
    )


def _audit(session: Session, count: int) -> None:
    """Entries whose hashes mean nothing: nobody verifies them here."""
    moment = now() - _AGE
    _add(
        session,
        audit.AuditRow,
        (
            {
                "id": number,
                "when": moment + timedelta(seconds=number),
                "who": name(number % 1_000 + 1),
                "permission": "custom:orrery:projects:write",
                "project": f"project-{number % 100 + 1}",
                "what": "projects.change",
                "on": f"project-{number % 100 + 1}",
                "outcome": "done",
                "address": "192.0.2.7",
                "request_id": f"{number:016x}",
                "client_request_id": "",
                "hash": f"{number:064x}",
            }
            for number in range(1, count + 1)
        ),
    )
    head = audit.place(session, audit.HEAD, lock=True)
    head.entry_id, head.hash = count, f"{count:064x}"


def start_servers(hub: Hub, numbers: range) -> None:
    """Start the servers of people, eight at a time, until all of them run."""

    def start(number: int) -> None:
        response = hub.call("POST", f"/users/{name(number)}/server")
        assert response.status_code in (201, 202), response.text
        until = time.monotonic() + 60
        while response.status_code == 202 and time.monotonic() < until:
            time.sleep(0.05)
            user = hub.call("GET", f"/users/{name(number)}").json()
            if user["servers"] and user["servers"][""]["ready"]:
                return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start, numbers))
