"""Idle servers from the lab's report to the stop: the library goes through JupyterHub's servers, the arbiter decides."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
import jupyterhub_idle_culler
import pytest
from sqlalchemy import select

from orrery_hub.audit.service import record
from orrery_hub.audit.store import AuditRow
from orrery_hub.base import notices
from orrery_hub.base.db import Database
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.steady_clock import SteadyClock
from orrery_hub.culling.culler import Arbiter, Culler, jupyterhub_sweep
from orrery_hub.culling.schemas import LimitIn, ServerUseQuery
from orrery_hub.culling.service import CullingService
from orrery_hub.culling.store import DefaultLimits
from orrery_wire.culling import Activity, CullState, ServerQuery
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.schemas import PageQuery
from tests.hub.leases import Clock, Farm, clock
from tests.hub.services import make_user

__all__ = ["clock"]

ANN = make_user("ann")
IDLE = Activity(busy_kernels=0, cpu_millis=5, memory_mib=400, idle_seconds=None, device_permille=0)
UNMEASURED = IDLE.model_copy(
    update={"device_permille": None, "device_note": "not measured: no driver"}
)
DEFAULTS = DefaultLimits(idle_minutes=60, unknown_minutes=180)
BUSY = IDLE.model_copy(update={"busy_kernels": 1})


class Room:
    """A farm with labs that report, and a JupyterHub whose servers the culler goes through."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.farm = Farm(database)
        self.service = CullingService(database, defaults=DEFAULTS, record=record)
        self.servers: dict[str, int] = {}
        self.activity: dict[str, Activity | None] = {}
        self.stopped: dict[str, float] = {}
        self.began = clock.moment
        self.restart()

    def restart(self) -> None:
        """A new process knows only what is in the database."""
        self.culler = Culler(
            self.database,
            self.sweep,
            Metrics(),
            record,
            defaults=DEFAULTS,
            clock=SteadyClock(self.clock, self.clock.monotonic),
        )

    async def sweep(self, arbiter: Arbiter) -> None:
        """What the library does, without JupyterHub: an open tab keeps every server active."""
        for name, lease in list(self.servers.items()):
            server = {"name": name, "full_name": f"ann/{name}"}
            if await arbiter(inactive=timedelta(), inactive_limit=0, server=server):
                self.stopped[name] = (self.clock.moment - self.began) / timedelta(minutes=1)
                self.farm.stop(lease, self.clock.moment)
                del self.servers[name]

    def start(self, activity: Activity | None = IDLE, **more: Any) -> str:
        lease = self.farm.start("ann", self.clock.moment, **more)
        name = self.farm.server_of(lease)
        self.servers[name], self.activity[name] = lease, activity
        return name

    def pass_minutes(self, count: int) -> None:
        for _ in range(count):
            for name in self.servers:
                if activity := self.activity[name]:
                    self.service.report(ANN, ServerQuery(server=name), activity)
            assert asyncio.run(self.culler.look())
            self.clock.go(60)

    def state(self, name: str) -> CullState:
        return self.service.mine(ANN, ServerQuery(server=name))

    def notice(self, name: str) -> notices.NoticeRow | None:
        with self.database.read() as session:
            rows = notices.current(session, ANN.person_id, name)
            return next((row for row in rows if row.kind == "cull"), None)


@pytest.fixture
def room(sqlite: Database, clock: Clock) -> Room:
    return Room(sqlite, clock)


def test_an_idle_server_is_warned_of_ten_minutes_before_and_stopped(room: Room) -> None:
    name = room.start()
    room.pass_minutes(50)
    assert room.notice(name) is None
    room.pass_minutes(1)
    notice = room.notice(name)
    assert notice is not None
    assert (notice.action, notice.server) == ("extend", name)
    assert notice.deadline == room.began + timedelta(minutes=60)
    room.restart()
    room.pass_minutes(9)
    assert room.stopped == {}
    room.pass_minutes(1)
    assert room.stopped == {name: 60}
    assert room.notice(name) is None
    with room.database.read() as session:
        assert session.scalar(select(AuditRow.on).where(AuditRow.what == "culling.stop")) == (
            f"ann/{name}"
        )


