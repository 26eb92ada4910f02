"""Roles at the hub, their permissions, and what groups at the log-in provider give."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, get_args

import httpx
import pytest

from orrery_hub.access import schemas, store
from orrery_hub.access.enforcement import Access
from orrery_hub.access.roles import ROLES
from orrery_hub.base import people
from orrery_hub.base.contracts import Standing, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.metrics import Metrics
from orrery_hub.projects.service import ProjectService
from orrery_hub.projects.store import memberships, set_provider_roles
from orrery_hub.scopes import NAMES, PUBLISH
from tests.hub.services import USER, Service, make_user

WRITE = "custom:orrery:snippets:write"
CREATE = "custom:orrery:projects:create"
DEV, OPS = "idp:group:/team/dev", "idp:role:Ops"


@pytest.fixture
def admin(service: Service) -> httpx.Client:
    client = service.client("root", admin=True)
    client.get("/me").raise_for_status()
    return client


def person_id(service: Service, name: str) -> int:
    with service.database.read() as session:
        row = people.find(session, name)
        assert row is not None
        return row.id


def create(client: httpx.Client, slug: str) -> httpx.Response:
    return client.post("/projects", json={"slug": slug, "name": slug})


def roles_in(client: httpx.Client) -> dict[str, str]:
    return {item["slug"]: item["role"] for item in client.get("/me").json()["projects"]}


def test_the_roles_of_the_code_and_of_the_shapes_are_the_same() -> None:
    assert {role.name for role in ROLES} == set(get_args(schemas.AnyRole))
    assert set(get_args(schemas.AnyRole)) - {"admin"} == set(get_args(schemas.RoleName))


def test_everybody_develops_until_an_administrator_says_otherwise(
    service: Service, admin: httpx.Client
) -> None:
    ann = service.client("ann")
    assert create(ann, "one").status_code == 201
    path = f"/access/people/{person_id(service, 'ann')}/roles"
    assert admin.put(f"{path}/viewer").json()["roles"] == [
        {"role": "viewer", "source": "assigned", "claim": ""}
    ]
    refused = create(ann, "two")
    assert refused.status_code == 403
    assert f"{CREATE}, which your role at the hub does not have" in refused.json()["reason"]
    assert ann.get("/projects/one").status_code == 200
    assert ann.patch("/projects/one", json={"name": "Mine"}).status_code == 200  # an owner is one
    # Roles add up.
    admin.put(f"{path}/ml-engineer").raise_for_status()
    assert create(ann, "two").status_code == 201
    for role in ("viewer", "ml-engineer"):
        assert admin.delete(f"{path}/{role}").status_code == 200
    entries = admin.get("/audit", params={"limit": 20}).json()["items"]
    whats = [(entry["what"], entry["after"]) for entry in entries if "access.role" in entry["what"]]
    assert whats == [
        ("access.role.take", {"role": "ml-engineer"}),
        ("access.role.take", {"role": "viewer"}),
        ("access.role.give", {"role": "ml-engineer"}),
        ("access.role.give", {"role": "viewer"}),
    ]


def test_publishing_is_for_those_whose_role_publishes(
    service: Service, admin: httpx.Client
) -> None:
    holds = frozenset({*USER, PUBLISH})
    ann = service.client("ann", holds=holds)
    snippet = {"name": "s", "cells": [{"source": "1"}], "scope": "everyone"}
    assert ann.post("/snippets", json=snippet).status_code == 403
    assert PUBLISH not in ann.get("/me").json()["scopes"]
    admin.put(f"/access/people/{person_id(service, 'ann')}/roles/ml-engineer").raise_for_status()
    assert ann.post("/snippets", json=snippet).status_code == 201
    assert PUBLISH in ann.get("/me").json()["scopes"]


def test_a_changed_permission_counts_with_the_next_request(
    service: Service, admin: httpx.Client
) -> None:
    ann = service.client("ann")
    snippet = {"name": "s", "cells": [{"source": "1"}]}
    path = f"/access/roles/data-scientist/permissions/{WRITE}"
    for allowed, status in ((True, 201), (False, 403), (True, 201)):
        role = admin.put(path, json={"allowed": allowed}).json()
        assert (WRITE in role["permissions"]) is allowed
        assert ann.post("/snippets", json=snippet).status_code == status
    entries = admin.get("/audit", params={"what": "access.role.permission"}).json()["items"]
    assert [entry["after"]["allowed"] for entry in entries] == [True, False]
    table = admin.get("/access/roles").json()
    assert [role["name"] for role in table["roles"] if role["is_default"]] == ["data-scientist"]
    assert {p["name"] for p in table["permissions"]} == NAMES


@pytest.mark.parametrize(
    ("role", "permission", "status"),
    [
        ("admin", WRITE, 400),
        ("ml-engineer", "custom:orrery:platform:admin", 400),
        ("viewer", "custom:orrery:none:read", 404),
        ("nobody", WRITE, 400),
    ],
)
def test_what_cannot_be_changed_is_refused(
    admin: httpx.Client, role: str, permission: str, status: int
) -> None:
    path = f"/access/roles/{role}/permissions/{permission}"
    assert admin.put(path, json={"allowed": False}).status_code == status


def test_who_administers_is_never_locked_out(service: Service, admin: httpx.Client) -> None:
    admin.put(f"/access/people/{person_id(service, 'root')}/roles/viewer").raise_for_status()
    assert create(admin, "mine").status_code == 201
    roles = admin.get("/me/permissions").json()["roles"]
    assert [(role["role"], role["source"]) for role in roles] == [
        ("admin", "administrator"),
        ("viewer", "assigned"),
    ]


def test_mapped_groups_give_roles_beside_what_owners_gave(
    service: Service, admin: httpx.Client
) -> None:
    owner = service.client("owner")
    for slug in ("one", "two"):
        assert create(owner, slug).status_code == 201
    owner.put("/projects/one/members/ann", json={"role": "viewer"})
    body = {"kind": "group", "value": "/team/dev", "role": "editor"}
    ids = [
        admin.post("/access/mappings", json=body | {"project": slug}).json()["id"]
        for slug in ("one", "two")
    ]
    ann = service.client("ann", groups=[DEV, "orrery-admins-not", "other"])
    assert roles_in(ann) == {"one": "editor", "two": "editor", "sample": "editor"}
    assert ann.get("/me/permissions").json()["claims"] == [DEV]
    # What the provider gives is not the owners' to take away or to lower; they may give more.
    assert owner.delete("/projects/two/members/ann").status_code == 409
    lower = owner.put("/projects/one/members/ann", json={"role": "viewer"})
    assert lower.status_code == 409
    assert "log-in provider makes 'ann' editor" in lower.json()["message"]
    assert owner.put("/projects/two/members/ann", json={"role": "owner"}).status_code == 200
    # Another log-in, without the group: what the owners gave stays.
    ann = service.client("ann")
    assert roles_in(ann) == {"one": "viewer", "two": "owner", "sample": "editor"}
    ann = service.client("ann", groups=[DEV])
    assert roles_in(ann)["one"] == "editor"
    assert admin.get("/access/mappings").json()["items"][0]["people"] == 1
    # A mapping that ends takes away what it gave.
    for id_ in ids:
        assert admin.delete(f"/access/mappings/{id_}").status_code == 204
    assert roles_in(ann) == {"one": "viewer", "two": "owner", "sample": "editor"}
    whats = [e["what"] for e in admin.get("/audit", params={"limit": 50}).json()["items"]]
    assert whats.count("access.claim.give") == whats.count("access.claim.take") == 4


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "group", "value": "/x", "project": "none", "role": "editor"}, 404),
        ({"kind": "group", "value": "/x", "project": "sample", "role": "ml-engineer"}, 400),
        ({"kind": "role", "value": "x", "project": None, "role": "owner"}, 400),
        ({"kind": "role", "value": "x", "project": None, "role": "admin"}, 400),
        ({"kind": "other", "value": "x", "project": None, "role": "viewer"}, 400),
        ({"kind": "role", "value": "", "project": None, "role": "viewer"}, 400),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(
    admin: httpx.Client, body: dict[str, Any], status: int
) -> None:
    assert admin.post("/access/mappings", json=body).status_code == status


def test_a_mapping_is_made_once(admin: httpx.Client) -> None:
    body = {"kind": "role", "value": "Ops", "role": "production-engineer"}
    assert admin.post("/access/mappings", json=body).status_code == 201
    assert admin.post("/access/mappings", json=body).status_code == 409
    (mapping,) = admin.get("/access/mappings").json()["items"]
    assert (mapping["kind"], mapping["value"], mapping["project"]) == ("role", "Ops", None)


def test_a_role_at_the_hub_comes_with_an_app_role(service: Service, admin: httpx.Client) -> None:
    body = {"kind": "role", "value": "Ops", "role": "production-engineer"}
    admin.post("/access/mappings", json=body).raise_for_status()
    ann = service.client("ann", groups=[OPS])
    assert create(ann, "one").status_code == 403
    (role,) = ann.get("/me/permissions").json()["roles"]
    assert (role["source"], role["claim"]) == ("claim", OPS)
    steps = admin.get(
        "/access/explain", params={"user": "ann", "action": "projects.create"}
    ).json()["steps"]
    assert [step["is_met"] for step in steps] == [False]
    assert "production-engineer" in steps[0]["why"]


def test_the_name_that_somebody_else_gets_has_none_of_the_roles(
    service: Service, admin: httpx.Client
) -> None:
    body = {"kind": "role", "value": "Ops", "role": "ml-engineer"}
    admin.post("/access/mappings", json=body).raise_for_status()
    service.client("ann", groups=[OPS]).get("/me")
    admin.put(f"/access/people/{person_id(service, 'ann')}/roles/viewer").raise_for_status()
    service.hub.created["ann"] += timedelta(days=1)
    again = service.client("ann")
    assert [r["source"] for r in again.get("/me/permissions").json()["roles"]] == ["default"]


def test_what_is_explained_names_role_group_and_claim(
    service: Service, admin: httpx.Client
) -> None:
    owner = service.client("owner")
    create(owner, "one")
    body = {"kind": "group", "value": "/team/dev", "project": "one", "role": "owner"}
    admin.post("/access/mappings", json=body).raise_for_status()
    service.client("ann", groups=[DEV]).get("/me").raise_for_status()

    def explain(user: str, action: str, target: str = "") -> dict[str, Any]:
        query = {"user": user, "action": action, "object": target}
        result: dict[str, Any] = admin.get("/access/explain", params=query).json()
        return result

    nobody = explain("nobody", "projects.create")
    assert (nobody["is_allowed"], nobody["steps"][0]["what"]) == (False, "has an account")
    mine = explain("owner", "projects.update", "one")
    assert mine["is_allowed"]
    assert [step["why"] for step in mine["steps"]] == [
        "By role data-scientist, which everybody has to whom no other was given.",
        "As owner, by the project's owners.",
        "So the membership says.",
    ]
    root = explain("root", "audit.audit")
    assert "because the account administers the hub" in root["steps"][0]["why"]
    assert admin.get("/access/explain", params={"user": "a", "action": "x"}).status_code == 404


def test_a_person_who_asks_often_is_decided_once(sqlite: Database) -> None:
    ann = make_user("ann")
    access = Access(
        sqlite, provider_roles=set_provider_roles, record=no_record, metrics=Metrics(), seconds=60
    )
    count = 0
    decide = access._decide

    def counted(*words: Any) -> frozenset[str]:
        nonlocal count
        count += 1
        return decide(*words)

    access._decide = counted  # type: ignore[method-assign]
    standing = Standing("ann")

    async def ask() -> None:
        for _ in range(5):
            assert await access.allowed(ann.person_id, standing) == USER
        access.forget()
        await access.allowed(ann.person_id, standing)
        await access.allowed(ann.person_id, Standing("ann", groups=frozenset({DEV})))

    asyncio.run(ask())
    assert count == 3


def test_the_background_gives_a_new_mapping_to_those_who_do_not_come(sqlite: Database) -> None:
    ann = make_user("ann")
    access = Access(sqlite, provider_roles=set_provider_roles, record=no_record, metrics=Metrics())
    access.follow(ann.person_id, Standing("ann", groups=frozenset({DEV})))
    with sqlite.write() as session:
        row = ProjectService._add(session, "one", "One", "", people.now())
        session.add(store.ClaimMappingRow(claim=DEV, project_id=row.id, role="viewer"))

    async def run() -> None:
        task = asyncio.create_task(access.run())
        for _ in range(200):
            await asyncio.sleep(0.02)
            with sqlite.read() as session:
                if [role for _, _, role in memberships(session, ann.person_id)] == ["viewer"]:
                    break
        else:
            raise AssertionError("nobody got the role")
        task.cancel()

    asyncio.run(run())


@pytest.mark.parametrize("groups", [(), ("idp:group:admins",), ("idp:group:others",)])
def test_who_administers_by_a_group_is_told_so(
    service: Service, monkeypatch: pytest.MonkeyPatch, groups: tuple[str, ...]
) -> None:
    """What is shown, what a token may carry and what is allowed are one decision."""
    permissions: Any = service.app.state.authenticator._permissions
    monkeypatch.setattr(permissions, "_administrator_groups", frozenset({"idp:group:admins"}))
    ann = service.client("ann", groups=groups)
    shown = ann.get("/me/permissions").json()
    administers = "admins" in "".join(groups)
    assert ("administrator" in {role["source"] for role in shown["roles"]}) is administers
