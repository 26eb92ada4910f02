"""The groups at JupyterHub follow the members, whatever happens in between."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from orrery_hub.base.accounts import Accounts
from orrery_hub.base.db import Database, now
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.people import PersonRow
from orrery_hub.projects import store
from orrery_hub.projects.group_claims import GroupClaimRow, GroupClaims
from orrery_hub.projects.group_sync import GroupSync
from orrery_hub.projects.jupyterhub_groups import CHUNK, MARK
from orrery_hub.projects.locations import Locations
from orrery_hub.projects.service import ProjectService
from orrery_wire.projects import ProjectIn, Role
from tests.effort import examples
from tests.hub.services import created_of, make_user

ANN, LATER, GONE = (make_user(name) for name in ("ann", "later", "gone"))
make_user("bob")
OWNERS = "orrery-project-p-owner"


class Groups:
    """JupyterHub's groups API, as much as the synchronisation uses, with JupyterHub's own strictness.

    ``refused`` are names, or groups as a whole, that it refuses though it knows them.
    """

    def __init__(self, *users: str) -> None:
        self.users = set(users)
        self.groups: dict[str, set[str]] = {}
        # Every other group carries Orrery's mark.
        self.unmarked: set[str] = set()
        self.roles: dict[str, list[str]] = {}
        self.refused: set[str] = set()
        self.refusal = 400
        self.largest = 0
        self.away = False
        self.calls: list[str] = []
        self.created: dict[str, datetime] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("nobody listens")
        raw = request.url.raw_path.decode().partition("?")[0]
        kind, *rest = (unquote(part) for part in raw.split("/")[1:])
        self.calls.append(f"{request.method} {raw}")
        if not rest:
            return self._page(request, kind)
        name, *rest = rest
        if kind == "users":
            return self._account(name)
        if request.method != "GET" and name in self.refused:
            return httpx.Response(self.refusal)
        if request.method == "POST" and not rest:
            if name in self.groups:
                return httpx.Response(409)
            self.groups[name] = set()
            self.unmarked.add(name)
            return httpx.Response(201, json=self._model(name))
        if name not in self.groups:
            return httpx.Response(404)
        if rest == ["properties"]:
            assert json.loads(request.content) == MARK
            self.unmarked.discard(name)
            return httpx.Response(200)
        if rest:
            return self._members(request.method, name, json.loads(request.content)["users"])
        if request.method == "DELETE":
            del self.groups[name]
            self.unmarked.discard(name)
            return httpx.Response(204)
        return httpx.Response(200, json=self._model(name))

    def _model(self, name: str) -> dict[str, object]:
        return {
            "name": name,
            "users": sorted(self.groups[name]),
            "properties": {} if name in self.unmarked else MARK,
            "roles": self.roles.get(name, []),
        }

    def _page(self, request: httpx.Request, kind: str) -> httpx.Response:
        offset, limit = (int(request.url.params[name]) for name in ("offset", "limit"))
        assert request.headers["Accept"] == "application/jupyterhub-pagination+json"
        names = list(self.groups if kind == "groups" else sorted(self.users))
        items = [
            self._model(n) if kind == "groups" else self._account(n).json()
            for n in names[offset:][:limit]
        ]
        following = {"offset": offset + limit} if offset + limit < len(names) else None
        return httpx.Response(200, json={"items": items, "_pagination": {"next": following}})

    def _account(self, name: str) -> httpx.Response:
        if name not in self.users:
            return httpx.Response(404)
        created = self.created.get(name) or created_of(name)
        return httpx.Response(200, json={"name": name, "created": created.isoformat()})

    def _members(self, method: str, name: str, users: list[str]) -> httpx.Response:
        self.largest = max(self.largest, len(users))
        if not set(users) <= self.users:
            return httpx.Response(400)
        if self.refused & set(users):
            return httpx.Response(self.refusal)
        self.groups[name] = (
            self.groups[name] | set(users) if method == "POST" else self.groups[name] - set(users)
        )
        return httpx.Response(200)


@pytest.fixture
def projects(sqlite: Database, tmp_path: Path) -> ProjectService:
    projects = ProjectService(
        sqlite, Locations(tmp_path, "lake://", "git://"), projects_per_person=200
    )
    projects.create(ANN, ProjectIn(slug="p", name="P"))
    with sqlite.write() as session:
        row = store.find(session, "p")
        assert row
        row.key = "p"  # as a project that was there before keys were
        session.query(store.GroupSyncRow).update({"key": "p"})
    return projects


def sync(database: Database, groups: Groups, metrics: Metrics | None = None) -> GroupSync:
    client = httpx.AsyncClient(transport=httpx.MockTransport(groups), base_url="http://hub")
    return GroupSync(database, client, metrics or Metrics(), Accounts(database, client))


def follow(database: Database, groups: Groups) -> GroupSync:
    group_sync = sync(database, groups)
    asyncio.run(group_sync.sync_due())
    return group_sync


def check(group_sync: GroupSync) -> None:
    async def once() -> None:
        assert await group_sync.check()
        await group_sync.sync_due()

    asyncio.run(once())


def person(session: Session, name: str) -> int:
    """A person, whatever rule for names holds today."""
    row = session.scalar(select(PersonRow).where(PersonRow.hub_name == name))
    if row is None:
        row = PersonRow(hub_name=name)
        session.add(row)
        session.flush()
    return row.id


def add(database: Database, *users: str, role: Role = "viewer", slug: str = "p") -> None:
    """Members as the database has them, whatever rule for names holds today."""
    with database.write() as session:
        row = store.find(session, slug)
        assert row
        for user in users:
            store.set_role(session, row, person(session, user), role)
        store.schedule_sync(session, row.key)


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
    assert hub.groups == {
        "orrery-project-p-owner": {"ann"},
        "orrery-project-p-editor": {"bob"},
        "orrery-project-p-viewer": {"cat"},
    }
    projects.set_role(ANN, "p", "bob", "viewer")
    projects.remove_member(ANN, "p", "cat")
    follow(sqlite, hub)
    assert hub.groups == {
        "orrery-project-p-owner": {"ann"},
        "orrery-project-p-editor": set(),
        "orrery-project-p-viewer": {"bob"},
    }


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
            store.set_role(session, row, person(session, user), "viewer")
        store.schedule_sync(session, row.key)
    hub = Groups("ann", *many)
    follow(sqlite, hub)
    assert hub.groups["orrery-project-p-viewer"] == set(many)
    assert hub.largest <= CHUNK


def test_an_absent_hub_delays_and_loses_nothing(projects: ProjectService, sqlite: Database) -> None:
    hub = Groups("ann", "bob")
    hub.away = True
    projects.set_role(ANN, "p", "bob", "editor")
    follow(sqlite, hub)
    hub.away = False
    make_due(sqlite)
    follow(sqlite, hub)
    assert hub.groups["orrery-project-p-editor"] == {"bob"}


def test_who_never_logged_in_waits_for_the_first_visit(
    projects: ProjectService, sqlite: Database
) -> None:
    hub = Groups("ann", "bob")
    projects.set_role(ANN, "p", "bob", "viewer")
    projects.set_role(ANN, "p", "later", "viewer")
    follow(sqlite, hub)
    assert hub.groups["orrery-project-p-viewer"] == {"bob"}
    hub.users.add("later")
    projects.me(LATER)
    follow(sqlite, hub)
    assert hub.groups["orrery-project-p-viewer"] == {"bob", "later"}


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
    assert hub.groups["orrery-project-p-owner"] == {"ann", "bob"}


@pytest.mark.parametrize("name", ["..", ".", "...", "a/b", "a\u200bb", " a", "a\n", "", "x" * 300])
def test_an_impossible_name_holds_up_nobody(
    projects: ProjectService, sqlite: Database, name: str
) -> None:
    hub = Groups("ann", "bob", "cat")
    hub.groups = {"orrery-project-p-editor": {"bob"}}
    add(sqlite, name, role="owner")
    add(sqlite, "cat")
    group_sync = follow(sqlite, hub)
    assert hub.groups == {
        "orrery-project-p-owner": {"ann"},
        "orrery-project-p-editor": set(),
        "orrery-project-p-viewer": {"cat"},
    }
    assert all(
        call.split(" ")[1].startswith(("/groups/orrery-project-p-", "/users/"))
        for call in hub.calls
    )
    assert len(group_sync.notices()) == 1
    with sqlite.read() as session:
        assert session.query(store.GroupSyncRow).count() == 0


@pytest.mark.parametrize("status", [400, 403, 422, 500])
def test_a_refused_name_holds_up_nobody(
    projects: ProjectService, sqlite: Database, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    hub = Groups("ann", "bob", "cat", "gus")
    hub.refused, hub.refusal = {"ann", "bob"}, status
    hub.groups = {"orrery-project-p-owner": {"gus"}, "orrery-project-p-viewer": {"gus"}}
    add(sqlite, "bob", "cat", role="editor")
    add(sqlite, "gus")
    group_sync = follow(sqlite, hub)
    assert hub.groups == {
        "orrery-project-p-owner": set(),
        "orrery-project-p-editor": {"cat"},
        "orrery-project-p-viewer": {"gus"},
    }
    assert "1 project" in group_sync.notices()[0]
    assert not {"ann", "bob", "p-p"} & set(group_sync.notices()[0].split())
    for _ in range(3):
        check(group_sync)
    assert len([r for r in caplog.records if r.levelno == logging.WARNING]) == 1
    hub.refused = set()
    check(group_sync)
    assert hub.groups["orrery-project-p-owner"] == {"ann"}
    assert hub.groups["orrery-project-p-editor"] == {"bob", "cat"}
    assert group_sync.notices() == ()


@pytest.mark.parametrize("there", [True, False])
def test_a_refused_group_does_not_hold_up_the_others(
    projects: ProjectService, sqlite: Database, there: bool
) -> None:
    hub = Groups("ann", "bob", "cat")
    hub.refused = {"orrery-project-p-owner"}
    hub.groups = {"orrery-project-p-editor": {"cat"}} | (
        {"orrery-project-p-owner": set()} if there else {}
    )
    add(sqlite, "bob")
    group_sync = follow(sqlite, hub)
    assert hub.groups["orrery-project-p-editor"] == set()
    assert hub.groups["orrery-project-p-viewer"] == {"bob"}
    assert len(group_sync.notices()) == 1
    hub.refused = set()
    make_due(sqlite)
    check(group_sync)
    assert hub.groups["orrery-project-p-owner"] == {"ann"}


def test_removals_come_before_additions(projects: ProjectService, sqlite: Database) -> None:
    hub = Groups("ann", "bob", "cat")
    hub.groups = {
        "orrery-project-p-owner": {"bob"},
        "orrery-project-p-editor": {"cat"},
        "orrery-project-p-viewer": {"bob"},
    }
    add(sqlite, "bob", role="editor")
    add(sqlite, "cat")
    follow(sqlite, hub)
    methods = [call.split(" ")[0] for call in hub.calls if call.endswith("/users")]
    assert methods == ["DELETE"] * 3 + ["POST"] * 3


class TestDrift:
    @pytest.fixture
    def hub(self, projects: ProjectService, sqlite: Database) -> Groups:
        hub = Groups("ann", "bob", "mallory")
        add(sqlite, "bob", role="editor")
        for name in ("ann", "bob"):
            projects.me(make_user(name))
        return hub

    def test_it_is_mended(self, hub: Groups, sqlite: Database) -> None:
        group_sync = follow(sqlite, hub)
        equal = {
            "orrery-project-p-owner": {"ann"},
            "orrery-project-p-editor": {"bob"},
            "orrery-project-p-viewer": set(),
        }
        foreign = {
            "staff": {"mallory"},
            "orrery-project-other-owner": {"mallory"},
            "orrery-project-p-admin": set(),
        }
        for drift in (
            {**equal, "orrery-project-p-owner": {"ann", "mallory"}},
            {**equal, "orrery-project-p-editor": set()},
            {"orrery-project-p-owner": {"ann"}, "orrery-project-p-editor": {"bob"}},
            {
                **equal,
                "orrery-project-p-owner": {"mallory"},
                "orrery-project-p-viewer": {"ann", "bob"},
            },
            {},
        ):
            hub.groups = {**foreign, **drift}
            check(group_sync)
            assert hub.groups == {**foreign, **equal}

    def test_the_group_of_a_deleted_project_goes_again(
        self, hub: Groups, projects: ProjectService, sqlite: Database
    ) -> None:
        projects.delete(ANN, "p")
        group_sync = follow(sqlite, hub)
        hub.groups = {"orrery-project-p-owner": {"mallory"}}
        check(group_sync)
        assert hub.groups == {}

    def test_where_nothing_drifted_only_pages_are_read(
        self, hub: Groups, projects: ProjectService, sqlite: Database
    ) -> None:
        for number in range(150):
            projects.create(ANN, ProjectIn(slug=f"q{number}", name="Q"))
        add(sqlite, "never-here", "gone")
        projects.me(GONE)
        group_sync = follow(sqlite, hub)
        check(group_sync)
        hub.calls.clear()
        check(group_sync)
        assert hub.calls.count("GET /groups") == 3
        assert set(hub.calls) == {"GET /groups", "GET /users/gone", "GET /users/never-here"}

    def test_who_is_made_again_at_jupyterhub_comes_back(
        self, hub: Groups, projects: ProjectService, sqlite: Database
    ) -> None:
        hub.users.remove("bob")
        group_sync = follow(sqlite, hub)
        check(group_sync)
        assert hub.groups["orrery-project-p-editor"] == set()
        assert group_sync.notices() == ()
        hub.users.add("bob")
        check(group_sync)
        assert hub.groups["orrery-project-p-editor"] == {"bob"}

    def test_an_absent_hub_is_said_once(
        self, hub: Groups, sqlite: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        group_sync = follow(sqlite, hub)
        hub.away = True
        for _ in range(3):
            assert asyncio.run(group_sync.check()) is False
        assert len([r for r in caplog.records if r.levelno == logging.WARNING]) == 1
        assert len(group_sync.notices()) == 1
        hub.away = False
        check(group_sync)
        assert group_sync.notices() == ()

    def test_it_is_found_without_a_change_within_the_interval(
        self, hub: Groups, sqlite: Database
    ) -> None:
        client = httpx.AsyncClient(transport=httpx.MockTransport(hub), base_url="http://hub")
        group_sync = GroupSync(
            sqlite, client, Metrics(), Accounts(sqlite, client), check_seconds=0.05
        )

        async def drift() -> None:
            running = asyncio.create_task(group_sync.run())
            for users in (set(), {"bob", "mallory"}):
                hub.groups["orrery-project-p-editor"] = users
                async with asyncio.timeout(10):
                    while hub.groups["orrery-project-p-editor"] != {"bob"}:
                        await asyncio.sleep(0.02)
            running.cancel()

        asyncio.run(drift())


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
    assert hub.groups == {f"orrery-project-p-{role}": users for role, users in expected.items()}


def test_a_group_of_an_operator_is_never_touched(
    projects: ProjectService, sqlite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    for members in ({"gus"}, set()):
        hub = Groups("ann", "gus")
        hub.groups, hub.unmarked = {OWNERS: set(members)}, {OWNERS}
        group_sync = follow(sqlite, hub)
        check(group_sync)
        assert hub.groups[OWNERS] == members
        assert OWNERS in hub.unmarked
        assert "1 project" in group_sync.notices()[0]
        assert f"the group {OWNERS} exists and does not carry Orrery's mark" in caplog.text
        make_due(sqlite)
    projects.delete(ANN, "p")
    check(group_sync)
    assert hub.groups.keys() == {OWNERS}


def test_a_crash_between_creation_and_mark_is_made_up_for(
    projects: ProjectService, sqlite: Database
) -> None:
    class Crashing(Groups):
        is_crashing = True

        def __call__(self, request: httpx.Request) -> httpx.Response:
            if self.is_crashing and request.url.path.endswith("/properties"):
                raise httpx.ConnectError("gone")
            return super().__call__(request)

    hub = Crashing("ann")
    follow(sqlite, hub)
    assert hub.unmarked == {OWNERS}
    hub.is_crashing = False
    make_due(sqlite)
    follow(sqlite, hub)
    assert (hub.unmarked, hub.groups[OWNERS]) == (set(), {"ann"})
    with sqlite.read() as session:
        assert session.query(GroupClaimRow).count() == 0


def test_a_group_that_an_operator_creates_at_the_same_moment_is_his(
    projects: ProjectService, sqlite: Database
) -> None:
    class Racing(Groups):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            if request.method == "POST" and request.url.path == f"/groups/{OWNERS}":
                self.groups.setdefault(OWNERS, {"gus"})
                self.unmarked.add(OWNERS)
            return super().__call__(request)

    hub = Racing("ann", "gus")
    follow(sqlite, hub)
    make_due(sqlite)
    follow(sqlite, hub)
    assert hub.groups[OWNERS] == {"gus"}


def test_the_groups_of_an_earlier_version_go_unless_they_serve_something_else(
    projects: ProjectService, sqlite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    hub = Groups("ann", "bob", "gus")
    old = {"p-p-owner": ["ann"], "p-p-editor": [], "p-q-owner": ["ann"], "p-r-owner": ["ann"]}
    with sqlite.write() as session:
        for name, members in {**old, "p-s-owner": ["ann"]}.items():
            session.add(GroupClaimRow(name=name, members=json.dumps(members)))
    hub.groups = {name: set(members) for name, members in old.items()}
    hub.groups["p-q-owner"] = {"gus"}
    hub.groups["p-other-owner"] = {"bob"}
    hub.unmarked = set(hub.groups)
    hub.roles = {"p-r-owner": ["operators"]}
    check(sync(sqlite, hub))
    assert {name for name in hub.groups if name.startswith("p-")} == {
        "p-q-owner",
        "p-r-owner",
        "p-other-owner",
    }
    assert hub.groups[OWNERS] == {"ann"}
    assert "p-q-owner of an earlier version has members" in caplog.text
    assert not GroupClaims(sqlite).unmarked()
