"""Events of a worker, folded into a run."""

from __future__ import annotations

from datetime import UTC, datetime

from orrery_engine.client.run_state import RunState
from orrery_engine.client.snapshots import needs_seconds, snapshot_name
from orrery_engine.schemas import Options, Run, SourceIn, Task, WorkerEvent

CHECK = {"check": {"code": "unique", "column": "a"}, "passed": False, "message": "no"}
ALERT = {
    "id": "constant:0",
    "code": "constant",
    "level": "info",
    "columns": [0],
    "names": ["a"],
    "message": "m",
    "evidence": "e",
}


def state_of(task: Task) -> RunState:
    source = SourceIn(kind="file", location="/x", name="x")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    run = Run(
        id="0" * 32,
        task=task,
        source=source,
        options=Options(),
        by="ada",
        state="running",
        created=now,
    )
    return RunState(run)


def column(index: int) -> dict[str, object]:
    return {"index": index, "name": str(index), "type": "integer", "dtype": "int64"}


def apply(state: RunState, **event: object) -> None:
    state.apply(WorkerEvent.model_validate(event))


def test_comparisons_and_checks_are_counted() -> None:
    state = state_of("comparison")
    comparison = {"rows_after": 3, "alerts": [ALERT, ALERT], "drifts": []}
    apply(state, event="comparison", comparison=comparison)
    apply(state, event="columns", side="against", columns=[column(0)])
    apply(state, event="columns", columns=[column(1), column(0)])
    assert (state.run.rows, state.run.alerts) == (3, 2)
    result = state.run_result()
    assert [known.index for known in result.columns.items] == [0, 1]
    assert len(result.against) == 1
    state = state_of("checks")
    apply(state, event="checks", checks={"name": "s", "rows": 5, "results": [CHECK]})
    assert (state.run.failing, state.run.rows) == (1, 5)


def test_progress_never_goes_back_and_a_change_is_a_revision() -> None:
    state = state_of("profile")
    apply(state, event="progress", progress=0.5)
    before = state.run.revision
    apply(state, event="progress", progress=0.3)
    assert (state.run.progress, state.run.revision) == (0.5, before)
    apply(state, event="progress", progress=99.0)
    assert (state.run.progress, state.run.revision) == (1.0, before + 1)


def test_parts_that_are_known_are_left_out() -> None:
    state = state_of("profile")
    apply(state, event="overview", overview={"rows": 1, "columns": 1})
    known = state.run.revision
    apply(state, event="progress", progress=0.5)
    assert state.result(after=known).overview is None
    assert state.result(after=known - 1).overview is not None
    finished = state.finish("done")
    assert (finished.run.state, finished.run.progress, state.run.state) == ("done", 1.0, "running")
    assert [timing.stage for timing in finished.run.timings] == ["reading"]


def test_profiles_of_one_minute_are_told_apart() -> None:
    first = datetime(2026, 1, 1, 12, 30, 1, tzinfo=UTC)
    second = first.replace(second=2)
    assert needs_seconds(first, second)
    assert not needs_seconds(first, None)
    assert not needs_seconds(first, first.replace(minute=31))
    assert snapshot_name("a", first, seconds=False) == "a, 2026-01-01 12:30 UTC"
    assert snapshot_name("a", first, seconds=True) == "a, 2026-01-01 12:30:01 UTC"
