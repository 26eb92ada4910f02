"""Facts about the request that is being served, for logs, audit and error bodies."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class RequestContext:
    """Request id, client address and, once authenticated, the user's name."""

    request_id: str = ""
    address: str = ""
    user: str = ""


request_context: ContextVar[RequestContext] = ContextVar(
    "orrery_request_context",
    default=RequestContext(),  # noqa: B039  # frozen
)
