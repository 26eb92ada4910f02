"""``orrery up`` for real: JupyterHub, the proxy and the hub service, as a person starts, loses and stops them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from orrery_hub.standalone import launch, process_tags, state
from orrery_hub.standalone.home import Home
from tests.conftest import ORRERY, Product, orrery, start
from tests.hub.standalone.fakes import until
from tests.hub.standalone.visits import Visitor


@pytest.fixture(scope="module")
def own_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product that these tests may kill."""
    home = tmp_path_factory.mktemp("mine")
    try:
        yield start(home, "--no-mlflow")
    finally:
        orrery(home, "down")


def listening(home: Path) -> dict[tuple[str, int], str]:
    """Every address that a process of the product listens on; kernels of other tests may end meanwhile."""
    addresses = {}
    for process in process_tags.tagged_processes(home):
        with suppress(psutil.NoSuchProcess):
            for socket in process.net_connections("inet"):
                if socket.status == psutil.CONN_LISTEN:
                    addresses[socket.laddr.ip, socket.laddr.port] = " ".join(process.cmdline())
    return addresses


def test_a_person_logs_in_and_gets_a_lab(product: Product) -> None:
    began = time.monotonic()
    with Visitor(product, "barbara") as barbara:
        barbara.open_lab()
        assert barbara.get("api/status").status_code == 200
    took = time.monotonic() - began
    assert took < 30
    print(f"log-in to lab: {took:.1f} s")


def test_nothing_listens_beyond_loopback(product: Product) -> None:
    with Visitor(product, "dorothy") as dorothy:
        dorothy.open_lab()
        addresses = listening(product.home)
    assert len(addresses) >= 4  # hub, proxy, its API, hub service, and the lab
    assert {ip for ip, _ in addresses} <= {"127.0.0.1", "::1"}, addresses


def test_every_process_is_marked(product: Product) -> None:
    pid = state.supervisor_pid(Home(product.home))
    assert pid is not None
    children = psutil.Process(pid).children(recursive=True)
    assert children
    tagged = {process.pid for process in process_tags.tagged_processes(product.home)}
    # What a lab starts is the lab's to end: kernels, and workers that get no variable of ours.
    of_labs = {child.pid for lab in labs(children) for child in lab.children(recursive=True)}
    untagged = {child.pid for child in children} - of_labs - tagged
    assert not [pid for pid in untagged if psutil.pid_exists(pid)]


