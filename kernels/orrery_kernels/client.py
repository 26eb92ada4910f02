"""HTTP requests to Orrery's routes of the Jupyter server that this process belongs to.

No redirect and no proxy is followed, and no message holds the token.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from orrery_kernels.connection import (
    ENV,
    START_REMEDY,
    Connection,
    find_connection,
    read_connection,
    require_loopback,
)
from orrery_kernels.errors import ServerUnavailable, UsageError
from orrery_wire.common_errors import outcome_unknown
from orrery_wire.errors import OrreryError

if TYPE_CHECKING:
    from http.client import HTTPResponse

__all__ = [
    "ENV",
    "Client",
    "Connection",
    "Service",
    "connect",
    "find_connection",
    "read_connection",
]

MAX_BODY_BYTES = 64 * 1024 * 1024

Query = Mapping[str, object]


class Client:
    """Calls to ``/orrery`` of one server; every call ends within ``timeout`` seconds."""

    def __init__(self, connection: Connection, timeout: float = 20.0) -> None:
        self.connection = connection
        self.timeout = timeout
        self._address = require_loopback(connection.url)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        timeout: float | None = None,
    ) -> Any:
        """The JSON of the response, or None where it has no body.

        Raises:
            OrreryError: the server refused; the class is that of its code.
            ServerUnavailable: no answer in time, or none that can be read.
            TimedOut: no answer to a change in time; it may have been made.
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
        raise OrreryError.from_body(answer, status)

    def fetch(
        self, path: str, *, query: Query | None = None, timeout: float | None = None
    ) -> bytes:
        """The bytes of a download; raises like ``call``."""
        status, raw = self._exchange(
            "GET", self._target(path, query), None, timeout or self.timeout
        )
        if status == 200:
            return raw
        try:
            answer = json.loads(raw)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or "message" not in answer:
            raise self._unreadable(status)
        raise OrreryError.from_body(answer, status)

    def _target(self, path: str, query: Query | None) -> str:
        """The path and query of the request; no part of a path can lead elsewhere."""
        for part in path.split("/"):
            if part in ("", ".", ".."):
                raise UsageError(f"{part!r} cannot be a name here")
        parts = [quote(part, safe=":", errors="replace") for part in path.split("/")]
        pairs = [
            (name, "true" if value is True else value)
            for name, value in (query or {}).items()
            if value is not None and value is not False and value != ""
        ]
        suffix = f"?{urlencode(pairs, doseq=True, errors='replace')}" if pairs else ""
        return f"{self._address.path.rstrip('/')}/orrery/{'/'.join(parts)}{suffix}"

    def _exchange(self, method: str, target: str, body: object, limit: float) -> tuple[int, bytes]:
        # With what it brings along it is most of what loading the magics would cost.
        import http.client

        deadline = time.monotonic() + limit
        connection_class = (
            http.client.HTTPSConnection
            if self._address.scheme == "https"
            else http.client.HTTPConnection
        )
        connection = connection_class(
            self._address.hostname or "", self._address.port, timeout=limit
        )
        headers = {
            "Authorization": f"orrery {self.connection.token}",
            "Content-Type": "application/json",
        }
        try:
            connection.request(
                method, target, None if body is None else json.dumps(body).encode(), headers
            )
            response = connection.getresponse()
            return response.status, self._read(response, deadline)
        except TimeoutError:
            reason = f"It did not answer within {limit:g} s."
            if method != "GET":
                raise outcome_unknown("the Jupyter server", reason) from None
            raise ServerUnavailable(
                "The Jupyter server takes too long to answer",
                reason=reason,
                remedy="Try again; if it stays, look at the server's log or restart it.",
            ) from None
        except (OSError, http.client.HTTPException, ValueError):
            raise ServerUnavailable(
                "The Jupyter server cannot be reached",
                reason=f"Nothing answers as it should on port {self._address.port}.",
                remedy=START_REMEDY,
            ) from None
        finally:
            connection.close()

    @staticmethod
    def _read(response: HTTPResponse, deadline: float) -> bytes:
        """The whole body, unless it drips beyond the deadline or has no end."""
        chunks: list[bytes] = []
        size = 0
        while chunk := response.read1(262_144):
            chunks.append(chunk)
            size += len(chunk)
            if time.monotonic() > deadline:
                raise TimeoutError
            if size > MAX_BODY_BYTES:
                raise ValueError("the body has no end")
        return b"".join(chunks)

    @staticmethod
    def _unreadable(status: int) -> ServerUnavailable:
        return ServerUnavailable(
            "The Jupyter server gave an answer that is not Orrery's",
            reason=f"HTTP status {status}.",
            remedy="Check that Orrery's server extension is enabled: jupyter server extension list",
        )


def connect(timeout: float = 20.0) -> Client:
    """A client of the server that ``find_connection`` finds; ``timeout`` in seconds."""
    return Client(find_connection(), timeout)


class Service:
    """A capability as the SDK, magics and commands use it."""

    def __init__(self, client: Client | None = None) -> None:
        self._client = client

    @property
    def client(self) -> Client:
        """The client that was given; else a new one, for the server may have been restarted since the last call.

        Raises:
            ServerUnavailable: no server can be found.
        """
        return self._client or connect()
