"""The listening socket of the service, and its end when JupyterHub is gone."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from urllib.parse import urlsplit

import uvicorn

log = logging.getLogger("orrery_hub")

ORPHAN_CHECK_SECONDS = 0.5
BIND_SECONDS = 20.0


async def serve(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve until stopped, or until the parent process, JupyterHub, is gone.

    A restarted JupyterHub starts a new service on the same port, which this process must not occupy.
    """
    parent = os.getppid()

    async def watch_parent() -> None:
        while os.getppid() == parent:  # noqa: ASYNC110  # no event tells that a parent died
            await asyncio.sleep(ORPHAN_CHECK_SECONDS)
        log.warning("JupyterHub is gone, so its service stops")
        server.should_exit = True

    watcher = asyncio.create_task(watch_parent())
    await server.serve(sockets=[listener])
    watcher.cancel()


def listen(url: str) -> socket.socket:
    """A socket that listens at a URL's host and port.

    Retries for 20 seconds: the service of a killed JupyterHub needs a moment to leave the port.

    Raises:
        OSError: the port is still in use.
    """
    address = urlsplit(url)
    # IPPROTO_TCP makes asyncio set TCP_NODELAY; without it each response is 40 ms late.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    deadline = time.monotonic() + BIND_SECONDS
    while True:
        try:
            listener.bind((address.hostname, address.port or 80))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            listener.listen(2048)
            return listener
