"""How the product is, in words: what ``orrery status`` shows."""

from __future__ import annotations

import time

import psutil

from orrery_hub.standalone import process_tags
from orrery_hub.standalone.home import Home
from orrery_hub.standalone.state import Status


def lines(home: Home, status: Status) -> list[str]:
    """The address, then one line for each part, and one for the labs if there are some."""
    memory = _memory(home)
    told = [
        f"Orrery is at {status.address}, up for {_duration(time.time() - status.started)}",
        f"{'part':<14}{'state':<10}{'port':>6}{'process':>10}{'memory':>10}{'starts':>8}  since",
    ]
    for name, part in status.parts.items():
        size = sum(memory.pop(mark, 0) for mark in (name, *_BROOD.get(name, ())))
        told.append(
            f"{name:<14}{part.state:<10}{part.port:>6}{part.pid or '-':>10}{size // 2**20:>7} MB"
            f"{part.starts:>8}  {_duration(time.time() - part.since)}"
        )
        if part.reason:
            told.append(f"{'':14}{part.reason}; see: orrery logs {name}")
    if labs := memory.get("lab"):
        told.append(f"{'labs':<14}{'':<10}{'':>6}{'':>10}{labs // 2**20:>7} MB")
    return told


_BROOD = {"jupyterhub": ("service",)}


def _memory(home: Home) -> dict[str, int]:
    """Bytes by mark. Shared pages are counted once where the system says which they are."""
    sizes: dict[str, int] = {}
    for process in process_tags.marked(home.root):
        try:
            part = process.environ().get(process_tags.VARIABLE, "").rpartition("#")[2]
            full = process.memory_full_info()
            sizes[part] = sizes.get(part, 0) + int(getattr(full, "pss", full.rss))
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
