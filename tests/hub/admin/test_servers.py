"""Servers of everybody: one picture of JupyterHub's, paged, filtered, ordered and stopped."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from orrery_hub.base.bulk import BulkItem
from orrery_wire.errors import NotFound
from tests.hub.services import Service


def model(name: str = "", **more: Any) -> dict[str, Any]:
    """A server in JupyterHub's words."""
    moment = "2026-01-02T03:04:05.000000Z"
    facts = {"name": name, "ready": True, "pending": None, "started": moment}
    return facts | {"last_activity": moment, "url": f"/user/x/{name}", "user_options": {}} | more


@pytest.fixture
def admin(service: Service) -> httpx.Client:
    service.hub.servers = {
        "ann": [model(), model("gpu", user_options={"profile": "large"}, started="2026-01-03")],
        "bobolink": [model(ready=False, pending="spawn", last_activity=None, started=None)],
        "eve": [model(ready=False), model("old", pending="stop")],
    }
    service.client("ann").get("/me").raise_for_status()
    draw(service)
    return service.client("root", admin=True)


def draw(service: Service) -> None:
    run = service.app.state.servers.refresh()
    assert asyncio.run_coroutine_threadsafe(run, service.loop.loop).result(10) is not None


def names(admin: httpx.Client, **query: object) -> list[str]:
    response = admin.get("/admin/servers", params=query)  # type: ignore[arg-type]
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]]


def test_a_page_has_what_runs_with_person_and_project(
    service: Service, admin: httpx.Client
) -> None:
    ann = service.client("ann")
    ann.post("/projects", json={"slug": "p", "name": "P"}).raise_for_status()
    ann.put("/projects/current", params={"server": "gpu"}, json={"slug": "p"}).raise_for_status()
    page = admin.get("/admin/servers").json()
    assert [item["id"] for item in page["items"]] == ["ann/", "ann/gpu", "bobolink/", "eve/old"]
    assert [item["state"] for item in page["items"]] == ["ready", "ready", "starting", "stopping"]
    gpu, bob = page["items"][1], page["items"][2]
    assert (gpu["project"], gpu["profile"]) == ("p", "large")
    assert gpu["person_id"] > 0
    assert gpu["pool"] == ""
    assert (bob["person_id"], bob["started"]) == (None, None)


def test_what_a_server_holds_is_of_its_lease(service: Service, admin: httpx.Client) -> None:
    ann = service.client("ann")
    for slug in ("p", "q"):
        ann.post("/projects", json={"slug": slug, "name": slug}).raise_for_status()
    ann.put("/projects/current", params={"server": "gpu"}, json={"slug": "q"}).raise_for_status()
    admin.post("/device-types", json={"slug": "a", "name": "A", "resource": "a.b/c", "count": 2})
    pool = {"slug": "fast", "name": "Fast pool", "device_type": "a", "devices": 1}
    admin.post("/pools", json=pool).raise_for_status()
    profile = {"slug": "one", "name": "One A", "pool": "fast", "devices": 1}
    admin.post("/profiles", json=profile).raise_for_status()
    admin.put("/pools/fast/grants/p", json={}).raise_for_status()
    created = service.hub.account("ann").isoformat()
    request = {
        "user": "ann",
        "created": created,
        "server": "gpu",
        "options": {"profile": "one", "project": "p"},
    }
    launcher = service.anonymous()
    launcher.headers["Authorization"] = f"Bearer {service.settings.launcher_token()}"
    launcher.post("/launch/leases", json=request).raise_for_status()
    (gpu,) = admin.get("/admin/servers", params={"q": "fast"}).json()["items"]
    held = (gpu["id"], gpu["project"], gpu["pool"], gpu["profile"])
    assert held == ("ann/gpu", "p", "Fast pool", "One A")


def test_filters_orders_and_pages(service: Service, admin: httpx.Client) -> None:
    assert names(admin, q="GPU") == ["ann/gpu"]
    assert names(admin, state="starting") == ["bobolink/"]
    assert names(admin, sort="started", descending=True)[0] == "ann/gpu"
    assert names(admin, offset=1, limit=2) == ["ann/gpu", "bobolink/"]
    assert admin.get("/admin/servers", params={"sort": "shoe"}).status_code == 400
    people = {item["name"]: item for item in admin.get("/people").json()["items"]}
    assert people["ann"]["servers"] == 2


def test_a_server_is_stopped_and_that_is_audited(service: Service, admin: httpx.Client) -> None:
    assert admin.delete("/admin/servers/ann", params={"server": "gpu"}).status_code == 204
    assert admin.delete("/admin/servers/bobolink").status_code == 204
    assert service.hub.stopped == ["ann/servers/gpu", "bobolink/server"]
    items = admin.get("/audit", params={"what": "servers.stop"}).json()["items"]
    assert [item["on"] for item in items] == ["bobolink/", "ann/gpu"]


def test_a_hub_that_is_away_keeps_the_last_picture_and_health_says_so(
    service: Service, admin: httpx.Client
) -> None:
    admin.get("/me").raise_for_status()  # whose token is believed for a while
    service.hub.away = True
    draw(service)
    assert len(service.app.state.servers.all()) == 4
    parts = admin.get("/admin/parts").json()
    by_name = {part["name"]: part for part in parts["parts"]}
    assert by_name["database"]["status"] == "ok"
    assert by_name["jupyterhub"]["status"] == "failing"
    assert by_name["servers"]["text"].startswith("4 servers")
    work = {item["name"]: item for item in parts["work"]}
    assert (work["servers"]["done"], work["servers"]["failed"]) == (1, 1)


def test_a_job_stops_nothing_of_an_account_that_is_younger(
    service: Service, admin: httpx.Client
) -> None:
    action: Any = service.app.state.context.bulk_actions["servers.stop"]
    born = service.hub.account("ann")

    def stop(began: datetime) -> str:
        run = action.apply(BulkItem("root", "ann/gpu", {}, began))
        return asyncio.run_coroutine_threadsafe(run, service.loop.loop).result(10)

    with pytest.raises(NotFound):
        stop(born - timedelta(seconds=1))
    assert service.hub.stopped == []
    assert stop(born + timedelta(seconds=1)) == "Stopped."
    del service.hub.created["ann"]
    with pytest.raises(NotFound):
        stop(born + timedelta(days=9999))
