"""The contract of `ComputeBackend`, kept with a hub and without one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from orrery_hub.base import notices
from orrery_hub.base.notices import Draft
from orrery_hub.base.people import PersonRow
from orrery_server.compute.backend import ComputeBackend
from orrery_server.compute.backends.hub import HubCompute
from orrery_server.compute.backends.local import LocalCompute
from orrery_server.compute.service import ComputeService
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.pools import LaunchOptions, LeaseQuery
from orrery_wire.queue import TicketIn, TicketQuery
from orrery_wire.servers import OwnServerQuery, StartIn, StopIn
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


async def test_what_may_be_started_and_what_is_held(backend: ComputeBackend) -> None:
    choices = await backend.launch_choices("")
    assert choices.is_required == (type(backend) is HubCompute)
    page = await backend.list_leases(LeaseQuery(limit=7))
    assert (page.items, page.total, page.limit) == ((), 0, 7)


async def test_servers_are_listed_started_and_stopped(
    hub: ComputeBackend, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = "2026-01-02T03:04:05.000000Z"
    model = {"name": "mine", "ready": True, "pending": None, "started": moment}
    model |= {"last_activity": moment, "url": "/user/ann/mine/", "user_options": {}}
    served.service.hub.servers = {"ann": [model], "bob": [model]}
    assert await served.service.app.state.servers.refresh()
    monkeypatch.setenv("JUPYTERHUB_SERVER_NAME", "mine")
    events: Events = []
    service: Any = ComputeService(context=lab_context(tmp_path, events))
    (server,) = (await service.list_servers()).items
    assert (server.name, server.is_current, server.url) == ("mine", True, "/user/ann/mine/")
    assert (await service.launch_choices(OwnServerQuery())).profiles
    await service.start_server(StartIn(server_name="two", options=LaunchOptions(profile="gpu")))
    await service.stop_server(StopIn(server_name="two"))
    await service.stop_server(StopIn())
    assert served.service.hub.stopped == ["ann/servers/two", "ann/servers/mine"]
    assert [(data["action"], data["subject"]) for _, data in events] == [
        ("start", "two"),
        ("stop", "two"),
        ("stop", "mine"),
    ]
    await service.stop()


async def test_notices_of_the_hub_are_shown_and_dismissed(
    hub: ComputeBackend, served: Served
) -> None:
    await hub.list_tickets(TicketQuery())
    with served.database.write() as session:
        ann = session.scalars(select(PersonRow.id).where(PersonRow.hub_name == "ann")).one()
        notices.put(session, Draft(key="k", person_id=ann, kind="message", message="Hello"))
    (notice,) = (await hub.notices("")).items
    assert notice.message == "Hello"
    await hub.dismiss(notice.id)
    assert (await hub.notices("")).items == ()


async def test_without_a_hub_nothing_is_started_stopped_or_dismissed() -> None:
    local = LocalCompute()
    assert (await local.list_servers("")).items == ()
    assert (await local.notices("")).items == ()
    for call in (local.start_server(StartIn()), local.stop_server(""), local.dismiss(1)):
        with pytest.raises(NotFound, match="There is no such"):
            await call
