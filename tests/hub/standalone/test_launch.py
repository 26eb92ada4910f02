"""Ports, waiting, and stopping what is left."""

from __future__ import annotations

import re
import socket

import pytest

from orrery_hub.ports import find_free_port
from orrery_hub.standalone import launch, process_tags, state
from orrery_hub.standalone.home import Home
from tests.conftest import orrery
from tests.hub.standalone.fakes import server, short_lived, status_of, supervise, until


def test_a_taken_port_gives_the_next_free_one_and_says_so(home: Home) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        messages: list[str] = []
        ports = launch.choose_ports(home, port, ("jupyterhub",), messages.append)
    assert ports.public > port
    assert messages == [f"Port {port} is taken; using {ports.public}."]
    assert ports.mlflow == 0


def test_a_port_taken_on_every_interface_counts_as_taken() -> None:
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))  # that is the case in question
        listener.listen()
        assert not launch.is_port_free(listener.getsockname()[1])


def test_the_ports_of_the_last_start_come_again_unless_somebody_took_one(home: Home) -> None:
    names = ("jupyterhub", "mlflow")
    requested = find_free_port()
    first = launch.choose_ports(home, requested, names, print)
    assert launch.choose_ports(home, requested, names, print) == first
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", first.hub))
        listener.listen()
        second = launch.choose_ports(home, requested, names, print)
    assert second.hub != first.hub
    assert (second.proxy_api, second.service, second.mlflow) == (
        first.proxy_api,
        first.service,
        first.mlflow,
    )
    chosen = [port for port in second.model_dump().values() if port]
    assert len(set(chosen)) == len(chosen) == 5


def test_waiting_tells_each_part_once(home: Home) -> None:
    supervise(home, server("one"), server("two"))
    names: list[str] = []
    status = launch.wait_until_ready(home, 15, lambda name, _: names.append(name))
    assert status.ready
    assert sorted(names) == ["one", "two"]


def test_a_part_that_does_not_start_is_named_with_its_last_words(home: Home) -> None:
    supervise(home, server(), short_lived())
    with pytest.raises(launch.StartError) as problem:
        launch.wait_until_ready(home, 20, lambda *_: None)
    message = str(problem.value)
    assert "Brief does not start: it ended with code 7" in message
    assert "no such thing as a port" in message
    assert "orrery doctor" in message


def test_waiting_ends(home: Home) -> None:
    with pytest.raises(launch.StartError, match="not ready after 0 s"):
        launch.wait_until_ready(home, 0.2, lambda *_: None)


def test_down_ends_the_orphans_of_a_killed_supervisor(home: Home) -> None:
    process = supervise(home, server("web", "child"))
    until(lambda: status_of(home, "web").state == "ready")
    process.kill()
    process.wait()
    assert process_tags.tagged_processes(home.root)
    result = orrery(home.root, "down")
    assert result.returncode == 0
    assert re.search(r"Cleared [12] process(es)? without a supervisor", result.stdout)
    assert process_tags.tagged_processes(home.root) == []
    assert state.read(home) is None


def test_the_end_of_a_log_is_read_without_the_rest(home: Home) -> None:
    log = home.log("web")
    assert launch.last_lines(log, 3) == []
    log.write_text("".join(f"line {n}\n" for n in range(100_000)))
    assert launch.last_lines(log, 2) == ["line 99998", "line 99999"]


@pytest.mark.parametrize("count", [1, 2, 99_999, 100_000, 100_003, 200_000])
def test_as_many_lines_of_a_log_are_shown_as_were_asked_for(home: Home, count: int) -> None:
    """Beyond one block, and beyond the rotation of the log."""
    log = home.log("web")
    lines = [f"line {n}" for n in range(100_003)]
    log.with_name("web.log.1").write_text("\n".join(lines[:3]) + "\n")
    log.write_text("\n".join(lines[3:]) + "\n")
    assert launch.last_lines(log, count) == lines[-count:]
