"""Connections over the service's routes: who sees, uses and changes them, and what nobody is shown."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import NoResultFound

from orrery_hub.base.contracts import Standing
from orrery_hub.base.db import Database, Table, now
from orrery_hub.base.user import User
from orrery_hub.connections import broker as broker_module
from orrery_hub.connections import store
from orrery_hub.connections.broker import Broker
from orrery_hub.connections.identity import HubIdentity
from orrery_hub.connections.places import SecretPlaces, secret_stores
from orrery_hub.connections.secrets.openbao import OpenBaoSecretStore
from orrery_wire.connection_kinds import DESTINATIONS, KINDS, secret_fields
from orrery_wire.errors import TooMany
from orrery_wire.secret_files import FileSecretStore
from orrery_wire.secret_store import Issued, SecretUnavailable
from tests.hub.clusters import Cluster
from tests.hub.services import USER, Service
from tests.loops import each
from tests.servers.openbao import OpenBao, database_users

# Nothing that a random key in hexadecimal could hold by chance.
MARK = "no-hex-digits-quoth-the-parrot"
CANARY = f"cánary/{MARK}@:%\"'\\ secret"
STARTED = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
POSTGRES = {"name": "db", "kind": "postgresql", "spec": {"host": "db.example.org", "user": "u"}}
POSTGRES |= {"secrets": {"password": CANARY}}
ROLES = ("owner", "editor", "viewer", "stranger")


def server(name: str = "", started: datetime = STARTED) -> dict[str, Any]:
    return {"name": name, "ready": True, "started": started.isoformat(), "pending": None}


class World:
    """A service with a project, somebody of each role, each with a server, and one's own loop over uses."""

    def __init__(self, service: Service) -> None:
        self.service, self.database = service, service.database
        self.root = service.client("root", admin=True)
        self.clients = {role: service.client(role) for role in ROLES}
        for client in (self.root, *self.clients.values()):
            client.get("/me").raise_for_status()
        self.clients["owner"].post("/projects", json={"slug": "p", "name": "P"}).raise_for_status()
        for role in ("editor", "viewer"):
            self.join(role)
        context = service.app.state.context
        self.places = SecretPlaces(self.database, secret_stores(service.settings))
        self.broker = Broker(
            self.database,
            context.memberships,
            self.places,
            context.servers,
            context.metrics,
            context.rights,
        )

    def join(self, role: str) -> None:
        owner = self.clients["owner"]
        owner.put(f"/projects/p/members/{role}", json={"role": role}).raise_for_status()

    def create(self, role: str, **more: Any) -> dict[str, Any]:
        client = self.root if role == "root" else self.clients[role]
        answer = client.post("/connections", json={**POSTGRES, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def use(self, role: str, number: int, **more: Any) -> httpx.Response:
        client = self.lab(role, more.get("server", ""))
        return client.post(f"/connections/{number}/use", json=more)

    def lab(self, role: str, server: str = "", *scopes: str) -> httpx.Client:
        """A client with the token of a server, or with one that has other scopes on servers."""
        holds = USER | (set(scopes) or {f"access:servers!server={role}/{server}"})
        return self.service.client(role, holds=frozenset(holds))

    def uses(self) -> list[store.UseRow]:
        with self.database.read() as session:
            return list(session.scalars(select(store.UseRow)))

    def draw(self) -> None:
        """Have the picture of the servers drawn again."""
        refresh = self.service.app.state.context.servers.refresh()
        asyncio.run_coroutine_threadsafe(refresh, self.service.loop.loop).result(10)

    def secret_files(self) -> int:
        return len([*(self.service.settings.home / "vault").glob("[a-z0-9]*")])


@pytest.fixture(scope="module")
def first_world(
    tmp_path_factory: pytest.TempPathFactory, template: Path
) -> Iterator[tuple[World, sqlite3.Connection]]:
    home = tmp_path_factory.mktemp("connections")
    database = Database(f"sqlite:///{shutil.copyfile(template, home / 'orrery.sqlite')}")
    # All tests together ask faster than a person does.
    service = Service(
        home / "home", database, person_requests_per_second=10_000, person_writes_per_second=10_000
    )
    world = World(service)
    copy = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(str(database.file))) as source:
        source.backup(copy)
    yield world, copy
    copy.close()
    service.loop.stop()
    database.close()


@pytest.fixture
def world(first_world: tuple[World, sqlite3.Connection]) -> World:
    """The world as it was in the beginning."""
    world, copy = first_world
    with closing(sqlite3.connect(str(world.database.file))) as target:
        copy.backup(target)
    service = world.service
    service.accounts.forget()
    service.app.state.authenticator._permissions.forget()
    service.hub.servers = {name: [server()] for name in (*ROLES, "root")}
    for file in (service.settings.home / "vault").glob("*"):
        file.unlink()
    world.draw()
    return world


def audit(world: World, what: str) -> list[dict[str, Any]]:
    query = {"what": what, "limit": 200}
    return world.root.get("/audit", params=query).json()["items"]  # type: ignore[no-any-return]


def test_who_sees_uses_and_changes_what(world: World) -> None:
    ids = {
        "platform": world.create("root", audience="platform")["id"],
        "project": world.create("owner", audience="project", project="p")["id"],
        "read-only": world.create(
            "owner", audience="project", project="p", name="ro", read_only=True
        )["id"],
        "person": world.create("editor")["id"],
    }
    expected = {
        "platform": dict.fromkeys(ROLES, (200, 201, 403)) | {"root": (200, 201, 200)},
        "project": {
            "owner": (200, 201, 200),
            "editor": (200, 201, 200),
            "viewer": (200, 403, 403),
            "stranger": (404, 404, 404),
            "root": (404, 404, 404),
        },
        "person": dict.fromkeys((*ROLES, "root"), (404, 404, 404)) | {"editor": (200, 201, 200)},
    }
    expected["read-only"] = expected["project"] | {"viewer": (200, 201, 403)}
    faults = []
    for what, number in ids.items():
        for role, statuses in expected[what].items():
            client = world.root if role == "root" else world.clients[role]
            got = (
                client.get(f"/connections/{number}").status_code,
                world.use(role, number).status_code,
                client.patch(f"/connections/{number}", json={"description": role}).status_code,
            )
            shown = {item["id"] for item in client.get("/connections").json()["items"]}
            if got != statuses or (number in shown) != (statuses[0] == 200):
                faults.append((what, role, got))
    assert faults == []


def test_who_creates_for_whom(world: World) -> None:
    for role, status in (("owner", 201), ("editor", 201), ("viewer", 403), ("stranger", 404)):
        body = POSTGRES | {"name": role, "audience": "project", "project": "p"}
        assert world.clients[role].post("/connections", json=body).status_code == status
        body = POSTGRES | {"audience": "platform"}
        assert world.clients[role].post("/connections", json=body).status_code == 403
        assert world.clients[role].post("/connections", json=POSTGRES).status_code == 201
    for bad in (
        {"audience": "project"},
        {"project": "p"},
        {"audience": "platform", "project": "p"},
    ):
        assert world.clients["owner"].post("/connections", json=POSTGRES | bad).status_code == 400
    assert world.secret_files() == 6


def test_what_was_deleted_is_shown_to_those_who_may_bring_it_back(world: World) -> None:
    ids = {
        "platform": world.create("root", audience="platform")["id"],
        "project": world.create("owner", audience="project", project="p")["id"],
        "person": world.create("stranger")["id"],
    }
    for client, what in ((world.root, "platform"), (world.clients["owner"], "project")):
        client.delete(f"/connections/{ids[what]}").raise_for_status()
    world.clients["stranger"].delete(f"/connections/{ids['person']}").raise_for_status()
    expected = {"root": 1, "owner": 1, "editor": 1, "viewer": 0, "stranger": 1}
    for role, total in expected.items():
        client = world.root if role == "root" else world.clients[role]
        page = client.get("/connections?deleted=true").json()
        assert (page["total"], len(page["items"])) == (total, total), role


def test_a_role_of_the_engine_is_chosen_by_administrators_alone(world: World) -> None:
    spec = POSTGRES["spec"] | {"dynamic_role": "admin"}  # type: ignore[operator]
    owner = world.clients["owner"]
    assert owner.post("/connections", json=POSTGRES | {"spec": spec}).status_code == 403
    number = world.create("owner")["id"]
    assert owner.patch(f"/connections/{number}", json={"spec": spec}).status_code == 403
    made = world.create("root", audience="platform", spec=spec, secrets={})
    assert made["has_dynamic_user"]
    answer = world.use("owner", made["id"])
    assert (answer.status_code, answer.json()["details"]["state"]) == (503, "unsupported")
    assert world.uses() == []


def test_the_secret_is_given_to_a_server_and_to_nothing_else(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number = world.create("owner", audience="project", project="p")["id"]
    owner, texts = world.clients["owner"], []
    use = world.use("owner", number)
    assert use.json()["secrets"] == {"password": CANARY}
    expires = datetime.fromisoformat(use.json()["expires"])
    assert timedelta(minutes=9) < expires - now() <= timedelta(minutes=10)
    lease = use.json()["lease"]
    assert owner.post(f"/uses/{lease}/renew").json()["secrets"] == {"password": CANARY}
    bad = {"secrets": {"password": CANARY, "no_such": CANARY}, "spec": {"host": f"{CANARY}"}}
    for verb, path, body in (
        ("GET", "/connections", None),
        ("GET", f"/connections/{number}", None),
        ("PATCH", f"/connections/{number}", {"description": "d"}),
        ("PATCH", f"/connections/{number}", bad),
        ("POST", "/connections", POSTGRES | bad),
        ("POST", "/connections", POSTGRES | {"kind": CANARY}),
        ("POST", "/connections", POSTGRES | {"spec": {"host": "h", "password": CANARY}}),
        ("POST", "/connections", POSTGRES | {"spec": {"host": "h", "port": CANARY}}),
        (
            "POST",
            "/connections",
            POSTGRES | {"kind": "s3", "spec": {"endpoint": f"https://a:{CANARY}@h"}},
        ),
        ("POST", "/connections", POSTGRES | {"audience": "project", "project": "p"}),
        ("DELETE", f"/connections/{number}", None),
        ("POST", f"/connections/{number}/undelete", None),
        ("GET", "/connections/secrets", None),
        ("GET", "/health", None),
    ):
        texts.append(owner.request(verb, path, json=body).text)
    texts += [world.root.get("/audit/export?format=csv").text, world.root.get("/admin/parts").text]
    with world.database.read() as session:
        for table in Table.metadata.sorted_tables:
            texts.append(repr(session.execute(text(f'SELECT * FROM "{table.name}"')).all()))
    texts.append(caplog.text)
    home = world.service.settings.home
    octets = b"".join(p.read_bytes() for p in home.rglob("*") if p.is_file())
    octets += world.database.file.read_bytes() if world.database.file else b""
    for form in (CANARY, MARK, json.dumps(CANARY)[1:-1]):
        assert not [part for part in texts if form in part]
        assert form.encode() not in octets


def test_each_use_is_in_the_audit_without_a_value(world: World) -> None:
    number = world.create("owner", audience="project", project="p")["id"]
    lease = world.use("editor", number).json()["lease"]
    assert world.lab("editor").delete(f"/uses/{lease}").status_code == 204
    (use,), (end,) = audit(world, "connections.use"), audit(world, "connections.release")
    assert (use["who"], use["project"], use["after"]["name"]) == ("editor", "p", "db")
    assert end["on"] == use["on"]
    (made,) = audit(world, "connections.create")
    assert made["after"]["secrets"] == ["password"]
    assert "db.example.org" not in json.dumps(made)


def test_a_hub_on_a_copy_of_the_database_removes_nothing(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    owners: list[str] = []
    removed: list[str] = []

    class Vault(FileSecretStore):
        kind = "openbao"

        def claim(self, owner: str, *, force: bool = False) -> bool:
            if force or not owners:
                owners[:] = [owner]
            return owners == [owner]

        def delete(self, key: str) -> None:
            removed.append(key)

        def revoke(self, lease: str) -> None:
            removed.append(lease)

    stores = (Vault(tmp_path / "vault", tmp_path / "keys"),)
    identities = [HubIdentity(tmp_path / name) for name in ("first", "restored")]
    context = world.service.app.state.context
    first, restored = (
        Broker(
            world.database,
            context.memberships,
            SecretPlaces(world.database, stores, identity),
            context.servers,
            context.metrics,
            context.rights,
        )
        for identity in identities
    )
    number = world.create("owner")["id"]
    lease = world.use("owner", number).json()["lease"]
    first.look()
    with world.database.write() as session:
        session.get_one(store.UseRow, lease).engine_lease = "engine-lease"
        session.add(store.UnusedSecretRow(store="openbao", key="needed", due=now()))
        store.end_uses(session)
    for _ in range(2):
        restored.look()
        assert "another hub" in restored.notices()[0]
    assert removed == []
    assert len(world.uses()) == 1
    identities[1].request_takeover()
    restored.look()
    assert sorted(removed) == ["engine-lease", "needed"]
    assert restored.notices() == ()
    assert "taken the store of secrets over" in caplog.text
    first.look()
    assert first.notices()


def test_only_the_token_of_the_server_itself_uses(world: World) -> None:
    """Whatever else a person's token carries, and whichever server it names."""
    world.service.hub.servers["owner"] = [server(), server("two")]
    world.draw()
    number = world.create("owner")["id"]
    first = world.use("owner", number).json()["lease"]
    for scopes, names in (
        (("access:servers",), ("", "two")),
        (("access:servers!user=owner",), ("", "two")),
        (("access:servers!server=owner/two",), ("",)),
        (("access:servers!server=owner/",), ("two", "none")),
        (("access:servers!server=editor/",), ("", "two")),
        (("access:servers!server=/",), ("", "two")),
        (("access:services", "access:servers!group=p"), ("", "two")),
    ):
        client = world.lab("owner", "", *scopes)
        for name in names:
            answer = client.post(f"/connections/{number}/use", json={"server": name})
            assert answer.status_code == 403, (scopes, name)
            assert "server" in answer.json()["reason"]
        if "" in names:
            assert client.post(f"/uses/{first}/renew").status_code == 403
            assert client.delete(f"/uses/{first}").status_code == 403
    assert world.use("owner", number, server="two").status_code == 201
    # What was refused has ended nothing.
    assert world.lab("owner").post(f"/uses/{first}/renew").status_code == 200
    assert world.lab("owner").delete(f"/uses/{first}").status_code == 204


def test_a_use_ends_without_a_renewal_once_the_right_is_lost(world: World) -> None:
    owner = world.clients["owner"]
    number = world.create("owner", audience="project", project="p")["id"]

    def without_role() -> None:
        permissions = world.service.app.state.authenticator._permissions
        real = permissions.allowed

        async def allowed(person: int, standing: Standing) -> frozenset[str]:
            scopes = await real(person, standing)
            return scopes - {broker_module.USE_SCOPE} if standing.account == "editor" else scopes

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(permissions, "allowed", allowed)
            world.service.loop.run(world.broker.end_withheld())

    changes = (
        lambda: owner.delete("/projects/p/members/editor"),
        lambda: owner.put("/projects/p/members/editor", json={"role": "viewer"}),
        lambda: owner.delete("/projects/p"),
        without_role,
    )
    for change in changes:
        assert world.use("editor", number).status_code == 201
        assert world.use("owner", number).status_code == 201
        world.broker._ask_rights_at = 0.0
        world.service.loop.run(world.broker.end_withheld())
        world.broker.look()
        assert len(world.uses()) == 2
        world.broker._ask_rights_at = 0.0
        change()
        world.broker.look()
        assert "editor" not in {use.server_name for use in world.uses()}
        ids = {use.person_id for use in world.uses()}
        with world.database.read() as session:
            assert store.account_id(session, "editor") not in ids
        owner.post("/projects/p/undelete")
        world.join("editor")
        with world.database.write() as session:
            store.end_uses(session)
        world.broker.look()


def test_the_right_is_looked_at_again_when_the_use_is_noted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody is removed from the project while the secret is read."""
    number = world.create("owner", audience="project", project="p")["id"]
    read = FileSecretStore.read

    def slow(self: FileSecretStore, key: str) -> dict[str, str]:
        world.clients["owner"].delete("/projects/p/members/editor").raise_for_status()
        return read(self, key)

    monkeypatch.setattr(FileSecretStore, "read", slow)
    assert world.use("editor", number).status_code == 404
    assert world.uses() == []


def test_uses_end_when_the_connection_leads_elsewhere(world: World) -> None:
    owner, secrets = world.clients["owner"], {"password": "new"}
    number = world.create("owner")["id"]
    spec = {"host": "db.example.org", "user": "u"}
    for patch, is_other in (
        ({"description": "d"}, False),
        ({"name": "renamed"}, False),
        ({"spec": spec}, False),
        ({"spec": spec | {"user": "v"}}, True),
        ({"spec": spec | {"database": "d"}}, True),
        ({"read_only": True}, True),
        ({"spec": spec | {"host": "other.example.org"}, "secrets": secrets}, True),
        ({"secrets": secrets}, True),
    ):
        lease = world.use("owner", number).json()["lease"]
        assert owner.patch(f"/connections/{number}", json=patch).status_code == 200, patch
        status = world.lab("owner").post(f"/uses/{lease}/renew").status_code
        assert status == (404 if is_other else 200), patch


SECRETS: dict[str, dict[str, str]] = {
    "s3": {"access_key_id": "k", "secret_access_key": "s"},
    "gs": {"service_account_key": "{}"},
    "abfs": {"account_key": "a", "sas_token": "b"},
    "http": {"password": "p", "token": "t"},
    "postgresql": {"password": "p"},
    "mysql": {"password": "p"},
    "sqlalchemy": {"password": "p"},
}
MOVES: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("s3", {"endpoint": "https://s3.example.org"}, {"endpoint": "https://evil.example.org"}, True),
    ("s3", {"endpoint": "https://s3.example.org"}, {"endpoint": "http://s3.example.org"}, True),
    ("s3", {"endpoint": "https://s3.example.org"}, {"endpoint": ""}, True),
    ("s3", {}, {"endpoint": "https://evil.example.org"}, True),
    ("s3", {"endpoint": "https://h"}, {"endpoint": "https://h/", "bucket": "other"}, False),
    ("gs", {}, {"endpoint": "https://evil.example.org"}, True),
    ("abfs", {"account": "a"}, {"account": "b"}, True),
    ("abfs", {"account": "a"}, {"account": "a", "endpoint": "https://evil.example.org"}, True),
    ("abfs", {"account": "a", "client_id": "c"}, {"account": "a", "tenant_id": "t"}, True),
    ("http", {"url": "https://h/a"}, {"url": "https://h:444/a"}, True),
    ("http", {"url": "https://h/a"}, {"url": "https://h.evil.example.org/a"}, True),
    ("http", {"url": "https://h/a"}, {"url": "https://h/b"}, False),
    ("postgresql", {"host": "h"}, {"host": "evil"}, True),
    ("postgresql", {"host": "h"}, {"host": "h", "port": 5433}, True),
    ("postgresql", {"host": "h", "ssl_mode": "verify-full"}, {"host": "h"}, True),
    ("postgresql", {"host": "h"}, {"host": "h", "database": "other", "user": "v"}, False),
    ("mysql", {"host": "h"}, {"host": "evil"}, True),
    ("mysql", {"host": "h"}, {"host": "h", "tls": False}, True),
    ("sqlalchemy", {"url": "oracle://u@h/d"}, {"url": "oracle://u@evil/d"}, True),
    ("sqlalchemy", {"url": "oracle://u@h/d"}, {"url": "oracle://u@h:99/d"}, True),
    ("sqlalchemy", {"url": "oracle://u@h/d"}, {"url": "oracle://u@h/d?host=evil"}, True),
    ("sqlalchemy", {"url": "oracle://u@h/d"}, {"url": "mssql://u@h/d"}, True),
    ("sqlalchemy", {"url": "oracle://u@h/d"}, {"url": "oracle://u@h/e"}, False),
]


def test_stored_secrets_go_to_no_other_host_unless_they_are_entered_again(world: World) -> None:
    editor = world.clients["editor"]
    for number, (kind, spec, other, is_elsewhere) in enumerate(MOVES):
        secrets = SECRETS[kind]
        more = {"name": f"c-{number}", "kind": kind, "spec": spec, "secrets": secrets}
        made = world.create("owner", audience="project", project="p", **more)
        path = f"/connections/{made['id']}"
        first, *rest = secrets
        patches = [{"spec": other}, {"spec": other, "read_only": True}]
        if rest:
            patches += [{"spec": other, "secrets": {first: "new"}}]
            patches += [{"spec": other, "secrets": {first: None}}]
        if is_elsewhere:
            for patch in patches:
                answer = editor.patch(path, json=patch)
                assert answer.status_code == 400, (kind, other, patch)
                assert "again" in answer.text, answer.text
                assert editor.get(path).json() == made
            assert editor.patch(path, json={"spec": other, "secrets": secrets}).is_success
        else:
            assert editor.patch(path, json={"spec": other}).is_success, (kind, other)
        without = {"secrets": dict.fromkeys(secrets)}
        assert editor.patch(path, json=without).json()["secrets"] == []
        assert editor.patch(path, json={"spec": spec}).is_success


def test_every_kind_with_secrets_says_where_they_go() -> None:
    for kind in KINDS:
        fields = set(KINDS[kind][1].model_fields)
        assert set(DESTINATIONS.get(kind, ())) <= fields
        assert bool(DESTINATIONS.get(kind)) == bool(secret_fields(kind)), kind


def test_users_of_the_engine_go_to_the_database_that_the_administrator_chose(world: World) -> None:
    spec = {"host": "h", "dynamic_role": "reader"}
    made = world.create("owner", audience="project", project="p", spec={"host": "h"}, secrets={})
    with world.database.write() as session:
        row = session.get_one(store.ConnectionRow, made["id"])
        row.spec = row.spec | {"dynamic_role": "reader"}
    path = f"/connections/{made['id']}"
    answer = world.clients["editor"].patch(path, json={"spec": spec | {"host": "evil"}})
    assert answer.status_code == 403
    assert world.clients["editor"].patch(path, json={"spec": spec | {"user": "u"}}).is_success


def test_an_error_of_a_store_shows_no_value(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number = world.create("owner")["id"]

    def refuse(self: object, key: str, values: dict[str, str]) -> None:
        text = " ".join(values.values())
        log = logging.getLogger("orrery_hub.connections")
        log.error("not stored: %s", text)
        raise SecretUnavailable("away", f"not stored: {text}", text)

    monkeypatch.setattr(FileSecretStore, "write", refuse)
    owner = world.clients["owner"]
    for answer in (
        owner.post("/connections", json=POSTGRES | {"name": "other"}),
        owner.patch(f"/connections/{number}", json={"secrets": {"password": CANARY}}),
    ):
        assert answer.status_code == 503
        assert MARK not in answer.text


def test_what_was_made_for_a_use_that_is_refused_ends_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong after the engine made a user, and no user is made where there is no room."""
    made: list[str] = []
    ended: list[str] = []

    class Engine(FileSecretStore):
        kind = "openbao"

        def issue(self, role: str, seconds: int) -> Issued:
            assert seconds <= 600
            made.append(f"lease-{len(made)}")
            return Issued({"user": "u", "password": CANARY}, made[-1], seconds)

        def revoke(self, lease: str) -> None:
            ended.append(lease)

    home = world.service.settings.home
    places = SecretPlaces(world.database, (Engine(home / "vault", home / "keys"),))
    monkeypatch.setattr(world.broker, "_places", places)
    spec = {"host": "h", "dynamic_role": "reader"}
    number = world.create("root", audience="platform", spec=spec, secrets={})["id"]
    with world.database.read() as session:
        scopes = frozenset({"access:servers!server=owner/"})
        owner = User("owner", store.account_id(session, "owner"), scopes=scopes)

    def use() -> None:
        world.service.loop.run(world.broker.use(owner, number, ""))

    for problem in (NoResultFound("x"), KeyboardInterrupt(), RuntimeError("x")):

        def fail(*_: object, problem: BaseException = problem) -> int:
            raise problem

        with monkeypatch.context() as patch:
            patch.setattr(store, "account_id", fail)
            running = world.broker._running(owner, "")
            with pytest.raises(type(problem)):
                world.broker._begin(owner, number, "", running)
    assert len(made) == 3
    assert ended == made
    assert world.uses() == []
    monkeypatch.setattr(broker_module, "PER_PERSON", 1)
    use()
    with pytest.raises(TooMany):
        use()
    assert len(made) == 4
    assert ended == made[:3]


def test_a_use_ends_with_the_right_to_it(world: World) -> None:
    owner, editor = world.clients["owner"], world.lab("editor")
    number = world.create("owner", audience="project", project="p")["id"]

    def lease() -> str:
        return str(world.use("editor", number).json()["lease"])

    def removed() -> None:
        owner.delete("/projects/p/members/editor").raise_for_status()

    def demoted() -> None:
        owner.put("/projects/p/members/editor", json={"role": "viewer"}).raise_for_status()

    def deleted() -> None:
        owner.delete(f"/connections/{number}").raise_for_status()

    def project_deleted() -> None:
        owner.delete("/projects/p").raise_for_status()

    def changed() -> None:
        owner.patch(
            f"/connections/{number}", json={"secrets": {"password": "n"}}
        ).raise_for_status()

    def back() -> None:
        owner.post("/projects/p/undelete")
        owner.post(f"/connections/{number}/undelete")
        world.join("editor")

    for change, status in (
        (removed, 404),
        (demoted, 403),
        (deleted, 404),
        (project_deleted, 404),
        (changed, 404),
    ):
        current = lease()
        assert editor.post(f"/uses/{current}/renew").status_code == 200
        assert owner.post(f"/uses/{current}/renew").status_code == 404
        assert owner.delete(f"/uses/{current}").status_code == 404
        change()
        assert editor.post(f"/uses/{current}/renew").status_code == status, change
        back()
        assert editor.post(f"/uses/{current}/renew").status_code == 404
    world.broker.look()
    assert world.uses() == []


def test_uses_end_with_their_server(world: World) -> None:
    number = world.create("owner")["id"]
    assert world.use("owner", number, server="none").status_code == 409
    assert world.use("owner", number).status_code == 201
    world.service.hub.servers["owner"] = [server(), server("two")]
    world.draw()
    assert world.use("owner", number, server="two").status_code == 201
    world.broker.look()
    assert len(world.uses()) == 2
    world.service.hub.servers["owner"] = [server("two", STARTED + timedelta(hours=1))]
    # JupyterHub is away: nothing is known, and nothing ends.
    world.service.hub.away = True
    world.draw()
    world.broker.look()
    assert len(world.uses()) == 2
    world.service.hub.away = False
    world.draw()
    world.broker.look()
    assert world.uses() == []


def test_a_use_ends_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number = world.create("owner")["id"]
    lease = world.use("owner", number).json()["lease"]
    with world.database.write() as session:
        session.get_one(store.UseRow, lease).expires = now()
    assert world.clients["owner"].post(f"/uses/{lease}/renew").status_code == 404
    monkeypatch.setattr(broker_module, "PER_PERSON", 2)
    codes = [world.use("owner", number).status_code for _ in range(3)]
    assert codes == [201, 201, 429]
    assert world.use("editor", number).status_code == 404


def test_the_life_of_a_connection(world: World) -> None:
    owner = world.clients["owner"]
    made = world.create("owner")
    path = f"/connections/{made['id']}"
    assert owner.post("/connections", json=POSTGRES).status_code == 409
    assert owner.post(f"{path}/purge").status_code == 409
    assert owner.delete(path).status_code == 204
    for _ in range(2):
        assert owner.get(path).status_code == 404
        assert owner.delete(path).status_code == 404
    (deleted,) = owner.get("/connections?deleted=true").json()["items"]
    assert deleted["purge_after"]
    again = world.create("owner")
    assert owner.post(f"{path}/undelete").status_code == 409
    assert owner.delete(f"/connections/{again['id']}").status_code == 204
    for _ in range(2):
        assert owner.post(f"{path}/undelete").json()["deleted"] is None
    assert world.use("owner", made["id"]).json()["secrets"] == {"password": CANARY}
    world.broker.look()
    assert world.secret_files() == 2
    assert owner.post(f"/connections/{again['id']}/purge").status_code == 204
    world.broker.look()
    assert world.secret_files() == 1
    assert [e["what"] for e in audit(world, "connections.undelete")] == ["connections.undelete"]
    newest = world.create("owner", name="newest")
    assert newest["id"] > again["id"]


def test_a_secret_is_changed_as_a_whole(world: World) -> None:
    owner = world.clients["owner"]
    keys = {"access_key_id": "key", "secret_access_key": "secret"}
    made = world.create("owner", kind="s3", spec={"bucket": "b"}, secrets=keys)
    path = f"/connections/{made['id']}"
    assert made["secrets"] == ["access_key_id", "secret_access_key"]
    patch = {"secrets": {"secret_access_key": None, "session_token": "token"}}
    assert owner.patch(path, json=patch).json()["secrets"] == ["access_key_id", "session_token"]
    assert world.use("owner", made["id"]).json()["secrets"] == {
        "access_key_id": "key",
        "session_token": "token",
    }
    everything = {"secrets": {"access_key_id": None, "session_token": None}}
    assert owner.patch(path, json=everything).json()["secrets"] == []
    world.broker.look()
    assert world.secret_files() == 0
    for bad in (
        {"spec": {"buckets": "b"}},
        {"spec": {"access_key_id": "x"}},
        {"secrets": {"x": "y"}},
        {"secrets": {"x": None}},
    ):
        assert owner.patch(path, json=bad).status_code == 400
    assert owner.patch(path, json={"spec": {}}).json()["spec"]["bucket"] == ""


def test_a_store_that_is_lost_is_said_and_can_be_healed(world: World) -> None:
    made = world.create("owner")
    for file in (world.service.settings.home / "vault").glob("[a-z0-9]*"):
        file.unlink()
    answer = world.use("owner", made["id"])
    assert (answer.status_code, answer.json()["details"]["state"]) == (503, "missing")
    patch = {"secrets": {"password": "new"}}
    assert world.clients["owner"].patch(f"/connections/{made['id']}", json=patch).status_code == 200
    assert world.use("owner", made["id"]).json()["secrets"] == {"password": "new"}


def test_what_a_crash_leaves_is_removed(world: World) -> None:
    key = store.new_key("left")
    world.places.write(key, {"password": "x"})
    world.broker.look()
    assert world.secret_files() == 1  # it may still be wanted
    with world.database.write() as session:
        session.scalars(select(store.UnusedSecretRow)).one().due = now()
    world.broker.look()
    assert world.secret_files() == 0


def test_people_who_leave_or_give_away(world: World) -> None:
    mine, theirs = world.create("owner"), world.create("editor")
    world.use("owner", mine["id"])
    with world.database.write() as session:
        ids = {r: store.account_id(session, r) for r in ("owner", "editor")}
        store.transfer(session, ids["owner"], ids["editor"])
    items = world.clients["editor"].get("/connections").json()["items"]
    assert {i["id"] for i in items} == {mine["id"], theirs["id"]}
    assert len({i["name"] for i in items}) == 2
    assert world.use("editor", mine["id"]).json()["secrets"] == {"password": CANARY}
    world.broker.look()
    with world.database.write() as session:
        (item,) = store.leave(session, ids["editor"])
    assert item.number == 2
    assert world.clients["editor"].get("/connections").json()["items"] == []


def test_a_project_that_is_removed_takes_its_connections(world: World) -> None:
    owner = world.clients["owner"]
    made = world.create("owner", audience="project", project="p")
    counts = owner.get("/projects/p/counts").json()["counts"]
    assert {"what": "connections", "count": 1} in counts
    owner.delete("/projects/p").raise_for_status()
    owner.post("/projects/p/purge").raise_for_status()
    with world.database.write() as session:
        (row,) = store.purge(session, now() - timedelta(days=30))
    assert row.id == made["id"]
    world.broker.look()
    assert world.secret_files() == 0


BAD: list[tuple[str, dict[str, Any]]] = [
    ("postgresql", {}),
    ("postgresql", {"host": ""}),
    ("postgresql", {"host": "a b"}),
    ("postgresql", {"host": "h\nx"}),
    ("postgresql", {"host": "-oProxyCommand=x"}),
    ("postgresql", {"host": "/var/run"}),
    ("postgresql", {"host": "u:p@h"}),
    ("postgresql", {"host": "h", "port": 0}),
    ("postgresql", {"host": "h", "port": True}),
    ("postgresql", {"host": "h", "user": "u\x00"}),
    ("postgresql", {"host": "h", "ssl_mode": "no"}),
    ("postgresql", {"host": "h", "dynamic_role": "../sys"}),
    ("postgresql", {"host": "h", "unknown": "x"}),
    ("s3", {"prefix": "a/../../b"}),
    ("s3", {"bucket": "../b"}),
    ("s3", {"endpoint": "file:///etc/passwd"}),
    ("s3", {"endpoint": "https://key:secret@s3.example.org"}),
    ("http", {"url": ""}),
    ("http", {"url": "https://h/?token=x"}),
    ("http", {"url": "javascript:alert(1)"}),
    ("folder", {"path": "/data/../etc"}),
    ("folder", {"path": "C:\\data\\..\\x"}),
    ("folder", {"path": ""}),
    ("sqlite", {"path": "a\u2028b"}),
    ("sqlalchemy", {"url": "mssql://u:p@h/db"}),
    ("sqlalchemy", {"url": "mssql://u@h/db?password=x"}),
    ("sqlalchemy", {"url": "no url"}),
    ("sqlalchemy", {"url": "x://[bad"}),
    ("lake", {}),
    ("postgresql", {"host": "h", "user": "u password=x"}),
    ("mysql", {"host": "h", "database": "d;pwd=x"}),
    *(
        (kind, {field: url, **more})
        for url in (
            "https://acc.blob.example.org/c?sv=2024&sig=aGVsbG8%3D",
            "https://TOKEN@h",
            "https://TOKEN%40h@h/",
            "https://h/?key=x",
            "https://h/?pw=x",
            "https://h/?code=x&auth=y",
            "https://h/?TOKENTOKEN",
            "https://h/?region=a%26sig%3Dx",
            "https://h/%3Fsig=x",
            "https://h/%253Fsig=x",
            "https://h/#access_token=x",
            "https://h/#",
            "https://h/;password=x",
            "https://h/a;jsessionid=x",
            "https://h/password=x/a",
        )
        for kind, field, more in (
            ("http", "url", {}),
            ("s3", "endpoint", {}),
            ("gs", "endpoint", {}),
            ("abfs", "endpoint", {"account": "a"}),
        )
    ),
    *(
        ("sqlalchemy", {"url": url})
        for url in (
            "mssql+pyodbc://?odbc_connect=DRIVER%3Dx%3BSERVER%3Dh%3BPWD%3DSECRET",
            "mssql+pyodbc://?odbc_connect=DRIVER%253Dx%253BPWD%253DSECRET",
            "mssql+pyodbc://?ODBC_CONNECT=Server=h;AccessToken=x",
            "mssql://h;password=SECRET/db",
            "mssql://h/db;UID=u;PWD=SECRET",
            "mssql://h/db%3BPWD=SECRET",
            "jdbc:sqlserver://h;password=x",
            "snowflake://u@h/db?authenticator=oauth&token=x",
            "databricks://h?http_path=a&access_token=x",
            "x://u@h/d?sslmode=require&pw=x",
            "x://u@h/d?private_key_passphrase=x",
            "x://u@h/d?options=-c%20password=x",
            "x://u@h/d?host=a;password=b",
            "x://u%3Apass@h/d",
            "x://a@SECRET@h/d",
            "x://u@h/d#secret",
        )
    ),
]
GOOD: list[tuple[str, dict[str, Any]]] = [
    ("http", {"url": "https://h:8443/a/b%20c/year=2026/key-figures"}),
    ("http", {"url": "https://h/?region=eu&version_id=3"}),
    ("s3", {"endpoint": "http://127.0.0.1:9000", "prefix": "key=1/token=2"}),
    ("abfs", {"account": "a", "endpoint": "https://[::1]:10000/account"}),
    ("sqlalchemy", {"url": "mssql+pyodbc://u@h/db?driver=ODBC+Driver+18&Encrypt=yes"}),
    ("sqlalchemy", {"url": "mssql+pyodbc://?odbc_connect=DRIVER%3Dx%3BSERVER%3Dh%3BUID%3Du"}),
    ("sqlalchemy", {"url": "mssql://user%40domain@h/db"}),
    ("sqlalchemy", {"url": "sqlite:///a@b.db"}),
    ("sqlalchemy", {"url": "postgresql+psycopg://u@h:5432/d?sslmode=require"}),
    ("sqlalchemy", {"url": "snowflake://h/db?warehouse=w&role=r"}),
    ("postgresql", {"host": "h", "user": "token", "database": "passengers"}),
]


def test_bad_fields_are_refused_by_name(world: World) -> None:
    owner = world.clients["owner"]
    faults = []
    for kind, spec in BAD:
        body = {"name": "bad", "kind": kind, "spec": spec}
        answer = owner.post("/connections", json=body)
        if answer.status_code != 400 or not answer.json()["reason"]:
            faults.append((kind, spec, answer.status_code))
        elif any(value in answer.text for value in spec.values() if len(str(value)) > 20):
            faults.append((kind, spec, answer.text))
    assert faults == []
    assert owner.get("/connections").json()["total"] == 0


def test_good_fields_are_taken(world: World) -> None:
    for number, (kind, spec) in enumerate(GOOD):
        body = {"name": f"good-{number}", "kind": kind, "spec": spec}
        answer = world.clients["owner"].post("/connections", json=body)
        assert answer.status_code == 201, (spec, answer.text)


@each("name", ["", "A", "a b", "-a", "a/b", "..", "a\x00", "ä", "x" * 64, "a\n"])
def test_bad_names_are_refused(world: World, name: str) -> None:
    body = POSTGRES | {"name": name}
    assert world.clients["owner"].post("/connections", json=body).status_code == 400


def test_every_kind_has_a_form(world: World) -> None:
    items = world.clients["owner"].get("/connections/kinds").json()["items"]
    for kind in items:
        assert kind["fields"]["additionalProperties"] is False
        secret = [n for n, f in kind["fields"]["properties"].items() if f.get("writeOnly")]
        assert all(kind["fields"]["properties"][n]["format"] == "password" for n in secret)
    assert len(items) == 11


def test_both_places_are_read_and_the_first_is_written(world: World, tmp_path: Path) -> None:
    """A hub that has OpenBao now still reads what is in files; one that has lost it says so."""
    made = world.create("owner")
    with world.database.write() as session:
        row = session.get_one(store.ConnectionRow, made["id"])
        row.secret_store = "openbao"
    answer = world.use("owner", made["id"])
    assert (answer.status_code, answer.json()["details"]["state"]) == (503, "away")
    places = SecretPlaces(world.database, (FileSecretStore(tmp_path / "a", tmp_path / "b"),))
    assert places.status().state == "ready"


def test_a_user_of_a_database_lives_as_long_as_its_use(
    world: World, bao: OpenBao, engine: OpenBaoSecretStore, cluster: Cluster
) -> None:
    spec = POSTGRES["spec"] | {"dynamic_role": "reader"}  # type: ignore[operator]
    made = world.create("root", audience="platform", spec=spec, secrets={})
    context = world.service.app.state.context
    places = SecretPlaces(world.database, (engine,))
    broker = Broker(
        world.database,
        context.memberships,
        places,
        context.servers,
        context.metrics,
        context.rights,
    )
    with world.database.read() as session:
        scopes = frozenset({"access:servers!server=owner/"})
        owner = User("owner", store.account_id(session, "owner"), scopes=scopes)
    asked = broker.use(owner, made["id"], "")
    use = asyncio.run_coroutine_threadsafe(asked, world.service.loop.loop).result(30)
    assert use.secrets is not None
    assert database_users(cluster) == {use.secrets["user"]}
    assert use.secrets["password"] not in repr(use)
    renewed = broker.renew(owner, use.lease)
    assert renewed.secrets is None
    assert renewed.expires > use.expires
    broker.look()
    assert database_users(cluster) == {use.secrets["user"]}
    world.service.hub.servers["owner"] = []
    world.draw()
    bao.kill()
    broker.look()
    assert broker.notices()
    assert len(world.uses()) == 1  # it has ended, and is revoked as soon as that can be done
    bao.start()
    broker.look()
    assert broker.notices() == ()
    assert world.uses() == []
    assert database_users(cluster) == set()


def test_a_database_of_postgresql_too(shared: Database) -> None:
    """What SQLite lets pass: types, locks and empty lists."""
    with shared.read() as session:
        assert store.find(session, 1, store.visible(1, ())) is None
        assert store.open_uses(session) == []
        assert store.count(session, 1) == 0
