"""The hash chain of audit entries: each hash covers its entry and the hash before it.

A changed entry, and one that was removed from the middle, break the chain. The head has the id and hash of the newest
entry, so a removed end is seen too. Whoever can write the database can compute a chain anew, head included; that is
seen only by what is outside of the database: anchors, which are copies of the head.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC

from orrery_hub.audit.store import START, AuditRow

# The entry that says which entries were removed as too old.
PRUNE = "audit.prune"


@dataclass(frozen=True)
class Anchor:
    """Id and hash that an entry had at some time."""

    id: int
    hash: str

    @classmethod
    def parse(cls, text: str) -> Anchor:
        """The anchor in ``<id>:<hash>``.

        Raises:
            ValueError: the text is none.
        """
        number, _, value = text.strip().partition(":")
        if len(value) != len(START) or set(value) - set("0123456789abcdef"):
            raise ValueError(f"{text!r} is no anchor; it looks like 17:{START[:8]}...")
        return cls(int(number), value)

    def __str__(self) -> str:
        return f"{self.id}:{self.hash}"


def hash_of(row: AuditRow, previous: str) -> str:
    """SHA-256 of an entry and the hash before it, in hexadecimal."""
    values = [
        previous,
        row.id,
        row.when.astimezone(UTC).isoformat(timespec="microseconds"),
        row.who,
        row.person_id,
        row.permission,
        row.project,
        row.what,
        row.on,
        row.before,
        row.after,
        row.outcome,
        row.address,
        row.request_id,
        row.client_request_id,
    ]
    return hashlib.sha256(json.dumps(values, ensure_ascii=True).encode("ascii")).hexdigest()


class Verification:
    """Goes through the entries in the order of their ids; ``problems`` says what does not fit.

    ``start`` is the anchor that the first entry follows: the newest one of those that were removed as too old. It is
    believed only with the entry that says so, which is in the chain. ``passed`` counts the anchors of entries before
    it, which nothing is left to compare with.
    """

    def __init__(self, start: Anchor, anchors: Sequence[Anchor]) -> None:
        self.problems: list[str] = []
        self.count = 0
        self.last = start
        self._start = start
        self._is_start_recorded = start.id == 0
        self._anchors: dict[int, Anchor] = {}
        self.passed = 0
        for anchor in anchors:
            if anchor.id > start.id:
                self._keep(anchor)
            elif anchor.id < start.id:
                self.passed += 1
            elif anchor != start:
                self.problems.append(
                    f"the checkpoint is not the entry that anchor {anchor} was made of"
                )
        if start.id == 0 and start.hash != START:
            self.problems.append("the checkpoint before the first entry was changed")

    def _keep(self, anchor: Anchor) -> None:
        if self._anchors.setdefault(anchor.id, anchor) != anchor:
            self.problems.append(f"two anchors of entry {anchor.id} differ")

    def check(self, rows: Iterable[AuditRow]) -> None:
        """Check the next entries."""
        for row in rows:
            self.count += 1
            self._is_start_recorded |= _is_prune_until(row, self._start)
            if row.id != self.last.id + 1:
                self.problems.append(f"entries {self.last.id + 1} to {row.id - 1} are missing")
            elif row.hash != hash_of(row, self.last.hash):
                self.problems.append(f"entry {row.id} was changed, or the one before it")
            anchor = self._anchors.pop(row.id, None)
            if anchor and anchor.hash != row.hash:
                self.problems.append(
                    f"entry {row.id} is not the one that anchor {anchor} was made of"
                )
            self.last = Anchor(row.id, row.hash)

    def finish(self, head: Anchor) -> None:
        """Check the end: the head of the chain, what removed its beginning, and the anchors that no entry fitted."""
        if not self._is_start_recorded:
            self.problems.append(
                f"the entries up to {self._start.id} are missing, and no entry says that they were removed as too old"
            )
        if self.last.id < head.id:
            self.problems.append(f"entries {self.last.id + 1} to {head.id} are missing at the end")
        elif self.last != head:
            self.problems.append("the newest entry is not the one that the head names")
        self.problems += [
            f"entry {anchor.id} is missing, of which anchor {anchor} was made"
            for anchor in self._anchors.values()
        ]


def _is_prune_until(row: AuditRow, start: Anchor) -> bool:
    """Whether an entry says that those up to an anchor were removed as too old."""
    if (row.who, row.what, row.outcome) != ("orrery", PRUNE, "done") or row.after is None:
        return False
    return bool(json.loads(row.after).get("checkpoint") == str(start))
