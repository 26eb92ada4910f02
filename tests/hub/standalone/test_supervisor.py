"""Parts that die, hang, or never start; a supervisor that is told to stop, or is killed."""

from __future__ import annotations

import os
import signal
import sys
import time

import psutil

from orrery_hub.ports import find_free_port
from orrery_hub.standalone import process_tags, state
from orrery_hub.standalone.home import Home
from orrery_hub.standalone.managed_process import ManagedProcess
from orrery_hub.standalone.supervisor import rotate_log
from tests.hub.standalone.fakes import server, short_lived, status_of, supervise, until


def test_a_killed_part_is_started_again(home: Home) -> None:
    supervise(home, server())
    until(lambda: status_of(home, "web").state == "ready")
    first = status_of(home, "web")
    assert first.pid
    assert first.starts == 1
    os.kill(first.pid, signal.SIGKILL)
    until(lambda: status_of(home, "web").starts == 2 and status_of(home, "web").state == "ready")
    second = status_of(home, "web")
    assert second.pid != first.pid
    assert "signal 9" in home.log("supervisor").read_text()


def test_a_part_that_keeps_failing_is_tried_ever_more_rarely(home: Home) -> None:
    supervise(home, short_lived())
    until(lambda: status_of(home, "brief").starts >= 3)
    assert status_of(home, "brief").reason in {"it ended with code 7", ""}
    log = home.log("supervisor").read_text()
    assert "again in 0.5 s" in log
    assert "again in 1.0 s" in log
    assert home.log("brief").read_text().count("no such thing") >= 2


def test_a_part_that_does_not_answer_in_time_is_started_again(home: Home) -> None:
    mute = ManagedProcess(
        name="mute",
        title="Mute",
        command=(sys.executable, "-c", "import time; time.sleep(600)"),
        health=(f"http://127.0.0.1:{find_free_port()}/",),
        start_timeout=0.5,
        stop_timeout=1,
    )
    supervise(home, mute)
    until(lambda: status_of(home, "mute").starts >= 2)
    assert "did not answer within" in home.log("supervisor").read_text()


def test_a_part_whose_program_is_missing_does_not_stop_the_others(home: Home) -> None:
    ghost = ManagedProcess(name="ghost", title="Ghost", command=("/no/such/program",))
    supervise(home, ghost, server())
    until(lambda: status_of(home, "web").state == "ready")
    until(lambda: "could not be started" in status_of(home, "ghost").reason)


def test_stopping_ends_children_of_children_too(home: Home) -> None:
    process = supervise(home, server("web", "child"), server("other"))
    until(lambda: status_of(home, "web").state == status_of(home, "other").state == "ready")
    assert len(process_tags.tagged_processes(home.root)) == 3
    process.terminate()
    assert process.wait(20) == 0
    assert process_tags.tagged_processes(home.root) == []
    assert state.read(home) is None


def test_killing_the_supervisor_ends_its_parts(home: Home) -> None:
    process = supervise(home, server())
    until(lambda: status_of(home, "web").state == "ready")
    pid = status_of(home, "web").pid
    assert pid
    process.kill()
    process.wait()
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie")
    assert not state.is_supervised(home)


def test_there_is_only_one_supervisor(home: Home) -> None:
    first = supervise(home, server())
    second = supervise(home, server())
    assert second.wait(15) == 3
    assert state.supervisor_pid(home) == first.pid


def test_what_an_earlier_life_left_is_ended_before_the_next(home: Home) -> None:
    supervise(home, server("web", "child"))
    until(lambda: status_of(home, "web").state == "ready")
    before = {process.pid for process in process_tags.tagged_processes(home.root, "web")}
    assert len(before) == 2
    os.kill(status_of(home, "web").pid or 0, signal.SIGKILL)
    until(lambda: status_of(home, "web").starts == 2 and status_of(home, "web").state == "ready")
    assert not before & {process.pid for process in process_tags.tagged_processes(home.root, "web")}


def test_the_variables_of_a_lab_do_not_reach_a_part(home: Home) -> None:
    supervise(home, server(), JUPYTERHUB_API_TOKEN="t", ORRERY_HUB_URL="u", HARMLESS="1")
    until(lambda: status_of(home, "web").state == "ready")
    log = home.log("web").read_text()
    assert "HARMLESS" in log
    assert "JUPYTERHUB_API_TOKEN" not in log
    assert "ORRERY_HUB_URL" not in log


def test_a_log_that_is_too_long_is_kept_once_and_goes_on_empty(home: Home) -> None:
    log = home.log("web")
    with log.open("ab") as writer:
        writer.write(b"x" * 2_000)
        writer.flush()
        assert rotate_log(log, limit=1_000)
        writer.write(b"after")
    assert log.read_bytes() == b"after"
    assert log.with_name("web.log.1").stat().st_size == 2_000
    assert not rotate_log(log, limit=1_000)


def test_the_state_can_be_read_at_any_moment(home: Home) -> None:
    supervise(home, server("one"), short_lived("two"), short_lived("three"))
    deadline = time.monotonic() + 3
    reads = 0
    while time.monotonic() < deadline:
        assert state.read(home) is not None
        reads += 1
    assert reads > 100
    assert not list(home.run.glob("*.broken-*"))
