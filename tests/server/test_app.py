"""The extension in the servers that people run: JupyterLab's, under any base URL, and JupyterHub's single-user one."""

from __future__ import annotations

import http.server
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import urljoin

import httpx
import pytest
from jupyter_events import EventLogger
from jupyter_server.serverapp import ServerApp

from orrery_server import __version__
from orrery_server.app import OrreryApp
from orrery_server.base.installed import capabilities
from orrery_server.base.loopback import loopback_url

HEAVY = (
    "alembic",
    "data_profiling",
    "detect_secrets",
    "duckdb",
    "fastapi",
    "fsspec",
    "httpx",
    "jupyterhub",
    "mlflow",
    "numpy",
    "orrery_hub",
    "orrery_kernels",
    "pandas",
    "polars",
    "pyarrow",
    "scipy",
    "snowballstemmer",
    "sqlalchemy",
)


@pytest.fixture
def app(jp_serverapp: ServerApp) -> OrreryApp:
    found = jp_serverapp.web_app.settings["orrery"]
    assert isinstance(found, OrreryApp)
    return found


async def test_it_says_what_is_there(jp_fetch: Any, me: str) -> None:
    said = json.loads((await jp_fetch("orrery", "status")).body)
    assert said == {
        "version": __version__,
        "hub": False,
        "user": me,
        "capabilities": ["compute", "data", "eda", "projects", "snippets"],
        "off": [],
    }


