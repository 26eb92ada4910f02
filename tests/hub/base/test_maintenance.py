"""Maintenance: a backup and a purge in each run; a run that fails does not end it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from orrery_hub.base import maintenance, sqlite_file
from orrery_hub.base.db import Database, now
from orrery_hub.base.metrics import Metrics
from orrery_wire.errors import StorageFull


def test_a_failed_run_is_counted_and_the_next_one_works(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "INTERVAL_SECONDS", 0.01)
    metrics = Metrics()
    calls: list[datetime] = []

    def purge(before: datetime) -> None:
        calls.append(before)
        if len(calls) == 1:
            raise StorageFull("The disk is full")

    async def run() -> None:
        task = asyncio.create_task(
            maintenance.run_maintenance(sqlite, [purge], keep_days=30, metrics=metrics)
        )
        while len(calls) < 3:
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(run())
    assert abs(calls[0] - (now() - timedelta(days=30))) < timedelta(minutes=1)
    text = metrics.text()[0].decode()
    assert 'orrery_hub_background_total{outcome="failed",work="maintenance"} 1.0' in text
    assert 'work="maintenance"} 0' not in text
    assert sqlite.file
    assert sqlite_file.check_integrity(sqlite_file.backup_path(sqlite.file)) == ""


def test_a_clock_that_was_set_removes_nothing_for_good(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that is years ahead at a start is set right within minutes, and what was purged would be gone."""
    monkeypatch.setattr(maintenance, "INTERVAL_SECONDS", 0)
    start = now()
    hours = timedelta(hours=6)
    year = timedelta(days=400)
    moments = [start, start + hours, start + year, start + 2 * hours, start + 3 * hours]
    moments += [start - year, start - year + hours]
    calls: list[datetime] = []
    left = iter(moments)
    done = asyncio.Event()

    def read_clock() -> datetime:
        try:
            return next(left)
        except StopIteration:
            loop.call_soon_threadsafe(done.set)
            raise StorageFull("The end of the test") from None

    monkeypatch.setattr(maintenance, "now", read_clock)
    loop = asyncio.new_event_loop()

    async def run() -> None:
        work = maintenance.run_maintenance(
            database, [calls.append], keep_days=30, metrics=Metrics()
        )
        task = asyncio.create_task(work)
        await done.wait()
        task.cancel()

    loop.run_until_complete(run())
    loop.close()
    purged = [start, start + hours, start + 3 * hours, start - year + hours]
    assert calls == [moment - timedelta(days=30) for moment in purged]
