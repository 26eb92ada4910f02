"""A worker process for callers without an event loop: one job, then it is gone."""

from __future__ import annotations

import logging
import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from orrery_engine.client import limits, process
from orrery_engine.client.events import EventReader, OutputTooLarge, is_last
from orrery_engine.schemas import Failure, Job, WorkerEvent
from orrery_wire.errors import BackendUnavailable

_LAST_ERRORS = 2_000
_LOG = logging.getLogger("orrery")


def work(scratch: Path, job: Job, listen: Callable[[WorkerEvent], None]) -> WorkerEvent:
    """Do a job in a worker that ends with it, and in a fresh one if that hangs; gives the last event.

    Args:
        scratch: the folder of the workers.
        job: what to do.
        listen: called with every other event.
    """
    last, is_hung = _try(scratch, job, listen)
    if is_hung:
        _LOG.warning("orrery: a worker stopped answering and was ended; a fresh one takes its job")
        last, _ = _try(scratch, job, listen)
    return last


def _try(
    scratch: Path, job: Job, listen: Callable[[WorkerEvent], None]
) -> tuple[WorkerEvent, bool]:
    """The last event of a worker, and whether it hung."""
    last: list[WorkerEvent] = []
    with BlockingWorker(scratch, full=job.task == "report") as worker:
        worker.work(job, lambda event: (last.append if is_last(event) else listen)(event))
    return last[-1], worker.is_hung


class BlockingWorker:
    """The process, as a context: it is killed with its children when that ends, however it ends."""

    def __init__(
        self, scratch: Path, *, full: bool = False, command: tuple[str, ...] = process.COMMAND
    ) -> None:
        self._errors = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - closed with the process
        self._failure: Failure | None = None
        self._over = threading.Event()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this Python, and arguments of ours
                process.arguments(command, full=full),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                cwd=scratch,
                env=process.environment(),
                start_new_session=True,
            )
        except OSError as problem:
            self._errors.close()
            raise BackendUnavailable(
                "No worker process can be started",
                reason=f"The system says: {problem.strerror}.",
                remedy="Close what needs much memory, and try again.",
            ) from problem
        self.memory = limits.ProcessMemory(self._process.pid)
        self._silence = limits.Silence(self._process.pid)

    @property
    def is_hung(self) -> bool:
        """Whether it was killed because it had stopped answering: a fresh one may do better."""
        return self._failure is limits.HUNG

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._process.poll() is None:
            process.kill(self._process.pid)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def work(self, job: Job, listen: Callable[[WorkerEvent], None]) -> None:
        """Do a job and pass its events on; the last one is ``done`` or ``failed``, whatever happens."""
        threading.Thread(target=self._watch, args=(job,), daemon=True, name="limits").start()
        reader = EventReader()
        try:
            last = self._read(job, reader, listen)
        except OutputTooLarge:
            last = WorkerEvent(event="failed", error=limits.too_much_output())
        finally:
            reader.close()
        listen(last)

    def _read(
        self, job: Job, reader: EventReader, listen: Callable[[WorkerEvent], None]
    ) -> WorkerEvent:
        """Pass events on until the last one, which is returned."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("a worker has no pipes")
        with suppress(BrokenPipeError):
            stdin.write(job.model_dump_json().encode() + b"\n")
            stdin.flush()
        while line := stdout.readline(limits.MAX_LINE_BYTES + 1):
            self._silence.end()
            event = reader.parse(line)
            if event is not None and is_last(event):
                return event
            if event is not None:
                listen(event)
        code = self._process.wait()
        return WorkerEvent(event="failed", error=self._failure or self._died(code))

    def _died(self, code: int) -> Failure:
        size = self._errors.seek(0, 2)
        self._errors.seek(max(0, size - _LAST_ERRORS))
        return limits.died(code, self.memory.peak, self._errors.read())

    def _watch(self, job: Job) -> None:
        """Kill the process when it exceeds a limit, and remember why."""
        bounds = limits.JobLimits(job, self.memory, self._silence)
        while not self._over.wait(limits.WATCH_SECONDS):
            self._failure = bounds.exceeded()
            if self._failure is not None:
                process.kill(self._process.pid)
                return
