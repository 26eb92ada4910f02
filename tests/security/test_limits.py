"""Set M: bodies, headers and connections beyond reason; each is refused early and others are served meanwhile."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from tests.hub.hubs import Hub
from tests.security.labs import Lab, error_body

MEGABYTE = 1024 * 1024


class Door:
    """One part: where it is, a good request, and the process behind it."""

    def __init__(
        self, address: str, path: str, headers: dict[str, str], pid: int, *, holds: int
    ) -> None:
        parts = urlsplit(address)
        self.host, self.port = parts.hostname or "", parts.port or 0
        self.address, self.path, self.headers = address, path, headers
        self.process = psutil.Process(pid)
        self.holds = holds  # megabytes of one body that may be in memory at once

    def connect(self) -> socket.socket:
        return socket.create_connection((self.host, self.port), timeout=30)

    def head(self, verb: str, path: str, *more: str) -> bytes:
        lines = [f"{verb} {path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, *more, "", ""]).encode("latin-1")

    def good(self) -> float:
        """Milliseconds that a good request takes."""
        begun = time.perf_counter()
        answer = httpx.get(
            f"{self.address}{self.path}", headers=self.headers, trust_env=False, timeout=30
        )
        assert answer.status_code == 200, answer.text
        return (time.perf_counter() - begun) * 1000

    def growth(self, before: int) -> float:
        """Megabytes that the process has grown by."""
        return float(self.process.memory_info().rss - before) / MEGABYTE


def service_pid(port: int) -> int:
    """The process that listens at a port."""
    (pid,) = {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.laddr.port == port and connection.status == psutil.CONN_LISTEN
    }
    assert pid
    return pid


@pytest.fixture(params=["lab", "hub"])
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    if request.param == "lab":
        lab: Lab = request.getfixturevalue("lab")
        assert lab.process
        base = urlsplit(lab.address)
        headers = {"authorization": f"token {lab.token}"}
        address = f"{base.scheme}://{base.netloc}"
        # Jupyter Server itself reads a body (up to 512 MB) before it asks any handler, its own or ours.
        yield Door(address, f"{base.path}orrery/status", headers, lab.process.pid, holds=500)
        return
    hub: Hub = request.getfixturevalue("hub")
    port = urlsplit(hub.service).port
    assert port
    headers = {"authorization": f"Bearer {hub.token('mona')}"}
    address = f"http://127.0.0.1:{port}"
    yield Door(address, "/services/orrery/api/me", headers, service_pid(port), holds=50)


def writes(door: Door) -> str:
    """An address that takes a body."""
    return door.path.rpartition("/")[0] + "/snippets"


def test_a_hundred_megabytes_are_refused(door: Door) -> None:
    before = door.process.memory_info().rss
    begun = time.perf_counter()
    with closing(door.connect()) as line:
        line.sendall(
            door.head(
                "POST",
                writes(door),
                f"Content-Length: {100 * MEGABYTE}",
                "Content-Type: application/json",
            )
        )
        _pour(line, 100 * MEGABYTE)
        said = _answer(line)
    assert said.startswith(b"HTTP/1.1 413") or said == b"", said[:200]
    assert time.perf_counter() - begun < 10
    assert door.growth(before) < door.holds
    door.good()


def test_a_body_that_does_not_say_its_size_is_cut_off(door: Door) -> None:
    before = door.process.memory_info().rss
    with closing(door.connect()) as line:
        line.sendall(
            door.head(
                "POST", writes(door), "Transfer-Encoding: chunked", "Content-Type: application/json"
            )
        )
        sent = 0
        piece = b"%x\r\n" % MEGABYTE + b"x" * MEGABYTE + b"\r\n"
        try:
            while sent < 200 * MEGABYTE:
                line.sendall(piece)
                sent += MEGABYTE
        except (BrokenPipeError, ConnectionResetError):
            pass
        said = _answer(line)
    assert said[:12] in (b"HTTP/1.1 413", b"HTTP/1.1 400", b""), said[:200]
    assert door.growth(before) < door.holds
    door.good()


def _pour(line: socket.socket, count: int) -> None:
    sent = 0
    block = b"x" * MEGABYTE
    line.settimeout(5)
    try:
        while sent < count:
            sent += line.send(block)
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        pass


def _answer(line: socket.socket) -> bytes:
    line.settimeout(10)
    try:
        return line.recv(4096)
    except (ConnectionResetError, TimeoutError):
        return b""


def test_ten_thousand_headers_are_refused(door: Door) -> None:
    many = [f"X-{number}: {'y' * 20}" for number in range(10_000)]
    with closing(door.connect()) as line:
        with suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(door.head("GET", door.path, *many))
        said = _answer(line)
    assert said[:10] in (b"HTTP/1.1 4", b""), said[:100]
    door.good()


def test_long_and_deep_texts_are_refused_in_time(door: Door) -> None:
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    wide = b"{" + b",".join(b'"k%d":1' % n for n in range(200_000)) + b"}"
    numbers = b'{"name":"x","base_version":' + b"9" * 1_000_000 + b"}"
    for body in (
        deep,
        wide,
        numbers,
        b"\xff" * 1000,
        b"",
        b"[" * 500_000,
        b'"' + b"\\u0000" * 9999,
    ):
        begun = time.perf_counter()
        answer = httpx.post(
            door.address + writes(door),
            content=body,
            headers={**door.headers, "content-type": "application/json"},
            trust_env=False,
            timeout=30,
        )
        assert answer.status_code in (400, 413, 422), (body[:20], answer.status_code)
        error_body(answer)
        assert len(answer.content) < 50_000
        assert time.perf_counter() - begun < 2, body[:20]
    long = httpx.get(
        f"{door.address}{door.path}?q=" + "x" * 60_000, headers=door.headers, trust_env=False
    )
    assert long.status_code in (200, 400, 414, 431)


def test_slow_connections_keep_nobody_waiting(door: Door) -> None:
    """Two hundred that send a header now and then, while somebody works."""
    lines = [door.connect() for _ in range(200)]
    try:
        for number, line in enumerate(lines):
            line.sendall(f"GET {door.path} HTTP/1.1\r\nX-{number}: 1\r\n".encode())
        times = []
        for _ in range(20):
            for line in lines[::10]:
                line.sendall(b"X-More: 1\r\n")
            times.append(door.good())
        assert statistics.median(times) < 500, times
    finally:
        for line in lines:
            line.close()
    door.good()


def test_a_thousand_requests_in_a_row_are_answered(door: Door) -> None:
    """Good and bad ones mixed; the process keeps neither files nor memory of them."""
    with httpx.Client(trust_env=False, timeout=30, headers=door.headers) as client:
        for _ in range(50):
            client.get(door.address + door.path)
        before, files = door.process.memory_info().rss, door.process.num_fds()
        for number in range(1_000):
            bad = number % 2
            answer = client.get(door.address + door.path + ("/nothing" if bad else ""))
            assert answer.status_code == (404 if bad else 200)
    assert door.growth(before) < 30
    assert door.process.num_fds() <= files + 5


def test_a_token_question_storm_is_one_question_each(hub: Hub) -> None:
    """A thousand wrong tokens do not keep somebody with a good one waiting."""
    with hub.client("mona") as good, httpx.Client(trust_env=False, timeout=30) as bad:
        for number in range(300):
            answer = bad.get(f"{hub.service}/me", headers={"authorization": f"Bearer {number}"})
            assert answer.status_code == 401
        begun = time.perf_counter()
        assert good.get("/me").status_code == 200
        assert time.perf_counter() - begun < 1
