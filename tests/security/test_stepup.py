"""What a browser's log-in at the hub service carries, under a real JupyterHub."""

from __future__ import annotations

import re
import time
from html import unescape
from urllib.parse import parse_qs, urlsplit

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


def test_a_person_makes_a_token_that_carries_what_was_chosen_and_revokes_it(hub: Hub) -> None:
    path, read = "/services/orrery/tokens", "custom:orrery:snippets:read"
    with Browser(hub).log_in("alice") as browser:
        page = browser.visit(path)
        assert page.status_code == 200, page.text
        assert f'value="{read}"' in page.text
        # An administrator's permission is nobody else's to choose, neither on the page nor by its address.
        assert scopes.PLATFORM_ADMIN not in page.text
        assert (
            browser.visit(f"{path}?name=x&days=7&scope={scopes.PLATFORM_ADMIN}").status_code == 400
        )
        question = browser.visit(f"{path}?name=Nightly%20job&days=7&scope={read}")
        (address,) = re.findall(r'<form method="post" action="([^"]+)">', question.text)
        made = browser.client.post(browser.part(path) + unescape(address))
        assert made.status_code == 200, made.text
        (token,) = re.findall(r'<pre [^>]+aria-label="Token">([^<]+)</pre>', made.text)
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=hub.service, headers=headers, trust_env=False) as program:
            assert program.get("/snippets/changes").status_code == 200
            assert program.get("/projects").status_code == 403
            listed = browser.visit(path).text
            assert token not in listed
            assert "Nightly job" in listed
            (revoke,) = re.findall(
                r'<form method="post" action="([^"]+revoke[^"]+)">\s*<button aria-label="Revoke Nightly job">',
                listed,
            )
            forged = unescape(revoke).replace("key=", "key=x")
            assert browser.client.post(browser.part(path) + forged).status_code == 403
            assert browser.client.post(browser.part(path) + unescape(revoke)).status_code == 303
            assert "Nightly job" not in browser.visit(path).text
            until = time.monotonic() + 10
            while program.get("/snippets/changes").status_code != 401:
                assert time.monotonic() < until, "the token still works"
                time.sleep(0.2)
    with hub.client("root", [scopes.ACCESS, scopes.PLATFORM_ADMIN]) as root:
        entries = root.get("/audit", params={"who": "alice"}).json()["items"]
    tokens = [(e["what"], e["on"], e["after"]) for e in entries if ".token." in e["what"]]
    assert tokens == [
        ("access.token.revoke", "Nightly job", {"scopes": [read]}),
        ("access.token.create", "Nightly job", {"scopes": [read]}),
    ]
    assert token not in str(entries)


def test_a_person_shares_a_server_by_a_link_and_ends_that(hub: Hub) -> None:
    path, owner, guest = "/services/orrery/shares", "sharer", "guest"
    with hub.client(owner) as someone, hub.client(guest) as other:
        for client in (someone, other):
            client.get("/me").raise_for_status()
    with Browser(hub).log_in(owner) as browser, Browser(hub).log_in(guest) as visitor:
        page = browser.visit(path)
        assert "Nobody is let in." in page.text, page.text
        forms = [
            unescape(form)
            for form in re.findall(r'<form method="post" action="([^"]+)">', page.text)
        ]
        assert len(forms) == 4
        forged = browser.client.post(browser.part(path) + forms[0].replace("key=", "key=x"))
        assert forged.status_code == 403
        made = browser.client.post(browser.part(path) + forms[0])
        (link,) = re.findall(r'aria-label="Link">([^<]+)</pre>', made.text)
        target = urlsplit(unescape(link))
        accept = visitor.visit(f"{target.path}?{target.query}")
        (xsrf,) = re.findall(r'name="_xsrf" value="([^"]+)"', accept.text)
        code = parse_qs(target.query)["code"][0]
        address = visitor.part("/hub/accept-share")
        accepted = visitor.client.post(address, data={"code": code, "_xsrf": xsrf})
        assert accepted.status_code == 302, accepted.text
        listed = browser.visit(path).text
        assert f"Let in: {guest}" in listed
        (end,) = [form for form in re.findall(r'action="([^"]+)"', listed) if "unshare" in form]
        assert browser.client.post(browser.part(path) + unescape(end)).status_code == 303
        assert "Nobody is let in." in browser.visit(path).text
    with hub.client("root", [scopes.ACCESS, scopes.PLATFORM_ADMIN]) as root:
        entries = root.get("/audit", params={"who": owner}).json()["items"]
    assert [entry["what"] for entry in entries][:2] == [
        "access.server.unshare",
        "access.server.share",
    ]
