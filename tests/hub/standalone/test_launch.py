"""Ports, waiting, and stopping what is left."""

from __future__ import annotations

import socket

import pytest

from orrery_hub.ports import find_free_port
from orrery_hub.standalone import launch, process_tags, state
from orrery_hub.standalone.home import Home
from tests.hub.standalone.fakes import part, server, short_lived, supervise, until


def test_a_taken_port_gives_the_next_free_one_and_says_so(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said: list[str] = []
        ports = launch.choose_ports(home, port, ("jupyterhub",), said.append)
    assert ports.public > port
    assert said == [f"Port {port} is taken; using {ports.public}."]
    assert ports.mlflow == 0


def test_a_port_taken_on_every_interface_counts_as_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))  # that is the case in question
        taken.listen()
        assert not launch.is_port_free(taken.getsockname()[1])


def test_the_ports_of_the_last_start_come_again_unless_somebody_took_one(home: Home) -> None:
    names = ("jupyterhub", "mlflow")
    wanted = find_free_port()
    first = launch.choose_ports(home, wanted, names, print)
    assert launch.choose_ports(home, wanted, names, print) == first
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first.hub))
        taken.listen()
        second = launch.choose_ports(home, wanted, names, print)
    assert second.hub != first.hub
    assert (second.proxy_api, second.service, second.mlflow) == (
        first.proxy_api,
        first.service,
        first.mlflow,
    )
    assert len(set(second.model_dump().values())) == 5


def test_waiting_tells_each_part_once(home: Home) -> None:
    supervise(home, server("one"), server("two"))
    told: list[str] = []
    found = launch.wait_until_ready(home, 15, lambda name, _: told.append(name))
    assert found.ready
    assert sorted(told) == ["one", "two"]


def test_a_part_that_does_not_start_is_named_with_its_last_words(home: Home) -> None:
    supervise(home, server(), short_lived())
    with pytest.raises(launch.StartError) as problem:
        launch.wait_until_ready(home, 20, lambda *_: None)
    said = str(problem.value)
    assert "Brief does not start: it ended with code 7" in said
    assert "no such thing as a port" in said
    assert "orrery doctor" in said


def test_waiting_ends(home: Home) -> None:
    with pytest.raises(launch.StartError, match="not ready after 0 s"):
        launch.wait_until_ready(home, 0.2, lambda *_: None)


def test_stopping_ends_the_orphans_of_a_killed_supervisor(home: Home) -> None:
    process = supervise(home, server("web", "child"))
    until(lambda: part(home, "web").state == "ready")
    process.kill()
    process.wait()
    assert process_tags.tagged_processes(home.root)
    launch.stop(home)
    assert process_tags.tagged_processes(home.root) == []
    assert state.read(home) is None


def test_the_end_of_a_log_is_read_without_the_rest(home: Home) -> None:
    log = home.log("web")
    assert launch.last_lines(log, 3) == []
    log.write_text("".join(f"line {n}\n" for n in range(100_000)))
    assert launch.last_lines(log, 2) == ["line 99998", "line 99999"]
