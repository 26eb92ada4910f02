"""Runs that are under way: a queue, what is known of each so far, and who waits for more."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from orrery_server.eda.backends.base import Found, ReportBackend
from orrery_server.eda.schemas import (
    ColumnProfile,
    Failure,
    Job,
    News,
    Result,
    Run,
    RunIn,
    Stage,
    Timing,
)
from orrery_server.eda.workers import Workers, failure
from orrery_server.errors import OrreryError, TooMany

Prepare = Callable[[str, Path], Awaitable[Job]]

_MOST_WAITING = 200


class Live:
    """A run in this server, from the question until what it found is kept."""

    def __init__(self, run: Run) -> None:
        self._found = Found(run=run)
        self._columns: dict[str, dict[int, ColumnProfile]] = {"source": {}, "against": {}}
        self._news = asyncio.Event()
        self._stage_began = monotonic()
        self.report = ""
        self.task: asyncio.Task[None] | None = None

    @property
    def run(self) -> Run:
        """The run as it is now."""
        return self._found.run

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.run.state not in ("queued", "running")

    def found(self) -> Found:
        """Everything that is known so far."""
        return self._found.model_copy(
            update={"columns": self._sorted("source"), "against": self._sorted("against")}
        )

    def result(self) -> Result:
        """The same without the columns."""
        return result_of(self._found)

    def change(self, **fields: object) -> None:
        """Change the run and wake who waits."""
        run = self.run.model_copy(update={**fields, "revision": self.run.revision + 1})
        self._found = self._found.model_copy(update={"run": run})
        self._news.set()
        self._news = asyncio.Event()

    async def wait(self, after: int, seconds: float) -> None:
        """Until the revision is another than the known one, or the time is over."""
        if self.run.revision > after or self.over or seconds <= 0:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)

    def hear(self, news: News) -> None:
        """Take in what the worker says."""
        fields: dict[str, object] = {}
        if news.progress is not None:
            fields["progress"] = max(self.run.progress, news.progress)
        if news.stage is not None and news.stage != self.run.stage:
            fields |= self._next_stage(news.stage)
        if news.columns:
            known = self._columns[news.side]
            known.update((column.index, column) for column in news.columns)
        if news.overview is not None:
            told = news.overview
            fields |= {"columns": told.columns, "alerts": len(told.alerts)}
            fields |= {"rows": told.rows, "sampling": told.sampling}
        if news.comparison is not None:
            fields |= {"alerts": len(news.comparison.alerts)}
            fields |= {"rows": news.comparison.rows_after}
        if news.checks is not None:
            broken = sum(not one.passed for one in news.checks.results)
            fields |= {"failing": broken, "rows": news.checks.rows}
        if news.path:
            self.report = news.path
        given = {
            name: value
            for name in ("overview", "comparison", "checks")
            if (value := getattr(news, name)) is not None
        }
        self._found = self._found.model_copy(update=given)
        if fields or news.columns or given:
            self.change(**fields)

    def ended(self, state: str, error: Failure | None = None) -> Found:
        """Everything, as it is when nothing more comes; nobody is told yet."""
        run = self.run
        update = {
            **self._next_stage("finished"),
            "state": state,
            "error": error,
            "finished": datetime.now(UTC),
            "waiting": 0,
            "progress": 1.0 if state == "done" else run.progress,
            "revision": run.revision + 1,
        }
        return self.found().model_copy(update={"run": run.model_copy(update=update)})

    def close(self, run: Run) -> None:
        """Say that nothing more comes."""
        self._found = self._found.model_copy(update={"run": run})
        self._news.set()

    def _next_stage(self, stage: Stage) -> dict[str, object]:
        now = monotonic()
        took = Timing(stage=self.run.stage, seconds=round(now - self._stage_began, 4))
        self._stage_began = now
        return {"stage": stage, "timings": (*self.run.timings, took)}

    def _sorted(self, side: str) -> tuple[ColumnProfile, ...]:
        return tuple(one for _, one in sorted(self._columns[side].items()))


class Runs:
    """Every run of this server: at most ``most`` work at once, the others wait their turn."""

    def __init__(self, workers: Workers, store: ReportBackend, most: int) -> None:
        self._workers = workers
        self._store = store
        self._turns = asyncio.Semaphore(most)
        self._live: dict[str, Live] = {}
        self._waiting: list[str] = []

    def get(self, id: str) -> Live | None:
        """A run that is not kept yet, or could not be."""
        return self._live.get(id)

    def all(self) -> list[Run]:
        """Every such run."""
        return [one.run for one in self._live.values()]

    async def start(
        self,
        wanted: RunIn,
        prepare: Prepare,
        *,
        user: str,
        project: str,
        done: Callable[[Run], None],
    ) -> Run:
        """Put a run into the queue.

        Raises:
            TooMany: too many wait already.
        """
        if len(self._waiting) >= _MOST_WAITING:
            raise TooMany(
                "Too many runs wait already",
                reason=f"{len(self._waiting)} are in the queue.",
                remedy="Wait until some have ended, or cancel them.",
            )
        run = Run(
            id=uuid.uuid4().hex,
            task=wanted.task,
            source=wanted.source,
            against=wanted.against,
            options=wanted.options,
            parent=wanted.parent,
            project=project,
            by=user,
            state="queued",
            waiting=len(self._waiting),
            created=datetime.now(UTC),
        )
        await self._store.begin(run)
        live = Live(run)
        self._live[run.id] = live
        self._waiting.append(run.id)
        live.task = asyncio.create_task(self._follow(live, prepare, done))
        return live.run

    async def cancel(self, id: str) -> None:
        """Stop a run; its worker is gone when this returns."""
        live = self._live.get(id)
        if live is None or live.over or live.task is None:
            return
        live.task.cancel()
        await asyncio.wait({live.task})

    async def close(self) -> None:
        """Stop every run."""
        for one in list(self._live):
            await self.cancel(one)

    async def _follow(self, live: Live, prepare: Prepare, done: Callable[[Run], None]) -> None:
        """From the queue to the end, whichever it is."""
        try:
            async with self._turns:
                self._leave_queue(live)
                await self._work(live, prepare)
        except asyncio.CancelledError:
            await self._remember(live, "cancelled")
        except OrreryError as problem:
            await self._remember(live, "failed", failure(problem))
        finally:
            self._leave_queue(live)
            done(live.run)

    async def _work(self, live: Live, prepare: Prepare) -> None:
        live.change(state="running")
        full = live.run.task == "report"
        worker = await self._workers.take(full=full)
        try:
            job = await prepare(live.run.id, worker.scratch)
            last: list[News] = []

            def listen(news: News) -> None:
                if news.event in ("done", "failed"):
                    last.append(news)
                else:
                    live.hear(news)

            await worker.work(job, listen)
            live.change(peak=worker.peak)
            if last[-1].event == "failed":
                await self._remember(live, "failed", last[-1].error)
            else:
                await self._keep(live)
        finally:
            await worker.end()
            self._workers.warm()

    async def _keep(self, live: Live) -> None:
        """Keep what was found, then say that it is done: what is told to be there is there."""
        report = Path(live.report) if live.report else None
        kept = await self._store.keep(live.ended("done"), report)
        live.close(kept)
        self._live.pop(live.run.id, None)

    async def _remember(self, live: Live, state: str, error: Failure | None = None) -> None:
        """Keep a run that did not end well with what it had found; on a full disk this server alone knows it."""
        found = live.ended(state, error)
        run = found.run
        with suppress(OrreryError):
            if found.overview or found.columns:
                run = await self._store.keep(found)
            else:
                await self._store.begin(run)
            self._live.pop(run.id, None)
        live.close(run)

    def _leave_queue(self, live: Live) -> None:
        if live.run.id in self._waiting:
            self._waiting.remove(live.run.id)
            for place, one in enumerate(self._waiting):
                self._live[one].change(waiting=place)


def result_of(found: Found) -> Result:
    """What was found, without the columns."""
    return Result.model_construct(
        run=found.run,
        overview=found.overview,
        comparison=found.comparison,
        checks=found.checks,
    )
