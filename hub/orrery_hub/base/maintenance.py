"""Periodic work on the database: a backup, and the permanent removal of what was deleted long ago.

What is removed for good cannot be brought back when a clock that was wrong is set right. So nothing is removed by a time
that is far from that of the last run: not after a step of the clock, nor after a long outage, before the next run.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from orrery_hub.base import sqlite_file
from orrery_hub.base.counters import CounterRow, counter
from orrery_hub.base.db import Database, now
from orrery_hub.base.metrics import Metrics
from orrery_wire.errors import OrreryError

log = logging.getLogger("orrery_hub.maintenance")

INTERVAL_SECONDS = 6 * 3600
# Runs are further apart only after an outage, or by a clock that was set.
_USUAL_SECONDS = 86_400
_LAST_RUN = "maintenance_run"


async def run_maintenance(
    database: Database,
    purges: Sequence[Callable[[datetime], object]],
    *,
    keep_days: int,
    metrics: Metrics,
) -> None:
    """Back up and purge now and every six hours, until cancelled. A failed run waits for the next.

    A run whose time is more than a day from the last one's, in either direction, purges nothing.
    """

    def run_once() -> None:
        if database.file:
            sqlite_file.back_up(database.file)
        moment = now()
        if _is_usual(database, moment):
            for purge in purges:
                purge(moment - timedelta(days=keep_days))

    while True:
        try:
            await asyncio.to_thread(run_once)
            metrics.background.labels("maintenance", "done").inc()
        except (OrreryError, OSError) as problem:
            metrics.background.labels("maintenance", "failed").inc()
            log.warning("maintenance failed, next attempt in six hours: %s", problem)
        await asyncio.sleep(INTERVAL_SECONDS)


def _is_usual(database: Database, moment: datetime) -> bool:
    """Whether a run comes about when it is to come; notes the run."""
    seconds = int(moment.timestamp())
    with database.write() as session:
        last = counter(session, _LAST_RUN)
        session.merge(CounterRow(name=_LAST_RUN, value=seconds))
    if not last or abs(seconds - last) <= _USUAL_SECONDS:
        return True
    log.warning(
        "the clock differs by %s from the last maintenance: nothing is removed before the next one",
        timedelta(seconds=seconds - last),
    )
    return False
