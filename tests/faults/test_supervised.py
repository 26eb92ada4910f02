"""Each part killed under eight writers, and each stopped for a while: nothing acknowledged is lost, labs live."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from orrery_hub.standalone import process_tags, state
from orrery_hub.standalone.home import Home
from tests.conftest import Product, orrery
from tests.effort import LONG, trials
from tests.elsewhere import product_elsewhere
from tests.faults.people import Person, Writer, content, eventually, judge

pytestmark = pytest.mark.timeout(1800 if LONG else 300)

PARTS = ("service", "proxy", "jupyterhub")
KILLS = trials(20, 1)
STOPPED_SECONDS = trials(300, 15)
# Without anything acknowledged; on a machine that does nothing else it is a second.
LONGEST_GAP = trials(3, 10)
WRITERS = 8


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product that may be hurt, below a path and on PostgreSQL."""
    with product_elsewhere(tmp_path_factory.mktemp("hurt") / "home", "--no-mlflow") as product:
        yield product


def process_of(product: Product, part: str) -> int:
    """The process id of a part that is well."""

    def ready() -> int | None:
        current = state.read_current(Home(product.home))
        process = current.processes[part] if current else None
        return process.pid if process and process.state == "ready" else None

    return eventually(ready)


def lab_processes(product: Product) -> set[int]:
    return {process.pid for process in process_tags.tagged_processes(product.home.resolve(), "lab")}


def test_the_main_path_works_below_a_path_and_on_postgresql(mine: Product) -> None:
    """Log-in, lab, hub service, sample project, MLflow's place, and the command that finds the lab."""
    assert mine.address.endswith("/jhub")
    with Person(mine, "ada") as ada:
        ada.enter()
        assert ada.client.get("/services/orrery/api/health").json()["status"] == "ok"
        assert (
            "Log in" in ada.client.get("/hub/login").text or ada.client.get("/hub/home").is_success
        )
        answer = ada.call("GET", "snippets", q="lake-parquet", limit=5)
        assert answer.json()["total"] >= 1, answer.text
        projects = ada.call("GET", "projects/home")
        assert projects.is_success, projects.text
        assert "sample" in projects.text
        assert ada.client.get("/services/orrery/api/docs").status_code == 200
    assert mine.address in orrery(mine.home, "status").stdout


@pytest.mark.parametrize("part", PARTS)
def test_kills_under_eight_writers_lose_nothing(mine: Product, part: str) -> None:
    with Person(mine, f"writer-{part}") as person, Person(mine, f"writer-{part}") as again:
        person.enter()
        again.enter()
        labs = lab_processes(mine)
        writers = [Writer(person, first=n * 1_000_000).start() for n in range(1, WRITERS + 1)]
        gaps = []
        try:
            for _ in range(KILLS):
                pid = process_of(mine, part)
                writers[0].wait_for(5)
                killed = time.monotonic()
                os.kill(pid, signal.SIGKILL)
                eventually(lambda old=pid: process_of(mine, part) != old or None)  # type: ignore[misc]
                writers[0].wait_for(5)
                times = sorted(t for writer in writers for t in writer.times if t > killed)
                gaps.append(max(b - a for a, b in zip([killed, *times], times, strict=False)))
        finally:
            for writer in writers:
                writer.stop()
        everything = eventually(again.everything)
        for writer in writers:
            writer.tried |= {n for other in writers for n in other.tried}
            judge(writer, everything)
        acknowledged = sum(len(writer.acknowledged) for writer in writers)
        print(f"{part}: {KILLS} kills, {acknowledged} acknowledged, longest gap {max(gaps):.2f} s")
        assert max(gaps) < LONGEST_GAP, gaps
        assert labs <= lab_processes(mine)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(PARTS, id="all"),
        *(pytest.param((part,), marks=pytest.mark.slow, id=part) for part in PARTS),
    ],
)
def test_what_is_stopped_takes_no_lab_and_no_kernel_with_it(
    mine: Product, parts: tuple[str, ...]
) -> None:
    with Person(mine, "thinker") as person:
        person.enter()
        headers = {
            "x-xsrftoken": person.client.cookies.get("_xsrf", "", path="/jhub/user/thinker/") or ""
        }
        kernel = person.client.post("/user/thinker/api/kernels", json={}, headers=headers).json()
        eventually(lambda: True if len(lab_processes(mine)) >= 2 else None)
        labs = lab_processes(mine)
        stopped = [psutil.Process(process_of(mine, part)) for part in parts]
        for process in stopped:
            process.suspend()
        time.sleep(STOPPED_SECONDS)
        for process in stopped:
            if process.is_running():
                process.resume()
        for part in parts:
            process_of(mine, part)
        assert labs <= lab_processes(mine)
        person.enter()
        running = eventually(lambda: person.client.get("/user/thinker/api/kernels").json())
        assert kernel["id"] in {one["id"] for one in running}
        assert eventually(
            lambda: True if person.call("POST", "snippets", content(1)).status_code == 201 else None
        )
