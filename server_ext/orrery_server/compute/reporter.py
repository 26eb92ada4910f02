"""Tells the hub every minute what this lab uses, so that it is not stopped while it works."""

from __future__ import annotations

import asyncio

from orrery_server.base.context import Log
from orrery_server.compute.backend import UsageBackend
from orrery_server.compute.meter import Meter
from orrery_wire.culling import CullState
from orrery_wire.errors import OrreryError

# So many samples make a report.
_SAMPLES = 6
_RETRY_SECONDS = 60


class Reporter:
    """Samples and reports until it is stopped. A hub that is away misses reports, and stops nothing meanwhile."""

    def __init__(self, backend: UsageBackend, meter: Meter, server: str, log: Log) -> None:
        self._backend = backend
        self._meter = meter
        self._server = server
        self._log = log
        self._is_failing = False
        self.state: CullState | None = None

    async def run(self) -> None:
        """Report at once, and then as often as the hub asks for it."""
        await asyncio.to_thread(self._meter.sample)
        while True:
            seconds = await self.report()
            for _ in range(_SAMPLES):
                await asyncio.sleep(seconds / _SAMPLES)
                await asyncio.to_thread(self._meter.sample)

    async def report(self) -> float:
        """Report once; the result is after how many seconds to report again."""
        try:
            self.state = await self._backend.report(self._server, self._meter.take())
        except OrreryError as problem:
            if not self._is_failing:
                self._log.info("orrery: the use of this lab is not reported: %s", problem.message)
            self._is_failing = True
            return _RETRY_SECONDS
        self._is_failing = False
        return self.state.report_seconds
