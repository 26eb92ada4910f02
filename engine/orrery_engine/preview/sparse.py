"""A file of which only some ranges are here; the others are fetched when they are read."""

from __future__ import annotations

import bisect
import io
import os
from collections.abc import Sequence
from typing import Protocol

from orrery_engine.preview.budget import Budget
from orrery_wire.errors import Invalid

READ_AHEAD = 256 * 1024
_MOST_AHEAD = 8 * 2**20
_HELD = 96 * 2**20
# A reader holds what it reads at least twice.
_MOST_AT_ONCE = 384 * 2**20
# Ranges that are nearer to each other are fetched as one.
_GAP = 16 * 1024

Range = tuple[int, int]


class Fetcher(Protocol):
    """Where ranges come from."""

    def fetch(self, path: str, ranges: Sequence[Range]) -> list[memoryview]:
        """The bytes of ranges (start, length), all at once."""


class SparseFile(io.RawIOBase):
    """A file of a known size. ``read`` gives as many bytes as are asked for, except at the end."""

    def __init__(self, fetcher: Fetcher, path: str, size: int, budget: Budget) -> None:
        super().__init__()
        self.path = path
        self.size = size
        self.budget = budget
        self._fetcher = fetcher
        self._position = 0
        self._ahead = READ_AHEAD
        self._last_end = -1
        # Parts do not overlap, and are ordered by their starts.
        self._starts: list[int] = []
        self._parts: list[memoryview] = []

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def close(self) -> None:
        """Nothing: readers close what they were given, and the file is read again after that."""

    def tell(self) -> int:
        """The place that is read next."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("a place before the beginning of the file")
        self._position = base + offset
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes."""
        end = self.size if size is None or size < 0 else min(self.size, self._position + size)
        start = min(self._position, end)
        data = self.read_range(start, end - start)
        self._position = start + len(data)
        return data

    def readinto(self, target: object) -> int:
        """The next bytes, into a buffer."""
        view = memoryview(target).cast("B")  # type: ignore[arg-type]
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def read_range(self, start: int, length: int) -> bytes:
        """Bytes of a range."""
        end = min(self.size, start + length)
        if start >= end:
            return b""
        self._trim()
        if gaps := self._gaps(start, end):
            self._load([self._wider(gap, end) for gap in gaps])
        self._last_end = end
        place = bisect.bisect_right(self._starts, start) - 1
        part = self._parts[place]
        begin = start - self._starts[place]
        if begin + end - start <= len(part):
            return bytes(part[begin : begin + end - start])
        pieces = []
        at = start
        while at < end:
            part, begin = self._parts[place], at - self._starts[place]
            piece = part[begin : begin + end - at]
            if not piece:
                raise OSError("the store gave fewer bytes than the file has")
            pieces.append(piece)
            at += len(piece)
            place += 1
        return b"".join(pieces)

    def prefetch(self, ranges: Sequence[Range]) -> None:
        """Fetch what is not here of some ranges, in one round trip."""
        self._trim()
        gaps: list[Range] = []
        for start, length in sorted(ranges):
            gaps += self._gaps(max(0, start), min(self.size, start + length))
        merged: list[Range] = []
        for start, end in gaps:
            if merged and start <= merged[-1][1] + _GAP:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        exact = [gap for start, end in merged for gap in self._gaps(start, end)]
        if exact:
            self._load(exact)

    def put(self, start: int, data: bytes | memoryview) -> None:
        """Keep bytes that came already."""
        end = start + len(data)
        view = memoryview(data)
        for begin, stop in self._gaps(start, end):
            place = bisect.bisect_left(self._starts, begin)
            self._starts.insert(place, begin)
            self._parts.insert(place, view[begin - start : stop - start])

    @property
    def held(self) -> int:
        """How many bytes are here."""
        return sum(map(len, self._parts))

    def forget(self) -> None:
        """Let go of what is here."""
        self._starts.clear()
        self._parts.clear()

    def _trim(self) -> None:
        if self.held > _HELD:
            self.forget()

    def _gaps(self, start: int, end: int) -> list[Range]:
        """The parts (start, end) of a range that are not here."""
        gaps = []
        place = max(0, bisect.bisect_right(self._starts, start) - 1)
        while start < end and place < len(self._starts):
            begin, stop = self._starts[place], self._starts[place] + len(self._parts[place])
            if begin >= end:
                break
            if begin > start:
                gaps.append((start, begin))
            start = max(start, stop)
            place += 1
        if start < end:
            gaps.append((start, end))
        return gaps

    def _wider(self, gap: Range, end: int) -> Range:
        """A gap with what a reader that goes on will need; more with each read that does."""
        start, stop = gap
        if stop < end:
            return gap
        is_sequential = start <= self._last_end + _GAP
        self._ahead = min(self._ahead * 2, _MOST_AHEAD) if is_sequential else READ_AHEAD
        wide = min(
            self.size, max(stop, start + self._ahead), start + max(stop - start, self.budget.bytes)
        )
        following = bisect.bisect_left(self._starts, stop)
        if following < len(self._starts):
            wide = min(wide, self._starts[following])
        return start, max(stop, wide)

    def _load(self, gaps: Sequence[Range]) -> None:
        volume = sum(end - start for start, end in gaps)
        if volume > _MOST_AT_ONCE:
            raise Invalid(
                "This needs more memory than a preview may use",
                reason=f"A part of {volume / 2**20:,.0f} MiB has to be read at once; {_MOST_AT_ONCE >> 20} are.",
                remedy="Choose fewer columns, or profile it.",
            )
        self.budget.spend(volume)
        blobs = self._fetcher.fetch(self.path, [(start, end - start) for start, end in gaps])
        for (start, end), blob in zip(gaps, blobs, strict=True):
            if len(blob) != end - start:
                raise OSError("the store gave fewer bytes than the file has")
            self.put(start, blob)


class Stream(io.RawIOBase):
    """A file read from its beginning to its end: a read gives what is at hand, so that little is fetched too much."""

    def __init__(self, file: SparseFile, step: int = READ_AHEAD) -> None:
        super().__init__()
        self._file = file
        self._step = step

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes; at most a step, which grows with what is read."""
        if size is None or size < 0:
            return self._file.read()
        data = self._file.read(min(size, self._step))
        if self._step < _MOST_AHEAD and self._file.tell() > 4 * self._step:
            self._step *= 2
        return data

    def readinto(self, target: object) -> int:
        """The next bytes, into a buffer."""
        view = memoryview(target).cast("B")  # type: ignore[arg-type]
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)
