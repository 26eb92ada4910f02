"""Runs without a lab: the engine's worker is a process of this one, through the same client as the server's.

Imported when a run is done: the shapes of the engine bring pydantic, which neither the magics nor the commands need.
"""

from __future__ import annotations

import getpass
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from orrery_engine import checks, memory, report
from orrery_engine.client import blocking
from orrery_engine.client.process import require_packages
from orrery_engine.client.run_state import RunState
from orrery_engine.client.snapshots import write_snapshot
from orrery_engine.resolve import resolve
from orrery_engine.run_result import RunResult
from orrery_engine.schemas import Job, Run, RunIn, WorkerEvent
from orrery_kernels.eda.progress import OnProgress, no_progress
from orrery_kernels.eda.views import ProfileData
from orrery_kernels.errors import RunFailed
from orrery_wire.common_errors import invalid_fields
from orrery_wire.errors import OrreryError
from orrery_wire.types.eda import ChecksFormat, ColumnProfile, ReportFormat
from orrery_wire.types.eda import RunIn as TypedRunIn


@dataclass(frozen=True)
class LocalRun:
    """A finished run of this process."""

    run_result: RunResult
    page: str = ""

    def data(self) -> ProfileData:
        """The result and its columns, as the server answers with them."""
        columns = [column.model_dump(mode="json") for column in self.run_result.columns]
        return cast(
            "ProfileData",
            {"result": self.run_result.result().model_dump(mode="json"), "columns": columns},
        )

    def render(self, form: ReportFormat, brief: bool) -> str:
        """The report in a format; of the full report its own page."""
        if form == "html" and self.page:
            return self.page
        result = self.run_result
        return report.render(result.result(), result.columns, form, brief=brief).content

    def checks(self, form: ChecksFormat) -> str:
        """The checks that the profile suggests, in a format.

        Raises:
            Invalid: there is no profile.
        """
        result = self.run_result
        return checks.from_profile(result.run, result.overview, result.columns, form).content


@dataclass(frozen=True)
class Snapshot:
    """A kept profile that a comparison takes in place of a table; ``columns`` are JSON objects."""

    name: str
    rows: int | None
    columns: list[ColumnProfile]


def run(
    request: TypedRunIn,
    on_progress: OnProgress = no_progress,
    before: Snapshot | None = None,
    after: Snapshot | None = None,
) -> LocalRun:
    """Do a run in a worker that ends with it.

    Args:
        request: as the server takes it.
        on_progress: called with the run whenever it has changed.
        before: a kept profile that is compared with.
        after: a kept profile that is compared, in place of the source.

    Raises:
        BackendUnavailable: a library that the engine needs is not installed.
        RunFailed: it ended without a result; ``code`` says why.
        Invalid, NotFound: the source cannot be read here.
    """
    with tempfile.TemporaryDirectory(prefix="orrery-eda-") as folder:
        scratch = Path(folder)
        run_in = _parse(request)
        state = RunState(Run.of(run_in, by=_user(), state="running"))
        job = _job(run_in, state.run.id, scratch, before, after)
        with _run_errors():
            _work(job, state, scratch, on_progress)
            file = state.report_file(scratch)
        page = file.read_text(encoding="utf-8") if file else ""
        return LocalRun(state.finish("done"), page)


def _work(job: Job, state: RunState, scratch: Path, on_progress: OnProgress) -> None:
    """Fold the events of the worker into the state until the job is done.

    Raises:
        RunFailed: it is not.
    """

    def listen(event: WorkerEvent) -> None:
        state.apply(event)
        run = state.run
        on_progress(
            {
                "state": run.state,
                "stage": run.stage,
                "progress": run.progress,
                "waiting": run.waiting,
            }
        )

    last = blocking.work(scratch, job, listen)
    if last.event == "failed":
        error = last.error
        raise RunFailed.from_body(error.model_dump() if error else {"message": "The run failed"})


def _parse(request: TypedRunIn) -> RunIn:
    require_packages()
    try:
        return RunIn.model_validate(request)
    except ValidationError as problem:
        raise invalid_fields((error["loc"], error["msg"]) for error in problem.errors()) from None


def _job(
    request: RunIn, id: str, scratch: Path, before: Snapshot | None, after: Snapshot | None
) -> Job:
    against = request.against if before is None else None
    return Job(
        id=id,
        task=request.task,
        source=None if after else resolve(request.source),
        against=resolve(against) if against else None,
        before_profile=_write(before, scratch / "before.json"),
        after_profile=_write(after, scratch / "after.json"),
        suite=request.suite,
        options=request.options,
        memory=memory.share(),
        scratch=str(scratch),
    )


def _write(snapshot: Snapshot | None, path: Path) -> str:
    if snapshot is None:
        return ""
    columns = (json.dumps(column).encode() for column in snapshot.columns)
    write_snapshot(path, snapshot.name, snapshot.rows, columns)
    return str(path)


@contextmanager
def _run_errors() -> Iterator[None]:
    """Raise the engine's errors as the end of a run."""
    try:
        yield
    except OrreryError as problem:
        raise RunFailed.from_body(problem.body()) from None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