def test_work_takes_the_warning_back_and_begins_anew(room: Room) -> None:
    name = room.start()
    room.pass_minutes(55)
    room.activity[name] = BUSY
    room.pass_minutes(1)
    assert room.notice(name) is None
    assert room.state(name).state == "in_use"
    room.activity[name] = IDLE
    room.pass_minutes(59)
    assert room.stopped == {}
    room.pass_minutes(2)
    assert room.stopped == {name: 55 + 60 + 0}


def test_a_cell_that_ran_between_two_reports_counts(room: Room) -> None:
    name = room.start()
    room.pass_minutes(55)
    room.activity[name] = IDLE.model_copy(update={"idle_seconds": 20})
    room.pass_minutes(1)
    assert room.notice(name) is None
    assert not room.state(name).is_warned


def test_extensions_are_counted_and_come_back_with_work(room: Room) -> None:
    room.service.set_limit(
        "root", "gpu", LimitIn(idle_minutes=30, extension_minutes=20, extensions=2)
    )
    name = room.start()
    query = ServerQuery(server=name)
    with pytest.raises(Conflict, match="nothing to put off"):
        room.service.extend(ANN, query)
    with pytest.raises(NotFound):
        room.service.extend(make_user("ben"), query)
    room.pass_minutes(25)
    first = room.service.extend(ANN, query)
    assert (first.extensions_left, first.cull_at) == (1, room.began + timedelta(minutes=50))
    notice = room.notice(name)
    assert notice is not None
    assert notice.deadline == first.cull_at
    room.service.extend(ANN, query)
    notice = room.notice(name)
    assert notice is not None
    assert notice.action == ""
    with pytest.raises(Conflict, match="cannot be put off again"):
        room.service.extend(ANN, query)
    room.pass_minutes(40)
    assert room.stopped == {}
    room.activity[name] = BUSY
    room.pass_minutes(1)
    room.activity[name] = IDLE
    assert room.state(name).extensions_left == 2
    room.pass_minutes(31)
    assert set(room.stopped) == {name}


def test_who_works_or_says_nothing_is_left_alone(room: Room) -> None:
    busy, silent = room.start(BUSY), room.start(None)
    device = room.start(IDLE.model_copy(update={"device_permille": 400}))
    room.pass_minutes(130)
    assert room.stopped == {}
    assert room.state(silent).state == "unknown"
    assert room.culler.notices()[0].startswith("1 servers of which nobody knows")
    assert {busy, silent, device} == set(room.servers)


@pytest.mark.parametrize("activity", [None, UNMEASURED])
@pytest.mark.parametrize(("rule", "minute"), [(None, 180), (45, 45), (0, None)])
def test_what_is_not_known_has_the_longer_limit_of_its_pool(
    room: Room, activity: Activity | None, rule: int | None, minute: int | None
) -> None:
    """Whoever keeps the lab from reporting, or has a slice of a device, is warned and stopped all the same."""
    if rule is not None:
        limit = LimitIn(idle_minutes=30, unknown_minutes=rule)
        room.service.set_limit("root", "gpu", limit)
    name = room.start(activity)
    busy = room.start(UNMEASURED.model_copy(update={"busy_kernels": 1}))
    room.pass_minutes((minute or 240) - 5)
    assert room.stopped == {}
    assert room.service.servers(ServerUseQuery(q=name)).items[0].state == "unknown"
    notice = room.notice(name)
    assert (notice is not None) == (minute is not None)
    if notice is not None:
        assert "not known" in notice.reason
    room.pass_minutes(10)
    assert room.stopped.keys() == ({name} if minute else set())
    assert busy in room.servers


def test_a_lab_that_reports_again_is_not_stopped(room: Room) -> None:
    name = room.start(None)
    room.pass_minutes(175)
    assert room.notice(name) is not None
    room.activity[name] = BUSY
    room.pass_minutes(3)
    assert room.notice(name) is None
    room.activity[name] = None
    room.pass_minutes(100)
    assert room.stopped == {}


