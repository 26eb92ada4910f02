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
from pathlib import Path

import httpx
import psutil
import pytest

from orrery_hub.standalone import process_tags, state
from orrery_hub.standalone.home import Home
from tests.conftest import ORRERY, Product, orrery, start
from tests.hub.standalone.fakes import until
from tests.hub.standalone.visits import Visitor


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product that these tests may kill."""
    home = tmp_path_factory.mktemp("mine")
    try:
        yield start(home, "--no-mlflow")
    finally:
        orrery(home, "down")


def listening(home: Path) -> dict[tuple[str, int], str]:
    """Every address that a process of the product listens on."""
    found = {}
    for process in process_tags.tagged_processes(home):
        for socket in process.net_connections("inet"):
            if socket.status == psutil.CONN_LISTEN:
                found[socket.laddr.ip, socket.laddr.port] = " ".join(process.cmdline())
    return found


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
        found = listening(product.home)
    assert len(found) >= 4  # hub, proxy, its API, hub service, and the lab
    assert {ip for ip, _ in found} <= {"127.0.0.1", "::1"}, found


def test_every_process_is_marked(product: Product) -> None:
    pid = state.supervisor_pid(Home(product.home))
    assert pid is not None
    children = {process.pid for process in psutil.Process(pid).children(recursive=True)}
    assert children
    assert children <= {process.pid for process in process_tags.tagged_processes(product.home)}


def test_status_says_how_each_part_is(product: Product) -> None:
    said = product.orrery("status")
    assert said.returncode == 0
    assert product.address in said.stdout
    assert re.search(r"jupyterhub\s+ready\s+\d+\s+\d+\s+\d+ MB", said.stdout)
    parts = json.loads(product.orrery("status", "--json").stdout)["parts"]
    assert parts["jupyterhub"]["state"] == "ready"


def test_logs_of_a_part(product: Product) -> None:
    assert "JupyterHub is now running" in product.orrery("logs", "jupyterhub", "-n", "2000").stdout
    said = product.orrery("logs", "nothing")
    assert said.returncode == 1
    assert "jupyterhub" in said.stderr


def test_a_second_up_says_that_it_is_running(product: Product) -> None:
    said = product.orrery("up")
    assert said.returncode == 0
    assert f"running already: {product.address}" in said.stdout


def test_the_password_is_told_on_request_only(product: Product) -> None:
    assert product.password("ada") in product.orrery("password").stdout
    assert product.password("ada") not in product.orrery("up").stdout
    for log in (product.home / "logs").iterdir():
        assert product.password("ada") not in log.read_text(encoding="utf-8", errors="replace")


def test_the_secrets_and_the_state_are_private(product: Product) -> None:
    for file in (product.home / "secrets").iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
    assert (product.home / "run" / "state.json").stat().st_mode & 0o077 == 0
    assert product.home.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("victim", ["service", "proxy"])
def test_a_killed_part_comes_back(mine: Product, victim: str) -> None:
    home = Home(mine.home)
    if victim == "service":
        pid = process_tags.tagged_processes(mine.home, "service")[0].pid
    else:
        pid = int((home.run / "proxy.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.5)

    def well() -> bool:
        try:
            ok = all(
                httpx.get(mine.address + path, timeout=2, trust_env=False).status_code == 200
                for path in ("/hub/health", "/services/orrery/api/health")
            )
        except httpx.HTTPError:
            return False
        return ok and not psutil.pid_exists(pid)

    until(well, 60)


def test_a_lab_outlives_a_killed_hub(mine: Product) -> None:
    home = Home(mine.home)
    with Visitor(mine, "mary") as mary:
        mary.open_lab()
        labs = {process.pid for process in process_tags.tagged_processes(mine.home, "lab")}
        assert labs
        before = state.read(home)
        assert before is not None
        os.kill(before.parts["jupyterhub"].pid or 0, signal.SIGKILL)
        until(lambda: (now := state.read(home)) and now.parts["jupyterhub"].starts > before.parts["jupyterhub"].starts and now.ready, 60)  # fmt: skip
        assert mary.get("api/status").status_code == 200
    assert {process.pid for process in process_tags.tagged_processes(mine.home, "lab")} == labs


def test_after_a_killed_supervisor_up_works_and_nobody_is_left_twice(mine: Product) -> None:
    home = Home(mine.home)
    old = {process.pid for process in process_tags.tagged_processes(mine.home)}
    os.kill(state.supervisor_pid(home) or 0, signal.SIGKILL)
    (home.run / "state.json").write_text("{ half a fi")
    said = mine.orrery("up", "--port", "0", "--no-mlflow")
    assert said.returncode == 0, said.stdout + said.stderr
    assert len(list(home.run.glob("state.json.broken-*"))) == 1
    assert not old & {process.pid for process in process_tags.tagged_processes(mine.home)}


def test_down_stops_everything_with_labs_and_up_finds_the_state_again(mine: Product) -> None:
    home = Home(mine.home)
    with Visitor(_now(mine), "alan") as alan:
        alan.open_lab()
    (home.root / "users" / "alan" / "thesis.txt").write_text("kept")
    secret = mine.password("alan")
    said = mine.orrery("down")
    assert said.returncode == 0
    assert process_tags.tagged_processes(mine.home) == []
    assert listening(mine.home) == {}
    assert mine.orrery("status").returncode == 1
    assert "Nothing was running" in mine.orrery("down").stdout
    assert (home.root / "users" / "alan" / "thesis.txt").read_text() == "kept"

    results: list[subprocess.CompletedProcess[str]] = []

    def run() -> None:
        results.append(mine.orrery("up", "--port", "0", "--no-mlflow"))

    both = [threading.Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [one.returncode for one in results] == [0, 0], results
    said_by_both = "".join(one.stdout for one in results)
    assert said_by_both.count("Another orrery command is at work") == 1
    assert said_by_both.count("running already") == 1
    assert mine.password("alan") == secret


def test_down_ends_the_orphans_of_a_killed_supervisor(mine: Product) -> None:
    os.kill(state.supervisor_pid(Home(mine.home)) or 0, signal.SIGKILL)
    assert mine.orrery("down").returncode == 0
    assert process_tags.tagged_processes(mine.home) == []


def test_in_the_foreground_interrupting_stops_everything(mine: Product) -> None:
    with subprocess.Popen(
        [*ORRERY, "up", "--port", "0", "--no-mlflow", "--foreground"],
        env=os.environ | {"ORRERY_HOME": str(mine.home), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert any("Ctrl+C stops everything" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert process_tags.tagged_processes(mine.home) == []


def test_reset_asks_and_then_forgets(mine: Product) -> None:
    refused = mine.orrery("reset")
    assert refused.returncode == 1
    assert (mine.home / "secrets").exists()
    (mine.home / "unknown.txt").write_text("not Orrery's")
    said = mine.orrery("reset", "--yes")
    assert said.returncode == 0
    assert "unknown.txt" in said.stdout
    assert [entry.name for entry in mine.home.iterdir()] == ["unknown.txt"]


def _now(product: Product) -> Product:
    """The product where it is now: it has been started again."""
    status = state.read(Home(product.home))
    assert status is not None
    return Product(product.home, status.address)
