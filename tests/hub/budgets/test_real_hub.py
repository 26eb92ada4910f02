"""A real JupyterHub stops a server over its budget, within a minute, tells its lab before, and starts none like it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from orrery_hub.scopes import ACCESS, PLATFORM_ADMIN
from tests.hub.hubs import Hub
from tests.hub.pools.test_hub import Site, eventually

FILE = """
device_types: [{slug: a100, name: A100, count: 2}]
pools: [{slug: gpu, name: Training, device_type: a100, devices: 2, for_everyone: true}]
profiles:
  - {slug: gpu, pool: gpu, name: One A100, devices: 1}
  - {slug: plain, pool: gpu, name: No device}
"""
STOP_SECONDS = 60


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("budgets")
    (home / "pools.yaml").write_text(FILE)
    hub = Hub(home, named_servers=2, server_check_seconds=1.0)
    hub.start()
    yield Site(hub)
    hub.stop()
    for child in hub.children():
        child.kill()


def lab_client(site: Site, user: str, server: str) -> httpx.Client:
    """Who asks the hub service as the lab of a server does: with the token that JupyterHub gave it."""
    for process in site.hub.children():
        environment = process.environ()
        owner = environment.get("JUPYTERHUB_USER"), environment.get("JUPYTERHUB_SERVER_NAME")
        if owner == (user, server):
            headers = {"Authorization": f"Bearer {environment['JUPYTERHUB_API_TOKEN']}"}
            return httpx.Client(
                base_url=site.hub.service, headers=headers, timeout=30, trust_env=False
            )
    raise AssertionError(f"no lab of {server!r} runs")


@pytest.mark.slow
def test_a_server_over_its_budget_is_stopped_within_a_minute(site: Site) -> None:
    user, hub = "spender", site.hub
    with hub.client(user) as person, hub.client("root", [ACCESS, PLATFORM_ADMIN]) as root:
        person.get("/me").raise_for_status()
        for server, profile in (("", "gpu"), ("other", "plain")):
            assert site.start(user, server, profile=profile).status_code in (201, 202)
            site.ready(user, server)
        (lease,) = eventually(
            lambda: [item for item in site.leases(state="running") if item["devices"]]
        )
        body = {"subject": "person", "person": user, "resource": "device", "limit": 0}
        budget = root.post("/budgets", json=body).raise_for_status().json()["id"]
        limited = time.monotonic()
        lab = lab_client(site, user, "")
        items: list[dict[str, Any]] = []
        warnings: list[dict[str, Any]] = []
        while "" in site.servers(user):
            seconds = time.monotonic() - limited
            assert seconds < STOP_SECONDS, warnings
            with suppress(httpx.HTTPStatusError):  # the token of a lab ends with its server
                items = lab.get("/notices").raise_for_status().json()["items"]
            warnings += [item for item in items if item["kind"] == "budget_stop"]
            time.sleep(0.5)
        lab.close()
        assert warnings, "the server was stopped without a word"
        assert warnings[0]["message"] == "This server will be stopped"
        assert warnings[0]["action"] == "request"
        deadline = datetime.fromisoformat(warnings[0]["deadline"])
        assert abs((deadline - datetime.now(UTC)).total_seconds()) < STOP_SECONDS
        (entry,) = root.get("/audit", params={"what": "budgets.stop"}).json()["items"]
        assert entry["on"] == f"{user}/"
        eventually(lambda: lease["id"] in {item["id"] for item in site.leases(state="ended")})
        # What takes no device goes on, and nothing starts that would.
        assert list(site.servers(user)) == ["other"]
        refused = site.start(user, profile="gpu")
        assert refused.status_code == 409, refused.text
        assert "does not allow this server" in refused.json()["message"]
        assert list(site.servers(user)) == ["other"]
        ask = {"budget": budget, "amount": 600, "reason": "the last epochs"}
        request = person.post("/budgets/requests", json=ask).raise_for_status().json()["id"]
        root.post(f"/budgets/requests/{request}/approve", json={}).raise_for_status()
        assert site.start(user, profile="gpu").status_code in (201, 202)
        site.ready(user)
        for server in ("", "other"):
            site.stop(user, server)
