"""DuckDB over one file that it can only read: the file comes through a file system of ours that has no way to write.

DuckDB itself keeps the right to write next to a database that it opens, even if that is opened to read only.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
from fsspec.spec import AbstractFileSystem

from orrery_engine.quoting import sql_name, sql_text
from orrery_wire.errors import Conflict, NotFound

SCHEME = "orrery-database"
_NAME = "file"
_WAL = ".wal"
_RESERVED = ("main", "temp", "system")
_FIXED = datetime(2000, 1, 1, tzinfo=UTC)
# Neither extensions nor secrets of the account, and nothing of what does not fit into memory goes to the disk: a folder
# for that would be one in which each statement may write.
CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "temp_directory": "",
}


class DatabaseFile:
    """A file of DuckDB with its write-ahead log, open for reading; no other program writes them meanwhile.

    Raises:
        NotFound: the file is not there.
        Conflict: another program has it open for writing.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._files: dict[str, int] = {}
        try:
            self._open("", path)
            # As DuckDB would by itself: a program that writes holds the file alone.
            _share(self._files[""])
            if Path(path + _WAL).exists():
                self._open(_WAL, path + _WAL)
        except BlockingIOError:
            self.close()
            raise Conflict(
                "Another program has the file open for writing",
                reason="A file of this kind has one writer at a time.",
                remedy="End the other program, or copy the file.",
            ) from None
        except OSError as problem:
            self.close()
            raise NotFound(
                f'The file "{Path(path).name}" cannot be opened',
                reason=f"The system says: {os.strerror(problem.errno or 0)}.",
                remedy="Look at its path.",
            ) from None

    def _open(self, suffix: str, path: str) -> None:
        # Opening a pipe would wait for somebody who writes into it.
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        self._files[suffix] = os.open(path, flags)

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make this the only database of a connection, under the name that DuckDB gives to such a file."""
        connection.register_filesystem(_OneDatabase(self._files))
        # The database in memory that each connection begins with may have the name that the file needs.
        spare = sql_name("orrery.begin", "duckdb")
        plain = Path(self.path).name.partition(".")[0] or "database"
        name = sql_name(f"{plain}_db" if plain.lower() in _RESERVED else plain, "duckdb")
        connection.execute(f"ATTACH ':memory:' AS {spare}")
        connection.execute(f"USE {spare}")
        connection.execute("DETACH memory")
        connection.execute(f"ATTACH '{SCHEME}://{_NAME}' AS {name} (READ_ONLY)")
        connection.execute(f"USE {name}")
        connection.execute(f"DETACH {spare}")

    def close(self) -> None:
        """Give the file back."""
        for number in self._files.values():
            os.close(number)
        self._files.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _: type[BaseException] | None,
        __: BaseException | None,
        ___: TracebackType | None,
    ) -> None:
        self.close()


def close_doors(connection: duckdb.DuckDBPyConnection, directories: Sequence[str] = ()) -> None:
    """Let a connection open nothing any more but what it has open, and what is in some directories; for good."""
    listed = ", ".join(sql_text(name) for name in directories)
    connection.execute(f"SET allowed_directories = [{listed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _share(number: int) -> None:
    """Keep programs that write away from a file, where the system has such locks."""
    with suppress(ImportError):
        locks = import_module("fcntl")
        locks.lockf(number, locks.LOCK_SH | locks.LOCK_NB)


class _Handle(io.RawIOBase):
    """A file that is read at any place, by threads that each have a place of their own."""

    def __init__(self, number: int, lock: threading.Lock) -> None:
        super().__init__()
        self._number = number
        self._lock = lock
        self._place = threading.local()

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """The place that is read next."""
        return int(getattr(self._place, "at", 0))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        begins: dict[int, Callable[[], int]] = {os.SEEK_CUR: self.tell, os.SEEK_END: self._size}
        begin = begins[whence]() if whence in begins else 0
        self._place.at = max(0, begin + offset)
        return self.tell()

    def _size(self) -> int:
        return os.fstat(self._number).st_size

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        begin = self.tell()
        left = self._size() - begin if size < 0 else size
        pieces: list[bytes] = []
        with self._lock:
            os.lseek(self._number, begin, os.SEEK_SET)
            while left > 0 and (piece := os.read(self._number, left)):
                pieces.append(piece)
                left -= len(piece)
        self._place.at = begin + sum(map(len, pieces))
        return b"".join(pieces)


class _OneDatabase(AbstractFileSystem):  # type: ignore[misc]
    """A file system that holds one database and its log, and that only reads."""

    protocol = SCHEME
    cachable = False

    def __init__(self, files: dict[str, int]) -> None:
        super().__init__()
        self._files = files
        self._lock = threading.Lock()

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        return path

    def _number(self, path: str) -> int:
        suffix = path.removeprefix(f"{SCHEME}://").removeprefix(_NAME)
        if suffix not in self._files:
            raise FileNotFoundError(path)
        return self._files[suffix]

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """What is known of a file."""
        size = os.fstat(self._number(path)).st_size
        return {"name": path, "size": size, "type": "file"}

    def exists(self, path: str, **_: Any) -> bool:
        """Whether it is one of the two."""
        try:
            self._number(path)
        except FileNotFoundError:
            return False
        return True

    def glob(self, path: str, **_: Any) -> list[str]:
        """The file itself."""
        return [path] if self.exists(path) else []

    def modified(self, path: str) -> datetime:
        """The same for all: nothing of a file is cached from statement to statement."""
        return _FIXED

    def _open(self, path: str, mode: str = "rb", **_: Any) -> _Handle:
        if mode != "rb":
            raise PermissionError("a database that is only read is not written")
        return _Handle(self._number(path), self._lock)
