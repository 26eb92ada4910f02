"""Work that goes on beside requests.

An error that nobody foresaw ends neither the service nor any other work: it is logged and counted, the work begins
again after a while, and until then the health of the service says so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence

from orrery_hub.base.metrics import Metrics

log = logging.getLogger("orrery_hub.background")

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0
# Work that has gone on for so long since its last failure counts as well again.
STEADY_SECONDS = 300.0

Work = Callable[[], Coroutine[object, object, None]]


class Background:
    """Keeps several works going; each is a coroutine that ends only when it is cancelled."""

    def __init__(self, works: Mapping[str, Work], metrics: Metrics) -> None:
        self._works = works
        self._metrics = metrics
        self._failures: dict[str, tuple[float, str]] = {}

    async def run(self) -> None:
        """Do all work until cancelled; every work ends by its own cancellation."""
        async with asyncio.TaskGroup() as group:
            for name, work in self._works.items():
                group.create_task(self._keep_going(name, work), name=name)

    async def _keep_going(self, name: str, work: Work) -> None:
        pause = FIRST_SECONDS
        while True:
            started = time.monotonic()
            reason = "it ended by itself"
            try:
                await work()
            except (
                Exception
            ) as problem:  # the edge of the work: no other layer would begin it again
                log.exception("%s failed unforeseen, and begins again", name)
                reason = type(problem).__name__
            self._metrics.background.labels(name, "crashed").inc()
            self._failures[name] = (time.monotonic(), reason)
            if time.monotonic() - started > STEADY_SECONDS:
                pause = FIRST_SECONDS
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_SECONDS)

    def notices(self) -> Sequence[str]:
        """What failed lately, for the health of the service."""
        moment = time.monotonic()
        return [
            f"The background work of {name} failed ({reason}) and was begun again; the log says more."
            for name, (when, reason) in sorted(self._failures.items())
            if moment - when < STEADY_SECONDS
        ]
