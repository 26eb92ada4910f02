"""Limits of connections: how many there are, how long and how large a head may be, and who takes no response.

A request costs nothing before its head is complete, so nobody is asked who sends it. When all places are taken,
the connection that has been silent for longest makes room for a new one. What is no HTTP, or has a method that no
standard knows, is answered here and reaches no application.
"""

from __future__ import annotations

import asyncio
import json
import logging
import resource
import time
from collections.abc import Callable, Sequence
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from orrery_hub.base.error_handlers import PART
from orrery_wire.common_errors import of_status

log = logging.getLogger("orrery_hub.connections")

# Seconds in which a client takes what was sent to it, down to the transport's low-water mark.
SEND_SECONDS = 60.0
# What is no body is refused after so many bytes: a head, or what stands between the parts of a body and after it.
HEAD_BYTES = 64 * 1024
HEAD_FIELDS = 100
# Chunks of a body that have less content than this share of what is sent are counted as no body.
_BODY_SHARE = 8
# Requests that a client may send before the one before them is answered.
PIPELINED = 8
# What is no HTTP is refused after this time, so that a flood of it is slow. It holds a place that others may take.
REFUSAL_SECONDS = 0.1
# Refusals are logged together, for there may be a flood of them.
_LOG_SECONDS = 10.0
# Files that the process opens beside its connections.
_OTHER_FILES = 256


