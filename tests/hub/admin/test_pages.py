"""The page of administration: who gets it, what its script may do, and what nobody else may do in its name."""

from __future__ import annotations

import gzip
import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from orrery_hub import scopes
from orrery_hub.admin import pages as admin_pages
from orrery_hub.admin.assets import Asset, Assets
from tests.hub.services import ADMIN, PREFIX, USER, Service

PAGE = f"{PREFIX}/admin"
ASSETS = Assets(
    {"a.1.js": Asset(b"1", gzip.compress(b"1"), "text/javascript")}, "a.1.js", "a.1.css"
)
# A script of the page, as a browser sends its requests.
SCRIPT = {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin"}


@pytest.fixture(autouse=True)
def _built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orrery_hub.admin.load_assets", lambda: ASSETS)


def open_page(
    service: Service, name: str = "root", holds: frozenset[str] = ADMIN | USER
) -> tuple[httpx.Client, dict[str, Any]]:
    """A browser with the page open, and the facts that the page was drawn with."""
    browser = service.browser()
    sent = browser.get(PAGE)
    asked = parse_qs(urlsplit(sent.headers["location"]).query)
    assert asked["scope"] == [" ".join([scopes.ACCESS, *scopes.ADMIN_PAGE_SCOPES])]
    # JupyterHub gives what the person holds, and no more than was asked for.
    token = service.hub.add(name, holds=holds & frozenset(scopes.ADMIN_PAGE_SCOPES))
    callback = {"code": token, "state": asked["state"][0]}
    back = browser.get(f"{PREFIX}/oauth_callback", params=callback)
    assert (back.status_code, back.headers["location"]) == (302, PAGE)
    page = browser.get(PAGE)
    assert page.status_code == 200, page.text
    assert token not in page.text
    (facts,) = re.findall(r'data-facts="([^"]*)"', page.text)
    return browser, json.loads(unescape(facts))


def ask(
    browser: httpx.Client, facts: dict[str, Any], path: str, verb: str = "GET", **more: Any
) -> httpx.Response:
    headers = SCRIPT | {"x-orrery-page": facts["key"]}
    return browser.request(verb, f"{facts['api']}{path}", headers=headers, **more)


def test_an_administrator_acts_on_the_page_and_the_audit_says_so(service: Service) -> None:
    owner = service.client("ann")
    owner.post("/projects", json={"slug": "p", "name": "P"}).raise_for_status()
    owner.delete("/projects/p").raise_for_status()
    browser, facts = open_page(service)
    assert (facts["isAdmin"], facts["user"], facts["hub"]) == (True, "root", "/hub/")
    assert ask(browser, facts, "/people").status_code == 200
    assert ask(browser, facts, "/admin/projects/p/undelete", "POST").status_code == 200
    (entry,) = ask(browser, facts, "/audit?what=projects.undelete").json()["items"]
    assert (entry["who"], entry["permission"]) == ("root", scopes.PLATFORM_ADMIN)


def test_an_owner_gets_the_own_projects_alone(service: Service) -> None:
    service.client("ann").post("/projects", json={"slug": "p", "name": "P"}).raise_for_status()
    service.client("bob").post("/projects", json={"slug": "q", "name": "Q"}).raise_for_status()
    browser, facts = open_page(service, "ann", USER)
    assert facts["isAdmin"] is False
    slugs = {item["slug"] for item in ask(browser, facts, "/projects").json()["items"]}
    assert "p" in slugs
    assert "q" not in slugs
    for path in ("/people", "/admin/projects", "/admin/servers", "/audit"):
        assert ask(browser, facts, path).status_code == 403, path
    assert browser.get(f"{PREFIX}/admin/audit").status_code == 403


def test_neither_the_cookie_nor_the_key_alone_acts(service: Service) -> None:
    browser, facts = open_page(service)
    stranger = service.browser()
    other, other_facts = open_page(service, "eve", USER)
    for client, key in (
        (browser, ""),
        (browser, "wrong"),
        (browser, other_facts["key"]),
        (stranger, facts["key"]),
        (other, facts["key"]),
    ):
        headers = SCRIPT | {"x-orrery-page": key}
        assert client.get(f"{facts['api']}/people", headers=headers).status_code == 401
        response = client.post(f"{facts['api']}/audit/verification", headers=headers)
        assert response.status_code == 401


def test_no_script_of_another_page_reads_the_key(service: Service) -> None:
    browser, facts = open_page(service)
    for mode, target in (("cors", "empty"), ("no-cors", "script"), ("navigate", "iframe")):
        headers = {"sec-fetch-mode": mode, "sec-fetch-dest": target}
        response = browser.get(PAGE, headers=headers)
        assert response.status_code == 302
        assert facts["key"] not in response.text


def test_a_right_that_was_taken_away_ends_the_page(service: Service) -> None:
    browser, facts = open_page(service)
    service.app.state.authenticator._seconds = 0
    service.app.state.authenticator._cache.clear()
    for model in service.hub.models.values():
        model["scopes"] = [scopes.ACCESS]
    assert ask(browser, facts, "/people").status_code == 403
    service.hub.models.clear()
    service.app.state.authenticator._cache.clear()
    assert ask(browser, facts, "/people").status_code == 401


def test_the_policy_allows_the_named_script_and_nothing_else(service: Service) -> None:
    browser, _ = open_page(service)
    first, second = browser.get(PAGE), browser.get(PAGE)
    nonces = set()
    for page in (first, second):
        policy = page.headers["content-security-policy"]
        (nonce,) = re.findall(r"script-src 'nonce-([\w-]+)';", policy)
        nonces.add(nonce)
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["cross-origin-opener-policy"] == "noopener-allow-popups"
        assert page.headers["cache-control"] == "no-store"
        # Every script and style sheet of the page is a file with the nonce.
        tags = re.findall(r"<(?:script|link rel=\"stylesheet\")[^>]*>", page.text)
        assert len(tags) == 2
        assert all(f'nonce="{nonce}"' in tag for tag in tags)
    assert len(nonces) == 2


def test_assets_are_kept_for_a_year_and_come_compressed(service: Service) -> None:
    browser = service.browser()
    for encoding, expected in (("gzip", "gzip"), ("identity", None)):
        headers = {"accept-encoding": encoding}
        response = browser.get(f"{PAGE}/assets/a.1.js", headers=headers)
        assert response.status_code == 200
        assert response.headers.get("content-encoding") == expected
        assert "immutable" in response.headers["cache-control"]
        assert response.text == "1"
    for name in ("none.js", "..%2f__init__.py", "manifest.json"):
        assert browser.get(f"{PAGE}/assets/{name}").status_code == 404


def test_a_checkout_without_a_build_says_what_to_do(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "make install" in admin_pages._not_built().remedy
    monkeypatch.setattr(Assets, "is_built", property(lambda _: False))
    with pytest.raises(AssertionError, match="make install"):
        open_page(service)


def test_the_audit_is_saved_as_a_file_from_the_page(service: Service) -> None:
    browser, _ = open_page(service)
    response = browser.get(f"{PREFIX}/admin/audit?format=csv&what=projects.join")
    assert response.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert response.text.startswith("id,when,who")
    assert browser.get(f"{PREFIX}/admin/audit?format=shoe").status_code == 400
    for query in ("format=csv", "shoe=1"):
        assert service.browser().get(f"{PREFIX}/admin/audit?{query}").status_code == 401


def test_costs_are_saved_as_a_file_from_the_page(service: Service) -> None:
    for name, wanted in (("root", None), ("eve", USER)):
        browser, _ = open_page(service, name, wanted) if wanted else open_page(service)
        response = browser.get(f"{PREFIX}/admin/costs?by=person,month")
        assert response.headers["content-disposition"] == 'attachment; filename="costs.csv"'
        assert response.text.startswith("person,month,device_hours")
        assert browser.get(f"{PREFIX}/admin/costs?by=shoe").status_code == 400
    assert service.browser().get(f"{PREFIX}/admin/costs?by=shoe").status_code == 401
