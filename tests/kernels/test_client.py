"""The client finds its server, believes no file and no address that it should not, and always ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from orrery_kernels.client import ENV, Client, Connection, connect, find_connection, read_connection
from orrery_kernels.errors import ServerUnavailable
from orrery_wire.errors import Conflict, TimedOut
from tests.kernels.stub import TOKEN, Stub, answer_json


def test_calls_its_own_server_with_the_token(stub: Stub) -> None:
    answer = connect().call("GET", "snippets", query={"q": "a b&c", "tag": ["x", "y"], "no": None})
    assert answer == {"ok": True}
    method, path, headers, _ = stub.asked[0]
    assert (method, path) == ("GET", "/user/ada/orrery/snippets?q=a+b%26c&tag=x&tag=y")
    assert headers["Authorization"] == f"orrery {TOKEN}"


def test_path_cannot_lead_elsewhere(stub: Stub) -> None:
    connect().call("GET", "snippets/..?x#y\r\nHost: evil\\")
    assert stub.asked[0][1] == "/user/ada/orrery/snippets/..%3Fx%23y%0D%0AHost:%20evil%5C"


def test_no_answer_is_none(stub: Stub) -> None:
    def nothing(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(204)
        handler.end_headers()

    stub.default = nothing
    assert connect().call("DELETE", "snippets/s1") is None


def test_error_body_becomes_words(stub: Stub) -> None:
    body = {
        "code": "conflict",
        "message": "Ada saved it",
        "reason": "why",
        "remedy": "what",
        "details": {"a": 1},
    }
    stub.default = answer_json(409, body)
    with pytest.raises(Conflict, match="Ada saved it\n  why\n  what") as caught:
        connect().call("PUT", "snippets/s1", body={})
    assert (caught.value.status, caught.value.code, caught.value.details) == (
        409,
        "conflict",
        {"a": 1},
    )


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"", b"[" * 100_000, b"\xff\xfe", b'"text"'],
    ids=["html", "empty", "deep", "bytes", "text"],
)
@pytest.mark.parametrize("status", [404, 500])
def test_answer_that_is_not_orrerys(stub: Stub, status: int, body: bytes) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    stub.default = answer
    with pytest.raises(ServerUnavailable, match=f"HTTP status {status}"):
        connect().call("GET", "status")


def test_redirect_is_not_followed(stub: Stub) -> None:
    other = Stub()
    other.start()

    def redirect(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", other.url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    stub.default = redirect
    try:
        with pytest.raises(ServerUnavailable, match="302"):
            connect().call("GET", "status")
        assert other.asked == []
    finally:
        other.stop()


def test_proxy_of_the_environment_is_not_used(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert connect().call("GET", "status") == {"ok": True}


def test_slow_server(stub: Stub) -> None:
    stub.default = lambda _handler: time.sleep(3)
    start = time.monotonic()
    with pytest.raises(ServerUnavailable, match="too long") as caught:
        connect(timeout=0.3).call("GET", "status")
    assert time.monotonic() - start < 1.5
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_change_that_is_not_answered_may_have_been_made(stub: Stub, method: str) -> None:
    stub.default = lambda _handler: time.sleep(1)
    with pytest.raises(TimedOut, match="not known whether") as caught:
        connect(timeout=0.3).call(method, "projects/a")
    assert "before you try again" in caught.value.remedy


def test_dripping_server(stub: Stub) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(100):
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    stub.default = drip
    start = time.monotonic()
    with pytest.raises(ServerUnavailable, match="too long"):
        connect(timeout=0.5).call("GET", "status")
    assert time.monotonic() - start < 2


def test_server_that_hangs_up(stub: Stub) -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"{")
        handler.close_connection = True

    stub.default = hang_up
    with pytest.raises(ServerUnavailable):
        connect().call("GET", "status")


def test_server_gone(stub: Stub) -> None:
    client = connect()
    stub.stop()
    with pytest.raises(ServerUnavailable, match="cannot be reached") as caught:
        client.call("GET", "status")
    assert TOKEN not in str(caught.value)
    stub.start()


def test_token_is_in_no_representation() -> None:
    assert TOKEN not in repr(Connection("http://127.0.0.1:1/", TOKEN))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o602, 0o601])
def test_file_open_to_others_is_refused(stub: Stub, tmp_path: Path, mode: int) -> None:
    with pytest.raises(ServerUnavailable, match="not safe") as caught:
        read_connection(stub.connection_file(tmp_path, mode))
    assert TOKEN not in str(caught.value)


def test_file_of_somebody_else_is_refused(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stub.connection_file(tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(ServerUnavailable, match="not safe"):
        read_connection(path)


def test_link_is_refused(stub: Stub, tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(stub.connection_file(tmp_path))
    with pytest.raises(ServerUnavailable):
        read_connection(link)


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_no_plain_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir(mode=0o700)
    else:
        os.mkfifo(path, 0o600)
    with pytest.raises(ServerUnavailable, match="not safe"):
        read_connection(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"url": 1}',
        '{"url": "http://127.0.0.1:1/"}',
        "[" * 50_000,
        "\x00",
        '{"url": "x", "token": "y", "pid": "z"}',
    ],
)
def test_damaged_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "orrery-1.json"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ServerUnavailable, match="damaged"):
        read_connection(path)


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1:8888/",
        "http://example.org:8888/",
        "http://127.0.0.1.example.org:80/",
        "http://127.0.0.1@example.org:80/",
        "http://user:pass@127.0.0.1:80/",
        "http://169.254.169.254:80/",
        "http://[::ffff:10.0.0.1]:80/",
        "http://0.0.0.0:80/",
        "http://2130706433:80/",
        "http://[::1:80/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/",
        "http://127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "",
        "//127.0.0.1:80/",
    ],
)
def test_address_elsewhere_is_refused(stub: Stub, tmp_path: Path, url: str) -> None:
    with pytest.raises(ServerUnavailable, match="not of this machine") as caught:
        read_connection(stub.connection_file(tmp_path, url=url))
    assert TOKEN not in str(caught.value)
    with pytest.raises(ServerUnavailable):
        Client(Connection(url, TOKEN))


def test_named_file_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENV, str(tmp_path / "gone.json"))
    with pytest.raises(ServerUnavailable, match="cannot be found"):
        find_connection()


def test_newest_living_server_is_found(
    stub: Stub, person: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a named file: the newest, past those that are dead, damaged or open to others."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stub.connection_file(tmp_path).unlink()
    said = {"url": stub.url, "token": TOKEN, "pid": os.getpid()}
    texts = {
        "old": json.dumps({**said, "url": "http://127.0.0.1:1/"}),
        "right": json.dumps(said),
        "dead": json.dumps({**said, "pid": ended.pid}),
        "damaged": "{",
        "open": json.dumps(said),
    }
    for age, (name, text) in enumerate(texts.items()):
        path = tmp_path / f"orrery-{name}.json"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644 if name == "open" else 0o600)
        os.utime(path, (1_000_000 + age, 1_000_000 + age))
    assert find_connection().url == stub.url


@pytest.mark.usefixtures("person")
def test_no_server_at_all() -> None:
    with pytest.raises(ServerUnavailable, match="is running"):
        find_connection()
