"""Sharing with everyone: on a page of the hub, after a step up, and only what the person saw."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from orrery_hub import scopes
from tests.hub.services import ADMIN, PREFIX, USER, Service

PUBLISHER = ADMIN | USER
SNIPPET = {"name": "<b>Plot</b>", "cells": [{"source": "x = '<script>'"}]}


@pytest.fixture
def snippet(service: Service) -> str:
    with service.client("ann") as ann:
        return str(ann.post("/snippets", json=SNIPPET).json()["id"])


def step_up(
    service: Service, path: str, name: str = "ann", holds: frozenset[str] = PUBLISHER
) -> httpx.Client:
    """A browser that came back from JupyterHub with a token of these scopes."""
    browser = service.browser()
    sent = browser.get(path)
    asked = parse_qs(urlsplit(sent.headers["location"]).query)
    assert asked["scope"] == [f"{scopes.ACCESS} {scopes.PUBLISH}"]
    token = service.hub.add(name, holds=holds)
    back = browser.get(
        f"{PREFIX}/oauth_callback", params={"code": token, "state": asked["state"][0]}
    )
    assert (back.status_code, back.headers["location"]) == (302, path)
    # Neither readable nor signed: the token is in the memory of the service only.
    assert token not in str(back.headers)
    assert f"{service.hub.oauth_client_id}-token" not in browser.cookies
    return browser


def form(page: httpx.Response, action: str) -> dict[str, str]:
    """What the page's button sends."""
    assert page.status_code == 200, page.text
    (address,) = re.findall(r'<form method="post" action="([^"]+)">', page.text)
    sent = {name: value for name, (value,) in parse_qs(unescape(address)[1:]).items()}
    assert sent["action"] == action
    return sent


def scope_of(service: Service, id: str) -> str:
    with service.client("ann") as ann:
        (one,) = ann.get("/snippets/changes").json()["upserts"]
        assert one["id"] == id
        return str(one["scope"])


def test_a_person_shares_what_the_page_shows_and_takes_it_back(
    service: Service, snippet: str
) -> None:
    path = f"{PREFIX}/publish/{snippet}"
    browser = step_up(service, path)
    page = browser.get(path)
    assert "<b>" not in page.text
    assert "<script" not in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert page.headers["cross-origin-opener-policy"] == "noopener-allow-popups"
    shared = browser.post(path, params=form(page, "publish"))
    assert (shared.status_code, shared.headers["location"]) == (303, path)
    assert scope_of(service, snippet) == "everyone"
    back = browser.post(path, params=form(browser.get(path), "take-back"))
    assert back.status_code == 303
    assert scope_of(service, snippet) == "mine"


def audited(service: Service, id: str) -> list[tuple[str, str]]:
    """Who did what to a snippet, newest first."""
    with service.client("root", admin=True) as admin:
        entries = admin.get("/audit").json()["items"]
    return [(entry["who"], entry["what"]) for entry in entries if entry["on"] == id]


def test_each_action_of_the_form_is_audited(service: Service, snippet: str) -> None:
    path = f"{PREFIX}/publish/{snippet}"
    browser = step_up(service, path)
    for action in ("publish", "take-back", "publish"):
        browser.post(path, params=form(browser.get(path), action))
    admin = step_up(service, path, "root")
    admin.post(path, params=form(admin.get(path), "delete"))
    assert audited(service, snippet) == [
        ("root", "snippets.delete"),
        ("ann", "snippets.publish"),
        ("ann", "snippets.save"),
        ("ann", "snippets.publish"),
        ("ann", "snippets.save"),
    ]


def test_what_looks_like_a_secret_is_shown_before_everyone_reads_it(service: Service) -> None:
    secret = {**SNIPPET, "cells": [{"source": 'password = "hunter2asdf"'}], "allow_secrets": True}
    with service.client("ann") as ann:
        id_ = str(ann.post("/snippets", json=secret).json()["id"])
    path = f"{PREFIX}/publish/{id_}"
    browser = step_up(service, path)
    page = browser.get(path)
    assert "Secret Keyword in line 1" in page.text
    assert "Share with everyone all the same" in page.text
    sent = form(page, "publish")
    refused = browser.post(path, params=sent | {"allow_secrets": "False"})
    assert refused.status_code == 422
    assert scope_of(service, id_) == "mine"
    assert browser.post(path, params=sent).status_code == 303
    assert scope_of(service, id_) == "everyone"
    assert browser.post(path, params=form(browser.get(path), "take-back")).status_code == 303


