"""Two servers of one person that share a history: two labs, or one that was started again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from traitlets.config import Config

from orrery_server.eda.schemas import ColumnQuery, RunQuery, WatchQuery
from orrery_server.eda.service import EdaService
from orrery_wire.errors import Conflict, NotFound
from tests.server.eda.serving import STANDIN, begun, gone, pids, serving, until_finished, wanted


def both(tmp_path: Path, test: Callable[[EdaService, EdaService], Awaitable[None]]) -> None:
    """Run a test on two services that keep their reports in one place."""
    root = tmp_path / "work"
    root.mkdir()
    (root / "data.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    config = Config({"FileReports": {"folder": str(tmp_path / "reports")}})

    async def held(first: EdaService) -> None:
        second = EdaService(
            context=first.context, command=STANDIN, config=config, scratch=first.scratch
        )
        await second.start()
        try:
            await test(first, second)
        finally:
            await second.stop()

    serving(held, root, config=config, scratch=str(tmp_path / "scratch"))


def test_a_run_elsewhere_is_waited_for_and_not_asked_for_again_and_again(tmp_path: Path) -> None:
    async def test(first: EdaService, second: EdaService) -> None:
        result = await begun(first, "silent")
        seen = await second.watch(result.run.id, WatchQuery(wait=20))
        assert seen.run.state in ("queued", "running")
        known = WatchQuery(after=seen.run.revision, wait=0.4)
        began = time.monotonic()
        assert (await second.watch(result.run.id, known)).run.revision == seen.run.revision
        assert time.monotonic() - began >= 0.35

    both(tmp_path, test)


def test_its_end_is_heard_of(tmp_path: Path) -> None:
    async def test(first: EdaService, second: EdaService) -> None:
        run = await first.run(wanted("slow 1"))
        seen = await second.watch(run.id, WatchQuery())
        over = asyncio.create_task(
            second.watch(run.id, WatchQuery(after=seen.run.revision, wait=25))
        )
        assert (await until_finished(first, run)).run.state == "done"
        assert (await over).run.state == "done"
        assert (await until_finished(second, run)).overview is not None
        assert (await second.columns(run.id, ColumnQuery())).total == 0

    both(tmp_path, test)


def test_it_can_be_stopped_only_where_it_was_begun(tmp_path: Path) -> None:
    async def test(first: EdaService, second: EdaService) -> None:
        result = await begun(first, "silent")
        with pytest.raises(Conflict) as caught:
            await second.cancel(result.run.id)
        assert caught.value.remedy
        assert not any(gone(pid) for pid in pids(result))
        assert (await first.cancel(result.run.id)).state == "cancelled"

    both(tmp_path, test)


def test_what_another_server_deleted_is_gone_here_too(tmp_path: Path) -> None:
    async def test(first: EdaService, second: EdaService) -> None:
        run = (await until_finished(first, await first.run(wanted("well")))).run
        assert (await second.columns(run.id, ColumnQuery())).total == 20
        await first.delete(run.id)
        assert (await second.list_runs(RunQuery())).total == 0
        with pytest.raises(NotFound):
            await second.watch(run.id, WatchQuery())
        with pytest.raises(NotFound):
            await second.columns(run.id, ColumnQuery())

    both(tmp_path, test)


def test_stopping_one_server_leaves_the_files_of_the_other(tmp_path: Path) -> None:
    async def test(first: EdaService, second: EdaService) -> None:
        result = await begun(first, "stubborn")
        assert result.overview is not None
        spill = Path(result.overview.notes[-1]) / "spill"
        assert (await until_finished(second, await second.run(wanted("well")))).run.state == "done"
        await second.stop()
        assert spill.exists()
        assert (await first.watch(result.run.id, WatchQuery())).run.state == "running"

    both(tmp_path, test)
