"""A real JupyterHub with Orrery's configuration, as its own process, for tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from orrery_hub.config import server_token_scopes
from orrery_hub.scopes import PUBLISH
from tests.processes import start_process, stop_process

HERE = Path(__file__).parent
ADMIN_TOKEN = "a-token-that-only-this-test-knows-0001"

CONFIG = """
import sys
sys.path.insert(0, {here!r})
import pathlib
from orrery_hub.config import configure
from orrery_hub.settings import Settings
settings = configure(c, Settings(home={home!r}, admins=("root",), **{more!r}))
c.JupyterHub.proxy_class = "null_proxy.NullProxy"
c.Spawner.cmd = [sys.executable, {lab!r}]
c.Spawner.args = []
c.JupyterHub.services.append({{"name": "test", "api_token": {token!r}}})
c.JupyterHub.load_roles.append({{
    "name": "test", "services": ["test"],
    "scopes": ["admin:users", "tokens", "admin:servers", "admin:groups", "read:hub"],
}})
"""


class Hub:
    """One JupyterHub; ``kill`` and ``start`` do what their names say to the process."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.home = home
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        self.log = home / "hub.log"
        home.mkdir(parents=True, exist_ok=True)
        self.config = home / "jupyterhub_config.py"
        self.config.write_text(
            CONFIG.format(
                here=str(HERE),
                home=str(home),
                lab=str(HERE / "stub_lab.py"),
                token=ADMIN_TOKEN,
                more=settings,
            )
        )

    def launch(self) -> int:
        """Start the process; gives where in the log its output begins."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ORRERY_")}
        before = self.log.stat().st_size if self.log.exists() else 0
        command = [sys.executable, "-m", "jupyterhub", "--config", str(self.config)]
        self.process = start_process(command, log=self.log, cwd=self.home, environment=environment)
        return before

    def is_running(self, before: int) -> bool:
        """Whether JupyterHub says that it runs, in what it wrote since ``launch``.

        Raises:
            RuntimeError: it has ended.
        """
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError(self.log.read_text()[-5000:])
        return b"JupyterHub is now running" in self.log.read_bytes()[before:]

    def start(self) -> None:
        """Start it and wait until the hub and its service answer."""
        before = self.launch()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            is_running = self.is_running(before)
            with suppress(httpx.HTTPError):
                ready = httpx.get(f"{self.service}/health", trust_env=False)
                if ready.status_code == 200 and is_running:
                    return
            time.sleep(0.1)
        raise RuntimeError("the hub did not come up\n" + self.log.read_text()[-5000:])

    def kill(self) -> None:
        """SIGKILL, as by the system when memory is out."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        """SIGTERM, as `orrery down` does."""
        stop_process(self.process)

    def _port(self, name: str) -> int:
        return int(json.loads((self.home / "state" / "ports.json").read_text())[name])

    @property
    def api(self) -> str:
        """JupyterHub's own API."""
        return f"http://127.0.0.1:{self._port('hub')}/hub/api"

    @property
    def service(self) -> str:
        """The hub service's API."""
        if not (self.home / "state" / "ports.json").exists():
            return "http://127.0.0.1:1"
        return f"http://127.0.0.1:{self._port('service')}/services/orrery/api"

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask JupyterHub's API as an administrator."""
        headers = {"Authorization": f"token {ADMIN_TOKEN}"}
        return httpx.request(
            method, self.api + path, headers=headers, timeout=30, trust_env=False, **more
        )

    def token(self, user: str, scopes: list[str] | None = None) -> str:
        """A token of a user, as the user's own server gets one; that of root may publish too."""
        self.call("POST", f"/users/{user}")
        if scopes is None:
            scopes = [s for s in server_token_scopes() if "!server" not in s]
            if user == "root":
                scopes.append(PUBLISH)
        answer = self.call("POST", f"/users/{user}/tokens", json={"scopes": scopes})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def client(self, user: str, scopes: list[str] | None = None) -> httpx.Client:
        """Someone who talks to the hub service."""
        return httpx.Client(
            base_url=self.service,
            headers={"Authorization": f"Bearer {self.token(user, scopes)}"},
            timeout=30,
            trust_env=False,
        )

    def children(self) -> list[psutil.Process]:
        """Every process that this hub started, directly or through another."""
        mark = str(self.home)
        processes = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("ORRERY_HOME") == mark or (
                    mark in process.environ().get("HOME", "")
                ):
                    processes.append(process)
        return processes
