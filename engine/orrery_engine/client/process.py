"""How a worker process is started and killed."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import sys
from contextlib import suppress
from importlib.util import find_spec

from orrery_engine.url_secrets import is_private
from orrery_wire.errors import BackendUnavailable

COMMAND = (sys.executable, "-P", "-m", "orrery_engine")

# A list of what is harmless, for nobody knows the names of all credentials.
_HARMLESS = re.compile(
    r"PATH|HOME|USER|LOGNAME|USERNAME|LANG|LANGUAGE|LC_\w+|TZ|TZDIR|TMPDIR|TEMP|TMP"
    r"|SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE"
    r"|PYTHON\w*|VIRTUAL_ENV|CONDA_PREFIX|LD_LIBRARY_PATH|DYLD_\w+|MALLOC_\w+"
    r"|OMP_\w+|OPENBLAS_\w+|MKL_\w+|ARROW_\w+|POLARS_\w+|RAYON_\w+|COVERAGE_\w+|COV_CORE_\w+"
)
_NICENESS = 5
_PR_SET_PDEATHSIG = 1
# Without these the engine does not even start.
_REQUIRED = ("duckdb", "numpy", "polars", "pyarrow")


def require_packages() -> None:
    """Check that the packages that the engine needs are installed.

    Raises:
        BackendUnavailable: with what to install.
    """
    missing = [name for name in _REQUIRED if find_spec(name) is None]
    if missing:
        raise BackendUnavailable(
            "Nothing can be profiled here",
            reason=f"Not installed: {', '.join(missing)}.",
            install=" ".join(missing),
        )


def arguments(command: tuple[str, ...] = COMMAND, *, full: bool = False) -> list[str]:
    """The command line; with ``full`` the worker imports at once what the full report needs."""
    return [*command, *(["--full"] if full else [])]


def environment() -> dict[str, str]:
    """The environment of a worker: this process's own, without what opens the server or the hub."""
    return {name: value for name, value in os.environ.items() if not is_private(name)}


def bare_environment() -> dict[str, str]:
    """The environment of a worker that opens nothing by itself: what a program needs to run, and no credential of a person."""
    return {name: value for name, value in environment().items() if _HARMLESS.fullmatch(name)}


def lower_priority(pid: int) -> None:
    """Let a process that computes for minutes yield to whatever a person waits for."""
    if hasattr(os, "setpriority"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, _NICENESS)


def kill(pid: int) -> None:
    """Kill a worker with its children. It leads a session of its own, so an interrupt of this process never reaches it."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGTERM)


def die_with_parent() -> None:
    """Ask Linux to end this process when the one that started it dies."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
