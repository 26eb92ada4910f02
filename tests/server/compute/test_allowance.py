"""Budgets, notices and idle servers from a lab: with a hub and without one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orrery_hub.audit.service import record
from orrery_hub.base import notices
from orrery_hub.base.notices import Draft
from orrery_hub.base.people import find
from orrery_hub.budgets.charging import Charging
from orrery_hub.budgets.schemas import BudgetIn
from orrery_hub.budgets.service import BudgetService
from orrery_hub.culling.judgement import Warned
from orrery_hub.culling.store import warn
from orrery_hub.projects.store import memberships
from orrery_server.compute.backends.hub import HubCompute
from orrery_server.compute.backends.local import LocalCompute
from orrery_server.compute.devices import DeviceUse
from orrery_server.compute.service import ComputeService
from orrery_wire.budgets import BudgetRequestIn, BudgetRequestQuery, CostQuery
from orrery_wire.culling import Activity
from orrery_wire.errors import Conflict, NotFound
from tests.hub.leases import Farm
from tests.server.contexts import Events, lab_context
from tests.server.served import Served

IDLE = Activity(busy_kernels=0, cpu_millis=0, memory_mib=300, device_permille=0)


class Desk:
    """A lab of ann's at a hub where it holds devices, and a budget bears on it."""

    def __init__(self, served: Served, backend: HubCompute) -> None:
        self.served = served
        self.backend = backend
        self.now = datetime.now(UTC)
        self.farm = Farm(served.database, "desk")
        with served.database.read() as session:
            row = find(session, "ann")
            assert row
            self.person = row.id
        self.lease = self.farm.start(
            "ann",
            self.now - timedelta(minutes=10),
            account_id=self.person,
            person_id=self.person,
            server_name="desk",
        )
        Charging(served.database).run(self.now)
        request = BudgetIn(subject="person", person="ann", resource="device", limit=600)
        budgets = BudgetService(served.database, memberships, record=record)
        self.budget = budgets.create("root", request).id


@pytest.fixture
def desk(
    served: Served, monkeypatch: pytest.MonkeyPatch, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Desk]:
    monkeypatch.setenv("ORRERY_HUB_URL", served.url)
    monkeypatch.setenv("JUPYTERHUB_USER", "ann")
    monkeypatch.setenv("JUPYTERHUB_SERVER_NAME", "desk")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", served.service.hub.add("ann"))
    served.service.client("ann").get("/me").raise_for_status()
    backend = HubCompute()
    yield Desk(served, backend)
    jp_asyncio_loop.run_until_complete(backend.close())


async def test_a_lab_sees_its_budgets_and_asks_for_more(desk: Desk) -> None:
    mine = await desk.backend.budgets("desk")
    (budget,) = (item for item in mine.budgets if item.id == desk.budget)
    assert budget.limit == 600
    assert budget.used in (18, 20)  # a minute is charged when it is over
    assert [server.server for server in mine.servers] == ["desk"]
    request = await desk.backend.ask(BudgetRequestIn(budget=desk.budget, amount=60))
    page = await desk.backend.budget_requests(BudgetRequestQuery(budget=desk.budget))
    assert [(item.id, item.state) for item in page.items] == [(request.id, "open")]
    costs = await desk.backend.costs(CostQuery(by="pool"))
    assert [(cost.pool, cost.device_minutes) for cost in costs.items] == [("desk", budget.used)]


async def test_a_lab_shows_what_the_hub_tells_it(desk: Desk) -> None:
    draft = Draft(key="cull:1", person_id=desk.person, kind="cull", message="m", server="desk")
    with desk.served.database.write() as session:
        notices.put(session, draft)
    (notice,) = (await desk.backend.notices("desk")).items
    assert (await desk.backend.notices("another")).items == ()
    await desk.backend.dismiss(notice.id)
    assert (await desk.backend.notices("desk")).items == ()


async def test_a_lab_reports_its_use_and_puts_off_its_end(desk: Desk, tmp_path: Path) -> None:
    state = await desk.backend.report("desk", IDLE)
    assert (state.is_limited, state.state) == (True, "idle")
    with pytest.raises(Conflict):
        await desk.backend.extend("desk")
    with desk.served.database.write() as session:
        warn(session, desk.lease, Warned(desk.now, desk.now + timedelta(minutes=10)))
    events: Events = []
    service: Any = ComputeService(context=lab_context(tmp_path, events))
    extended = await service.extend()
    assert extended.cull_at == desk.now + timedelta(minutes=70)
    use = await service.use()
    assert (use.server, use.culling.extensions_left) == ("desk", 2)
    assert use.activity.memory_mib > 0
    assert events == [("compute", {"action": "extend", "subject": "desk"})]
    await service.stop()


async def test_a_lab_reports_while_it_runs(desk: Desk, tmp_path: Path) -> None:
    service: Any = ComputeService(context=lab_context(tmp_path))
    service._meter._devices = lambda: DeviceUse(0)  # without a device nothing is known of its use
    await service.start()
    for _ in range(200):
        if (await desk.backend.cull_state("desk")).state != "unknown":
            break
        await asyncio.sleep(0.05)
    assert (await desk.backend.cull_state("desk")).state != "unknown"
    await service.stop()


async def test_without_a_hub_nothing_is_limited() -> None:
    backend = LocalCompute()
    assert (await backend.notices("")).items == ()
    assert (await backend.budgets("")).budgets == ()
    assert not (await backend.report("", IDLE)).is_limited
    assert not (await backend.cull_state("")).is_limited
    assert (await backend.budget_requests(BudgetRequestQuery())).total == 0
    assert (await backend.costs(CostQuery())).total == 0
    for call in (
        backend.dismiss(1),
        backend.ask(BudgetRequestIn(budget=1, amount=1)),
    ):
        with pytest.raises(NotFound):
            await call
    with pytest.raises(Conflict):
        await backend.extend("")
