"""The contract of `ComputeBackend`, kept with a hub and without one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orrery_server.compute.backend import ComputeBackend
from orrery_server.compute.backends.hub import HubCompute
from orrery_server.compute.backends.local import LocalCompute
from orrery_server.compute.service import ComputeService
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.pools import LaunchOptions
from orrery_wire.queue import TicketIn, TicketQuery
from tests.hub.queue.pools import declare
from tests.server.contexts import Events, lab_context
from tests.server.served import Served

REQUEST = TicketIn(options=LaunchOptions(profile="gpu"))


@pytest.fixture
def hub(
    served: Served, monkeypatch: pytest.MonkeyPatch, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[ComputeBackend]:
    with served.database.write() as session:
        declare(session, devices=1)
    monkeypatch.setenv("ORRERY_HUB_URL", served.url)
    monkeypatch.setenv("JUPYTERHUB_USER", "ann")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", served.service.hub.add("ann"))
    backend = HubCompute()
    yield backend
    jp_asyncio_loop.run_until_complete(backend.close())


@pytest.fixture(params=["local", "hub"])
def backend(request: pytest.FixtureRequest) -> ComputeBackend:
    if request.param == "local":
        return LocalCompute()
    backend: ComputeBackend = request.getfixturevalue("hub")
    return backend


async def test_nobody_waits_and_nothing_unknown_is_there(backend: ComputeBackend) -> None:
    page = await backend.list_tickets(TicketQuery(limit=7))
    assert (page.items, page.total, page.limit) == ((), 0, 7)
    for call in (backend.get_ticket(99), backend.claim(99), backend.cancel(99)):
        with pytest.raises(NotFound):
            await call


async def test_a_ticket_is_requested_claimed_and_cancelled(hub: ComputeBackend) -> None:
    ticket = await hub.request(REQUEST)
    assert (ticket.state, ticket.pool, ticket.devices) == ("offered", "gpu", 1)
    assert await hub.get_ticket(ticket.id) == ticket
    waiting = await hub.request(REQUEST.model_copy(update={"server_name": "two"}))
    assert (waiting.state, waiting.place) == ("waiting", 1)
    assert waiting.cause is not None
    with pytest.raises(Conflict):
        await hub.claim(waiting.id)
    assert (await hub.claim(ticket.id)).state == "claimed"
    await hub.cancel(waiting.id)
    await hub.cancel(waiting.id)
    page = await hub.list_tickets(TicketQuery(is_open=True))
    assert [item.id for item in page.items] == [ticket.id]


async def test_without_a_hub_a_request_says_why() -> None:
    with pytest.raises(NotFound, match="no pools"):
        await LocalCompute().request(REQUEST)


async def test_a_request_is_for_this_server_unless_another_is_named(
    hub: ComputeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_SERVER_NAME", "mine")
    events: Events = []
    service: Any = ComputeService(context=lab_context(tmp_path, events))
    own = await service.request(REQUEST)
    other = await service.request(
        TicketIn(server_name="", options=LaunchOptions(profile="gpu"), priority="low")
    )
    assert (own.server_name, other.server_name, other.priority) == ("mine", "", "low")
    await service.claim(own.id)
    await service.cancel(other.id)
    assert [data["action"] for _, data in events] == ["request", "request", "claim", "cancel"]
    assert events[2] == ("compute", {"action": "claim", "subject": str(own.id)})
    await service.stop()
