"""Background comparison of the table of people with JupyterHub's accounts."""

from __future__ import annotations

import asyncio
import logging

from orrery_hub.base.accounts import Accounts
from orrery_hub.base.metrics import Metrics
from orrery_wire.errors import OrreryError

log = logging.getLogger("orrery_hub.people")

RETRY_SECONDS = 15.0


class Follower:
    """Looks every ``seconds`` for accounts that were renamed, deleted, or created for somebody who was invited."""

    def __init__(self, accounts: Accounts, metrics: Metrics, seconds: float) -> None:
        self._accounts = accounts
        self._metrics = metrics
        self._seconds = seconds
        self._is_failing = False

    async def run(self) -> None:
        """Compare until cancelled."""
        while True:
            is_done = await self.compare()
            await asyncio.sleep(self._seconds if is_done else min(RETRY_SECONDS, self._seconds))

    async def compare(self) -> bool:
        """Compare once; false if JupyterHub or the database does not answer."""
        try:
            await self._accounts.reconcile()
        except OrreryError as problem:
            self._metrics.background.labels("people", "failed").inc()
            if not self._is_failing:
                log.warning("people cannot be compared with JupyterHub: %s", problem.reason)
            self._is_failing = True
            return False
        self._metrics.background.labels("people", "done").inc()
        self._is_failing = False
        return True
