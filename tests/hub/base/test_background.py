"""Background work: what fails unforeseen begins again, alone, and the health of the service says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import count

import pytest

from orrery_hub.base import background
from orrery_hub.base.background import Background
from orrery_hub.base.metrics import Metrics


def failing(
    problem: BaseException | None,
) -> tuple[Callable[[], Coroutine[object, object, None]], list[int]]:
    """Work that fails at once, or ends by itself, and how often it was begun."""
    begun: list[int] = []

    async def work() -> None:
        begun.append(len(begun))
        await asyncio.sleep(0)
        if problem is not None:
            raise problem

    return work, begun


@pytest.mark.parametrize(
    "problem", [ValueError("x"), KeyError("x"), RuntimeError("x"), TimeoutError(), ExceptionGroup("x", [OSError()]), None], ids=repr
)  # fmt: skip
def test_what_fails_begins_again_and_nothing_else_ends(
    problem: BaseException | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "FIRST_SECONDS", 0.001)
    work, begun = failing(problem)
    other: list[int] = []

    async def well() -> None:
        for number in count():
            other.append(number)
            await asyncio.sleep(0.001)

    async def run() -> Background:
        works = Background({"people": work, "other": well}, metrics)
        task = asyncio.create_task(works.run())
        while len(begun) < 4 or not other:
            await asyncio.sleep(0.001)
        goes_on = len(other)
        while len(other) == goes_on:
            await asyncio.sleep(0.001)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return works

    metrics = Metrics()
    (notice,) = asyncio.run(run()).notices()
    assert "people" in notice
    assert (type(problem).__name__ if problem else "ended by itself") in notice
    assert 'outcome="crashed",work="people"' in metrics.text()[0].decode()


def test_what_has_been_well_for_a_while_is_no_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "STEADY_SECONDS", 0.05)
    work, begun = failing(ValueError("x"))

    async def run() -> None:
        works = Background({"people": work}, Metrics())
        task = asyncio.create_task(works.run())
        while not works.notices():
            await asyncio.sleep(0.001)
        while works.notices():
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert begun == [0]
