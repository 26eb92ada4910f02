"""Snippets as files in the Jupyter data directory: one JSON file each, which the person may read, copy and edit.

    <folder>/<id>.json                    the present version
    <folder>/history/<id>/<version>.json  every version that is kept; of what was imported, not the present one
    <folder>/trash/<id>.json              deleted, and can be brought back
    <folder>/marks.json                   favourites, order, uses
    <folder>/aside/                       what could not be read; never touched again

Every write is whole or not at all. Two servers may share the folder: whoever writes holds the lock.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar, cast

from jupyter_core.paths import jupyter_data_dir
from pydantic import ValidationError
from traitlets import Int, Unicode, default

from orrery_server.base import files
from orrery_server.snippets.backend import SnippetBackend
from orrery_server.snippets.backends.change_feed import ChangeFeed
from orrery_server.snippets.backends.stored_version import StoredVersion
from orrery_server.snippets.library_marks import UNMARKED, MarksFile
from orrery_server.snippets.schemas import Notice
from orrery_wire.errors import Conflict, Invalid, NotFound, OrreryError, StorageFull
from orrery_wire.snippets import (
    Changes,
    Marks,
    SnippetIn,
    SnippetVersion,
    SnippetWrite,
    StoredSnippet,
    WriteFailure,
    WriteResult,
)

T = TypeVar("T")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_DAY = 86_400


class FileSnippets(SnippetBackend):
    """The snippets of one person without a hub. Whom they are shared with is noted, for the day there is one."""

    folder = Unicode(
        help="Where the snippets lie; `orrery/snippets` in the Jupyter data directory if not given."
    ).tag(config=True)
    keep_versions = Int(100, min=1, help="How many versions of a snippet are kept.").tag(
        config=True
    )
    keep_deleted_days = Int(
        90, min=30, help="After how many days a deleted snippet is gone for good."
    ).tag(config=True)

    @default("folder")
    def _default_folder(self) -> str:
        return str(Path(jupyter_data_dir(), "orrery", "snippets"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._root = Path(self.folder).expanduser().absolute()
        self._marks = MarksFile(self._root / "marks.json", self._root / "aside")
        self._feed = ChangeFeed()
        self._user = getpass.getuser()
        self._aside: list[str] = []
        self._purged = False
        self._busy = asyncio.Lock()

    @property
    def user(self) -> str:
        return self._user

    @property
    def notices(self) -> tuple[Notice, ...]:
        damaged = self._aside + ([self._marks.damaged.name] if self._marks.damaged else [])
        if not damaged:
            return ()
        named = ", ".join(damaged[:3]) + (" ..." if len(damaged) > 3 else "")
        return (
            Notice(
                level="warning",
                message=f"Files that could not be read were kept aside ({len(damaged)}): {named}",
                remedy=f"Look at them in {self._root / 'aside'}; a newer Orrery may have written them.",
            ),
        )

    async def changes(self, cursor: str) -> Changes:
        return await self._in_turn(lambda: self._changes(cursor))

    async def save(self, content: SnippetIn, id: str | None = None) -> StoredSnippet:
        return await self._in_turn(lambda: self._save(content, id), writes=True)

    async def delete(self, id: str) -> None:
        await self._in_turn(lambda: self._delete(id), writes=True)

    async def undelete(self, id: str) -> StoredSnippet:
        return await self._in_turn(lambda: self._undelete(id), writes=True)

    async def write_many(self, writes: Sequence[SnippetWrite]) -> tuple[WriteResult, ...]:
        return await self._in_turn(lambda: self._write_many(writes), writes=True)

    async def versions(self, id: str) -> tuple[SnippetVersion, ...]:
        return await self._in_turn(lambda: self._versions(id))

    async def mark(self, id: str, marks: Marks) -> StoredSnippet:
        return await self._in_turn(lambda: self._mark(id, marks), writes=True)

    async def _in_turn(self, act: Callable[[], T], *, writes: bool = False) -> T:
        """In a thread, one at a time. What has begun is finished even when whoever asked has gone."""

        def held() -> T:
            if not writes:
                return act()
            with files.locked(self._root / ".lock"):
                return act()

        async def turn() -> T:
            async with self._busy:
                return await asyncio.to_thread(held)

        return await asyncio.shield(turn())

    def _changes(self, cursor: str) -> Changes:
        if not self._purged:
            self._purged = True
            self._purge()
        stamps = self._files()
        for id_, stamp in stamps.items():
            if self._feed.stamp(id_) != stamp:
                self._take(id_, stamp)
        self._feed.keep_only(stamps.keys())
        self._feed.note_marks(self._marks.read())
        return self._feed.since(cursor)

    def _files(self) -> dict[str, tuple[int, int, int]]:
        stamps = {}
        with suppress(FileNotFoundError), os.scandir(self._root) as entries:
            for entry in entries:
                id_, _, kind = entry.name.rpartition(".")
                if kind == "json" and id_ != "marks" and _ID.fullmatch(id_):
                    with suppress(OSError):
                        if entry.is_file(follow_symlinks=False):
                            stamps[id_] = stamp_of(entry.stat(follow_symlinks=False))
        return stamps

    def _take(self, id: str, stamp: tuple[int, int, int]) -> None:
        path = self._path(id)
        try:
            self._feed.put(id, stamp, StoredVersion.read(path))
        except OSError as problem:
            self.log.warning("orrery: %s cannot be read: %s", path, problem)
        except ValidationError:
            with suppress(StorageFull), files.locked(self._root / ".lock"):
                self._set_aside(path)

    def _set_aside(self, path: Path) -> None:
        try:
            StoredVersion.read(path)  # another server may have mended it meanwhile
        except ValidationError:
            moved_to = files.set_aside(path, self._root / "aside")
            self.log.warning("orrery: %s is damaged or newer; it was kept as %s", path, moved_to)
            self._aside.append(path.name)
        except OSError:
            return

    def _save(self, snippet_in: SnippetIn, id: str | None) -> StoredSnippet:
        key, old, fresh = self._prepare(snippet_in, id)
        if fresh is old:
            return self._shape(key, fresh)
        if old is not None:
            self._keep_history(key, old)
        data = fresh.dump()
        # First the version, then the snippet: a crash between them leaves the older one present and whole.
        files.write(self._version(key, fresh.version), data)
        files.write(self._path(key), data)
        self._drop_versions(key)
        return self._remember(key, fresh)

    def _prepare(
        self, snippet_in: SnippetIn, id: str | None
    ) -> tuple[str, StoredVersion | None, StoredVersion]:
        """Key, present version and next version of a snippet to save; nothing changes if the last two are the same."""
        if snippet_in.scope == "project" and snippet_in.project is None:
            raise Invalid(
                "The snippet cannot be saved",
                reason="With the scope `project` it needs the name of a project.",
                remedy="Choose a project.",
            )
        if id is None:
            return secrets.token_hex(16), None, StoredVersion.of(snippet_in, None, self._user)
        old = self._read(id)
        if old.same(snippet_in):
            return id, old, old
        self._check_base(id, old, snippet_in)
        return id, old, StoredVersion.of(snippet_in, old, self._user)

    def _keep_history(self, id: str, old: StoredVersion) -> None:
        """The present version is in the history before another takes its place; what was imported is not there yet."""
        path = self._version(id, old.version)
        if not path.exists():
            files.write(path, old.dump())

    def _check_base(self, id: str, old: StoredVersion, snippet_in: SnippetIn) -> None:
        if snippet_in.base_version in (None, old.version):
            return
        base = None
        with suppress(OSError, ValidationError):
            base = StoredVersion.read(self._version(id, snippet_in.base_version or 0)).content
        raise Conflict(
            "Somebody else saved this snippet meanwhile",
            reason=f"{old.updated_by} saved version {old.version}; you edited version {snippet_in.base_version}.",
            remedy="Compare both, take over what you need and save again.",
            details={
                "current": self._shape(id, old).model_dump(mode="json"),
                "base": base.model_dump(mode="json") if base else None,
            },
        )

    def _write_many(self, writes: Sequence[SnippetWrite]) -> tuple[WriteResult, ...]:
        results: list[WriteResult] = []
        for action, group in groupby(writes, key=lambda write: write.action):
            part = list(group)
            ids = [write.id for write in part if write.id is not None]
            together = {"save": self._save_all, "delete": self._delete_all}.get(action)
            try:
                if together is None or len(set(ids)) < len(ids):
                    results += map(self._write, part)
                else:
                    results += together(part)
            except StorageFull:
                # One by one, what fits is saved, and each of the others says why it is not.
                results += map(self._write, part)
        return tuple(results)

    def _write(self, write: SnippetWrite) -> WriteResult:
        try:
            if write.content is not None:
                return WriteResult.model_construct(snippet=self._save(write.content, write.id))
            if write.action == "undelete":
                return WriteResult.model_construct(snippet=self._undelete(write.id or ""))
            self._delete(write.id or "", write.base_version)
            return WriteResult()
        except OrreryError as error:
            return WriteResult(failure=failure_of(error))

    def _save_all(self, writes: list[SnippetWrite]) -> list[WriteResult]:
        """Save several with one wait for the disk. The version that is present is written to the history first."""
        prepared: list[tuple[str, StoredVersion] | WriteFailure] = []
        history: dict[Path, bytes] = {}
        present: dict[Path, bytes] = {}
        for write in writes:
            try:
                key, old, fresh = self._prepare(cast("SnippetIn", write.content), write.id)
            except OrreryError as error:
                prepared.append(failure_of(error))
                continue
            prepared.append((key, fresh))
            if fresh is old:
                continue
            if old is not None and not (path := self._version(key, old.version)).exists():
                history[path] = old.dump()
            if old is not None:
                history[self._version(key, fresh.version)] = fresh.dump()
            present[self._path(key)] = fresh.dump()
        files.write_all(history)
        files.write_all(present)
        results = []
        for item in prepared:
            if isinstance(item, WriteFailure):
                results.append(WriteResult(failure=item))
            else:
                results.append(WriteResult.model_construct(snippet=self._remember(*item)))
        return results

    def _delete_all(self, writes: list[SnippetWrite]) -> list[WriteResult]:
        results: list[WriteResult] = []
        moves: dict[Path, Path] = {}
        for write in writes:
            id_ = write.id or ""
            try:
                _check_deleted(self._read(id_), write.base_version)
            except OrreryError as error:
                results.append(WriteResult(failure=failure_of(error)))
                continue
            with suppress(OSError):
                os.utime(self._path(id_))  # the trash counts its days from here
            moves[self._path(id_)] = self._trash(id_)
            results.append(WriteResult())
        files.move_all(moves)
        for path in moves:
            self._feed.forget(path.stem)
        return results

    def _delete(self, id: str, base_version: int | None = None) -> None:
        _check_deleted(self._read(id), base_version)
        with suppress(OSError):
            os.utime(self._path(id))  # the trash counts its days from here
        files.move(self._path(id), self._trash(id))
        self._feed.forget(id)

    def _undelete(self, id: str) -> StoredSnippet:
        if not self._path(id).exists():
            try:
                files.move(self._trash(id), self._path(id))
            except FileNotFoundError:
                raise _no_such(id) from None
        return self._remember(id, self._read(id))

    def _versions(self, id: str) -> tuple[SnippetVersion, ...]:
        present = self._read(id)
        versions = {present.version: present}
        for number in self._numbers(id):
            # A newer one was begun and never became the present one.
            if number < present.version:
                with suppress(OSError, ValidationError):
                    versions[number] = StoredVersion.read(self._version(id, number))
        return tuple(versions[number].as_version() for number in sorted(versions, reverse=True))

    def _mark(self, id: str, marks: Marks) -> StoredSnippet:
        stored = self._read(id)
        with self._marks.change() as noted:
            noted[id] = noted.get(id, UNMARKED).with_(marks, stored.version)
        return self._shape(id, stored)

    def _read(self, id: str) -> StoredVersion:
        """The snippet as it is on the disk now, whoever wrote it."""
        path = self._path(id)
        try:
            return StoredVersion.read(path)
        except (FileNotFoundError, ValidationError):
            raise _no_such(id) from None
        except OSError as problem:
            raise files.storage_error(problem, path) from problem

    def _remember(self, id: str, version: StoredVersion) -> StoredSnippet:
        with suppress(OSError):
            self._feed.put(id, stamp_of(self._path(id).stat()), version)
        return self._shape(id, version)

    def _shape(self, id: str, version: StoredVersion) -> StoredSnippet:
        return version.shape(id, self._marks.read().get(id, UNMARKED))

    def _numbers(self, id: str) -> list[int]:
        try:
            paths = list((self._root / "history" / id).iterdir())
        except OSError:
            return []
        return sorted(int(p.stem) for p in paths if p.suffix == ".json" and p.stem.isdecimal())

    def _drop_versions(self, id: str) -> None:
        for number in self._numbers(id)[: -self.keep_versions]:
            with suppress(OSError):
                self._version(id, number).unlink()

    def _purge(self) -> None:
        """Remove for good what was deleted long ago, and what a crash left half-written."""
        until = time.time() - self.keep_deleted_days * _DAY
        with suppress(OSError):
            for path in (self._root / "trash").glob("*.json"):
                if path.stat().st_mtime < until:
                    path.unlink()
                    shutil.rmtree(self._root / "history" / path.stem, ignore_errors=True)
        yesterday = time.time() - _DAY
        with suppress(OSError):
            for path in (*self._root.glob(".*.tmp"), *self._root.glob("history/*/.*.tmp")):
                if path.stat().st_mtime < yesterday:
                    path.unlink()

    def _path(self, id: str) -> Path:
        return self._root / f"{_checked(id)}.json"

    def _version(self, id: str, number: int) -> Path:
        return self._root / "history" / _checked(id) / f"{number}.json"

    def _trash(self, id: str) -> Path:
        return self._root / "trash" / f"{_checked(id)}.json"


def failure_of(error: OrreryError) -> WriteFailure:
    """Why one of many changes was not made."""
    return WriteFailure(
        code=error.code, message=error.message, reason=error.reason, remedy=error.remedy
    )


def stamp_of(status: os.stat_result) -> tuple[int, int, int]:
    """Changes whenever a file does."""
    return status.st_mtime_ns, status.st_size, status.st_ino


def _checked(id: str) -> str:
    """The id, if it is a file name and nothing else: no path leads out of the folder."""
    if not _ID.fullmatch(id) or id == "marks":
        raise _no_such(id)
    return id


def _check_deleted(present: StoredVersion, base_version: int | None) -> None:
    """Raise a conflict if another version is present than the one to delete."""
    if base_version not in (None, present.version):
        raise Conflict(
            "Somebody else saved this snippet meanwhile",
            reason=f"{present.updated_by} saved version {present.version}; version {base_version} was to be deleted.",
            remedy="Look at it, and delete it if you still want to.",
        )


def _no_such(id: str) -> NotFound:
    return NotFound(
        "There is no such snippet",
        reason=f"Nothing is kept under {id[:128]!r}.",
        remedy="Refresh the list; it may have been deleted.",
    )
