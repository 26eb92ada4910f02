"""DuckDB as a reader: its limits, and how rows are written within limits of time and room."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orrery_engine import plain_words
from orrery_engine.quoting import sql_text
from orrery_engine.schemas import Job

# What DuckDB says of a file that is not what it was taken for.
REFUSALS = (
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.IOException,
)
_CUT_CELLS = (20_000_000, 2_000_000, 100_000)
_SPARE = 256 * 2**20
_NO_EXTENSIONS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}


class Instance:
    """One DuckDB in its cage for all that a reader asks of it: to start another takes 25 ms of processor time.

    It opens the job's files and what lies in the scratch folder, and loads nothing from elsewhere.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._links: list[Path] = []
        self._root: duckdb.DuckDBPyConnection | None = None

    def connected(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own; what is registered with it is not seen by others."""
        links = self._linked()
        if self._root is None or links != self._links:
            # Its cage is locked: what was linked since then, only a new one opens.
            self.close()
            self._root, self._links = self._started(links), links
        return self._root.cursor()

    def close(self) -> None:
        """Let go of its memory; the next connection starts it again."""
        if self._root is not None:
            self._root.close()
            self._root = None

    def _linked(self) -> list[Path]:
        """Readers reach files of elsewhere through links in the scratch folder; DuckDB follows them before it judges."""
        return sorted(
            item.resolve() for item in Path(self._job.scratch).iterdir() if item.is_symlink()
        )

    def _started(self, links: Sequence[Path]) -> duckdb.DuckDBPyConnection:
        scratch = Path(self._job.scratch)
        config = {
            "memory_limit": f"{max(self._job.memory // 3, 256 * 2**20) // 2**20}MiB",
            "temp_directory": str(scratch / "spill"),
            "threads": "2",
            "preserve_insertion_order": "true",
        }
        return caged([scratch.resolve()], links, config)


def caged(
    folders: Sequence[Path], files: Sequence[Path], config: Mapping[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    """DuckDB that opens nothing but some folders and files, no extension and no address, and cannot be talked into it."""
    connection = duckdb.connect(config={**(config or {}), **_NO_EXTENSIONS})
    for name, paths in (("allowed_directories", folders), ("allowed_paths", files)):
        listed = ", ".join(sql_text(str(path)) for path in paths)
        connection.execute(f"SET {name} = [{listed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


@contextmanager
def as_default(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let code that names no connection work with this one; it is closed afterwards."""
    before = duckdb.default_connection()
    duckdb.set_default_connection(connection)
    try:
        yield
    finally:
        duckdb.set_default_connection(before)
        connection.close()


def copied(connection: duckdb.DuckDBPyConnection, query: str, out: Path, seconds: float) -> bool:
    """Write the rows; false if it was stopped because of the time or the room, on the disk or in memory."""
    return _stopped(connection, query, out, seconds) is None


def copy_first(
    connection: duckdb.DuckDBPyConnection, query: str, out: Path, seconds: float, width: int
) -> None:
    """Write the first rows, so few at last that they can be read in the time and the memory.

    Raises:
        TimeoutError: not even these can, because of the time.
        duckdb.OutOfMemoryException: because of the memory.
    """
    problem: Exception | None = None
    for cells in _CUT_CELLS:
        limit = max(1_000, cells // max(1, width))
        cut = f"SELECT * FROM ({query}) LIMIT {limit}"  # noqa: S608 - the query is ours
        problem = _stopped(connection, cut, out, seconds)
        if problem is None:
            return
    if isinstance(problem, duckdb.OutOfMemoryException):
        raise problem
    raise TimeoutError("not even the first rows could be read within the budget of time")


def _stopped(
    connection: duckdb.DuckDBPyConnection, query: str, out: Path, seconds: float
) -> Exception | None:
    """Write the rows; what stopped it, if the time or the room did, and then nothing is written."""
    stopped = threading.Event()

    def stop() -> None:
        stopped.set()
        connection.interrupt()

    watch = _Watch(out.parent, seconds, stop)
    watch.start()
    try:
        connection.execute(f"COPY ({query}) TO {sql_text(str(out))} (FORMAT parquet)")
    except duckdb.InterruptException as problem:
        out.unlink(missing_ok=True)
        if not stopped.is_set():
            raise
        return problem
    except duckdb.OutOfMemoryException as problem:
        out.unlink(missing_ok=True)
        plain_words.log(problem)
        return problem
    finally:
        watch.over.set()
        watch.join()
    return None


class _Watch(threading.Thread):
    """Stops a copy when the time is over or the disk is nearly full."""

    def __init__(self, folder: Path, seconds: float, stop: Callable[[], None]) -> None:
        super().__init__(daemon=True, name="copy watch")
        self.over = threading.Event()
        self._folder, self._left, self._stop = folder, seconds, stop

    def run(self) -> None:
        while not self.over.wait(0.2):
            self._left -= 0.2
            if self._left <= 0 or shutil.disk_usage(self._folder).free < _SPARE:
                self._stop()
                return
