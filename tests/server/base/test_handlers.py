"""Where HTTP ends: who is let in, and what a failure looks like, whoever failed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from orrery_server.app import OrreryApp
from orrery_wire.errors import OrreryError

Raw = Callable[..., Awaitable[HTTPResponse]]


@pytest.fixture
def raw(jp_serverapp: ServerApp, http_server_client: AsyncHTTPClient, jp_base_url: str) -> Raw:
    """Asks as anybody might: nothing is added to the request, no answer is an exception."""

    async def raw(method: str, path: str, body: object = None, **headers: str) -> HTTPResponse:
        sent = body if isinstance(body, str | bytes | None) else json.dumps(body)
        return await http_server_client.fetch(
            jp_base_url + (path[1:] if path.startswith("/") else f"orrery/{path}"),
            method=method,
            body=sent,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            allow_nonstandard_methods=True,
            raise_error=False,
        )

    return raw


@pytest.fixture
def app(jp_serverapp: ServerApp) -> OrreryApp:
    found = jp_serverapp.web_app.settings["orrery"]
    assert isinstance(found, OrreryApp)
    return found


@pytest.fixture
def known(jp_serverapp: ServerApp) -> str:
    return f"token {jp_serverapp.identity_provider.token}"


def error(response: HTTPResponse) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(response.body)
    assert said.keys() == {"code", "message", "reason", "remedy", "details", "request_id"}
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Request-Id"] == said["request_id"]
    assert said["message"]
    return said


async def test_a_stranger_is_told_to_log_in(raw: Raw) -> None:
    answer = await raw("GET", "status")
    assert (answer.code, error(answer)["code"]) == (401, "unauthenticated")


async def test_the_labs_own_token_opens_orrerys_routes_and_no_others(
    raw: Raw, app: OrreryApp
) -> None:
    own = f"orrery {app.lab_token.value}"
    assert (await raw("GET", "status", Authorization=own)).code == 200
    made = await raw(
        "POST", "snippets", {"name": "A", "cells": [{"source": "1"}]}, Authorization=own
    )
    assert made.code == 201
    for path in ("/api/contents", "/api/kernels", "/api/status", "/api/terminals"):
        assert (await raw("GET", path, Authorization=own)).code == 403
    assert (await raw("GET", "status", Authorization=own + "x")).code == 401


async def test_a_strange_host_name_is_refused(raw: Raw, app: OrreryApp, known: str) -> None:
    for who in (known, f"orrery {app.lab_token.value}"):
        answer = await raw("GET", "status", Authorization=who, Host="evil.example")
        assert answer.code == 403
        error(answer)


async def test_a_cookie_without_its_xsrf_token_changes_nothing(raw: Raw) -> None:
    answer = await raw("POST", "snippets", {"name": "A", "cells": [{"source": "1"}]})
    assert answer.code == 403
    assert "XSRF" in error(answer)["reason"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "nothing", None, 404, "not_found"),
        ("GET", "", None, 404, "not_found"),
        ("POST", "nothing/at/all", "{}", 404, "not_found"),
        ("POST", "status", "{}", 405, "method_not_allowed"),
        ("PUT", "snippets/scan", "{}", 405, "method_not_allowed"),
        ("POST", "snippets", "", 400, "invalid"),
        ("POST", "snippets", "{", 400, "invalid"),
        ("POST", "snippets", b"\xff", 400, "invalid"),
        ("POST", "snippets", "[" * 100_000, 400, "invalid"),
        ("POST", "snippets", "null", 400, "invalid"),
        ("POST", "snippets", '{"name": "\\ud800"}', 400, "invalid"),
        ("POST", "snippets", "{}", 400, "invalid"),
        ("GET", "snippets?q=%FF", None, 400, "invalid"),
        ("GET", "snippets?limit=x", None, 400, "invalid"),
        ("POST", "snippets", "x" * 5_000_000, 413, "too_large"),
    ],
)
async def test_every_refusal_has_the_one_body(
    raw: Raw, known: str, method: str, path: str, body: object, status: int, code: str
) -> None:
    answer = await raw(method, path, body, Authorization=known)
    assert (answer.code, error(answer)["code"]) == (status, code)


async def test_what_nobody_foresaw_tells_nothing_but_a_number(
    raw: Raw,
    known: str,
    app: OrreryApp,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(**_: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(app.services["snippets"], "list", broken)
    with caplog.at_level("ERROR"):
        answer = await raw("GET", "snippets", Authorization=known)
    said = error(answer)
    assert (answer.code, said["code"]) == (500, "internal_error")
    assert b"secret inside" not in answer.body
    assert b"Traceback" not in answer.body


@pytest.mark.parametrize("kind", OrreryError.__subclasses__())
async def test_every_kind_of_error_arrives_as_it_is(
    raw: Raw, known: str, app: OrreryApp, monkeypatch: pytest.MonkeyPatch, kind: type[OrreryError]
) -> None:
    async def failing(**_: object) -> None:
        raise kind("What", reason="why", remedy="do", details={"a": 1})

    monkeypatch.setattr(app.services["snippets"], "list", failing)
    answer = await raw("GET", "snippets", Authorization=known)
    said = error(answer)
    assert answer.code == kind.status
    assert {**said, "request_id": ""} == kind(
        "What", reason="why", remedy="do", details={"a": 1}
    ).body()


async def test_an_authorizer_sees_the_permission_and_its_no_counts(
    raw: Raw, known: str, app: OrreryApp, jp_serverapp: ServerApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []

    def decides(_self: Authorizer, _handler: Any, _user: Any, action: str, resource: str) -> bool:
        asked.append((action, resource))
        return action == "read"

    monkeypatch.setattr(type(jp_serverapp.authorizer), "is_authorized", decides)
    assert (await raw("GET", "projects", Authorization=known)).code == 200
    cells = {"cells": [{"source": "x"}]}
    assert (await raw("POST", "snippets/scan", cells, Authorization=known)).code == 200
    refused = await raw("POST", "projects", {"slug": "p", "name": "P"}, Authorization=known)
    assert refused.code == 403
    assert "orrery:projects:write" in error(refused)["reason"]
    own = f"orrery {app.lab_token.value}"
    assert (await raw("DELETE", "projects/p", Authorization=own)).code == 403
    assert asked == [
        ("read", "orrery:projects"),
        ("read", "orrery:snippets"),
        ("write", "orrery:projects"),
        ("write", "orrery:projects"),
    ]


async def test_answers_are_not_kept_by_anybody(raw: Raw, known: str) -> None:
    answer = await raw("GET", "status", Authorization=known)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_method_that_is_not_taken_is_told_which_ones_are(raw: Raw, known: str) -> None:
    answer = await raw("PATCH", "snippets", "{}", Authorization=known)
    assert answer.code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


async def test_what_jupyter_itself_puts_into_an_address_is_not_for_a_capability(
    raw: Raw, jp_serverapp: ServerApp, known: str
) -> None:
    token = jp_serverapp.identity_provider.token
    assert (await raw("GET", f"snippets?token={token}&1700000000000")).code == 200
    assert (await raw("GET", "snippets?tokens=x", Authorization=known)).code == 400


CANARY = "canary-hunter2-7f3a"
# Each is wrong in another way, and holds what must not be said again.
WRONG: tuple[tuple[str, str, object], ...] = (
    ("POST", "snippets", {"name": {"password": CANARY}, "cells": []}),
    ("POST", "snippets", {"name": "n", "cells": CANARY}),
    ("POST", "snippets", {"name": "n", "cells": [{"kind": CANARY, "source": "x"}]}),
    ("POST", "snippets", {"name": "n", "cells": [{"source": "x"}], "scope": CANARY}),
    ("POST", "snippets", {"name": f"{CANARY}\n{CANARY}", "cells": [{"source": "x"}]}),
    ("POST", "snippets", {"name": CANARY * 100, "cells": [{"source": "x"}]}),
    ("POST", "snippets", {"name": "n", "cells": [{"source": "x"}], "unknown": CANARY}),
    ("POST", "snippets", f'{{"name": "{CANARY}"'),
    ("POST", "snippets", [CANARY]),
    ("POST", "projects", {"slug": f"{CANARY} no slug", "name": "n"}),
    ("PATCH", "projects/p", {"name": [CANARY]}),
    ("POST", "eda/runs", {"task": CANARY, "source": {"kind": "file", "location": "x"}}),
    ("POST", "eda/runs", {"task": "profile", "source": {"kind": CANARY, "location": "x"}}),
    ("GET", f"snippets?limit={CANARY}", None),
    ("GET", f"eda/runs?state={CANARY}", None),
)


async def test_what_is_refused_is_not_repeated(raw: Raw, known: str) -> None:
    """A field that is wrong may hold a secret in the wrong place."""
    for method, path, body in WRONG:
        answer = await raw(method, path, body, Authorization=known)
        assert answer.code == 400, (method, path, body, answer.body)
        assert CANARY not in answer.body.decode(), (path, body)
