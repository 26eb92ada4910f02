"""A private folder that goes with this server, even when the server is killed."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from orrery_server.base import files
from orrery_server.base.locks import ProcessLock, is_held

_LOCK = ".server"
# Waits for the end of its input, which is the end of the server, and then until no worker writes any more.
_GUARD = """
import shutil, sys, time
sys.stdin.buffer.read()
for _ in range(20):
    shutil.rmtree(sys.argv[1], True)
    time.sleep(0.1)
"""


class ScratchFolder:
    """Made when it is first asked for; what dead servers left beside it is taken away then."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._process_lock: ProcessLock | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    def folder(self) -> Path:
        """The folder, which nobody else may look into.

        Raises:
            StorageFull: it cannot be made.
        """
        with self._lock:
            if self._folder is None:
                try:
                    self._folder = self._create()
                except OSError as problem:
                    raise files.storage_error(problem, self._base) from problem
            return self._folder

    def room(self) -> Path:
        """A fresh folder in it; StorageFull if it cannot be made."""
        try:
            return Path(tempfile.mkdtemp(prefix="worker-", dir=self.folder()))
        except OSError as problem:
            raise files.storage_error(problem, self._base) from problem

    def close(self) -> None:
        """Take it away with all that is in it."""
        with self._lock:
            if self._folder is None:
                return
            shutil.rmtree(self._folder, ignore_errors=True)
            if self._process_lock is not None:
                self._process_lock.release()
            if self._guard is not None and self._guard.stdin is not None:
                self._guard.kill()
                self._guard.stdin.close()
                self._guard.wait()
            self._folder = self._process_lock = self._guard = None

    def _create(self) -> Path:
        self._base.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sweep()
        name = secrets.token_hex(6)
        fresh, folder = self._base / f".{name}", self._base / name
        fresh.mkdir(mode=0o700)
        self._process_lock = ProcessLock(fresh / _LOCK)
        self._process_lock.take()
        # Under its name it is there with its lock or not at all: no other server takes it for a dead one's.
        fresh.rename(folder)
        self._process_lock.path = folder / _LOCK
        self._guard = subprocess.Popen(  # noqa: S603 - this Python, and a folder of our own making
            [sys.executable, "-I", "-S", "-c", _GUARD, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=Path(folder.anchor),
            env={k: v for k, v in os.environ.items() if k in ("PATH", "SYSTEMROOT")},
            start_new_session=True,
        )
        return folder

    def _sweep(self) -> None:
        for folder in self._base.iterdir():
            with suppress(OSError):
                if folder.name.startswith(".") or folder.is_symlink() or not folder.is_dir():
                    continue
                if not is_held(folder / _LOCK):
                    shutil.rmtree(folder, ignore_errors=True)
