"""What auto-EDA means, told to the service itself: no HTTP here, and a stand-in for the engine."""

from __future__ import annotations

import asyncio
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from traitlets import TraitError

from orrery_engine.client.process import COMMAND
from orrery_engine.schemas import Check, CodeIn, Run, RunIn, SourceIn, Suite
from orrery_server.eda.schemas import (
    ChecksQuery,
    ColumnQuery,
    HandoverIn,
    LoadIn,
    RenderIn,
    ReportQuery,
    RunQuery,
    SourceQuery,
    WatchQuery,
)
from orrery_server.eda.service import EdaService
from orrery_wire.errors import BackendUnavailable, Conflict, Forbidden, Invalid, NotFound, TooMany
from tests.security.hostile.expansions import EXPANSIONS
from tests.security.hostile.markup import markup
from tests.server.contexts import lab_context
from tests.server.eda.serving import Told, begun, serving, until, until_finished, wanted

SUITE = Suite(checks=(Check(code="not_null", column="a"),))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "data.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    return folder


async def done(service: EdaService, name: str = "well") -> Run:
    result = await until_finished(service, await service.run(wanted(name)))
    assert result.run.state == "done"
    return result.run


def test_what_happened_is_told_without_names(root: Path) -> None:
    told: Told = []

    async def test(service: EdaService) -> None:
        run = await done(service)
        await until_finished(service, await service.run(wanted("fails")))
        await service.cancel((await begun(service, "silent")).run.id)
        await service.delete(run.id)

    serving(test, root, told)
    assert {capability for capability, _ in told} == {"eda"}
    actions = [data["action"] for _, data in told]
    assert sorted(actions) == sorted(["start"] * 3 + ["finish", "fail", "cancel", "delete"])
    assert "data.csv" not in json.dumps(told)
    assert "well" not in json.dumps(told)


def test_the_long_poll_answers_at_once_when_there_is_news_and_waits_otherwise(root: Path) -> None:
    async def test(service: EdaService) -> None:
        result = await begun(service, "silent")
        after = result.run.revision
        began = time.monotonic()
        quiet = await service.watch(result.run.id, WatchQuery(after=after, wait=0.3))
        assert 0.25 < time.monotonic() - began < 5
        assert quiet.run.revision == after
        waiting = [
            asyncio.create_task(service.watch(result.run.id, WatchQuery(after=after, wait=20)))
            for _ in range(50)
        ]
        await asyncio.sleep(0.05)
        began = time.monotonic()
        await service.cancel(result.run.id)
        for one in waiting:
            assert (await one).run.state == "cancelled"
        assert time.monotonic() - began < 2
        began = time.monotonic()
        await service.watch(result.run.id, WatchQuery(after=10_000, wait=20))
        assert time.monotonic() - began < 2

    serving(test, root)


def test_news_come_through_while_the_worker_works(root: Path) -> None:
    async def test(service: EdaService) -> None:
        run = await service.run(wanted("slow 0.5"))
        seen = []

        def fits(result: object) -> bool:
            seen.append(result)
            return result.run.state == "done"  # type: ignore[attr-defined]

        await until(service, run, fits)
        revisions = [one.run.revision for one in seen]  # type: ignore[attr-defined]
        assert revisions == sorted(set(revisions))
        assert 3 <= len(seen) <= 30

    serving(test, root)


def test_columns_by_pages_filters_and_orders(root: Path) -> None:
    async def test(service: EdaService) -> None:
        run = await done(service, "wide 2395")

        async def page(**more: object) -> list[int]:
            query = ColumnQuery.model_validate(more)
            found = await service.columns(run.id, query)
            assert len(found.items) <= query.limit
            return [found.total, *(one.index for one in found.items)]

        assert await page() == [2395, *range(50)]
        assert await page(offset=2390) == [2395, *range(2390, 2395)]
        assert await page(offset=5000) == [2395]
        assert await page(q="COLUMN 239", limit=3) == [6, 239, 2390, 2391]
        assert (await page(type="text", limit=200))[:3] == [240, 3, 13]
        assert await page(alerts=True) == [1, 1]
        assert await page(sort="missing", limit=2) == [2395, 6, 13]
        assert await page(sort="association", limit=2) == [2395, 10, 21]
        assert await page(sort="name", limit=3) == [2395, 0, 1, 10]
        assert await page(side="against") == [0]

    serving(test, root)


