"""The edge: limits, ids, headers, and one body for every failure."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orrery_hub.audit.refusals import Refusals
from orrery_hub.base import http
from orrery_hub.base.auth import declared_routes
from orrery_hub.base.limits import Limits
from orrery_hub.base.route_table import RouteTable
from tests.effort import examples
from tests.hub.services import PREFIX, Service

BODY = {"code", "message", "reason", "remedy", "details", "request_id"}


def test_every_answer_has_an_id_and_safe_headers(service: Service) -> None:
    for path in ("/health", "/nowhere"):
        response = service.anonymous().get(path)
        assert re.fullmatch(r"[0-9a-f]{16}", response.headers["x-request-id"])
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("request_id", ["abcdef-123456", "x", "a" * 65, "a b c d e f", "é", ""])
def test_a_callers_id_never_replaces_the_services_own(service: Service, request_id: str) -> None:
    headers = {"X-Request-Id": request_id.encode()}
    ids = {
        service.anonymous().get("/health", headers=headers).headers["x-request-id"]  # type: ignore[arg-type]
        for _ in range(2)
    }
    assert len(ids) == 2
    assert all(re.fullmatch(r"[0-9a-f]{16}", own) for own in ids)


@pytest.mark.parametrize(
    ("verb", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/health", 405, "method_not_allowed"),
        ("GET", "/projects/", 404, "not_found"),
        ("GET", "/projects/NOT-A-SLUG", 400, "invalid"),
        ("GET", "/snippets/changes?limit=0", 400, "invalid"),
        ("GET", "/snippets/changes?unknown=1", 400, "invalid"),
        ("GET", "/projects?offset=99999999999999999999", 400, "invalid"),
    ],
)
def test_what_is_wrong_is_told_in_the_one_body(
    service: Service, verb: str, path: str, status: int, code: str
) -> None:
    response = service.client("ann").request(verb, path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert set(response.json()) == BODY


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/health", "GET"),
        ("/me", "GET"),
        ("/projects", "GET, POST"),
        ("/projects/current", "DELETE, GET, PATCH, PUT"),
        ("/projects/p/members/ann", "DELETE, PUT"),
    ],
)
def test_a_method_that_an_address_does_not_take_is_answered_with_those_it_takes(
    service: Service, path: str, methods: str
) -> None:
    response = service.client("ann").request("TRACE", path)
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert response.headers["allow"] == methods


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b'{"name": "n"}',
        b'{"name": "n", "cells": []}',
        b'{"name": "n", "cells": [{"source": "\\ud800"}]}',
        b'{"name": "\\u0000", "cells": [{"source": ""}]}',
        b'{"name": "n", "cells": [{"source": ""}], "extra": 1}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe",
    ],
)
def test_a_body_that_makes_no_sense_is_refused(service: Service, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = service.client("ann").post("/snippets", content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_nan_is_no_place(service: Service) -> None:
    ann = service.client("ann")
    snippet = ann.post("/snippets", json={"name": "n", "cells": [{"source": ""}]}).json()
    response = ann.patch(
        f"/snippets/{snippet['id']}/marks",
        content=b'{"position": NaN}',
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == 400


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused(service: Service, declared: bool) -> None:
    big = b"x" * (service.settings.max_body + 1)
    ann = service.client("ann")
    request = ann.build_request("POST", "/snippets", content=big)
    if not declared:
        del request.headers["content-length"]
    response = ann.send(request)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_sender_that_dawdles_is_refused(service: Service) -> None:
    token = service.hub.add("ann")
    limits = Limits(service.settings)

    async def ask() -> list[dict[str, object]]:
        sent: list[dict[str, object]] = []

        async def receive() -> dict[str, object]:
            await asyncio.sleep(1)
            return {"type": "http.request"}

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        headers = [(b"content-length", b"100"), (b"authorization", f"token {token}".encode())]
        scope = {"type": "http", "method": "POST", "path": f"{PREFIX}/api/snippets", "headers": headers, "query_string": b""}  # fmt: skip
        edge = http.RequestMiddleware(
            service.app,
            api=http.Api(f"{PREFIX}/api", lambda: RouteTable(declared_routes(service.app))),
            callers=http.Callers(service.app.state.authenticator, lambda _: ""),
            body=http.BodyRules(max_bytes=100, seconds=0.05),
            limits=limits,
            metrics=http.Metrics(),
            on_refusal=Refusals(service.database).add,
        )
        await edge(scope, receive, send)  # type: ignore[arg-type]
        return sent

    sent = asyncio.run(ask())
    assert sent[0]["status"] == 504


def test_what_nobody_foresaw_tells_no_details(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret detail")

    service.app.add_api_route("/broken", broken)
    with caplog.at_level(logging.ERROR):
        response = service.browser().get("/broken")
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert "secret detail" not in response.text
    assert "secret detail" in caplog.text


def test_the_access_log_has_no_query_and_no_token(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    ann = service.client("ann")
    with caplog.at_level(logging.DEBUG):
        ann.get("/snippets/changes", params={"cursor": "canary"})
        service.browser().get(f"{PREFIX}/oauth_callback", params={"code": "canary", "state": "s"})
    log = "".join(
        json.dumps(record.__dict__, default=str)
        for record in caplog.records
        if record.name.startswith("orrery")
    )
    assert "/snippets/changes" in log
    assert "canary" not in log
    assert ann.headers["authorization"].split()[1] not in log


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    verb=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["name", "slug", "cells", "scope", "role", "tags", "position"]),
                inner,
            )
        ),
        max_leaves=6,
    ),
)
def test_whatever_comes_the_answer_is_ours(
    service: Service, verb: str, path: str, body: object
) -> None:
    ann = service.client("ann")
    for base in ("/projects/", "/snippets/", "/projects/p/members/"):
        response = ann.request(verb, base + quote(path, safe=""), json=body)
        assert response.status_code < 500
        if response.status_code >= 400:
            assert set(response.json()) == BODY


def test_the_description_names_every_scope(service: Service) -> None:
    description = service.client("ann").get("/openapi.json").json()
    operations = {
        f"{verb} {path}": operation
        for path, verbs in description["paths"].items()
        for verb, operation in verbs.items()
    }
    without = {name for name, operation in operations.items() if "x-orrery-scope" not in operation}
    assert without == {
        f"get {PREFIX}/api/{name}" for name in ("announcements", "health", "metrics")
    }
    assert all("default" in o["responses"] for o in operations.values())
    assert service.anonymous().get("/openapi.json").status_code == 401


CANARY = "canary-hunter2-7f3a"
WRONG: tuple[tuple[str, str, object], ...] = (
    ("POST", "/projects", {"slug": f"{CANARY} no slug", "name": "n"}),
    ("POST", "/projects", {"slug": "s", "name": {"password": CANARY}}),
    ("POST", "/projects", {"slug": "s", "name": CANARY * 100}),
    ("POST", "/projects", {"slug": "s", "name": "n", "unknown": CANARY}),
    ("POST", "/projects", [CANARY]),
    ("PUT", "/projects/p/members/ben", {"role": CANARY}),
    ("POST", "/snippets", {"name": "n", "cells": CANARY}),
    ("POST", "/snippets", {"name": "n", "cells": [{"kind": CANARY, "source": "x"}]}),
    ("GET", f"/projects?limit={CANARY}", None),
)


def test_what_is_refused_is_not_repeated(service: Service) -> None:
    """A field that is wrong may hold a secret in the wrong place."""
    ann = service.client("ann")
    for verb, path, body in WRONG:
        response = ann.request(verb, path, json=body)
        assert response.status_code == 400, (verb, path, body, response.text)
        assert CANARY not in response.text, (path, body)
    half = ann.post("/projects", content=f'{{"slug": "{CANARY}"')
    assert (half.status_code, CANARY in half.text) == (400, False)
