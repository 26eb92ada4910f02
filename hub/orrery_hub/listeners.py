"""Listening sockets that a supervisor holds and hands to the processes that serve them.

Over a crash the port stays open: nobody else can take it, and clients wait in its queue for the next process.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

VARIABLE = "ORRERY_LISTENERS"  # "port=descriptor,..."
_BACKLOG = 2048


def open_listener(host: str, port: int) -> socket.socket:
    """A socket that listens at a host and port.

    Raises:
        OSError: the port is in use.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # IPPROTO_TCP makes asyncio set TCP_NODELAY; without it each response is 40 ms late.
    listener = socket.socket(family, proto=socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def environment(listeners: Mapping[int, socket.socket]) -> dict[str, str]:
    """The variable that tells a process which descriptors listen at which ports."""
    pairs = (f"{port}={listener.fileno()}" for port, listener in listeners.items())
    return {VARIABLE: ",".join(pairs)} if listeners else {}


def inherited_listener(port: int) -> socket.socket | None:
    """The socket that the parent process holds for a port; None if it holds none."""
    for pair in os.environ.get(VARIABLE, "").split(","):
        number, _, descriptor = pair.partition("=")
        if number == str(port):
            # The family is that of the descriptor.
            listener = socket.socket(proto=socket.IPPROTO_TCP, fileno=int(descriptor))
            listener.setblocking(False)
            return listener
    return None
