"""What the hub says is believed only as far as it makes sense, and told in words that help."""

from __future__ import annotations

import asyncio
import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from orrery_server.base import hub
from orrery_server.base.hub import HubClient
from orrery_server.base.schemas import Status
from orrery_wire.errors import (
    BackendUnavailable,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OrreryError,
    SecretFound,
    TimedOut,
)


class Answer(BaseModel, extra="allow"):
    """Whatever the hub says."""


class Said(http.server.BaseHTTPRequestHandler):
    """Answers every request with what the test wants."""

    status: ClassVar[int] = 200
    answer: ClassVar[bytes] = b"{}"
    asked: ClassVar[list[tuple[str, str, bytes, str]]] = []
    location: ClassVar[str] = ""
    refusals: ClassVar[list[str]] = []

    def _any(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.command, self.path, sent, self.headers["Authorization"]))
        if self.refusals:
            self.send_response(429)
            self.send_header("Retry-After", self.refusals.pop())
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(self.status)
        if self.location:
            self.send_header("Location", self.location)
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def url() -> Iterator[str]:
    Said.asked.clear()
    Said.location = ""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Said)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api"
    server.shutdown()
    server.server_close()
    thread.join()


def ask(url: str, method: str = "GET", *path: str, status: int = 200, answer: Any = None) -> Any:
    Said.status = status
    Said.answer = answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    async def asked() -> Any:
        client = HubClient(url, "tok", seconds=5)
        try:
            if method == "DELETE":
                return await client.delete(*path)
            return (await client.ask(Answer, method, *(path or ("x",)))).model_dump()
        finally:
            await client.close()

    return asyncio.run(asked())


def test_the_person_is_known_by_his_own_token(url: str) -> None:
    assert ask(url, "GET", "projects", "a", answer={"a": 1}) == {"a": 1}
    assert Said.asked == [("GET", "/api/projects/a", b"", "Bearer tok")]


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ("../me", "..%2Fme"),
        ("a/b", "a%2Fb"),
        ("a?b=c", "a%3Fb%3Dc"),
        ("a#b", "a%23b"),
        ("é", "%C3%A9"),
    ],
)
def test_a_name_is_one_part_of_the_address(url: str, part: str, path: str) -> None:
    ask(url, "DELETE", "snippets", part, status=204, answer=b"")
    assert Said.asked[0][1] == f"/api/snippets/{path}"


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_what_would_be_another_address_is_not_sent(url: str, part: str) -> None:
    for path in (("projects", "p", "members", part), ("projects", part, "members"), (part,)):
        for method in ("GET", "PUT", "DELETE"):
            with pytest.raises(Invalid):
                ask(url, method, *path, status=204, answer=b"")
    assert Said.asked == []


def test_a_deletion_that_is_answered_by_somebody_else_is_none(url: str) -> None:
    with pytest.raises(BackendUnavailable, match="understood"):
        ask(url, "DELETE", "snippets", "a", answer=b"<html>Log in</html>")


@pytest.mark.parametrize("kind", [Forbidden, NotFound, Conflict, SecretFound])
def test_a_refusal_of_the_hub_is_one_of_ours(url: str, kind: type[OrreryError]) -> None:
    problem = kind("What", reason="why", remedy="do", details={"a": 1})
    with pytest.raises(kind) as caught:
        ask(url, status=kind.status, answer=problem.body("r"))
    assert caught.value.body() == problem.body()


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, {"code": "internal_error", "message": "x"}),
        (503, {"code": "backend_unavailable", "message": "x", "reason": "database"}),
        (502, b"<html>Bad gateway</html>"),
        (404, b"<html>proxy</html>"),
        (403, b"[]"),
        (418, {"code": "teapot"}),
        (200, b"not json"),
        (200, b""),
        (302, b""),
    ],
)
def test_a_hub_that_is_not_well_is_away(url: str, status: int, answer: Any) -> None:
    with pytest.raises(BackendUnavailable) as caught:
        ask(url, status=status, answer=answer)
    assert caught.value.remedy
    assert "html" not in str(caught.value.body())


def test_a_redirect_is_not_followed_so_the_token_stays_here(url: str) -> None:
    Said.location = url + "/elsewhere"
    with pytest.raises(BackendUnavailable):
        ask(url, status=307, answer=b"")
    assert len(Said.asked) == 1


