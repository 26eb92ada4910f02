"""A lab's process is known by its number and its start."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import psutil
import pytest

from orrery_hub.profiles.lab_process import LabProcessSpawner
from orrery_hub.standalone.process_tags import start_mark


def restored(state: dict[str, object]) -> LabProcessSpawner:
    """A spawner as after a restart of the hub."""
    spawner = LabProcessSpawner()
    spawner.load_state(state)
    return spawner


def test_the_lab_is_recognised_after_a_restart_of_the_hub() -> None:
    state = {"pid": os.getpid(), "start_mark": start_mark(os.getpid())}
    spawner = restored(state)
    assert asyncio.run(spawner.poll()) is None
    assert spawner.get_state() == state


@pytest.mark.parametrize("mark", [None, "", "another-boot:1"])
def test_another_process_with_its_number_is_neither_believed_nor_killed(mark: str | None) -> None:
    """After a power cut the number may be anybody's."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as innocent:
        spawner = restored({"pid": innocent.pid} | ({} if mark is None else {"start_mark": mark}))
        asyncio.run(spawner.stop(now=True))
        assert not asyncio.run(spawner._signal(signal.SIGKILL))
        assert innocent.poll() is None
        assert asyncio.run(spawner.poll()) == 0
        assert spawner.get_state().get("pid") is None
        innocent.kill()


def test_a_mark_belongs_to_one_process() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        mark = start_mark(process.pid)
        assert mark == start_mark(process.pid) != start_mark(os.getpid())
        process.kill()
        process.wait()
        assert start_mark(process.pid) == ""
        assert not psutil.pid_exists(process.pid)
