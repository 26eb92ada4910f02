"""What a browser's log-in at the hub service carries, under a real JupyterHub."""

from __future__ import annotations

import re
from html import unescape

import httpx
from tornado.web import decode_signed_value

from orrery_hub import scopes
from tests.hub.hubs import Hub
from tests.security.hubs import Browser

COOKIE = "service-orrery"
DOCS = "/services/orrery/api/docs"


def held(hub: Hub, browser: Browser) -> set[str]:
    """The scopes of the token that the cookie of the pages holds, asked as a thief of the cookie would."""
    secret = (hub.home / "secrets" / "service_cookie_secret").read_text().strip()
    name = f"{COOKIE}-token"
    token = decode_signed_value(secret, name, browser.client.cookies[name])
    assert token
    headers = {"Authorization": f"token {token.decode()}"}
    answer = httpx.get(f"{hub.api}/user", headers=headers, trust_env=False)
    assert httpx.get(f"{hub.service}/me", headers=headers, trust_env=False).status_code == 403
    return set(answer.json()["scopes"])


def _seen(client: httpx.Client) -> list[dict[str, object]]:
    """Every snippet that a person sees; the hub is shared with other tests, which leave many."""
    snippets: list[dict[str, object]] = []
    cursor = ""
    while True:
        page = client.get("/snippets/changes", params={"cursor": cursor}).json()
        snippets += page["upserts"]
        if not page["more"]:
            return snippets
        cursor = page["cursor"]


def test_the_cookie_of_the_pages_carries_access_alone(hub: Hub) -> None:
    for name in ("alice", "root"):
        with Browser(hub).log_in(name) as browser:
            assert browser.visit(DOCS).status_code == 200
            carried = held(hub, browser)
        assert scopes.ACCESS in carried
        # JupyterHub adds who it is, of the person itself.
        assert {one for one in carried if not one.endswith(f"!user={name}")} == {scopes.ACCESS}


def test_a_person_steps_up_to_share_with_everyone_and_nobody_else_does(hub: Hub) -> None:
    with hub.client("root") as root:
        made = root.post("/snippets", json={"name": "For all", "cells": [{"source": "1"}]}).json()
    path = f"/services/orrery/publish/{made['id']}"
    with Browser(hub).log_in("alice") as browser:
        assert browser.visit(path).status_code == 403
    with Browser(hub).log_in("root") as browser:
        page = browser.visit(path)
        assert page.status_code == 200, page.text
        (address,) = re.findall(r'<form method="post" action="([^"]+)">', page.text)
        # The step up gives nothing to the pages' own cookie.
        assert f"{COOKIE}-token" not in browser.client.cookies
        shared = browser.client.post(browser.part(path) + unescape(address))
        assert (shared.status_code, shared.headers["location"]) == (303, path)
    with hub.client("alice") as alice:
        assert "everyone" in [one["scope"] for one in _seen(alice) if one["id"] == made["id"]]
    with hub.client("root", [scopes.ACCESS, *scopes.carried_by_servers()]) as lab:
        assert lab.delete(f"/snippets/{made['id']}").status_code == 403
    with hub.client("root") as root:
        assert root.delete(f"/snippets/{made['id']}").status_code == 204
