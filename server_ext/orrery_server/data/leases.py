"""Connections in use by this server: their secrets in memory alone, renewed while they are used, dropped when denied."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime

from orrery_server.data.backend import UseBackend
from orrery_wire.connections import Use
from orrery_wire.errors import BackendUnavailable, Forbidden, NotFound, OrreryError, TimedOut

# What nobody has used for so long is released.
IDLE_SECONDS = 900.0
_RETRY_SECONDS = 15.0
_ENDED = (Forbidden, NotFound)


class _Held:
    """One use, the task that renews it, and when it was asked for last."""

    def __init__(self, use: Use) -> None:
        self.use = use
        self.last_use = time.monotonic()
        self.task: asyncio.Task[None] | None = None


class Leases:
    """At most one use of each connection. Belongs to one event loop."""

    def __init__(
        self,
        backend: UseBackend,
        log: logging.Logger | logging.LoggerAdapter[logging.Logger],
        *,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._backend = backend
        self._log = log
        self._idle_seconds = idle_seconds
        self._held: dict[int, _Held] = {}
        self._locks: dict[int, asyncio.Lock] = {}

    async def use(self, id: int) -> Use:
        """A connection with its secrets; another lease than before means that it has to be opened anew.

        Raises:
            OrreryError: it may not be used, or its secrets cannot be had now.
        """
        async with self._locks.setdefault(id, asyncio.Lock()):
            held = self._held.get(id)
            if held is not None and _seconds_left(held.use) > 0:
                held.last_use = time.monotonic()
                return held.use
            await self.drop(id)
            use = await self._backend.use(id)
            held = _Held(use)
            self._held[id] = held
            held.task = asyncio.create_task(self._renew(id, held))
            return use

    def holds(self, use: Use) -> bool:
        """Whether a use is good still."""
        held = self._held.get(use.connection)
        return held is not None and held.use.lease == use.lease and _seconds_left(held.use) > 0

    async def drop(self, id: int) -> None:
        """Forget a use, and say so where it was given: it was changed, deleted or is not needed."""
        held = self._held.pop(id, None)
        if held is None:
            return
        if held.task is not None and held.task is not asyncio.current_task():
            held.task.cancel()
        try:
            await self._backend.release(held.use.lease)
        except OrreryError as problem:
            # It ends by itself.
            self._log.info("orrery: a use of a connection ends later: %s", problem.message)

    async def close(self) -> None:
        """Forget every use."""
        await asyncio.gather(*(self.drop(connection) for connection in tuple(self._held)))

    async def _renew(self, id: int, held: _Held) -> None:
        """Renew at half time, until nobody has asked for the use for a while."""
        while True:
            await asyncio.sleep(max(_seconds_left(held.use) / 2, 0.05))
            if time.monotonic() - held.last_use > self._idle_seconds:
                await self.drop(id)
                return
            try:
                fresh = await self._backend.renew(held.use.lease)
            except (BackendUnavailable, TimedOut) as problem:
                # Its values stay good until they expire.
                self._log.info("orrery: a use of a connection was not renewed: %s", problem.message)
                if _seconds_left(held.use) <= 0:
                    self._held.pop(id, None)
                    return
                await asyncio.sleep(min(_RETRY_SECONDS, _seconds_left(held.use)))
                continue
            except OrreryError as problem:
                level = logging.INFO if isinstance(problem, _ENDED) else logging.WARNING
                self._log.log(
                    level, "orrery: a connection is not used any more: %s", problem.message
                )
                self._held.pop(id, None)
                return
            secrets = held.use.secrets if fresh.secrets is None else fresh.secrets
            is_same = secrets == held.use.secrets and fresh.spec == held.use.spec
            if not is_same:
                # What is open was opened with other values: whoever asks next opens it anew.
                self._held.pop(id, None)
                return
            held.use = fresh.model_copy(update={"secrets": secrets})


def _seconds_left(use: Use) -> float:
    return (use.expires - datetime.now(UTC)).total_seconds()
