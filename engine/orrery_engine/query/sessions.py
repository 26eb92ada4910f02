"""Sessions with databases: with a server from this process, with a file from one that may be killed by what is in the file."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

from orrery_engine.catalog import sessions
from orrery_engine.catalog.sessions import Row, Session
from orrery_engine.catalog.spec import DatabaseSpec, Password
from orrery_engine.client import process
from orrery_engine.lazy import LazyModule
from orrery_engine.preview import frames
from orrery_wire.errors import BackendUnavailable, Cancelled, OrreryError, TimedOut

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = LazyModule("pyarrow")

_MODULE = "orrery_engine.query.file_worker"
# For the start of the process, and for a library that does not keep to its limit by itself.
_GRACE_SECONDS = 20.0


def open_session(spec: DatabaseSpec, password: Password) -> Session:
    """A connection.

    Raises:
        OrreryError: it cannot be made; the words say why.
    """
    if spec.kind in ("sqlite", "duckdb"):
        return FileSession(spec)
    return sessions.open_session(spec, password)


class FileSession:
    """A file of SQLite or DuckDB, open in a process of its own; that is killed to cancel what it does."""

    def __init__(self, spec: DatabaseSpec) -> None:
        self._spec = spec
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_cancelled = threading.Event()
        self._is_late = threading.Event()
        self._ask(None)

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a statement of ours; parameters are `?`."""
        answer, _ = self._ask(
            {"ask": "rows", "statement": statement, "parameters": list(parameters)}
        )
        return [tuple(row) for row in answer["rows"]]

    def table(self, statement: str, limit: int) -> pa.Table:
        """The first rows of a statement, as Arrow."""
        _, blobs = self._ask({"ask": "table", "statement": statement, "limit": limit})
        return pa.ipc.open_stream(pa.py_buffer(blobs[0])).read_all()

    def cancel(self) -> None:
        """End the statement that runs, with its process."""
        self._is_cancelled.set()
        self._kill()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _ask(self, question: Mapping[str, Any] | None) -> tuple[dict[str, Any], list[memoryview]]:
        """The answer of the process; none is asked when only the file is to be opened."""
        with self._lock:
            self._is_cancelled.clear()
            self._is_late.clear()
            timer = threading.Timer(self._spec.seconds + _GRACE_SECONDS, self._stop_late)
            timer.daemon = True
            timer.start()
            try:
                if self._process is None or self._process.poll() is not None:
                    self._open()
                return self._exchange(question) if question is not None else ({}, [])
            except (OSError, ValueError) as problem:
                self._end()
                raise self._words() from problem
            finally:
                timer.cancel()

    def _open(self) -> None:
        """A fresh process that has the file open."""
        self._end()
        self._process = self._start()
        try:
            self._exchange({"spec": asdict(self._spec)})
        except OrreryError:
            self._end()
            raise

    def _exchange(self, message: Mapping[str, Any]) -> tuple[dict[str, Any], list[memoryview]]:
        stdin, stdout = self._pipes()
        for piece in frames.pack(message):
            stdin.write(piece)
        stdin.flush()
        answer = frames.receive(stdout.read)
        if answer is None:
            raise frames.FrameError("the process has ended")
        if "error" in answer[0]:
            raise OrreryError.from_body(answer[0]["error"])
        return answer

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None or self._process.stdin is None or self._process.stdout is None:
            raise frames.FrameError("there is no process")
        return self._process.stdin, self._process.stdout

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603 - this Python, and arguments of ours
                [sys.executable, "-P", "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=process.bare_environment(),
                start_new_session=True,
            )
        except OSError as problem:
            raise BackendUnavailable(
                "No worker process can be started",
                reason=f"The system says: {problem.strerror}.",
                remedy="Close what needs much memory, and try again.",
            ) from problem

    def _stop_late(self) -> None:
        self._is_late.set()
        self._kill()

    def _kill(self) -> None:
        child = self._process
        if child is not None and child.poll() is None:
            process.kill(child.pid)

    def _end(self) -> None:
        child, self._process = self._process, None
        if child is None:
            return
        if child.poll() is None:
            process.kill(child.pid)
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _words(self) -> OrreryError:
        if self._is_cancelled.is_set():
            return Cancelled("The statement was cancelled")
        if self._is_late.is_set():
            return TimedOut("The statement took longer than it may", remedy="Ask for less.")
        return BackendUnavailable(
            f'The process that read "{self._spec.database.rpartition("/")[2]}" has ended',
            reason="The file is damaged, or what it holds needs more memory than there is.",
            remedy="Try again, or open it with the program that wrote it.",
        )
