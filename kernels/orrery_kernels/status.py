"""What is installed at the server, and for whom."""

from __future__ import annotations

from typing import TypedDict

from orrery_kernels.client import connect


class Status(TypedDict):
    """The server's own account of itself."""

    version: str
    hub: bool
    user: str
    capabilities: list[str]


def status(timeout: float = 20.0) -> Status:
    """The version of Orrery at the server, the person, and the capabilities; waits ``timeout`` seconds at most.

    Raises:
        ServerUnavailable: no server can be reached.
    """
    answer: Status = connect(timeout).call("GET", "status")
    return answer