def test_columns_are_there_while_the_run_goes_on(root: Path) -> None:
    async def test(service: EdaService) -> None:
        result = await begun(service, "slow 2")
        assert (await service.columns(result.run.id, ColumnQuery())).total == 0
        with pytest.raises(Conflict):
            await service.report((await begun(service, "silent", task="report")).run.id, HTML)

    serving(test, root)


HTML = ReportQuery(format="html")


def test_a_large_result_holds_nobody_up(root: Path) -> None:
    """What 2,395 columns say is taken in, kept and read again; the others are served meanwhile."""

    async def test(service: EdaService) -> None:
        longest = 0.0
        over = asyncio.Event()

        async def heart() -> None:
            nonlocal longest
            while not over.is_set():
                # The loop's own work between two beats; other programs of the machine do not count.
                began = time.thread_time()
                await asyncio.sleep(0.001)
                longest = max(longest, time.thread_time() - began)

        beating = asyncio.create_task(heart())
        run = await done(service, "wide 2395")
        again = EdaService(context=lab_context(root), backend="files")
        assert (await again.columns(run.id, ColumnQuery())).total == 2395
        await again.stop()
        over.set()
        await beating
        assert longest < 0.1

    serving(test, root)


def test_what_was_found_is_there_after_a_restart(root: Path) -> None:
    ids: list[str] = []

    async def first(service: EdaService) -> None:
        ids.append((await done(service)).id)

    async def second(service: EdaService) -> None:
        page = await service.list_runs(RunQuery())
        assert [run.id for run in page.items] == ids
        result = await service.watch(ids[0], WatchQuery(wait=20))
        assert result.overview is not None
        assert (await service.columns(ids[0], ColumnQuery())).total == 20
        newest = page.items[0]
        assert newest.by == "ada"
        assert newest.bytes > 0

    serving(first, root)
    serving(second, root)


def test_home_has_the_newest_run_on_each_source(root: Path) -> None:
    async def test(service: EdaService) -> None:
        await done(service)
        newer = await done(service)
        (item,) = await service.recent_items(5)
        assert (item.kind, item.id, item.label) == ("run", newer.id, newer.source.name)

    serving(test, root)


def test_the_history_is_searched_and_paged(root: Path) -> None:
    async def test(service: EdaService) -> None:
        for name in ("well one", "well two", "fails three"):
            await until_finished(service, await service.run(wanted(name)))
        await until_finished(
            service, await service.run(wanted("well", "checks", suite=SUITE.model_dump()))
        )

        async def names(**more: object) -> list[str]:
            page = await service.list_runs(RunQuery.model_validate(more))
            return [run.source.name for run in page.items]

        assert await names() == ["well", "fails three", "well two", "well one"]
        assert await names(limit=1, offset=2) == ["well two"]
        assert await names(q="WELL o") == ["well two", "well one"]
        assert await names(q="ada data.csv three") == ["fails three"]
        assert await names(state="failed") == ["fails three"]
        assert await names(task="checks") == ["well"]
        assert await names(q="nobody") == []

    serving(test, root)