def test_a_hub_of_another_version_is_told_as_such(url: str) -> None:
    Said.status, Said.answer = 200, b'{"version": 1, "new": true}'

    async def asked() -> None:
        client = HubClient(url, "tok")
        try:
            await client.get(Status, "status")
        finally:
            await client.close()

    with pytest.raises(BackendUnavailable, match="understood") as caught:
        asyncio.run(asked())
    assert "version" in caught.value.remedy


CHANGES = ("POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize("method", ["GET", *CHANGES])
def test_what_is_too_much_at_once_is_sent_again_when_the_hub_says(url: str, method: str) -> None:
    """A refusal is before anything was done, so a change is sent again too; longer than the limit nobody waits."""
    Said.refusals[:] = ["1"]
    begun = time.monotonic()
    ask(url, method, "x", answer=b"" if method == "DELETE" else {})
    assert time.monotonic() - begun >= 1
    assert len(Said.asked) == 2
    assert Said.asked[0] == Said.asked[1]
    Said.asked.clear()
    Said.refusals[:] = ["60"]
    begun = time.monotonic()
    with pytest.raises(OrreryError):
        ask(url, method, "x")
    assert time.monotonic() - begun < 1
    assert len(Said.asked) == 1


@contextmanager
def silent_hub(said: bytes = b"") -> Iterator[str]:
    """A hub that takes connections and says no more than this; then it hangs up, or says nothing for ever."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(20)
        held: list[socket.socket] = []

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    if said:
                        connection.recv(65_536)
                        connection.sendall(said)
                        connection.close()
                    held.append(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        for connection in held:
            connection.close()


async def change(client: HubClient, method: str) -> None:
    if method == "DELETE":
        await client.delete("projects", "a")
    else:
        await client.ask(Answer, method, "projects", "a", body=Answer())


def test_a_change_that_is_not_answered_may_have_been_made() -> None:
    """Told so for a hub that hangs, that hangs up in the middle, and behind a proxy that gave up."""

    async def asked(url: str) -> None:
        for method in CHANGES:
            client = HubClient(url, "tok", seconds=0.3)
            with pytest.raises(TimedOut, match="not known whether") as caught:
                await change(client, method)
            assert "before you try again" in caught.value.remedy
            await client.close()

    gave_up = b"HTTP/1.1 %d Gave up\r\nContent-Length: 4\r\nConnection: close\r\n\r\n<p/>"
    for said in (b"", b"HTTP/1.1 200 OK\r\nContent-", gave_up % 502, gave_up % 504):
        with silent_hub(said) as url:
            asyncio.run(asked(url))


def test_a_change_that_was_never_sent_is_told_as_such() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/api"

    async def asked() -> None:
        client = HubClient(url, "tok")
        for method in CHANGES:
            with pytest.raises(BackendUnavailable, match="cannot be reached"):
                await change(client, method)
        await client.close()

    asyncio.run(asked())


def test_a_hub_that_hangs_is_asked_again_only_after_a_while(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(client: HubClient, seconds: float) -> float:
        began = time.monotonic()
        with pytest.raises(TimedOut, match="took too long"):
            await client.get(Answer, "projects", seconds=seconds)
        return time.monotonic() - began

    async def asked(hung: str) -> None:
        client = HubClient(hung, "tok")
        assert await late(client, 0.3) >= 0.3
        assert await late(client, 0.3) < 0.1
        assert await late(client, 0.2) < 0.1
        # Who waits longer tries, and a change always does.
        assert await late(client, 0.6) >= 0.6
        monkeypatch.setattr(hub, "_PAUSE_SECONDS", 0.0)
        assert await late(client, 0.7) >= 0.7
        assert await late(client, 0.7) >= 0.7
        # It answers again: nothing is refused any more.
        monkeypatch.setattr(hub, "_PAUSE_SECONDS", 60.0)
        await late(client, 0.8)
        monkeypatch.setattr(client, "_url", url)
        await client.close()
        client._client = None
        Said.status, Said.answer = 200, b"{}"
        await client.ask(Answer, "PUT", "x")
        assert await client.get(Answer, "x", seconds=0.5) is not None
        await client.close()

    with silent_hub() as hung:
        asyncio.run(asked(hung))


def test_a_proxy_of_the_environment_gets_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the token nor what is sent: the hub service is asked directly."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert ask(url, "GET", "projects", answer={"a": 1}) == {"a": 1}
    ask(url, "DELETE", "snippets", "a", status=204, answer=b"")
    assert len(Said.asked) == 2
