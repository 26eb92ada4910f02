"""What was seen of the files at the last look, and since which revision: the memory behind a cursor."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping

from orrery_server.snippets.backends.stored_version import StoredVersion
from orrery_server.snippets.library_marks import UNMARKED, Mark
from orrery_wire.snippets import Changes

Stamp = tuple[int, int, int]


class ChangeFeed:
    """Snippets by id, each with the revision at which it, or a mark on it, was last another one."""

    def __init__(self) -> None:
        self._life = secrets.token_hex(8)
        self._revision = 0
        self._entries: dict[str, tuple[Stamp, StoredVersion]] = {}
        self._changed: dict[str, int] = {}
        self._marks: Mapping[str, Mark] = {}

    def stamp(self, id: str) -> Stamp | None:
        """The stamp of the file when it was read."""
        entry = self._entries.get(id)
        return entry[0] if entry else None

    def put(self, id: str, stamp: Stamp, version: StoredVersion) -> None:
        """Note what a file holds now."""
        self._entries[id] = (stamp, version)
        self._touch(id)

    def forget(self, id: str) -> None:
        """Note that there is no such snippet any more."""
        if self._entries.pop(id, None) is not None:
            self._touch(id)

    def keep_only(self, ids: Collection[str]) -> None:
        """Forget every snippet but those with these ids."""
        for id_ in self._entries.keys() - set(ids):
            self.forget(id_)

    def note_marks(self, marks: Mapping[str, Mark]) -> None:
        """Note the marks as they are now."""
        if marks is self._marks:
            return
        for id_ in marks.keys() | self._marks.keys():
            if marks.get(id_) != self._marks.get(id_) and id_ in self._entries:
                self._touch(id_)
        self._marks = dict(marks)

    def since(self, cursor: str) -> Changes:
        """What changed since a cursor; everything if the cursor is of another life."""
        life, _, number = cursor.partition("-")
        known = life == self._life and number.isdecimal()
        after = int(number) if known else 0
        changed = [entry for entry, revision in self._changed.items() if revision > after]
        return Changes.model_construct(
            upserts=tuple(
                self._entries[id_][1].shape(id_, self._marks.get(id_, UNMARKED))
                for id_ in changed
                if id_ in self._entries
            ),
            removed=tuple(item for item in changed if item not in self._entries) if known else (),
            cursor=f"{self._life}-{self._revision}",
            reset=bool(cursor) and not known,
            more=False,
        )

    def _touch(self, id: str) -> None:
        self._revision += 1
        self._changed[id] = self._revision
