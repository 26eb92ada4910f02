"""The hub service beside JupyterHub's own API, with one client and with ten at once."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.bench.corpus import snippets
from tests.bench.method import Goal, Result, Sample, alternate, finish, percentile, values
from tests.hub.hubs import Hub

CLIENTS = 10
EACH = 12


class Caller:
    """Ten connections of one person to both APIs."""

    def __init__(self, hub: Hub, token: str) -> None:
        self.addresses = {"service": hub.service, "hub": hub.api}
        headers = {"authorization": f"Bearer {token}"}
        self.clients = [
            httpx.Client(headers=headers, trust_env=False, timeout=60) for _ in range(CLIENTS)
        ]

    def one(self, part: str, path: str, client: int = 0) -> float:
        """Milliseconds of one request."""
        begun = time.perf_counter()
        answer = self.clients[client].get(self.addresses[part] + path)
        assert answer.status_code == 200, answer.text
        return (time.perf_counter() - begun) * 1000

    def many(self, part: str, path: str) -> list[float]:
        """Milliseconds of each request when all clients ask at once, again and again."""
        found: list[float] = []

        def ask(client: int) -> None:
            found.extend(self.one(part, path, client) for _ in range(EACH))

        threads = [threading.Thread(target=ask, args=(client,)) for client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found

    def close(self) -> None:
        for client in self.clients:
            client.close()


SIDES = {
    "GET /me": ("service", "/me"),
    "GET /projects": ("service", "/projects"),
    "GET /snippets/changes, nothing new": ("service", "/snippets/changes?cursor={cursor}"),
    "GET /hub/api/user (peer)": ("hub", "/user"),
}


def run(*, force: bool, load: float) -> Result:
    """Measure."""
    with tempfile.TemporaryDirectory() as scratch:
        hub = Hub(Path(scratch) / "hub")
        hub.start()
        try:
            caller, sides = _prepared(hub)
            alone = alternate(
                {f"{name}, 1 client": _single(caller, *at) for name, at in sides}, 100
            )
            crowd = alternate({f"{name}, 10 clients": _crowd(caller, *at) for name, at in sides})
            caller.close()
        finally:
            hub.stop()
    series = alone | {name: _flat(found) for name, found in crowd.items()}
    return finish(
        Result(
            "hub_service",
            "The hub service",
            "A real JupyterHub with the service that it manages, SQLite, 500 snippets and 20 projects of the person who"
            " asks. With ten clients every sample is one request while nine others wait for theirs; what is kept are"
            " the p50, p95 and p100 of each round of 120.",
            series,
            _goals(series),
        ),
        force=force,
        load=load,
    )


def _prepared(hub: Hub) -> tuple[Caller, list[tuple[str, tuple[str, str]]]]:
    token = hub.token("bench")
    with hub.client("bench") as client:
        for number in range(20):
            client.post("/projects", json={"slug": f"p{number}", "name": f"Project {number}"})
        for one in snippets(500):
            assert client.post("/snippets", json=one).status_code == 201
    caller = Caller(hub, token)
    # Who asks for himself the first time becomes a member of the sample project: every cursor before is void.
    caller.one("service", "/me")
    feed = {"cursor": "", "more": True}
    while feed["more"]:
        # A cursor is good for the token that it was given to: another one may see more or less.
        asked = {"limit": 1000, "cursor": feed["cursor"]}
        feed = caller.clients[0].get(f"{hub.service}/snippets/changes", params=asked).json()
    return caller, [
        (name, (part, path.replace("{cursor}", feed["cursor"])))
        for name, (part, path) in SIDES.items()
    ]


def _single(caller: Caller, part: str, path: str) -> Callable[[], Sample]:
    return lambda: {"ms": caller.one(part, path)}


def _crowd(caller: Caller, part: str, path: str) -> Callable[[], Sample]:
    def act() -> Sample:
        found = caller.many(part, path)
        return {f"p{share}": percentile(found, share / 100) for share in (50, 95, 100)}

    return act


def _flat(rounds: list[dict[str, float]]) -> list[dict[str, float]]:
    return [
        {"ms": one["p95"], "median_ms": one["p50"], "longest_ms": one["p100"]} for one in rounds
    ]


def _goals(series: dict[str, list[dict[str, float]]]) -> list[Goal]:
    """At most one and a half times the hub's own API, which knows the person already and asks nobody."""
    goals = []
    for count in ("1 client", "10 clients"):
        peer = percentile(values(series[f"GET /hub/api/user (peer), {count}"]), 0.95)
        for name in ("GET /me", "GET /projects", "GET /snippets/changes, nothing new"):
            ours = percentile(values(series[f"{name}, {count}"]), 0.95)
            goals.append(
                Goal(f"{name}, p95 beside the hub's own, {count}", ours / peer, 1.5, "times")
            )
    return goals
