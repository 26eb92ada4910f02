"""Stops idle servers: JupyterHub's idle culler goes through the servers, and the arbiter here decides.

The library asks JupyterHub for every server that is ready, never touches one that starts or stops, and stops those
for which the arbiter says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from jupyterhub_idle_culler import cull_idle
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from tornado.httpclient import HTTPError

from orrery_hub.base import notices
from orrery_hub.base.contracts import RecordChange
from orrery_hub.base.db import Database
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.steady_clock import SteadyClock
from orrery_hub.culling import store
from orrery_hub.culling.judgement import Verdict, Warned, judge
from orrery_hub.culling.store import NO_LIMITS, Case, DefaultLimits
from orrery_hub.culling.warning import notice_key, warning_draft
from orrery_wire.errors import OrreryError

log = logging.getLogger("orrery_hub.culling")

INTERVAL_SECONDS = 60.0
_PAGE = 200
_CONCURRENCY = 10
# A lab needs so long until its first report.
_START = timedelta(minutes=10)

Arbiter = Callable[..., Awaitable[bool]]
Sweep = Callable[[Arbiter], Awaitable[None]]


def jupyterhub_sweep(hub: httpx.AsyncClient) -> Sweep:
    """One round of the library over the servers of a JupyterHub, with the service's own token."""
    url = str(hub.base_url).rstrip("/")
    _, _, token = hub.headers["Authorization"].partition(" ")

    async def sweep(arbiter: Arbiter) -> None:
        await cull_idle(
            url=url,
            api_token=token,
            inactive_limit=0,
            logger=log,
            concurrency=_CONCURRENCY,
            api_page_size=_PAGE,
            cull_arbiter=arbiter,
        )

    return sweep


@dataclass(frozen=True)
class _Change:
    """A warning to give or to take back."""

    case: Case
    warned: Warned | None


class Culler:
    """Looks at running servers every minute, warns their people, and stops those that stay idle."""

    def __init__(
        self,
        database: Database,
        sweep: Sweep,
        metrics: Metrics,
        record: RecordChange,
        *,
        defaults: DefaultLimits = NO_LIMITS,
        clock: SteadyClock | None = None,
    ) -> None:
        self._database = database
        self._sweep = sweep
        self._metrics = metrics
        self._record = record
        self._defaults = defaults
        self._clock = clock or SteadyClock()
        self._silent_count = 0

    def notices(self) -> tuple[str, ...]:
        """What an operator has to know, without names."""
        if self._silent_count:
            return (
                f"{self._silent_count} servers of which nobody knows whether they are used: labs that do not report,"
                " or devices that are not measured. They are listed as unknown, and have the longer limit.",
            )
        return ()

    async def run(self) -> None:
        """Look at servers until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            await self.look()

    async def look(self) -> bool:
        """Warn and stop once; false if the clock, the database or JupyterHub did not allow it."""
        moment = self._clock.read()
        if moment is None:
            self._metrics.background.labels("culling", "skipped").inc()
            return False
        try:
            await self._look(moment)
        except (OrreryError, SQLAlchemyError, HTTPError, OSError, ValueError, KeyError) as problem:
            self._metrics.background.labels("culling", "failed").inc()
            log.warning("idle servers cannot be looked at now: %s", problem)
            return False
        self._metrics.background.labels("culling", "done").inc()
        return True

    async def _look(self, moment: datetime) -> None:
        cases = await asyncio.to_thread(self._cases)
        limited = {
            (case.user, case.server): case
            for case in cases
            if case.limits(self._defaults) is not None
        }
        self._silent_count = sum(
            case.as_server().state(moment) == "unknown" and moment - case.started > _START
            for case in limited.values()
        )
        changes: list[_Change] = []

        async def arbiter(
            *, inactive: timedelta | None, inactive_limit: int, server: Mapping[str, Any]
        ) -> bool:
            """Whether the library stops a server; ``inactive`` is the time since JupyterHub saw activity."""
            name = str(server.get("name") or "")
            user = str(server["full_name"]).removesuffix(f"/{name}")
            case = limited.get((user, name))
            if case is None:
                return False
            activity = None if inactive is None else moment - inactive
            verdict = self._judge(case, moment, activity)
            if verdict.action == "cull":
                return await asyncio.to_thread(self._confirm, case, moment, activity)
            changes.extend(_change(case, verdict, moment))
            return False

        if limited:
            await self._sweep(arbiter)
        await asyncio.to_thread(self._apply, changes)

    def _cases(self) -> list[Case]:
        with self._database.read() as session:
            return store.cases(session)

    def _judge(self, case: Case, moment: datetime, activity: datetime | None) -> Verdict:
        limits = case.limits(self._defaults)
        if limits is None:
            return Verdict("keep")
        return judge(case.as_server(activity), case.warned, limits, moment)

    def _confirm(self, case: Case, moment: datetime, activity: datetime | None) -> bool:
        """Judge again by what is in the database now, and note that the server is stopped."""
        with self._database.write() as session:
            current = store.case(session, case.lease_id)
            if current is None or self._judge(current, moment, activity).action != "cull":
                return False
            store.unwarn(session, [case.lease_id])
            notices.withdraw(session, case.person_id, notice_key(case.lease_id))
            self._record(
                session,
                "orrery",
                "culling.stop",
                f"{case.user}/{case.server}",
                project=case.project,
                after={"pool": case.pool, "idle_since": current.as_server().idle_since()},
            )
        self._metrics.background.labels("cull", "done").inc()
        return True

    def _apply(self, changes: list[_Change]) -> None:
        with self._database.read() as session:
            stale = store.stale_warnings(session)
        if not changes and not stale:
            return
        with self._database.write() as session:
            store.unwarn(session, stale)
            for change in changes:
                self._write(session, change)

    def _write(self, session: Session, change: _Change) -> None:
        current = store.case(session, change.case.lease_id)
        if current is None or current.warned != change.case.warned:
            return  # it ended, was used or was extended meanwhile
        if change.warned is None:
            store.unwarn(session, [current.lease_id])
            notices.withdraw(session, current.person_id, notice_key(current.lease_id))
            return
        limits = current.limits(self._defaults)
        store.warn(session, current.lease_id, change.warned)
        left = limits.extensions if limits else 0
        notices.put(session, warning_draft(current, change.warned, left))


def _change(case: Case, verdict: Verdict, moment: datetime) -> list[_Change]:
    """What a verdict changes: nothing where a warning stands and stays."""
    if verdict.action == "keep":
        return [_Change(case, None)] if case.warned else []
    is_used = case.warned is not None and case.as_server().idle_since() > case.warned.at
    if (case.warned is None or is_used) and verdict.cull_at:
        return [_Change(case, Warned(moment, verdict.cull_at))]
    return []
