"""The groups at JupyterHub follow the members, whatever happens in between."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orrery_hub.base.db import Database, now
from orrery_hub.base.metrics import Metrics
from orrery_hub.projects import store
from orrery_hub.projects.group_sync import CHUNK, GroupSync
from orrery_hub.projects.locations import Locations
from orrery_hub.projects.service import ProjectService
from orrery_wire.projects import ProjectIn, Role
from tests.effort import examples
from tests.hub.services import make_user

ANN = make_user("ann")


class Groups:
    """JupyterHub's groups API, as much as the mirror uses, with JupyterHub's own strictness."""

    def __init__(self, *users: str) -> None:
        self.users = set(users)
        self.groups: dict[str, set[str]] = {}
        self.largest = 0
        self.away = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("nobody listens")
        _, kind, name, *rest = request.url.path.split("/")
        if kind == "users":
            return httpx.Response(200 if name in self.users else 404)
        if request.method == "POST" and not rest:
            self.groups[name] = set()
            return httpx.Response(201)
        if name not in self.groups:
            return httpx.Response(404)
        if rest:
            return self._members(request.method, name, json.loads(request.content)["users"])
        if request.method == "DELETE":
            del self.groups[name]
        return httpx.Response(200, json={"users": sorted(self.groups.get(name, ()))})

    def _members(self, method: str, name: str, users: list[str]) -> httpx.Response:
        self.largest = max(self.largest, len(users))
        if not set(users) <= self.users:
            return httpx.Response(400)
        self.groups[name] = (
            self.groups[name] | set(users) if method == "POST" else self.groups[name] - set(users)
        )
        return httpx.Response(200)


@pytest.fixture
def projects(sqlite: Database, tmp_path: Path) -> ProjectService:
    projects = ProjectService(sqlite, Locations(tmp_path, "lake://", "git://"))
    projects.create(ANN, ProjectIn(slug="p", name="P"))
    return projects


def follow(database: Database, groups: Groups) -> None:
    async def once() -> None:
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(groups), base_url="http://hub"
        ) as client:
            await GroupSync(database, client, Metrics()).sync_due()

    asyncio.run(once())


def make_due(database: Database) -> None:
    with database.write() as session:
        for row in session.query(store.GroupSyncRow):
            row.due = now() - timedelta(seconds=1)


def test_members_appear_in_the_group_of_their_role(
    projects: ProjectService, sqlite: Database
) -> None:
    hub = Groups("ann", "bob", "cat")
    projects.set_role(ANN, "p", "bob", "editor")
    projects.set_role(ANN, "p", "cat", "viewer")
    follow(sqlite, hub)
    assert hub.groups == {"p-p-owner": {"ann"}, "p-p-editor": {"bob"}, "p-p-viewer": {"cat"}}
    projects.set_role(ANN, "p", "bob", "viewer")
    projects.remove_member(ANN, "p", "cat")
    follow(sqlite, hub)
    assert hub.groups == {"p-p-owner": {"ann"}, "p-p-editor": set(), "p-p-viewer": {"bob"}}


def test_a_deleted_project_takes_its_groups_along(
    projects: ProjectService, sqlite: Database
) -> None:
    hub = Groups("ann")
    follow(sqlite, hub)
    projects.delete(ANN, "p")
    follow(sqlite, hub)
    assert hub.groups == {}


def test_many_members_come_in_small_calls(projects: ProjectService, sqlite: Database) -> None:
    many = [f"u{n:03}" for n in range(CHUNK * 2 + 50)]
    with sqlite.write() as session:
        row = store.find(session, "p")
        assert row
        for user in many:
            store.set_role(session, row, user, "viewer")
        store.schedule_sync(session, "p")
    hub = Groups("ann", *many)
    follow(sqlite, hub)
    assert hub.groups["p-p-viewer"] == set(many)
    assert hub.largest <= CHUNK


def test_an_absent_hub_delays_and_loses_nothing(projects: ProjectService, sqlite: Database) -> None:
    hub = Groups("ann", "bob")
    hub.away = True
    projects.set_role(ANN, "p", "bob", "editor")
    follow(sqlite, hub)
    hub.away = False
    make_due(sqlite)
    follow(sqlite, hub)
    assert hub.groups["p-p-editor"] == {"bob"}


def test_who_never_logged_in_waits_for_the_first_visit(
    projects: ProjectService, sqlite: Database
) -> None:
    hub = Groups("ann", "bob")
    projects.set_role(ANN, "p", "bob", "viewer")
    projects.set_role(ANN, "p", "later", "viewer")
    follow(sqlite, hub)
    assert hub.groups["p-p-viewer"] == {"bob"}
    hub.users.add("later")
    projects.me(make_user("later"))
    follow(sqlite, hub)
    assert hub.groups["p-p-viewer"] == {"bob", "later"}


def test_what_changes_while_it_looks_is_looked_at_again(
    projects: ProjectService, sqlite: Database
) -> None:
    class Meddler(Groups):
        meddled = False

        def __call__(self, request: httpx.Request) -> httpx.Response:
            if not self.meddled and "viewer" in request.url.path:
                self.meddled = True
                projects.set_role(ANN, "p", "bob", "owner")
            return super().__call__(request)

    hub = Meddler("ann", "bob")
    follow(sqlite, hub)
    assert hub.groups["p-p-owner"] == {"ann", "bob"}


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["bob", "cat", "dan"]),
        st.sampled_from([None, "owner", "editor", "viewer"]),
        st.booleans(),
    ),
    max_size=8,
)


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=_STEPS)
def test_it_always_ends_equal(
    projects: ProjectService, sqlite: Database, steps: list[tuple[str, Role | None, bool]]
) -> None:
    hub = Groups("ann", "bob", "cat", "dan")
    for user, role, away in steps:
        hub.away = away
        if role:
            projects.set_role(ANN, "p", user, role)
        else:
            projects.remove_member(ANN, "p", user)
        make_due(sqlite)
        follow(sqlite, hub)
    hub.away = False
    with sqlite.write() as session:
        store.schedule_sync(session, "p")
    follow(sqlite, hub)
    with sqlite.read() as session:
        expected = store.members_by_role(session, "p")
    assert expected
    assert hub.groups == {f"p-p-{role}": users for role, users in expected.items()}
