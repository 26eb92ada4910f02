"""What an administrator sees of the projects of the hub."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from orrery_hub.base import people
from tests.hub.services import Service


@pytest.fixture
def admin(service: Service) -> httpx.Client:
    """An administrator of a hub with three projects: in use, deleted, and left by its owner."""
    for owner, slug in (("ann", "alpha"), ("bob", "beta"), ("eve", "gamma")):
        client = service.client(owner)
        client.post("/projects", json={"slug": slug, "name": slug.title()}).raise_for_status()
        client.put(f"/projects/{slug}/members/zoe", json={"role": "viewer"}).raise_for_status()
    service.client("bob").delete("/projects/beta").raise_for_status()
    with service.database.write() as session:
        people.end(session, people.find(session, "eve"))  # type: ignore[arg-type]
    return service.client("root", admin=True)


def projects(admin: httpx.Client, **query: object) -> list[dict[str, Any]]:
    response = admin.get("/admin/projects", params=query)  # type: ignore[arg-type]
    assert response.status_code == 200, response.text
    return [item for item in response.json()["items"] if item["slug"] != "sample"]


def test_states_orders_and_what_is_shown(admin: httpx.Client) -> None:
    by_state = {
        state: [item["slug"] for item in projects(admin, state=state)]
        for state in ("all", "in_use", "deleted", "ownerless")
    }
    assert by_state == {
        "all": ["alpha", "beta", "gamma"],
        "in_use": ["alpha", "gamma"],
        "deleted": ["beta"],
        "ownerless": ["gamma"],
    }
    (alpha,) = projects(admin, q="ALPH")
    assert (alpha["owners"], alpha["members"], alpha["purge_after"]) == (["ann"], 2, None)
    (beta,) = projects(admin, state="deleted")
    assert beta["purge_after"] > beta["deleted"]
    orders = ("name", "slug", "created", "updated", "deleted", "members")
    for sort in orders:
        assert len(projects(admin, sort=sort, state="all", descending=True)) == 3
    slugs = [item["slug"] for item in projects(admin, sort="slug", descending=True)]
    assert slugs == ["gamma", "alpha"]


def test_members_of_any_project_and_bringing_it_back(admin: httpx.Client) -> None:
    members = admin.get("/admin/projects/beta/members").json()
    assert [item["user"] for item in members["items"]] == ["bob", "zoe"]
    assert admin.post("/admin/projects/beta/undelete").json()["deleted"] is None
    assert projects(admin, state="deleted") == []
    for path in ("/admin/projects/none/members", "/admin/projects/none/undelete"):
        verb = "GET" if path.endswith("members") else "POST"
        assert admin.request(verb, path).status_code == 404


def test_people_are_listed_with_projects_and_by_them(admin: httpx.Client) -> None:
    def names(**query: object) -> list[str]:
        items = admin.get("/people", params=query).json()["items"]  # type: ignore[arg-type]
        return [item["name"] for item in items]

    assert set(names(project="alpha")) == {"ann", "zoe"}
    assert names(sort="projects", descending=True)[0] == "zoe"
    for sort in ("name", "created", "first_visit", "ended"):
        assert len(names(sort=sort)) >= 5
    everybody = {item["name"]: item for item in admin.get("/people").json()["items"]}
    zoe = admin.get(f"/people/{everybody['zoe']['id']}").json()
    assert [item["slug"] for item in zoe["projects"]] == ["alpha", "gamma"]
    assert admin.get("/people/999999").status_code == 404
