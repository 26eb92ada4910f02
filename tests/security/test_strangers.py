"""Set A: nobody, and nobody with a token that is not good here, gets anything from any route."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from orrery_hub import scopes
from tests.hub.hubs import Hub
from tests.security.hubs import Browser
from tests.security.labs import Lab, error_body
from tests.security.routes import VERBS, Route

UPGRADE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
}

# The routes of the hub service that speak to strangers, and what they say. Nothing else may.
HUB_PUBLIC = {
    "/services/orrery/": 302,
    "/services/orrery/admin": 302,
    "/services/orrery/admin/assets/{name}": 404,
    "/services/orrery/admin/audit": 401,
    "/services/orrery/admin/costs": 401,
    "/services/orrery/api/announcements": 200,
    "/services/orrery/api/docs": 302,
    "/services/orrery/api/health": 200,
    "/services/orrery/oauth_callback": 403,
    "/services/orrery/invitations": 302,
    "/services/orrery/publish/{id}": 302,
    "/services/orrery/shares": 302,
    "/services/orrery/tokens": 302,
}


def ask(client: httpx.Client, address: str, route: Route) -> Iterator[tuple[str, httpx.Response]]:
    """Every verb, with a body where one can be, and a websocket's greeting."""
    for verb in VERBS:
        body = {} if verb in ("GET", "HEAD", "OPTIONS") else {"json": {"slug": "x", "name": "x"}}
        yield verb, client.request(verb, address, **body)
    yield "WS", client.get(address, headers=UPGRADE)


def refused(verb: str, answer: httpx.Response, expected: set[int]) -> None:
    """It is a refusal in the one body, it says nothing more, and it sets no cookie of a session."""
    assert answer.status_code in expected, (verb, answer.request.url, answer.status_code)
    if verb != "HEAD":
        error_body(answer)
    assert "login" not in answer.headers.get("set-cookie", "")
    assert "access-control-allow-origin" not in answer.headers


LAB_STRANGERS: dict[str, Callable[[Lab, Lab], dict[str, str]]] = {
    "nobody": lambda lab, other: {},
    "a wrong token": lambda lab, other: {"authorization": "token 0000"},
    "an empty token": lambda lab, other: {"authorization": "token"},
    "a wrong lab token": lambda lab, other: {"authorization": "orrery 0000"},
    "an empty lab token": lambda lab, other: {"authorization": "orrery"},
    "a lab token in the wrong scheme": lambda lab, other: {
        "authorization": f"token {lab.lab_token}"
    },
    "a bearer lab token": lambda lab, other: {"authorization": f"Bearer {lab.lab_token}"},
    "Jupyter's token as a lab token": lambda lab, other: {"authorization": f"orrery {lab.token}"},
    "another lab's lab token": lambda lab, other: {"authorization": f"orrery {other.lab_token}"},
    "another lab's token": lambda lab, other: {"authorization": f"token {other.token}"},
    "a forged cookie": lambda lab, other: {"cookie": "username-127-0-0-1=admin; _xsrf=1"},
    "a token that is not ASCII": lambda lab, other: {"authorization": "orrery \xe9\xff"},
}


@pytest.mark.parametrize("who", LAB_STRANGERS)
def test_a_lab_refuses_a_stranger_on_every_route_and_verb(
    lab: Lab, second_lab: Lab, lab_routes: list[Route], who: str
) -> None:
    assert len(lab_routes) > 10
    raw = {
        name.encode(): value.encode("latin-1")
        for name, value in LAB_STRANGERS[who](lab, second_lab).items()
    }
    with lab.client() as client:
        client.headers.update(httpx.Headers(list(raw.items())))
        for route in lab_routes:
            address = lab.address.rstrip("/") + route.path()
            for verb, answer in ask(client, address, route):
                refused(verb, answer, {401, 403, 405})
                if verb in route.verbs:
                    assert answer.status_code != 405, (verb, route)


