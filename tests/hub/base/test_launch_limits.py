"""What JupyterHub's process asks for people is admitted by person: nobody's pages stand before another's start."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from orrery_hub.base import launch_limits
from orrery_hub.base.launch_limits import LaunchLimits
from orrery_hub.pools.launch import LaunchService
from orrery_wire.errors import TooMany
from orrery_wire.pools import LaunchChoices
from tests.hub.services import Service

PAGES, STARTS = launch_limits._ALL["page"][0], launch_limits._ALL["start"][0]
OWN = sum(launch_limits._OWN)


def body(user: object) -> bytes:
    return json.dumps({"user": user, "server": ""}).encode()


class Desk:
    """Requests that are answered when the test says so."""

    def __init__(self) -> None:
        self.limits = LaunchLimits()
        self.open = asyncio.Event()
        self.answered: list[str] = []
        self.refused: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def ask(self, what: str, user: object, times: int = 1) -> None:
        self.tasks += [asyncio.create_task(self._ask(what, user)) for _ in range(times)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _ask(self, what: str, user: object) -> None:
        try:
            async with self.limits.admit(f"/hub/api/launch/{what}", body(user)):
                self.answered.append(f"{what} {user}")
                await self.open.wait()
        except TooMany:
            self.refused.append(f"{what} {user}")

    async def close(self) -> None:
        self.open.set()
        await asyncio.gather(*self.tasks)


def test_one_person_with_many_pages_takes_no_place_of_others() -> None:
    async def run() -> None:
        desk = Desk()
        await desk.ask("choices", "ann", 300)
        assert desk.answered == ["choices ann"] * 2
        assert len(desk.refused) == 300 - OWN
        for what in ("choices", "leases", "tickets", "tickets/cancel", "started", "ended"):
            await desk.ask(what, f"another for {what}")
            assert desk.answered[-1] == f"{what} another for {what}"
        await desk.ask("leases", "ann")  # the own pages stand before no own start either
        assert desk.answered[-1] == "leases ann"
        await desk.close()
        assert desk.answered.count("choices ann") == OWN

    asyncio.run(run())


def test_pages_of_all_leave_room_for_starts_and_both_for_reports() -> None:
    async def run() -> None:
        desk = Desk()
        for number in range(200):
            await desk.ask("choices", f"p{number}")
        assert len(desk.answered) == PAGES
        for number in range(100):
            await desk.ask("leases", f"p{number}")
        assert len(desk.answered) == PAGES + STARTS
        for what in ("started", "ended", "failed"):
            await desk.ask(what, "p0", 500)
        assert len(desk.answered) == PAGES + STARTS + 1_500
        await desk.close()
        assert desk.refused == []
        assert len(desk.answered) == 200 + 100 + 1_500

    asyncio.run(run())


def test_whoever_gives_up_leaves_no_place_taken() -> None:
    async def run() -> None:
        desk = Desk()
        for number in range(PAGES):
            await desk.ask("choices", f"p{number}")
        await desk.ask("choices", "late", 2)
        for task in desk.tasks[-2:]:
            task.cancel()
        await asyncio.gather(*desk.tasks[-2:], return_exceptions=True)
        del desk.tasks[-2:]
        await desk.close()
        assert all(slots.active == 0 for slots in desk.limits._all.values())
        assert all(slots.active == 0 for slots in desk.limits._people.values())

    asyncio.run(run())


@pytest.mark.parametrize("content", [b"", b"[", b"[1]", b'{"user": 7}', b'"ann"', b"\xff"])
def test_a_body_that_names_nobody_is_admitted_to_be_refused(content: bytes) -> None:
    async def run() -> None:
        async with LaunchLimits().admit("/api/launch/leases", content):
            pass

    asyncio.run(run())


def test_people_who_asked_long_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch_limits, "_MAX_PEOPLE", 3)

    async def run() -> None:
        limits = LaunchLimits()
        for number in range(10):
            async with limits.admit("/api/launch/choices", body(f"p{number}")):
                pass
        assert len(limits._people) <= 3

    asyncio.run(run())


def test_a_start_and_a_report_pass_the_pages_that_wait(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go, begun = threading.Event(), threading.Semaphore(0)

    def choices(*_: Any) -> LaunchChoices:
        begun.release()
        assert may_go.wait(20)
        return LaunchChoices(is_required=False)

    monkeypatch.setattr(LaunchService, "choices", choices)
    created = {name: service.hub.account(name).isoformat() for name in ("ann", "ben")}

    def ask(what: str, user: str, **more: Any) -> int:
        client = service.anonymous()
        client.headers["Authorization"] = f"Bearer {service.settings.launcher_token()}"
        content = {"user": user, "created": created[user]} | more
        return client.post(f"/launch/{what}", json=content).status_code

    with ThreadPoolExecutor(20) as pool:
        pages = [pool.submit(ask, "choices", "ann") for _ in range(20)]
        begun.acquire()
        begun.acquire()
        try:
            assert ask("leases", "ben") == 200
            client = service.anonymous()
            client.headers["Authorization"] = f"Bearer {service.settings.launcher_token()}"
            for what, more in (("started", {}), ("ended", {"at": "2026-11-02T09:00:00Z"})):
                report = {"user": "ben", "lease": 1} | more
                assert client.post(f"/launch/{what}", json=report).status_code == 204
        finally:
            may_go.set()
        statuses = [page.result() for page in pages]
    assert statuses.count(200) <= OWN
    assert set(statuses) == {200, 429}
