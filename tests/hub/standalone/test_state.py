"""The files in run/: atomic, tolerant, and locks that cannot be stale."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from orrery_hub.standalone import state
from orrery_hub.standalone.home import Home

STATUS = state.Status(
    pid=1,
    address="http://127.0.0.1:1",
    started=0,
    processes={"web": state.ProcessStatus(title="Web")},
)


def test_what_was_written_is_read(home: Home) -> None:
    assert state.read(home) is None
    state.write(home, STATUS)
    assert state.read(home) == STATUS
    assert (home.run / "state.json").stat().st_mode & 0o777 == 0o600
    state.delete(home)
    assert state.read(home) is None


def test_a_corrupt_file_is_kept_aside(home: Home) -> None:
    for broken in (b"", b"{", b"\xff\xfe", b"[]", b'{"pid": "x"}'):
        (home.run / "state.json").write_bytes(broken)
        assert state.read(home) is None
        assert not (home.run / "state.json").exists()
    assert len(list(home.run.glob("state.json.broken-*"))) == 5


def test_ready_means_every_part() -> None:
    ready = state.ProcessStatus(title="A", state="ready")
    assert STATUS.model_copy(update={"processes": {"a": ready}}).ready
    waiting = state.ProcessStatus(title="B", state="waiting")
    assert not STATUS.model_copy(update={"processes": {"a": ready, "b": waiting}}).ready


def test_a_lock_has_one_holder(home: Home) -> None:
    with state.exclusive_lock(home.run / "x.lock") as first:
        assert first
        with state.exclusive_lock(home.run / "x.lock") as second:
            assert not second
    with state.exclusive_lock(home.run / "x.lock") as third:
        assert third


def test_a_lock_of_a_killed_process_is_free(home: Home) -> None:
    code = (
        "import sys, time; from pathlib import Path; from orrery_hub.standalone import state\n"
        "with state.exclusive_lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    lock = home.run / "supervisor.lock"
    holder = subprocess.Popen([sys.executable, "-c", code, str(lock)], stdout=subprocess.PIPE)
    assert holder.stdout
    with holder.stdout:
        assert holder.stdout.readline() == b"held\n"
        assert state.supervisor_pid(home) == holder.pid
        holder.kill()
        holder.wait()
    assert lock.exists()
    assert not state.is_supervised(home)


def test_waiting_for_a_lock_says_whose_it_is(home: Home) -> None:
    lock = home.run / "x.lock"
    code = (
        "import sys, time; from pathlib import Path; from orrery_hub.standalone import state\n"
        "with state.exclusive_lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(0.7)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        holders: list[str] = []
        started = time.monotonic()
        with state.exclusive_lock(lock, holders.append) as is_held:
            assert is_held
        assert time.monotonic() - started > 0.3
    assert holders == [str(holder.pid)]
    assert str(os.getpid()) in lock.read_text()
