"""Facts about the request that is being served, for logs, audit and error bodies."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class RequestContext:
    """Request id, client address and, once authenticated, the user's name, the person's id and the scope that the route
    needs.

    ``request_id`` is always made here; ``client_request_id`` is what the client calls the request, if anything.
    """

    request_id: str = ""
    address: str = ""
    user: str = ""
    client_request_id: str = ""
    permission: str = ""
    person_id: int | None = None


request_context: ContextVar[RequestContext] = ContextVar(
    "orrery_request_context",
    default=RequestContext(),  # noqa: B039  # frozen
)
