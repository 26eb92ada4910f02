"""Parts that die, hang, or never start; a supervisor that is told to stop, or is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from orrery_hub.ports import find_free_port
from orrery_hub.standalone import launch, process_tags, state
from orrery_hub.standalone.home import Home
from orrery_hub.standalone.launch import is_port_free
from orrery_hub.standalone.managed_process import ManagedProcess, Plan
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


def test_a_part_whose_secret_was_emptied_starts_when_it_is_back(home: Home) -> None:
    home.secrets.mkdir(parents=True, exist_ok=True)
    file = home.secrets / "of_the_part"
    file.write_text("")
    part = server().model_copy(update={"secrets": {"A_SECRET": "of_the_part"}})
    supervise(home, part)
    until(lambda: "could not be started" in status_of(home, "web").reason)
    assert str(file) in status_of(home, "web").reason
    file.write_text("back")
    until(lambda: status_of(home, "web").state == "ready")


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


def test_a_part_that_hangs_is_killed_and_started_again_without_the_others(home: Home) -> None:
    hung = server("hung").model_copy(update={"hang_timeout": 10, "stop_timeout": 60})
    supervise(home, hung, server("other"))
    until(lambda: status_of(home, "hung").state == status_of(home, "other").state == "ready")
    other, pid = status_of(home, "other").pid, status_of(home, "hung").pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    until(
        lambda: status_of(home, "hung").starts == 2 and status_of(home, "hung").state == "ready", 40
    )
    assert "did not answer 2 health checks" in home.log("supervisor").read_text()
    assert status_of(home, "other").pid == other
    assert status_of(home, "other").starts == 1


def test_the_stand_in_takes_over_and_its_port_stays_taken(home: Home) -> None:
    port = find_free_port()
    part = ManagedProcess(
        name="warm",
        title="Warm",
        command=(sys.executable, "-m", "tests.hub.standalone.warm_server"),
        module="tests.hub.standalone.warm_server",
        environment={"WARM_PORT": str(port), "PYTHONPATH": str(Path.cwd())},
        listeners=(port,),
        health=(f"http://127.0.0.1:{port}/",),
    )
    supervise(home, part)
    until(lambda: status_of(home, "warm").state == "ready")
    until(lambda: len(process_tags.tagged_processes(home.root, "warm")) == 2)
    pids = {process.pid for process in process_tags.tagged_processes(home.root, "warm")}
    first = status_of(home, "warm").pid
    assert first in pids
    os.kill(first, signal.SIGKILL)
    assert not is_port_free(port)
    until(lambda: status_of(home, "warm").starts == 2)
    assert {status_of(home, "warm").pid} == pids - {first}


def test_a_part_that_refuses_to_start_says_why_first(home: Home) -> None:
    refusing = short_lived().model_copy(
        update={
            "command": (sys.executable, "-c", "print('CRITICAL: it is newer'); raise SystemExit(3)")
        }
    )
    supervise(home, refusing)
    with pytest.raises(launch.StartError) as failure:
        launch.wait_until_ready(home, 20, lambda *_: None)
    assert str(failure.value).startswith("it is newer\nBrief does not start: it ended with code 3.")


def test_a_part_that_answers_with_an_error_is_failing_and_lives_on(home: Home) -> None:
    part = server().model_copy(update={"hang_timeout": 10})
    flag = home.run / "well"
    flag.write_text("yes")
    port = part.port
    supervise(home, part.model_copy(update={"health": (f"http://127.0.0.1:{port}/well",)}))
    until(lambda: status_of(home, "web").state == "ready")
    flag.unlink()
    until(lambda: status_of(home, "web").state == "failing")
    assert "it answers 404" in status_of(home, "web").reason
    flag.write_text("yes")
    until(lambda: status_of(home, "web").state == "ready")
    assert status_of(home, "web").starts == 1


def test_a_taken_port_is_what_the_supervisor_says(home: Home) -> None:
    with socket.socket() as rogue:
        rogue.bind(("127.0.0.1", 0))
        rogue.listen()
        port = rogue.getsockname()[1]
        part = server().model_copy(update={"listeners": (port,)})
        plan = Plan(home=str(home.root), address="http://127.0.0.1:1", processes=(part,))
        (home.run / "plan.json").write_text(plan.model_dump_json(), encoding="utf-8")
        completed = subprocess.run(
            [sys.executable, "-m", "orrery_hub.standalone.supervisor", str(home.root)],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    assert completed.returncode == 4
    assert f"CRITICAL: port {port} of 127.0.0.1 is taken" in completed.stdout


def test_a_supervisor_that_hangs_is_replaced(home: Home) -> None:
    process = supervise(home, server())
    until(lambda: status_of(home, "web").state == "ready")
    assert not launch.end_hung_supervisor(home)
    process.send_signal(signal.SIGSTOP)
    current = state.read(home)
    assert current is not None
    state.write(home, current.model_copy(update={"beat": time.monotonic() - 60}))
    assert launch.end_hung_supervisor(home)
    assert process.wait(10) is not None
    assert not state.is_supervised(home)


def test_the_state_of_an_earlier_run_is_not_believed(home: Home) -> None:
    """After a power cut it says that everything is well."""
    supervise(home, server())
    until(lambda: status_of(home, "web").state == "ready")
    current = state.read_current(home)
    assert current is not None
    state.write(home, current.model_copy(update={"pid": current.pid + 1}))
    assert state.read_current(home) is None
