"""What Orrery costs a JupyterHub of 10,000 people: its start, spawns, other calls, and calls while members are mirrored."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import httpx

from orrery_hub.ports import PortStore
from tests.bench.many_people import Size, fill_jupyterhub, fill_service, name, start_servers
from tests.bench.method import SAMPLES, Goal, Result, Sample, alternate, finish, median, values
from tests.hub.hubs import ADMIN_TOKEN, HERE, Hub

SIZE = Size()
# 10,000 members in all, none of them in a group of JupyterHub yet.
MIRRORED = replace(SIZE, projects=200, members=50, audit=0, ledger=0, requests=0)
SPAWNS = 10
# A person asks so often while members are mirrored.
ASK_SECONDS = 0.05
MIRROR_SECONDS = 90.0
START_MS, FOREIGN_MS, SHARE = 2_000, 500, 1.1
WITH, WITHOUT = "with Orrery", "JupyterHub alone (peer)"

PLAIN = """
import sys
sys.path.insert(0, {here!r})
c.JupyterHub.db_url = "sqlite:///{home}/state/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "{home}/state/cookie_secret"
c.JupyterHub.pid_file = "{home}/state/jupyterhub.pid"
c.JupyterHub.bind_url = "http://127.0.0.1:{public}/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{port}/"
c.JupyterHub.proxy_class = "null_proxy.NullProxy"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {{"root"}}
c.JupyterHub.services.append({{"name": "test", "api_token": {token!r}}})
c.JupyterHub.load_roles.append({{
    "name": "test", "services": ["test"],
    "scopes": ["admin:users", "tokens", "admin:servers", "admin:groups", "read:hub"],
}})
"""
FAKE = """
c.JupyterHub.spawner_class = "fake_spawner.{spawner}"
c.JupyterHub.concurrent_spawn_limit = 0
"""


class PlainHub(Hub):
    """JupyterHub without anything of ours, with as many people and the same servers that are none."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        (home / "state").mkdir(exist_ok=True)
        ports = PortStore(home / "state")
        self.config.write_text(
            PLAIN.format(
                here=str(HERE),
                home=home,
                public=ports.assign("public", 0),
                port=ports.assign("hub", 0),
                token=ADMIN_TOKEN,
            )
            + FAKE.format(spawner="FakeSpawner")
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        start_ms(self)


def run(*, force: bool, load: float) -> Result:
    """Measure."""
    with tempfile.TemporaryDirectory() as scratch:
        hubs = {
            WITH: _hub(Path(scratch) / "with", SIZE),
            WITHOUT: _plain(Path(scratch) / "without", SIZE.people),
        }
        try:
            series = starts(hubs)
            series |= alternate(_spawns(hubs) | _calls(hubs))
        finally:
            for hub in hubs.values():
                hub.stop()
        series |= mirrored(Path(scratch) / "mirrored")
    return finish(
        Result(
            "beside_jupyterhub",
            "A hub of 10,000 people beside JupyterHub alone",
            f"Both hubs have {SIZE.people:,} people in SQLite, and servers of a spawner that starts nothing; with Orrery"
            f" each takes a lease from the hub service, which has {SIZE.projects:,} projects. A start is the time until"
            f" JupyterHub says that it runs. A spawn is one of {SPAWNS} that are asked for at once. While the groups of"
            f" {MIRRORED.projects} projects with {MIRRORED.projects * MIRRORED.members:,} members in all are made, a"
            f" person asks JupyterHub for the own account every {ASK_SECONDS * 1000:.0f} ms.",
            series,
            _goals(series),
        ),
        force=force,
        load=load,
    )


def _hub(home: Path, size: Size) -> Hub:
    hub = Hub(home)
    with hub.config.open("a", encoding="utf-8") as config:
        config.write(FAKE.format(spawner="LeasedFakeSpawner"))
    fill_jupyterhub(home / "state" / "jupyterhub.sqlite", size.people)
    fill_service(home, size)
    return hub


def _plain(home: Path, people: int) -> Hub:
    hub = PlainHub(home)
    fill_jupyterhub(home / "state" / "jupyterhub.sqlite", people)
    return hub


def start_ms(hub: Hub) -> float:
    """Start a hub; milliseconds until JupyterHub says that it runs."""
    begun = time.perf_counter()
    before = hub.launch()
    while not hub.is_running(before):
        assert time.perf_counter() - begun < 120, "the hub did not come up"
        time.sleep(0.02)
    return (time.perf_counter() - begun) * 1000


def starts(hubs: Mapping[str, Hub], samples: int = SAMPLES) -> dict[str, list[dict[str, float]]]:
    """Starts of every hub; each runs alone, and all run in the end."""

    def start(hub: Hub) -> Callable[[], Sample]:
        def act() -> Sample:
            sample = {"ms": start_ms(hub)}
            hub.stop()
            return sample

        return act

    series = alternate({f"start, {side}": start(hub) for side, hub in hubs.items()}, samples)
    for hub in hubs.values():
        hub.start()
    return series


def _spawns(hubs: Mapping[str, Hub]) -> dict[str, Callable[[], Sample]]:
    numbers = count(1, SPAWNS)

    def spawn(hub: Hub) -> Callable[[], Sample]:
        def act() -> Sample:
            first = next(numbers)
            begun = time.perf_counter()
            start_servers(hub, range(first, first + SPAWNS))
            took = time.perf_counter() - begun
            for number in range(first, first + SPAWNS):
                hub.call("DELETE", f"/users/{name(number)}/server")
            return {"ms": took * 1000 / SPAWNS}

        return act

    return {f"spawn, {side}": spawn(hub) for side, hub in hubs.items()}


CALLS = {"one person": f"/users/{name(7)}", "a page of 100 people": "/users?limit=100"}


def _calls(hubs: Mapping[str, Hub]) -> dict[str, Callable[[], Sample]]:
    def call(hub: Hub, path: str) -> Callable[[], Sample]:
        def act() -> Sample:
            begun = time.perf_counter()
            hub.call("GET", path).raise_for_status()
            return {"ms": (time.perf_counter() - begun) * 1000}

        return act

    return {
        f"{title}, {side}": call(hub, path)
        for title, path in CALLS.items()
        for side, hub in hubs.items()
    }


def mirrored(home: Path, seconds: float = MIRROR_SECONDS) -> dict[str, list[dict[str, float]]]:
    """Requests of a person while members are mirrored into JupyterHub's groups, until all are or the time is over."""
    hub = _hub(home, MIRRORED)
    hub.start()
    samples: list[dict[str, float]] = []
    try:
        token = hub.token(name(1), ["self"])
        client = httpx.Client(
            headers={"authorization": f"token {token}"}, trust_env=False, timeout=60
        )
        until = time.monotonic() + seconds
        while time.monotonic() < until and not _is_mirrored(hub, len(samples)):
            begun = time.perf_counter()
            client.get(f"{hub.api}/user").raise_for_status()
            samples.append({"ms": (time.perf_counter() - begun) * 1000})
            time.sleep(ASK_SECONDS)
    finally:
        hub.stop()
    return {"the own account, while members are mirrored": samples}


def _is_mirrored(hub: Hub, number: int) -> bool:
    """Whether no project waits, looked at now and then in the service's own database."""
    if number % 20:
        return False
    file = hub.home / "state" / "orrery.sqlite"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        waiting = connection.execute("SELECT count(*) FROM mirror").fetchone()[0]
    return number > 200 and not waiting


def _goals(series: Mapping[str, list[dict[str, float]]]) -> list[Goal]:
    def middle(title: str, side: str) -> float:
        return median(series[f"{title}, {side}"])

    goals = [
        Goal(
            "start of the hub, more than alone, median",
            middle("start", WITH) - middle("start", WITHOUT),
            START_MS,
            "ms",
        )
    ]
    goals += [
        Goal(
            f"{title}, median beside JupyterHub alone",
            middle(title, WITH) / middle(title, WITHOUT),
            SHARE,
            "times",
        )
        for title in ("spawn", *CALLS)
    ]
    (foreign,) = (samples for title, samples in series.items() if "mirrored" in title)
    return [
        *goals,
        Goal(
            "a request while members are mirrored, longest", max(values(foreign)), FOREIGN_MS, "ms"
        ),
    ]
