"""Sees when the system's clock was set, for work that must not act on a wrong time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from orrery_hub.base import db

log = logging.getLogger("orrery_hub.clock")

# A clock that differs by more than this from the time that went by was set, or the machine slept.
STEP = timedelta(seconds=5)
# So long a clock has to go on steadily after it was set before it is believed.
STEADY = timedelta(seconds=60)


class SteadyClock:
    """The time, or None for a minute after the clock was set: a step may be a mistake that is corrected at once."""

    def __init__(
        self,
        wall: Callable[[], datetime] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall or (lambda: db.now())
        self._monotonic = monotonic
        self._last: tuple[datetime, float] | None = None
        self._unsteady_since: float | None = None

    @property
    def is_steady(self) -> bool:
        """Whether the clock was not set within the last minute, as of the last reading."""
        return self._unsteady_since is None

    def read(self) -> datetime | None:
        """The time now; None if the clock was set less than a minute ago."""
        moment, ticks = self._wall(), self._monotonic()
        if self._last is not None:
            step = (moment - self._last[0]) - timedelta(seconds=ticks - self._last[1])
            if abs(step) > STEP:
                self._unsteady_since = ticks
                log.warning("the clock was set by %s; waiting until it goes on steadily", step)
        self._last = (moment, ticks)
        since = self._unsteady_since
        if since is not None and ticks - since < STEADY.total_seconds():
            return None
        self._unsteady_since = None
        return moment
