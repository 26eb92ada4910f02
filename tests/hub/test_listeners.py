"""A listening socket outlives the process that serves it: the port stays taken, and clients wait."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from contextlib import closing

import httpx
import pytest

from orrery_hub import listeners
from orrery_hub.ports import find_free_port

SERVE = """
import http.server, sys
from orrery_hub.listeners import inherited_listener
listener = inherited_listener(int(sys.argv[1]))
listener.setblocking(True)
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler, False)
server.socket = listener
server.serve_forever()
"""


def serve(port: int, held: dict[int, object]) -> subprocess.Popen[bytes]:
    listener = held[port]
    return subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)],
        env={**listeners.environment(held)},  # type: ignore[arg-type]
        pass_fds=[listener.fileno()],  # type: ignore[attr-defined]
        stderr=subprocess.DEVNULL,
    )


def test_over_a_crash_nobody_takes_the_port_and_who_asks_waits() -> None:
    port = find_free_port()
    answers: list[int] = []

    def ask() -> None:
        response = httpx.get(f"http://127.0.0.1:{port}/", timeout=20, trust_env=False)
        answers.append(response.status_code)

    with closing(listeners.open_listener("127.0.0.1", port)) as listener:
        process = serve(port, {port: listener})
        ask()
        process.kill()
        process.wait()
        waiting = threading.Thread(target=ask)
        waiting.start()
        with pytest.raises(OSError, match="in use"):
            listeners.open_listener("127.0.0.1", port)
        process = serve(port, {port: listener})
        waiting.join(20)
        process.kill()
        process.wait()
    assert answers == [200, 200]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_family_of_an_address_is_kept(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = find_free_port()
    try:
        held = listeners.open_listener(host, port)
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with closing(held):
        copy = os.dup(held.fileno())
        monkeypatch.setenv(listeners.VARIABLE, f"{port}={copy}")
        inherited = listeners.inherited_listener(port)
        assert inherited is not None
        with closing(inherited):
            assert inherited.family == held.family
            assert inherited.proto == socket.IPPROTO_TCP
            assert inherited.getsockname() == held.getsockname()


def test_a_port_that_nobody_holds_is_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(listeners.VARIABLE, "8001=7,8002=9")
    assert listeners.inherited_listener(800) is None
    monkeypatch.delenv(listeners.VARIABLE)
    assert listeners.inherited_listener(8001) is None
    assert listeners.environment({}) == {}
