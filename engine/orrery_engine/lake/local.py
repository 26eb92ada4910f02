"""Folders of this machine, with the same methods as object stores. The work is done in threads."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import uuid
from collections import OrderedDict
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from obstore.exceptions import PreconditionError

from orrery_engine.lake import beneath
from orrery_engine.lake.entries import Entry, EntryPage, Position, in_order
from orrery_engine.lake.errors import translate
from orrery_engine.lake.names import checked_path, child, problem_of
from orrery_engine.lake.remote import SCAN_LIMIT, Matches, changeable
from orrery_engine.lake.spec import StoreSpec
from orrery_wire.errors import Invalid, OrreryError

T = TypeVar("T")
_CHUNK_BYTES = 1024 * 1024
_OPEN_LISTS = 8
_OUTSIDE = "It is a link that leads out of this location."
_SPECIAL = "It is neither a file nor a folder."


def _walk_order(path: str) -> tuple[tuple[bool, bytes], ...]:
    """What a walk orders files by: those of a folder come before those of the folders in it."""
    *folders, name = path.split("/")
    return (*((True, in_order(part)) for part in folders), (False, in_order(name)))


def _moment(facts: os.stat_result) -> datetime:
    return datetime.fromtimestamp(facts.st_mtime, UTC)


def _etag(facts: os.stat_result) -> str:
    return f"{facts.st_mtime_ns:x}-{facts.st_size:x}-{facts.st_ino:x}"


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


class LocalStore:
    """A folder of this machine as a store. Links are followed inside of it only."""

    def __init__(self, spec: StoreSpec) -> None:
        self.spec = spec
        self._root = Path(os.path.realpath(Path(spec.bucket) / spec.root))
        # Names of the folders that were listed last, with the moment of their last change.
        self._names: OrderedDict[str, tuple[int, list[tuple[bool, str]]]] = OrderedDict()

    async def page(
        self,
        folder: str,
        *,
        token: str = "",
        limit: int = 200,
        prefix: str = "",
        matches: Matches | None = None,
        is_recursive: bool = False,
    ) -> EntryPage:
        """A page of a folder, ordered by name; see `RemoteStore.page`."""
        inner = checked_path(folder)
        position = Position.parse(token)
        work = self._walk if is_recursive else self._page
        return await self._run(inner, lambda: work(inner, position, limit, prefix, matches))

    def _page(
        self, folder: str, position: Position, limit: int, prefix: str, matches: Matches | None
    ) -> EntryPage:
        where = self._resolved(folder)
        entries: list[Entry] = []
        scanned = 0
        for is_folder, name in self._sorted_names(folder, where):
            path = child(folder, name)
            if not name.startswith(prefix) or position.is_given(path, is_folder=is_folder):
                continue
            if len(entries) >= limit:
                return EntryPage(tuple(entries), position.token(), scanned)
            scanned += 1
            position = replace(position, folder=path) if is_folder else replace(position, file=path)
            entry = self._entry(folder, where / name, name)
            if entry is not None and (matches is None or matches(entry)):
                entries.append(entry)
        return EntryPage(tuple(entries), "", scanned)

    def _walk(
        self, folder: str, position: Position, limit: int, prefix: str, matches: Matches | None
    ) -> EntryPage:
        """Every file below a folder, folder by folder."""
        entries: list[Entry] = []
        scanned = 0
        begun = _walk_order(position.file) if position.file else ()
        top = self._resolved(folder)
        for current, folders, files in os.walk(top):
            folders.sort(key=in_order)
            relative = os.path.relpath(current, top)
            inside = folder if relative == "." else child(folder, relative)
            for name in sorted(files, key=in_order):
                path = child(inside, name)
                if not path.removeprefix(folder).lstrip("/").startswith(prefix):
                    continue
                if _walk_order(path) <= begun:
                    continue
                if len(entries) >= limit or scanned >= SCAN_LIMIT:
                    return EntryPage(tuple(entries), position.token(), scanned)
                scanned += 1
                position = replace(position, file=path)
                entry = self._entry(inside, Path(current) / name, name)
                if entry and entry.kind == "file" and (matches is None or matches(entry)):
                    entries.append(entry)
        return EntryPage(tuple(entries), "", scanned)

    def _sorted_names(self, folder: str, where: Path) -> list[tuple[bool, str]]:
        """Folders, then the rest, each in order; stored until the folder changes, so that a later page costs no listing."""
        with self._folder(where) as number:
            return self._listed(folder, number)

    def _listed(self, folder: str, number: int) -> list[tuple[bool, str]]:
        changed = os.fstat(number).st_mtime_ns
        stored = self._names.get(folder)
        if stored and stored[0] == changed:
            self._names.move_to_end(folder)
            return stored[1]
        with os.scandir(number) as listed:
            names = [(entry.is_dir(), entry.name) for entry in listed]
        names.sort(key=lambda name: (not name[0], in_order(name[1])))
        self._names[folder] = (changed, names)
        while len(self._names) > _OPEN_LISTS:
            self._names.popitem(last=False)
        return names

    def _entry(self, folder: str, where: Path, name: str) -> Entry | None:
        """An entry; None if it has gone meanwhile."""
        path = child(folder, name)
        try:
            facts = where.lstat()
            problem = problem_of(path)
            if stat.S_ISLNK(facts.st_mode):
                if not self._is_inside(where):
                    return Entry(path, "file", problem=_OUTSIDE)
                facts = where.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            return Entry(path, "file", problem=f"{error.strerror}.")
        if stat.S_ISDIR(facts.st_mode):
            return Entry(path, "folder", modified=_moment(facts), problem=problem)
        if not stat.S_ISREG(facts.st_mode):
            problem = problem or _SPECIAL
        return Entry(path, "file", facts.st_size, _moment(facts), _etag(facts), problem)

    async def stat(self, path: str) -> Entry:
        """The file or folder at a path."""
        inner = checked_path(path)
        return await self._run(inner, lambda: self._stat(inner))

    def _stat(self, inner: str) -> Entry:
        where = self._resolved(inner)
        if where == self._root:
            return Entry(inner, "folder", modified=_moment(where.stat()))
        with self._folder(where.parent) as folder:
            facts = os.stat(where.name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISDIR(facts.st_mode):
            return Entry(inner, "folder", modified=_moment(facts))
        problem = "" if stat.S_ISREG(facts.st_mode) else _SPECIAL
        return Entry(inner, "file", facts.st_size, _moment(facts), _etag(facts), problem)

    async def read(
        self, path: str, start: int = 0, length: int | None = None, *, etag: str = ""
    ) -> bytes:
        """Bytes of a file; see `RemoteStore.read`."""
        inner = checked_path(path)
        return await self._run(inner, lambda: self._read(inner, start, length, etag))

    def _read(self, inner: str, start: int, length: int | None, etag: str) -> bytes:
        with self._opened(inner, etag) as file:
            file.seek(start, os.SEEK_END if start < 0 else os.SEEK_SET)
            return file.read(-1 if length is None else length)

    async def peek(self, path: str, start: int, length: int) -> tuple[bytes, Entry]:
        """The first or the last bytes of a file, and what it is; see `RemoteStore.peek`."""
        inner = checked_path(path)
        return await self._run(inner, lambda: self._peek(inner, start, length))

    def _peek(self, inner: str, start: int, length: int) -> tuple[bytes, Entry]:
        with self._opened(inner, "") as file:
            facts = os.fstat(file.fileno())
            if start < 0:
                file.seek(max(0, facts.st_size + start))
            data = file.read(length)
        return data, Entry(inner, "file", facts.st_size, _moment(facts), _etag(facts))

    async def read_ranges(
        self, path: str, ranges: Sequence[tuple[int, int]], *, etag: str = ""
    ) -> list[bytes]:
        """The bytes of some ranges (start, length) of a file."""
        inner = checked_path(path)
        return await self._run(inner, lambda: self._read_ranges(inner, ranges, etag))

    def _read_ranges(self, inner: str, ranges: Sequence[tuple[int, int]], etag: str) -> list[bytes]:
        with self._opened(inner, etag) as file:
            return [os.pread(file.fileno(), length, start) for start, length in ranges]

    def _opened(self, inner: str, etag: str) -> BinaryIO:
        # A pipe or a device would hold the thread: what is opened is looked at before it is read.
        where = self._resolved(inner)
        if where == self._root:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), inner)
        with self._folder(where.parent) as folder:
            number = os.open(where.name, beneath.FILE_FLAGS, dir_fd=folder)
        facts = os.fstat(number)
        problem = "" if stat.S_ISREG(facts.st_mode) else _SPECIAL
        if problem or (etag and _etag(facts) != etag):
            os.close(number)
            if problem:
                raise Invalid(f'"{inner}" cannot be read', reason=problem)
            raise translate(PreconditionError(), self.spec, inner)
        return os.fdopen(number, "rb")

    async def chunks(self, path: str, start: int = 0, *, etag: str = "") -> AsyncIterator[bytes]:
        """A file from a byte on, piece by piece."""
        inner = checked_path(path)
        file = await self._run(inner, lambda: self._opened(inner, etag))
        try:
            await self._run(inner, lambda: file.seek(start))
            while piece := await self._run(inner, lambda: file.read(_CHUNK_BYTES)):
                yield piece
        finally:
            file.close()

    async def write(
        self, path: str, content: AsyncIterable[bytes] | bytes, *, replaces: bool = False
    ) -> str:
        """Store a file: whole, or not at all; see `RemoteStore.write`."""
        inner = changeable(self.spec, path)
        opened: list[int] = []
        # A name that nobody else can have taken; it is gone again when the write fails.
        part = f".{uuid.uuid4().hex}.part"
        try:
            name = await self._end(inner, lambda: self._target(inner, opened, replaces=replaces))
            folder = opened[0]
            with await self._end(inner, lambda: beneath.created(part, folder)) as file:
                if isinstance(content, bytes):
                    await self._run(inner, partial(file.write, content))
                else:
                    async for piece in content:
                        await self._run(inner, partial(file.write, piece))
                await self._run(inner, lambda: _flush(file))
            place = partial(beneath.place, part, name, folder, replaces=replaces)
            return _etag(await self._end(inner, place))
        finally:
            await self._end(inner, lambda: beneath.clean(part, opened))

    def _target(self, inner: str, opened: list[int], *, replaces: bool) -> str:
        """The name of a file that is to be written; its folder is opened, and made if there is none."""
        parent, _, name = inner.rpartition("/")
        where = self._resolved(parent, is_new=True)
        if not self._is_inside(where / name):
            raise Invalid(f'"{inner}" cannot be written', reason=_OUTSIDE)
        opened.append(beneath.descend(self._root, where, is_new=True))
        facts = beneath.facts(name, opened[0])
        if facts is not None and stat.S_ISDIR(facts.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), inner)
        if facts is not None and not replaces:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), inner)
        return name

    async def copy(self, source: str, target: str, *, replaces: bool = False) -> None:
        """Copy a file inside the store."""
        inner, to = checked_path(source), changeable(self.spec, target)
        size = (await self.stat(inner)).size
        if size is None:
            raise Invalid(f'"{inner}" is a folder', remedy="Copy what is in it.")
        await self.write(to, self.chunks(inner), replaces=replaces)

    async def delete(self, paths: Sequence[str]) -> None:
        """Delete files, links and empty folders; those that are not there are left out."""
        inner = [changeable(self.spec, path) for path in paths]
        for path in inner:
            await self._run(path, partial(self._delete, path))

    def _delete(self, inner: str) -> None:
        parent, _, name = inner.rpartition("/")
        try:
            with self._folder(self._resolved(parent)) as folder:
                facts = beneath.facts(name, folder)
                if facts is not None and stat.S_ISDIR(facts.st_mode):
                    os.rmdir(name, dir_fd=folder)
                else:
                    os.unlink(name, dir_fd=folder)
        except FileNotFoundError:
            return

    async def make_folder(self, path: str) -> None:
        """Make an empty folder."""
        inner = changeable(self.spec, path)
        await self._run(inner, lambda: self._make_folder(inner))

    def _make_folder(self, inner: str) -> None:
        where = self._resolved(inner, is_new=True)
        folder = beneath.descend(self._root, where.parent, is_new=True)
        try:
            os.mkdir(where.name, dir_fd=folder)
        finally:
            os.close(folder)

    async def rename(self, source: str, target: str) -> None:
        """Rename a file or a folder; nothing is replaced."""
        inner, to = changeable(self.spec, source), changeable(self.spec, target)
        await self._run(inner, lambda: self._rename(inner, to))

    def _rename(self, inner: str, to: str) -> None:
        parent, _, name = inner.rpartition("/")
        opened: list[int] = []
        try:
            with self._folder(self._resolved(parent)) as source:
                facts = os.stat(name, dir_fd=source, follow_symlinks=False)
                new = self._target(to, opened, replaces=False)
                if stat.S_ISDIR(facts.st_mode):
                    os.rename(name, new, src_dir_fd=source, dst_dir_fd=opened[0])
                    return
                # A link fails where something is, a rename would take its place.
                os.link(name, new, src_dir_fd=source, dst_dir_fd=opened[0], follow_symlinks=False)
                os.unlink(name, dir_fd=source)
        finally:
            for number in opened:
                os.close(number)

    @contextmanager
    def _folder(self, where: Path) -> Iterator[int]:
        """A folder of the store, open."""
        number = beneath.descend(self._root, where)
        try:
            yield number
        finally:
            os.close(number)

    def _resolved(self, inner: str, *, is_new: bool = False) -> Path:
        """Where a path lies on this machine.

        Raises:
            Invalid: it leads out of the store.
        """
        where = Path(os.path.realpath(self._root / inner, strict=not is_new))
        if where != self._root and self._root not in where.parents:
            raise Invalid(
                f'"{inner}" is outside of this location',
                reason=_OUTSIDE,
                remedy="Add a connection for the folder that it leads to.",
            )
        return where

    def _is_inside(self, where: Path) -> bool:
        target = Path(os.path.realpath(where))
        return target == self._root or self._root in target.parents

    async def _end(self, inner: str, work: Callable[[], T]) -> T:
        """As ``_run``, but not left before the thread has ended: what it uses is closed then."""
        task = asyncio.create_task(self._run(inner, work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task})
            if not task.cancelled():
                task.exception()
            raise

    async def _run(self, inner: str, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except OrreryError:
            raise
        except (OSError, ValueError) as error:
            raise translate(error, self.spec, inner) from None
