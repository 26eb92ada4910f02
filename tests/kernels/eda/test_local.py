"""Runs without a lab: what can happen to the worker of this process, and what is said then."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orrery_engine.client import blocking, limits
from orrery_kernels.client import Client, Connection
from orrery_kernels.eda import api, local, progress
from orrery_kernels.eda.service import LabEda
from orrery_kernels.eda.views import ProfileResult
from orrery_kernels.errors import RunFailed
from orrery_wire.errors import Invalid, NotFound
from orrery_wire.types.eda import EdaCalls

STANDIN = """
import json, os, signal, sys, time
job = json.loads(sys.stdin.readline())
def say(**news): print(json.dumps(news), flush=True)
name = job["source"]["name"]
say(event="stage", stage="reading", progress=0.0)
if name == "eats":
    held = bytearray(job["memory"] + 200 * 2**20); time.sleep(60)
if name == "dies":
    os.kill(os.getpid(), 9)
if name == "dies without a name":
    os.kill(os.getpid(), signal.SIGRTMIN + 6)
if name.startswith("hangs") and (name == "hangs always" or not os.path.exists("hung")):
    open("hung", "w").close()
    os.kill(os.getpid(), signal.SIGSTOP)
if name == "fails":
    say(event="failed", error={"code": "invalid", "message": "Not so", "reason": "why", "remedy": "what"})
if name == "lacks":
    raise ImportError("no such extra")
if name == "lies":
    print("no event", flush=True)
if name == "endless":
    while True: sys.stdout.write("x" * 65536)
if name == "sleeps":
    say(event="progress", progress=0.5)
if name == "raises":
    raise SystemError("something odd")
if name == "secret":
    say(event="overview", overview={"rows": int("ORRERY_SECRET" in os.environ), "columns": 0})
if name == "elsewhere":
    say(event="report", path="/etc/hostname")
if name == "sleeps":
    time.sleep(60)
say(event="done")
"""


@pytest.fixture(autouse=True)
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program in the place of the engine that does what the source's name says."""
    program = tmp_path / "standin.py"
    program.write_text(STANDIN)
    command = (sys.executable, "-S", str(program))
    defaults = {**blocking.BlockingWorker.__init__.__kwdefaults__, "command": command}
    monkeypatch.setattr(blocking.BlockingWorker.__init__, "__kwdefaults__", defaults)
    monkeypatch.setenv("ORRERY_SECRET", "x")


def request(name: str, **options: Any) -> dict[str, Any]:
    source = {"kind": "frame", "location": "/nothing", "name": name}
    return {"task": "profile", "source": source, "options": options}


def done(name: str, **options: Any) -> dict[str, Any]:
    return local.run(request(name, **options)).data()


def test_done() -> None:
    data = done("fine")
    assert data["result"]["run"]["state"] == "done"
    assert data["result"]["run"]["progress"] == 1.0
    assert data["columns"] == []


def test_secrets_of_the_server_do_not_reach_it() -> None:
    assert done("secret")["result"]["run"]["rows"] == 0


def test_failure_is_told() -> None:
    with pytest.raises(RunFailed, match="Not so\n  why\n  what") as caught:
        done("fails")
    assert caught.value.code == "invalid"


def test_death_is_told() -> None:
    with pytest.raises(RunFailed, match=r"ended in the middle.*\n.*SIGKILL"):
        done("dies")


def test_death_by_a_signal_without_a_name_is_told() -> None:
    with pytest.raises(RunFailed, match=f"ended by signal {signal.SIGRTMIN + 6}"):
        done("dies without a name")


def test_one_that_hangs_is_replaced_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(limits, "SILENT_SECONDS", 0.5)
    assert done("hangs once")["result"]["run"]["state"] == "done"
    assert "stopped answering" in caplog.text
    with pytest.raises(RunFailed, match="stopped answering") as caught:
        done("hangs always")
    assert caught.value.code == "internal_error"


def test_too_much_memory_is_told_with_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local.memory, "share", lambda: 300 * 2**20)
    begun = time.monotonic()
    with pytest.raises(RunFailed, match=r"more memory.*\n.*the limit is 300 MiB") as caught:
        done("eats")
    assert caught.value.code == "out_of_memory"
    assert time.monotonic() - begun < 20


