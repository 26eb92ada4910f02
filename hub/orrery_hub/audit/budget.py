"""How many entries of the audit one person causes in a day: an entry cannot be left out, so the change is refused."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from sqlalchemy.orm import Session

from orrery_hub.base.contracts import RecordChange
from orrery_hub.base.limits import Bucket, too_many
from orrery_hub.base.request_context import request_context
from orrery_hub.scopes import PLATFORM_ADMIN

DAY_SECONDS = 86_400.0
_MAX_PEOPLE = 10_000


class LimitedRecord:
    """``RecordChange`` with a limit of entries in a day for each person.

    What an administrator does for others, what the service does by itself, and what is done on the machine is not
    limited. A restart of the service begins anew, which no person can cause.
    """

    def __init__(self, record: RecordChange, per_day: int) -> None:
        self._record = record
        self._per_day = per_day
        self._buckets: OrderedDict[int, Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, session: Session, who: str, what: str, on: str, /, **facts: Any) -> None:
        """Record a change; see ``RecordChange``.

        Raises:
            TooMany: the person has changed too much in a day.
        """
        current = request_context.get()
        if current.person_id and who == current.user and current.permission != PLATFORM_ADMIN:
            self._take(current.person_id)
        self._record(session, who, what, on, **facts)

    def _take(self, person_id: int) -> None:
        with self._lock:
            bucket = self._buckets.get(person_id)
            if bucket is None:
                bucket = Bucket(self._per_day / DAY_SECONDS, burst_seconds=DAY_SECONDS)
                self._buckets[person_id] = bucket
                while len(self._buckets) > _MAX_PEOPLE:
                    self._buckets.popitem(last=False)
            self._buckets.move_to_end(person_id)
            seconds = bucket.take()
        if seconds:
            raise too_many(f"You have made {self._per_day:,} changes within a day.", seconds)
