"""Worker processes under supervision: whatever they do, the run ends in one clear state and the rest goes on."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from pathlib import Path

import pytest

from orrery_engine.client import limits
from orrery_engine.schemas import Result
from orrery_server.eda.schemas import ColumnQuery, RunQuery, WatchQuery
from orrery_server.eda.service import EdaService
from orrery_wire.errors import NotFound
from tests.server.eda.serving import (
    STANDIN,
    begun,
    gone,
    pids,
    resident,
    serving,
    until_finished,
    wanted,
)
from tests.server.eda.standin import CANARY

MIB = 2**20


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "data.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    return folder


def test_one_that_does_well(root: Path) -> None:
    async def test(service: EdaService) -> None:
        result = await until_finished(service, await service.run(wanted("well")))
        run = result.run
        assert (run.state, run.stage, run.progress, run.error) == ("done", "finished", 1.0, None)
        assert (run.rows, run.columns, run.alerts) == (100, 20, 1)
        assert [one.stage for one in run.timings] == ["reading", "summary", "relations"]
        assert run.bytes > 0
        assert run.peak > MIB
        assert run.finished is not None
        assert (await service.columns(run.id, ColumnQuery())).total == 20

    serving(test, root)


def test_the_next_one_is_ready_before_it_is_asked_for(root: Path) -> None:
    async def test(service: EdaService) -> None:
        await service.list_runs(RunQuery())
        warm = service._workers._spare[False]
        pid = (await warm).pid
        assert not gone(pid)
        assert pids(await begun(service, "slow 0.3")) == [pid]

    serving(test, root)


def test_a_warm_one_that_died_is_replaced(root: Path) -> None:
    async def test(service: EdaService) -> None:
        await service.list_runs(RunQuery())
        spare = await service._workers._spare[False]
        spare.kill()
        await spare._process.wait()
        result = await until_finished(service, await service.run(wanted("well")))
        assert result.run.state == "done"
        assert not spare.scratch.exists()

    serving(test, root)


def test_a_warm_one_is_let_go_when_nobody_needs_it(root: Path) -> None:
    async def test(service: EdaService) -> None:
        await service.list_runs(RunQuery())
        spare = await service._workers._spare[False]
        for _ in range(200):
            if gone(spare.pid) and not spare.scratch.exists():
                break
            await asyncio.sleep(0.05)
        assert gone(spare.pid)
        assert not spare.scratch.exists()

    serving(test, root, idle_seconds=1.0)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("dies", "SIGKILL"),
        (f"signal {signal.SIGRTMIN + 6}", f"signal {signal.SIGRTMIN + 6}"),
        ("exits 3", "exit code was 3"),
        ("exits 0", "exit code was 0"),
    ],
)
def test_one_that_dies(root: Path, name: str, said: str) -> None:
    async def test(service: EdaService) -> None:
        other = await begun(service, "slow 0.5")
        result = await until_finished(service, await service.run(wanted(name)))
        error = result.run.error
        assert result.run.state == "failed"
        assert error is not None
        assert said in error.reason
        assert error.remedy
        assert (await until_finished(service, other)).run.state == "done"

    serving(test, root)


@pytest.mark.parametrize("name", ["hangs once", "hangs always"])
def test_one_that_hangs_is_replaced_once(
    root: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its budget is not waited for, and a hang is not told as a job that was too long."""
    monkeypatch.setattr(limits, "SILENT_SECONDS", 0.5)

    async def test(service: EdaService) -> None:
        began = time.monotonic()
        result = await until_finished(service, await service.run(wanted(name)))
        assert time.monotonic() - began < 20
        error = result.run.error
        if name == "hangs once":
            assert (result.run.state, error) == ("done", None)
        else:
            assert error is not None
            assert (error.code, "stopped answering" in error.message) == ("internal_error", True)

    serving(test, root)


