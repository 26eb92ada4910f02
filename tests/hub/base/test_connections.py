"""Connections: heads come in time, the silent make room, and who does not take an answer loses it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from orrery_hub.app import server_config
from orrery_hub.base import connections
from orrery_hub.base.connections import ConnectionLimits

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    if scope["path"] == "/wait":
        await asyncio.sleep(1.5)
    size = int(scope["path"].strip("/") or 2) if scope["path"] != "/wait" else 2
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(size).encode())]})  # fmt: skip
    await send({"type": "http.response.body", "body": b"x" * size})


class Server:
    """uvicorn as the service runs it, in a thread."""

    def __init__(self, limits: ConnectionLimits) -> None:
        config = server_config(answer, limits)  # type: ignore[arg-type]
        config.lifespan = "off"
        self.server = uvicorn.Server(config)
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(100)
        self.thread = threading.Thread(
            target=lambda: asyncio.run(self.server.serve([self.listener]))
        )
        self.thread.start()

    def connect(self) -> socket.socket:
        line = socket.create_connection(self.listener.getsockname(), timeout=5)
        line.settimeout(5)
        return line

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture
def limits() -> ConnectionLimits:
    return ConnectionLimits(8, 0.4)


@pytest.fixture
def server(limits: ConnectionLimits) -> Iterator[Server]:
    server = Server(limits)
    yield server
    server.stop()


def ask(line: socket.socket) -> None:
    """Send a request, and take the whole answer."""
    line.sendall(HEAD)
    received = b""
    while not received.endswith(b"\r\n\r\nxx"):
        part = line.recv(65536)
        assert part, "the connection was closed"
        received += part


def ended(line: socket.socket) -> bool:
    try:
        return line.recv(65536) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("pieces", [[], [b"GET"], [b"GET / HTTP/1.1\r\n", b"A: 1\r\n", b"B: 2\r\n"]])  # fmt: skip
def test_a_head_has_to_come_in_time(server: Server, pieces: list[bytes]) -> None:
    with closing(server.connect()) as line:
        began = time.monotonic()
        for piece in pieces:
            line.sendall(piece)
            time.sleep(0.1)
        assert ended(line)
        assert 0.3 < time.monotonic() - began < 2


def test_the_second_head_on_a_connection_has_to_come_in_time_too(server: Server) -> None:
    with closing(server.connect()) as line:
        for _ in range(3):
            ask(line)
        line.sendall(HEAD[:10])
        assert ended(line)


def test_the_silent_make_room_for_those_who_ask(server: Server, limits: ConnectionLimits) -> None:
    with closing(server.connect()) as line, ExitStack() as stack:
        # Who asked before keeps the connection, and who comes gets one.
        ask(line)
        for _ in range(30):
            stack.enter_context(closing(server.connect()))
        ask(line)
        with closing(server.connect()) as other:
            ask(other)
    assert len(limits.open) <= 8
    assert limits.dropped >= 20


def test_who_does_not_take_an_answer_loses_it(
    server: Server, limits: ConnectionLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "SEND_SECONDS", 0.2)
    with closing(server.connect()) as line:
        line.sendall(b"GET /50000000 HTTP/1.1\r\nHost: x\r\n\r\n")
        deadline = time.monotonic() + 5
        while limits.open and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not limits.open


def test_a_full_house_in_which_nobody_is_silent_lets_nobody_in(
    server: Server, limits: ConnectionLimits
) -> None:
    with ExitStack() as stack:
        busy = [stack.enter_context(closing(server.connect())) for _ in range(8)]
        for line in busy:
            line.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        deadline = time.monotonic() + 5
        while (len(limits.open) < 8 or limits.fresh) and time.monotonic() < deadline:
            time.sleep(0.01)
        late = stack.enter_context(closing(server.connect()))
        late.sendall(HEAD)
        assert ended(late)
        assert len(limits.open) == 8
