"""SIGKILL for each part while snippets are being saved: what was acknowledged is there, and nothing is half."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from orrery_hub.scopes import ACCESS, carried_by_servers
from orrery_hub.standalone import process_tags, state
from orrery_hub.standalone.home import Home
from tests.conftest import Product, orrery, start
from tests.effort import LONG, trials
from tests.faults.people import Person, Writer, content, eventually, judge

pytestmark = pytest.mark.timeout(600)

REPEATS = trials(5, 1)

# Only a slow test hurts MLflow, whose start takes longer than that of all other parts.
WITHOUT = () if LONG else ("--no-mlflow",)
# A word of the command line that only this part has.
PARTS = {
    "hub": "standalone.hub_process",
    "hub service": "orrery_hub.app",
    "proxy": "configurable-http-proxy",
    "lab": "jupyterhub.singleuser",
    "MLflow": "mlflow",
    "OpenBao": "openbao/server.json",
}


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A whole product that may be hurt."""
    home = tmp_path_factory.mktemp("hurt") / "home"
    try:
        yield start(home, *WITHOUT)
    finally:
        orrery(home, "down")
        process_tags.terminate_tagged(home, seconds=5)


def victims(product: Product, part: str) -> list[psutil.Process]:
    """The processes of a part of this product."""
    if part == "supervisor":
        pid = state.supervisor_pid(Home(product.home))
        assert pid
        return [psutil.Process(pid)]

    def running() -> list[psutil.Process] | None:
        tagged = process_tags.tagged_processes(product.home.resolve())
        return [one for one in tagged if PARTS[part] in " ".join(one.cmdline())] or None

    # After a kill it starts again when its turn comes, which nobody else waits for.
    return eventually(running)


def kill(product: Product, part: str) -> None:
    for process in victims(product, part):
        os.kill(process.pid, signal.SIGKILL)
    if part == "supervisor":
        time.sleep(1)
        port = str(urlsplit(product.address).port)
        said = orrery(product.home, "up", "--port", port, *WITHOUT)
        assert said.returncode == 0, said.stdout + said.stderr


# The part that saves, the part that the person talks to, and the one that starts all others.
QUICK = ("hub service", "lab", "supervisor")


@pytest.mark.parametrize(
    "part",
    [
        *QUICK,
        *(pytest.param(part, marks=pytest.mark.slow) for part in PARTS if part not in QUICK),
    ],
)
def test_a_killed_part_loses_nothing_that_was_acknowledged(mine: Product, part: str) -> None:
    name = "writer-" + part.lower().replace(" ", "-")
    with Person(mine, name) as person, Person(mine, name) as again:
        person.enter()
        writer = Writer(person).start()
        try:
            for _ in range(REPEATS):
                writer.wait_for(20)
                begun = time.monotonic()
                kill(mine, part)
                again.enter()
                recovered = time.monotonic() - begun
                assert recovered < 90, f"{part} was back after {recovered:.0f} s"
                person.enter()  # a lab that starts anew wants a new visit of each browser
            writer.wait_for(1)
        finally:
            writer.stop()
        # It goes on as before: another save, and every part says that it is well.
        eventually(lambda: saved(again))
        judge(writer, again.everything())
        assert len(writer.acknowledged) >= 20 * REPEATS
        eventually(lambda: orrery(mine.home, "status").returncode == 0 or None)


def saved(person: Person) -> bool | None:
    """Whether a snippet could be saved."""
    answer = person.call("POST", "snippets", content(0))
    return True if answer.status_code == 201 else None


def test_openbao_that_is_killed_comes_back_unsealed_with_every_secret(mine: Product) -> None:
    """What was stored before is given afterwards, to whoever asks again."""
    with Person(mine, "keeper") as person:
        person.enter()
        tokens = f"/hub/api/users/{person.name}/tokens"
        proof = {
            "auth": {"username": person.name, "password": mine.password(person.name)},
            # As the token of the server has them.
            "scopes": [f"access:servers!server={person.name}/", ACCESS, *carried_by_servers()],
        }
        # Without the browser's cookies, which want a token against forged requests.
        made = httpx.post(f"{mine.address}{tokens}", json=proof, timeout=20, trust_env=False)
        bearer = {"Authorization": f"Bearer {made.raise_for_status().json()['token']}"}

        def call(verb: str, path: str, body: object = None) -> httpx.Response:
            url = f"{mine.address}/services/orrery/api/connections{path}"
            return httpx.request(verb, url, json=body, headers=bearer, timeout=20, trust_env=False)

        def use() -> dict[str, str] | None:
            answer = call("POST", f"/{number}/use", {"server": ""})
            if answer.is_success:
                return dict(answer.json()["secrets"])
            # Its server is new, and OpenBao away: both are said, and nothing else is the matter.
            assert answer.status_code in (409, 503), answer.text
            return None

        assert call("GET", "/secrets").json()["kind"] == "openbao"
        body = {"name": "db", "kind": "postgresql", "spec": {"host": "db.example.org"}}
        made = call("POST", "", body | {"secrets": {"password": "a canary"}}).raise_for_status()
        number = made.json()["id"]
        assert eventually(use) == {"password": "a canary"}
        for _ in range(REPEATS):
            killed = victims(mine, "OpenBao")
            kill(mine, "OpenBao")
            eventually(lambda: call("GET", "/secrets").json()["state"] == "ready" or None)
            assert eventually(use) == {"password": "a canary"}
            assert not {process.pid for process in killed} & {
                process.pid for process in victims(mine, "OpenBao")
            }
        eventually(lambda: orrery(mine.home, "status").returncode == 0 or None)


def test_a_hub_service_that_hangs_holds_up_nothing_else(mine: Product) -> None:
    """What needs no hub answers, what only shows its part answers without it, and a change is not told as failed."""
    with Person(mine, "patient") as person:
        person.enter()
        location = "here.csv"
        written = person.client.put(
            f"/user/patient/api/contents/{location}",
            json={"type": "file", "format": "text", "content": "a,b\n1,2\n"},
            headers={
                "x-xsrftoken": person.client.cookies.get("_xsrf", "", path="/user/patient/") or ""
            },
        )
        assert written.status_code in (200, 201), written.text
        source = {"kind": "file", "location": location, "name": location}
        asked: list[tuple[str, str, Any]] = [
            ("GET", "projects/home", None),
            ("POST", "eda/runs", {"task": "profile", "source": source}),
            ("GET", "eda/sources", None),
            ("GET", "snippets", None),
        ]
        for verb, path, body in asked:  # nothing is loaded for the first time while the hub hangs
            assert person.call(verb, path, body).is_success
        stopped = victims(mine, "hub service")
        for process in stopped:
            process.suspend()
        try:
            took: dict[str, float] = {}
            for verb, path, body in asked:
                began = time.monotonic()
                answer = person.call(verb, path, body)
                took[path] = time.monotonic() - began
                assert answer.is_success, (path, answer.text)
            assert max(took.values()) < 3.5, took
            created = person.call("POST", "projects", {"slug": "unsure", "name": "Unsure"})
            assert created.status_code == 504
            assert "not known whether" in created.json()["message"]
        finally:
            for process in stopped:
                process.resume()
        # Either is right, as was said; what counts is that the hub can be asked again.
        eventually(lambda: person.call("GET", "projects/unsure").status_code in (200, 404) or None)
