"""The wire of snippets, through a real Jupyter server."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from orrery_server.snippets.schemas import Export, ImportJob, Library, Scan, Snippet, SnippetPage
from orrery_wire.snippets import Versions

Ask = Callable[..., Awaitable[HTTPResponse]]
DRAFT = {"name": "Own", "cells": [{"source": "import numpy"}], "tags": ["x"]}


@pytest.fixture
def ask(jp_fetch: Callable[..., Awaitable[HTTPResponse]]) -> Ask:
    async def ask(method: str, path: str, body: object = None, **query: object) -> HTTPResponse:
        text = None if body is None else json.dumps(body)
        return await jp_fetch(
            "orrery",
            *path.split("/"),
            method=method,
            params=query,
            body=text,
            allow_nonstandard_methods=True,
        )

    return ask


def body(problem: pytest.ExceptionInfo[HTTPClientError]) -> dict[str, Any]:
    response = problem.value.response
    assert response is not None
    said: dict[str, Any] = json.loads(response.body)
    assert said.keys() == {"code", "message", "reason", "remedy", "details", "request_id"}
    return said


async def test_a_snippets_life(ask: Ask) -> None:
    made = await ask("POST", "snippets", DRAFT)
    assert made.code == 201
    one = Snippet.model_validate_json(made.body)
    page = SnippetPage.model_validate_json((await ask("GET", "snippets", q="own", tag="x")).body)
    assert [found.id for found in page.items] == [one.id]
    assert {facet.value for facet in page.facets.scopes} == {"mine", "library"}
    path = f"snippets/{one.id}"
    changed = await ask("PUT", path, {**DRAFT, "name": "New", "base_version": 1})
    assert Snippet.model_validate_json(changed.body).version == 2
    kept = Versions.model_validate_json((await ask("GET", f"{path}/versions")).body)
    assert [v.version for v in kept.items] == [2, 1]
    back = await ask("POST", f"{path}/versions/1/restore", {})
    assert Snippet.model_validate_json(back.body).name == "Own"
    marked = await ask("PATCH", f"{path}/marks", {"favourite": True, "used": True})
    assert Snippet.model_validate_json(marked.body).uses == 1
    assert (await ask("DELETE", path)).code == 204
    with pytest.raises(HTTPClientError) as caught:
        await ask("GET", path)
    assert (caught.value.code, body(caught)["code"]) == (404, "not_found")
    assert (await ask("POST", f"{path}/undelete", {})).code == 200
    assert Snippet.model_validate_json((await ask("GET", path)).body).favourite


async def test_a_conflict_brings_both_texts(ask: Ask) -> None:
    one = Snippet.model_validate_json((await ask("POST", "snippets", DRAFT)).body)
    await ask("PUT", f"snippets/{one.id}", {**DRAFT, "name": "Theirs"})
    with pytest.raises(HTTPClientError) as caught:
        await ask("PUT", f"snippets/{one.id}", {**DRAFT, "name": "Mine", "base_version": 1})
    said = body(caught)
    assert (caught.value.code, said["code"]) == (409, "conflict")
    assert said["details"]["current"]["name"] == "Theirs"
    assert said["details"]["base"]["name"] == "Own"


async def test_files_go_in_and_out(ask: Ask) -> None:
    file = {"name": "a.code-snippets", "content": '{"Loop": {"body": "for"}, "Bad": {}}'}
    job = ImportJob.model_validate_json(
        (await ask("POST", "snippets/import", {"files": [file]})).body
    )
    report = job.report
    assert job.state == "done"
    assert report is not None
    assert [one.name for one in report.created] == ["Loop"]
    assert [one.name for one in report.failed] == ["Bad"]
    made = Export.model_validate_json(
        (await ask("GET", "snippets/export", id=report.created[0].id, format="elyra")).body
    )
    assert json.loads(made.files[0].content)["display_name"] == "Loop"


async def test_a_scan_finds_a_secret_and_a_save_refuses_it(ask: Ask) -> None:
    cells = [{"source": 'password = "hunter2asdf"'}]
    found = Scan.model_validate_json((await ask("POST", "snippets/scan", {"cells": cells})).body)
    assert len(found.findings) == 1
    with pytest.raises(HTTPClientError) as caught:
        await ask("POST", "snippets", {"name": "A", "cells": cells})
    assert (caught.value.code, body(caught)["code"]) == (422, "secret_found")


async def test_libraries(ask: Ask) -> None:
    page = json.loads((await ask("GET", "snippets/libraries")).body)
    assert [one["name"] for one in page["items"]] == ["orrery"]
    wanted = {"name": "team", "url": "file:///nowhere/at/all"}
    made = await ask("POST", "snippets/libraries", wanted)
    assert made.code == 201
    assert Library.model_validate_json(made.body).state == "never"
    assert (await ask("DELETE", "snippets/libraries/team/refresh")).code == 204
    again = await ask("POST", "snippets/libraries/team/refresh", {})
    assert again.code == 202
    assert Library.model_validate_json(again.body).state == "refreshing"
    assert (await ask("DELETE", "snippets/libraries/team")).code == 204
    with pytest.raises(HTTPClientError) as caught:
        await ask("POST", "snippets/libraries/team/refresh", {})
    assert body(caught)["code"] == "not_found"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "name"),
        ({**DRAFT, "name": ""}, "name"),
        ({**DRAFT, "name": "a\nb"}, "name"),
        ({**DRAFT, "cells": []}, "cells"),
        ({**DRAFT, "cells": [{"kind": "x", "source": ""}]}, "cells.0.kind"),
        ({**DRAFT, "surprise": 1}, "surprise"),
        ({**DRAFT, "allow_secrets": "yes"}, "allow_secrets"),
        ({**DRAFT, "prefixes": ["a\nb"]}, "prefixes.0"),
        ({**DRAFT, "prefix": "a\nb"}, "prefixes.0"),
        ({**DRAFT, "tags": ["a,b"]}, "tags.0"),
    ],
)
async def test_what_cannot_be_used_is_named(ask: Ask, sent: object, field: str) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await ask("POST", "snippets", sent)
    said = body(caught)
    assert (caught.value.code, said["code"]) == (400, "invalid")
    assert field in [one["field"] for one in said["details"]["fields"]]


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "201"}, {"offset": "-1"}, {"sort": "x"}, {"scope": "x"}, {"x": "1"}],
)
async def test_a_query_that_cannot_be_used_is_refused(ask: Ask, query: dict[str, str]) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await ask("GET", "snippets", **query)
    assert body(caught)["code"] == "invalid"


async def test_an_id_is_one_part_of_an_address(ask: Ask) -> None:
    for path in ("snippets/..%2F..%2Fx", "snippets/%00", "snippets/a%20b", "snippets/" + "a" * 500):
        with pytest.raises(HTTPClientError) as caught:
            await ask("GET", path)
        assert caught.value.code in (400, 404)
        body(caught)