class ConnectionLimits:
    """The connections of one service.

    ``fresh`` are those that have not asked for anything yet, ``silent`` those whose requests are answered; the oldest
    first. A browser or a lab keeps a connection, so fresh ones make room before silent ones.
    """

    def __init__(self, most: int, head_seconds: float) -> None:
        self.most = most
        self.head_seconds = head_seconds
        self.open: set[LimitedProtocol] = set()
        self.fresh: dict[LimitedProtocol, None] = {}
        self.silent: dict[LimitedProtocol, None] = {}
        self.dropped = 0
        self.refused = 0
        self._log_at = 0.0
        self._logged = 0

    def make_room(self) -> bool:
        """Close the connection that has waited for longest if there are too many; false if none waits."""
        if len(self.open) < self.most:
            return True
        waiting = self.fresh or self.silent
        if not waiting:
            return False
        oldest = next(iter(waiting))
        self.dropped += 1
        oldest.drop()
        return True

    def forget(self, connection: LimitedProtocol) -> None:
        """The connection waits for nothing, or is gone."""
        self.fresh.pop(connection, None)
        self.silent.pop(connection, None)

    def count_refused(self) -> None:
        """Count a request that was no HTTP, and say so now and then."""
        self.refused += 1
        if (moment := time.monotonic()) >= self._log_at:
            log.warning("%d requests were no HTTP and were refused", self.refused - self._logged)
            self._log_at, self._logged = moment + _LOG_SECONDS, self.refused

    def protocol(self) -> Callable[..., LimitedProtocol]:
        """A factory of protocols, as uvicorn's ``http`` setting takes it."""

        def create(**arguments: Any) -> LimitedProtocol:
            return LimitedProtocol(self, **arguments)

        return create

    def raise_file_limit(self) -> None:
        """Let this process open as many files as it has connections, as far as the system allows."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        needed = self.most + _OTHER_FILES
        if soft != resource.RLIM_INFINITY and soft < needed:
            allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
            if allowed < needed:
                self.most = max(1, allowed - _OTHER_FILES)
                log.warning(
                    "only %d connections at once, for the system allows %d open files",
                    self.most,
                    hard,
                )


class LimitedProtocol(HttpToolsProtocol):
    """HTTP/1.1 on one connection, with time limits."""

    def __init__(self, limits: ConnectionLimits, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._limits = limits
        self._head_timer: asyncio.TimerHandle | None = None
        self._send_timer: asyncio.TimerHandle | None = None
        self._is_in_head = False
        self._has_begun = False
        self._head_bytes = 0
        self._field_bytes = 0
        self._fields = 0
        self._body_bytes = 0
        self._is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, or be closed at once."""
        super().connection_made(transport)
        if not self._limits.make_room():
            self.drop()
            return
        self._limits.open.add(self)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the place."""
        self._limits.open.discard(self)
        self._limits.forget(self)
        self._stop_head_timer()
        self._stop_send_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; the head of a request has to be complete in time."""
        if self._is_refused:
            return
        self._unset_keepalive_if_required()
        was_in_head = self._is_in_head
        self._has_begun = False
        self._body_bytes = 0
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # The request is answered as any other; what follows it would be in the other protocol.
            self.cycle.keep_alive = False
        except httptools.HttpParserError:
            self._refuse()
            return
        # Where a head or a body began somewhere in this part, the next one starts the count.
        is_same = was_in_head == self._is_in_head and not self._has_begun
        is_content = self._is_silent() or self._body_bytes * _BODY_SHARE >= len(data)
        is_counted = is_same and (self._is_in_head or not is_content)
        self._head_bytes = self._head_bytes + len(data) if is_counted else 0
        if self._head_bytes > HEAD_BYTES:
            self._refuse()
        elif self.transport.is_closing():
            return
        elif self._is_silent():
            self._wait_for_head()
        else:
            self._stop_head_timer()
            self._limits.forget(self)

    def on_message_begin(self) -> None:
        """A head begins (parser)."""
        super().on_message_begin()
        self._is_in_head = self._has_begun = True
        self._fields = self._field_bytes = 0

    def on_url(self, url: bytes) -> None:
        """A part of the address (parser).

        Raises:
            ValueError: it is too long.
        """
        self._count_in_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head (parser).

        Raises:
            ValueError: there are too many, or it comes after the body, where nobody reads it.
        """
        self._fields += 1
        if not self._is_in_head or self._fields > HEAD_FIELDS:
            raise ValueError("too many fields")
        self._count_in_head(len(name) + len(value))
        super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """A part of the body (parser)."""
        self._body_bytes += len(body)
        super().on_body(body)

    def _count_in_head(self, size: int) -> None:
        self._field_bytes += size
        if self._field_bytes > HEAD_BYTES:
            raise ValueError("too large a head")

    def on_headers_complete(self) -> None:
        """A head is complete (parser); an exception makes it one that is refused.

        Raises:
            ValueError: it does not name one host, its body has no certain end, or too many requests wait before it.
        """
        self._is_in_head = False
        names = [name for name, _ in self.headers]
        hosts = names.count(b"host")
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            raise ValueError("not one host")
        if b"transfer-encoding" in names and not _is_chunked(self.headers):
            # The parser says so only when the request has been given to the application.
            raise ValueError("a body without a certain end")
        if len(self.pipeline) >= PIPELINED:
            raise ValueError("too many requests")
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """The connection has nothing to do until the next request."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._wait_for_end()
        elif self._is_silent():
            self._limits.silent[self] = None

    def pause_writing(self) -> None:
        """The client does not take what is sent: it has so long to go on."""
        super().pause_writing()
        self._stop_send_timer()
        self._send_timer = self.loop.call_later(SEND_SECONDS, self.drop)

    def resume_writing(self) -> None:
        """The client goes on."""
        super().resume_writing()
        self._stop_send_timer()
        if self.transport.is_closing():
            self._wait_for_end()

    def drop(self) -> None:
        """Close without a word, and forget what was not sent."""
        self._limits.open.discard(self)
        self._limits.forget(self)
        self.transport.abort()

    def _refuse(self) -> None:
        """Answer what is no HTTP, and close."""
        self._is_refused = True
        self._limits.count_refused()
        cycle = self.cycle
        is_served = cycle and not cycle.response_complete
        if self.pipeline or (is_served and (cycle.response_started or not cycle.more_body)):
            # A request before it is being served: no answer is better than one that would be taken for its own.
            self.drop()
            return
        # What still comes is taken and thrown away: unread, it would have the system take the answer back.
        self.loop.call_later(REFUSAL_SECONDS, self._send_refusal)

    def _send_refusal(self) -> None:
        if self.transport.is_closing():
            return
        problem = of_status(400, PART)
        body = json.dumps(problem.body()).encode()
        self.transport.write(
            STATUS_LINE[problem.status]
            + b"content-type: application/json\r\ncache-control: no-store\r\nconnection: close\r\n"
            + b"content-length: %d\r\n\r\n" % len(body)
            + body
        )
        self.transport.close()
        self._wait_for_end()

    def _wait_for_end(self) -> None:
        """The client has so long to take the rest of what was sent; it makes room for others if there are too many."""
        self._limits.silent[self] = None
        if self._send_timer is None:
            self._send_timer = self.loop.call_later(SEND_SECONDS, self.drop)

    def _is_silent(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _wait_for_head(self) -> None:
        waiting = self._limits.fresh if self.cycle is None else self._limits.silent
        waiting.setdefault(self, None)
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self._limits.head_seconds, self.drop)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_send_timer(self) -> None:
        if self._send_timer is not None:
            self._send_timer.cancel()
            self._send_timer = None


def _is_chunked(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether a body comes in chunks, and nothing else is said about its length."""
    names = [name for name, _ in headers]
    encodings = [value.lower() for name, value in headers if name == b"transfer-encoding"]
    return encodings == [b"chunked"] and b"content-length" not in names