async def test_every_capability_has_its_events(app: OrreryApp, jp_serverapp: ServerApp) -> None:
    logger = jp_serverapp.event_logger
    assert isinstance(logger, EventLogger)
    seen: list[dict[str, Any]] = []

    async def listener(logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:
        seen.append({"id": schema_id, **data})

    for capability in capabilities():
        assert capability.events_path, capability.name
        logger.add_listener(schema_id=f"urn:orrery:events:{capability.name}", listener=listener)
    emit = app.services["snippets"].context.emit
    emit("snippets", {"action": "save", "id": "a", "scope": "mine", "version": 1})
    emit("projects", {"action": "switch", "project": "p"})
    await logger.gather_listeners()
    assert [one["action"] for one in seen] == ["save", "switch"]


async def test_recent_snippets_are_on_home(jp_fetch: Any) -> None:
    page = json.loads((await jp_fetch("orrery", "snippets")).body)
    path = ("orrery", "snippets", page["items"][0]["id"], "marks")
    await jp_fetch(*path, method="PATCH", body='{"used": true}', allow_nonstandard_methods=True)
    home = json.loads((await jp_fetch("orrery", "projects", "home")).body)
    assert [one["kind"] for one in home["recent"]] == ["snippet"]
    assert home["recent"][0]["label"] == page["items"][0]["name"]


@pytest.mark.parametrize(
    ("ip", "url"),
    [
        ("localhost", "http://localhost:1/x/"),
        ("127.0.0.1", "http://127.0.0.1:1/x/"),
        ("127.0.0.5", "http://127.0.0.5:1/x/"),
        ("::1", "http://[::1]:1/x/"),
        ("", "http://127.0.0.1:1/x/"),
        ("0.0.0.0", "http://127.0.0.1:1/x/"),
        ("::", "http://[::1]:1/x/"),
        ("10.0.0.7", None),
        ("example.org", None),
    ],
)
def test_kernels_are_told_an_address_of_this_machine_or_none(ip: str, url: str | None) -> None:
    server = SimpleNamespace(ip=ip, port=1, base_url="/x/", certfile="", sock="")
    assert loopback_url(server) == url  # type: ignore[arg-type]


def test_a_server_on_a_socket_file_has_no_address() -> None:
    server = SimpleNamespace(ip="", port=0, base_url="/", certfile="", sock="/tmp/x.sock")
    assert loopback_url(server) is None  # type: ignore[arg-type]


def test_loading_takes_no_time_and_nothing_heavy() -> None:
    """Less than half a second of processor time for all of Orrery, on top of what the server has loaded anyway."""
    code = (
        "import sys, time, jupyter_server.extension.application, jupyter_events, jupyter_server.serverapp\n"
        "before = time.process_time()\n"
        "import orrery_server.app\n"
        "from orrery_server.snippets.backends import bundled, files, git\n"
        "from orrery_server.projects.backends import local\n"
        "print(time.process_time() - before)\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    times, loaded = [], set()
    for _ in range(3):
        said = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        ).stdout.splitlines()
        times.append(float(said[0]))
        loaded |= set(said[1].split())
    assert loaded == set()
    assert min(times) < 0.5


def test_the_garbage_collector_is_as_it_was() -> None:
    """It rests while Orrery is imported, in a server that perhaps has it switched off for good."""
    code = (
        "import gc, orrery_server\n"
        "{}\n"
        "orrery_server._jupyter_server_extension_points()\n"
        "print(gc.isenabled())"
    )
    for before, after in (("pass", "True"), ("gc.disable()", "False")):
        said = subprocess.run(
            [sys.executable, "-c", code.format(before)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert said.stdout.strip() == after


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(
    command: list[str], url: str, home: Path, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers at a URL, and its log in ``home/log``."""
    runtime = {
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        **environment,
    }
    log = home / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *command], stdout=out, stderr=out, cwd=home, env=os.environ | runtime
        )
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert process.poll() is None, log.read_text()[-4_000:]
            try:
                if httpx.get(url, timeout=2).status_code < 500:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def options(root: Path) -> list[str]:
    return [
        "--no-browser",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.jpserver_extensions=orrery_server=True",
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]


def test_jupyterlab_starts_without_a_warning_and_withdraws_its_token(tmp_path: Path) -> None:
    """With strangers refused by the server itself; the token file is there for kernels and gone at the end."""
    port = free_port()
    home = tmp_path / "home"
    url = f"http://127.0.0.1:{port}/my/base/"
    command = [
        *(
            "-m",
            "jupyterlab",
            *options(home),
            f"--ServerApp.port={port}",
            "--ServerApp.ip=127.0.0.1",
        ),
        "--ServerApp.base_url=/my/base/",
        "--ServerApp.allow_unauthenticated_access=False",
        "--IdentityProvider.token=t",
    ]
    with running(command, url + "api", home):
        (path,) = (home / "runtime").glob("orrery-*.json")
        said = json.loads(path.read_text())
        assert said["url"] == url
        headers = {"Authorization": f"orrery {said['token']}"}
        status = httpx.get(said["url"] + "orrery/status", headers=headers)
        assert status.json()["version"] == __version__
        described = httpx.get(said["url"] + "orrery/openapi.json", headers=headers)
        (server,) = described.json()["servers"]
        beside = urljoin(url, f"{server['url']}/status")
        assert httpx.get(beside, headers=headers).status_code == 200
        declared = described.json()["paths"]["/openapi.json"]["get"]["responses"]["200"]["content"]
        assert list(declared) == [described.headers["content-type"].partition(";")[0]]
        log = (home / "log").read_text()
        assert httpx.get(url + "orrery/status").status_code == 401
    assert not path.exists()
    assert "orrery_server | extension was successfully loaded" in log
    assert not [line for line in log.splitlines() if re.search(r"\b(W|E|C)\b.*orrery", line)]
    # What @ws_authenticated and its like are missing on is listed by route; other extensions' are not ours to mend.
    assert not re.search(r"^\s*- [A-Z]+ of .*/orrery", log, re.MULTILINE)
    took = re.search(r"orrery_server took (\d+\.\d+)s", log)
    assert took is None or float(took[1]) < 0.5


class FakeHub(http.server.BaseHTTPRequestHandler):
    """JupyterHub's answers to a single-user server: its version, and whose a token is."""

    people: ClassVar[dict[str, dict[str, Any]]] = {
        "of-ann": {
            "kind": "user",
            "name": "ann",
            "admin": False,
            "scopes": ["access:servers!user=ann"],
        },
        "of-ben": {"kind": "user", "name": "ben", "admin": False, "scopes": []},
    }

    def do_GET(self) -> None:
        answer: Any = {"version": "6.1.1"}
        status = 200
        if self.path.endswith("/user"):
            token = self.headers["Authorization"].split()[-1]
            answer = self.people.get(token)
            status = 200 if answer else 403
        self._say(status, answer)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._say(200, {})

    def _say(self, status: int, answer: Any) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-JupyterHub-Version", "6.1.1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        return


def test_in_a_single_user_server_the_hub_says_who_may_enter(tmp_path: Path) -> None:
    hub = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeHub)
    thread = threading.Thread(target=hub.serve_forever, daemon=True)
    thread.start()
    port, home = free_port(), tmp_path / "home"
    url = f"http://127.0.0.1:{port}/user/ann/"
    environment = {
        "JUPYTERHUB_API_TOKEN": "of-ann",
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{hub.server_address[1]}/hub/api",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-ann",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": "/user/ann/oauth_callback",
        "JUPYTERHUB_OAUTH_SCOPES": '["access:servers!user=ann"]',
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": '["access:servers!user=ann"]',
        "JUPYTERHUB_SERVER_NAME": "",
        "JUPYTERHUB_SERVICE_PREFIX": "/user/ann/",
        "JUPYTERHUB_SERVICE_URL": url,
        "JUPYTERHUB_USER": "ann",
    }
    try:
        command = ["-m", "jupyterhub.singleuser", *options(home)]
        with running(command, url + "api", home, **environment):
            asked = httpx.get(url + "orrery/status", headers={"Authorization": "token of-ann"})
            assert asked.json()["user"] == "ann", asked.text
            for headers in ({}, {"Authorization": "token of-ben"}, {"Authorization": "token none"}):
                refused = httpx.get(url + "orrery/status", headers=headers)
                assert refused.status_code in (401, 403)
                assert refused.json()["code"] in ("unauthenticated", "forbidden")
            (path,) = (home / "runtime").glob("orrery-*.json")
            said = json.loads(path.read_text())
            assert said["url"] == url
            own = httpx.post(
                url + "orrery/snippets",
                headers={"Authorization": f"orrery {said['token']}"},
                json={"name": "A", "cells": [{"source": "1"}]},
            )
            assert own.status_code == 201, own.text
        log = (home / "log").read_text()
        assert not re.search(r"^\s*- [A-Z]+ of .*/orrery", log, re.MULTILINE)
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()
