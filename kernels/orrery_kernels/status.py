"""What is installed at the server, and for whom."""

from __future__ import annotations

from orrery_kernels.client import connect
from orrery_wire.types.base import Status


def status(timeout: float = 20.0) -> Status:
    """The version of Orrery at the server, the person, and the capabilities; waits ``timeout`` seconds at most.

    Raises:
        ServerUnavailable: no server can be reached.
    """
    answer: Status = connect(timeout).call("GET", "status")
    return answer