def test_a_stranger_cannot_tell_what_exists_in_a_lab(lab: Lab, lab_routes: list[Route]) -> None:
    with lab.person() as person:
        made = person.post("orrery/snippets", json={"name": "x", "cells": [{"source": "1"}]})
        assert made.status_code == 201, made.text
    real = {"id": made.json()["id"], "name": "bundled"}
    with lab.client() as stranger:
        for route in lab_routes:
            for verb in ("GET", "PUT", "DELETE", "POST", "PATCH"):
                said = []
                for values in ({}, real):
                    answer = stranger.request(
                        verb, lab.address.rstrip("/") + route.path(values), json={}
                    )
                    body = answer.json()
                    body.pop("request_id")
                    said.append((answer.status_code, body))
                assert said[0] == said[1], (verb, route)


def test_the_lab_token_opens_nothing_but_orrery(lab: Lab) -> None:
    # JupyterLab's own page of licences never answers a stranger's question for a bundle that there is not.
    doors = [
        route
        for route in lab.other_routes
        if {"GET", "POST"} & set(route.verbs) and "licenses" not in route.handler.lower()
    ]
    assert len(doors) > 40
    public = set()
    with lab.client() as stranger, lab.kernel() as kernel:
        for route in doors:
            address = lab.address.rstrip("/") + _any_path(route)
            for verb in sorted(route.verbs & {"GET", "POST", "DELETE", "PUT", "PATCH"}):
                without = stranger.request(verb, address)
                with_token = kernel.request(verb, address)
                assert with_token.status_code == without.status_code, (verb, route)
                if without.status_code == 200:
                    public.add(route.handler)
    assert not {name for name in public if "contents" in name or "kernels" in name}
    for path in ("api/contents", "api/kernels", "api/terminals", "api/sessions", "api/me"):
        with lab.kernel() as kernel:
            assert kernel.get(path).status_code == 403, path
            assert kernel.post(path, json={}).status_code in (403, 405), path


def _any_path(route: Route) -> str:
    try:
        return route.path()
    except ValueError:
        return "/"


def test_a_lab_token_ends_with_its_lab(second_lab: Lab, lab: Lab) -> None:
    assert second_lab.connection_file.stat().st_mode & 0o777 == 0o600
    with lab.kernel() as kernel:
        assert kernel.get("orrery/status").status_code == 200
    with second_lab.client(authorization=f"orrery {lab.lab_token}") as thief:
        assert thief.get("orrery/status").status_code in (401, 403)


def _hub_stranger(hub: Hub, who: str) -> tuple[dict[str, str], set[int]]:
    """What the request carries, and how it may be answered."""
    unknown, lacking = {401, 404, 405}, {403, 404, 405}
    if who == "nobody":
        return {}, unknown
    if who == "a wrong token":
        return {"authorization": "Bearer 0000"}, unknown
    if who == "a token that is not ASCII":
        return {"authorization": "Bearer \xe9\xff"}, unknown
    if who == "a basic login":
        return {"authorization": "Basic YWRtaW46YWRtaW4="}, unknown
    if who == "a token in the address":
        return {}, unknown
    if who == "a revoked token":
        return {"authorization": f"Bearer {_revoked(hub)}"}, unknown
    if who == "an expired token":
        return {"authorization": f"Bearer {_expired(hub)}"}, unknown
    if who == "a service's token":
        from tests.hub.hubs import ADMIN_TOKEN

        return {"authorization": f"Bearer {ADMIN_TOKEN}"}, unknown
    if who == "a token without access to the service":
        token = hub.token("alice", ["custom:orrery:projects:read", "read:users:name!user"])
        return {"authorization": f"Bearer {token}"}, unknown
    if who == "a token without Orrery's scopes":
        token = hub.token("alice", [scopes.ACCESS, "read:users:name!user"])
        return {"authorization": f"Bearer {token}"}, lacking
    assert who == "the cookies of a browser"
    with Browser(hub).log_in("alice") as browser:
        assert browser.visit("/services/orrery/api/docs").status_code == 200
        cookies = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
    return {"cookie": cookies}, unknown


