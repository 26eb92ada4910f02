"""Previews of a store's files and tables: this side reads ranges of bytes, and a worker parses them."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orrery_engine.lake.entries import Entry
from orrery_engine.lake.opening import Store
from orrery_engine.preview import detect, frames
from orrery_engine.preview.pool import PreviewPool, PreviewWorker
from orrery_engine.preview.shapes import Preview, Transfer, WindowRequest
from orrery_wire.errors import Conflict, Invalid, OrreryError

HEAD_BYTES = 256 * 1024
TAIL_BYTES = 64 * 1024
_WHOLE_BYTES = 64 * 2**20
_CONCURRENT = 32
_MOST_RANGES = 20_000
_MOST_LISTED = 100_000
_PAGE = 1_000
_REMEMBERED = 64
_STAMP = "opened-"


@dataclass(frozen=True)
class Limits:
    """What one answer may use.

    Attributes:
        bytes: read of the store after the first look.
        memory: that a worker may hold, in bytes.
    """

    bytes: int = 64 * 2**20
    seconds: float = 15.0
    memory: int = 1024 * 2**20


LOCAL = Limits(bytes=1024 * 2**20)


@dataclass
class _Meter:
    """What was read for one answer."""

    volume: int = 0
    requests: int = 0
    round_trips: int = 0
    _begun: float = field(default_factory=time.monotonic)

    def add(self, blobs: Sequence[bytes]) -> None:
        """Count what came in one round trip."""
        self.volume += sum(map(len, blobs))
        self.requests += len(blobs)
        self.round_trips += 1

    def transfer(self) -> Transfer:
        """The counts so far."""
        return Transfer(
            bytes=self.volume,
            requests=self.requests,
            round_trips=self.round_trips,
            seconds=round(time.monotonic() - self._begun, 4),
        )


class Previewer:
    """Previews for all stores of a server."""

    def __init__(self, pool: PreviewPool | None = None, limits: Limits | None = None) -> None:
        self.pool = pool or PreviewPool()
        self._limits = limits
        # What is known of sources that a worker may have open: no look at their ends is needed again.
        self._known: dict[str, Entry] = {}

    async def preview(
        self,
        store: Store,
        path: str,
        request: WindowRequest,
        *,
        key: str = "",
        is_folder: bool = False,
    ) -> Preview:
        """A window of a file, or of a table that is a folder.

        Args:
            key: what names the store among others.

        Raises:
            Conflict: the content has changed since it was listed.
            Invalid: it is damaged, too large, or none of what is shown.
        """
        return (await self._answer(store, path, request, key, is_folder=is_folder, as_arrow=False))[
            0
        ]

    async def rows(
        self,
        store: Store,
        path: str,
        request: WindowRequest,
        *,
        key: str = "",
        is_folder: bool = False,
    ) -> tuple[Preview, bytes]:
        """The same with the rows as a stream of Arrow."""
        return await self._answer(store, path, request, key, is_folder=is_folder, as_arrow=True)

    async def close(self) -> None:
        """End the workers."""
        await self.pool.close()

    async def _answer(
        self,
        store: Store,
        path: str,
        request: WindowRequest,
        key: str,
        *,
        is_folder: bool,
        as_arrow: bool,
    ) -> tuple[Preview, bytes]:
        self.pool.warm()
        source = _Source(store, path, _Meter(), is_folder=is_folder)
        name = f"{key}\n{path}"
        known = self._known.get(name)
        # Whoever goes on with what was shown needs no new look: other content would refuse the ranges.
        is_same = known is not None and known.etag == request.etag != ""
        if is_same and self.pool.has(f"{name}\n{request.etag}"):
            source.entry = known
        else:
            await source.look(request)
        held = f"{name}\n{source.etag}"
        worker = await self.pool.take(held)
        try:
            if held not in worker.keys and not source.is_seen:
                await source.look(request)
            message = source.message(
                request, held, as_arrow=as_arrow, limits=self._limits_of(store)
            )
            text, blob = await _converse(worker, source, message)
        except _WorkerLostError as problem:
            await self.pool.end(worker)
            raise problem.error from None
        except OrreryError:
            self.pool.give_back(worker, "")
            raise
        except BaseException:
            await self.pool.end(worker)
            raise
        self.pool.give_back(worker, held)
        preview = Preview.model_validate_json(text)
        if source.entry is not None:
            self._remember(name, source.entry)
            entry = source.entry
            preview = preview.model_copy(
                update={"size": entry.size, "etag": entry.etag, "modified": entry.modified}
            )
        return preview.model_copy(update={"transfer": source.meter.transfer()}), blob

    def _limits_of(self, store: Store) -> Limits:
        return self._limits or (LOCAL if store.spec.kind == "local" else Limits())

    def _remember(self, name: str, entry: Entry) -> None:
        self._known.pop(name, None)
        self._known[name] = entry
        if len(self._known) > _REMEMBERED:
            self._known.pop(next(iter(self._known)))


class _Source:
    """What a worker reads: a file or a folder of a store, by its questions."""

    def __init__(self, store: Store, path: str, meter: _Meter, *, is_folder: bool) -> None:
        self.meter = meter
        self.entry: Entry | None = None
        self._store = store
        self._path = path
        self._is_folder = is_folder
        self._first: list[tuple[int, bytes]] = []
        # Files of a folder that were read: the rest of each is of the same content.
        self._etags: dict[str, str] = {}

    @property
    def etag(self) -> str:
        """What changes with the content."""
        return self.entry.etag if self.entry else ""

    @property
    def is_seen(self) -> bool:
        """Whether its first bytes were read."""
        return bool(self._first) or self._is_folder

    async def look(self, request: WindowRequest) -> None:
        """Read what shows what it is: the end of some formats, the beginning of others; one round trip.

        Raises:
            Conflict: it is not what was shown before.
        """
        if self._is_folder:
            # A table has no mark of its content: what is open under this one stays as it is.
            stamp = (
                request.etag if request.etag.startswith(_STAMP) else f"{_STAMP}{uuid.uuid4().hex}"
            )
            self.entry = Entry(self._path, "folder", etag=stamp)
            return
        kind = request.format or detect.by_name(self._path)
        is_end = detect.is_read_from_the_end(kind) and not detect.is_packed(self._path)
        length = _WHOLE_BYTES if detect.is_read_whole(kind) else HEAD_BYTES
        data, entry = await self._store.peek(
            self._path, -TAIL_BYTES if is_end else 0, TAIL_BYTES if is_end else length
        )
        self.meter.add([data])
        if request.etag and entry.etag != request.etag:
            raise _changed(self._path)
        self.entry = entry
        self._etags[self._path] = entry.etag
        size = entry.size or 0
        self._first = [(max(0, size - len(data)) if is_end else 0, data)]

    def message(
        self, request: WindowRequest, key: str, *, as_arrow: bool, limits: Limits
    ) -> _Message:
        """What the worker is asked."""
        return _Message(
            {
                "key": key,
                "path": self._path,
                "kind": request.format or detect.by_name(self._path),
                "size": None if self._is_folder or self.entry is None else self.entry.size,
                "ranges": [(start, len(data)) for start, data in self._first],
                "request": request.model_dump(mode="json"),
                "arrow": as_arrow,
                "most_bytes": limits.bytes,
                "seconds": limits.seconds,
                "memory": limits.memory,
            },
            [data for _, data in self._first],
            limits,
        )

    async def answer(self, question: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """What the worker asks of the store.

        Raises:
            OrreryError: as the store says.
        """
        kind, path = str(question.get("ask")), str(question.get("path", ""))
        if kind == "ranges":
            ranges = [(int(start), int(length)) for start, length in question["ranges"]]
            if len(ranges) > _MOST_RANGES:
                raise Invalid(
                    "The file has too many parts to be shown", remedy="Choose fewer columns."
                )
            etag = self._etags.get(path) or (self.etag if path == self._path else "")
            blobs = await self._store.read_ranges(path, ranges, etag=etag)
            self.meter.add(blobs)
            return {}, blobs
        if kind == "end":
            length = min(int(question["length"]), HEAD_BYTES)
            data, entry = await self._store.peek(path, -length, length)
            self.meter.add([data])
            self._etags[path] = entry.etag
            return {"size": entry.size or 0}, [data]
        if kind == "files":
            blobs = await self._files(
                [str(item) for item in question["paths"]], int(question["most"])
            )
            return {}, blobs
        if kind == "list":
            most = min(int(question["most"]), _MOST_LISTED)
            return {"entries": await self._listed(path, bool(question["recursive"]), most)}, []
        raise Invalid("The worker asked for what no preview needs")

    async def _files(self, paths: Sequence[str], most: int) -> list[bytes]:
        """The content of small files, all at once."""
        gate = asyncio.Semaphore(_CONCURRENT)

        async def read(path: str) -> bytes:
            async with gate:
                return await self._store.read(path, 0, most + 1)

        blobs = await asyncio.gather(*map(read, paths))
        self.meter.add(blobs)
        if sum(map(len, blobs)) > most:
            raise Invalid(
                "The log of the table is too large to be shown",
                reason=f"More than {most >> 20:,} MiB would have to be read.",
                remedy="Compact it, or load the table with the code that Insert gives.",
            )
        return list(blobs)

    async def _listed(
        self, folder: str, is_recursive: bool, most: int
    ) -> list[tuple[str, int | None, bool]]:
        entries: list[Entry] = []
        token = ""
        while len(entries) < most:
            page = await self._store.page(
                folder, token=token, limit=_PAGE, is_recursive=is_recursive
            )
            self.meter.add([b""])
            entries += page.entries
            token = page.next
            if not token:
                break
        return [
            (item.path, item.size, item.kind == "folder")
            for item in entries[:most]
            if not item.problem
        ]


@dataclass(frozen=True)
class _Message:
    """A request with the bytes that are here already."""

    fields: Mapping[str, Any]
    blobs: Sequence[bytes]
    limits: Limits


class _WorkerLostError(Exception):
    """The worker is of no use any more."""

    def __init__(self, error: OrreryError) -> None:
        super().__init__(str(error))
        self.error = error


async def _converse(
    worker: PreviewWorker, source: _Source, message: _Message
) -> tuple[bytes, bytes]:
    """Serve a worker until it has an answer: the preview as JSON, and rows as Arrow.

    Raises:
        OrreryError: the worker says what is wrong with the source.
        _WorkerLostError: it died, or broke a limit.
    """
    watch = asyncio.create_task(worker.watch(message.limits.memory, message.limits.seconds))
    talk = asyncio.create_task(_talk(worker, source, message))
    try:
        await asyncio.wait({watch, talk}, return_when=asyncio.FIRST_COMPLETED)
        if not talk.done():
            raise _WorkerLostError(watch.result())
        return talk.result()
    except frames.FrameError:
        raise _WorkerLostError(_crashed()) from None
    finally:
        for task in (watch, talk):
            task.cancel()
        await asyncio.gather(watch, talk, return_exceptions=True)


async def _talk(worker: PreviewWorker, source: _Source, message: _Message) -> tuple[bytes, bytes]:
    await worker.send(message.fields, message.blobs)
    while True:
        news, blobs = await worker.receive()
        event = news.get("event")
        if event == "done":
            return bytes(blobs[0]), bytes(blobs[1])
        if event == "failed":
            raise OrreryError.from_body(news["error"])
        try:
            answer, sent = await source.answer(news)
        except OrreryError as problem:
            # The worker lets go of what it was at, and says so.
            answer, sent = {"error": problem.body()}, []
        await worker.send(answer, sent)


def _crashed() -> Invalid:
    return Invalid(
        "The file cannot be read",
        reason="Its reader ended in the middle of it, as readers do at damaged files.",
        remedy="Fetch it or write it again.",
    )


def _changed(path: str) -> Conflict:
    return Conflict(
        f'"{path.rpartition("/")[2]}" has changed since it was shown',
        reason="Rows of what was there before and of what is there now would be mixed.",
        remedy="Open it again.",
    )
