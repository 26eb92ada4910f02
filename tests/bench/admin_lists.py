"""The lists of the page of administration: 10,000 people, 1,000 projects, 500 servers that run."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import httpx
from playwright.sync_api import Page

from orrery_hub.scopes import ACCESS, carried_by
from orrery_hub.standalone.managed_process import proxy_command
from tests.bench.many_people import Size, fill_jupyterhub, fill_service, name, start_servers
from tests.bench.method import Goal, Result, Sample, alternate, finish, percentile, values
from tests.chromium import chromium
from tests.hub.hubs import Hub

SIZE = Size()
SERVERS = 500
LIMIT_MS = 300
PAINT_MS = 1_500

SIDES = {
    "people by name": "/people?limit=100",
    "people, the last page": f"/people?limit=100&offset={SIZE.people - 100}",
    "people, searched": "/people?limit=100&q=person-99",
    "people by number of projects": "/people?limit=100&sort=projects&descending=true",
    "people and their roles": "/access/people?limit=100",
    "projects by members": "/admin/projects?limit=100&sort=members&descending=true&state=all",
    "projects without an owner": "/admin/projects?limit=100&state=ownerless",
    "servers by last activity": "/admin/servers?limit=100&sort=last_activity&descending=true",
    "servers, searched": "/admin/servers?limit=100&q=person-7",
    "servers and what they use": "/culling/servers?limit=100",
    "leases": "/leases?limit=100",
    "budgets": "/budgets?limit=100",
    "requests for more": "/budgets/requests?limit=100",
    "costs by person": "/budgets/costs?limit=100&by=person&sort=money&descending=true",
    "audit": "/audit?limit=100",
    "audit, searched": "/audit?limit=100&q=project-77",
}
CREATION = "a project is created"
PAINT = "the page, until rows of people are seen"
PEER = "JupyterHub's own list of 100 people (peer)"

ROWS = "[role=grid][aria-busy=false] .orrery-admin-row"
# The page looks itself, in every frame.
WATCH = f"""
const look = () =>
  document.querySelector('{ROWS}')
    ? (window.rowsShown = performance.now())
    : requestAnimationFrame(look);
requestAnimationFrame(look);
"""


def run(*, force: bool, load: float) -> Result:
    """Measure."""
    with tempfile.TemporaryDirectory() as scratch:
        hub = _large_hub(Path(scratch) / "hub")
        hub.start()
        try:
            token = hub.token("root", [ACCESS, *carried_by("admin")])
            start_servers(hub, range(1, SERVERS + 1))
            _await_servers(hub, token)
            series = alternate(_requests(hub, token), 50, warm=3)
            with _page(hub) as visit:
                series |= alternate({PAINT: visit}, 20, warm=2)
        finally:
            hub.stop()
    return finish(
        Result(
            "admin_lists",
            "The lists of the page of administration",
            f"A real JupyterHub with its proxy and the service that it manages, SQLite, {SIZE.people:,} people,"
            f" {SIZE.projects:,} projects of {SIZE.members} members, a budget each, {SIZE.audit:,} audit entries and"
            f" {SERVERS} servers of a spawner that starts nothing. One client asks for a page of a hundred rows, with"
            " everything that the page shows of them; a browser that is logged in, and has the page's files, opens it.",
            series,
            _goals(series),
        ),
        force=force,
        load=load,
    )


def _large_hub(home: Path) -> Hub:
    """A hub with all these people, whose servers are none; not started."""
    hub = Hub(home, proxy_command=tuple(proxy_command()))
    with hub.config.open("a", encoding="utf-8") as config:
        config.write('c.JupyterHub.spawner_class = "fake_spawner.LeasedFakeSpawner"\n')
        config.write('c.JupyterHub.proxy_class = "jupyterhub.proxy.ConfigurableHTTPProxy"\n')
        config.write("c.JupyterHub.concurrent_spawn_limit = 0\n")
    fill_jupyterhub(home / "state" / "jupyterhub.sqlite", SIZE.people)
    fill_service(home, SIZE)
    return hub


def _await_servers(hub: Hub, token: str) -> None:
    headers = {"authorization": f"Bearer {token}"}
    until = time.monotonic() + 120
    while True:
        page = httpx.get(f"{hub.service}/admin/servers", headers=headers, trust_env=False)
        if page.json()["total"] >= SERVERS:
            return
        assert time.monotonic() < until, f"{page.json()['total']} servers run"
        time.sleep(1)


def _requests(hub: Hub, token: str) -> dict[str, Callable[[], Sample]]:
    headers = {"authorization": f"Bearer {token}"}
    service = httpx.Client(headers=headers, trust_env=False, timeout=60)
    owners = httpx.Client(
        headers={"authorization": f"Bearer {hub.token(name(1))}"}, trust_env=False, timeout=60
    )
    peer = httpx.Client(
        headers={
            "authorization": f"token {hub.token('root', ['list:users'])}",
            "accept": "application/jupyterhub-pagination+json",
        },
        trust_env=False,
        timeout=60,
    )
    numbers = count()

    def create() -> httpx.Response:
        body = {"slug": f"new-{next(numbers)}", "name": "New"}
        return owners.post(f"{hub.service}/projects", json=body)

    def get(client: httpx.Client, address: str) -> Callable[[], httpx.Response]:
        return lambda: client.get(address)

    sides = {title: _timed(get(service, f"{hub.service}{path}")) for title, path in SIDES.items()}
    return sides | {
        CREATION: _timed(create),
        PEER: _timed(get(peer, f"{hub.api}/users?limit=100")),
    }


def _timed(ask: Callable[[], httpx.Response]) -> Callable[[], Sample]:
    def act() -> Sample:
        begun = time.perf_counter()
        response = ask()
        took = (time.perf_counter() - begun) * 1000
        assert response.is_success, response.text
        return {"ms": took}

    return act


@contextmanager
def _page(hub: Hub) -> Iterator[Callable[[], Sample]]:
    """A visit of the page by a browser that is logged in."""
    ports = json.loads((hub.home / "state" / "ports.json").read_text())
    address = f"http://127.0.0.1:{ports['public']}/services/orrery/admin"
    password = (hub.home / "secrets" / "admin_password").read_text().strip()
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(address)
        page.get_by_label("User name").fill("root")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("grid").wait_for()
        page.close()

        def visit() -> Sample:
            page = context.new_page()
            page.add_init_script(WATCH)
            page.goto(f"{address}#people", wait_until="commit")
            # The policy of the page lets nobody add code to it, so that no function can be waited for.
            page.locator(ROWS).first.wait_for(timeout=60_000)
            sample = _paint(page)
            page.close()
            return sample

        yield visit


def _paint(page: Page) -> Sample:
    first = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    )
    return {"ms": float(page.evaluate("window.rowsShown")), "first_paint_ms": float(first)}


def _goals(series: dict[str, list[dict[str, float]]]) -> list[Goal]:
    goals = [
        Goal(f"{title}, p95", percentile(values(series[title]), 0.95), LIMIT_MS, "ms")
        for title in (*SIDES, CREATION)
    ]
    painted = values(series[PAINT], "first_paint_ms")
    goals.append(Goal("first paint of the page, p95", percentile(painted, 0.95), PAINT_MS, "ms"))
    shown = values(series[PAINT])
    return [*goals, Goal(f"{PAINT}, p95", percentile(shown, 0.95), PAINT_MS, "ms")]
