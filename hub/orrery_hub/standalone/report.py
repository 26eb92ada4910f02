"""The text of ``orrery status``."""

from __future__ import annotations

import os
import time

import psutil

from orrery_hub.standalone import process_tags
from orrery_hub.standalone.home import Home
from orrery_hub.standalone.shell import typed
from orrery_hub.standalone.state import Status


def status_lines(home: Home, status: Status) -> list[str]:
    """The address, one line for each process, and one for all labs if any run."""
    memory = _memory(home)
    lines = [
        f"Orrery is at {status.address}, up for {_duration(time.monotonic() - status.started)}",
        f"{'name':<14}{'state':<10}{'port':>6}{'pid':>10}{'memory':>10}{'starts':>8}  since",
    ]
    for name, process in status.processes.items():
        size = memory.pop(name, 0)
        lines.append(
            f"{name:<14}{process.state:<10}{process.port:>6}{process.pid or '-':>10}{size // 2**20:>7} MB"
            f"{process.starts:>8}  {_duration(time.monotonic() - process.since)}"
        )
        if process.reason:
            lines.append(f"{'':14}{process.reason}; see: {typed(f'logs {name}')}")
        if process.problem:
            lines.append(f"{'':14}{process.problem}")
    if status.is_stale:
        lines.insert(1, f"The supervisor does not answer; replace it with: {typed('up')}")
    lines.append(secrets_line(home, status))
    if labs := memory.get("lab"):
        lines.append(f"{'labs':<14}{'':<10}{'':>6}{'':>10}{labs // 2**20:>7} MB")
    return lines


def secrets_line(home: Home, status: Status | None) -> str:
    """Where the secrets of connections are stored."""
    if status is not None and (process := status.processes.get("openbao")):
        where = f"in OpenBao, which is {process.state}"
    elif url := os.environ.get("ORRERY_VAULT_URL"):
        where = f"in OpenBao or Vault at {url}"
    else:
        where = f"in encrypted files below {home.root / 'vault'}"
    return f"Secrets of connections are {where}"


def _memory(home: Home) -> dict[str, int]:
    """Memory in bytes by tag; proportional set size where the system reports it, else resident set size."""
    sizes: dict[str, int] = {}
    for process in process_tags.tagged_processes(home.root):
        try:
            tag = process.environ().get(process_tags.VARIABLE, "").rpartition("#")[2]
            info = process.memory_full_info()
            sizes[tag] = sizes.get(tag, 0) + int(getattr(info, "pss", info.rss))
        except (psutil.Error, OSError):
            continue
    return sizes


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes} min"
        if hours
        else f"{minutes} min {rest} s"
        if minutes
        else f"{rest} s"
    )
