"""The imports of this server: one runs at a time, goes on when nobody looks, and can be cancelled and undone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from logging import Logger
from typing import Any, Literal

from orrery_server.snippets.importer import Importer
from orrery_server.snippets.schemas import ImportJob, ImportProblem
from orrery_wire.errors import Conflict, NotFound, OrreryError, StorageFull

State = Literal["running", "cancelled", "done", "failed", "undoing", "undone"]

_REMEMBERED = 20
# How long a request waits: most imports are over by then, and need no second one.
_WAIT_SECONDS = 1.5
_BUSY = ("running", "undoing")


class _Job:
    def __init__(self, importer: Importer) -> None:
        self.importer = importer
        self.state: State = "running"
        self.error = ""
        self.undo_problems: list[ImportProblem] = []
        self.task: asyncio.Task[None] | None = None

    async def undo(self) -> None:
        """Take back what the import did.

        Raises:
            StorageFull: not all of it could be, and it may be tried again.
        """
        self.undo_problems = await self.importer.undo()
        if self.importer.has_changes:
            raise StorageFull(
                "Not all of the import could be undone",
                reason="The list says what stays and why. Undo it again when that has changed.",
            )

    @property
    def shape(self) -> ImportJob:
        importer = self.importer
        return ImportJob(
            id=importer.id,
            state=self.state,
            started=importer.started,
            done=importer.done,
            total=importer.total,
            report=None if self.state in _BUSY else importer.report,
            undo=tuple(self.undo_problems),
            error=self.error,
        )


class ImportJobs:
    """The last imports, newest first. ``on_end`` is told of each that has ended, and whether it was an undo."""

    def __init__(self, on_end: Callable[[Importer, bool], None], log: Logger) -> None:
        self._on_end = on_end
        self._log = log
        self._jobs: dict[str, _Job] = {}

    def all(self) -> tuple[ImportJob, ...]:
        """Every import that is remembered."""
        return tuple(job.shape for job in reversed(self._jobs.values()))

    def get(self, id: str) -> ImportJob:
        """One import; NotFound if it is not remembered."""
        return self._job(id).shape

    async def start(self, importer: Importer) -> ImportJob:
        """Begin an import, and wait a moment for its end.

        Raises:
            Conflict: another one is under way.
        """
        self._refuse_second()
        job = _Job(importer)
        self._jobs[importer.id] = job
        while len(self._jobs) > _REMEMBERED:
            del self._jobs[next(iter(self._jobs))]
        return await self._run(job, importer.run(), "done")

    async def undo(self, id: str) -> ImportJob:
        """Take back what an import did, and wait a moment for the end of that.

        Raises:
            Conflict: it runs, or there is nothing to take back.
        """
        job = self._job(id)
        self._refuse_second()
        if not job.importer.has_changes:
            raise Conflict(
                "There is nothing to undo",
                reason="The import added nothing, or was undone already.",
            )
        job.state = "undoing"
        return await self._run(job, job.undo(), "undone")

    async def cancel(self, id: str) -> ImportJob:
        """Stop an import, and wait until it has; what it saved stays. One that has ended stays as it is."""
        job = self._job(id)
        if job.state == "running" and job.task is not None:
            job.task.cancel()
            await asyncio.wait({job.task})
        return job.shape

    async def close(self) -> None:
        """Stop what runs."""
        tasks = {job.task for job in self._jobs.values() if job.task is not None}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self, job: _Job, work: Coroutine[Any, Any, None], good: State) -> ImportJob:
        job.task = asyncio.create_task(work)
        job.task.add_done_callback(lambda task: self._ended(job, task, good))
        await asyncio.wait({job.task}, timeout=_WAIT_SECONDS)
        return job.shape

    def _ended(self, job: _Job, task: asyncio.Task[None], good: State) -> None:
        problem = None if task.cancelled() else task.exception()
        if isinstance(problem, OrreryError):
            job.error = f"{problem.message}. {problem.reason}".strip()
        elif problem is not None:
            job.error = "It failed. The log of the server says why."
            self._log.error("orrery: an import failed", exc_info=problem)
        job.state = "cancelled" if task.cancelled() else "failed" if problem else good
        self._on_end(job.importer, good == "undone")

    def _job(self, id: str) -> _Job:
        job = self._jobs.get(id)
        if job is None:
            raise NotFound(
                "There is no such import",
                reason=f"The last {_REMEMBERED} since the server started are known.",
                remedy="Look at the list of imports.",
            )
        return job

    def _refuse_second(self) -> None:
        if any(job.state in _BUSY for job in self._jobs.values()):
            raise Conflict(
                "An import is under way",
                reason="Two at once would not know of each other's names.",
                remedy="Wait until it has ended, or cancel it.",
            )
