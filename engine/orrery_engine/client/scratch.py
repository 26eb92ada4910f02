"""Folders for what workers write on the disk. The process that starts a worker removes its folder: a killed one cannot."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path

_PREFIX = "orrery-scratch-"
_LOCK = ".lock"


class Scratch:
    """A folder of one worker. What processes left that were killed themselves goes when the next folder is made."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        # Held as long as this process lives; a child does not inherit it.
        self._lock = os.open(self.folder / f"{_LOCK}.new", os.O_CREAT | os.O_RDWR, 0o600)
        _hold(self._lock)
        # It appears when it is held already: who sweeps at this moment would take it else.
        (self.folder / f"{_LOCK}.new").rename(self.folder / _LOCK)
        _sweep(self.folder)

    def remove(self) -> None:
        """Remove the folder with what is in it."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
        shutil.rmtree(self.folder, ignore_errors=True)


def _hold(number: int) -> bool:
    """Take a lock; whether nobody else has it. Without such locks in the system everything is somebody's."""
    try:
        locks = import_module("fcntl")
        locks.flock(number, locks.LOCK_EX | locks.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def _sweep(own: Path) -> None:
    """Remove the folders whose processes are gone."""
    for folder in own.parent.glob(f"{_PREFIX}*"):
        # A folder without its lock is being made at this moment, or is somebody else's.
        with suppress(OSError):
            if folder == own or folder.stat().st_uid != own.stat().st_uid:
                continue
            number = os.open(folder / _LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
            try:
                if _hold(number):
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(number)
