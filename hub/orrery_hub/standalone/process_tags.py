"""Tags that show which processes of this machine belong to a product.

A tag is an environment variable, which every child process inherits. Process ids are reused after a crash, and a
daemon leaves its process group.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psutil

VARIABLE = "ORRERY_PROCESS_TAG"


def environment_tag(home: Path, name: str) -> dict[str, str]:
    """The environment variable that tags a process of a home with a name."""
    return {VARIABLE: f"{home}#{name}"}


def tagged_processes(home: Path, *names: str) -> list[psutil.Process]:
    """Running processes of a home, with given names if there are any; never the calling process."""
    processes = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            root, _, name = process.environ().get(VARIABLE, "").rpartition("#")
            is_alive = process.status() != psutil.STATUS_ZOMBIE
        except (psutil.Error, OSError):
            continue  # it has ended, or belongs to another user
        if root == str(home) and is_alive and (not names or name in names):
            processes.append(process)
    return processes


def terminate(processes: Iterable[psutil.Process], seconds: float = 8) -> int:
    """Send SIGTERM, and SIGKILL to what still runs after ``seconds``; returns the number of processes."""
    targets = list(processes)
    for process in targets:
        _ignore_ended(process.terminate)
    _, alive = psutil.wait_procs(targets, timeout=seconds)
    for process in alive:
        _ignore_ended(process.kill)
    psutil.wait_procs(alive, timeout=5)
    return len(targets)


def terminate_tagged(home: Path, *names: str, seconds: float = 8) -> int:
    """Terminate tagged processes, also those that start meanwhile; returns the number of processes."""
    total = 0
    deadline = time.monotonic() + seconds + 15
    while (processes := tagged_processes(home, *names)) and time.monotonic() < deadline:
        total += terminate(processes, seconds)
    return total


def _ignore_ended(call: Callable[[], None]) -> None:
    with suppress(psutil.Error):
        call()