def test_warm_ones_that_are_stopped_are_not_waited_for(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SILENT_SECONDS", 0.5)

    async def test(service: EdaService) -> None:
        await service.list_runs(RunQuery())
        spare = await service._workers._spare[False]
        os.kill(spare.pid, signal.SIGSTOP)
        result = await until_finished(service, await service.run(wanted("well")))
        assert result.run.state == "done"
        assert gone(spare.pid)
        assert not spare.scratch.exists()

    serving(test, root)


def test_a_silent_one_that_computes_is_left_alone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SILENT_SECONDS", 0.5)

    async def test(service: EdaService) -> None:
        result = await until_finished(service, await service.run(wanted("computes 2")))
        assert result.run.state == "done"

    serving(test, root)


def test_what_a_dead_one_had_found_stays(root: Path) -> None:
    async def test(service: EdaService) -> None:
        run = await service.run(wanted("dies"))
        await until_finished(service, run)
        await until_kept(service, run.id)
        result = await service.watch(run.id, WatchQuery())
        assert result.run.state == "failed"
        assert result.overview is not None
        assert result.overview.rows == 1

    serving(test, root)


async def until_kept(service: EdaService, run: str) -> None:
    for _ in range(500):
        if service._runs.get(run) is None:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it was never kept")


async def all_gone(result: Result) -> None:
    """A killed process needs a moment to give its memory back."""
    for _ in range(300):
        if all(gone(pid) for pid in pids(result)):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("a process is still there")


def test_one_that_fails_says_why(root: Path) -> None:
    async def test(service: EdaService) -> None:
        result = await until_finished(service, await service.run(wanted("fails")))
        error = result.run.error
        assert error is not None
        assert (error.code, error.message, error.reason, error.remedy) == (
            "invalid",
            "No",
            "Because",
            "Do so",
        )

    serving(test, root)


def test_what_is_no_event_is_logged_without_what_it_says(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(service: EdaService) -> None:
        result = await until_finished(service, await service.run(wanted("lies")))
        assert result.run.state == "done"
        assert result.run.progress == 1.0
        assert (await service.columns(result.run.id, ColumnQuery())).total == 3

    with caplog.at_level(logging.DEBUG):
        serving(test, root)
    assert "no event" in caplog.text
    assert "3 lines" in caplog.text
    assert CANARY not in caplog.text


@pytest.mark.parametrize("name", ["endless", "chatty"])
def test_one_that_says_too_much(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 4 * MIB)
    monkeypatch.setattr(limits, "MAX_OUTPUT_BYTES", 32 * MIB)

    async def test(service: EdaService) -> None:
        before = resident()
        result = await until_finished(service, await service.run(wanted(name)))
        error = result.run.error
        assert error is not None
        assert error.code == "too_large"
        assert "4 MiB" in error.reason
        assert resident() - before < 200 * MIB

    serving(test, root)


def test_one_that_eats_more_than_it_may(root: Path) -> None:
    """Fault 33: a clear message with both sizes, and the server lives."""

    async def test(service: EdaService) -> None:
        other = await begun(service, "slow 1")
        began = time.monotonic()
        result = await until_finished(service, await begun(service, "eats 400"))
        error = result.run.error
        assert error is not None
        assert error.code == "out_of_memory"
        assert "128 MiB" in error.reason
        assert "It held " in error.reason
        assert "sample" in error.remedy
        assert time.monotonic() - began < 30
        await all_gone(result)
        assert (await until_finished(service, other)).run.state == "done"

    serving(test, root, memory=128 * MIB)


def test_one_that_takes_too_long(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GRACE_SECONDS", 0.2)

    async def test(service: EdaService) -> None:
        run = await service.run(wanted("silent", options={"seconds": 0.3}))
        result = await until_finished(service, run)
        error = result.run.error
        assert error is not None
        assert (error.code, "0.3 seconds" in error.reason) == ("timed_out", True)

    serving(test, root)


def test_nobody_gets_more_time_than_there_is(root: Path) -> None:
    async def test(service: EdaService) -> None:
        run = await service.run(wanted("well", options={"seconds": 80_000}))
        assert run.options.seconds == 60
        await until_finished(service, run)

    serving(test, root, longest_seconds=60.0)


def test_cancelling_kills_it_with_its_children_and_its_files(root: Path) -> None:
    async def test(service: EdaService) -> None:
        """Bounds are generous: at rest it is told within 20 ms."""
        result = await begun(service, "stubborn")
        assert result.overview is not None
        scratch = Path(result.overview.notes[-1])
        assert (scratch / "spill").exists()
        waiting = asyncio.create_task(
            service.watch(result.run.id, WatchQuery(after=result.run.revision, wait=20))
        )
        await asyncio.sleep(0)
        began = time.monotonic()
        run = await service.cancel(result.run.id)
        told = await waiting
        took = time.monotonic() - began
        assert (run.state, told.run.state) == ("cancelled", "cancelled")
        assert took < 1.5
        await all_gone(result)
        await until_kept(service, run.id)
        assert not scratch.exists()
        assert time.monotonic() - began < 3
        assert (await service.cancel(run.id)).state == "cancelled"

    serving(test, root)


def test_a_run_that_waits_is_cancelled_without_a_worker(root: Path) -> None:
    async def test(service: EdaService) -> None:
        first = await begun(service, "silent")
        second = await service.run(wanted("well"))
        third = await service.run(wanted("well"))
        assert (second.waiting, third.waiting) == (0, 1)
        assert (await service.cancel(second.id)).state == "cancelled"
        assert (await service.watch(third.id, WatchQuery())).run.waiting == 0
        await service.cancel(first.run.id)
        assert (await until_finished(service, third)).run.state == "done"

    serving(test, root, workers=1)


def test_twenty_at_once_take_their_turns(root: Path) -> None:
    """Fault 34: never more than N workers; each of the others knows its place."""

    async def test(service: EdaService) -> None:
        runs = [await service.run(wanted("slow 0.1")) for _ in range(20)]
        most = 0
        ends = asyncio.gather(*(until_finished(service, run) for run in runs))
        while not ends.done():
            now = [(await service.watch(run.id, WatchQuery())).run for run in runs]
            most = max(most, sum(one.state == "running" for one in now))
            places = [one.waiting for one in now if one.state == "queued"]
            assert places == list(range(len(places)))
            await asyncio.sleep(0.02)
        assert all(result.run.state == "done" for result in await ends)
        assert most == 3
        order = [(await service.watch(run.id, WatchQuery())).run.finished for run in runs]
        assert order[:3] < order[-3:]

    serving(test, root, workers=3)


def test_a_run_with_its_files_goes_when_it_is_deleted(root: Path) -> None:
    async def test(service: EdaService) -> None:
        result = await begun(service, "silent")
        await service.delete(result.run.id)
        assert all(gone(pid) for pid in pids(result))
        with pytest.raises(NotFound):
            await service.watch(result.run.id, WatchQuery())
        assert (await service.list_runs(RunQuery())).total == 0

    serving(test, root)


def test_stopping_the_server_ends_every_worker(root: Path) -> None:
    found: list[int] = []

    async def test(service: EdaService) -> None:
        for _ in range(2):
            found.extend(pids(await begun(service, "stubborn")))
        await service.run(wanted("well"))

    began = time.monotonic()
    serving(test, root)
    assert time.monotonic() - began < 20
    assert len(found) >= 4
    assert all(gone(pid) for pid in found)


def test_stopping_waits_for_workers_of_runs_that_are_kept_already(root: Path) -> None:
    found: list[int] = []

    async def test(service: EdaService) -> None:
        result = await until_finished(service, await service.run(wanted("well")))
        found.extend(pids(result))

    serving(test, root)
    assert len(found) == 1
    assert all(gone(pid) for pid in found)


def test_a_worker_knows_nothing_that_opens_the_server(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN", "ORRERY_X", "JUPYTER_TOKEN"):
        monkeypatch.setenv(name, "opens-the-server")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "is-for-the-data")

    async def test(service: EdaService) -> None:
        result = await until_finished(service, await service.run(wanted("tells")))
        assert result.overview is not None
        told = " ".join(result.overview.notes)
        assert "opens-the-server" not in told
        assert "is-for-the-data" in told

    serving(test, root)


def test_a_report_is_taken_from_the_workers_own_folder_only(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not yours", encoding="utf-8")

    async def test(service: EdaService) -> None:
        for path in (str(secret), "../../../secret.txt", "/proc/self/environ"):
            result = await until_finished(
                service, await service.run(wanted(f"report {path}", "report"))
            )
            error = result.run.error
            assert error is not None
            assert error.code == "invalid"
        result = await until_finished(service, await service.run(wanted("report", "report")))
        assert result.run.state == "done"

    serving(test, root)


def test_without_processes_a_run_fails_clearly(root: Path) -> None:
    async def test(service: EdaService) -> None:
        result = await until_finished(service, await service.run(wanted("well")))
        error = result.run.error
        assert error is not None
        assert error.code == "backend_unavailable"
        assert "No such file" in error.reason

    serving(test, root, command=(str(root / "no-such-program"),))


def test_a_full_report_has_a_worker_of_its_own(root: Path) -> None:
    async def test(service: EdaService) -> None:
        await until_finished(service, await service.run(wanted("well")))
        for _ in range(200):
            if True in service._workers._spare:
                break
            await asyncio.sleep(0.01)
        warm = service._workers._spare[True]
        cmdline = Path(f"/proc/{(await warm).pid}/cmdline").read_bytes()
        assert cmdline.rstrip(b"\0").split(b"\0")[-1] == b"--full"

    serving(test, root, command=STANDIN)


def test_a_machine_with_little_memory_prepares_no_full_report(root: Path) -> None:
    async def test(service: EdaService) -> None:
        await until_finished(service, await service.run(wanted("well")))
        await service.list_runs(RunQuery())
        assert set(service._workers._spare) == {False}

    serving(test, root, command=STANDIN, prepare_full_report=False)
