"""Code of a lab: what it inherits from the server, and what its token opens."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.security.conftest import HUB_CANARY
from tests.security.examples import body_of
from tests.security.labs import Lab, error_body
from tests.security.routes import Route


def test_the_lab_token_changes_only_what_the_routes_name(lab: Lab, lab_routes: list[Route]) -> None:
    attacked = 0
    with lab.kernel() as kernel, lab.person() as person:
        for route in lab_routes:
            for verb in route.changing:
                address = lab.address.rstrip("/") + route.path()
                answer = kernel.request(verb, address, json=body_of(verb, route))
                if verb in route.kernel:
                    assert answer.status_code != 403, (verb, route, answer.text)
                elif "NotFoundHandler" not in route.handler and "OffHandler" not in route.handler:
                    attacked += 1
                    assert answer.status_code == 403, (verb, route, answer.status_code)
                    assert error_body(answer)["remedy"] == "Do it in the panel."
                    mine = person.request(verb, address, json=body_of(verb, route))
                    assert mine.status_code != 403, (verb, route)
    assert attacked >= 3


def _environment(process: psutil.Process) -> str:
    return Path(f"/proc/{process.pid}/environ").read_bytes().decode("utf-8", "replace")


def _started(server: psutil.Process, before: set[int]) -> dict[int, str]:
    """The environment of each new process of a server, by process id.

    Left out are those that ended meanwhile and those between fork and exec: these still show
    what the server was started with.
    """
    blocks = {}
    for process in server.children(recursive=True):
        if process.pid not in before:
            with suppress(ProcessLookupError, FileNotFoundError):
                blocks[process.pid] = _environment(process)
    return {pid: block for pid, block in blocks.items() if "ORRERY_CONNECTION_FILE=" in block}


@pytest.mark.parametrize("what", ["kernel", "terminal"])
def test_code_inherits_no_credential_of_the_server(lab: Lab, what: str) -> None:
    assert lab.process
    server = psutil.Process(lab.process.pid)
    before = {child.pid for child in server.children(recursive=True)}
    with lab.person() as person:
        started = person.post(f"api/{what}s", json={})
        assert started.status_code in (200, 201), started.text
        until = time.monotonic() + 20
        while not (blocks := _started(server, before)):
            assert time.monotonic() < until
            time.sleep(0.05)
        for block in blocks.values():
            for secret in (lab.token, HUB_CANARY, lab.lab_token):
                assert secret not in block
        identity = started.json().get("id") or started.json()["name"]
        assert person.delete(f"api/{what}s/{identity}").status_code == 204
    # What `cat /proc/$PPID/environ` of a terminal would show.
    own = _environment(server)
    assert "JUPYTER_RUNTIME_DIR=" in own
    assert lab.token not in own
    assert HUB_CANARY not in own


def test_a_setting_lets_code_inherit_them_again(tmp_path: Path) -> None:
    lab = Lab(tmp_path, token="of-the-person-canary", JPY_API_TOKEN=HUB_CANARY)
    lab.options = ["--OrreryApp.withdrawn_variables=JUPYTER_TOKEN"]
    lab.start()
    try:
        assert lab.process
        with lab.person() as person:
            assert person.post("api/terminals", json={}).status_code == 200
            children = psutil.Process(lab.process.pid).children()
            (shell,) = (one for one in children if "JUPYTER_SERVER_ROOT" in one.environ())
            assert shell.environ()["JPY_API_TOKEN"] == HUB_CANARY
            assert "JUPYTER_TOKEN" not in shell.environ()
            assert json.loads(lab.connection_file.read_text())["token"]
    finally:
        lab.stop()
