"""What a generated client stands on: something that sends a request to the lab's server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Transport(Protocol):
    """Sends a request below ``/orrery`` and gives the JSON that comes back, or None where there is none."""

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        timeout: float | None = None,
    ) -> Any:
        """Send one request; ``timeout`` is in seconds, the transport's own if not given."""


class Calls:
    """The calls of one capability, sent by a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport


def segment(value: str | int) -> str:
    """A value as one segment of a path: a slash in it never begins another."""
    return str(value).replace("/", "%2F")
