"""The queue of runs: at most so many work at once, each ends in one clear state, and the others go on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from orrery_engine.client.pool import WorkerPool
from orrery_engine.client.worker import Worker
from orrery_engine.run_result import RunResult
from orrery_engine.schemas import Failure, Job, Run, RunIn, WorkerEvent
from orrery_server.eda.active_run import ActiveRun
from orrery_server.eda.backend import ReportBackend
from orrery_wire.errors import OrreryError, TooMany

Prepare = Callable[[str, Path], Awaitable[Job]]
Done = Callable[[Run], None]

_LOG = logging.getLogger("orrery")
_MAX_WAITING = 200
# How long who cancels waits for the process to be gone; it is killed at once, but much memory takes its time.
_CANCEL_SECONDS = 0.2


class RunQueue:
    """Every run of this server that is not over, and not kept."""

    def __init__(self, workers: WorkerPool, store: ReportBackend, most: int) -> None:
        self._workers = workers
        self._store = store
        self._turns = asyncio.Semaphore(most)
        self._active: dict[str, ActiveRun] = {}
        self._waiting: list[str] = []
        # A run that is kept is no longer known here, but its worker may still be on its way out.
        self._tasks: set[asyncio.Task[None]] = set()

    def get(self, id: str) -> ActiveRun | None:
        """A run that is queued, running, or could not be stored; None for any other."""
        return self._active.get(id)

    def all(self) -> list[Run]:
        """Every run that is queued, running, or could not be stored."""
        return [active.run for active in self._active.values()]

    async def start(
        self, request: RunIn, prepare: Prepare, *, user: str, project: str, done: Done
    ) -> Run:
        """Put a run into the queue.

        Raises:
            TooMany: too many wait already.
            StorageFull: it could not be noted that it was asked for.
        """
        if len(self._waiting) >= _MAX_WAITING:
            raise TooMany(
                "Too many runs wait already",
                reason=f"{len(self._waiting)} are in the queue.",
                remedy="Wait until some have ended, or cancel them.",
            )
        waiting = len(self._waiting)
        active = ActiveRun(
            Run.of(request, by=user, state="queued", project=project, waiting=waiting)
        )
        run_id = active.run.id
        self._active[run_id] = active
        self._waiting.append(run_id)
        try:
            await self._store.begin(active.run)
        except BaseException:
            self._leave_queue(active)
            del self._active[run_id]
            raise
        active.task = asyncio.create_task(self._follow(active, prepare, done))
        self._tasks.add(active.task)
        active.task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before it began would not clear up.
        await asyncio.sleep(0)
        return active.run

    async def cancel(self, id: str) -> None:
        """Stop a run. Its process is killed and it is told so when this returns; what is found already is kept."""
        active = self._active.get(id)
        if active is None or active.is_over or active.task is None:
            return
        if active.is_saving:
            await asyncio.wait({active.task})
            return
        if active.worker is not None:
            active.worker.kill()
        active.set_run(active.finish("cancelled").run)
        active.task.cancel()
        await asyncio.wait({active.task}, timeout=_CANCEL_SECONDS)

    async def forget(self, id: str) -> None:
        """Stop a run if need be, and know no more of it."""
        active = self._active.get(id)
        await self.cancel(id)
        if active is not None and active.task is not None:
            await asyncio.wait({active.task})
        self._active.pop(id, None)

    async def close(self) -> None:
        """Stop every run; the processes are gone when this returns."""
        await asyncio.gather(*(self.cancel(run_id) for run_id in list(self._active)))
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _follow(self, active: ActiveRun, prepare: Prepare, done: Done) -> None:
        """From the queue to the end, whichever it is; that nobody foresaw is told as well, and logged."""
        try:
            async with self._turns:
                self._leave_queue(active)
                await self._work(active, prepare)
        except asyncio.CancelledError:
            await self._remember(active, active.run_result())
        except OrreryError as problem:
            await self._fail(active, Failure.of(problem))
        finally:
            self._leave_queue(active)
            if not active.is_over:
                active.set_run(active.finish("failed", _UNFORESEEN).run)
            done(active.run)

    async def _work(self, active: ActiveRun, prepare: Prepare) -> None:
        active.start()
        full = active.run.task == "report"
        worker = await self._workers.take(full=full)
        try:
            last = await self._listen(active, worker, prepare)
            if worker.is_hung:
                _LOG.warning("orrery: a worker stopped answering; a fresh one takes its run")
                await worker.end()
                worker = await self._workers.take(full=full, fresh=True)
                last = await self._listen(active, worker, prepare)
            active.update(peak=worker.peak)
            worker.kill()
            if last.event == "failed":
                await self._fail(active, last.error or _UNFORESEEN)
            else:
                await self._keep(active, worker.scratch)
        finally:
            await worker.end()
            self._workers.warm()

    async def _listen(self, active: ActiveRun, worker: Worker, prepare: Prepare) -> WorkerEvent:
        """Let the worker do the run's job; gives its last word."""
        active.worker = worker
        job = await prepare(active.run.id, worker.scratch)
        last: list[WorkerEvent] = []

        def listen(event: WorkerEvent) -> None:
            if event.event in ("done", "failed"):
                last.append(event)
            else:
                active.apply(event)

        await worker.work(job, listen)
        return last[-1]

    async def _keep(self, active: ActiveRun, scratch: Path) -> None:
        """Store the result, then mark the run as done: a run that is done is stored."""
        active.is_saving = True
        report = await asyncio.to_thread(active.report_file, scratch)
        run = await self._store.keep(active.finish("done"), report)
        active.set_run(run)
        self._active.pop(active.run.id, None)

    async def _fail(self, active: ActiveRun, error: Failure) -> None:
        result = active.finish("failed", error)
        active.set_run(result.run)
        await self._remember(active, result)

    async def _remember(self, active: ActiveRun, result: RunResult) -> None:
        """Keep a run that did not end well with what it had found; on a full disk this server alone knows it."""
        with suppress(OrreryError):
            if result.overview or result.columns:
                active.set_run(await self._store.keep(result))
            else:
                await self._store.begin(result.run)
            self._active.pop(result.run.id, None)

    def _leave_queue(self, active: ActiveRun) -> None:
        if active.run.id in self._waiting:
            self._waiting.remove(active.run.id)
            for place, run_id in enumerate(self._waiting):
                self._active[run_id].update(waiting=place)


_UNFORESEEN = Failure(
    code="internal_error",
    message="The run failed in a way that nobody foresaw",
    reason="The server's log has the details.",
    remedy="Run it again; if it stays, report it.",
)
