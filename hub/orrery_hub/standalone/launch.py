"""Start and stop of the product, for ``orrery up`` and ``orrery down``."""

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

from orrery_hub.ports import PortStore, find_free_port
from orrery_hub.settings import Settings
from orrery_hub.standalone import process_tags, state
from orrery_hub.standalone.home import Home
from orrery_hub.standalone.log_problems import first_problem
from orrery_hub.standalone.managed_process import TABLE, Plan, Ports, create_plan
from orrery_hub.standalone.shell import typed

Echo = Callable[[str], None]

_MAX_STARTS = 3  # of one process, after which `up` gives up
# Tags of what a start ends first. Labs are not among them.
_PARTS = ("supervisor", *TABLE)
# Ports by name, with the process that has to be among those of a start; an empty one is always.
_PORTS = {
    "hub": "",
    "proxy_api": "",
    "service": "",
    "mlflow": "mlflow",
    "openbao": "openbao",
    "openbao_cluster": "openbao",
}
_NEXT_PORTS = 50  # tried after a port that is in use


class StartError(Exception):
    """The product did not start; the message has the cause and the end of a log."""


def start(
    home: Home, names: tuple[str, ...], port: int, echo: Echo, settings: Settings | None = None
) -> None:
    """Start a supervisor for the named processes; it outlives this process. Labs that run go on.

    Raises:
        StartError: the supervisor ended again at once.
    """
    settings = settings or Settings(home=home.root)
    if count := process_tags.terminate_tagged(home.root, *_PARTS):
        echo(f"Cleared {count} processes that an earlier run had left.")
    ports = choose_ports(home, port, names, echo)
    _write_plan(home, create_plan(home, ports, names, settings))
    # What an earlier run wrote last, before a power cut, says nothing about this one.
    state.delete(home)
    offset = home.log("supervisor").stat().st_size if home.log("supervisor").exists() else 0
    with home.log("supervisor").open("ab") as log:
        supervisor = subprocess.Popen(  # noqa: S603  # our own module
            [sys.executable, "-m", "orrery_hub.standalone.supervisor", str(home.root)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=home.run,
            env=os.environ | process_tags.environment_tag(home.root, "supervisor"),
            start_new_session=True,
        )
    while state.read_current(home) is None:
        if (code := supervisor.poll()) is not None:
            problem = first_problem(home.log("supervisor"), offset) or f"it ended with code {code}"
            raise StartError(_with_log(home, "supervisor", f"The supervisor: {problem}"))
        time.sleep(0.05)


def end_hung_supervisor(home: Home) -> bool:
    """Kill a supervisor that does not write its state any more; true if there was one. Labs that run go on."""
    status = state.read_current(home)
    pid = state.supervisor_pid(home)
    if status is None or pid is None or not status.is_stale:
        return False
    _kill(pid)
    process_tags.terminate_tagged(home.root, *_PARTS)
    return True


def choose_ports(home: Home, requested: int, names: tuple[str, ...], echo: Echo) -> Ports:
    """Ports of this start: those of the last start that are still free, so that running labs find the hub."""
    store = PortStore(home.state)
    chosen: dict[str, int] = {"public": _public_port(requested, echo)}
    for name, process in _PORTS.items():
        if process and process not in names:
            continue
        port = store.assign(name)
        while not is_port_free(port) or port in chosen.values():
            port = find_free_port()
        chosen[name] = store.assign(name, port)
    store.assign("public", chosen["public"])
    return Ports(**chosen)


def is_port_free(port: int) -> bool:
    """Whether a server can listen on a loopback port now."""
    with socket.socket() as probe:
        # As servers do: a closed connection in TIME_WAIT does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_until_ready(
    home: Home, seconds: float, on_ready: Callable[[str, state.ProcessStatus], None]
) -> state.Status:
    """Wait until every process is healthy; ``on_ready`` is called once for each.

    Raises:
        StartError: a process does not start, or not in time.
    """
    deadline = time.monotonic() + seconds
    seen: set[str] = set()
    while True:
        status = state.read_current(home)
        for name, process in (status.processes if status else {}).items():
            if process.state == "ready" and name not in seen:
                seen.add(name)
                on_ready(name, process)
            has_failed = process.starts >= _MAX_STARTS and process.state == "waiting"
            if name not in seen and (has_failed or process.state == "refused"):
                reason = f"{process.title} does not start: {process.reason}."
                # What went wrong first, and not the failures that followed from it.
                cause = f"{process.problem}\n{reason}" if process.problem else reason
                raise StartError(_with_log(home, name, cause))
        if status and status.ready:
            return status
        if time.monotonic() > deadline:
            pending = (
                [n for n, p in status.processes.items() if p.state != "ready"] if status else []
            )
            name = pending[0] if pending else "supervisor"
            raise StartError(_with_log(home, name, f"{name} is not ready after {seconds:.0f} s."))
        time.sleep(0.1)


def stop(home: Home) -> int:
    """Stop every process of the home, labs included; returns how many outlived the supervisor."""
    pid = state.supervisor_pid(home)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 60
        if (status := state.read_current(home)) and status.is_stale:
            deadline = 0.0
        while _is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        if _is_alive(pid):
            _kill(pid)
    remaining = process_tags.terminate_tagged(home.root)
    home.withdraw()
    state.delete(home)
    return remaining


def last_lines(log: Path, count: int) -> list[str]:
    """The last ``count`` whole lines of a log; those that rotation moved to ``.1`` included.

    A log is read from its end in blocks, so the last lines of a long one cost little.
    """
    lines: list[str] = []
    for part in (log, log.with_name(f"{log.name}.1")):
        lines = _tail(part, count - len(lines)) + lines
    return lines


def _tail(file: Path, count: int, block: int = 262_144) -> list[str]:
    if count <= 0 or not file.exists():
        return []
    with file.open("rb") as stream:
        position = stream.seek(0, os.SEEK_END)
        content = b""
        # One line break more than lines are asked for: the first line of a block may be cut.
        while position > 0 and content.count(b"\n") <= count:
            size = min(block, position)
            position = stream.seek(position - size)
            content = stream.read(size) + content
    return content.decode("utf-8", "replace").splitlines()[-count:]


def _is_alive(pid: int) -> bool:
    try:
        # A zombie has ended; its parent has not collected the exit code yet.
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _kill(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.kill()
        process.wait(10)


def _public_port(requested: int, echo: Echo) -> int:
    if requested == 0:
        return find_free_port()
    for port in range(requested, min(requested + _NEXT_PORTS, 65_535) + 1):
        if is_port_free(port):
            if port != requested:
                echo(f"Port {requested} is taken; using {port}.")
            return port
    raise StartError(
        f"No port from {requested} to {requested + _NEXT_PORTS} is free. "
        f"Choose another: {typed('up --port 9000')}"
    )


def _write_plan(home: Home, plan: Plan) -> None:
    file = home.run / "plan.json"
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_text(plan.model_dump_json(indent=1), encoding="utf-8")
    fresh.replace(file)


def _with_log(home: Home, name: str, reason: str) -> str:
    tail = "\n".join(f"    {line}" for line in last_lines(home.log(name), 15))
    return f"{reason}\nThe end of {home.log(name)}:\n{tail}\nSee also: {typed('doctor')}"
