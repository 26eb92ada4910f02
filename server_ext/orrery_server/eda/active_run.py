"""A run of this server while it is under way, and who waits for news of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from orrery_engine.client.run_state import RunState
from orrery_engine.client.worker import Worker
from orrery_engine.schemas import Run


class ActiveRun(RunState):
    """A run in this server, from the request until its result is kept."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._changed = asyncio.Event()
        self.is_saving = False
        self.worker: Worker | None = None
        self.task: asyncio.Task[None] | None = None

    def set_run(self, run: Run) -> None:
        """Take a run in place of the one that was, and wake who waits."""
        super().set_run(run)
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait(self, after: int, seconds: float) -> None:
        """Return once there is a later revision than ``after``, the run is over, or the time is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.run.revision <= after and not self.is_over:
                    await self._changed.wait()
