"""Workers that are ready before they are needed."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from orrery_engine.client import process
from orrery_engine.client.worker import MakeFolder, Worker
from orrery_wire.errors import OrreryError


class WorkerPool:
    """Fresh workers: one is kept warm after the first use, and ended when nobody needs it for ``idle_seconds``."""

    def __init__(
        self,
        make_folder: MakeFolder,
        *,
        idle_seconds: float,
        command: tuple[str, ...] = process.COMMAND,
    ) -> None:
        self._make_folder = make_folder
        self._idle_seconds = idle_seconds
        self._command = command
        self._spare: dict[bool, asyncio.Task[Worker]] = {}
        self._timers: dict[bool, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    def warm(self, *, full: bool = False) -> None:
        """Have a worker ready soon; one that imports what the full report needs if ``full``."""
        if self._closed:
            return
        if full not in self._spare:
            self._spare[full] = self._start(full=full)
        if full in self._timers:
            self._timers[full].cancel()
        loop = asyncio.get_running_loop()
        self._timers[full] = loop.call_later(self._idle_seconds, self._release, full)

    async def take(self, *, full: bool = False, fresh: bool = False) -> Worker:
        """The warm worker if it lives, else a new one; always a new one if ``fresh``.

        Raises:
            BackendUnavailable, StorageFull: as ``Worker.start`` says.
        """
        spare = None if fresh else self._spare.pop(full, None)
        if spare is not None:
            with suppress(OrreryError):
                worker = await self._ready(spare)
                if worker.is_alive:
                    return worker
                await worker.end()
        return await self._ready(self._start(full=full))

    async def close(self) -> None:
        """End every worker that nobody took."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for full in list(self._spare):
            self._release(full)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _start(self, *, full: bool) -> asyncio.Task[Worker]:
        return asyncio.create_task(
            Worker.start(self._make_folder, full=full, command=self._command)
        )

    async def _ready(self, task: asyncio.Task[Worker]) -> Worker:
        """The worker once it is there; who waits may be cancelled, then it is ended."""
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._discard(task)
            raise

    def _release(self, full: bool) -> None:
        task = self._spare.pop(full, None)
        if task is not None:
            self._discard(task)

    def _discard(self, task: asyncio.Task[Worker]) -> None:
        async def end() -> None:
            with suppress(OrreryError):
                await (await task).end()

        ending = asyncio.create_task(end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
