"""The engine's worker for many runs of one test file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from orrery_engine.client.blocking import BlockingWorker
from orrery_engine.client.events import EventReader, is_last
from orrery_engine.schemas import Job, WorkerEvent


class _LastingWorker(BlockingWorker):
    """A worker that does job after job; nobody watches over its limits."""

    def work(self, job: Job, listen: Callable[[WorkerEvent], None]) -> None:
        listen(self._read(job, EventReader(), listen))


class Engine:
    """Does what ``orrery_engine.client.blocking.work`` does, in one process instead of one for each job."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._worker: _LastingWorker | None = None

    def work(self, _scratch: Path, job: Job, listen: Callable[[WorkerEvent], None]) -> WorkerEvent:
        """Do a job; gives the last event."""
        if self._worker is None:
            self._worker = _LastingWorker(self._scratch)
        last: list[WorkerEvent] = []
        self._worker.work(job, lambda event: (last.append if is_last(event) else listen)(event))
        return last[-1]

    def close(self) -> None:
        """End the process."""
        if self._worker is not None:
            self._worker.__exit__()
