"""A person's own servers: listed, started and stopped, and never those of another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from orrery_hub.base.db import Database
from orrery_hub.base.hub_models import Server
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.servers import ServerList
from orrery_hub.servers.service import OwnServerService
from orrery_wire.errors import BackendUnavailable, Conflict, NotFound, OrreryError
from orrery_wire.pools import LaunchOptions
from orrery_wire.servers import StartIn
from tests.hub.services import Service, make_user

ANN = make_user("ann")


def server(user: str, name: str = "") -> Server:
    return Server(user, name, "", "ready", None, None, f"/user/{user}/{name}", {})


class Known:
    """The servers of two people."""

    def all(self) -> tuple[Server, ...]:
        return (server("ann", "gpu"), server("bob"), server("ann"))

    async def start(self, user: str, name: str, options: Mapping[str, Any] | None) -> None:
        raise AssertionError("nothing is started")

    async def stop(self, user: str, name: str) -> None:
        raise AssertionError("nothing is stopped")


def server_list(answer: httpx.Response | Exception) -> tuple[ServerList, list[httpx.Request]]:
    """The list of servers of a JupyterHub that gives one answer, and what it was asked."""
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    hub = httpx.AsyncClient(transport=httpx.MockTransport(handle), base_url="http://hub/hub/api")
    return ServerList(hub, Metrics()), requests


def test_only_the_own_servers_are_listed_and_the_current_one_is_marked(sqlite: Database) -> None:
    service = OwnServerService(sqlite, Known())
    items = service.list(ANN, "gpu").items
    assert [(item.name, item.is_current) for item in items] == [("", False), ("gpu", True)]
    assert service.list(make_user("eve"), "").items == ()


@pytest.mark.parametrize(
    ("name", "path"), [("", "/hub/api/users/ann/server"), ("x y", "/hub/api/users/ann/servers/x%20y")]
)  # fmt: skip
def test_a_server_is_started_with_its_options(sqlite: Database, name: str, path: str) -> None:
    servers, requests = server_list(httpx.Response(202))
    service = OwnServerService(sqlite, servers)
    options = LaunchOptions(profile="gpu", project="churn")
    asyncio.run(service.start(ANN, StartIn(server_name=name, options=options)))
    (request,) = requests
    assert (request.method, request.url.raw_path.decode()) == ("POST", path)
    assert b'"churn"' in request.content


def test_without_options_it_starts_as_it_did_last(sqlite: Database) -> None:
    servers, requests = server_list(httpx.Response(201))
    asyncio.run(OwnServerService(sqlite, servers).start(ANN, StartIn()))
    assert json.loads(requests[0].content) == {"user_options": None}


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (httpx.Response(400, json={"message": "ann is already running"}), Conflict, "already"),
        (httpx.Response(500, json={"message": "All devices are in use"}), Conflict, "in use"),
        (httpx.Response(403), Conflict, "403"),
        (httpx.Response(502, text="<html>"), BackendUnavailable, "did not answer"),
        (httpx.ConnectError("away"), BackendUnavailable, "did not answer"),
    ],
)
def test_a_start_that_is_refused_says_why(
    answer: httpx.Response | Exception, error: type[OrreryError], words: str
) -> None:
    servers, _ = server_list(answer)
    with pytest.raises(error) as caught:
        asyncio.run(servers.start("ann", "", None))
    assert words in caught.value.reason


@pytest.mark.parametrize("status", [400, 404])
def test_a_server_that_is_not_there_is_not_stopped(status: int) -> None:
    servers, _ = server_list(httpx.Response(status))
    with pytest.raises(NotFound):
        asyncio.run(servers.stop("ann", "two"))


def model(**more: Any) -> dict[str, Any]:
    moment = "2026-01-02T03:04:05.000000Z"
    facts = {"name": "", "ready": True, "pending": None, "started": moment, "url": "/user/x/"}
    return facts | {"last_activity": moment, "user_options": {}} | more


def test_over_http_the_account_is_that_of_the_token(service: Service) -> None:
    service.hub.servers = {"ann": [model()], "bob": [model(name="gpu")]}
    draw = service.app.state.servers.refresh()
    asyncio.run_coroutine_threadsafe(draw, service.loop.loop).result(10)
    ann = service.client("ann")
    (item,) = ann.get("/me/servers", params={"server": ""}).raise_for_status().json()["items"]
    assert (item["name"], item["is_current"], item["state"]) == ("", True, "ready")
    assert ann.delete("/me/servers", params={"server": "gpu"}).status_code == 204
    assert ann.post("/me/servers", json={"server_name": "two"}).status_code == 204
    # Of somebody else it would have been bob's.
    assert service.hub.stopped == ["ann/servers/gpu"]
    audit = service.client("root", admin=True).get("/audit", params={"who": "ann"}).json()["items"]
    assert [(entry["what"], entry["on"]) for entry in audit[:2]] == [
        ("servers.start", "ann/two"),
        ("servers.stop", "ann/gpu"),
    ]
    assert ann.post("/me/servers", json={"server_name": "../x"}).status_code == 400
