"""What runs now, as files in ``run/``: written by the supervisor, read by the commands.

Locks are ``flock`` locks: the kernel lets go of them when their holder dies, so none can be stale.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from orrery_hub.standalone.home import Home

PartState = Literal["starting", "ready", "waiting", "stopped"]


class PartStatus(BaseModel):
    """How a part is."""

    model_config = ConfigDict(extra="forbid")

    title: str
    state: PartState = "waiting"
    pid: int | None = None
    port: int = 0
    since: float = 0
    seconds: float | None = None
    starts: int = 0
    reason: str = ""


class Status(BaseModel):
    """How the product is."""

    model_config = ConfigDict(extra="forbid")

    pid: int
    address: str
    started: float
    parts: dict[str, PartStatus]

    @property
    def ready(self) -> bool:
        """Whether every part answers."""
        return all(part.state == "ready" for part in self.parts.values())


def write(home: Home, status: Status) -> None:
    """Replace ``run/state.json`` in one step: a reader sees the old or the new one."""
    fresh = home.run / f".state.{os.getpid()}"
    fresh.write_text(status.model_dump_json(indent=1), encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(_file(home))


def read(home: Home) -> Status | None:
    """What the supervisor wrote last; none if there is nothing.

    A file that cannot be understood is kept aside as ``state.json.broken-<time>`` and counts as nothing.
    """
    try:
        return Status.model_validate_json(_file(home).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        _file(home).replace(_file(home).with_name(f"state.json.broken-{time.time_ns()}"))
        return None


def forget(home: Home) -> None:
    """Nothing runs any more."""
    _file(home).unlink(missing_ok=True)


@contextmanager
def only_one(path: Path, waiting: Callable[[str], None] | None = None) -> Iterator[bool]:
    """Whether this process alone holds a lock. With ``waiting``, wait for it, and call that with the holder first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii") as file:
        held = _take(file.fileno())
        if not held and waiting is not None:
            waiting(file.read(20).strip())
            fcntl.flock(file, fcntl.LOCK_EX)
            held = True
        if held:
            file.seek(0)
            file.truncate()
            file.write(str(os.getpid()))
            file.flush()
        yield held


def supervised(home: Home) -> bool:
    """Whether a supervisor is at work in this home."""
    if not (home.run / "supervisor.lock").exists():
        return False
    with os.fdopen(os.open(home.run / "supervisor.lock", os.O_RDWR), "r+") as file:
        return not _take(file.fileno())


def supervisor(home: Home) -> int | None:
    """The process id of the supervisor at work, by the lock that only it can hold."""
    if not supervised(home):
        return None
    text = (home.run / "supervisor.lock").read_text(encoding="ascii").strip()
    return int(text) if text.isdigit() else None


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _file(home: Home) -> Path:
    return home.run / "state.json"
