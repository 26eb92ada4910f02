"""Audit entries of what was refused: 403, 409 and 429 of routes that change something.

A refusal changes nothing, so its entry has a transaction of its own. Each person's are written at once as long as they
are few; a flood of them is counted, and written as one entry for each kind, so that it does not become a flood of writes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from contextvars import copy_context
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from orrery_hub.audit.schemas import Outcome
from orrery_hub.audit.service import record
from orrery_hub.base.db import Database
from orrery_hub.base.limits import Bucket
from orrery_hub.base.request_context import RequestContext, request_context
from orrery_wire.errors import OrreryError
from orrery_wire.secret_scan import without_secrets

log = logging.getLogger("orrery_hub.audit")

OUTCOMES: dict[int, Outcome] = {403: "forbidden", 409: "conflict", 429: "too_many"}
INTERVAL_SECONDS = 2.0
_AT_ONCE_PER_SECOND = 5.0
_MAX_KINDS = 1_000


@dataclass(frozen=True)
class _Kind:
    """What refusals that are written as one entry have in common."""

    user: str
    person_id: int | None
    permission: str
    address: str
    what: str
    on: str
    project: str
    outcome: Outcome


class Refusals:
    """Writes refusals into the audit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._counts: dict[_Kind, tuple[int, RequestContext]] = {}
        self._lost = 0

    async def add(self, status: int, what: str, on: str, project: str) -> None:
        """Record that the present request was refused with an HTTP status."""
        if (outcome := OUTCOMES.get(status)) is None:
            return
        current = request_context.get()
        kind = _Kind(
            current.user,
            current.person_id,
            current.permission,
            current.address,
            what[:64],
            on,
            project[:63],
            outcome,
        )
        if outcome == "too_many" or self._bucket(current.user).take():
            self._count(kind, current)
            return
        try:
            await asyncio.to_thread(self._write, kind, 1)
        except (OrreryError, SQLAlchemyError) as problem:
            log.warning("a refusal could not be recorded yet: %s", problem)
            self._count(kind, current)

    def _bucket(self, user: str) -> Bucket:
        bucket = self._buckets.setdefault(user, Bucket(_AT_ONCE_PER_SECOND))
        self._buckets.move_to_end(user)
        while len(self._buckets) > _MAX_KINDS:
            self._buckets.popitem(last=False)
        return bucket

    def _count(self, kind: _Kind, current: RequestContext) -> None:
        if kind not in self._counts and len(self._counts) >= _MAX_KINDS:
            self._lost += 1
            return
        count, first = self._counts.get(kind, (0, current))
        self._counts[kind] = (count + 1, first)

    def _write(self, kind: _Kind, count: int) -> None:
        with self._database.write() as session:
            after = {"count": count} if count > 1 else None
            record(
                session,
                kind.user,
                kind.what,
                # The path is what somebody typed, and may hold what was meant for another place.
                without_secrets(kind.on),
                project=kind.project,
                after=after,
                outcome=kind.outcome,
            )

    async def run(self) -> None:
        """Write what was counted every few seconds, until cancelled; then once more."""
        try:
            while True:
                await asyncio.sleep(INTERVAL_SECONDS)
                await asyncio.to_thread(self.flush)
        finally:
            self.flush()

    def flush(self) -> None:
        """Write what was counted."""
        counts, self._counts = self._counts, {}
        lost, self._lost = self._lost, 0
        for kind, (count, current) in counts.items():
            context = copy_context()
            context.run(request_context.set, current)
            try:
                context.run(self._write, kind, count)
            except (OrreryError, SQLAlchemyError) as problem:
                log.warning("%d refusals could not be recorded: %s", count, problem)
        if lost:
            log.warning("%d refusals of too many kinds were not recorded one by one", lost)
            with self._database.write() as session:
                record(session, "orrery", "audit.overflow", "refusals", after={"count": lost})
