"""Pages for a browser: escaped, without scripts, with a policy that allows their own style only."""

from __future__ import annotations

import base64
import hashlib
import re

import httpx
import pytest

from orrery_hub.base.pages import Pages
from orrery_wire.errors import NotFound
from tests.hub.services import PREFIX, USER, Service

HOSTILE = "<script>alert(1)</script>\"'&{{ 7 * 7 }}"


def test_the_policy_allows_the_inline_style_and_nothing_else() -> None:
    response = Pages("/hub/").error(NotFound("Nothing here"))
    policy = response.headers["content-security-policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", bytes(response.body).decode(), re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    assert "unsafe" not in policy


def test_every_value_is_escaped() -> None:
    error = NotFound(HOSTILE, reason=HOSTILE, remedy=HOSTILE)
    response = Pages(f"/{HOSTILE}/", f"/{HOSTILE}/").error(error)
    assert response.status_code == 404
    html = bytes(response.body).decode()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 8
    assert "49" not in html.split("<main>")[1]


def test_a_template_that_lacks_a_value_fails() -> None:
    with pytest.raises(Exception, match="undefined"):
        Pages("/hub/").render("error.html")


def log_in(service: Service) -> httpx.Client:
    browser, token = service.browser(), service.hub.add("ann", holds=USER)
    location = browser.get(f"{PREFIX}/api/docs").headers["location"]
    state = httpx.URL(location).params["state"]
    browser.get(f"{PREFIX}/oauth_callback", params={"code": token, "state": state})
    return browser


def test_the_page_of_the_api_lists_every_operation(service: Service) -> None:
    html = log_in(service).get(f"{PREFIX}/api/docs").text
    description = service.client("ann").get("/openapi.json").json()
    operations = [
        (method.upper(), path)
        for path, methods in description["paths"].items()
        for method in methods
    ]
    listed = re.findall(r'<span class="method">(\w+)</span>\s*<code>(.+?)</code>', html)
    assert sorted(listed) == sorted(operations)
    for scope in ("custom:orrery:snippets:read", "custom:orrery:projects:create"):
        assert f"<dd><code>{scope}</code></dd>" in html
    assert html.index("<h2>audit</h2>") < html.index("<h2>snippets</h2>")
    assert '<a href="/hub/home">' in html


def test_a_browser_gets_a_failed_login_as_a_page_and_a_program_as_json(service: Service) -> None:
    callback = f"{PREFIX}/oauth_callback?code=x&state=y"
    page = service.browser().get(callback, headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 403
    assert page.headers["content-type"].startswith("text/html")
    assert "Open the page again." in page.text
    assert page.headers["x-request-id"] in page.text
    assert service.browser().get(callback).json()["code"] == "forbidden"
