"""Off-boarding in one action: planned first, done once, and what is left is named."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from orrery_hub.base import people
from orrery_hub.base.bulk import BulkItem
from orrery_hub.base.db import now
from orrery_hub.people import hub_accounts, offboarding
from orrery_hub.scopes import ACCESS, PLATFORM_ADMIN
from orrery_wire.errors import BackendUnavailable, OrreryError
from tests.hub.hubs import Hub
from tests.hub.services import Service, created_of


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
            "connections": (0, "none"),
            "datasets": (0, "none"),
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
    service.hub.created["ann"] = created_of("ann") + timedelta(days=1)
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


def running(name: str = "", **more: object) -> dict[str, Any]:
    """A server in JupyterHub's words."""
    return {"name": name, "ready": True, "pending": None, "user_options": {}} | more


@pytest.fixture
def launcher(service: Service) -> httpx.Client:
    client = service.anonymous()
    client.headers["Authorization"] = f"Bearer {service.settings.launcher_token()}"
    return client


@pytest.fixture
def gpu(admin: httpx.Client) -> None:
    pool = {"slug": "gpu", "name": "GPU", "device_type": "a100", "devices": 1}
    for path, body in (
        ("/device-types", {"slug": "a100", "name": "A100", "count": 1}),
        ("/pools", pool | {"for_everyone": True}),
        ("/profiles", {"slug": "gpu", "pool": "gpu", "name": "GPU", "devices": 1}),
    ):
        admin.post(path, json=body).raise_for_status()


def start_of(service: Service, name: str) -> dict[str, Any]:
    created = service.hub.account(name).isoformat()
    return {"user": name, "created": created, "options": {"profile": "gpu"}}


def merge(service: Service, admin: httpx.Client, *pairs: tuple[str, str]) -> None:
    for source, target in pairs:
        numbers = {name: number(service, name) for name in (source, target)}
        body = {"to": numbers[target]}
        path = f"/people/{numbers[source]}/merge"
        admin.post(path, json=body).raise_for_status()


def test_every_account_of_a_merged_person_ends(
    service: Service, admin: httpx.Client, leaver: int
) -> None:
    others = {name: service.client(name) for name in ("ann-2", "ann-3")}
    for client in others.values():
        client.get("/me").raise_for_status()
    merge(service, admin, ("ann-3", "ann-2"), ("ann-2", "ann"))
    service.hub.servers = {"ann": [running()], "ann-2": [running("gpu")], "ann-3": [running()]}
    plan = admin.get(f"/people/{leaver}/offboarding").json()
    assert states(plan)["account"] == (3, "planned")
    assert states(plan)["servers"] == (3, "planned")
    assert states(plan)["home"] == (3, "left")
    report = admin.post(f"/people/{leaver}/offboarding", json={}).json()
    assert states(report)["account"] == (3, "done")
    assert not {"ann", "ann-2", "ann-3"} & service.hub.created.keys()
    assert service.hub.servers["ann-2"] == []


@pytest.mark.parametrize("account", ["ann", "ann-2", "ann renamed"])
def test_an_account_that_outlives_its_person_is_refused_everywhere(
    service: Service,
    admin: httpx.Client,
    leaver: int,
    launcher: httpx.Client,
    gpu: None,
    account: str,
) -> None:
    """As after a copy of JupyterHub's database was brought back."""
    service.client("ann-2").get("/me").raise_for_status()
    merge(service, admin, ("ann-2", "ann"))
    former = dict(service.hub.created)
    admin.post(f"/people/{leaver}/offboarding", json={}).raise_for_status()
    service.hub.created |= former
    if account == "ann renamed":
        service.hub.created[account] = service.hub.created.pop("ann")
    person = service.client(account)
    for path in ("/me", "/projects", "/me/permissions"):
        response = person.get(path)
        assert response.status_code == 403, path
        assert "off-boarded" in response.json()["reason"]
    for path in ("choices", "leases", "tickets"):
        assert launcher.post(f"/launch/{path}", json=start_of(service, account)).status_code == 403
    cookie = service.hub.add(account)
    page = service.browser().get(
        "/services/orrery/oauth_callback", params={"code": cookie, "state": "x"}
    )
    assert page.status_code in {400, 401, 403}
    query = {"user": account, "action": "projects.create", "object": ""}
    explained = admin.get("/access/explain", params=query).json()
    assert (explained["is_allowed"], explained["steps"][0]["is_met"]) == (False, False)