def test_sources_profiled_before_come_first_and_once(root: Path) -> None:
    (root / "aaa.csv").write_text("a\n1\n", encoding="utf-8")

    async def test(service: EdaService) -> None:
        await done(service, "well 1")
        newest = await done(service, "well 2")
        page = await service.list_sources(SourceQuery())
        assert [one.location for one in page.items] == ["data.csv", "aaa.csv"]
        first, second = page.items
        assert (first.run, first.by) == (newest.id, "ada")
        assert first.profiled is not None
        assert first.size == 8
        assert second.run is None
        assert (await service.list_sources(SourceQuery(kind="table"))).total == 0
        assert (await service.list_sources(SourceQuery(q="AAA"))).total == 1
        assert len((await service.list_sources(SourceQuery(limit=1))).items) == 1

    serving(test, root)


def test_the_lakes_files_come_before_the_labs(root: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    lake.mkdir()
    (lake / "zzz.csv").write_text("a\n1\n", encoding="utf-8")
    (root / "lake").symlink_to(lake)

    async def test(service: EdaService) -> None:
        page = await service.list_sources(SourceQuery())
        assert [(one.kind, one.location) for one in page.items] == [
            ("lake", "zzz.csv"),
            ("file", "data.csv"),
        ]

    serving(test, root, project=["wine", str(lake)])


def test_a_lake_is_that_of_its_project(root: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    lake.mkdir()
    (lake / "zzz.csv").write_text("a\n1\n", encoding="utf-8")
    current = ["wine", str(lake)]

    async def test(service: EdaService) -> None:
        source = SourceIn(kind="lake", location="zzz.csv", name="well")
        run = (await until_finished(service, await service.run(RunIn(source=source)))).run
        profiled = [one.run for one in (await service.list_sources(SourceQuery())).items]
        assert run.id in profiled
        assert str(lake) in (await service.code(run.id, CodeIn(what="load"))).code
        current[0] = "other"
        profiled = [one.run for one in (await service.list_sources(SourceQuery())).items]
        assert run.id not in profiled
        with pytest.raises(Conflict) as caught:
            await service.code(run.id, CodeIn(what="load"))
        assert "wine" in caught.value.message

    serving(test, root, project=current)


def test_profiles_of_a_projects_data_are_for_its_members(root: Path, tmp_path: Path) -> None:
    """Hidden while the person is no member, by every way to them; those of own files stay."""
    lake = tmp_path / "lake"
    lake.mkdir()
    (lake / "zzz.csv").write_text("a\n1\n", encoding="utf-8")
    (root / "wine").mkdir()
    (root / "wine" / "lake").symlink_to(lake)
    members = {"wine"}

    async def is_member(slug: str) -> bool:
        return slug in members

    async def test(service: EdaService) -> None:
        service.context.member_source = is_member
        sources = {
            "lake": SourceIn(kind="lake", location="zzz.csv", name="well"),
            "by the link": SourceIn(kind="file", location="wine/lake/zzz.csv", name="well"),
            "own": SourceIn(kind="file", location="data.csv", name="well"),
        }
        ids = {
            name: (await until_finished(service, await service.run(RunIn(source=source)))).run.id
            for name, source in sources.items()
        }
        hidden = (ids["lake"], ids["by the link"])

        async def listed() -> tuple[set[str], set[str], set[str | None]]:
            return (
                {run.id for run in (await service.list_runs(RunQuery())).items},
                {item.id for item in await service.recent_items(20)},
                {one.run for one in (await service.list_sources(SourceQuery())).items},
            )

        assert all(found >= set(ids.values()) for found in await listed())
        members.clear()
        for found in await listed():
            assert not found & set(hidden)
        runs, recent, sources_ = await listed()
        assert ids["own"] in runs & recent & sources_
        for run in hidden:
            for refused in (
                service.watch(run, WatchQuery()),
                service.columns(run, ColumnQuery()),
                service.report(run, ReportQuery()),
                service.checks(run, ChecksQuery()),
                service.code(run, CodeIn(what="load")),
                service.run(
                    RunIn(task="comparison", source=sources["own"], parent=run),
                ),
                service.delete(run),
            ):
                with pytest.raises(NotFound):
                    await refused
        assert (await service.columns(ids["own"], ColumnQuery())).total
        members.add("wine")
        assert all(found >= set(ids.values()) for found in await listed())
        assert (await service.columns(ids["lake"], ColumnQuery())).total

    serving(test, root, project=["wine", str(lake)])


def test_a_lake_that_is_the_labs_folder_is_listed_once(root: Path) -> None:
    async def test(service: EdaService) -> None:
        page = await service.list_sources(SourceQuery())
        assert [(one.kind, one.location) for one in page.items] == [("file", "data.csv")]

    serving(test, root, project=["wine", str(root)])


def test_code_that_loads_a_source_needs_no_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)

    async def test(service: EdaService) -> None:
        asked = LoadIn(source=SourceIn(kind="file", location="data.csv"), frame="sales")
        found: dict[str, Any] = {}
        exec((await service.load(asked)).code, found)
        assert list(found["sales"].columns) == ["a", "b"]
        polars = await service.load(asked.model_copy(update={"dialect": "polars"}))
        assert "polars" in polars.code
        with pytest.raises(Invalid, match="needs no loading"):
            await service.load(LoadIn(source=SourceIn(kind="frame", location="df")))
        for location, error in (("../x.csv", Invalid), ("none.csv", NotFound)):
            with pytest.raises(error):
                await service.load(LoadIn(source=SourceIn(kind="file", location=location)))

    serving(test, root)


def test_what_has_not_changed_is_not_told_twice_to_who_wants_that(root: Path) -> None:
    async def test(service: EdaService) -> None:
        active = await begun(service, "silent")
        key, known = active.run.id, active.run.revision
        assert (await service.watch(key, WatchQuery(after=known))).overview is not None
        assert (await service.watch(key, WatchQuery(after=known, lean=True))).overview is None
        assert (await service.watch(key, WatchQuery(after=-1, lean=True))).overview is not None
        await service.cancel(key)
        # The last answer is whole, whoever asks.
        assert (await service.watch(key, WatchQuery(after=known, lean=True))).overview is not None

    serving(test, root)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"task": "comparison"}, Invalid),
        ({"task": "checks"}, Invalid),
        ({"task": "report", "parent": "0" * 32}, NotFound),
        ({"source": {"kind": "file", "location": "none.csv"}}, NotFound),
        ({"source": {"kind": "file", "location": "../x.csv"}}, Invalid),
        ({"source": {"kind": "url", "location": "http://127.0.0.1/x.csv"}}, Forbidden),
        ({"source": {"kind": "frame", "location": "0" * 32}}, NotFound),
        ({"task": "comparison", "against": {"kind": "file", "location": "no.csv"}}, NotFound),
    ],
)
def test_what_cannot_be_begun_is_refused_at_once(
    root: Path, more: dict[str, object], error: type[Exception]
) -> None:
    async def test(service: EdaService) -> None:
        asked = wanted("well").model_dump() | more
        with pytest.raises(error):
            await service.run(RunIn.model_validate(asked))
        assert (await service.list_runs(RunQuery())).total == 0

    serving(test, root)


