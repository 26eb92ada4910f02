"""Connections: heads come in time, the silent make room, and who does not take an answer loses it."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from typing import Any

import pytest
import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send

from orrery_hub.app import server_config
from orrery_hub.base import connections
from orrery_hub.base.connections import ConnectionLimits

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


SERVED: list[str] = []


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    SERVED.append(f"{scope['method']} {scope['path']}")
    if scope["path"] == "/wait":
        await asyncio.sleep(1.5)
    while scope["path"] == "/body" and (await receive()).get("more_body"):
        pass
    number = scope["path"].strip("/")
    size = int(number) if number.isdigit() else 2
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
            target=lambda: uvloop.run(self.server.serve([self.listener]))
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


@pytest.fixture
def short_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever does not take an answer loses it soon."""
    monkeypatch.setattr(connections, "SEND_SECONDS", 1.0)


@pytest.fixture
def stalled(
    server: Server, limits: ConnectionLimits, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A connection that is to close when its client has taken the answer, of which all fits the server's buffer."""
    made = connections.LimitedProtocol.connection_made

    def with_large_buffer(self: Any, transport: Any) -> None:
        transport.set_write_buffer_limits(high=2**26)
        made(self, transport)

    monkeypatch.setattr(connections.LimitedProtocol, "connection_made", with_large_buffer)
    with closing(server.connect()) as line:
        line.sendall(b"GET /30000000 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        deadline = time.monotonic() + 5
        while not any(other.transport.is_closing() for other in tuple(limits.open)):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield


@pytest.mark.usefixtures("short_time", "stalled")
def test_who_leaves_the_end_of_an_answer_is_closed(limits: ConnectionLimits) -> None:
    deadline = time.monotonic() + 5
    while limits.open and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not limits.open


@pytest.mark.usefixtures("stalled")
def test_who_leaves_the_end_of_an_answer_makes_room(
    server: Server, limits: ConnectionLimits
) -> None:
    with ExitStack() as stack:
        for _ in range(7):
            line = stack.enter_context(closing(server.connect()))
            line.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        with closing(server.connect()) as other:
            ask(other)
        assert limits.dropped >= 1


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


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"M1X2 / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_http_is_refused_and_reaches_no_application(
    server: Server, limits: ConnectionLimits, request_bytes: bytes
) -> None:
    SERVED.clear()
    with closing(server.connect()) as line:
        began = time.monotonic()
        line.sendall(request_bytes)
        time.sleep(0.05)
        with suppress(OSError):
            line.sendall(HEAD)
        received = b""
        while part := line.recv(65536):
            received += part
        assert time.monotonic() - began >= 0.9 * connections.REFUSAL_SECONDS
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request")
    assert json.loads(body)["code"] == "invalid"
    assert (SERVED, limits.refused) == ([], 1)


def test_a_flood_of_what_is_no_http_is_one_line_of_the_log(
    limits: ConnectionLimits, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(1_000):
            limits.count_refused()
    assert len(caplog.records) == 1


def test_a_head_has_to_be_small_and_a_body_after_it_may_be_large(server: Server) -> None:
    SERVED.clear()
    for line_count, is_served in ((30, True), (200, False)):
        with closing(server.connect()) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            with suppress(OSError):
                for _ in range(line_count):
                    line.sendall(b"A: " + b"a" * 1_000 + b"\r\n")
                    time.sleep(0.001)
                line.sendall(b"\r\n")
            received = b""
            with suppress(ConnectionResetError):
                received = line.recv(65536)
            assert received.startswith(b"HTTP/1.1 200") == is_served
    with closing(server.connect()) as line:
        line.sendall(
            b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + b"x" * 150_000
        )
        time.sleep(0.05)
        line.sendall(b"x" * 150_000)
        assert line.recv(65536).startswith(b"HTTP/1.1 200")
    assert SERVED == ["GET /", "POST /body"]


CHUNKED = b"POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "flood",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a:b\r\n" * 101,
        b"GET / HTTP/1.1\r\nHost: x\r\na: " + b"a" * 70_000 + b"\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n",
        CHUNKED + b"2\r\nab\r\n0\r\na: b\r\n\r\n",
        CHUNKED + b"2\r\nab\r\n0\r\na: " + b"b" * 400_000,
        CHUNKED + (b"1;" + b"e" * 4_000 + b"\r\na\r\n") * 100,
    ],
)
def test_what_is_no_body_is_refused_before_it_is_large(server: Server, flood: bytes) -> None:
    SERVED.clear()
    with closing(server.connect()) as line:
        received = b""
        with suppress(OSError):
            for start in range(0, len(flood), 16_384):
                line.sendall(flood[start : start + 16_384])
                time.sleep(0.001)
        with suppress(ConnectionResetError):
            received = line.recv(65536)
        assert not received.startswith(b"HTTP/1.1 200")
        assert ended(line)


@pytest.mark.parametrize("size", [1, 16, 4_096, 70_000])
def test_a_body_may_come_in_chunks(server: Server, size: int) -> None:
    with closing(server.connect()) as line:
        line.sendall(CHUNKED)
        for _ in range(max(1, 200_000 // size) if size > 1 else 2_000):
            line.sendall(b"%x\r\n" % size + b"x" * size + b"\r\n")
        line.sendall(b"0\r\n\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 200")


def test_many_requests_one_after_the_other_are_no_large_head(server: Server) -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 1_000 + b"\r\n\r\n"
    body = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"
    with closing(server.connect()) as line:
        for _ in range(150):
            for parts in ([head], [head[:20], head[20:]], [body, b"x"]):
                for part in parts:
                    line.sendall(part)
                received = b""
                while not received.endswith(b"\r\n\r\nxx"):
                    received += line.recv(65536)
                    assert received.startswith(b"HTTP/1.1 200"), received


def test_requests_sent_ahead_are_answered_in_turn_and_are_few(server: Server) -> None:
    with closing(server.connect()) as line:
        line.sendall(HEAD * 5)
        received = b""
        while received.count(b"\r\n\r\nxx") < 5:
            part = line.recv(65536)
            assert part, "the connection was closed"
            received += part
    SERVED.clear()
    with closing(server.connect()) as line:
        line.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n" + HEAD * 1_000)
        assert ended(line)
    assert len(SERVED) <= 1


def test_a_request_before_what_is_no_http_is_not_answered_for_it(server: Server) -> None:
    """An answer to the second would be taken for that to the first."""
    with closing(server.connect()) as line:
        line.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.1)
        line.sendall(b"\x00\x00\x00\x00\r\n\r\n")
        assert ended(line)


def test_an_upgrade_is_answered_as_any_request(server: Server) -> None:
    with closing(server.connect()) as line:
        line.sendall(
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        received = b""
        while part := line.recv(65536):
            received += part
    assert received.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in received
