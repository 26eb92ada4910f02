"""Servers that are none: JupyterHub believes that they run, and one small HTTP server answers for all of them."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from jupyterhub.spawner import Spawner

from orrery_hub.profiles.leased import LeasedSpawner


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("X-JupyterHub-Version", "6.1.1")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class FakeSpawner(Spawner):
    """Starts at once and runs until it is stopped."""

    _port = 0
    _runs = False

    async def start(self) -> tuple[str, int]:
        if not FakeSpawner._port:
            server = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            FakeSpawner._port = server.server_port
        self._runs = True
        return "127.0.0.1", FakeSpawner._port

    async def stop(self, now: bool = False) -> None:
        self._runs = False

    async def poll(self) -> int | None:
        return None if self._runs else 0

    def load_state(self, state: dict[str, Any]) -> None:
        self._runs = bool(state.get("runs"))

    def get_state(self) -> dict[str, Any]:
        return {"runs": self._runs}


class LeasedFakeSpawner(LeasedSpawner, FakeSpawner):
    """The same with a lease of the hub service for each, as every spawner of ours has."""
