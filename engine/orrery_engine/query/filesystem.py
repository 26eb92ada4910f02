"""Stores as a file system of fsspec for DuckDB, in a worker that has neither their addresses nor their keys."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from fsspec.spec import AbstractFileSystem

from orrery_engine.preview.budget import Budget
from orrery_engine.preview.channel import Channel
from orrery_engine.preview.sparse import Range, SparseFile
from orrery_wire.errors import NotFound

_FIXED = datetime(2000, 1, 1, tzinfo=UTC)


@contextmanager
def _remembered(problems: list[Exception]) -> Iterator[None]:
    try:
        yield
    except Exception as problem:
        problems.append(problem)
        raise


class _Fetcher:
    """Ranges of the files of a scheme."""

    def __init__(self, channel: Channel, scheme: str, problems: list[Exception]) -> None:
        self._channel = channel
        self._scheme = scheme
        self._problems = problems

    def fetch(self, path: str, ranges: Sequence[Range]) -> list[memoryview]:
        """The bytes of ranges, in one round trip."""
        question = {"ask": "ranges", "scheme": self._scheme, "path": path}
        with _remembered(self._problems):
            return self._channel.ask({**question, "ranges": [list(item) for item in ranges]})[1]


class OpenFile(io.BufferedIOBase):
    """A file that is read at any place of it; each that is open has a place of its own."""

    def __init__(self, file: SparseFile, problems: list[Exception]) -> None:
        super().__init__()
        self._file = file
        self._problems = problems

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes."""
        with _remembered(self._problems):
            return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """The place that is read next."""
        return self._file.tell()


class StoreFiles(AbstractFileSystem):  # type: ignore[misc]
    """The files of one scheme; it only reads."""

    cachable = False

    def __init__(self, channel: Channel, scheme: str, budget: Budget) -> None:
        super().__init__()
        # DuckDB makes a text of an exception; what it was is looked up here.
        self.problems: list[Exception] = []
        self.protocol = scheme
        self._channel = channel
        self._scheme = scheme
        self._budget = budget
        self._infos: dict[str, dict[str, Any]] = {}

    def _inner(self, path: str) -> str:
        return path.removeprefix(f"{self._scheme}://").strip("/")

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        # DuckDB gives paths with their scheme, and expects them back with it.
        return path

    def _ask(self, kind: str, path: str) -> dict[str, Any]:
        with _remembered(self.problems):
            return self._channel.ask({"ask": kind, "scheme": self._scheme, "path": path})[0]

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """What is known of a file."""
        if path not in self._infos:
            answer = self._ask("stat", self._inner(path))
            self._infos[path] = {
                "name": path,
                "size": answer["size"],
                "type": "directory" if answer["size"] is None else "file",
            }
        return self._infos[path]

    def exists(self, path: str, **_: Any) -> bool:
        """Whether there is a file or a folder."""
        try:
            self.info(path)
        except NotFound:
            return False
        return True

    def glob(self, path: str, **_: Any) -> list[str]:
        """The files that a pattern fits; a path without one is itself."""
        names = self._ask("glob", self._inner(path))["files"]
        paths = []
        for name, size in names:
            full = f"{self._scheme}://{name}"
            self._infos[full] = {"name": full, "size": size, "type": "file"}
            paths.append(full)
        return paths

    def modified(self, path: str) -> datetime:
        """The same for all: nothing of a file is cached from statement to statement."""
        return _FIXED

    def _open(self, path: str, mode: str = "rb", **_: Any) -> OpenFile:
        if mode != "rb":
            raise PermissionError("files of stores are only read")
        size = int(self.info(path)["size"])
        fetcher = _Fetcher(self._channel, self._scheme, self.problems)
        file = SparseFile(fetcher, self._inner(path), size, self._budget)
        return OpenFile(file, self.problems)