def _revoked(hub: Hub) -> str:
    token = hub.token("alice")
    with httpx.Client(headers={"authorization": f"Bearer {token}"}, trust_env=False) as client:
        assert client.get(f"{hub.service}/me").status_code == 200
    held = hub.call("GET", "/users/alice/tokens").json()["api_tokens"]
    newest = max(held, key=lambda one: int(one["id"].lstrip("a")))
    assert hub.call("DELETE", f"/users/alice/tokens/{newest['id']}").status_code == 204
    time.sleep(1.1)  # what the service knew of it lasts a second in this hub
    return token


def _expired(hub: Hub) -> str:
    hub.call("POST", "/users/alice")
    answer = hub.call("POST", "/users/alice/tokens", json={"expires_in": 1})
    time.sleep(1.5)
    return str(answer.json()["token"])


@pytest.mark.parametrize(
    "who",
    [
        "nobody",
        "a wrong token",
        "a token that is not ASCII",
        "a basic login",
        "a token in the address",
        "a revoked token",
        "an expired token",
        "a service's token",
        "a token without access to the service",
        "a token without Orrery's scopes",
        "the cookies of a browser",
    ],
)
def test_the_hub_service_refuses_a_stranger_on_every_route_and_verb(
    hub: Hub, hub_routes: list[Route], who: str
) -> None:
    headers, expected = _hub_stranger(hub, who)
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    assert len(hub_routes) > 15
    origin = hub.service.removesuffix("/services/orrery/api")
    query = f"?token={hub.token('alice')}" if who == "a token in the address" else ""
    # A script of the same origin, which is what a page in anybody's lab is.
    script = [(b"sec-fetch-mode", b"cors"), (b"sec-fetch-site", b"same-origin")]
    with httpx.Client(headers=httpx.Headers(raw + script), trust_env=False, timeout=30) as client:
        for route in hub_routes:
            for verb, answer in ask(client, origin + route.path() + query, route):
                if route.pattern in HUB_PUBLIC and verb in ("GET", "WS", "HEAD"):
                    allowed = {HUB_PUBLIC[route.pattern], 405}
                    assert answer.status_code in allowed, (verb, route, answer.status_code)
                    continue
                if (
                    route.pattern.endswith("openapi.json")
                    and who == "a token without Orrery's scopes"
                ):
                    continue
                # The form of a page takes the log-in of a browser, and no token at all.
                allowed = expected | ({401} if route.pattern in HUB_PUBLIC else set())
                refused(verb, answer, allowed)
                if verb in route.verbs:
                    assert answer.status_code in allowed - {404, 405}, (verb, route)


def test_what_is_documented_is_what_is_served(hub: Hub, hub_routes: list[Route]) -> None:
    from tests.security.routes import documented

    with hub.client("alice") as alice:
        openapi = alice.get("/openapi.json").json()
    served = {(route.pattern, verb) for route in hub_routes for verb in route.verbs}
    hidden = {path for path, _ in served - documented(openapi)}
    assert documented(openapi) <= served
    assert hidden == (set(HUB_PUBLIC) | {"/services/orrery/api/openapi.json"}) - {
        "/services/orrery/api/announcements",
        "/services/orrery/api/health",
    }


def test_an_unknown_address_is_the_same_for_all_strangers(hub: Hub, lab: Lab) -> None:
    origin = hub.service.removesuffix("/services/orrery/api")
    for path in ("/services/orrery/api/nothing", "/services/orrery/api/../x", "/", "/hub/api"):
        answer = httpx.get(origin + path, trust_env=False)
        assert answer.status_code == 404, path
        error_body(answer)
    for path in ("orrery/", "orrery/nothing", "orrery//status", "orrery/snippets/"):
        with lab.client() as stranger:
            answer = stranger.get(path)
            assert answer.status_code in (401, 403), path
            error_body(answer)
