"""Snippets as files: one JSON file each in the Jupyter data directory, with its versions in it."""

from __future__ import annotations

import asyncio
import getpass
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from pydantic import Field, ValidationError
from traitlets import Integer, Unicode, default

from orrery_server.base.schema import Shape
from orrery_server.errors import Conflict, Forbidden, NotFound
from orrery_server.reach import disk
from orrery_server.snippets.backends.base import SnippetBackend
from orrery_server.snippets.backends.marks import NOTHING, Mark, MarksFile
from orrery_server.snippets.schemas import (
    Changes,
    Identifier,
    Marks,
    Notice,
    SnippetContent,
    SnippetIn,
    SnippetVersion,
    StoredSnippet,
)

SCHEMA = 1
_TRASH_DAYS = 30
# A rename changes the folder's time, an edit in place does not: every so often all files are looked at.
_LOOK_AGAIN_SECONDS = 20.0


class _Record(Shape):
    """A snippet's file."""

    schema_: int = Field(default=SCHEMA, alias="schema", ge=SCHEMA, le=SCHEMA)
    id: Identifier
    created: datetime
    created_by: str
    versions: tuple[SnippetVersion, ...] = Field(min_length=1, description="Newest first.")

    @property
    def latest(self) -> SnippetVersion:
        return self.versions[0]


