"""What a preview reads of a store, by the questions of its worker; what is held of it here has a bound."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orrery_engine.lake.entries import Entry
from orrery_engine.lake.opening import Store
from orrery_engine.preview import detect
from orrery_engine.preview.channel import ASKED_BYTES, WHOLE_FILES
from orrery_engine.preview.shapes import Transfer, WindowRequest
from orrery_wire.errors import Conflict, Invalid

HEAD_BYTES = 256 * 1024
TAIL_BYTES = 64 * 1024
_CONCURRENT = 32
_MOST_RANGES = 20_000
# What is held here of one question: the worker asks for more in several.
_MOST_ASKED = 2 * ASKED_BYTES
_MOST_LISTED = 100_000
_PAGE = 1_000
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


@dataclass
class Meter:
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


@dataclass(frozen=True)
class Message:
    """A request with the bytes that are here already."""

    fields: Mapping[str, Any]
    blobs: Sequence[bytes]
    limits: Limits


class Source:
    """What a worker reads: a file or a folder of a store, by its questions."""

    def __init__(
        self, store: Store, path: str, meter: Meter, limits: Limits, *, is_folder: bool
    ) -> None:
        self.meter = meter
        self.entry: Entry | None = None
        self._store = store
        self._path = path
        self._is_folder = is_folder
        self._first: list[tuple[int, bytes]] = []
        # Files of a folder that were read: the rest of each is of the same content.
        self._etags: dict[str, str] = {}
        # Files of a folder that were listed.
        self._listed_files: dict[str, Entry] = {}
        self._left = limits.bytes

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
        # What has to be read as a whole is so by its worker: nothing bounds how many look at once.
        length = TAIL_BYTES if is_end else HEAD_BYTES
        data, entry = await self._store.peek(self._path, -length if is_end else 0, length)
        self.meter.add([data])
        if request.etag and entry.etag != request.etag:
            raise _changed(self._path)
        self.entry = entry
        self._etags[self._path] = entry.etag
        size = entry.size or 0
        self._first = [(max(0, size - len(data)) if is_end else 0, data)]

    def message(
        self, request: WindowRequest, key: str, *, as_arrow: bool, limits: Limits
    ) -> Message:
        """What the worker is asked."""
        return Message(
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
        kind = str(question.get("ask"))
        if kind == "files":
            paths = [self._own(str(item)) for item in question["paths"]]
            return {}, await self._files(paths, min(int(question["most"]), WHOLE_FILES))
        path = self._own(str(question.get("path", "")))
        if kind == "ranges":
            ranges = [(int(start), int(length)) for start, length in question["ranges"]]
            if len(ranges) > _MOST_RANGES:
                raise Invalid(
                    "The file has too many parts to be shown", remedy="Choose fewer columns."
                )
            self._take([length for _, length in ranges])
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
        if kind == "list":
            most = min(int(question["most"]), _MOST_LISTED)
            return {"entries": await self._listed(path, bool(question["recursive"]), most)}, []
        raise Invalid("The worker asked for what no preview needs")

    def _own(self, path: str) -> str:
        """A path that the worker may ask for: the file, or what is in the folder.

        Raises:
            Invalid: it is another.
        """
        inside = f"{self._path}/" if self._path else ""
        if path == self._path or (self._is_folder and path.startswith(inside)):
            return path
        raise Invalid("The worker asked for what no preview needs")

    def _take(self, lengths: Sequence[int]) -> None:
        """Count bytes before they are read: what a worker asks for is held by this process.

        Raises:
            Invalid: they are more than one question or one answer may read.
        """
        volume = sum(lengths)
        if min(lengths, default=0) < 0 or volume > min(_MOST_ASKED, self._left):
            raise Invalid(
                "This needs more of the file than a preview may read",
                reason=f"{volume / 2**20:,.0f} MiB were asked for.",
                remedy="Choose fewer columns, or profile it.",
            )
        self._left -= volume

    async def _files(self, paths: Sequence[str], most: int) -> list[bytes]:
        """The content of small files, all at once, of which the list says that they are no more than may be read."""
        gate = asyncio.Semaphore(_CONCURRENT)

        async def known(path: str) -> Entry:
            async with gate:
                return self._listed_files.get(path) or await self._store.stat(path)

        entries = await asyncio.gather(*map(known, paths))
        volume = sum(entry.size or 0 for entry in entries)
        if volume > most:
            raise Invalid(
                "The log of the table is too large to be shown",
                reason=f"{volume / 2**20:,.0f} MiB would have to be read, and {most >> 20:,} are.",
                remedy="Compact it, or load the table with the code that Insert gives.",
            )
        self._take([volume])

        async def read(entry: Entry) -> bytes:
            async with gate:
                return await self._store.read(entry.path, 0, entry.size or 0)

        blobs = await asyncio.gather(*map(read, entries))
        self.meter.add(blobs)
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
        self._listed_files.update((item.path, item) for item in entries if item.kind == "file")
        return [
            (item.path, item.size, item.kind == "folder")
            for item in entries[:most]
            if not item.problem
        ]


def _changed(path: str) -> Conflict:
    return Conflict(
        f'"{path.rpartition("/")[2]}" has changed since it was shown',
        reason="Rows of what was there before and of what is there now would be mixed.",
        remedy="Open it again.",
    )
