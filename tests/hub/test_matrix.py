"""Every route, every kind of person: one table says what must come back, and no route escapes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from orrery_hub.app import public_routes
from orrery_hub.base import auth
from orrery_hub.base.db import Database
from orrery_hub.base.migrate import upgrade
from orrery_hub.scopes import NAMES
from tests.hub.services import PREFIX, USER, Service

SNIPPET = {"name": "s", "cells": [{"source": "1"}], "scope": "project", "project": "{slug}"}
EDIT = SNIPPET | {"cells": [{"source": "2"}]}

# owner, editor, viewer of project p; somebody who is in no project; an administrator who is not in it either.
ROLES = ("owner", "editor", "viewer", "stranger", "admin")

# verb, path below the API, body, and the status for each of ROLES.
TABLE: tuple[tuple[str, str, object, tuple[int, int, int, int, int]], ...] = (
    ("GET", "/me", None, (200, 200, 200, 200, 200)),
    ("GET", "/projects", None, (200, 200, 200, 200, 200)),
    ("POST", "/projects", {"slug": "new-{slug}", "name": "N"}, (201, 201, 201, 201, 201)),
    ("GET", "/projects/current", None, (200, 200, 200, 200, 200)),
    ("PUT", "/projects/current", {"slug": "{slug}"}, (200, 200, 200, 404, 404)),
    ("GET", "/projects/{slug}", None, (200, 200, 200, 404, 404)),
    ("PATCH", "/projects/{slug}", {"name": "Q"}, (200, 403, 403, 404, 404)),
    ("DELETE", "/projects/{slug}", None, (204, 403, 403, 404, 404)),
    ("POST", "/projects/{slug}/undelete", None, (200, 403, 403, 404, 404)),
    ("GET", "/projects/{slug}/members", None, (200, 200, 200, 404, 404)),
    ("PUT", "/projects/{slug}/members/{user}", {"role": "viewer"}, (200, 403, 403, 404, 404)),
    ("DELETE", "/projects/{slug}/members/{user}", None, (204, 403, 403, 404, 404)),
    ("GET", "/snippets/changes", None, (200, 200, 200, 200, 200)),
    ("POST", "/snippets", SNIPPET, (201, 201, 403, 404, 404)),
    ("PUT", "/snippets/{id}", EDIT, (200, 200, 403, 404, 404)),
    ("DELETE", "/snippets/{id}", None, (204, 204, 403, 404, 404)),
    ("POST", "/snippets/{id}/undelete", None, (200, 200, 403, 404, 404)),
    ("GET", "/snippets/{id}/versions", None, (200, 200, 200, 404, 404)),
    ("PATCH", "/snippets/{id}/marks", {"favourite": True}, (200, 200, 200, 404, 404)),
    ("GET", "/audit", None, (403, 403, 403, 403, 200)),
    ("GET", "/metrics", None, (403, 403, 403, 403, 200)),
)
OPEN = {("GET", "/health")}
BODY = {"code", "message", "reason", "remedy", "details", "request_id"}


@dataclass
class World:
    """A service with a project and a snippet in it; every test has a project of its own."""

    service: Service
    slug: str
    id: str = ""

    def call(self, client: httpx.Client, verb: str, path: str, body: object) -> httpx.Response:
        filled = path.format(slug=self.slug, user="somebody", id=self.id)
        return client.request(verb, filled, json=self.fill(body) if body else None)

    def fill(self, body: object) -> object:
        return json.loads(json.dumps(body).replace("{slug}", self.slug))


@pytest.fixture(scope="module")
def shared_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("matrix")
    database = Database(f"sqlite:///{home / 'orrery.sqlite'}")
    upgrade(database)
    service = Service(home, database)
    yield service
    service.loop.stop()
    database.close()


@pytest.fixture
def world(shared_service: Service) -> World:
    owner = shared_service.client("owner")
    world = World(shared_service, f"p{len(shared_service.hub.models)}")
    owner.post("/projects", json={"slug": world.slug, "name": "P"})
    for name, role in (("editor", "editor"), ("viewer", "viewer"), ("somebody", "viewer")):
        owner.put(f"/projects/{world.slug}/members/{name}", json={"role": role})
    world.id = owner.post("/snippets", json=world.fill(SNIPPET)).json()["id"]
    return world


def test_the_table_has_every_route(service: Service) -> None:
    routes = {
        (verb, route.path.removeprefix(f"{PREFIX}/api"))
        for route in auth.declared_routes(service.app)
        if route.path.startswith(f"{PREFIX}/api")
        for verb in route.methods - {"HEAD"}
    }
    pages = {("GET", "/docs"), ("GET", "/openapi.json")}
    assert routes == {(verb, path) for verb, path, _, _ in TABLE} | OPEN | pages


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]} {row[1]}")
def test_each_role_gets_what_it_may(
    world: World, row: tuple[str, str, object, tuple[int, ...]], role: str
) -> None:
    verb, path, body, statuses = row
    client = world.service.client(role, admin=role == "admin")
    response = world.call(client, verb, path, body)
    assert response.status_code == statuses[ROLES.index(role)], response.text
    if response.status_code >= 400:
        assert set(response.json()) == BODY


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]} {row[1]}")
def test_nobody_gets_nothing(world: World, row: tuple[str, str, object, tuple[int, ...]]) -> None:
    verb, path, body, _ = row
    for header in ("", "Bearer", "Bearer wrong", "token wrong", "Basic YTpi", "Bearer \xff"):
        client = world.service.anonymous()
        client.headers.encoding = "latin-1"
        if header:
            client.headers["Authorization"] = header
        response = world.call(client, verb, path, body)
        assert response.status_code == 401
        assert set(response.json()) == BODY
        assert response.json()["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]} {row[1]}")
def test_a_token_without_the_scope_is_refused(
    world: World, row: tuple[str, str, object, tuple[int, ...]]
) -> None:
    verb, path, body, _ = row
    needed = (
        next(
            (
                route.scope
                for route in auth.declared_routes(world.service.app)
                if route.path == f"{PREFIX}/api{path}" and verb in route.methods
            ),
            None,
        )
        or "custom:orrery:platform:admin"
    )
    client = world.service.client("owner", admin=True, holds=NAMES - {needed})
    response = world.call(client, verb, path, body)
    assert response.status_code == 403
    assert needed in response.json()["reason"]


def test_a_cookie_opens_no_route_of_the_api(world: World) -> None:
    token = world.service.hub.add("owner", holds=USER)
    browser = world.service.browser()
    login = browser.get(f"{PREFIX}/api/docs")
    state = httpx.URL(login.headers["location"]).params["state"]
    browser.get(f"{PREFIX}/oauth_callback", params={"code": token, "state": state})
    assert browser.get(f"{PREFIX}/api/docs").status_code == 200
    for verb, path, body, _ in TABLE:
        assert world.call(browser, verb, f"{PREFIX}/api{path}", body).status_code == 401


def test_a_route_without_a_scope_does_not_start(service: Service) -> None:
    service.app.add_api_route("/services/orrery/api/forgotten", lambda: None)
    with pytest.raises(RuntimeError, match="forgotten"):
        auth.require_scopes(service.app, public_routes(PREFIX))


def test_a_misspelt_scope_fails_at_import() -> None:
    with pytest.raises(LookupError, match="raed"):
        auth.needs_scope("custom:orrery:snippets:raed")