@pytest.mark.parametrize(
    "servers",
    [
        [running("named"), running("other")],
        [running(pending="spawn", ready=False)],
        [running("named", pending="spawn", ready=False), running()],
        [running("slow", stubborn=2), running(stubborn=1)],
    ],
)
def test_whatever_runs_or_starts_is_stopped(
    service: Service,
    admin: httpx.Client,
    leaver: int,
    servers: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_accounts, "_PAUSE_SECONDS", 0.01)
    service.hub.servers = {"ann": servers}
    report = admin.post(f"/people/{leaver}/offboarding", json={})
    assert report.status_code == 200, report.text
    assert "ann" not in service.hub.created


def test_what_is_not_finished_goes_on_and_the_person_is_out_at_once(
    service: Service, admin: httpx.Client, leaver: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_accounts, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(offboarding.Offboarder.run, "__kwdefaults__", {"stop_seconds": 0.05})
    ann = service.client("ann")
    service.hub.servers = {"ann": [running("slow", stubborn=10_000)]}
    response = admin.post(f"/people/{leaver}/offboarding", json={})
    assert response.status_code == 503
    assert "slow" in response.json()["reason"]
    assert ann.get("/me").status_code == 403
    assert admin.get(f"/people/{leaver}").json()["offboarded"] is not None
    assert admin.get(f"/people/{leaver}").json()["ended"] is None
    service.hub.servers = {}
    assert admin.post(f"/people/{leaver}/offboarding", json={}).json()["is_done"]
    assert admin.get(f"/people/{leaver}").json()["ended"] is not None


def test_nothing_that_waits_or_runs_is_handed_over(
    service: Service, admin: httpx.Client, leaver: int, launcher: httpx.Client, gpu: None
) -> None:
    body = start_of(service, "ann")
    launcher.post("/launch/leases", json=body).raise_for_status()
    ticket = launcher.post("/launch/tickets", json=body | {"server": "two"}).json()["ticket"]
    successor = number(service, "bob")
    bob = service.client("bob")
    report = admin.post(f"/people/{leaver}/offboarding", json={"successor": successor}).json()
    done = states(report)
    assert (done["requests"], done["leases"]) == ((1, "done"), (1, "done"))
    assert (done["projects"], done["snippets"]) == ((0, "none"), (0, "none"))
    assert admin.get(f"/tickets/{ticket}").status_code == 404
    assert not [t for t in bob.get("/tickets").json()["items"] if t["ended"] is None]
    assert {lease["state"] for lease in bob.get("/me/leases").json()["items"]} <= {"ended"}
    assert launcher.post("/launch/leases", json=start_of(service, "bob")).status_code == 200


def test_an_account_that_was_made_anew_is_nobodys_to_delete(
    service: Service, admin: httpx.Client, leaver: int
) -> None:
    anew = service.hub.account("ann") + timedelta(hours=1)
    service.hub.created["ann"] = anew
    service.hub.servers = {"ann": [running()]}
    plan = states(admin.get(f"/people/{leaver}/offboarding").json())
    assert (plan["account"], plan["name"]) == ((0, "none"), (1, "left"))
    report = admin.post(f"/people/{leaver}/offboarding", json={})
    assert report.status_code == 200, report.text
    assert service.hub.created["ann"] == anew
    assert (service.hub.stopped, len(service.hub.servers["ann"])) == ([], 1)
    newcomer = service.client("ann")
    assert {p["slug"] for p in newcomer.get("/me").json()["projects"]} == {"sample"}


def test_many_people_are_off_boarded_as_a_job(
    service: Service, admin: httpx.Client, leaver: int
) -> None:
    action: Any = service.app.state.context.bulk_actions["people.offboard"]

    def do(step: str, target: str, who: str = "root", successor: str = "") -> str:
        item = BulkItem(who, target, {"successor": successor}, now())
        run = getattr(action, step)(item)
        return asyncio.run_coroutine_threadsafe(run, service.loop.loop).result(10)

    assert "2 memberships" in do("check", str(leaver))
    assert service.client("ann").get("/me").status_code == 200
    for step, target, who, successor in (
        ("check", "ann", "root", ""),
        ("apply", "0", "root", ""),
        ("apply", "9" * 30, "root", ""),
        ("check", str(leaver), "ann", ""),
        ("apply", str(leaver), "ann", ""),
        ("check", str(leaver), "root", str(leaver)),
        ("apply", str(leaver), "root", "bob"),
    ):
        with pytest.raises(OrreryError):
            do(step, target, who, successor)
    assert "1 account" in do("apply", str(leaver), "root", str(number(service, "bob")))
    assert service.client("bob").get("/projects/alone").json()["role"] == "owner"
    assert do("apply", str(leaver)) == "Off-boarded already."


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


def follow(service: Service) -> None:
    """Let the service learn what JupyterHub's accounts are, as it does every few minutes."""
    run = service.app.state.context.accounts.reconcile()
    asyncio.run_coroutine_threadsafe(run, service.loop.loop).result(10)


def given_again(service: Service) -> None:
    service.hub.created["ann"] = created_of("ann") + timedelta(days=1)
    service.client("ann").get("/me").raise_for_status()


@pytest.mark.parametrize("meanwhile", [lambda _: None, follow, given_again])
@pytest.mark.parametrize("as_job", [False, True])
def test_what_was_interrupted_when_the_account_was_gone_is_finished(
    service: Service,
    admin: httpx.Client,
    leaver: int,
    meanwhile: Callable[[Service], None],
    as_job: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise BackendUnavailable("Away", reason="The database is busy.", remedy="Try again.")

    successor = {"successor": number(service, "bob")}
    with monkeypatch.context() as patch:
        patch.setattr(offboarding.Offboarder, "_in_orrery", fail)
        response = admin.post(f"/people/{leaver}/offboarding", json=successor)
        assert response.status_code == 503
    assert "ann" not in service.hub.created
    meanwhile(service)
    told = admin.get(f"/people/{leaver}").json()
    assert (told["offboarded"] is None, told["handed_over"]) == (False, None)
    if as_job:
        action: Any = service.app.state.context.bulk_actions["people.offboard"]
        item = BulkItem("root", str(leaver), {"successor": str(successor["successor"])}, now())
        run = asyncio.run_coroutine_threadsafe(action.apply(item), service.loop.loop)
        assert "1 roles" in run.result(10)
    else:
        done = states(admin.post(f"/people/{leaver}/offboarding", json=successor).json())
        assert done["roles"] == (1, "done")
    assert service.client("bob").get("/projects/alone").json()["role"] == "owner"
    assert admin.get(f"/people/{leaver}").json()["handed_over"] is not None
    assert admin.post(f"/people/{leaver}/offboarding", json={}).status_code == 404
    if meanwhile is given_again:
        assert service.client("ann").get("/me").status_code == 200


def test_who_was_deleted_at_jupyterhub_is_off_boarded_afterwards(
    service: Service, admin: httpx.Client, leaver: int
) -> None:
    del service.hub.created["ann"]
    follow(service)
    assert admin.get(f"/people/{leaver}").json()["ended"] is not None
    plan = admin.get(f"/people/{leaver}/offboarding").json()
    assert plan["name"] == "ann"
    assert (
        {item["what"]: item["detail"] for item in plan["items"]}["home"]
        .split(". ")[0]
        .endswith("users/ann")
    )
    successor = {"successor": number(service, "bob")}
    report = admin.post(f"/people/{leaver}/offboarding", json=successor).json()
    assert (report["name"], states(report)["roles"]) == ("ann", (1, "done"))
    assert service.client("bob").get("/projects/alone").json()["role"] == "owner"


def test_who_was_renamed_a_moment_ago_does_not_come_back(
    service: Service, admin: httpx.Client, leaver: int
) -> None:
    service.hub.created["anna"] = service.hub.created.pop("ann")
    report = admin.post(f"/people/{leaver}/offboarding", json={}).json()
    assert (report["name"], states(report)["account"]) == ("anna", (1, "done"))
    assert "anna" not in service.hub.created
    anew = service.client("anna")
    assert {p["slug"] for p in anew.get("/me").json()["projects"]} == {"sample"}


def test_nobody_hands_over_to_who_leaves_meanwhile(
    service: Service, admin: httpx.Client, leaver: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = number(service, "bob")
    end = hub_accounts.HubAccounts.end

    async def end_and_lose(self: Any, account: Any, seconds: float) -> None:
        await end(self, account, seconds)
        with service.database.write() as session:
            people.end(session, session.get_one(people.PersonRow, bob))

    monkeypatch.setattr(hub_accounts.HubAccounts, "end", end_and_lose)
    response = admin.post(f"/people/{leaver}/offboarding", json={"successor": bob})
    assert (response.status_code, "cannot take over" in response.text) == (409, True)
    assert admin.get(f"/people/{leaver}").json()["handed_over"] is None
    service.client("cat").get("/me").raise_for_status()
    cat = {"successor": number(service, "cat")}
    assert admin.post(f"/people/{leaver}/offboarding", json=cat).json()["is_done"]
    assert service.client("cat").get("/projects/alone").json()["role"] == "owner"
