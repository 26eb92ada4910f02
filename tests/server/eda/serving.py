"""A service of auto-EDA for tests: in a folder of its own, with a stand-in for the engine."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from orrery_engine.schemas import Result, Run, RunIn, SourceIn, Task
from orrery_server.eda.schemas import WatchQuery
from orrery_server.eda.service import EdaService
from tests.server.contexts import lab_context

STANDIN = (sys.executable, "-S", str(Path(__file__).with_name("standin.py")))

Test = Callable[[EdaService], Awaitable[None]]
Told = list[tuple[str, dict[str, Any]]]


def serving(test: Test, root: Path, told: Told | None = None, **options: Any) -> None:
    """Run a test on a service; nothing of it is left, neither a process nor a file of its scratch."""

    async def held() -> None:
        service = EdaService(
            context=lab_context(root, told, project=options.pop("project", None)),
            command=options.pop("command", STANDIN),
            **options,
        )
        await service.start()
        try:
            await test(service)
        finally:
            await service.stop()
        assert not list(Path(service.scratch).glob("*"))

    asyncio.run(held())


def wanted(name: str, task: Task = "profile", **more: Any) -> RunIn:
    """A run on the only file there is; the stand-in does what the name says."""
    source = SourceIn(kind="file", location="data.csv", name=name)
    return RunIn.model_validate({"task": task, "source": source.model_dump(), **more})


async def begun(service: EdaService, name: str, **more: Any) -> Result:
    """A run that has said something."""
    run = await service.run(wanted(name, **more))
    return await until(service, run, lambda result: result.overview is not None)


async def until_finished(service: EdaService, run: Run | Result) -> Result:
    """A run when it is over."""
    return await until(service, run, lambda result: result.run.state not in ("queued", "running"))


async def until(
    service: EdaService, run: Run | Result, fits: Callable[[Result], bool], seconds: float = 60
) -> Result:
    """By long poll, as the browser does it."""
    if isinstance(run, Result):
        run = run.run
    end, after = time.monotonic() + seconds, -1
    while True:
        result = await service.watch(run.id, WatchQuery(after=after, wait=5))
        if fits(result):
            return result
        assert time.monotonic() < end, result.run
        assert result.run.state in ("queued", "running"), result.run
        after = result.run.revision


def pids(result: Result) -> list[int]:
    """The processes that a stand-in has told of."""
    assert result.overview is not None
    return [int(note) for note in result.overview.notes if note.isdigit()]


def gone(pid: int) -> bool:
    """Whether a process is there no more, or waits for its parent to hear that it died."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return True
    return said.rpartition(")")[2].split()[0] in ("Z", "X")


def wait_for(fits: Callable[[], bool], seconds: float) -> float:
    """Seconds until it fits."""
    began = time.monotonic()
    while not fits():
        assert time.monotonic() - began < seconds
        time.sleep(0.01)
    return time.monotonic() - began


def resident() -> int:
    """Bytes that this process holds."""
    pages = Path(f"/proc/{os.getpid()}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
