"""Small parts that behave as told, and a supervisor for them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

from orrery_hub.ports import find_free_port
from orrery_hub.standalone import state
from orrery_hub.standalone.home import Home
from orrery_hub.standalone.managed_process import ManagedProcess, Plan

started_processes: list[subprocess.Popen[bytes]] = []

SERVER = """
import http.server, os, subprocess, sys
if "child" in sys.argv:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print("environment", sorted(os.environ), flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def until(condition: Callable[[], object], seconds: float = 15) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def server(name: str = "web", *words: str) -> ManagedProcess:
    """A part that answers."""
    port = find_free_port()
    return ManagedProcess(
        name=name,
        title=name.title(),
        command=(sys.executable, "-c", SERVER, str(port), *words),
        port=port,
        health=(f"http://127.0.0.1:{port}/",),
        stop_timeout=3,
    )


def short_lived(name: str = "brief") -> ManagedProcess:
    """A part that says something and fails at once."""
    return ManagedProcess(
        name=name,
        title=name.title(),
        command=(sys.executable, "-c", "print('no such thing as a port'); raise SystemExit(7)"),
        health=("http://127.0.0.1:9/",),
    )


def supervise(
    home: Home, *processes: ManagedProcess, **environment: str
) -> subprocess.Popen[bytes]:
    """A supervisor process for some parts, which has written its state."""
    plan = Plan(home=str(home.root), address="http://127.0.0.1:1", processes=processes)
    (home.run / "plan.json").write_text(plan.model_dump_json(), encoding="utf-8")
    with home.log("supervisor").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "orrery_hub.standalone.supervisor", str(home.root)],
            stdout=log,
            stderr=log,
            env=os.environ | environment,
            start_new_session=True,
        )
    started_processes.append(process)
    until(lambda: state.read(home))
    return process


def status_of(home: Home, name: str) -> state.ProcessStatus:
    """How a part is now."""
    status = state.read(home)
    assert status is not None
    return status.processes[name]
