"""The real hub service on a port of this machine, for servers that talk to it."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path

import uvicorn

from orrery_hub.base.db import Database
from orrery_hub.base.migrate import upgrade
from tests.hub.services import PREFIX, Service


class Served:
    """The hub service on a port of this machine; only JupyterHub's own table of tokens is not the real one."""

    def __init__(self, home: Path) -> None:
        self.database = Database(f"sqlite:///{home / 'orrery.sqlite'}")
        upgrade(self.database)
        self.service = Service(home / "home", self.database)
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        # Who asks before the thread serves waits, and is not refused.
        self.listener.listen(128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}{PREFIX}/api"
        config = uvicorn.Config(self.service.app, log_level="warning", lifespan="off", ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        asyncio.run(self.server.serve(sockets=[self.listener]))

    def close(self) -> None:
        if not self.thread.is_alive():
            return
        self.server.should_exit = True
        self.thread.join(10)
        self.listener.close()
        self.service.loop.stop()
        self.database.close()
