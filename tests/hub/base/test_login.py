"""Logging in with a browser: only who began it ends it, and it ends inside."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from orrery_hub import scopes
from orrery_hub.base.db import Database
from tests.hub.services import PREFIX, USER, Service

DOCS = f"{PREFIX}/api/docs"
CALLBACK = f"{PREFIX}/oauth_callback"


def begin(browser: httpx.Client, path: str = DOCS) -> dict[str, str]:
    """Open a page without being logged in; what JupyterHub is asked."""
    response = browser.get(path)
    assert response.status_code == 302
    target = urlsplit(response.headers["location"])
    assert (target.netloc, target.path) == ("", "/hub/api/oauth2/authorize")
    return {name: value for name, (value,) in parse_qs(target.query).items()}


def test_a_login_ends_where_it_began(service: Service) -> None:
    browser, token = service.browser(), service.hub.add("ann", holds=USER)
    parameters = begin(browser)
    assert (parameters["code_challenge_method"], parameters["redirect_uri"]) == ("S256", CALLBACK)
    assert parameters["scope"] == scopes.ACCESS
    response = browser.get(CALLBACK, params={"code": token, "state": parameters["state"]})
    assert (response.status_code, response.headers["location"]) == (302, DOCS)
    set_cookie = response.headers.get_list("set-cookie")[1]
    assert {"HttpOnly", "SameSite=lax", f"Path={PREFIX}/"} <= set(set_cookie.split("; "))
    assert token not in set_cookie
    page = browser.get(DOCS)
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("state", ["", "wrong", "é"])
def test_a_login_that_was_not_begun_here_is_refused(service: Service, state: str) -> None:
    token = service.hub.add("ann")
    for browser in (service.browser(), service.browser()):
        begin(browser)
        response = browser.get(CALLBACK, params={"code": token, "state": state})
        assert (response.status_code, response.json()["code"]) == (403, "forbidden")


def test_another_browsers_login_is_refused(service: Service) -> None:
    token = service.hub.add("ann")
    state = begin(service.browser())["state"]
    victim = service.browser()
    assert victim.get(CALLBACK, params={"code": token, "state": state}).status_code == 403
    begin(victim)
    assert victim.get(CALLBACK, params={"code": token, "state": state}).status_code == 403


def test_a_forged_cookie_is_no_cookie(service: Service) -> None:
    token = service.hub.add("ann")
    browser = service.browser()
    for value in (token, "2|1:0|10:1700000000|20:service-orrery-token|4:eA==|deadbeef", "\x7f"):
        browser.cookies.set("service-orrery-token", value, domain="testserver", path=PREFIX)
        assert browser.get(DOCS).status_code == 302


def test_a_code_that_jupyterhub_refuses_is_told(service: Service) -> None:
    browser = service.browser()
    state = begin(browser)["state"]
    response = browser.get(CALLBACK, params={"code": "wrong", "state": state})
    assert (response.status_code, response.json()["code"]) == (503, "backend_unavailable")


def test_a_script_cannot_use_the_cookie(service: Service) -> None:
    browser, token = service.browser(), service.hub.add("ann")
    state = begin(browser)["state"]
    browser.get(CALLBACK, params={"code": token, "state": state})
    for mode, dest in (("cors", "empty"), ("no-cors", "script"), ("navigate", "iframe")):
        headers = {"Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
        assert browser.get(DOCS, headers=headers).status_code == 302
        assert browser.get(f"{PREFIX}/api/openapi.json", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/services/orrery//evil.example",
        "https://evil.example",
        "/services/orrery/\\evil.example",
        "/services/orrery-evil/",
        "/hub/logout",
        "/services/orrery/\r\nX: y",
        "",
    ],
)
def test_a_login_never_ends_outside(service: Service, path: str) -> None:
    login = next(
        cell.cell_contents
        for route in service.app.router.routes
        for cell in _cells(route)
        if type(cell.cell_contents).__name__ == "Login"
    )
    assert login._local_path(path) == f"{PREFIX}/"
    assert login._local_path(DOCS) == DOCS


def _cells(route: object) -> list[object]:
    inner = getattr(route, "original_router", None)
    endpoints = [r.endpoint for r in inner.routes if hasattr(r, "endpoint")] if inner else []
    return [cell for e in endpoints for cell in (e.__closure__ or ())]


def test_secure_pages_get_secure_cookies(tmp_path: Path, sqlite: Database) -> None:
    service = Service(tmp_path / "home", sqlite, trusted_proxies=("127.0.0.1",))
    try:
        response = service.browser().get(DOCS, headers={"X-Forwarded-Proto": "https"})
        assert "Secure" in response.headers["set-cookie"]
        assert "Secure" not in service.browser().get(DOCS).headers["set-cookie"]
    finally:
        service.loop.stop()
