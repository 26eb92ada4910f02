"""The service's log: whole lines, in order, written a few together by a busy event loop, and never held back for long."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator

import pytest

from orrery_hub.base import logs


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    logger = logging.getLogger("orrery_hub.test_logs")
    handler = logs._Handler()
    handler.setFormatter(logging.Formatter('{"text": "%(message)s"}'))
    logger.addHandler(handler)
    logger.propagate, logger.level = False, logging.INFO
    yield logger
    logger.removeHandler(handler)


def texts(captured: str) -> list[str]:
    return [json.loads(line)["text"] for line in captured.splitlines()]


def test_without_an_event_loop_each_line_is_written_at_once(
    log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    log.info("one")
    assert texts(capsys.readouterr().err) == ["one"]


def test_in_an_event_loop_lines_are_written_together_soon(
    log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work() -> None:
        for number in range(3):
            log.info("%d", number)
            assert capsys.readouterr().err == ""
        await asyncio.sleep(2 * logs._TOGETHER_SECONDS)
        assert texts(capsys.readouterr().err) == ["0", "1", "2"]
        log.info("later")
        await asyncio.sleep(2 * logs._TOGETHER_SECONDS)
        assert texts(capsys.readouterr().err) == ["later"]

    asyncio.run(work())


@pytest.mark.parametrize("level", [logging.WARNING, logging.ERROR, logging.CRITICAL])
def test_a_warning_waits_for_nothing_and_stays_in_order(
    log: logging.Logger, capsys: pytest.CaptureFixture[str], level: int
) -> None:
    async def work() -> None:
        log.info("first")
        log.log(level, "second")
        assert texts(capsys.readouterr().err) == ["first", "second"]

    asyncio.run(work())


def test_lines_of_many_threads_are_whole_and_none_is_lost(
    log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work() -> None:
        def write(name: int) -> None:
            for number in range(50):
                log.info("%d-%d", name, number)

        threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        write(4)
        for thread in threads:
            thread.join()
        await asyncio.sleep(2 * logs._TOGETHER_SECONDS)

    asyncio.run(work())
    written = texts(capsys.readouterr().err)
    for name in range(5):
        own = [text for text in written if text.startswith(f"{name}-")]
        assert own == [f"{name}-{number}" for number in range(50)]


def test_what_waits_when_the_process_ends_is_written(
    log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work() -> None:
        log.info("last")

    asyncio.run(work())
    assert capsys.readouterr().err == ""
    for handler in log.handlers:  # as `logging.shutdown` does
        handler.flush()
    assert texts(capsys.readouterr().err) == ["last"]
