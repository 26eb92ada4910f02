"""Set B: another page, in the browser of somebody who is logged in, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.hub.hubs import Hub
from tests.security.examples import body_of
from tests.security.hubs import Browser
from tests.security.labs import Lab, error_body
from tests.security.routes import Route

EVIL = "https://evil.invalid"

# What browsers send with a request that a page of another origin, or a form, makes.
PAGES: dict[str, dict[str, str]] = {
    "a form of another site": {
        "origin": EVIL,
        "referer": f"{EVIL}/",
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
        "content-type": "application/x-www-form-urlencoded",
    },
    "a form without a referer": {
        "origin": "null",
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "content-type": "text/plain",
    },
    "a fetch without CORS": {
        "origin": EVIL,
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "no-cors",
        "sec-fetch-dest": "empty",
        "content-type": "text/plain",
    },
    "a fetch with CORS": {
        "origin": EVIL,
        "referer": f"{EVIL}/",
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "cors",
        "content-type": "application/json",
    },
    "a page of a sister domain": {
        "origin": "http://127.0.0.1.evil.invalid",
        "sec-fetch-site": "same-site",
        "sec-fetch-mode": "cors",
        "content-type": "application/json",
    },
    "no origin at all": {"content-type": "application/json"},
    "a same-origin claim without a token": {
        "sec-fetch-site": "same-origin",
        "sec-fetch-mode": "no-cors",
        "content-type": "multipart/form-data; boundary=x",
    },
    "a typed address": {
        "sec-fetch-site": "none",
        "sec-fetch-mode": "navigate",
        "sec-fetch-user": "?1",
        "content-type": "text/plain",
    },
    "a wrong XSRF token": {
        "x-xsrftoken": "0" * 32,
        "sec-fetch-site": "same-origin",
        "sec-fetch-mode": "cors",
        "content-type": "application/json",
    },
    "another method in a header": {
        "x-http-method-override": "GET",
        "sec-fetch-site": "cross-site",
        "content-type": "application/json",
    },
}


def changing(routes: list[Route]) -> Iterator[tuple[str, Route, object]]:
    """Every route that changes something, with a good body for it."""
    for route in routes:
        for verb in route.changing:
            yield verb, route, body_of(verb, route)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_changes_anything_in_a_lab(lab: Lab, lab_routes: list[Route], page: str) -> None:
    cases = list(changing(lab_routes))
    assert len(cases) > 10
    with lab.browser() as browser, lab.person() as person:
        before = _state(person)
        for verb, route, body in cases:
            answer = browser.request(
                verb, lab.address.rstrip("/") + route.path(), headers=PAGES[page], json=body
            )
            # 404 is what Jupyter Server says to another origin, 400 what it says to half a form.
            assert answer.status_code in (400, 403, 404), (verb, route, answer.status_code)
            error_body(answer)
        # Forged: the token in the address or the body, cookies tossed from a sister domain.
        for verb, route, body in cases:
            answer = browser.request(
                verb,
                lab.address.rstrip("/") + route.path() + "?_xsrf=0",
                headers={**PAGES[page], "cookie": "_xsrf=0"},
                json=body,
            )
            assert answer.status_code in (400, 401, 403, 404), (verb, route, answer.status_code)
        assert _state(person) == before


def _state(person: httpx.Client) -> object:
    found = person.get("orrery/snippets", params={"scope": "mine"}).json()
    projects = person.get("orrery/projects").json()
    libraries = person.get("orrery/snippets/libraries").json()
    return (found["total"], found["items"], projects, libraries)


def test_the_same_browser_with_its_token_may(lab: Lab) -> None:
    """Otherwise the refusals above would prove nothing."""
    with lab.browser() as browser:
        answer = browser.post(
            "orrery/snippets",
            headers={"x-xsrftoken": browser.cookies["_xsrf"]},
            json={"name": "mine", "cells": [{"source": "1"}]},
        )
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("page", [*PAGES, "a script of the same origin"])
def test_a_cookie_is_nobody_at_the_hub_service(
    hub: Hub, hub_routes: list[Route], page: str
) -> None:
    """Every lab is the same origin as the hub service, so a cookie must not count for its API at all."""
    headers = PAGES.get(page, {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"})
    cases = list(changing(hub_routes))
    assert len(cases) > 8
    with Browser(hub).log_in("alice") as browser:
        assert browser.visit("/services/orrery/api/docs").status_code == 200
        token = browser.client.cookies.get("_xsrf")
        assert token
        for verb, route, body in cases:
            answer = browser.client.request(
                verb,
                browser.part(route.path()),
                headers={"x-xsrftoken": token, **headers},
                json=body,
            )
            assert answer.status_code == 401, (verb, route, answer.status_code)
            error_body(answer)


def test_a_script_reads_no_page_of_the_hub_service(hub: Hub) -> None:
    """The pages take the cookie for a navigation only: a script of a lab gets what a stranger gets."""
    with Browser(hub).log_in("alice") as browser:
        browser.visit("/services/orrery/api/docs")
        for mode, dest in (("cors", "empty"), ("no-cors", "script"), ("navigate", "iframe")):
            headers = {"sec-fetch-mode": mode, "sec-fetch-dest": dest}
            docs = browser.client.get(browser.part("/services/orrery/api/docs"), headers=headers)
            assert docs.status_code == 302
            described = browser.client.get(
                browser.part("/services/orrery/api/openapi.json"), headers=headers
            )
            assert described.status_code == 401
