"""Every route of a running server refuses a stranger, names its permission, and speaks of failures in one way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from orrery_hub import scopes as hub_scopes
from orrery_hub.app import CAPABILITIES
from orrery_kernels.client import Client, read_connection
from orrery_server.base.installed import capabilities
from orrery_server.base.status import CAPABILITY as STATUS
from orrery_wire.errors import NotFound
from orrery_wire.types.eda import EdaCalls
from orrery_wire.types.projects import ProjectsCalls
from orrery_wire.types.snippets import SnippetsCalls
from tests.security.labs import Lab
from tests.security.routes import Route

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "reference.md").read_text(encoding="utf-8")
BODY = {"code", "message", "reason", "remedy", "details", "request_id"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("contracts"), token="of-the-person")
    lab.start()
    yield lab
    lab.stop()


def routes(lab: Lab) -> list[Route]:
    found = lab.routes
    assert len(found) >= 30
    return found


def said(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer.content)
    assert body.keys() == BODY, answer.text
    assert body["message"]
    return body


def test_a_stranger_is_refused_everywhere(lab: Lab) -> None:
    with lab.client() as client:
        for route in routes(lab):
            for verb in sorted(route.verbs):
                answer = client.request(verb, route.path().lstrip("/"))
                assert answer.status_code in (401, 403), f"{verb} {route}"
                if verb != "HEAD":
                    assert said(answer)["code"] in ("unauthenticated", "forbidden")


def test_every_route_names_its_permission_and_is_documented(lab: Lab) -> None:
    documented = re.findall(
        r"^\| `(\w+) /orrery/(\S+)` \| `(orrery:\w+:\w+)` \| [^|]{10,}\|", PAGE, re.MULTILINE
    )
    known = {(verb, path): permission for verb, path, permission in documented}
    for route in routes(lab):
        assert re.fullmatch(r"orrery:[a-z]+", route.scope or ""), str(route)
        for verb in route.verbs & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            if "NotFoundHandler" in route.handler:
                continue
            path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", route.pattern.split("orrery/", 1)[1])
            path = path.replace("\\", "").rstrip("$")
            action = "write" if verb in route.changing else "read"
            assert known.pop((verb, path)) == f"{route.scope}:{action}"
    assert not known, "documented, and not served"


def test_every_refusal_of_a_known_person_has_the_one_body(lab: Lab) -> None:
    with lab.person() as client:
        for route in routes(lab):
            for verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                answer = client.request(verb, route.path().lstrip("/"), content=b"{")
                assert answer.status_code < 500, f"{verb} {route}: {answer.text}"
                if answer.status_code >= 400:
                    said(answer)
                if verb not in route.verbs:
                    assert answer.status_code == 405


def test_the_generated_calls_reach_the_routes(lab: Lab) -> None:
    client = Client(read_connection(lab.connection_file))
    snippets = SnippetsCalls(client)
    saved = snippets.create({"name": "Called", "cells": [{"kind": "code", "source": "x = 1"}]})
    assert snippets.get(saved["id"])["name"] == "Called"
    page = snippets.list({"q": "called", "scope": "mine", "tag": []})
    assert [snippet["id"] for snippet in page["items"]] == [saved["id"]]
    assert snippets.restore(saved["id"], 1)["version"] == 1
    snippets.delete(saved["id"])
    with pytest.raises(NotFound):
        snippets.get("x/../status")
    project = ProjectsCalls(client).current()["project"]
    assert project is None or project["role"] == "owner"
    assert EdaCalls(client).list_runs()["total"] == 0


def test_the_lab_serves_the_document_that_is_in_the_documentation(lab: Lab) -> None:
    with lab.person() as client:
        answer = client.get("orrery/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads((DOCS / "lab-api.json").read_text(encoding="utf-8"))
    operations = {
        (verb.upper(), path) for path, verbs in answer.json()["paths"].items() for verb in verbs
    }
    served = {
        (verb, re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", route.pattern.split("/orrery", 1)[1]))
        for route in routes(lab)
        for verb in route.verbs & {"GET", "POST", "PUT", "PATCH", "DELETE"}
        if "NotFoundHandler" not in route.handler
    }
    assert operations == {(verb, path.replace("\\", "").rstrip("$")) for verb, path in served}


def test_nothing_else_answers_below_orrery(lab: Lab) -> None:
    assert not [route.pattern for route in lab.other_routes if "/orrery" in route.pattern]
    handlers = {route.handler.rpartition(".")[2] for route in routes(lab)}
    assert handlers == {"RouteHandler", "NotFoundHandler"}


def test_every_permission_of_a_route_is_one_of_its_capability(lab: Lab) -> None:
    declared = {scope for one in (STATUS, *capabilities()) for scope in one.scopes}
    for scope in declared:
        assert re.fullmatch(r"orrery:[a-z]+:(read|write)", scope)
    assert {scope.rpartition(":")[0] for scope in declared} == {
        route.scope for route in routes(lab)
    }


def test_the_hubs_scopes_name_capabilities_or_the_platform() -> None:
    known = {capability.name for capability in (*capabilities(), *CAPABILITIES)} | {"platform"}
    assert {name.split(":")[2] for name in hub_scopes.NAMES} <= known
