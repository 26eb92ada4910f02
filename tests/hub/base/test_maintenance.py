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