def test_the_page_shows_all_that_is_shared(service: Service) -> None:
    content = SNIPPET | {
        "description": "turned \u202eback",
        "prefixes": ["import", "<i>p"],
        "tags": ["first", "<i>t"],
        "language": "sql",
        "other_languages": ["python", "r"],
        "syntax": "vscode",
        "cells": [
            {"source": "if is_admin\u2066:\t# \u202e x\u200b\u2069\n    go()"},
            {"kind": "markdown", "source": "zero\u200dwidth\ufeff and a\u00adsoft one"},
        ],
    }
    with service.client("ann") as ann:
        id_ = str(ann.post("/snippets", json=content).raise_for_status().json()["id"])
    path = f"{PREFIX}/publish/{id_}"
    text = step_up(service, path).get(path).text
    for sign in "\u202e\u2066\u2069\u200b\u200d\ufeff\u00ad":
        assert sign not in text
        assert f"\u2039U+{ord(sign):04X}\u203a" in text
    for shown in ("<code>import</code>", "&lt;i&gt;p", "first, &lt;i&gt;t", "sql, python, r"):
        assert shown in text
    assert "VS Code" in text
    assert "characters that nobody sees" in text
    assert "\t# " in text
    assert "\n    go()" in text


def test_a_plain_snippet_has_no_notice(service: Service, snippet: str) -> None:
    path = f"{PREFIX}/publish/{snippet}"
    text = step_up(service, path).get(path).text
    assert "characters that nobody sees" not in text
    assert "VS Code" not in text


@pytest.mark.parametrize("field", ["name", "tags", "prefixes", "description"])
def test_a_secret_in_any_text_is_shown_before_it_is_shared(service: Service, field: str) -> None:
    secret = "AKIAIOSFODNN7ABCDEFG"
    value = [secret] if field in ("tags", "prefixes") else secret
    request = SNIPPET | {field: value}
    with service.client("ann") as ann:
        assert ann.post("/snippets", json=request).status_code == 422
        saved = ann.post("/snippets", json=request | {"allow_secrets": True})
    path = f"{PREFIX}/publish/{saved.json()['id']}"
    page = step_up(service, path).get(path)
    assert "This looks like a secret" in page.text
    assert "AWS Access Key" in page.text


def test_what_somebody_else_shared_can_be_deleted(service: Service, snippet: str) -> None:
    path = f"{PREFIX}/publish/{snippet}"
    browser = step_up(service, path)
    browser.post(path, params=form(browser.get(path), "publish"))
    admin = step_up(service, path, "root")
    assert "Deleted" in admin.post(path, params=form(admin.get(path), "delete")).text
    assert browser.get(path).status_code == 404


def test_a_change_since_the_page_was_drawn_is_not_shared(service: Service, snippet: str) -> None:
    path = f"{PREFIX}/publish/{snippet}"
    browser = step_up(service, path)
    old = form(browser.get(path), "publish")
    with service.client("ann") as ann:
        ann.put(f"/snippets/{snippet}", json={**SNIPPET, "cells": [{"source": "evil"}]})
    assert browser.post(path, params=old).status_code == 409
    assert scope_of(service, snippet) == "mine"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"key": ""}, 403),
        ({"key": "wrong"}, 403),
        ({"key": "\xe9"}, 403),
        ({"version": "x"}, 400),
        ({"version": ""}, 400),
        ({"action": "other"}, 400),
    ],
)
def test_a_forged_form_does_nothing(
    service: Service, snippet: str, change: dict[str, str], status: int
) -> None:
    path = f"{PREFIX}/publish/{snippet}"
    browser = step_up(service, path)
    sent = {**form(browser.get(path), "publish"), **change}
    assert browser.post(path, params=sent).status_code == status
    assert scope_of(service, snippet) == "mine"


def test_only_the_person_at_the_browser_counts(service: Service, snippet: str) -> None:
    path = f"{PREFIX}/publish/{snippet}"
    browser = step_up(service, path)
    sent = form(browser.get(path), "publish")
    for headers in (
        {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
        {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
    ):
        assert browser.get(path, headers=headers).status_code == 302
        assert browser.post(path, params=sent, headers=headers).status_code == 401
    other = step_up(service, path, "bob")
    assert other.post(path, params=sent).status_code == 403
    assert other.get(path).status_code == 404  # a private snippet of somebody else
    assert scope_of(service, snippet) == "mine"


def test_without_the_permission_the_page_says_so(service: Service, snippet: str) -> None:
    path = f"{PREFIX}/publish/{snippet}"
    browser = step_up(service, path, holds=USER)
    page = browser.get(path)
    assert page.status_code == 403
    assert "Ask an administrator" in page.text


def test_a_right_that_was_taken_away_ends_the_step_up(service: Service, snippet: str) -> None:
    path = f"{PREFIX}/publish/{snippet}"
    browser = step_up(service, path)
    assert browser.get(path).status_code == 200
    service.hub.models.clear()
    service.app.state.authenticator._cache.clear()
    assert browser.get(path).status_code == 302


def test_a_lab_cannot_share_with_everyone(service: Service, snippet: str) -> None:
    token_scopes = frozenset(scopes.carried_by_servers())
    with service.client("ann", admin=True, holds=token_scopes) as lab:
        request = {**SNIPPET, "scope": "everyone"}
        assert lab.put(f"/snippets/{snippet}", json=request).status_code == 403
        assert lab.post("/snippets", json=request).status_code == 403
        items = [{"action": "save", "content": request}]
        (result,) = lab.post("/snippets/batch", json={"items": items}).json()["items"]
        assert result["failure"]["code"] == "forbidden"
        assert "Share with Everyone" in result["failure"]["remedy"]
