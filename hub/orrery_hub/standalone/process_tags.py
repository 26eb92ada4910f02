"""Which processes of this machine belong to a product: each carries a mark in its environment.

Process ids lie after a crash and process groups end where a daemon begins; an environment is inherited by every child.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psutil

VARIABLE = "ORRERY_MARK"


def mark(home: Path, part: str) -> dict[str, str]:
    """What to add to the environment of a part, so that it is found again."""
    return {VARIABLE: f"{home}#{part}"}


def marked(home: Path, *parts: str) -> list[psutil.Process]:
    """The running processes of a product, or of some of its parts; never the one that asks."""
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            where, _, part = process.environ().get(VARIABLE, "").rpartition("#")
            alive = process.status() != psutil.STATUS_ZOMBIE
        except (psutil.Error, OSError):
            continue  # gone meanwhile, or somebody else's
        if where == str(home) and alive and (not parts or part in parts):
            found.append(process)
    return found


def end(processes: Iterable[psutil.Process], seconds: float = 8) -> int:
    """Stop processes: ask, wait, then kill. How many there were."""
    left = list(processes)
    for process in left:
        _quietly(process.terminate)
    _, stubborn = psutil.wait_procs(left, timeout=seconds)
    for process in stubborn:
        _quietly(process.kill)
    psutil.wait_procs(stubborn, timeout=5)
    return len(left)


def sweep(home: Path, *parts: str, seconds: float = 8) -> int:
    """Stop whatever a product left running, also what was started while it was being stopped. How many there were."""
    total = 0
    deadline = time.monotonic() + seconds + 15
    while (left := marked(home, *parts)) and time.monotonic() < deadline:
        total += end(left, seconds)
    return total


def _quietly(act: Callable[[], None]) -> None:
    with suppress(psutil.Error):  # it ended by itself in between, which is what was wanted
        act()
