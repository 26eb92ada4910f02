"""A JupyterLab with Orrery and without a hub, as its own process, for attacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from tests.processes import start_process, stop_process
from tests.security.routes import Route, of_lab, others_of_lab

# In the address of the tracking server of the lab that is attacked; it is nobody's.
TRACKING_PASSWORD = "canary-of-the-tracking-server-7f3a"

ROOT = Path(__file__).resolve().parents[2]


class Lab:
    """One lab with its own home, data and runtime directories; logs everything it can."""

    def __init__(self, home: Path, *, token: str, orrery: bool = True, **environment: str) -> None:
        self.home = home
        self.token = token
        self.orrery = orrery
        self.log = home / "lab.log"
        self.dump = home / "routes.json"
        self.work = home / "work"
        self.options: list[str] = []
        self.log_level = "DEBUG"
        self.module = "tests.security.serve"
        self.process: subprocess.Popen[bytes] | None = None
        for name in ("work", "config", "data", "runtime"):
            (home / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("ORRERY_", "JUPYTER"))},
            "HOME": str(home),
            "IPYTHONDIR": str(home / "ipython"),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            # The token must not come by the command line, where every process of the machine sees it.
            "JUPYTER_TOKEN": token,
            **environment,
        }

    def arguments(self) -> list[str]:
        """JupyterLab's own options: loopback, a free port, debug logs, no news and no browser."""
        return [
            "--no-browser",
            "--ServerApp.ip=127.0.0.1",
            "--ServerApp.port=0",
            "--ServerApp.port_retries=0",
            f"--ServerApp.log_level={self.log_level}",
            f"--ServerApp.root_dir={self.work}",
            f"--ServerApp.jpserver_extensions=orrery_server={self.orrery}",
            "--LabApp.news_url=",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            *(["--allow-root"] if os.geteuid() == 0 else []),
            # Four seconds of processor time after the first profile, for a report that few tests ask for.
            *(["--EdaService.prepare_full_report=False"] if self.orrery else []),
            *self.options,
        ]

    def start(self) -> Lab:
        """Start it and wait until it answers."""
        self.dump.unlink(missing_ok=True)
        command = [sys.executable, "-m", self.module, str(self.dump), *self.arguments()]
        self.process = start_process(command, log=self.log, cwd=ROOT, environment=self.environment)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            if self.dump.exists():
                with suppress(httpx.HTTPError), self.person() as person:
                    if person.get("api/status").status_code == 200:
                        return self
            time.sleep(0.05)
        raise RuntimeError("the lab did not come up\n" + self.log.read_text()[-5000:])

    def stop(self) -> None:
        """SIGTERM, and wait."""
        stop_process(self.process, 20)

    @property
    def address(self) -> str:
        """Where it listens, with a slash at the end."""
        url: str = json.loads(self.dump.read_text())["url"]
        return url.replace("localhost", "127.0.0.1").rstrip("/") + "/"

    @property
    def routes(self) -> list[Route]:
        """Orrery's routes, as the router has them."""
        return of_lab(self.dump)

    @property
    def other_routes(self) -> list[Route]:
        """Jupyter's own routes."""
        return others_of_lab(self.dump)

    @property
    def connection_file(self) -> Path:
        """What the lab left for its kernels."""
        (found,) = (self.home / "runtime").glob("orrery-*.json")
        return found

    @property
    def lab_token(self) -> str:
        """The token that is good for Orrery's routes only."""
        token: str = json.loads(self.connection_file.read_text())["token"]
        return token

    def client(self, **headers: str) -> httpx.Client:
        """Somebody who comes with these headers and nothing else."""
        return httpx.Client(base_url=self.address, headers=headers, timeout=60, trust_env=False)

    def person(self) -> httpx.Client:
        """The person whose lab it is, by Jupyter's token."""
        return self.client(authorization=f"token {self.token}")

    def kernel(self) -> httpx.Client:
        """A kernel of this lab."""
        return self.client(authorization=f"orrery {self.lab_token}")

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """The person's browser: it holds cookies and no token."""
        with self.client() as client:
            answer = client.get("login", params={"token": self.token})
            assert answer.status_code in (200, 302), answer.status_code
            client.get("lab", follow_redirects=True)
            assert "_xsrf" in client.cookies, dict(client.cookies)
            yield client


def error_body(answer: httpx.Response) -> dict[str, Any]:
    """The one error body; fails if it is another, or tells what it must not."""
    assert answer.headers["content-type"].startswith("application/json"), answer.headers
    body: dict[str, Any] = answer.json()
    assert set(body) == {"code", "message", "reason", "remedy", "details", "request_id"}, body
    assert body["message"], body
    assert body["code"], body
    assert body["request_id"], body
    assert "Traceback" not in answer.text
    assert 'File "' not in answer.text
    return body
