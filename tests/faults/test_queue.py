"""SIGKILL for the real hub service while people wait, claim and work: no ticket is lost, and no device is given twice."""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from orrery_hub.base.db import Database
from orrery_hub.base.migrate import upgrade
from tests.faults.stand_in_hub import StandInHub
from tests.hub.queue.pools import declare
from tests.processes import start_process

pytestmark = pytest.mark.timeout(900)

DEVICES = 2
PEOPLE = [f"person-{n}" for n in range(5)]


@dataclass
class Service:
    """The hub service as a process, which is killed and started again."""

    home: Path
    hub: StandInHub
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("ORRERY_", "JUPYTERHUB_"))
        }
        environment |= {
            "ORRERY_HOME": str(self.home),
            "ORRERY_SERVICE_EXTERNAL": "true",
            "ORRERY_HUB_API_URL": self.hub.url,
            "ORRERY_DEFAULT_PROJECT": "",
            "ORRERY_QUEUE_TICK_SECONDS": "0.2",
            "ORRERY_QUEUE_CLAIM_MINUTES": "0.05",
            "ORRERY_QUEUE_MISSED_OFFERS": "5",
            "ORRERY_PERSON_WRITES_PER_SECOND": "1000",
        }
        command = [sys.executable, "-m", "orrery_hub.app"]
        self.process = start_process(
            command, log=self.home / "service.log", cwd=self.home, environment=environment
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process.poll() is None, (self.home / "service.log").read_text()[-4000:]
            with suppress(httpx.HTTPError, OSError, ValueError, KeyError):
                if httpx.get(f"{self.url}/health", trust_env=False, timeout=2).status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError("the service did not come up")

    @property
    def url(self) -> str:
        ports = json.loads((self.home / "state" / "ports.json").read_text())
        return f"http://127.0.0.1:{ports['service']}/services/orrery/api"

    def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@dataclass
class Worker:
    """A person who asks for a device, claims it (mostly), works a moment, and asks again."""

    service: Service
    name: str
    chance: random.Random
    acknowledged: list[int] = field(default_factory=list)
    works: int = 0
    faults: list[str] = field(default_factory=list)

    def run(self, is_over: threading.Event) -> None:
        while not is_over.is_set():
            ticket = self.call("POST", "tickets", {"options": {"profile": "gpu"}})
            if ticket is None:
                continue
            self.acknowledged.append(ticket["id"])
            self.follow(ticket["id"], is_over)

    def follow(self, ticket: int, is_over: threading.Event) -> None:
        will_cancel, will_miss = self.chance.random() < 0.1, self.chance.random() < 0.1
        until = time.monotonic() + 120
        while time.monotonic() < until:
            seen = self.call("GET", f"tickets/{ticket}")
            state = seen["state"] if seen else ""
            if state == "offered" and not will_miss:
                self.call("POST", f"tickets/{ticket}/claim")
            elif state == "waiting" and will_cancel:
                self.call("DELETE", f"tickets/{ticket}")
            elif state == "started":
                self.works += 1
                time.sleep(self.chance.uniform(0.0, 0.5))
                self.service.hub.end(self.name, "")
                return
            elif state in ("cancelled", "expired", "failed"):
                if state == "failed":
                    self.faults.append(f"{ticket}: {seen}")
                return
            will_miss = will_miss and self.chance.random() > 0.02
            time.sleep(0.05)
        self.faults.append(f"{ticket} did not end: {seen}")

    def call(self, verb: str, path: str, body: Any = None) -> Any:
        try:
            answer = httpx.request(
                verb,
                f"{self.service.url}/{path}",
                json=body,
                headers={"Authorization": f"Bearer token-of-{self.name}"},
                timeout=10,
                trust_env=False,
            )
        except (httpx.HTTPError, OSError, ValueError):
            time.sleep(0.1)
            return None
        if answer.status_code == 404 and path != "tickets":
            self.faults.append(f"{verb} {path}: lost")
        if answer.status_code == 400:
            self.faults.append(f"{verb} {path}: {answer.text}")
        return answer.json() if answer.is_success and answer.content else None


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    home = tmp_path / "home"
    for folder in ("state", "secrets", "run"):
        (home / folder).mkdir(parents=True, mode=0o700)
    file = home / "state" / "orrery.sqlite"
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    with database.write() as session:
        declare(session, devices=DEVICES)
    database.close()
    hub = StandInHub(file, [*PEOPLE, "root"])
    service = Service(home, hub)
    service.start()
    yield service
    service.kill()
    hub.close()


def rows(service: Service, query: str) -> list[tuple[Any, ...]]:
    with closing(
        sqlite3.connect(service.home / "state" / "orrery.sqlite", timeout=30)
    ) as connection:
        return connection.execute(query).fetchall()


def overlap(intervals: list[tuple[Any, ...]]) -> int:
    """How many devices were held at once at most."""
    changes = []
    for devices, begin, end in intervals:
        changes.append((begin, 1, devices))
        if end is not None:
            changes.append((end, 0, -devices))  # what ends at a moment is free at that moment
    held = greatest = 0
    for *_, change in sorted(changes):
        held += change
        greatest = max(greatest, held)
    return greatest


def judge(service: Service, workers: list[Worker]) -> None:
    tickets = dict(rows(service, "SELECT id, state FROM ticket"))
    for worker in workers:
        assert worker.faults == []
        assert set(worker.acknowledged) <= tickets.keys(), "a ticket was lost"
    assert overlap(rows(service, "SELECT devices, reserved_at, ended_at FROM lease")) <= DEVICES
    held = rows(service, "SELECT id FROM ticket WHERE state IN ('offered', 'claimed')")
    holding = rows(
        service,
        "SELECT t.id FROM ticket t JOIN lease l ON l.id = t.lease_id"
        " WHERE t.state IN ('offered', 'claimed') AND l.ended_at IS NULL",
    )
    assert len(holding) >= len(held) - len(workers)
    shared = rows(
        service,
        "SELECT lease_id FROM ticket WHERE lease_id IS NOT NULL GROUP BY lease_id HAVING count(*) > 1",
    )
    assert shared == [], "one lease for two tickets"


def kill_and_judge(service: Service, kills: int) -> None:
    seed = int(os.environ.get("ORRERY_TEST_SEED", secrets.randbelow(10**6)))
    chance = random.Random(seed)
    print(f"seed {seed}")
    workers = [Worker(service, name, random.Random(seed + n)) for n, name in enumerate(PEOPLE)]
    is_over = threading.Event()
    threads = [threading.Thread(target=w.run, args=(is_over,), daemon=True) for w in workers]
    for thread in threads:
        thread.start()
    try:
        for _ in range(kills):
            time.sleep(chance.uniform(0.2, 1.5))
            service.kill()
            service.start()
        time.sleep(1)
    finally:
        is_over.set()
        for thread in threads:
            thread.join(150)
    judge(service, workers)
    assert sum(worker.works for worker in workers) >= kills
    tickets = rows(service, "SELECT id FROM ticket WHERE ended IS NULL")
    assert tickets == [], "somebody still waits, and nobody holds anything"


def test_a_killed_service_loses_no_ticket_and_gives_no_device_twice(service: Service) -> None:
    kill_and_judge(service, kills=2)


@pytest.mark.slow
def test_twenty_kills_lose_no_ticket_and_give_no_device_twice(service: Service) -> None:
    kill_and_judge(service, kills=20)
