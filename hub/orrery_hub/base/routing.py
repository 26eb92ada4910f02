"""Routes whose functions run in a worker thread, from the call to the bytes of the response.

FastAPI by itself sends such a function to a worker, its result to a worker again, to be validated, and serialises it
in the event loop. A result here is a shape, which was validated when it was made.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from fastapi import APIRouter, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic_core import to_json

from orrery_wire.json_types import JsonObject

# First come, first served, and half the cost of a turn in anyio's pool, which gives the newest request to the thread
# that became idle last.
_WORKERS = ThreadPoolExecutor(40, thread_name_prefix="orrery-route")


class ServiceRoute(APIRoute):
    """A route of the service's API."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if inspect.isfunction(endpoint) and not inspect.iscoroutinefunction(endpoint):
            endpoint = _in_worker(endpoint, options.get("status_code") or 200)
        super().__init__(path, endpoint, **options)


class Router(APIRouter):
    """A router of a capability."""

    def __init__(self, *, prefix: str = "", tags: list[str] | None = None) -> None:
        super().__init__(prefix=prefix, tags=[*tags] if tags else None, route_class=ServiceRoute)


def _in_worker(endpoint: Callable[..., Any], status: int) -> Callable[..., Awaitable[Response]]:
    def respond(arguments: JsonObject) -> Response:
        result = endpoint(**arguments)
        if isinstance(result, Response):
            return result
        if result is None:
            return Response(status_code=status)
        if isinstance(result, BaseModel):
            content = result.__pydantic_serializer__.to_json(result, by_alias=True)
        else:
            content = to_json(result, by_alias=True)
        return Response(content, status, media_type="application/json")

    # FastAPI reads parameters and shapes from the function that is wrapped.
    @functools.wraps(endpoint)
    async def run(**arguments: Any) -> Response:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_WORKERS, copy_context().run, respond, arguments)

    return run
