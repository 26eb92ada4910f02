"""Tables of thousands of columns: whoever else is served by the same process does not notice them."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from orrery_engine.columns import LazyColumn, LazyColumns
from orrery_engine.schemas import ChecksFormat, CodeIn, ColumnProfile, Report, ReportFormat, Run
from orrery_server.base.respond import json_pieces
from orrery_server.eda.schemas import ChecksQuery, ColumnQuery, ReportQuery
from orrery_server.eda.service import EdaService
from tests.server.contexts import lab_context
from tests.server.eda.serving import serving, until_finished, wanted
from tests.server.eda.standin import rich

MANY = 2_395
MOST_SECONDS = 0.05

Answer = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    (folder / "data.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def kept(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """A profile of a wide table: its id, and the options of a service that has it."""
    folder = tmp_path_factory.mktemp("kept")
    options: dict[str, Any] = {
        "config": Config({"FileReports": {"folder": str(folder / "reports")}}),
        "scratch": str(folder / "scratch"),
    }
    ids: list[str] = []

    async def test(service: EdaService) -> None:
        ids.append((await profiled(service)).id)

    serving(test, root, **options)
    return ids[0], options


@contextmanager
def collecting() -> Iterator[Callable[[], float]]:
    """Seconds that the garbage collector has taken: that is by all objects of the process, not by those of a run."""
    taken, began = [0.0], [0.0]

    def note(phase: str, _: dict[str, int]) -> None:
        now = time.thread_time()
        if phase == "start":
            began[0] = now
        else:
            taken[0] += now - began[0]

    gc.callbacks.append(note)
    try:
        yield lambda: taken[0]
    finally:
        gc.callbacks.remove(note)


@asynccontextmanager
async def quick_steps() -> AsyncIterator[None]:
    """No step of the loop takes long; time that other programs of the machine take does not count."""
    loop = asyncio.get_running_loop()
    longest, over = 0.0, False

    with collecting() as collected:

        async def heart() -> None:
            nonlocal longest
            while not over:
                began, garbage = time.thread_time(), collected()
                await asyncio.sleep(0.001)
                longest = max(longest, time.thread_time() - began - (collected() - garbage))

        beating = loop.create_task(heart())
        yield
        over = True
        await beating
    assert longest < MOST_SECONDS, f"a step took {longest * 1000:.0f} ms"


async def profiled(service: EdaService) -> Run:
    result = await until_finished(service, await service.run(wanted(f"rich {MANY}")))
    assert result.run.state == "done", result.run.error
    return result.run


def test_no_step_of_the_loop_is_long(root: Path) -> None:
    async def test(service: EdaService) -> None:
        async with quick_steps():
            run = await profiled(service)
            page = await service.columns(run.id, ColumnQuery(limit=200, sort="name"))
            assert (page.total, len(page.model_dump_json()) > 200_000) == (MANY, True)
        async with quick_steps():
            again = EdaService(context=lab_context(root))
            assert (await again.columns(run.id, ColumnQuery(q="column 239"))).total == 6
            await again.stop()

    serving(test, root)


def test_what_is_kept_of_a_run_is_few_objects(root: Path) -> None:
    """The collector looks at each of them again and again, and all else waits."""

    async def test(service: EdaService) -> None:
        await until_finished(service, await service.run(wanted("rich 1")))
        gc.collect()
        before = len(gc.get_objects())
        run = await profiled(service)
        await service.columns(run.id, ColumnQuery())
        gc.collect()
        assert len(gc.get_objects()) - before < 4 * MANY

    serving(test, root)


@pytest.mark.parametrize("format", ["html", "json", "markdown"])
def test_reports_have_all_of_it(root: Path, kept: Answer, format: ReportFormat) -> None:
    run, options = kept

    async def test(service: EdaService) -> None:
        async with quick_steps():
            report = await service.report(run, ReportQuery(format=format))
            said = b""
            for piece in json_pieces(report):
                said += piece
                await asyncio.sleep(0)
        assert Report.model_validate_json(said) == report
        assert f"column {MANY - 1}" in report.content
        if format == "json":
            told = json.loads(report.content)
            assert told["result"]["run"]["id"] == run
            columns = [ColumnProfile.model_validate(one) for one in told["columns"]]
            assert [one.index for one in columns] == list(range(MANY))
            assert columns[7] == ColumnProfile.model_validate(rich(7, 8)[0])

    serving(test, root, **options)


@pytest.mark.parametrize("format", ["json", "sql", "pandera", "great_expectations"])
def test_checks_are_of_every_column(root: Path, kept: Answer, format: ChecksFormat) -> None:
    run, options = kept

    async def test(service: EdaService) -> None:
        async with quick_steps():
            checks = await service.checks(run, ChecksQuery(format=format))
        assert f"column {MANY - 1}" in checks.content

    serving(test, root, **options)


def test_code_for_one_of_many_columns(root: Path, kept: Answer) -> None:
    run, options = kept

    async def test(service: EdaService) -> None:

        async def write(**more: Any) -> str:
            return (await service.code(run, CodeIn.model_validate(more))).code

        async with quick_steps():
            shown = await write(what="column", column=2_000, dialect="sql")
            related = await write(what="statistic", statistic="associations", dialect="sql")
            fixed = await write(what="fix", alert="constant:1")
        assert '"column 2000"' in shown
        assert related.count("corr") == 1_000
        assert "column 1" in fixed

    serving(test, root, **options)


def test_columns_are_closed_and_opened_without_loss() -> None:
    columns = [ColumnProfile.model_validate(one) for one in rich(0, 30)]
    columns[3] = columns[3].model_copy(
        update={"name": "\u2028\x00 😀 </script>", "minimum": "1" * 40}
    )
    closed = LazyColumns.of(columns)
    assert list(closed) == columns
    assert closed[3] == columns[3]
    assert list(closed[-5:]) == columns[-5:]
    assert closed == LazyColumns(map(LazyColumn.of, columns))
    assert closed != LazyColumns()
    assert hash(closed) == hash(LazyColumns.of(closed))
    whole = closed.sketched({4})
    assert [one.name for one in whole] == [one.name for one in columns]
    assert [bool(one.top) for one in whole] == [one.index == 4 for one in columns]


@pytest.mark.parametrize("size", [0, 1, 2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_a_report_in_pieces_is_the_same_report(size: int) -> None:
    signs = '"\\\n\x00\u2028é漢😀</script>'
    content = (signs * (size // len(signs) + 1))[:size]
    report = Report(name='a"b.html', type="text/html", content=content, scripts=True)
    told = list(json_pieces(report))
    assert Report.model_validate_json(b"".join(told)) == report
    assert max(map(len, told)) < 8 * 2**20
