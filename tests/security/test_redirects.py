"""Set C: whatever somebody puts into an address, a login ends on the product's own pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from tornado.web import create_signed_value, decode_signed_value

from tests.hub.hubs import Hub
from tests.security.hostile.redirects import EVIL, REDIRECTS
from tests.security.hubs import Browser
from tests.security.labs import Lab

NAMES = ("next", "url", "return_to", "redirect", "redirect_uri", "continue")


def inside(answer: httpx.Response) -> bool:
    """Whether a browser that follows the answer stays on its host."""
    target = answer.headers.get("location", "/")
    # What browsers make of an address before they go there.
    cleaned = target.strip("".join(map(chr, range(33)))).replace("\\", "/")
    cleaned = "".join(c for c in cleaned if c not in "\t\r\n")
    parts = urlsplit(cleaned)
    at_home = parts.hostname in (None, "127.0.0.1") and not cleaned.startswith("//")
    return at_home and parts.scheme in ("", "http") and EVIL not in (parts.hostname or "")


@pytest.fixture(scope="module")
def visitor(hub: Hub) -> Iterator[Browser]:
    with Browser(hub).log_in("alice") as browser:
        yield browser


@pytest.mark.parametrize("path", ["/services/orrery/", "/services/orrery/api/docs"])
def test_a_page_of_the_hub_service_sends_nobody_away(visitor: Browser, path: str) -> None:
    for text in REDIRECTS:
        query = "&".join(f"{name}={quote(text, safe='')}" for name in NAMES)
        answer = visitor.client.get(visitor.part(f"{path}?{query}"))
        assert answer.status_code == 302
        assert inside(answer), (text, answer.headers["location"])
        asked = parse_qs(urlsplit(answer.headers["location"]).query)
        assert asked.get("redirect_uri", ["/services/orrery/oauth_callback"]) == [
            "/services/orrery/oauth_callback"
        ]


def test_an_address_that_looks_like_another_host_is_no_address(visitor: Browser) -> None:
    """The path itself, which is remembered over the login."""
    base = visitor.part("/services/orrery/api/docs")
    for text in REDIRECTS:
        raw = f"/services/orrery/{quote(text, safe='/%:@')}".encode()
        answer = visitor.client.get(base, extensions={"target": raw})
        assert answer.status_code in (302, 400, 404), (text, answer.status_code)
        assert inside(answer), (text, answer.headers.get("location"))
        assert "\n" not in answer.headers.get("set-cookie", "")


def test_a_state_that_this_browser_did_not_begin_with_ends_nowhere(visitor: Browser) -> None:
    callback = visitor.part("/services/orrery/oauth_callback")
    for text in ("", "x", *REDIRECTS):
        answer = visitor.client.get(callback, params={"code": "x", "state": text})
        assert answer.status_code == 403, (text, answer.status_code)
        assert "location" not in answer.headers
        assert EVIL not in answer.text


def test_even_a_signed_wish_to_go_elsewhere_is_not_followed(hub: Hub) -> None:
    """A login that was begun at a forged path: the last line of defence, after the signature."""
    secret = (hub.home / "secrets" / "service_cookie_secret").read_text().strip()
    with Browser(hub).log_in("alice") as browser:
        for text in REDIRECTS:
            begun = browser.client.get(browser.part("/services/orrery/api/docs"))
            name = "service-orrery-login"
            asked = parse_qs(urlsplit(begun.headers["location"]).query)
            code = browser.client.get(browser.part("/hub/api/oauth2/authorize"), params=asked)
            back = parse_qs(urlsplit(code.headers["location"]).query)
            kept = decode_signed_value(secret, name, browser.client.cookies[name].strip('"'))
            assert kept, "the test cannot read the cookie that it wants to forge"
            forged = json.dumps({**json.loads(kept), "next": text})
            value = create_signed_value(secret, name, forged).decode()
            session = browser.client.cookies["jupyterhub-session-id"]
            answer = httpx.get(
                browser.part("/services/orrery/oauth_callback"),
                params={"code": back["code"][0], "state": back["state"][0]},
                headers={"cookie": f"{name}={value}; jupyterhub-session-id={session}"},
                trust_env=False,
            )
            assert answer.status_code == 302, (text, answer.text)
            assert answer.headers["location"].startswith("/services/orrery/"), text
            assert inside(answer), (text, answer.headers["location"])


def test_the_hub_and_the_lab_send_nobody_away(visitor: Browser, lab: Lab) -> None:
    """JupyterHub's own `next`, as we configure it, and the lab's."""
    with lab.browser() as browser:
        for text in REDIRECTS:
            for path in ("/hub/login", "/hub/"):
                answer = visitor.client.get(visitor.part(f"{path}?next={quote(text, safe='')}"))
                assert inside(answer), (path, text, answer.headers.get("location"))
            answer = browser.get(f"login?next={quote(text, safe='')}")
            assert inside(answer), (text, answer.headers.get("location"))
