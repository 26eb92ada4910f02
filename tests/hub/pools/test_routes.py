"""Pools over HTTP: what the process that starts servers may ask, and what a person sees."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from orrery_hub.base.user import LAUNCHER
from orrery_wire.names import is_user_name
from tests.hub.services import Service

PROFILE = {"slug": "gpu", "pool": "gpu", "name": "GPU", "devices": 1}


@pytest.fixture
def root(service: Service) -> httpx.Client:
    root = service.client("root", admin=True)
    for path, body in (
        ("/device-types", {"slug": "a100", "name": "A100", "count": 1}),
        (
            "/pools",
            {
                "slug": "gpu",
                "name": "GPU",
                "device_type": "a100",
                "devices": 1,
                "for_everyone": True,
            },
        ),
        ("/profiles", PROFILE),
    ):
        root.post(path, json=body).raise_for_status()
    return root


@pytest.fixture
def launcher(service: Service) -> httpx.Client:
    client = service.anonymous()
    client.headers["Authorization"] = f"Bearer {service.settings.launcher_token()}"
    return client


def start(name: str, **more: Any) -> dict[str, Any]:
    return {
        "user": name,
        "created": "2026-01-02T03:04:05.678Z",
        "options": {"profile": "gpu"},
    } | more


def audited(root: httpx.Client) -> list[tuple[str, str, str]]:
    items = root.get("/audit", params={"limit": 200}).json()["items"]
    return [
        (item["who"], item["what"], item["outcome"])
        for item in reversed(items)
        if item["what"].startswith(("pools.lease", "POST /launch"))
    ]


def test_a_start_is_the_persons_in_the_audit(root: httpx.Client, launcher: httpx.Client) -> None:
    own = {"environment": {"HF_TOKEN": "of-ann"}, "startup_script": "echo of-ann"}
    body = start("ann", options={"profile": "gpu", **own})
    lease = launcher.post("/launch/leases", json=body).raise_for_status().json()["lease"]
    report = {"user": "ann", "lease": lease}
    assert launcher.post("/launch/started", json=report).status_code == 204
    refused = launcher.post("/launch/leases", json=start("bob"))
    assert refused.status_code == 409
    assert refused.json()["details"]["cause"] == "no_device"
    choices = launcher.post("/launch/choices", json=start("bob")).json()
    assert choices["profiles"][0]["free_devices"] == 0
    assert choices["profiles"][0]["may_queue"] is True
    assert launcher.post("/launch/tickets", json=start("bob")).json()["ticket"] >= 1
    ended = report | {"at": "2026-01-02T03:04:05Z"}
    assert launcher.post("/launch/ended", json=ended).status_code == 204
    assert audited(root) == [
        ("ann", "pools.lease.take", "done"),
        ("bob", "POST /launch/leases", "conflict"),
        ("ann", "pools.lease.end", "done"),
    ]
    ann = next(p for p in root.get("/people").json()["items"] if p["name"] == "ann")
    assert root.get("/leases", params={"state": "ended"}).json()["items"][0]["user"] == "ann"
    preview = root.get(f"/people/{ann['id']}/launch").json()
    assert preview["last"]["profile"] == "gpu"
    assert "of-ann" not in json.dumps(preview)


def test_the_launcher_does_nothing_else_and_nobody_can_have_its_name(
    root: httpx.Client, launcher: httpx.Client, service: Service
) -> None:
    for path in ("/me", "/projects", "/pools", "/me/launch", "/audit", "/snippets/changes"):
        assert launcher.get(path).status_code == 403, path
    assert not is_user_name(LAUNCHER)
    empty = service.anonymous()
    empty.headers["Authorization"] = "Bearer "
    assert empty.post("/launch/leases", json=start("ann")).status_code == 401


def test_a_person_sees_what_may_be_started_and_what_is_held(
    root: httpx.Client, launcher: httpx.Client, service: Service
) -> None:
    ann = service.client("ann")
    created = service.hub.account("ann").isoformat()
    assert ann.get("/me/launch").json()["profiles"][0]["free_devices"] == 1
    launcher.post("/launch/leases", json=start("ann", created=created)).raise_for_status()
    assert [item["user"] for item in ann.get("/me/leases").json()["items"]] == ["ann"]
    assert service.client("bob").get("/me/leases").json()["items"] == []


def test_a_storm_of_starts_is_not_refused_as_too_much(
    root: httpx.Client, launcher: httpx.Client
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(40) as pool:
        names = [f"user{number}" for number in range(120)]
        answers = list(
            pool.map(lambda name: launcher.post("/launch/leases", json=start(name)), names)
        )
    assert sorted({answer.status_code for answer in answers}) == [200, 409]
    assert [answer.status_code for answer in answers].count(200) == 1


def test_drain_and_resume_are_audited_once(root: httpx.Client) -> None:
    for _ in range(2):
        root.post("/pools/gpu/drain", json={"reason": "r"}).raise_for_status()
    for _ in range(2):
        assert root.post("/pools/gpu/resume").json()["is_draining"] is False
    items = root.get("/audit", params={"limit": 200}).json()["items"]
    assert [i["what"] for i in items if "drain" in i["what"] or "resume" in i["what"]] == [
        "pools.pool.resume",
        "pools.pool.drain",
    ]


def test_a_preview_says_what_is_withheld_from_a_person_and_why(
    service: Service, root: httpx.Client
) -> None:
    owner, viewer, ann = (service.client(name) for name in ("owner", "viewer", "ann"))
    for client in (owner, viewer, ann):
        client.get("/me").raise_for_status()
    owner.post("/projects", json={"slug": "churn", "name": "Churn"}).raise_for_status()
    owner.put("/projects/churn/members/viewer", json={"role": "viewer"}).raise_for_status()
    closed = {"slug": "closed", "name": "Closed"}
    root.post("/pools", json=closed).raise_for_status()
    for slug, more in (("for-churn", {}), ("hidden", {"is_hidden": True})):
        body = {"slug": slug, "pool": "closed", "name": slug} | more
        root.post("/profiles", json=body).raise_for_status()
    people = {person["name"]: person["id"] for person in root.get("/people").json()["items"]}

    def preview(name: str) -> tuple[list[str], dict[str, str], str]:
        page = root.get(f"/people/{people[name]}/launch").raise_for_status().json()
        assert page["person"] == name
        shown = [profile["slug"] for profile in page["profiles"]]
        return shown, {item["slug"]: item["reason"] for item in page["withheld"]}, page["closed"]

    hidden = "The profile is hidden: nobody can start it."
    neither = "The pool Closed is neither for everyone nor granted to a project."
    assert preview("ann") == (["gpu"], {"for-churn": neither, "hidden": hidden}, "")
    root.put("/pools/closed/grants/churn", json={}).raise_for_status()
    none = "The pool Closed is granted to churn, and the person is in none of them."
    assert preview("ann")[1]["for-churn"] == none
    assert preview("viewer")[1]["for-churn"] == (
        "The person is only a viewer of churn; owners and editors start servers for it."
    )
    shown, withheld, _ = preview("owner")
    assert (sorted(shown), withheld) == (["for-churn", "gpu"], {"hidden": hidden})
    body = {"blocks_spawns": True, "message": "Discs are changed."}
    root.put("/admin/maintenance", json=body).raise_for_status()
    assert "Discs are changed." in preview("ann")[2]
    root.put("/admin/maintenance", json={"blocks_spawns": False}).raise_for_status()
