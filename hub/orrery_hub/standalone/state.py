"""Status of the running product and locks, as files in ``run/``.

Locks are ``flock`` locks: the kernel releases them when the holder dies, so none can be stale.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orrery_hub.standalone.home import Home

# failing: it answers, and says that it does not work; refused: it will not start until something is changed.
ProcessState = Literal["starting", "ready", "failing", "waiting", "refused"]


STALE_SECONDS = 30.0


class ProcessStatus(BaseModel):
    """Status of one process. ``since`` is a time of ``time.monotonic()``, which no setting of the clock moves."""

    model_config = ConfigDict(extra="forbid")

    title: str
    state: ProcessState = "waiting"
    pid: int | None = None
    port: int = 0
    since: float = 0
    seconds: float | None = None
    starts: int = 0
    reason: str = ""
    problem: str = Field(default="", description="The first error in the log of the last start.")


class Status(BaseModel):
    """Status of the product. ``started`` and ``beat`` are times of ``time.monotonic()``."""

    model_config = ConfigDict(extra="forbid")

    pid: int
    address: str
    local: str = ""
    started: float
    beat: float = Field(default=0, description="When the supervisor wrote this.")
    processes: dict[str, ProcessStatus]

    @property
    def is_stale(self) -> bool:
        """Whether the supervisor has not written for so long that it must hang."""
        return time.monotonic() - self.beat > STALE_SECONDS

    @property
    def ready(self) -> bool:
        """Whether every process is healthy."""
        return all(process.state == "ready" for process in self.processes.values())


def write(home: Home, status: Status) -> None:
    """Replace ``run/state.json`` atomically."""
    fresh = home.run / f".state.{os.getpid()}"
    fresh.write_text(status.model_dump_json(indent=1), encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(_path(home))


def read(home: Home) -> Status | None:
    """The status that the supervisor wrote last; None if there is none.

    A file that cannot be parsed is renamed to ``state.json.broken-<nanoseconds>``.
    """
    try:
        return Status.model_validate_json(_path(home).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        _path(home).replace(_path(home).with_name(f"state.json.broken-{time.time_ns()}"))
        return None


def read_current(home: Home) -> Status | None:
    """The status that the supervisor which runs now has written; None before it wrote one, or if none runs."""
    pid = supervisor_pid(home)
    status = read(home) if pid else None
    return status if status and status.pid == pid else None


def delete(home: Home) -> None:
    """Delete ``run/state.json``, when nothing runs any more."""
    _path(home).unlink(missing_ok=True)


@contextmanager
def exclusive_lock(path: Path, on_wait: Callable[[str], None] | None = None) -> Iterator[bool]:
    """Take a lock; yields whether this process holds it.

    With ``on_wait``, wait for the lock, after ``on_wait`` was called with the process id of its holder.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii") as file:
        is_held = _try_lock(file.fileno())
        if not is_held and on_wait is not None:
            on_wait(file.read(20).strip())
            fcntl.flock(file, fcntl.LOCK_EX)
            is_held = True
        if is_held:
            file.seek(0)
            file.truncate()
            file.write(str(os.getpid()))
            file.flush()
        yield is_held


def is_supervised(home: Home) -> bool:
    """Whether a supervisor runs in this home."""
    if not (home.run / "supervisor.lock").exists():
        return False
    with os.fdopen(os.open(home.run / "supervisor.lock", os.O_RDWR), "r+") as file:
        return not _try_lock(file.fileno())


def supervisor_pid(home: Home) -> int | None:
    """Process id of the running supervisor, which holds the lock; None if there is none."""
    if not is_supervised(home):
        return None
    text = (home.run / "supervisor.lock").read_text(encoding="ascii").strip()
    return int(text) if text.isdigit() else None


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _path(home: Home) -> Path:
    return home.run / "state.json"
