"""Floods of the hub service: another person is served meanwhile, what floods is refused, and memory comes back."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import psutil
import pytest

from tests.bench.method import percentile
from tests.hub.hubs import Hub
from tests.security.test_limits import MEGABYTE, Door, service_pid

# Connections that flood at once.
FLOODERS = 16
Flood = Callable[[Door, int, threading.Event], Counter[str]]


def bodies(door: Door, number: int, over: threading.Event) -> Counter[str]:
    """Bodies of four megabytes by somebody who is not logged in."""
    answers: Counter[str] = Counter()
    head = f"POST {door.path.rpartition('/')[0]}/snippets HTTP/1.1\r\nHost: x\r\nContent-Length: {4 * MEGABYTE}\r\n\r\n"
    while not over.is_set():
        with suppress(OSError), closing(door.connect()) as line:
            line.settimeout(2)
            line.sendall(head.encode() + b"x" * 100_000)
            answers[line.recv(12).decode()] += 1
    return answers


def idle_heads(door: Door, number: int, over: threading.Event) -> Counter[str]:
    """Connections that begin a head and do not end it."""
    lines = []
    while not over.is_set():
        with suppress(OSError):
            lines.append(door.connect())
            lines[-1].sendall(b"GET / HTTP/1.1\r\nX-")
        for line in lines[:-60]:
            line.close()
        del lines[:-60]
        time.sleep(0.02)
    for line in lines:
        line.close()
    return Counter({"opened": len(lines)})


def _requests(
    door: Door, over: threading.Event, make: Callable[[httpx.Client, int], httpx.Response]
) -> Counter[str]:
    answers: Counter[str] = Counter()
    with httpx.Client(trust_env=False, timeout=30) as client:
        count = 0
        while not over.is_set():
            count += 1
            with suppress(httpx.HTTPError):
                answers[str(make(client, count).status_code)] += 1
    return answers


def methods(door: Door, number: int, over: threading.Event) -> Counter[str]:
    """Methods and paths that nobody knows, or that another address takes."""
    kinds = (
        (f"M{number}X{{}}", "/{}"),
        ("PROPFIND", "/{}"),
        ("DELETE", ""),
        ("TRACE", "?{}"),
    )

    def ask(client: httpx.Client, n: int) -> httpx.Response:
        method, path = kinds[n % len(kinds)]
        return client.request(method.format(n), door.address + door.path + path.format(n))

    return _requests(door, over, ask)


def garbage_tokens(door: Door, number: int, over: threading.Event) -> Counter[str]:
    """Another wrong token each time."""
    return _requests(
        door,
        over,
        lambda client, n: client.get(
            door.address + door.path, headers={"authorization": f"Bearer {number}-{n}"}
        ),
    )


def writers(door: Door, number: int, over: threading.Event) -> Counter[str]:
    """Changes by one person, as fast as they go."""
    body = {"name": "n", "cells": [{"source": "x" * 2_000}]}
    path = door.address + door.path.rpartition("/")[0] + "/snippets"
    return _requests(
        door, over, lambda client, n: client.post(path, json=body, headers=door.headers)
    )


FLOODS: dict[str, tuple[Flood, set[str]]] = {
    "bodies": (bodies, {"HTTP/1.1 401"}),
    "idle heads": (idle_heads, {"opened"}),
    "methods": (methods, {"400", "404", "405"}),
    "garbage tokens": (garbage_tokens, {"401", "429"}),
    "writers": (writers, {"201", "429"}),
}


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub of its own, with a person's changes bounded so that seconds are enough to see it."""
    home: Path = tmp_path_factory.mktemp("floods") / "hub"
    hub = Hub(home, person_writes_per_second=20)
    hub.start()
    yield hub
    hub.stop()


def _times(client: httpx.Client, seconds: float) -> list[float]:
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.perf_counter()
        assert client.get("/me").status_code == 200
        times.append((time.perf_counter() - began) * 1000)
        time.sleep(0.02)
    return times


def _flood(hub: Hub, name: str, seconds: float) -> tuple[list[float], list[float], Counter[str]]:
    """A person's times at rest and during a flood, and how the flood was answered."""
    flood, expected = FLOODS[name]
    base = httpx.URL(hub.service)
    headers = {"authorization": f"Bearer {hub.token('flooder')}"}
    pid = service_pid(base.port or 0)
    door = Door(f"http://127.0.0.1:{base.port}", f"{base.path}/me", headers, pid, holds=50)
    answers: Counter[str] = Counter()
    over = threading.Event()
    with hub.client("mona") as mona:
        rest = _times(mona, min(seconds, 10))
        threads = [
            threading.Thread(target=lambda n=n: answers.update(flood(door, n, over)))
            for n in range(FLOODERS)
        ]
        for thread in threads:
            thread.start()
        during = _times(mona, seconds)
        over.set()
        for thread in threads:
            thread.join()
        assert mona.get("/me").status_code == 200
    assert answers, name
    assert set(answers) <= expected, answers
    return rest, during, answers


@pytest.mark.parametrize("name", FLOODS)
def test_a_short_flood_keeps_nobody_else_waiting(flooded: Hub, name: str) -> None:
    """A few seconds; the facts are counted, for times of a busy machine say little."""
    process = psutil.Process(service_pid(httpx.URL(flooded.service).port or 0))
    before = process.memory_info().rss
    _, during, answers = _flood(flooded, name, 2)
    assert len(during) >= 10
    assert statistics.median(during) < 1_000
    if name == "writers":
        # What was not used in ten seconds at once, and 20 a second from then on.
        assert answers["201"] <= 200 + 20 * 60
    assert process.memory_info().rss - before < 60 * MEGABYTE


@pytest.mark.slow
@pytest.mark.parametrize("name", FLOODS)
def test_a_minute_of_a_flood(flooded: Hub, name: str) -> None:
    """Another person's p95 stays under four times its value at rest, and memory comes back."""
    process = psutil.Process(service_pid(httpx.URL(flooded.service).port or 0))
    _flood(flooded, name, 3)
    before = process.memory_info().rss
    rest, during, answers = _flood(flooded, name, 60)
    time.sleep(15)
    ratio = percentile(during, 0.95) / percentile(rest, 0.95)
    growth = process.memory_info().rss / before - 1
    print(f"{name}: p95 {percentile(rest, 0.95):.1f} -> {percentile(during, 0.95):.1f} ms, x{ratio:.2f}; memory {growth:+.1%}; {dict(answers)}")  # fmt: skip
    assert ratio < 4
    assert growth < 0.1