def test_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GRACE_SECONDS", 0.5)
    with pytest.raises(RunFailed, match="longer than its time limit") as caught:
        done("sleeps", seconds=0.2)
    assert caught.value.code == "timed_out"


def test_what_raises_says_its_last_line() -> None:
    with pytest.raises(RunFailed, match=r"exit code was 1.*something odd"):
        done("raises")


def test_one_that_lacks_a_library_says_what_to_install() -> None:
    with pytest.raises(RunFailed, match="pip install jupyter-orrery") as caught:
        done("lacks")
    assert caught.value.code == "backend_unavailable"
    assert "no such extra" in caught.value.reason


def test_one_that_says_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 2**20)
    with pytest.raises(RunFailed, match="said more than it may") as caught:
        done("endless")
    assert caught.value.code == "too_large"


def test_lines_that_are_no_events_are_passed_over() -> None:
    assert done("lies")["result"]["run"]["state"] == "done"


def test_a_report_elsewhere_is_not_read() -> None:
    with pytest.raises(RunFailed, match="own folder"):
        done("elsewhere")


def test_what_cannot_be_read_here_is_refused(tmp_path: Path) -> None:
    for kind, location, error in (
        ("file", str(tmp_path / "none"), NotFound),
        ("lake", "a.csv", Invalid),
        ("file", __file__, Invalid),
        ("no such kind", "x", Invalid),
    ):
        wrong = {**request("x"), "source": {"kind": kind, "location": location, "name": "x"}}
        with pytest.raises(error):
            local.run(wrong)


def test_interrupt_leaves_no_process() -> None:
    def interrupt(run: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        local.run(request("sleeps", seconds=60), interrupt)
    assert time.monotonic() - begun < 5


def test_pydantic_comes_with_the_first_run_and_not_before() -> None:
    code = (
        "import sys\n"
        "from orrery_kernels import eda\n"
        "eda.profile, eda.ProfileResult\n"
        "from orrery_kernels.eda import commands, completion, frames, magic\n"
        "print('pydantic' in sys.modules)\n"
        "import orrery_kernels.eda.local\n"
        "print('pydantic' in sys.modules)\n"
        "print(sorted({'duckdb', 'numpy', 'polars', 'pyarrow', 'asyncio'} & set(sys.modules)))\n"
    )
    lines = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert lines[:2] == ["False", "True"]
    assert not {"duckdb", "numpy", "polars", "pyarrow"} & set(eval(lines[2]))


def test_a_result_can_be_pickled() -> None:
    run = local.run(request("fine"))
    result = pickle.loads(pickle.dumps(ProfileResult(run.data(), run.render, run.checks)))
    assert result.run["state"] == "done"
    assert result.render("markdown") == run.render("markdown", False)


def test_a_result_of_a_lab_is_pickled_without_the_labs_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = local.run(request("fine"))
    asked: list[str] = []

    def report(self: EdaCalls, id: str, query: object, **_: object) -> dict[str, str]:
        asked.append(id)
        return {"content": "text"}

    monkeypatch.setattr(EdaCalls, "report", report)
    lab = LabEda(Client(Connection(url="http://127.0.0.1:1/", token="canary-of-the-lab", root="")))
    documents = api._LabDocuments("a" * 32, lab)
    pickled = pickle.dumps(ProfileResult(run.data(), documents.render, documents.checks))
    assert b"canary-of-the-lab" not in pickled
    monkeypatch.setattr(api, "connect", lambda: lab.client)
    assert pickle.loads(pickled).render("html") == "text"
    assert asked == ["a" * 32]


class Shell:
    """What IPython's shell is in a kernel whose client takes input, or takes none."""

    def __init__(self, takes_input: bool) -> None:
        self.kernel = SimpleNamespace(_allow_stdin=takes_input)


def test_a_notebook_that_nobody_looks_at_gets_no_line_of_progress(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its place would be saved as an empty output."""
    for takes_input, kind in ((True, progress.CellProgress), (False, progress.Progress)):
        module = SimpleNamespace(get_ipython=lambda takes=takes_input: Shell(takes))
        monkeypatch.setitem(sys.modules, "IPython.core.getipython", module)
        assert type(progress.progress("x")) is kind
