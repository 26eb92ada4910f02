"""What can happen to a worker of this process, and what is said then."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from orrery_kernels.eda import worker
from orrery_kernels.eda.run_state import State
from orrery_kernels.errors import RunFailed, ServerUnavailable

STANDIN = """
import json, os, sys, time
job = json.loads(sys.stdin.readline())
def say(**news): print(json.dumps(news), flush=True)
name = job["source"]["name"]
say(event="stage", stage="reading", progress=0.0)
if name == "eats":
    held = bytearray(job["memory"] + 200 * 2**20); time.sleep(60)
if name == "dies":
    os.kill(os.getpid(), 9)
if name == "sleeps":
    time.sleep(60)
if name == "fails":
    say(event="failed", error={"code": "invalid", "message": "Not so", "reason": "why", "remedy": "what"})
if name == "raises":
    raise SystemError("something odd")
if name == "secret":
    say(event="overview", overview={"rows": int("ORRERY_SECRET" in os.environ), "columns": 0})
if name == "elsewhere":
    say(event="report", path="/etc/hostname")
say(event="done")
"""


@pytest.fixture(autouse=True)
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program in the place of the engine that does what the source's name says."""
    program = tmp_path / "standin.py"
    program.write_text(STANDIN)
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\nexec {sys.executable} {program}\n")
    script.chmod(0o700)
    monkeypatch.setattr(worker.sys, "executable", str(script))
    monkeypatch.setenv("ORRERY_SECRET", "x")


def done(name: str, **options: Any) -> dict[str, Any]:
    source = {"kind": "frame", "location": "/nothing", "name": name}
    return worker.run({"task": "profile", "source": source, "options": options})


def test_done() -> None:
    found = done("fine")
    assert found["result"]["run"]["state"] == "done"
    assert found["columns"] == []


def test_secrets_of_the_server_do_not_reach_it() -> None:
    assert done("secret")["result"]["run"]["rows"] == 0


def test_failure_is_told() -> None:
    with pytest.raises(RunFailed, match="Not so\n  why\n  what") as told:
        done("fails")
    assert told.value.code == "invalid"


def test_death_is_told() -> None:
    with pytest.raises(RunFailed, match=r"ended in the middle.*\n.*SIGKILL"):
        done("dies")


def test_too_much_memory_is_told_with_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "memory", lambda: 300 * 2**20)
    begun = time.monotonic()
    with pytest.raises(RunFailed, match=r"more memory.*\n.*the limit is 0.3 GiB") as told:
        done("eats")
    assert told.value.code == "out_of_memory"
    assert time.monotonic() - begun < 20


def test_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_SLACK_SECONDS", 0.5)
    with pytest.raises(RunFailed, match="longer than its time limit"):
        done("sleeps", seconds=0.2)


def test_what_raises_says_its_last_line() -> None:
    with pytest.raises(ServerUnavailable, match="something odd"):
        done("raises")


def test_a_report_elsewhere_is_not_read() -> None:
    with pytest.raises(RunFailed, match="not its own"):
        done("elsewhere")


def test_interrupt_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(run: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    source = {"kind": "frame", "location": "/nothing", "name": "sleeps"}
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        worker.run({"task": "profile", "source": source, "options": {}}, told)
    assert time.monotonic() - begun < 5


def test_memory_is_a_share_of_the_machine() -> None:
    assert 2**29 <= worker.memory() <= 8 * 2**30


def test_comparisons_and_checks_are_counted() -> None:
    source = {"kind": "file", "location": "/x", "name": "x"}
    state = State({"task": "comparison", "source": source, "options": {}})
    state.hear(
        {"event": "comparison", "comparison": {"rows_after": 3, "alerts": [{}, {}], "drifts": []}}
    )
    state.hear({"event": "columns", "side": "against", "columns": [{"index": 0}]})
    state.hear({"event": "columns", "side": "source", "columns": [{"index": 1}, {"index": 0}]})
    assert (state.run["rows"], state.run["alerts"]) == (3, 2)
    assert [one["index"] for one in state.columns()] == [0, 1]
    state = State({"task": "checks", "source": source, "options": {}})
    state.hear({"event": "checks", "checks": {"rows": 5, "results": [{"passed": False}]}})
    assert state.run["failing"] == 1
