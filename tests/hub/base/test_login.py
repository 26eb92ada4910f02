"""Logging in with a browser: only who began it ends it, and it ends inside."""

from __future__ import annotations

from pathlib import Path
from types import CellType
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.responses import Response

from orrery_hub import scopes
from orrery_hub.base import used_codes
from orrery_hub.base.db import Database
from orrery_hub.base.login import Login
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


@pytest.mark.parametrize(
    ("state", "headers"),
    [
        ("", {}),
        ("wrong", {}),
        ("of the other", {}),
        ("of the other", {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}),
        ("of the other", {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}),
    ],
)
@pytest.mark.parametrize("has_begun", [False, True])
def test_a_code_that_came_to_another_browser_is_used_up(
    service: Service, state: str, headers: dict[str, str], has_begun: bool
) -> None:
    token, attacker, victim = service.hub.add("ann"), service.browser(), service.browser()
    own = begin(attacker)["state"]
    if has_begun:
        begin(victim)
    sent = {"code": token, "state": own if state == "of the other" else state}
    assert victim.get(CALLBACK, params=sent, headers=headers).status_code == 403
    assert attacker.get(CALLBACK, params={"code": token, "state": own}).status_code == 403
    assert attacker.get(DOCS).status_code == 302


def test_a_code_counts_once(service: Service) -> None:
    token, browser = service.hub.add("ann"), service.browser()
    for status in (302, 403):
        state = begin(service.browser() if status == 403 else browser)["state"]
        assert browser.get(CALLBACK, params={"code": token, "state": state}).status_code == status


@pytest.mark.parametrize(
    "headers", [("cors", "empty"), ("no-cors", "image"), ("navigate", "iframe")]
)
def test_a_script_ends_no_login(service: Service, headers: tuple[str, str]) -> None:
    token, browser = service.hub.add("ann"), service.browser()
    state = begin(browser)["state"]
    mode, destination = headers
    response = browser.get(
        CALLBACK,
        params={"code": token, "state": state},
        headers={"Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": destination},
    )
    assert response.status_code == 403
    assert browser.get(CALLBACK, params={"code": token, "state": state}).status_code == 403


@pytest.mark.parametrize(
    ("given_in", "brought_by", "status"),
    [
        ("of-root", "of-root", 302),
        ("of-root", "of-eve", 403),
        ("of-root", "", 403),
        ("of-root", "\xe9", 403),
        (None, "of-eve", 403),
        (None, "", 302),
    ],
)
@pytest.mark.parametrize("path", [DOCS, f"{PREFIX}/publish/some-id"])
def test_a_code_of_another_session_of_jupyterhub_is_refused(
    service: Service, given_in: str | None, brought_by: str, status: int, path: str
) -> None:
    """The way around the used-up code: the other browser's callback never reached the service."""
    token = service.hub.add("root", admin=True, session=given_in)
    browser = service.browser()
    state = begin(browser, path)["state"]
    (handshake,) = browser.cookies.jar
    cookie = f"{handshake.name}={handshake.value}"
    if brought_by:
        cookie += f"; jupyterhub-session-id={brought_by}"
    response = service.browser().get(
        CALLBACK,
        params={"code": token, "state": state},
        headers=[(b"cookie", cookie.encode())],
    )
    assert response.status_code == status
    if status == 403:
        assert "set-cookie" not in response.headers


def test_used_codes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(used_codes, "_MAX_CODES", 3)
    codes = used_codes.UsedCodes()
    assert [codes.use(code) for code in ("a", "a", "b", "c", "c")] == [
        True,
        False,
        True,
        True,
        False,
    ]
    assert codes.use("d")
    assert codes.use("a")
    monkeypatch.setattr(used_codes, "_CODE_SECONDS", -1)
    fresh = used_codes.UsedCodes()
    assert fresh.use("a")
    assert fresh.use("a")


@pytest.mark.parametrize(
    "asked", [scopes.ACCESS, "custom:orrery:platform:admin", "", scopes.PUBLISH]
)
def test_a_step_up_for_another_scope_does_not_count(service: Service, asked: str) -> None:
    """The page's scope is the one that was stepped up for, whatever else the token carries."""
    token = service.hub.add("ann", admin=True)
    name = _login(service)._step_ups.add(token, asked, 600, "ann")
    response = Response()
    _login(service)._cookies.set(response, "step", name, 600, secure=False)
    cookie = response.headers["set-cookie"].split(";")[0]
    answer = service.browser().get(f"{PREFIX}/publish/nothing", headers={"cookie": cookie})
    assert answer.status_code == (404 if asked == scopes.PUBLISH else 302)


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
    assert _login(service)._local_path(path) == f"{PREFIX}/"
    assert _login(service)._local_path(DOCS) == DOCS


def _login(service: Service) -> Login:
    return next(
        cell.cell_contents
        for route in service.app.router.routes
        for cell in _cells(route)
        if isinstance(cell.cell_contents, Login)
    )


def _cells(route: object) -> list[CellType]:
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
