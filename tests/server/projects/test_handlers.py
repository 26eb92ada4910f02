"""The wire of projects, through a real Jupyter server."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse

from orrery_server.projects.schemas import Home
from orrery_wire.projects import Current, Project

Fetch = Callable[..., Awaitable[HTTPResponse]]


async def ask(fetch: Fetch, method: str, path: str, body: object = None) -> HTTPResponse:
    text = None if body is None else json.dumps(body)
    path, _, query = path.partition("?")
    return await fetch(
        "orrery",
        *path.split("/"),
        method=method,
        body=text,
        params=dict(parse_qsl(query)),
        allow_nonstandard_methods=True,
    )


async def test_a_projects_life(jp_fetch: Fetch) -> None:
    made = await ask(jp_fetch, "POST", "projects", {"slug": "p", "name": "P"})
    assert made.code == 201
    project = Project.model_validate_json(made.body)
    page = json.loads((await ask(jp_fetch, "GET", "projects")).body)
    assert [one["slug"] for one in page["items"]] == ["personal", "p"]
    chosen = await ask(jp_fetch, "PUT", "projects/current", {"slug": "p"})
    assert Current.model_validate_json(chosen.body).project == project
    current = await ask(jp_fetch, "GET", "projects/current")
    assert Current.model_validate_json(current.body).project == project
    assert Project.model_validate_json((await ask(jp_fetch, "GET", "projects/p")).body) == project
    members = json.loads((await ask(jp_fetch, "GET", "projects/p/members")).body)
    assert members["total"] == 1
    home = Home.model_validate_json((await ask(jp_fetch, "GET", "projects/home")).body)
    assert home.project == project
    changed = await ask(jp_fetch, "PATCH", "projects/p", {"name": "Q"})
    assert Project.model_validate_json(changed.body).name == "Q"
    storage = json.loads((await ask(jp_fetch, "GET", "projects/p/storage")).body)
    (lake,) = storage["places"]
    assert (lake["kind"], lake["location"]) == ("lake", project.lake)
    assert (await ask(jp_fetch, "DELETE", "projects/p")).code == 204
    deleted = json.loads((await ask(jp_fetch, "GET", "projects?deleted=true")).body)
    assert [item["slug"] for item in deleted["items"]] == ["p"]
    back = await ask(jp_fetch, "POST", "projects/p/undelete")
    assert Project.model_validate_json(back.body).name == "Q"
    assert (await ask(jp_fetch, "DELETE", "projects/p")).code == 204
    assert (await ask(jp_fetch, "POST", "projects/p/purge")).code == 204
    deleted = json.loads((await ask(jp_fetch, "GET", "projects?deleted=true")).body)
    assert deleted["items"] == []


@pytest.mark.parametrize(
    "name",
    ["..", ".", "%2e%2e", "%2E.", ".%2e", "%2e", "%2F", "a%2Fb", "%20a", "a%0A", "a%E2%80%8B"],
)
async def test_a_name_that_is_no_name_leaves_the_project(
    jp_fetch: Fetch,
    http_server_client: AsyncHTTPClient,
    jp_auth_header: dict[str, str],
    jp_base_url: str,
    name: str,
) -> None:
    await ask(jp_fetch, "POST", "projects", {"slug": "p", "name": "P"})
    for method, path, is_user_name in (
        ("DELETE", f"projects/p/members/{name}", True),
        ("PUT", f"projects/p/members/{name}", True),
        ("DELETE", f"projects/{name}", True),
        ("GET", f"projects/{name}/members", True),
        ("DELETE", f"snippets/{name}", False),
        ("GET", f"snippets/{name}/versions", False),
        ("DELETE", f"snippets/libraries/{name}", False),
        ("DELETE", f"eda/runs/{name}", False),
    ):
        with pytest.raises(HTTPClientError) as caught:
            await http_server_client.fetch(
                f"{jp_base_url}orrery/{path}",
                method=method,
                headers=jp_auth_header,
                body='{"role": "viewer"}' if method == "PUT" else None,
                allow_nonstandard_methods=True,
            )
        assert caught.value.code in ((400,) if is_user_name else (400, 404)), (method, path)
    assert (await ask(jp_fetch, "GET", "projects/p")).code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", "projects/none", None, 404),
        ("GET", "projects/none/members", None, 404),
        ("DELETE", "projects/none", None, 404),
        ("DELETE", "projects/personal", None, 403),
        ("PATCH", "projects/none", {"name": "x"}, 404),
        ("PATCH", "projects/personal", {"name": "x"}, 403),
        ("PATCH", "projects/personal", {"name": ""}, 400),
        ("PATCH", "projects/personal", {"role": "owner"}, 400),
        ("POST", "projects/none/undelete", None, 404),
        ("POST", "projects/none/purge", None, 404),
        ("POST", "projects/personal/purge", None, 403),
        ("GET", "projects/none/storage", None, 404),
        ("PUT", "projects/current", {"slug": "none"}, 404),
        ("PUT", "projects/current", {}, 400),
        ("PUT", "projects/personal/members/ann", {"role": "editor"}, 400),
        ("PUT", "projects/personal/members/ann", {"role": "king"}, 400),
        ("DELETE", "projects/personal/members/ann", None, 400),
        ("POST", "projects", {"slug": "A B", "name": "x"}, 400),
        ("POST", "projects", {"slug": "personal", "name": "x"}, 409),
    ],
)
async def test_refusals(jp_fetch: Fetch, method: str, path: str, body: object, code: int) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await ask(jp_fetch, method, path, body)
    assert caught.value.code == code
    assert caught.value.response is not None
    said = json.loads(caught.value.response.body)
    assert said["message"]
    assert said["request_id"]
