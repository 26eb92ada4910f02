"""Limits of connections: how many there are, and how long a head and an unread response may take.

A request costs nothing before its head is complete, so nobody is asked who sends it. When all places are taken,
the connection that has been silent for longest makes room for a new one.
"""

from __future__ import annotations

import asyncio
import logging
import resource
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger("orrery_hub.connections")

# Seconds in which a client takes what was sent to it, down to the transport's low-water mark.
SEND_SECONDS = 60.0
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


class LimitedProtocol(H11Protocol):
    """HTTP/1.1 on one connection, with time limits."""

    def __init__(self, limits: ConnectionLimits, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._limits = limits
        self._head_timer: asyncio.TimerHandle | None = None
        self._send_timer: asyncio.TimerHandle | None = None

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
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._is_silent():
            self._wait_for_head()
        else:
            self._stop_head_timer()
            self._limits.forget(self)

    def on_response_complete(self) -> None:
        """The connection has nothing to do until the next request."""
        super().on_response_complete()
        if self._is_silent() and not self.transport.is_closing():
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

    def drop(self) -> None:
        """Close without a word, and forget what was not sent."""
        self._limits.open.discard(self)
        self._limits.forget(self)
        self.transport.abort()

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
