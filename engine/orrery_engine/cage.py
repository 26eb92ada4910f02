"""What a worker may use of the machine while it does a job: limits of the system, and no network for local data.

A worker reads files of strangers with libraries of others. The process that started it watches its memory, time and silence
(``client.limits``); what is here holds between two looks of that watch, and when nobody watches. It is no sandbox: a library
that is taken over may undo the soft limits, and only Python's own sockets are seen here. DuckDB, which could open addresses by
itself, has its own cage (``readers.duck``).
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from orrery_engine.client.limits import GRACE_SECONDS
from orrery_engine.readers.text.unpacking import MAX_BYTES
from orrery_engine.schemas import Job, ResolvedSource

MAX_OPEN_FILES = 16_384
# The watch says in words what is wrong; the system's limit, which only makes an allocation fail, lies well above.
_MEMORY_FACTOR = 2
_MEMORY_SPARE = 2**30
_CPU_SPARE_SECONDS = 10.0
_LOCAL_DATABASES = ("sqlite", "duckdb")
_NETWORK_EVENTS = frozenset(
    {
        "socket.connect",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
    }
)


def confine(job: Job) -> None:
    """Set the limits of a job; called before each one."""
    _network.is_closed = is_local(job)
    _network.install()
    with suppress(ImportError):
        _limit(import_module("resource"), job.memory, job.options.seconds)


def confine_reader(memory: int, seconds: float, *, writes: bool = True) -> None:
    """Set the limits of a worker that reads nothing by itself; called before each answer.

    Args:
        memory: bytes that it may hold.
        seconds: that an answer may take.
        writes: whether it may write into files at all.
    """
    _network.is_closed = True
    _network.install()
    with suppress(ImportError):
        resource = import_module("resource")
        _limit(resource, memory, seconds)
        if not writes:
            _set(resource, resource.RLIMIT_FSIZE, 0)


def is_local(job: Job) -> bool:
    """Whether nothing that a job reads is elsewhere: it needs no network then."""
    sources = [source for source in (job.source, job.against) if source is not None]
    return not job.options.cluster and all(map(_is_here, sources))


def _is_here(source: ResolvedSource) -> bool:
    scheme, sign, _ = source.location.partition("://")
    return not sign or scheme.split("+")[0].lower() in _LOCAL_DATABASES


class _Network:
    """Python's sockets, closed to other machines during a job with local data. A hook stays for the life of a process."""

    def __init__(self) -> None:
        self.is_closed = False
        self._is_installed = False

    def install(self) -> None:
        """Begin to look at what is asked of sockets."""
        if not self._is_installed:
            self._is_installed = True
            sys.addaudithook(self._look)

    def _look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_closed or event not in _NETWORK_EVENTS:
            return
        # A socket of Unix leads to this machine only; its address is a path.
        if event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], str | bytes):
            return
        raise PermissionError("a job with local data asked for the network, which is closed to it")


_network = _Network()


def _limit(resource: Any, memory: int, budget: float) -> None:
    """Lower what the system allows; where it allows less already, that stays."""
    _set(resource, resource.RLIMIT_CORE, 0)
    _set(resource, resource.RLIMIT_FSIZE, MAX_BYTES)
    _set(resource, resource.RLIMIT_NOFILE, MAX_OPEN_FILES)
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    seconds = budget + GRACE_SECONDS + _CPU_SPARE_SECONDS
    _set(resource, resource.RLIMIT_CPU, int(used + seconds * (os.cpu_count() or 1)) + 1)
    reserved = _reserved()
    if reserved:
        most = reserved + _MEMORY_FACTOR * memory + _MEMORY_SPARE
        _set(resource, resource.RLIMIT_DATA, most)


def _set(resource: Any, name: int, limit: int) -> None:
    """Set the soft limit; the hard one stays, for the next job may need more."""
    _, hard = resource.getrlimit(name)
    most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    if name == resource.RLIMIT_NOFILE:
        soft, _ = resource.getrlimit(name)
        most = min(most, soft) if soft != resource.RLIM_INFINITY else most
    with suppress(OSError, ValueError):
        resource.setrlimit(name, (most, hard))


def _reserved() -> int:
    """Bytes that count against the limit already, many of them never touched; 0 where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmData:")[1].split()[0]) * 1024
    return 0
