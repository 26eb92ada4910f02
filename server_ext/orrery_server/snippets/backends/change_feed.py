"""What was seen of the files at the last look, and since which revision: the memory behind a cursor."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping

from orrery_server.snippets.backends.stored_version import Kept
from orrery_server.snippets.library_marks import NOTHING, Mark
from orrery_wire.snippets import Changes

Stamp = tuple[int, int, int]


class Seen:
    """Snippets by id, each with the revision at which it, or a mark on it, was last another one."""

    def __init__(self) -> None:
        self._life = secrets.token_hex(8)
        self._revision = 0
        self._kept: dict[str, tuple[Stamp, Kept]] = {}
        self._changed: dict[str, int] = {}
        self._marks: Mapping[str, Mark] = {}

    def stamp(self, id: str) -> Stamp | None:
        """The stamp of the file when it was read."""
        found = self._kept.get(id)
        return found[0] if found else None

    def put(self, id: str, stamp: Stamp, kept: Kept) -> None:
        """Note what a file holds now."""
        self._kept[id] = (stamp, kept)
        self._touch(id)

    def forget(self, id: str) -> None:
        """Note that there is no such snippet any more."""
        if self._kept.pop(id, None) is not None:
            self._touch(id)

    def keep_only(self, ids: Collection[str]) -> None:
        """Forget all others."""
        for one in self._kept.keys() - set(ids):
            self.forget(one)

    def note_marks(self, marks: Mapping[str, Mark]) -> None:
        """Note the marks as they are now."""
        if marks is self._marks:
            return
        for one in marks.keys() | self._marks.keys():
            if marks.get(one) != self._marks.get(one) and one in self._kept:
                self._touch(one)
        self._marks = dict(marks)

    def since(self, cursor: str) -> Changes:
        """What changed since a cursor; everything if the cursor is of another life."""
        life, _, said = cursor.partition("-")
        known = life == self._life and said.isdecimal()
        after = int(said) if known else 0
        changed = [one for one, revision in self._changed.items() if revision > after]
        return Changes.model_construct(
            upserts=tuple(
                self._kept[one][1].shape(one, self._marks.get(one, NOTHING))
                for one in changed
                if one in self._kept
            ),
            removed=tuple(one for one in changed if one not in self._kept) if known else (),
            cursor=f"{self._life}-{self._revision}",
            reset=bool(cursor) and not known,
            more=False,
        )

    def _touch(self, id: str) -> None:
        self._revision += 1
        self._changed[id] = self._revision
