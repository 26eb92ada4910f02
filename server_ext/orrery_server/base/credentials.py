"""Credentials of the server, taken out of the environment that its kernels and terminals would inherit.

The spawner hands them to the server in environment variables, and every process that a server starts gets a copy. Once
all extensions have read theirs, they are withdrawn: from ``os.environ``, and from the block of memory that
``/proc/<pid>/environ`` shows to every process of the same user.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

HUB_TOKEN = "JUPYTERHUB_API_TOKEN"  # noqa: S105  # the name of a variable
VARIABLES = (
    "CONFIGPROXY_AUTH_TOKEN",
    "JPY_API_TOKEN",
    HUB_TOKEN,
    "JUPYTERHUB_COOKIE_SECRET",
    "JUPYTERHUB_CRYPT_KEY",
    "JUPYTER_TOKEN",
)

_INITIAL_BLOCK = Path("/proc/self/environ")
_withdrawn: dict[str, str] = {}


def credential(name: str) -> str:
    """The value of a variable of this process, also after it was withdrawn; empty if there was none."""
    return os.environ.get(name) or _withdrawn.get(name, "")


def withdraw(names: Iterable[str]) -> tuple[str, ...]:
    """Take variables out of the environment; the names of those that were in it."""
    present = tuple(name for name in names if name in os.environ)
    for name in present:
        _withdrawn[name] = os.environ[name]
        _overwrite(name)
        del os.environ[name]
    return present


def forget() -> None:
    """Forget what was withdrawn: the server stopped, and another in this process has its own."""
    _withdrawn.clear()


def _overwrite(name: str) -> None:
    """Overwrite a value in the block that the process was started with; a value set later is not in it."""
    value = os.environb[os.fsencode(name)] if os.supports_bytes_environ else b""
    if sys.platform != "linux" or not value or not _is_initial(os.fsencode(name) + b"=" + value):
        return
    import ctypes

    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_void_p
    libc.getenv.argtypes = [ctypes.c_char_p]
    address = libc.getenv(os.fsencode(name))
    if address and ctypes.string_at(address) == value:
        ctypes.memset(address, ord("-"), len(value))


def _is_initial(entry: bytes) -> bool:
    try:
        return entry in _INITIAL_BLOCK.read_bytes().split(b"\0")
    except OSError:
        return False
