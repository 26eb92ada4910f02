"""Object stores: one folder page by page, and objects by ranges."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import obstore
import opendal
from obstore.store import AzureStore, GCSStore, S3Store
from opendal.layers import RetryLayer

from orrery_engine.lake import options, refusals
from orrery_engine.lake.entries import Entry, EntryPage, Position, in_order
from orrery_engine.lake.errors import NOT_SUCH, translate
from orrery_engine.lake.names import checked_path, problem_of
from orrery_engine.lake.spec import Credentials, StoreSpec
from orrery_engine.lazy import LazyModule
from orrery_wire.errors import BackendUnavailable, Invalid, OrreryError

if TYPE_CHECKING:
    import httpx
    from obstore import GetOptions
else:
    httpx = LazyModule("httpx")

# It writes the address of each request into the log, and those of this module are signed.
logging.getLogger("httpx").setLevel(logging.WARNING)
_STORES: dict[str, Any] = {"s3": S3Store, "gs": GCSStore, "abfs": AzureStore}
# Of a missing object some calls raise the one, some the other.
_MISSING = (obstore.exceptions.NotFoundError, FileNotFoundError)
_OPEN_LISTS = 32
_LIST_SECONDS = 60.0
# What one page looks at when most of it does not match.
SCAN_LIMIT = 20_000
# The most entries that a store gives at once: Azure; others give 1,000.
_PART_ENTRIES = 5_000
_PART_BYTES = 8 * 1024 * 1024
_CONCURRENT_READS = 64

Matches = Callable[[Entry], bool]


# What is listed, whether with all below it, and where the page begins.
_ListKey: TypeAlias = "tuple[str, bool, str]"


class _Trail:
    """How far a listing has come, entry by entry."""

    def __init__(self, position: Position) -> None:
        self.position = position
        self.scanned = 0
        self._begun = position
        self._lately: deque[str] = deque(maxlen=_PART_ENTRIES)

    def takes(self, entry: Entry) -> bool:
        """Go on to an entry; False if a page before had it."""
        is_folder = entry.kind == "folder"
        path = f"{entry.path}/" if is_folder else entry.path
        if self._begun.is_given(path, is_folder=is_folder):
            return False
        self.scanned += 1
        complete = self.position.complete
        if len(self._lately) == _PART_ENTRIES:
            # No part of a listing is longer, so the one that this was in has been given.
            complete = max(complete, self._lately[0], key=in_order)
        self._lately.append(path)
        self.position = (
            replace(self.position, folder=path, complete=complete)
            if is_folder
            else replace(self.position, file=path, complete=complete)
        )
        return True


@dataclass
class _OpenList:
    """A listing that was left after a page, and how far it has come."""

    entries: AsyncIterator[opendal.types.Entry]
    trail: _Trail
    at: float = 0.0


class RemoteStore:
    """An object store. All paths are from its root, without slashes at their ends.

    Every method raises `OrreryError` in words, and can be cancelled.
    """

    def __init__(self, spec: StoreSpec, credentials: Credentials) -> None:
        self.spec = spec
        refusals.check(spec, credentials)
        scheme, listing = options.for_listing(spec, credentials)
        try:
            self._lists = opendal.AsyncOperator(scheme, **listing).layer(
                RetryLayer(max_times=options.RETRIES, min_delay=0.1, max_delay=2.0, jitter=True)
            )
            self._objects = _STORES[spec.kind](**options.for_reading(spec, credentials))
        except Exception as error:  # noqa: BLE001  # both libraries raise classes of their own
            raise translate(error, spec, "") from None
        self._begins_after = bool(self._lists.capability().list_with_start_after)
        self._open: OrderedDict[_ListKey, _OpenList] = OrderedDict()

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
        """A page of a folder, in the order of the store.

        Args:
            token: where the page begins, from the page before.
            prefix: only names that begin so; the store itself jumps there.
            matches: only these entries; a page ends after 20,000 that were looked at, with fewer than ``limit`` entries.
            is_recursive: what is in folders too, without the folders.
        """
        inner = checked_path(folder)
        start = f"{inner}/{prefix}" if inner else prefix
        if not prefix:
            start = f"{inner}/" if inner else ""
        position = Position.parse(token)
        entries: list[Entry] = []
        opened = await self._opened((start, is_recursive, token), position)
        trail = opened.trail
        trail.scanned = 0
        try:
            async with asyncio.timeout(options.REQUEST_SECONDS):
                async for raw in opened.entries:
                    entry = _entry(raw, inner)
                    if entry is None or not trail.takes(entry):
                        continue
                    if matches is None or matches(entry):
                        entries.append(entry)
                    if len(entries) >= limit or trail.scanned >= SCAN_LIMIT:
                        break
                else:
                    if trail.position == Position() and not inner:
                        await self._check_answers()
                    return EntryPage(tuple(entries), "", trail.scanned)
        except OrreryError:
            raise
        except Exception as error:  # noqa: BLE001
            raise translate(error, self.spec, inner) from None
        rest = trail.position.token()
        self._keep((start, is_recursive, rest), opened)
        return EntryPage(tuple(entries), rest, trail.scanned)

    async def _opened(self, key: _ListKey, position: Position) -> _OpenList:
        """The listing that a page goes on with: the one that was left there, else a new one."""
        start, is_recursive, _ = key
        stored = self._open.pop(key, None)
        if stored is not None and time.monotonic() - stored.at < _LIST_SECONDS:
            return stored
        more: dict[str, Any] = {"recursive": is_recursive}
        after = max(position.file, position.complete, key=in_order)
        if after and self._begins_after:
            more["start_after"] = after
        try:
            listing = await self._lists.list(start or "/", **more)
        except Exception as error:  # noqa: BLE001
            raise translate(error, self.spec, start.rstrip("/")) from None
        return _OpenList(aiter(listing), _Trail(position))

    async def _check_answers(self) -> None:
        """Look whether what lists nothing is such a store at all: both libraries take any page for an empty list.

        Raises:
            BackendUnavailable: it is something else.
        """
        if self.spec.kind != "s3" or not self.spec.endpoint:
            return
        url = await obstore.sign_async(self._objects, "GET", "", timedelta(seconds=60))
        async with httpx.AsyncClient(timeout=options.CONNECT_SECONDS, trust_env=False) as client:
            response = await client.get(url)
        if response.status_code == 200 and b"ListBucketResult" not in response.content[:4096]:
            raise BackendUnavailable(
                f'Nothing that speaks S3 answers for the bucket "{self.spec.bucket}"',
                reason=NOT_SUCH,
                remedy="Look at the address: the service's API often has another port than its page.",
            )

    def _keep(self, key: _ListKey, opened: _OpenList) -> None:
        now = time.monotonic()
        opened.at = now
        self._open[key] = opened
        while len(self._open) > _OPEN_LISTS or (
            now - next(iter(self._open.values())).at > _LIST_SECONDS
        ):
            self._open.popitem(last=False)

    async def stat(self, path: str) -> Entry:
        """The file or folder at a path."""
        inner = checked_path(path)
        if not inner:
            return Entry("", "folder")
        try:
            meta = await obstore.head_async(self._objects, inner)
        except Exception as error:  # noqa: BLE001
            if not isinstance(error, _MISSING):
                raise translate(error, self.spec, inner) from None
            page = await self.page(inner, limit=1)
            if page.entries:
                return Entry(inner, "folder")
            raise translate(error, self.spec, inner) from None
        return Entry(inner, "file", meta["size"], meta["last_modified"], meta["e_tag"] or "")

    async def read(
        self, path: str, start: int = 0, length: int | None = None, *, etag: str = ""
    ) -> bytes:
        """Bytes of an object; fewer than asked for where it ends.

        Args:
            start: from which byte on; negative counts from the end.
            length: how many bytes; None for the rest.
            etag: the content must be this one still.

        Raises:
            Conflict: the object has changed.
        """
        inner = checked_path(path)
        given: GetOptions = {"if_match": etag} if etag else {}
        if start < 0:
            given["range"] = {"suffix": -start}
        elif length is not None:
            given["range"] = (start, start + length)
        elif start:
            given["range"] = {"offset": start}
        if length == 0:
            return b""
        try:
            result = await obstore.get_async(self._objects, inner, options=given)
            return bytes(await result.bytes_async())
        except Exception as error:  # noqa: BLE001
            if "range" in given and await self._is_past_end(error, inner, start):
                return b""
            raise translate(error, self.spec, inner) from None

    async def _is_past_end(self, error: Exception, inner: str, start: int) -> bool:
        """Whether a part could not be read because the object ends before it.

        The library has one class for all that a server answers, and a text that holds names. So the object is asked for
        its size, and a server that gives it as a whole but not in parts is called that.

        Raises:
            BackendUnavailable: the server gives no parts.
        """
        if not isinstance(error, obstore.exceptions.GenericError):
            return False
        try:
            size = (await obstore.head_async(self._objects, inner))["size"]
            if size == 0 or start >= size:
                return True
            # Its head alone: the rest is not read.
            await obstore.get_async(self._objects, inner)
        except Exception:  # noqa: BLE001  # what is said is the first failure
            return False
        raise BackendUnavailable(
            f"The service of {self.spec.bucket!r} gives no parts of files",
            reason="It refused or ignored a request for some bytes of a file that it gives as a whole.",
            remedy="Let its administrator allow requests with ranges, or copy the file to the lake.",
        ) from None

    async def peek(self, path: str, start: int, length: int) -> tuple[bytes, Entry]:
        """The first or the last bytes of an object, and what it is, in one round trip.

        Args:
            start: 0, or minus ``length`` for the last bytes.
        """
        inner = checked_path(path)
        if start < 0 and self.spec.kind == "abfs":
            # Azure gives no bytes counted from the end.
            entry = await self.stat(inner)
            begin = max(0, (entry.size or 0) - length)
            return await self.read(inner, begin, length, etag=entry.etag), entry
        chosen: GetOptions = {"range": {"suffix": -start} if start < 0 else (0, max(1, length))}
        try:
            result = await obstore.get_async(self._objects, inner, options=chosen)
            data = bytes(await result.bytes_async())
        except Exception as error:  # noqa: BLE001
            if await self._is_past_end(error, inner, max(0, start)):
                return b"", await self.stat(inner)
            raise translate(error, self.spec, inner) from None
        meta = result.meta
        return data, Entry(inner, "file", meta["size"], meta["last_modified"], meta["e_tag"] or "")

    async def read_ranges(
        self, path: str, ranges: Sequence[tuple[int, int]], *, etag: str = ""
    ) -> list[bytes]:
        """The bytes of some ranges (start, length) of an object, asked for at the same time."""
        gate = asyncio.Semaphore(_CONCURRENT_READS)

        async def read(start: int, length: int) -> bytes:
            async with gate:
                return await self.read(path, start, length, etag=etag)

        return list(await asyncio.gather(*(read(start, length) for start, length in ranges)))

    async def chunks(self, path: str, start: int = 0, *, etag: str = "") -> AsyncIterator[bytes]:
        """An object from a byte on, piece by piece."""
        inner = checked_path(path)
        given: GetOptions = {"range": {"offset": start}} if start else {}
        if etag:
            given["if_match"] = etag
        try:
            result = await obstore.get_async(self._objects, inner, options=given or None)
            async for piece in result.stream(min_chunk_size=1024 * 1024):
                yield bytes(piece)
        except GeneratorExit:
            raise
        except Exception as error:  # noqa: BLE001
            raise translate(error, self.spec, inner) from None

    async def write(
        self, path: str, content: AsyncIterable[bytes] | bytes, *, replaces: bool = False
    ) -> str:
        """Store an object: whole, or not at all.

        Returns:
            The object's etag.

        Raises:
            Conflict: there is one, and it is not to be replaced.
        """
        inner = self._changeable(path)
        if not replaces and await self._is_there(inner):
            raise translate(FileExistsError(), self.spec, inner)
        try:
            # Only a small object can be created on the condition that there is none.
            if isinstance(content, bytes) and len(content) <= _PART_BYTES:
                mode: Literal["overwrite", "create"] = "overwrite" if replaces else "create"
                result = await obstore.put_async(self._objects, inner, content, mode=mode)
            else:
                result = await obstore.put_async(
                    self._objects, inner, content, chunk_size=_PART_BYTES, max_concurrency=4
                )
        except OrreryError:
            raise
        except Exception as error:  # noqa: BLE001
            raise translate(error, self.spec, inner) from None
        return result["e_tag"] or ""

    async def copy(self, source: str, target: str, *, replaces: bool = False) -> None:
        """Copy an object inside the store, without its bytes coming here."""
        inner, to = checked_path(source), self._changeable(target)
        if not replaces and await self._is_there(to):
            raise translate(FileExistsError(), self.spec, to)
        try:
            await obstore.copy_async(self._objects, inner, to, overwrite=True)
        except Exception as error:  # noqa: BLE001
            raise translate(error, self.spec, inner) from None

    async def delete(self, paths: Sequence[str]) -> None:
        """Delete objects; those that are not there are left out."""
        inner = [self._changeable(path) for path in paths]
        try:
            await obstore.delete_async(self._objects, inner)
        except Exception as error:  # noqa: BLE001
            if not isinstance(error, _MISSING):
                raise translate(error, self.spec, inner[0]) from None

    async def make_folder(self, path: str) -> None:
        """Make an empty folder: an object whose name ends with a slash, as the consoles of providers do."""
        inner = self._changeable(path)
        try:
            await self._lists.create_dir(f"{inner}/")
        except Exception as error:  # noqa: BLE001
            raise translate(error, self.spec, inner) from None

    async def share(self, path: str, seconds: int) -> str:
        """An address that reads one object, for some seconds, for whoever has it."""
        inner = checked_path(path)
        try:
            return await obstore.sign_async(self._objects, "GET", inner, timedelta(seconds=seconds))
        except Exception as error:  # noqa: BLE001
            raise translate(error, self.spec, inner) from None

    async def _is_there(self, path: str) -> bool:
        try:
            await obstore.head_async(self._objects, path)
        except _MISSING:
            return False
        except Exception as error:  # noqa: BLE001
            raise translate(error, self.spec, path) from None
        return True

    def _changeable(self, path: str) -> str:
        return changeable(self.spec, path)


def changeable(spec: StoreSpec, path: str) -> str:
    """A path that may be written.

    Raises:
        Invalid: the location is read-only, or the path is none.
    """
    if spec.is_read_only:
        raise Invalid(
            "This location is read-only",
            reason="Its connection was set up for reading.",
            remedy="Choose another location, or ask whoever set it up.",
        )
    inner = checked_path(path)
    if not inner:
        raise Invalid("The location itself cannot be changed", remedy="Choose something in it.")
    return inner


def _entry(raw: opendal.types.Entry, folder: str) -> Entry | None:
    """An entry as it is listed; None for the folder that is listed itself."""
    inner = raw.path.strip("/")
    if inner in ("", folder):
        return None
    meta = raw.metadata
    entry = Entry(inner, "folder", problem=problem_of(inner))
    if raw.path.endswith("/"):
        return entry
    return replace(
        entry,
        kind="file",
        size=meta.content_length,
        modified=meta.last_modified,
        etag=meta.etag or "",
    )
