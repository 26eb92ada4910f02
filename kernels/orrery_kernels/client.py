"""How a kernel or a terminal talks to the Jupyter server that it belongs to.

The server leaves a connection file with an address on this machine and a token that opens Orrery's routes only. The
file is believed only if it belongs to this person alone, the address only if it is of this machine; no redirect and
no proxy is followed, and no message holds the token.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from orrery_kernels.errors import RequestError, ServerUnavailable

if TYPE_CHECKING:
    from http.client import HTTPResponse

ENV = "ORRERY_CONNECTION_FILE"
MAX_ANSWER = 64 * 1024 * 1024

# A link is not followed, and a pipe in the place of the file does not make anybody wait.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_START = "Start JupyterLab with Orrery (`jupyter lab` or `orrery up`), or run this in one of its terminals."

Query = Mapping[str, str | int | bool | Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the server listens, the token, and the folder that the lab shows; a printed connection shows no token."""

    url: str
    token: str = field(repr=False)
    pid: int = 0
    root: str = ""


def find_connection() -> Connection:
    """The server that started this process, else the newest one of this person that lives.

    Raises:
        ServerUnavailable: there is none, or its connection file cannot be believed.
    """
    named = os.environ.get(ENV)
    if named:
        return read_connection(Path(named))
    from jupyter_core.paths import jupyter_runtime_dir

    files = sorted(Path(jupyter_runtime_dir()).glob("orrery-*.json"), key=_age)
    for path in files:
        try:
            found = read_connection(path)
        except ServerUnavailable:
            continue
        if _lives(found.pid):
            return found
    raise ServerUnavailable("No Jupyter server with Orrery is running", remedy=_START)


def read_connection(path: Path) -> Connection:
    """The connection in a file that belongs to this person alone.

    Raises:
        ServerUnavailable: the file is gone, open to others, or leads off this machine.
    """
    try:
        descriptor = os.open(path, _READ)
    except OSError as problem:
        raise ServerUnavailable(
            "The Jupyter server that this belongs to cannot be found",
            reason=f"{path}: {problem.strerror}.",
            remedy=_START,
        ) from None
    try:
        _require_private(os.fstat(descriptor), path)
    except ServerUnavailable:
        os.close(descriptor)
        raise
    with os.fdopen(descriptor, encoding="utf-8") as file:
        try:
            said = json.loads(file.read(65_536))
            found = Connection(
                str(said["url"]),
                str(said["token"]),
                int(said.get("pid", 0)),
                str(said.get("root", "")),
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise ServerUnavailable(
                "The connection file of the Jupyter server is damaged",
                reason=f"{path} does not hold an address and a token.",
                remedy="Restart the server.",
            ) from None
    _require_loopback(found.url)
    return found


def _require_private(status: os.stat_result, path: Path) -> None:
    mine = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    open_to_others = os.name == "posix" and stat.S_IMODE(status.st_mode) & 0o077
    if not stat.S_ISREG(status.st_mode) or not mine or open_to_others:
        raise ServerUnavailable(
            "The connection file of the Jupyter server is not safe to use",
            reason=f"{path} belongs to somebody else or others may read it.",
            remedy=f"Check it, then restart the server or run: chmod 600 {path}",
        )


def _require_loopback(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        inside = parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK
        port_given = parts.port is not None
    except ValueError:
        inside = port_given = False
    if not inside or not port_given or "@" in parts.netloc:
        raise ServerUnavailable(
            "The connection file names an address that is not of this machine",
            reason="Kernels and terminals talk to their own server only.",
            remedy="Restart the server.",
        )
    return parts


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0


def _lives(pid: int) -> bool:
    if os.name != "posix" or pid <= 0:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Client:
    """Calls to ``/orrery`` of one server; every one ends within ``timeout`` seconds."""

    def __init__(self, connection: Connection, timeout: float = 20.0) -> None:
        self.connection = connection
        self.timeout = timeout
        self._address = _require_loopback(connection.url)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        timeout: float | None = None,
    ) -> Any:
        """The JSON answer, or None where there is none.

        Raises:
            RequestError: the server said no.
            ServerUnavailable: it did not answer in time, or not in a way that can be understood.
        """
        limit = timeout or self.timeout
        status, raw = self._exchange(method, self._target(path, query), body, limit)
        if status == 204 or (status < 300 and not raw):
            return None
        try:
            answer = json.loads(raw)
        except (ValueError, RecursionError):
            answer = None
        if 200 <= status < 300 and answer is not None:
            return answer
        if status < 300 or not isinstance(answer, dict) or "message" not in answer:
            raise self._unreadable(status)
        raise RequestError(status, answer)

    def _target(self, path: str, query: Query | None) -> str:
        """The path and query to ask for; no part of a path can lead elsewhere."""
        parts = [quote(part, safe=":", errors="replace") for part in path.split("/")]
        pairs = [
            (name, "true" if value is True else value)
            for name, value in (query or {}).items()
            if value is not None and value is not False and value != ""
        ]
        asked = f"?{urlencode(pairs, doseq=True, errors='replace')}" if pairs else ""
        return f"{self._address.path.rstrip('/')}/orrery/{'/'.join(parts)}{asked}"

    def _exchange(self, method: str, target: str, body: object, limit: float) -> tuple[int, bytes]:
        # With what it brings along it is most of what loading the magics would cost.
        import http.client

        deadline = time.monotonic() + limit
        kind = (
            http.client.HTTPSConnection
            if self._address.scheme == "https"
            else http.client.HTTPConnection
        )
        line = kind(self._address.hostname or "", self._address.port, timeout=limit)
        headers = {
            "Authorization": f"orrery {self.connection.token}",
            "Content-Type": "application/json",
        }
        try:
            line.request(
                method, target, None if body is None else json.dumps(body).encode(), headers
            )
            answer = line.getresponse()
            return answer.status, self._read(answer, deadline)
        except TimeoutError:
            raise ServerUnavailable(
                "The Jupyter server takes too long to answer",
                reason=f"It did not answer within {limit:g} s.",
                remedy="Try again; if it stays, look at the server's log or restart it.",
            ) from None
        except (OSError, http.client.HTTPException, ValueError):
            raise ServerUnavailable(
                "The Jupyter server cannot be reached",
                reason=f"Nothing answers as it should on port {self._address.port}.",
                remedy=_START,
            ) from None
        finally:
            line.close()

    @staticmethod
    def _read(answer: HTTPResponse, deadline: float) -> bytes:
        """The whole body, unless it drips beyond the deadline or has no end."""
        pieces: list[bytes] = []
        size = 0
        while piece := answer.read1(262_144):
            pieces.append(piece)
            size += len(piece)
            if time.monotonic() > deadline:
                raise TimeoutError
            if size > MAX_ANSWER:
                raise ValueError("the answer has no end")
        return b"".join(pieces)

    @staticmethod
    def _unreadable(status: int) -> ServerUnavailable:
        return ServerUnavailable(
            "The Jupyter server gave an answer that is not Orrery's",
            reason=f"HTTP status {status}.",
            remedy="Check that Orrery's server extension is enabled: jupyter server extension list",
        )


def connect(timeout: float = 20.0) -> Client:
    """A client of the server that ``find_connection`` finds."""
    return Client(find_connection(), timeout)
