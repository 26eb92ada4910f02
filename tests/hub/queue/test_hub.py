"""One device and two people at a real JupyterHub, in a browser: the wait outlives the browser, the hub and the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.chromium import chromium
from tests.hub.hubs import Hub
from tests.hub.pools.test_hub import Site, eventually

AXE = Path(__file__).resolve().parents[3] / "labextension/node_modules/axe-core/axe.min.js"
FILE = """
device_types: [{slug: a100, name: A100, count: 1}]
pools:
  - {slug: gpu, name: Training, device_type: a100, devices: 1, for_everyone: true}
  - {slug: cpu, name: Processors, for_everyone: true}
profiles:
  - {slug: gpu, pool: gpu, name: One A100, devices: 1}
  - {slug: cpu, pool: cpu, name: Small}
"""


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """A machine that tests beside us is slow; what comes is not waited for longer."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("queue")
    (home / "pools.yaml").write_text(FILE)
    hub = Hub(home, server_check_seconds=1.0, queue_tick_seconds=0.5)
    hub.start()
    yield Site(hub)
    hub.stop()
    for child in hub.children():
        child.kill()


def kill(hub: Hub) -> None:
    """SIGKILL for the hub and its service; the servers of people go on."""
    hub.kill()
    for child in hub.children():
        if any("orrery_hub.app" in word for word in child.cmdline()):
            child.kill()
            psutil.wait_procs([child], timeout=10)


@contextmanager
def at_the_page(browser: Browser, site: Site, name: str) -> Iterator[Page]:
    """The page before a start, in a browser that knows nothing yet and is closed afterwards."""
    origin = site.hub.api.removesuffix("/hub/api")
    password = (site.hub.home / "secrets" / "user_password").read_text().strip()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{origin}/hub/login?next=%2Fhub%2Fspawn")
    page.fill("#username_input", name)
    page.fill("#password_input", password)
    page.click("#login_submit")
    expect(page.get_by_role("heading", name="Start your server")).to_be_visible()
    yield page
    context.close()


def requests(page: Page) -> Locator:
    return page.get_by_role("region", name="In the queue").get_by_role("listitem")


def start(page: Page, site: Site, name: str, profile: str) -> None:
    page.check(f"#profile-{profile}")
    page.click("#orrery-start")
    site.ready(name)


@pytest.mark.ui
def test_a_wait_outlives_the_browser_the_hub_and_the_service(site: Site) -> None:
    with chromium() as browser:
        with at_the_page(browser, site, "ann") as page:
            start(page, site, "ann", "gpu")
        with at_the_page(browser, site, "ben") as page:
            expect(page.locator("#profile-gpu")).to_be_disabled()
            page.get_by_role("button", name="Wait for One A100").click()
            expect(page.get_by_text("You are in the queue")).to_be_visible()
            expect(requests(page)).to_contain_text("One A100 in Training: place 1, in about")
            expect(requests(page)).to_contain_text("The device of Training is in use.")
            page.evaluate(AXE.read_text("utf-8"))
            assert page.evaluate("async () => (await axe.run('main')).violations") == []
        kill(site.hub)
        site.hub.start()
        with at_the_page(browser, site, "ben") as page:
            expect(requests(page)).to_contain_text("place 1")
            # The page shows by itself that the turn has come.
            site.stop("ann")
            expect(requests(page)).to_contain_text("held for you until")
            expect(page.get_by_role("status").filter(has_text="It is your turn.")).to_be_visible()
            start(page, site, "ben", "gpu")
    (lease,) = eventually(lambda: site.leases(state="running", pool="gpu"))
    assert (lease["user"], lease["devices"], lease["device_ids"]) == ("ben", 1, [0])
    with site.hub.client("ben") as ben:
        (ticket,) = ben.get("/tickets").json()["items"]
        eventually(lambda: ben.get(f"/tickets/{ticket['id']}").json()["state"] == "started")


@pytest.mark.ui
def test_a_request_is_given_up_and_a_server_starts_now_and_moves_later(site: Site) -> None:
    """After the test above: ben has the device."""
    with chromium() as browser, at_the_page(browser, site, "eve") as page:
        page.get_by_role("button", name="Wait for One A100").click()
        expect(requests(page)).to_contain_text("place 1")
        page.get_by_role("button", name="Cancel Request for One A100").click()
        expect(page.get_by_text("was cancelled")).to_be_visible()
        expect(requests(page)).to_have_count(0)
        page.get_by_role("button", name="Start Now, Move Here Later").click()
        assert site.ready("eve")["user_options"] == {"profile": "cpu"}
    with site.hub.client("eve") as eve:
        (ticket,) = eve.get("/tickets", params={"is_open": True}).json()["items"]
        assert (ticket["profile"], ticket["state"], ticket["is_move"]) == ("gpu", "waiting", True)
        site.stop("ben")
        number = ticket["id"]
        eventually(lambda: eve.get(f"/tickets/{number}").json()["state"] == "offered")
        (notice,) = eve.get("/notices").json()["items"]
        assert (notice["action"], notice["subject"]) == ("claim", str(number))
        assert site.ready("eve")["user_options"]["profile"] == "cpu"
        eve.post(f"/tickets/{number}/claim").raise_for_status()
        eventually(lambda: eve.get(f"/tickets/{number}").json()["state"] == "started")
        assert site.ready("eve")["user_options"]["profile"] == "gpu"
        eventually(lambda: [x["user"] for x in site.leases(state="running")] == ["eve"])
        # It is started again as it is, and waits for nothing.
        assert eve.get("/tickets", params={"is_open": True}).json()["total"] == 0
