"""Which processes are still there: a lock on a file, which the system lets go when its holder dies."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # no such locks there: a file that is there is taken to be held
    fcntl = None  # type: ignore[assignment]


_SURELY_GONE_SECONDS = 86_400.0


class ProcessLock:
    """Held from ``take`` until ``release`` or the end of this process, however that comes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def take(self) -> None:
        """Make the file and hold it; ``OSError`` as the disk says."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        if fcntl is not None:
            with suppress(OSError):  # a file system without such locks
                fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def release(self) -> None:
        """Take the file away."""
        if self._descriptor is None:
            return
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None


def is_held(path: Path) -> bool:
    """Whether the process that took it is still there; where no lock tells, for a day."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
        return time.time() - os.fstat(descriptor).st_mtime < _SURELY_GONE_SECONDS
    except BlockingIOError:
        return True
    except OSError:
        return time.time() - os.fstat(descriptor).st_mtime < _SURELY_GONE_SECONDS
    finally:
        os.close(descriptor)
