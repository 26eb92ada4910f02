"""Limits of what JupyterHub's process asks for people: by the person whom a request names, and by what it is.

That process has one credential for everybody. So one person's pages before a start wait behind that person's own, all
people's pages together leave room for starts, and what is reported of servers waits for nobody: a report that is late is
money, or a device that nobody gets.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from orrery_hub.base.limits import Slots

LaunchKind = Literal["page", "start", "report"]

_KINDS: dict[str, LaunchKind] = {
    "choices": "page",
    "leases": "start",
    "tickets": "start",
    "cancel": "start",
}
# Of all people together: so many are answered at once, and so many wait. Worker threads are left for everything else.
_ALL: dict[LaunchKind, tuple[int, int]] = {"page": (8, 400), "start": (16, 1_000)}
# Of one person.
_OWN = (2, 4)
_MAX_PEOPLE = 10_000


def kind_of(path: str) -> LaunchKind:
    """What a route of the process that starts servers is; what it does not know is a report."""
    return _KINDS.get(path.rpartition("/")[2], "report")


class LaunchLimits:
    """Admission after the body was read, for it names the person."""

    def __init__(self) -> None:
        self._all = {kind: Slots(*size) for kind, size in _ALL.items()}
        self._people: OrderedDict[tuple[LaunchKind, str], Slots] = OrderedDict()

    @asynccontextmanager
    async def admit(self, path: str, body: bytes) -> AsyncIterator[None]:
        """One request of that process.

        Raises:
            TooMany: the person, or all people together, have too many that wait.
        """
        kind = kind_of(path)
        if kind == "report":
            yield
            return
        own, everybody = self._person(kind, _user_of(body)), self._all[kind]
        await own.acquire()
        try:
            await everybody.acquire()
            try:
                yield
            finally:
                everybody.release()
        finally:
            own.release()

    def _person(self, kind: LaunchKind, user: str) -> Slots:
        key = kind, user
        slots = self._people.get(key)
        if slots is None:
            slots = self._people[key] = Slots(*_OWN)
            while len(self._people) > _MAX_PEOPLE:
                oldest, others = next(iter(self._people.items()))
                if others.active:
                    self._people.move_to_end(oldest)
                    break
                del self._people[oldest]
        self._people.move_to_end(key)
        return slots


def _user_of(body: bytes) -> str:
    """The person whom a request names; empty for one that the route will refuse."""
    try:
        content = json.loads(body)
    except ValueError:
        return ""
    user = content.get("user") if isinstance(content, dict) else None
    return user if isinstance(user, str) else ""