def test_servers_without_devices_are_stopped_only_where_a_pool_says_so(room: Room) -> None:
    name = room.start(profile="plain")
    assert not room.state(name).is_limited
    room.pass_minutes(70)
    assert room.stopped == {}
    room.service.set_limit("root", "gpu", LimitIn(idle_minutes=20))
    # JupyterHub sees an open tab, which counts where no device is held.
    room.pass_minutes(30)
    assert room.stopped == {}
    assert room.service.limits(PageQuery()).items[0].pool == "gpu"
    room.service.delete_limit("root", "gpu")
    assert room.service.limits(PageQuery()).total == 0


def test_the_list_says_what_is_held_and_what_is_used(room: Room) -> None:
    name = room.start(UNMEASURED)
    room.start(None, profile="plain")
    room.pass_minutes(5)
    page = room.service.servers(ServerUseQuery(q=name))
    (use,) = page.items
    assert (page.total, use.person, use.devices, use.cpu_millis) == (1, "ann", 2, 8000)
    assert (use.used_memory_mib, use.device_permille) == (400, None)
    assert use.device_note.startswith("not measured")
    assert use.cull_at == room.began + timedelta(minutes=180)
    for sort in ("person", "pool", "since", "idle"):
        assert room.service.servers(ServerUseQuery(sort=sort, descending=True)).total == 2  # type: ignore[arg-type]


def test_a_report_that_nobody_waits_for_is_answered(room: Room) -> None:
    state = room.service.report(ANN, ServerQuery(server="without a lease"), IDLE)
    assert (state.is_limited, state.report_seconds) == (False, 600)


class JupyterHub(BaseHTTPRequestHandler):
    """The part of JupyterHub's API that the library calls."""

    servers: dict[str, dict[str, Any]]
    deleted: list[str]

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        body: Any = {"version": "6.1.1"}
        if path.endswith("/users"):
            user = {"name": "ann", "admin": False, "servers": self.servers}
            body = {"items": [user], "_pagination": {"next": None}}
        self.reply(200, json.dumps(body).encode())

    def do_DELETE(self) -> None:
        assert self.headers["Authorization"] == "token secret"
        self.deleted.append(urlsplit(self.path).path)
        self.reply(204, b"")

    def reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def jupyterhub() -> Iterator[tuple[str, type[JupyterHub]]]:
    handler = type("Handler", (JupyterHub,), {"servers": {}, "deleted": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hub/api", handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_library_asks_the_arbiter_and_stops_what_it_says(
    room: Room, jupyterhub: tuple[str, type[JupyterHub]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers that start or stop are left alone, and JupyterHub's own idea of idleness decides nothing."""
    url, handler = jupyterhub
    monkeypatch.setattr(jupyterhub_idle_culler, "utcnow", room.clock)
    idle, busy, starting = room.start(), room.start(BUSY), room.start()
    for name in (idle, busy, starting, "", "unknown"):
        handler.servers[name] = {
            "name": name,
            "full_name": f"ann/{name}",
            "pending": "spawn" if name == starting else None,
            "ready": name != starting,
            "started": (room.began - timedelta(days=9)).isoformat(),
            "last_activity": None if name == idle else (room.began - timedelta(days=8)).isoformat(),
            "url": f"/user/ann/{name}/",
        }
    client = httpx.AsyncClient(base_url=url, headers={"Authorization": "token secret"})
    room.sweep = jupyterhub_sweep(client)  # type: ignore[method-assign]
    room.restart()
    room.pass_minutes(60)
    assert handler.deleted == []
    room.pass_minutes(1)
    assert handler.deleted == [f"/hub/api/users/ann/servers/{idle}"]


def test_a_jupyterhub_that_is_away_is_said_and_tried_again(room: Room) -> None:
    room.start()
    client = httpx.AsyncClient(
        base_url="http://127.0.0.1:9/hub/api", headers={"Authorization": "token secret"}
    )
    room.sweep = jupyterhub_sweep(client)  # type: ignore[method-assign]
    room.restart()
    assert asyncio.run(room.culler.look()) is False
