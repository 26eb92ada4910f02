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


def start_mark(pid: int) -> str:
    """What no other process with this number has: the boot of the machine and the start since then; empty if it has ended.

    The start is in ticks since the boot where the system tells them: times of day change when the clock is set.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return ""
        with suppress(psutil.Error):
            return f"{psutil.Process(pid).create_time():.2f}"
        return ""
    # The name in parentheses may hold spaces.
    return f"{boot}:{stat.rpartition(')')[2].split()[19]}"


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
