"""Off-boarding in one action: planned first, done once, and what is left is named."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
import pytest

from orrery_hub.base import people
from orrery_hub.scopes import ACCESS, PLATFORM_ADMIN
from tests.hub.hubs import Hub
from tests.hub.services import Service


@pytest.fixture
def admin(service: Service) -> httpx.Client:
    client = service.client("root", admin=True)
    client.get("/me").raise_for_status()
    return client


def number(service: Service, name: str) -> int:
    with service.database.read() as session:
        row = people.find(session, name)
        assert row is not None
        return row.id


def states(report: dict[str, Any]) -> dict[str, tuple[int, str]]:
    return {item["what"]: (item["count"], item["state"]) for item in report["items"]}


@pytest.fixture
def leaver(service: Service, admin: httpx.Client) -> int:
    ann, bob = service.client("ann"), service.client("bob")
    bob.get("/me").raise_for_status()
    for slug in ("alone", "shared"):
        ann.post("/projects", json={"slug": slug, "name": slug}).raise_for_status()
    ann.put("/projects/shared/members/bob", json={"role": "owner"}).raise_for_status()
    ann.post("/snippets", json={"name": "s", "cells": [{"source": "1"}]}).raise_for_status()
    person = number(service, "ann")
    admin.put(f"/access/people/{person}/roles/ml-engineer").raise_for_status()
    return person


def test_a_plan_says_all_and_changes_nothing(
    service: Service, admin: httpx.Client, leaver: int
) -> None:
    before = admin.get("/audit").json()["total"]
    for _ in range(2):
        plan = admin.get(f"/people/{leaver}/offboarding").json()
        assert (plan["name"], plan["is_done"]) == ("ann", False)
        assert states(plan) == {
            "account": (1, "planned"),
            "servers": (0, "none"),
            "tokens": (0, "planned"),
            "shares": (0, "planned"),
            "memberships": (2, "planned"),
            "invitations": (0, "none"),
            "projects": (1, "left"),
            "budgets": (0, "none"),
            "budget requests": (0, "none"),
            "roles": (1, "planned"),
            "snippets": (1, "left"),
            "leases": (0, "none"),
            "requests": (0, "none"),
            "home": (1, "left"),
            "log-in": (1, "left"),
        }
    details = {item["what"]: item["detail"] for item in plan["items"]}
    assert "alone" in details["projects"]
    assert "users/ann" in details["home"]
    assert "shared password" in details["log-in"]
    assert admin.get("/audit").json()["total"] == before
    assert service.client("ann").get("/projects/alone").status_code == 200


def test_who_leaves_is_out_and_a_new_person_of_the_name_has_nothing(
    service: Service, admin: httpx.Client, leaver: int
) -> None:
    report = admin.post(f"/people/{leaver}/offboarding", json={}).json()
    assert report["is_done"]
    done = states(report)
    assert done["memberships"] == (2, "done")
    assert done["projects"] == (1, "left")
    assert "ann" not in service.hub.created
    again = admin.post(f"/people/{leaver}/offboarding", json={})
    assert again.status_code == 404
    assert [p["slug"] for p in admin.get("/ownerless-projects").json()["items"]] == ["alone"]
    (entry,) = admin.get("/audit", params={"what": "people.offboard"}).json()["items"]
    assert (entry["who"], entry["on"]) == ("root", f"{leaver}/ann")
    assert entry["after"]["memberships"] == 2
    new = service.client("ann")
    assert {p["slug"] for p in new.get("/me").json()["projects"]} == {"sample"}
    assert [r["source"] for r in new.get("/me/permissions").json()["roles"]] == ["default"]


def test_a_successor_gets_projects_and_snippets(
    service: Service, admin: httpx.Client, leaver: int
) -> None:
    successor = {"successor": number(service, "bob")}
    done = states(admin.post(f"/people/{leaver}/offboarding", json=successor).json())
    assert done["projects"] == (0, "none")
    assert done["snippets"] == (0, "none")
    bob = service.client("bob")
    assert bob.get("/projects/alone").json()["role"] == "owner"
    assert [s["name"] for s in bob.get("/snippets/changes").json()["upserts"]] == ["s"]


def test_nobody_off_boards_himself_or_hands_over_to_nobody(
    service: Service, admin: httpx.Client, leaver: int
) -> None:
    mine = number(service, "root")
    assert admin.post(f"/people/{mine}/offboarding", json={}).status_code == 409
    ann = service.client("ann")
    ann.put("/projects/alone/members/nobody-yet", json={"role": "viewer"}).raise_for_status()
    invited = number(service, "nobody-yet")
    for successor, status in ((leaver, 409), (2**31 - 1, 404), (invited, 409)):
        body = {"successor": successor}
        assert admin.post(f"/people/{leaver}/offboarding", json=body).status_code == status
    assert service.client("ann").get("/projects/alone").status_code == 200


def test_while_jupyterhub_is_away_nothing_is_done(
    service: Service, admin: httpx.Client, leaver: int
) -> None:
    admin.get("/me")
    service.hub.away = True
    response = admin.post(f"/people/{leaver}/offboarding", json={})
    assert response.status_code == 503
    service.hub.away = False
    assert service.client("ann").get("/projects/alone").status_code == 200


def test_servers_tokens_and_sessions_end_at_a_real_jupyterhub(hub: Hub) -> None:
    name = "leaver"
    with hub.client(name) as ann:
        ann.get("/me").raise_for_status()
        hub.call("POST", f"/users/{name}/server")
        token = hub.call("POST", f"/users/{name}/tokens", json={"note": "mine"}).json()["token"]
        until = time.monotonic() + 30
        while not hub.call("GET", f"/users/{name}").json()["servers"].get("", {}).get("ready"):
            assert time.monotonic() < until
            time.sleep(0.1)
        with hub.client("root", [ACCESS, PLATFORM_ADMIN]) as root:
            people_ = root.get("/people", params={"q": name}).json()["items"]
            person = next(item["id"] for item in people_ if item["name"] == name)
            plan = states(root.get(f"/people/{person}/offboarding").json())
            assert plan["servers"] == (1, "planned")
            assert plan["tokens"][0] >= 2
            report = root.post(f"/people/{person}/offboarding", json={})
            assert report.status_code == 200, report.text
            entry = root.get("/audit", params={"what": "people.offboard", "limit": 1}).json()
            assert re.fullmatch(rf"{person}/{name}", entry["items"][0]["on"])
        assert hub.call("GET", f"/users/{name}").status_code == 404
        headers = {"Authorization": f"token {token}"}
        assert httpx.get(f"{hub.api}/user", headers=headers, trust_env=False).status_code == 403
        until = time.monotonic() + 10
        while ann.get("/me").status_code != 401:
            assert time.monotonic() < until, "the token still works"
            time.sleep(0.2)
