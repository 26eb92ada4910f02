"""The listening socket of the service, and its end when the process that started it is gone."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time

import uvicorn

from orrery_hub.listeners import inherited_listener, open_listener

log = logging.getLogger("orrery_hub")

ORPHAN_CHECK_SECONDS = 0.5
BIND_SECONDS = 20.0


async def serve(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve until stopped, or until the parent process is gone.

    A restarted parent starts a new service on the same port, which this process must not occupy.
    """
    parent = os.getppid()

    async def watch_parent() -> None:
        while os.getppid() == parent:  # noqa: ASYNC110  # no event tells that a parent died
            await asyncio.sleep(ORPHAN_CHECK_SECONDS)
        log.warning("the process that started the service is gone, so the service stops")
        server.should_exit = True

    watcher = asyncio.create_task(watch_parent())
    await server.serve(sockets=[listener])
    watcher.cancel()


def listen(host: str, port: int) -> socket.socket:
    """The socket that the parent process holds for the port, else a new one.

    A new one is tried for 20 seconds: the service of a killed JupyterHub needs a moment to leave the port.

    Raises:
        OSError: the port is still in use.
    """
    if listener := inherited_listener(port):
        return listener
    deadline = time.monotonic() + BIND_SECONDS
    while True:
        try:
            return open_listener(host, port)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
