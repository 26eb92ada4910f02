"""A run while its worker is at it: every event of the worker folded into what is known so far."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from orrery_engine.columns import LazyColumn, LazyColumns
from orrery_engine.run_result import RunResult
from orrery_engine.schemas import Failure, Result, Run, Stage, State, Timing, WorkerEvent
from orrery_wire.errors import Invalid

_PARTS = ("overview", "comparison", "checks")
_MAX_REPORT_BYTES = 256 * 2**20


class RunState:
    """What is known of a run; each change makes a new revision of ``run``."""

    def __init__(self, run: Run) -> None:
        self._result = RunResult(run=run)
        self._columns: dict[str, dict[int, LazyColumn]] = {"source": {}, "against": {}}
        self._parts_revision = 0
        self._stage_start = monotonic()
        self.report_path = ""

    @property
    def run(self) -> Run:
        """The run as it is now."""
        return self._result.run

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.run.state not in ("queued", "running")

    def run_result(self) -> RunResult:
        """Everything that is known so far."""
        return replace(
            self._result, columns=self._sorted("source"), against=self._sorted("against")
        )

    def result(self, after: int = -1) -> Result:
        """The result without columns, and without the parts that have not changed since revision ``after``."""
        if after >= self._parts_revision and not self.is_over:
            return replace(self._result, overview=None, comparison=None, checks=None).result()
        return self._result.result()

    def start(self) -> None:
        """Mark the run as running, and begin to measure its first stage."""
        self._stage_start = monotonic()
        self.update(state="running", waiting=0)

    def update(self, **fields: object) -> None:
        """Change fields of the run, as a new revision."""
        self.set_run(self.run.model_copy(update={**fields, "revision": self.run.revision + 1}))

    def set_run(self, run: Run) -> None:
        """Take a run in place of the one that was."""
        self._result = replace(self._result, run=run)

    def apply(self, event: WorkerEvent) -> None:
        """Fold an event in."""
        fields: dict[str, object] = {}
        if event.progress is not None and event.progress > self.run.progress:
            fields["progress"] = min(1.0, event.progress)
        if event.stage is not None and event.stage != self.run.stage:
            fields |= self._enter_stage(event.stage)
        if event.path:
            self.report_path = event.path
        columns = self._columns[event.side]
        columns.update((column.index, LazyColumn.of(column)) for column in event.columns)
        parts = {name: part for name in _PARTS if (part := getattr(event, name)) is not None}
        fields |= _counts(event)
        self._result = replace(self._result, **parts)
        if parts:
            self._parts_revision = self.run.revision + 1
        if fields or event.columns or parts:
            self.update(**fields)

    def finish(self, state: State, error: Failure | None = None) -> RunResult:
        """Everything, with the run as it is when nothing more comes; ``run`` itself does not change yet."""
        run = self.run
        fields = {
            **self._enter_stage("finished"),
            "state": state,
            "error": error,
            "finished": datetime.now(UTC),
            "waiting": 0,
            "progress": 1.0 if state == "done" else run.progress,
            "revision": run.revision + 1,
        }
        return replace(self.run_result(), run=run.model_copy(update=fields))

    def report_file(self, scratch: Path) -> Path | None:
        """The file of the full report, if the worker has written one.

        Raises:
            Invalid: it lies outside the worker's scratch folder, or is too large.
        """
        if not self.report_path:
            return None
        path = Path(scratch, self.report_path).resolve()
        if not path.is_relative_to(scratch.resolve()) or not path.is_file():
            raise Invalid(
                "The worker named a report that is not there",
                reason="A report lies in the worker's own folder.",
                remedy="Run it again; if it stays so, report it.",
            )
        size = path.stat().st_size
        if size > _MAX_REPORT_BYTES:
            raise Invalid(
                "The report is too large to be kept",
                reason=f"It has {size:,} bytes; the limit is {_MAX_REPORT_BYTES:,}.",
                remedy="Choose fewer columns, or a sample.",
            )
        return path

    def _enter_stage(self, stage: Stage) -> dict[str, object]:
        now = monotonic()
        timing = Timing(stage=self.run.stage, seconds=round(now - self._stage_start, 4))
        self._stage_start = now
        return {"stage": stage, "timings": (*self.run.timings, timing)}

    def _sorted(self, side: str) -> LazyColumns:
        return LazyColumns(column for _, column in sorted(self._columns[side].items()))


def _counts(event: WorkerEvent) -> dict[str, object]:
    """What the list of runs shows of a result."""
    if event.overview is not None:
        overview = event.overview
        return {
            "columns": overview.columns,
            "alerts": len(overview.alerts),
            "rows": overview.rows,
            "sampling": overview.sampling,
        }
    if event.comparison is not None:
        return {"alerts": len(event.comparison.alerts), "rows": event.comparison.rows_after}
    if event.checks is not None:
        failing = sum(not result.passed for result in event.checks.results)
        return {"failing": failing, "rows": event.checks.rows}
    return {}
