"""What is known of a run while it is under way, and who waits for more."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic

from orrery_engine.columns import Columns, LazyColumn
from orrery_engine.schemas import Failure, Result, Run, Stage, State, Timing, WorkerEvent
from orrery_server.eda.backend import RunResult
from orrery_server.eda.workers import Worker

_LARGER = ("overview", "comparison", "checks")


class ActiveRun:
    """A run in this server, from the question until what it found is kept."""

    def __init__(self, run: Run) -> None:
        self._found = RunResult(run=run)
        self._columns: dict[str, dict[int, LazyColumn]] = {"source": {}, "against": {}}
        self._larger_since = 0
        self._news = asyncio.Event()
        self._stage_began = monotonic()
        self.report = ""
        self.keeping = False
        self.worker: Worker | None = None
        self.task: asyncio.Task[None] | None = None

    @property
    def run(self) -> Run:
        """The run as it is now."""
        return self._found.run

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.run.state not in ("queued", "running")

    def found(self) -> RunResult:
        """Everything that is known so far."""
        return replace(self._found, columns=self._sorted("source"), against=self._sorted("against"))

    def result(self, after: int = -1) -> Result:
        """The same without the columns, and without what was known at a revision already."""
        if after >= self._larger_since and not self.is_over:
            return replace(self._found, overview=None, comparison=None, checks=None).result()
        return self._found.result()

    def begin(self) -> None:
        """Its turn has come."""
        self._stage_began = monotonic()
        self.change(state="running", waiting=0)

    def change(self, **fields: object) -> None:
        """Change the run and wake who waits."""
        self._tell(self.run.model_copy(update={**fields, "revision": self.run.revision + 1}))

    async def wait(self, after: int, seconds: float) -> None:
        """Until there is a later revision than the known one, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.run.revision <= after and not self.is_over:
                    await self._news.wait()

    def apply(self, event: WorkerEvent) -> None:
        """Take in what the worker says."""
        fields: dict[str, object] = {}
        if event.progress is not None and event.progress > self.run.progress:
            fields["progress"] = min(1.0, event.progress)
        if event.stage is not None and event.stage != self.run.stage:
            fields |= self._next_stage(event.stage)
        if event.path:
            self.report = event.path
        known = self._columns[event.side]
        known.update((column.index, LazyColumn.of(column)) for column in event.columns)
        given = {name: said for name in _LARGER if (said := getattr(event, name)) is not None}
        fields |= _counted(event)
        self._found = replace(self._found, **given)
        if given:
            self._larger_since = self.run.revision + 1
        if fields or event.columns or given:
            self.change(**fields)

    def finished(self, state: State, error: Failure | None = None) -> RunResult:
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
        return replace(self.found(), run=run.model_copy(update=update))

    def close(self, run: Run) -> None:
        """Say that nothing more comes."""
        self._tell(run)

    def _tell(self, run: Run) -> None:
        self._found = replace(self._found, run=run)
        self._news.set()
        self._news = asyncio.Event()

    def _next_stage(self, stage: Stage) -> dict[str, object]:
        now = monotonic()
        took = Timing(stage=self.run.stage, seconds=round(now - self._stage_began, 4))
        self._stage_began = now
        return {"stage": stage, "timings": (*self.run.timings, took)}

    def _sorted(self, side: str) -> Columns:
        return Columns(one for _, one in sorted(self._columns[side].items()))


def _counted(event: WorkerEvent) -> dict[str, object]:
    """What a run says of its result in the list of runs."""
    if event.overview is not None:
        told = event.overview
        return {
            "columns": told.columns,
            "alerts": len(told.alerts),
            "rows": told.rows,
            "sampling": told.sampling,
        }
    if event.comparison is not None:
        return {"alerts": len(event.comparison.alerts), "rows": event.comparison.rows_after}
    if event.checks is not None:
        broken = sum(not one.passed for one in event.checks.results)
        return {"failing": broken, "rows": event.checks.rows}
    return {}
