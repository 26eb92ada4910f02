"""What is known of the request that is being served, for logs, audit and errors."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Trip:
    """One request: its id, where it came from, and who turned out to ask."""

    request_id: str = ""
    address: str = ""
    user: str = ""


_NOBODY = Trip()
trip: ContextVar[Trip] = ContextVar("orrery_trip", default=_NOBODY)
