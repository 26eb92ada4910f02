"""What every kind of source, and every place that keeps reports, must do. A distribution that brings another one may run these classes over it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orrery_engine.columns import LazyColumns
from orrery_engine.run_result import RunResult
from orrery_engine.schemas import ColumnProfile, Comparison, Options, Overview, Run, SourceIn, Top
from orrery_server.eda.backend import ReportBackend, SourceBackend
from orrery_wire.errors import Forbidden, Invalid, NotFound
from tests.loops import each

# Attack set D: places that nobody may lead a server to.
ELSEWHERE = (
    "..",
    "../secret.csv",
    "../../../../../../etc/passwd",
    "a/../../secret.csv",
    "/etc/passwd",
    "//etc/passwd",
    "/proc/self/environ",
    "/dev/zero",
    "~/secret.csv",
    "~root/secret.csv",
    ".hidden/data.csv",
    ".env",
    "a/.ssh/id_rsa",
    "..\\secret.csv",
    "a\\..\\..\\secret.csv",
    "data.csv\x00.png",
    "\x00",
    "%2e%2e/secret.csv",
    "..%2fsecret.csv",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "simplecache::file:///etc/passwd",
    "data.csv::file:///etc/passwd",
    "zip://*::file:///etc/passwd.zip",
    "C:\\Windows\\win.ini",
    "\\\\host\\share\\x.csv",
    "../*.csv",
    "*/../../*.csv",
    "x" * 4_000,
    "model.pkl",
    "evil.pickle",
    "http://169.254.169.254/latest/meta-data/x.csv",
    "http://127.0.0.1/x.parquet",
    "gopher://127.0.0.1/x.csv",
    "memory://x.csv",
    "github://user:repo@/x.csv",
    "ssh://host/x.csv",
    "javascript:alert(1)",
    "$(id).csv",
    "`id`.csv",
    "${HOME}/x.csv",
)


class SourceBackendContract:
    """A subclass gives ``source`` (in a loop), and ``good``: what can be profiled."""

    good: SourceIn

    def make(self) -> SourceBackend:
        raise NotImplementedError

    def run(self, test: Callable[[SourceBackend], Awaitable[None]]) -> None:
        async def held() -> None:
            source = self.make()
            try:
                await test(source)
            finally:
                await source.close()

        asyncio.run(held())

    def test_it_says_which_kind_it_is(self) -> None:
        async def test(source: SourceBackend) -> None:
            assert source.kind == self.good.kind

        self.run(test)

    def test_what_is_there_can_be_reached(self) -> None:
        async def test(source: SourceBackend) -> None:
            resolved = await source.resolve(self.good)
            assert resolved.reader in ("files", "table", "arrow")
            assert resolved.location
            assert resolved.name == self.good.name
            assert resolved.table == self.good.table

        self.run(test)

    @each("location", ELSEWHERE)
    def test_what_is_elsewhere_cannot(self, location: str) -> None:
        async def test(source: SourceBackend) -> None:
            asked = self.good.model_copy(update={"location": location})
            with pytest.raises((Forbidden, Invalid, NotFound)) as caught:
                await source.resolve(asked)
            assert caught.value.message
            assert caught.value.remedy

        self.run(test)

    def test_what_is_found_is_of_its_kind_and_can_be_reached(self) -> None:
        async def test(source: SourceBackend) -> None:
            for one in await source.find("", 50):
                assert one.kind == source.kind
                asked = SourceIn(kind=one.kind, location=one.location, name=one.name)
                assert (await source.resolve(asked)).location

        self.run(test)

    def test_searching_leaves_what_has_every_word_and_no_more_than_asked(self) -> None:
        async def test(source: SourceBackend) -> None:
            everything = await source.find("", 50)
            assert len(await source.find("", 1)) == min(1, len(everything))
            assert await source.find("no such name anywhere", 50) == ()
            for one in everything:
                assert one in await source.find(one.location.upper(), 50)

        self.run(test)


def run_of(**more: Any) -> Run:
    """A run as the queue makes it."""
    return Run.model_validate(
        {
            "id": uuid.uuid4().hex,
            "task": "profile",
            "source": SourceIn(kind="file", location="a.csv", name="a.csv"),
            "options": Options(),
            "by": "ada",
            "state": "queued",
            "created": datetime.now(UTC),
            **more,
        }
    )


def run_result_of(run: Run, many: int = 3) -> RunResult:
    """What a run may have found."""
    columns = tuple(
        ColumnProfile(
            index=index,
            name=f"Größe {index} 漢字\u2028<b>",
            type="text",
            dtype="str",
            count=9,
            top=(Top(value="😀 </script>", count=3), Top(value=None, count=1)),
        )
        for index in range(many)
    )
    return RunResult(
        run=run.model_copy(update={"state": "done", "rows": 9}),
        overview=Overview(rows=9, columns=many, head=((1, "a", None, True, 2.5),)),
        comparison=Comparison(rows_before=1),
        columns=LazyColumns.of(columns),
        against=LazyColumns.of(columns[:1]),
    )


class ReportBackendContract:
    """A subclass gives ``make``: another server's view of the same place each time it is called."""

    def make(self) -> ReportBackend:
        raise NotImplementedError

    def run(self, test: Callable[[ReportBackend], Awaitable[None]]) -> None:
        async def held() -> None:
            store = self.make()
            try:
                await test(store)
            finally:
                await store.close()

        asyncio.run(held())

    def test_nothing_is_there_at_first(self) -> None:
        async def test(store: ReportBackend) -> None:
            assert await store.runs() == ()
            with pytest.raises(NotFound):
                await store.load("0" * 32)
            with pytest.raises(NotFound):
                await store.delete("0" * 32)

        self.run(test)

    def test_what_is_kept_is_there_as_it_was_found(self, tmp_path: Path) -> None:
        page = tmp_path / "page.html"
        page.write_text("<p>whole ☃</p>", encoding="utf-8")

        async def test(store: ReportBackend) -> None:
            found = run_result_of(run_of(), 130)
            await store.begin(found.run)
            kept = await store.keep(found, page)
            assert kept.bytes > page.stat().st_size
            again, html = await store.load(kept.id)
            assert again == replace(found, run=kept)
            assert again.columns[129].name == found.columns[129].name
            assert html == "<p>whole ☃</p>"
            assert await store.runs() == (kept,)

        self.run(test)

    def test_another_server_sees_it(self) -> None:
        async def test(store: ReportBackend) -> None:
            kept = await store.keep(run_result_of(run_of()))
            other = self.make()
            assert await other.runs() == (kept,)
            assert (await other.load(kept.id))[0].run == kept
            await other.delete(kept.id)
            assert await store.runs() == ()
            await other.close()

        self.run(test)

    def test_the_newest_comes_first(self) -> None:
        async def test(store: ReportBackend) -> None:
            now = datetime.now(UTC)
            for days in (3, 1, 2):
                await store.begin(run_of(created=now - timedelta(days=days), state="failed"))
            created = [run.created for run in await store.runs()]
            assert created == sorted(created, reverse=True)
            assert len(created) == 3

        self.run(test)

    def test_a_run_that_changed_is_told_as_it_is(self) -> None:
        async def test(store: ReportBackend) -> None:
            run = run_of()
            await store.begin(run)
            assert (await store.runs())[0].state == "queued"
            await store.begin(run.model_copy(update={"state": "cancelled"}))
            assert (await store.runs())[0].state == "cancelled"
            await store.keep(run_result_of(run))
            assert (await store.runs())[0].state == "done"

        self.run(test)

    def test_the_run_of_a_server_that_lives_goes_on(self) -> None:
        async def test(store: ReportBackend) -> None:
            await store.begin(run_of(state="running"))
            other = self.make()
            assert (await other.runs())[0].state == "running"
            await other.close()

        self.run(test)

    def test_the_run_of_a_server_that_is_gone_has_failed_with_a_remedy(self) -> None:
        async def test(store: ReportBackend) -> None:
            other = self.make()
            await other.begin(run_of(state="running"))
            await other.close()
            (run,) = await store.runs()
            assert run.state == "failed"
            assert run.error is not None
            assert run.error.remedy == "Run it again."

        self.run(test)

    def test_what_is_deleted_is_gone(self) -> None:
        async def test(store: ReportBackend) -> None:
            kept = await store.keep(run_result_of(run_of()))
            await store.delete(kept.id)
            assert await store.runs() == ()
            with pytest.raises(NotFound):
                await store.load(kept.id)

        self.run(test)

    def test_many_at_once_do_not_harm_each_other(self) -> None:
        async def test(store: ReportBackend) -> None:
            founds = [run_result_of(run_of(), 60) for _ in range(12)]
            await asyncio.gather(*(store.keep(one) for one in founds), store.runs(), store.runs())
            assert len(await store.runs()) == 12
            for one in founds:
                assert (await store.load(one.run.id))[0].columns == one.columns

        self.run(test)