class FileSnippets(SnippetBackend):
    """The snippets of one person on one machine; other servers of the same person may use them too."""

    folder = Unicode(help="Where the files lie.").tag(config=True)
    keep_versions = Integer(50, min=1, help="How many versions of a snippet are kept.").tag(
        config=True
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._root = Path(self.folder)
        self._name = getpass.getuser()
        self._marks = MarksFile(self._root / "marks.json", self._root / "aside")
        self._known: dict[str, tuple[tuple[int, int, int], _Record]] = {}
        self._revisions: dict[str, int] = {}
        self._revision = 0
        self._instance = uuid.uuid4().hex[:12]
        self._looked = (-1, float("-inf"))
        self._aside: set[str] = set()
        self._turn = asyncio.Lock()

    @default("folder")
    def _default_folder(self) -> str:
        return str(Path(jupyter_data_dir()) / "orrery" / "snippets")

    @property
    def user(self) -> str:
        return self._name

    @property
    def notices(self) -> tuple[Notice, ...]:
        said = []
        if self._aside:
            names = ", ".join(sorted(self._aside)[:3])
            said.append(
                Notice(
                    level="warning",
                    message=f"{len(self._aside)} snippet files could not be read and were kept aside: {names}",
                    remedy=f"They are in {self._root / 'aside'}.",
                )
            )
        if self._marks.damaged is not None:
            said.append(
                Notice(
                    level="warning",
                    message="Your favourites and counts could not be read and begin anew",
                    remedy=f"The old file is {self._marks.damaged}.",
                )
            )
        return tuple(said)

    async def changes(self, cursor: str) -> Changes:
        async with self._turn:
            return await asyncio.to_thread(self._changes, cursor)

    async def save(self, content: SnippetIn, id: str | None = None) -> StoredSnippet:
        if content.scope != "mine":
            raise Forbidden(
                "There is nobody to share with",
                reason="This lab runs without a hub, so snippets are only yours.",
                remedy="Save it with the scope mine.",
            )
        async with self._turn:
            return await asyncio.to_thread(self._save, content, id)

    async def delete(self, id: str) -> None:
        async with self._turn:
            await asyncio.to_thread(self._delete, id)

    async def undelete(self, id: str) -> StoredSnippet:
        async with self._turn:
            return await asyncio.to_thread(self._undelete, id)

    async def versions(self, id: str) -> tuple[SnippetVersion, ...]:
        async with self._turn:
            return (await asyncio.to_thread(self._read, id)).versions

    async def mark(self, id: str, marks: Marks) -> StoredSnippet:
        async with self._turn:
            return await asyncio.to_thread(self._mark, id, marks)

    def _changes(self, cursor: str) -> Changes:
        self._look()
        instance, _, number = cursor.partition(":")
        reset = instance != self._instance or not number.isdigit()
        since = 0 if reset else int(number)
        marks = self._marks.read()
        changed = [id for id, at in self._revisions.items() if at > since]
        return Changes(
            upserts=tuple(
                self._stored(self._known[i][1], marks) for i in changed if i in self._known
            ),
            removed=() if reset else tuple(id for id in changed if id not in self._known),
            cursor=f"{self._instance}:{self._revision}",
            reset=reset and cursor != "",
        )

    def _save(self, content: SnippetIn, id: str | None) -> StoredSnippet:
        now = datetime.now(UTC)
        kept = SnippetContent.model_validate(
            content.model_dump(include=set(SnippetContent.model_fields))
        )
        with self._locked():
            if id is None:
                version = SnippetVersion(version=1, saved=now, saved_by=self._name, content=kept)
                record = _Record(
                    id=uuid.uuid4().hex, created=now, created_by=self._name, versions=(version,)
                )
            else:
                old = self._read(id)
                if old.latest.content == kept:
                    return self._stored(old, self._marks.read())
                self._refuse_conflict(old, content.base_version)
                version = SnippetVersion(
                    version=old.latest.version + 1, saved=now, saved_by=self._name, content=kept
                )
                record = old.model_copy(
                    update={"versions": (version, *old.versions)[: self.keep_versions]}
                )
            self._write(record)
        return self._stored(record, self._marks.read())

    def _refuse_conflict(self, old: _Record, base: int | None) -> None:
        if base is None or base == old.latest.version:
            return
        origin = next((v.content for v in old.versions if v.version == base), None)
        raise Conflict(
            "Somebody else saved this snippet meanwhile",
            reason=f"You began with version {base}; there is version {old.latest.version} now.",
            remedy="Compare both and decide.",
            details={
                "current": self._stored(old, self._marks.read()).model_dump(mode="json"),
                "base": origin.model_dump(mode="json") if origin else None,
            },
        )

    def _delete(self, id: str) -> None:
        with self._locked():
            self._read(id)
            disk.move(self._path(id), self._root / "trash" / f"{id}.json")
            self._forget(id)
            self._empty_trash()

    def _undelete(self, id: str) -> StoredSnippet:
        with self._locked():
            there = self._root / "trash" / f"{id}.json"
            if not there.is_file():
                raise _unknown()
            disk.move(there, self._path(id))
            return self._stored(self._read(id), self._marks.read())

    def _empty_trash(self) -> None:
        before = (datetime.now(UTC) - timedelta(days=_TRASH_DAYS)).timestamp()
        for path in (self._root / "trash").glob("*.json"):
            if path.stat().st_ctime < before:
                path.unlink(missing_ok=True)

    def _mark(self, id: str, marks: Marks) -> StoredSnippet:
        with self._locked():
            record = self._read(id)
            with self._marks.change() as all_marks:
                mark = all_marks.get(id, NOTHING)
                all_marks[id] = mark.with_(marks, record.latest.version)
            self._touch(id)
        return self._stored(record, self._marks.read())

    def _path(self, id: str) -> Path:
        return self._root / f"{id}.json"

    def _read(self, id: str) -> _Record:
        """The record as it is on the disk now."""
        path = self._path(id)
        try:
            stamp = _stamp(path)
        except OSError:
            self._forget(id)
            raise _unknown() from None
        known = self._known.get(id)
        if known is None or known[0] != stamp:
            record = self._load(path)
            if record is None:
                raise _unknown()
            self._learn(record, stamp)
            return record
        return known[1]

    def _load(self, path: Path) -> _Record | None:
        """The record in a file; one that cannot be used is moved aside."""
        try:
            record = _Record.model_validate_json(path.read_bytes())
            if record.id == path.stem:
                return record
        except FileNotFoundError:
            return None
        except (OSError, ValidationError, ValueError):
            pass
        self._aside.add(path.name)
        disk.set_aside(path, self._root / "aside")
        return None

    def _write(self, record: _Record) -> None:
        path = self._path(record.id)
        disk.write(
            path,
            json.dumps(record.model_dump(mode="json", by_alias=True), ensure_ascii=False).encode(),
        )
        self._learn(record, _stamp(path))

    def _look(self) -> None:
        """Learn what other servers, or the person with an editor, did to the files."""
        try:
            changed = self._root.stat().st_mtime_ns
        except FileNotFoundError:
            changed = 0
        now = time.monotonic()
        if changed == self._looked[0] and now - self._looked[1] < _LOOK_AGAIN_SECONDS:
            return
        self._looked = (changed, now)
        found = dict(self._files())
        for id in self._known.keys() - found.keys():
            self._forget(id)
        for id, stamp in found.items():
            known = self._known.get(id)
            if known is None or known[0] != stamp:
                record = self._load(self._path(id))
                if record is None:
                    self._forget(id)
                else:
                    self._learn(record, stamp)

    def _files(self) -> Iterator[tuple[str, tuple[int, int, int]]]:
        if not self._root.is_dir():
            return
        for path in self._root.glob("*.json"):
            if path.name != "marks.json" and not path.name.startswith("."):
                try:
                    yield path.stem, _stamp(path)
                except OSError:
                    continue

    def _learn(self, record: _Record, stamp: tuple[int, int, int]) -> None:
        self._known[record.id] = (stamp, record)
        self._touch(record.id)

    def _forget(self, id: str) -> None:
        if self._known.pop(id, None) is not None:
            self._touch(id)

    def _touch(self, id: str) -> None:
        self._revision += 1
        self._revisions[id] = self._revision

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with disk.locked(self._root / ".lock"):
            yield

    def _stored(self, record: _Record, marks: Mapping[str, Mark]) -> StoredSnippet:
        latest, first = record.latest, marks.get(record.id, NOTHING)
        content = latest.content
        # Every field is valid already: building it without checking is ten times quicker, and 100,000 are.
        return StoredSnippet.model_construct(
            **{name: getattr(content, name) for name in SnippetContent.model_fields},
            id=record.id,
            scope="mine",
            project=None,
            version=latest.version,
            created=record.created,
            created_by=record.created_by,
            updated=latest.saved,
            updated_by=latest.saved_by,
            writable=True,
            favourite=first.favourite,
            position=first.position,
            uses=first.uses,
            used=first.used,
            seen_version=first.seen_version,
        )


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _unknown() -> NotFound:
    return NotFound(
        "There is no such snippet", remedy="It may have been deleted: refresh the list."
    )