def labs(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that are a person's server, and are still there."""
    running = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if "jupyterhub.singleuser" in process.cmdline():
                running.append(process)
    return running


def test_status_shows_each_process(product: Product) -> None:
    result = product.orrery("status")
    assert result.returncode == 0
    assert product.address in result.stdout
    assert re.search(r"jupyterhub\s+ready\s+\d+\s+\d+\s+\d+ MB", result.stdout)
    processes = json.loads(product.orrery("status", "--json").stdout)["processes"]
    assert processes["jupyterhub"]["state"] == "ready"


def test_logs_of_a_process(product: Product) -> None:
    assert (
        "JupyterHub is now running" in product.orrery("logs", "jupyterhub", "-n", "100000").stdout
    )
    result = product.orrery("logs", "nothing")
    assert result.returncode == 1
    assert "jupyterhub" in result.stderr


def test_a_second_up_says_that_it_is_running(product: Product) -> None:
    result = product.orrery("up")
    assert result.returncode == 0
    assert f"running already: {product.address}" in result.stdout


def test_the_password_is_told_on_request_only(product: Product) -> None:
    assert product.password("ada") in product.orrery("password").stdout
    assert product.password("ada") not in product.orrery("up").stdout
    for log in (product.home / "logs").rglob("*.log*"):
        assert product.password("ada") not in log.read_text(encoding="utf-8", errors="replace")


def test_the_secrets_and_the_state_are_private(product: Product) -> None:
    for file in (product.home / "secrets").iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
    assert (product.home / "run" / "state.json").stat().st_mode & 0o077 == 0
    assert product.home.stat().st_mode & 0o077 == 0


# The hub looks for its service every thirty seconds; tests/faults/test_kills.py waits for that in every run.
@pytest.mark.parametrize("victim", [pytest.param("service", marks=pytest.mark.slow), "proxy"])
def test_a_killed_process_comes_back(own_product: Product, victim: str) -> None:
    home = Home(own_product.home)
    before = state.read(home)
    assert before is not None
    pid = before.processes[victim].pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    # Nobody can take its ports, and who asks meanwhile waits.
    for port in (before.processes[victim].port,):
        assert not launch.is_port_free(port)
    assert httpx.get(own_product.address + "/services/orrery/api/health", timeout=60, trust_env=False).status_code == 200  # fmt: skip

    def is_healthy() -> bool:
        try:
            ok = all(
                httpx.get(own_product.address + path, timeout=2, trust_env=False).status_code == 200
                for path in ("/hub/health", "/services/orrery/api/health")
            )
        except httpx.HTTPError:
            return False
        return ok and not psutil.pid_exists(pid)

    until(is_healthy, 60)


def test_a_lab_outlives_a_killed_hub(own_product: Product) -> None:
    home = Home(own_product.home)
    with Visitor(own_product, "mary") as mary:
        mary.open_lab()
        labs = {process.pid for process in process_tags.tagged_processes(own_product.home, "lab")}
        assert labs
        before = state.read(home)
        assert before is not None
        os.kill(before.processes["jupyterhub"].pid or 0, signal.SIGKILL)
        until(lambda: (now := state.read(home)) and now.processes["jupyterhub"].starts > before.processes["jupyterhub"].starts and now.ready, 60)  # fmt: skip
        assert mary.get("api/status").status_code == 200
    assert {
        process.pid for process in process_tags.tagged_processes(own_product.home, "lab")
    } == labs


def test_after_a_killed_supervisor_two_commands_at_once_start_one_product(
    own_product: Product,
) -> None:
    home = Home(own_product.home)
    labs_before = {
        process.pid for process in process_tags.tagged_processes(own_product.home, "lab")
    }
    old = {process.pid for process in process_tags.tagged_processes(own_product.home)} - labs_before
    os.kill(state.supervisor_pid(home) or 0, signal.SIGKILL)
    (home.run / "state.json").write_text("{ half a fi")
    results: list[subprocess.CompletedProcess[str]] = []

    def run() -> None:
        results.append(own_product.orrery("up", "--port", "0", "--no-mlflow"))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.returncode for result in results] == [0, 0], results
    output = "".join(result.stdout for result in results)
    assert output.count("Another orrery command is running") == 1
    assert output.count("running already") == 1
    current = state.read_current(home)
    assert current is not None
    assert current.ready
    now = {process.pid for process in process_tags.tagged_processes(own_product.home)}
    assert not old & now
    assert labs_before <= now


def test_down_stops_everything_with_labs(own_product: Product) -> None:
    home = Home(own_product.home)
    with Visitor(_restarted(own_product), "alan") as alan:
        alan.open_lab()
    (home.root / "users" / "alan" / "thesis.txt").write_text("kept")
    result = own_product.orrery("down")
    assert result.returncode == 0
    assert process_tags.tagged_processes(own_product.home) == []
    assert listening(own_product.home) == {}
    assert own_product.orrery("status").returncode == 1
    assert "Nothing was running" in own_product.orrery("down").stdout


def test_in_the_foreground_up_finds_the_state_again_and_interrupting_stops_everything(
    own_product: Product,
) -> None:
    password = own_product.password("alan")
    with subprocess.Popen(
        [*ORRERY, "up", "--port", "0", "--no-mlflow", "--foreground"],
        env=os.environ | {"ORRERY_HOME": str(own_product.home), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert any("Ctrl+C stops everything" in line for line in process.stdout)
        with Visitor(_restarted(own_product), "alan") as alan:
            alan.open_lab()
            assert alan.get("files/thesis.txt").text == "kept"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert own_product.password("alan") == password
    assert process_tags.tagged_processes(own_product.home) == []


def test_reset_asks_and_then_forgets(own_product: Product) -> None:
    refused = own_product.orrery("reset")
    assert refused.returncode == 1
    assert (own_product.home / "secrets").exists()
    (own_product.home / "unknown.txt").write_text("not Orrery's")
    result = own_product.orrery("reset", "--yes")
    assert result.returncode == 0
    assert "unknown.txt" in result.stdout
    assert [entry.name for entry in own_product.home.iterdir()] == ["unknown.txt"]


def _restarted(product: Product) -> Product:
    """The product at the address of its latest start."""
    status = state.read(Home(product.home))
    assert status is not None
    return Product(product.home, status.address)
