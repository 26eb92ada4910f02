"""The worker's side of the store: whatever it reads, it asks of the process that started it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from orrery_engine.preview import frames
from orrery_engine.preview.budget import Budget
from orrery_engine.preview.sparse import Range, SparseFile
from orrery_wire.errors import OrreryError

WHOLE_FILES = 64 * 2**20
# What one question asks for at most: the process that answers holds it, for each worker.
ASKED_BYTES = 32 * 2**20


@dataclass(frozen=True)
class Listed:
    """A name in a folder."""

    path: str
    size: int | None
    is_folder: bool

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


class Channel:
    """Messages with the process that started this one. Used by any thread, one question at a time."""

    def __init__(self, source: IO[bytes], target: IO[bytes]) -> None:
        self._source = source
        self._target = target
        self._lock = threading.Lock()

    def send(self, message: dict[str, Any], blobs: Sequence[bytes] = ()) -> None:
        """Say something."""
        for piece in frames.pack(message, blobs):
            self._target.write(piece)
        self._target.flush()

    def receive(self) -> tuple[dict[str, Any], list[memoryview]]:
        """What comes next; at the end of the stream the process ends."""
        result = frames.receive(self._source.read)
        if result is None:
            sys.exit(0)
        return result

    def ask(self, message: dict[str, Any]) -> tuple[dict[str, Any], list[memoryview]]:
        """A question, and its answer.

        Raises:
            OrreryError: the store's.
        """
        with self._lock:
            self.send(message)
            answer, blobs = self.receive()
        if "error" in answer:
            raise OrreryError.from_body(answer["error"])
        return answer, blobs


class WorkerStore:
    """The store of one answer."""

    def __init__(self, channel: Channel, budget: Budget) -> None:
        self._channel = channel
        self.budget = budget

    def fetch(self, path: str, ranges: Sequence[Range]) -> list[memoryview]:
        """The bytes of ranges, in one round trip unless they are many."""
        if sum(length for _, length in ranges) <= ASKED_BYTES:
            return self._read(path, ranges)
        return [self._in_pieces(path, start, length) for start, length in ranges]

    def _read(self, path: str, ranges: Sequence[Range]) -> list[memoryview]:
        question = {"ask": "ranges", "path": path, "ranges": [list(item) for item in ranges]}
        return self._channel.ask(question)[1]

    def _in_pieces(self, path: str, start: int, length: int) -> memoryview:
        whole = bytearray()
        while len(whole) < length:
            step = min(ASKED_BYTES, length - len(whole))
            (piece,) = self._read(path, [(start + len(whole), step)])
            if len(piece) != step:
                raise OSError("the store gave fewer bytes than the file has")
            whole += piece
        return memoryview(whole)

    def open(self, path: str, size: int | None = None, *, tail: int = 64 * 1024) -> SparseFile:
        """A file; without its size, its end is read, and that says it."""
        if size is not None:
            return SparseFile(self, path, size, self.budget)
        answer, blobs = self._channel.ask({"ask": "end", "path": path, "length": tail})
        size = int(answer["size"])
        file = SparseFile(self, path, size, self.budget)
        file.put(size - len(blobs[0]), blobs[0])
        return file

    def files(self, paths: Sequence[str]) -> list[bytes]:
        """The content of small files, in one round trip."""
        if not paths:
            return []
        _, blobs = self._channel.ask({"ask": "files", "paths": list(paths), "most": WHOLE_FILES})
        self.budget.spend(sum(map(len, blobs)))
        return [bytes(blob) for blob in blobs]

    def listed(
        self, folder: str, *, is_recursive: bool = False, most: int = 10_000
    ) -> list[Listed]:
        """What is in a folder, and whether that is all."""
        answer, _ = self._channel.ask(
            {"ask": "list", "path": folder, "recursive": is_recursive, "most": most}
        )
        return [Listed(*item) for item in answer["entries"]]
