"""Starting and stopping the whole: what ``orrery up`` and ``orrery down`` do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from orrery_hub.ports import Ports as Remembered
from orrery_hub.ports import free
from orrery_hub.standalone import process_tags, state
from orrery_hub.standalone.home import Home
from orrery_hub.standalone.managed_process import TABLE, Plan, Ports, plan

Say = Callable[[str], None]

_TRIES = 3  # starts of a part after which `up` gives up
_NEXT = 50  # how many ports after a taken one are tried


class StartError(Exception):
    """The product did not start; the text says what to look at."""


def start(home: Home, names: tuple[str, ...], port: int, say: Say) -> None:
    """Start a supervisor for the named parts. It goes on when this process ends."""
    if count := process_tags.sweep(home.root):
        say(f"Cleared {count} processes that an earlier run had left.")
    ports = choose(home, port, names, say)
    _write(home, plan(home, ports, names))
    with home.log("supervisor").open("ab") as log:
        subprocess.Popen(  # noqa: S603  # our own module
            [sys.executable, "-m", "orrery_hub.standalone.supervisor", str(home.root)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=home.run,
            env=os.environ | process_tags.mark(home.root, "supervisor"),
            start_new_session=True,
        )


def choose(home: Home, wanted: int, names: tuple[str, ...], say: Say) -> Ports:
    """The ports of this start: those of the last one as far as nobody took them, so that links go on working."""
    remembered = Remembered(home.state)
    chosen: dict[str, int] = {"public": _public(wanted, say)}
    for name in ("hub", "proxy_api", "service", "mlflow"):
        if name == "mlflow" and name not in names:
            continue
        port = remembered.take(name)
        while not available(port) or port in chosen.values():
            port = free()
        chosen[name] = remembered.take(name, port)
    remembered.take("public", chosen["public"])
    return Ports(**chosen)


def available(port: int) -> bool:
    """Whether a server could listen on a loopback port now."""
    with socket.socket() as probe:
        # As servers do: a connection that is only just over does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait(
    home: Home, seconds: float, ready: Callable[[str, state.PartStatus], None]
) -> state.Status:
    """Wait until every part answers; ``ready`` is called for each as it does.

    Raises:
        StartError: a part does not start, or not in time.
    """
    deadline = time.monotonic() + seconds
    seen: set[str] = set()
    while True:
        status = state.read(home)
        for name, part in (status.parts if status else {}).items():
            if part.state == "ready" and name not in seen:
                seen.add(name)
                ready(name, part)
            if name not in seen and part.starts >= _TRIES and part.state == "waiting":
                raise StartError(_why(home, name, f"{part.title} does not start: {part.reason}."))
        if status and status.ready:
            return status
        if time.monotonic() > deadline:
            late = [n for n, p in status.parts.items() if p.state != "ready"] if status else []
            name = late[0] if late else "supervisor"
            raise StartError(_why(home, name, f"{name} is not ready after {seconds:.0f} s."))
        time.sleep(0.1)


def stop(home: Home) -> int:
    """Stop everything that belongs to the home, labs too. How many processes the supervisor had left over."""
    pid = state.supervisor(home)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 60
        while _alive(pid) and time.monotonic() < deadline:
            time.sleep(0.1)
    left = process_tags.sweep(home.root)
    state.forget(home)
    return left


def last_lines(log: Path, count: int) -> list[str]:
    """The end of a log, read from its last 256 KB."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 262_144))
        return file.read().decode("utf-8", "replace").splitlines()[-count:]


def _alive(pid: int) -> bool:
    try:
        # A process that nobody has waited for yet has ended all the same.
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _public(wanted: int, say: Say) -> int:
    if wanted == 0:
        return free()
    for port in range(wanted, min(wanted + _NEXT, 65_535) + 1):
        if available(port):
            if port != wanted:
                say(f"Port {wanted} is taken; using {port}.")
            return port
    raise StartError(
        f"No port from {wanted} to {wanted + _NEXT} is free. Choose another: orrery up --port 9000"
    )


def _write(home: Home, what: Plan) -> None:
    file = home.run / "plan.json"
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_text(what.model_dump_json(indent=1), encoding="utf-8")
    fresh.replace(file)


def _why(home: Home, name: str, what: str) -> str:
    tail = "\n".join(f"    {line}" for line in last_lines(home.log(name), 15))
    return f"{what}\nThe end of {home.log(name)}:\n{tail}\nSee also: orrery doctor"


def everything() -> tuple[str, ...]:
    """The names of all parts."""
    return tuple(TABLE)
