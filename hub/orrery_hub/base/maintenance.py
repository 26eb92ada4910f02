"""Periodic work on the database: a backup, and the permanent removal of what was deleted long ago."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from orrery_hub.base import sqlite_file
from orrery_hub.base.db import Database, now
from orrery_hub.base.metrics import Metrics
from orrery_wire.errors import OrreryError

log = logging.getLogger("orrery_hub.maintenance")

INTERVAL_SECONDS = 6 * 3600


async def run_maintenance(
    database: Database,
    purges: Sequence[Callable[[datetime], object]],
    *,
    keep_days: int,
    metrics: Metrics,
) -> None:
    """Back up and purge now and every six hours, until cancelled. A failed run waits for the next."""

    def run_once() -> None:
        if database.file:
            sqlite_file.back_up(database.file)
        before = now() - timedelta(days=keep_days)
        for purge in purges:
            purge(before)

    while True:
        try:
            await asyncio.to_thread(run_once)
            metrics.background.labels("maintenance", "done").inc()
        except (OrreryError, OSError) as problem:
            metrics.background.labels("maintenance", "failed").inc()
            log.warning("maintenance failed, next attempt in six hours: %s", problem)
        await asyncio.sleep(INTERVAL_SECONDS)
