"""How many bytes of snippets each person and each project may store, history and deleted snippets included."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from orrery_hub.snippets import store
from orrery_hub.snippets.store import SnippetRow
from orrery_wire.errors import TooLarge

# A count is believed for so long, unless it says that nothing more may be stored.
_BELIEVED_SECONDS = 900.0
# Who has no room left is counted at most this often, so that a flood of refused saves costs no flood of counting.
_RECOUNT_SECONDS = 5.0
_MAX_OWNERS = 10_000
# A person or a project, by id.
_Owner = tuple[Literal["person", "project"], int]


@dataclass
class _Usage:
    """The bytes of one owner as far as is known, and when they were counted, on the monotonic clock."""

    stored_bytes: int
    counted: float


class Quota:
    """Bytes stored by each person, for ``mine`` and ``everyone``, and by each project.

    The numbers are estimates in memory: what a save adds and what it prunes. One SUM of the database counts anew when
    an estimate is old, and before anything is refused, so a save costs no query. A save that was undone for another
    reason leaves an estimate too high: it may refuse for 5 seconds what there is room for.
    """

    def __init__(self, *, person_bytes: int, project_bytes: int) -> None:
        self._person_bytes = person_bytes
        self._project_bytes = project_bytes
        self._usage: OrderedDict[_Owner, _Usage] = OrderedDict()
        self._lock = threading.Lock()

    def charge(
        self,
        session: Session,
        row: SnippetRow,
        size: int,
        pruned: Sequence[tuple[int | None, int]],
        project: str,
    ) -> None:
        """Count a version of ``size`` bytes that this transaction added.

        ``pruned`` are the versions that it deleted, as project id and bytes; ``project`` is the slug of the row's project.

        Raises:
            TooLarge: the person or the project would store more than may be; the transaction has to be undone.
        """
        limit = self._person_bytes if row.project_id is None else self._project_bytes
        owner = _owner(row.project_id, row.author_id)
        freed = Counter[_Owner]()
        for project_id, count in pruned:
            freed[_owner(project_id, row.author_id)] += count
        added = size - freed.pop(owner, 0)
        moment = time.monotonic()
        with self._lock:
            usage = self._usage.get(owner) or _Usage(0, moment - _BELIEVED_SECONDS)
            total, counted = usage.stored_bytes + added, usage.counted
        if moment - counted >= (_RECOUNT_SECONDS if total > limit else _BELIEVED_SECONDS):
            total, counted = _count(session, row), moment
        is_over = added > 0 and total > limit
        with self._lock:
            self._usage[owner] = _Usage(total - added if is_over else total, counted)
            self._usage.move_to_end(owner)
            while len(self._usage) > _MAX_OWNERS:
                self._usage.popitem(last=False)
            for other, count in freed.items():
                if not is_over and other in self._usage:
                    self._usage[other].stored_bytes -= count
        if is_over:
            raise _no_room(total - added, size, limit, project)

    def forget(self) -> None:
        """Count everybody anew at the next save: something was removed permanently."""
        with self._lock:
            self._usage.clear()


def _owner(project_id: int | None, author_id: int) -> _Owner:
    return ("person", author_id) if project_id is None else ("project", project_id)


def _count(session: Session, row: SnippetRow) -> int:
    if row.project_id is None:
        return store.person_bytes(session, row.author_id)
    return store.project_bytes(session, row.project_id)


def _no_room(stored: int, size: int, limit: int, project: str) -> TooLarge:
    whose = f"The project {project!r} stores" if project else "You store"
    setting = "ORRERY_PROJECT_STORED_BYTES" if project else "ORRERY_PERSON_STORED_BYTES"
    return TooLarge(
        "There is no room left for this snippet",
        reason=f"{whose} {_size(stored)} of at most {_size(limit)}, with the history of snippets and with"
        f" deleted ones, and this is {_size(size)} more.",
        remedy="Nothing was changed. Save it elsewhere, or less of it; an owner may remove a deleted project for"
        f" good; or ask an administrator of the hub for more room ({setting}).",
        details={"stored_bytes": stored, "limit_bytes": limit},
    )


def _size(count: int) -> str:
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"