def test_without_its_libraries_it_says_what_to_install(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orrery_engine.client.process._REQUIRED", ("polars", "no_such_library_x"))

    async def test(service: EdaService) -> None:
        with pytest.raises(BackendUnavailable) as caught:
            await service.run(wanted("well"))
        assert caught.value.reason == "Not installed: no_such_library_x."
        assert "pip install no_such_library_x" in caught.value.remedy

    serving(test, root, command=COMMAND)


@pytest.mark.parametrize(
    "text", [*EXPANSIONS[::4], *list(markup())[::12], "Größe 漢字 😀", "\u202egnp.csv"]
)
def test_names_stay_as_they_were_written(root: Path, text: str) -> None:
    async def test(service: EdaService) -> None:
        source = SourceIn(kind="file", location="data.csv", name=text)
        result = await until_finished(service, await service.run(RunIn(source=source)))
        assert result.run.source.name == text
        (kept,) = (await service.list_runs(RunQuery())).items
        assert kept.source.name == text
        report = await service.report(kept.id, HTML)
        assert re.fullmatch(r"[A-Za-z0-9-]+\.html", report.name)
        assert "<script" not in report.content.lower()
        assert "<img" not in report.content.lower()

    serving(test, root)


def test_a_queue_has_an_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orrery_server.eda.run_queue._MAX_WAITING", 2)

    async def test(service: EdaService) -> None:
        for _ in range(4):
            await service.run(wanted("silent"))
        with pytest.raises(TooMany) as caught:
            await service.run(wanted("silent"))
        assert caught.value.remedy

    serving(test, root, workers=2)


def test_code_reports_and_checks_of_a_profile(root: Path) -> None:
    async def test(service: EdaService) -> None:
        run = await done(service)
        load = await service.code(run.id, CodeIn(what="load"))
        assert str(root / "data.csv") in load.code
        shown = await service.code(run.id, CodeIn(what="column", column=1, frame="mine"))
        assert "mine" in shown.code
        for name, kind in (("html", "<!doctype html>"), ("markdown", "#"), ("json", "{")):
            query = ReportQuery.model_validate({"format": name})
            report = await service.report(run.id, query)
            assert report.content.lower().startswith(kind)
            assert not report.scripts
        checks = await service.checks(run.id, ChecksQuery(format="sql"))
        assert checks.suite.checks
        asked = RenderIn(suite=checks.suite, format="sql", table="t", database="postgresql")
        assert "postgresql" in (await service.render(asked)).content
        with pytest.raises(NotFound):
            await service.code(run.id, CodeIn(what="column", column=999))

    serving(test, root)


def test_a_full_report_is_the_workers_page(root: Path) -> None:
    async def test(service: EdaService) -> None:
        run = (await until_finished(service, await service.run(wanted("report", "report")))).run
        report = await service.report(run.id, HTML)
        assert (report.content, report.scripts, report.type) == ("<p>whole</p>", True, "text/html")
        assert report.name == "report-full.html"
        with pytest.raises(Conflict):
            await service.checks(run.id, ChecksQuery())

    serving(test, root)


def test_a_handover_is_profiled_and_then_forgotten(root: Path) -> None:
    async def test(service: EdaService) -> None:
        given = await service.create_handover(HandoverIn(name="df", rows=1, bytes=10))
        path = Path(given.path)
        path.write_bytes(b"ARROW1")
        source = SourceIn(kind="frame", location=given.id, name="well")
        result = await until_finished(service, await service.run(RunIn(source=source)))
        assert result.run.state == "done"
        for _ in range(200):
            if not path.exists():
                break
            await asyncio.sleep(0.02)
        assert not path.exists()
        with pytest.raises(NotFound):
            await service.delete_handover(given.id)
        assert given.id not in str(await service.list_sources(SourceQuery()))

    from traitlets.config import Config

    serving(test, root, config=Config({"FrameSource": {"linger_seconds": 0.1}}))


def test_a_server_without_some_kinds_says_so(root: Path) -> None:
    async def test(service: EdaService) -> None:
        with pytest.raises(Invalid) as caught:
            await service.run(RunIn(source=SourceIn(kind="url", location="s3://b/x.csv", name="x")))
        assert "file" in caught.value.reason
        with pytest.raises(Invalid):
            await service.create_handover(HandoverIn(name="df", rows=1, bytes=1))

    serving(test, root, sources=["file"])
    with pytest.raises(TraitError):
        EdaService(sources=["no-such-kind"])
    with pytest.raises(TraitError):
        EdaService(backend="no-such-place")


def test_a_run_is_known_by_its_project(root: Path) -> None:
    async def test(service: EdaService) -> None:
        run = await done(service)
        assert run.project == "wine"
        assert (await service.list_runs(RunQuery(q="wine"))).total == 1

    serving(test, root, project=["wine", ""])
