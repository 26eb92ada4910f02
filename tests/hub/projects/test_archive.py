"""Category, labels, links, pins, archive and numbers of projects."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.hub.services import Service

SNIPPET = {"name": "s", "cells": [{"source": "1"}], "scope": "project", "project": "one"}


@pytest.fixture
def owner(service: Service) -> httpx.Client:
    client = service.client("owner")
    for slug in ("one", "two"):
        client.post("/projects", json={"slug": slug, "name": slug.title()}).raise_for_status()
    client.put("/projects/one/members/bob", json={"role": "editor"}).raise_for_status()
    return client


def slugs(client: httpx.Client, **query: Any) -> list[str]:
    page = client.get("/projects", params=query).json()
    assert page["total"] == len(page["items"])
    return [item["slug"] for item in page["items"]]


def whats(service: Service) -> list[str]:
    admin = service.client("root", admin=True)
    return [entry["what"] for entry in admin.get("/audit", params={"limit": 200}).json()["items"]]


def test_projects_are_sorted_by_category_and_labels(owner: httpx.Client) -> None:
    links = [{"title": "Board", "url": "https://board.example/x?y=1"}]
    patch = {"category": "Churn", "labels": ["eu", 'b"2%_', "eu"], "links": links}
    project = owner.patch("/projects/one", json=patch).json()
    assert (project["category"], project["labels"]) == ("Churn", ["eu", 'b"2%_'])
    assert project["links"] == links
    owner.patch("/projects/two", json={"labels": ["europe"]}).raise_for_status()
    assert slugs(owner, category="Churn") == ["one"]
    assert slugs(owner, category="churn\x00") == []
    assert slugs(owner, label="eu") == ["one"]
    assert slugs(owner, label='b"2%_') == ["one"]
    for part in ("e", "b", '"', "%", 'eu", "b'):
        assert slugs(owner, label=part) == []
    # What is not sent stays; an empty category is none.
    project = owner.patch("/projects/one", json={"category": ""}).json()
    assert (project["category"], project["labels"]) == (None, ["eu", 'b"2%_'])


@pytest.mark.parametrize(
    "patch",
    [
        {"links": [{"title": "x", "url": url}]}
        for url in ("javascript:alert(1)", "data:text/html,x", "//x", "https://a b", 'https://x"y')
    ]
    + [
        {"labels": [str(number) for number in range(21)]},
        {"labels": ["x" * 41]},
        {"labels": ["a\nb"]},
        {"category": "x\u202ey"},
        {"links": [{"title": "", "url": "https://x"}]},
    ],
)
def test_what_cannot_be_sorted_by_is_refused(owner: httpx.Client, patch: dict[str, Any]) -> None:
    assert owner.patch("/projects/one", json=patch).status_code == 400


def test_a_pin_is_ones_own_and_comes_first(service: Service, owner: httpx.Client) -> None:
    bob = service.client("bob")
    assert slugs(owner) == ["one", "sample", "two"]
    assert owner.put("/projects/two/pin").json()["pinned"] is True
    assert slugs(owner) == ["two", "one", "sample"]
    assert bob.put("/projects/one/pin").status_code == 200
    assert owner.get("/projects/one").json()["pinned"] is False
    for _ in range(2):
        assert owner.delete("/projects/two/pin").json()["pinned"] is False
    assert slugs(owner) == ["one", "sample", "two"]
    assert whats(service).count("projects.unpin") == 1


def test_an_archived_project_is_read_only_and_out_of_the_way(
    service: Service, owner: httpx.Client
) -> None:
    bob = service.client("bob")
    snippet = owner.post("/snippets", json=SNIPPET).json()["id"]
    bob.put("/projects/current", json={"slug": "one"}).raise_for_status()
    for _ in range(2):
        assert owner.post("/projects/one/archive").json()["archived"]
    assert slugs(owner) == ["sample", "two"]
    assert slugs(owner, archived=True) == ["one"]
    assert bob.get("/projects/current").json()["project"] is None
    assert owner.put("/projects/current", json={"slug": "one"}).status_code == 409
    # Everybody reads, nobody writes.
    for client in (owner, bob):
        assert client.get(f"/snippets/{snippet}/versions").status_code == 200
        assert client.delete(f"/snippets/{snippet}").status_code == 403
    for _ in range(2):
        assert owner.post("/projects/one/restore").json()["archived"] is None
    assert bob.get("/projects/current").json()["project"]["slug"] == "one"
    assert bob.delete(f"/snippets/{snippet}").status_code == 204
    names = whats(service)
    assert (names.count("projects.archive"), names.count("projects.restore")) == (1, 1)


def test_what_is_in_a_project_is_counted(service: Service, owner: httpx.Client) -> None:
    for _ in range(2):
        owner.post("/snippets", json=SNIPPET).raise_for_status()
    gone = owner.post("/snippets", json=SNIPPET).json()["id"]
    owner.delete(f"/snippets/{gone}").raise_for_status()
    owner.post("/projects/one/invitations", json={"user": "eve", "role": "viewer"})
    counts = service.client("bob").get("/projects/one/counts").json()["counts"]
    numbers = {item["what"]: item["count"] for item in counts}
    assert (numbers["members"], numbers["invitations"], numbers["snippets"]) == (2, 1, 2)
