"""Audit entries of what was refused: 403, 409 and 429 of routes that change something.

A refusal changes nothing, so its entry has a transaction of its own. Each person's are written at once as long as they
are few; a flood of them is counted, and written as one entry for each kind, so that it does not become a flood of writes.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, replace

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
# So many entries for one person's refusals in a day say what was refused; the others are one entry now and then.
_PER_DAY = 5_000
_DAY_SECONDS = 86_400.0
_SUMMARY = "requests"
_SUMMARY_SECONDS = 600.0


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

    def summary(self) -> _Kind:
        """The kind without what was refused, and from where."""
        return replace(self, permission="", address="", what=_SUMMARY, on="", project="")


def _at_once() -> Bucket:
    return Bucket(_AT_ONCE_PER_SECOND)


def _in_a_day() -> Bucket:
    return Bucket(_PER_DAY / _DAY_SECONDS, burst_seconds=_DAY_SECONDS)


def _bucket(buckets: OrderedDict[str, Bucket], user: str, create: Callable[[], Bucket]) -> Bucket:
    """The bucket of a user, among those of the users who were refused last."""
    bucket = buckets.get(user)
    if bucket is None:
        bucket = buckets[user] = create()
        while len(buckets) > _MAX_KINDS:
            buckets.popitem(last=False)
    buckets.move_to_end(user)
    return bucket


_Counts = dict[_Kind, tuple[int, RequestContext]]


class Refusals:
    """Writes refusals into the audit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._days: OrderedDict[str, Bucket] = OrderedDict()
        self._summarised = time.monotonic()
        self._counts: _Counts = {}
        self._summaries: _Counts = {}
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
        if outcome == "too_many" or _bucket(self._buckets, current.user, _at_once).take():
            self._count(kind, current)
            return
        if _bucket(self._days, current.user, _in_a_day).take():
            self._summarise(kind, current)
            return
        try:
            await asyncio.to_thread(self._write, kind, 1)
        except (OrreryError, SQLAlchemyError) as problem:
            log.warning("a refusal could not be recorded yet: %s", problem)
            self._count(kind, current)

    def _count(self, kind: _Kind, current: RequestContext) -> None:
        if kind not in self._counts:
            if _bucket(self._days, kind.user, _in_a_day).take():
                self._summarise(kind, current)
                return
            if len(self._counts) >= _MAX_KINDS:
                self._lost += 1
                return
        count, first = self._counts.get(kind, (0, current))
        self._counts[kind] = (count + 1, first)

    def _summarise(self, kind: _Kind, current: RequestContext) -> None:
        summary = kind.summary()
        if summary not in self._summaries and len(self._summaries) >= _MAX_KINDS:
            self._lost += 1
            return
        count, first = self._summaries.get(summary, (0, replace(current, address="")))
        self._summaries[summary] = (count + 1, first)

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
            self.flush(is_last=True)

    def flush(self, *, is_last: bool = False) -> None:
        """Write what was counted; summaries only now and then, and at last."""
        counts, self._counts = self._counts, {}
        if is_last or time.monotonic() >= self._summarised + _SUMMARY_SECONDS:
            self._summarised = time.monotonic()
            summaries, self._summaries = self._summaries, {}
            counts |= summaries
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
