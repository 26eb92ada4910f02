"""Pools in front of a real JupyterHub: the page before a start, and servers that start, are refused, outlive the hub, stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chromium import chromium
from tests.hub.hubs import Hub

AXE = Path(__file__).resolve().parents[3] / "labextension/node_modules/axe-core/axe.min.js"
FILE = """
device_types: [{slug: a100, name: A100, count: 1}]
pools:
  - {slug: gpu, name: Training, device_type: a100, devices: 1, for_everyone: true}
  - {slug: cpu, name: Processors, for_everyone: true}
profiles:
  - slug: gpu
    pool: gpu
    name: One A100
    devices: 1
    spec: {environment: {ORDINARY: "{username}"}, start_timeout_seconds: 50}
  - {slug: cpu, pool: cpu, name: Small}
  - slug: data
    pool: cpu
    name: With data
    spec: {datasets: [{name: temp, source: /tmp, path: /temp, is_read_only: false}]}
  - {slug: large, pool: cpu, name: Large}
  - {slug: larger, pool: cpu, name: Larger}
"""


def eventually(condition: Callable[[], Any], seconds: float = 60) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if value := condition():
            return value
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} seconds")


class Site:
    """A hub with pools, as its administrator and its people use it."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def start(self, user: str, server: str = "", **options: Any) -> httpx.Response:
        self.hub.call("POST", f"/users/{user}")
        return self.hub.call("POST", f"/users/{user}/servers/{server}", json=options)

    def servers(self, user: str) -> dict[str, Any]:
        return dict(self.hub.call("GET", f"/users/{user}").json()["servers"])

    def ready(self, user: str, server: str = "") -> dict[str, Any]:
        def model() -> dict[str, Any] | None:
            current = self.servers(user).get(server)
            return current if current and current["ready"] else None

        return dict(eventually(model))

    def leases(self, **query: Any) -> list[dict[str, Any]]:
        scopes = ["custom:orrery:platform:admin", "access:services!service=orrery"]
        with self.hub.client("root", scopes) as root:
            return list(root.get("/leases", params=query).raise_for_status().json()["items"])

    def stop(self, user: str, server: str = "") -> None:
        answer = self.hub.call("DELETE", f"/users/{user}/servers/{server}")
        assert answer.status_code in (202, 204)
        eventually(lambda: server not in self.servers(user))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One hub for all tests of this file; the last of them kills it."""
    home = tmp_path_factory.mktemp("pools")
    (home / "pools.yaml").write_text(FILE)
    hub = Hub(home, named_servers=2, server_check_seconds=1.0)
    # A hub that took refusals for failures would stop after the second.
    with hub.config.open("a") as config:
        config.write("c.Spawner.consecutive_failure_limit = 2\n")
    hub.start()
    yield Site(hub)
    hub.stop()
    for child in hub.children():
        child.kill()


@pytest.mark.ui
def test_the_page_before_a_start(site: Site) -> None:
    origin = site.hub.api.removesuffix("/hub/api")
    password = (site.hub.home / "secrets" / "user_password").read_text().strip()
    with chromium() as browser:
        for has_script in (False, True):
            context = browser.new_context(java_script_enabled=has_script)
            page = context.new_page()
            page.goto(f"{origin}/hub/login")
            page.fill("#username_input", "web")
            page.fill("#password_input", password)
            page.click("#login_submit")
            if not has_script:
                page.goto(f"{origin}/hub/spawn")
                page.check("#profile-large")
                page.click("#orrery-start")
                site.ready("web")
                context.close()
                continue
            page.goto(f"{origin}/hub/spawn/web/work?display_name=Work%20%26%20more")
            assert page.inner_text("h1") == "Start the server “Work & more”"
            page.evaluate(AXE.read_text("utf-8"))
            assert page.evaluate("async () => (await axe.run('main')).violations") == []
            # The choice of before; what only another profile has is not shown.
            assert page.is_checked("#profile-large")
            assert not page.is_visible("#orrery-datasets")
            page.focus("#profile-large")
            page.keyboard.press("ArrowDown")
            assert page.is_checked("#profile-larger")
            page.check("#profile-data")
            assert page.is_visible("#orrery-datasets")
            page.fill("#orrery-search", "free in training")
            assert page.is_visible("#profile-gpu")
            assert not page.is_visible("#profile-cpu")
            page.fill("#orrery-search", "nowhere")
            assert page.inner_text("#orrery-no-match") == "No hardware matches."
            page.fill("#orrery-search", "")
            page.click("summary")
            page.fill("#orrery-environment", "A=1\nnonsense")
            page.click("#orrery-start")
            assert "Line 2 of the environment" in page.inner_text("[role=alert]")
            assert page.inner_text("h1") == "Start the server “Work & more”"
            assert page.input_value("#orrery-environment") == "A=1\nnonsense"
            assert page.is_checked("#profile-data")
            page.fill("#orrery-environment", "A=1")
            page.click("#orrery-start")
            site.ready("web", "work")
            context.close()
    options = site.servers("web")["work"]["user_options"]
    assert options == {"profile": "data", "environment": {"A": "1"}}
    for server in ("", "work"):
        site.stop("web", server)


def test_a_device_goes_from_one_server_to_the_next(site: Site) -> None:
    assert site.start("ann", profile="gpu").status_code in (201, 202)
    server = site.ready("ann")
    assert server["user_options"]["profile"] == "gpu"
    (lease,) = eventually(lambda: site.leases(state="running", pool="gpu"))
    assert (lease["user"], lease["pool"], lease["devices"]) == ("ann", "gpu", 1)
    for options, status, words in (
        # First, for JupyterHub keeps what was sent as the default of later starts.
        ({}, 400, "No hardware profile was chosen"),
        ({"profile": "gpu"}, 409, "No device of Training is free"),
        ({"profile": "nowhere"}, 404, "cannot start a server with this profile"),
        ({"profile": "cpu", "image": "evil"}, 400, "no image"),
        ({"profile": "cpu", "mem_limit": 1}, 400, "mem_limit"),
    ):
        answer = site.start("bob", **options)
        assert answer.status_code == status, answer.text
        assert words in answer.json()["message"]
        # Nothing is pending, and no place among those who start is taken.
        assert site.servers("bob") == {}
    assert site.start("bob", "second", profile="cpu").status_code in (201, 202)
    site.ready("bob", "second")
    # The hub dies; its server goes on, keeps the device, and gives it back when it stops.
    site.hub.kill()
    site.hub.start()
    site.ready("ann")
    assert site.start("eve", profile="gpu").status_code == 409
    site.stop("ann")
    eventually(lambda: [x["user"] for x in site.leases(pool="gpu", state="ended")] == ["ann"])
    assert site.start("eve", profile="gpu").status_code in (201, 202)
    site.ready("eve")
    reasons = {item["end_reason"] for item in site.leases(pool="gpu", state="ended")}
    assert reasons == {"stopped"}
    assert len(site.leases(state="open")) == 2
