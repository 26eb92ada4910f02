"""Client of the hub service with the person's own token, and the base of the backends that live there.

Time limits, one pool of connections, no redirects; the hub's errors arrive as errors of ``orrery_wire.errors``. A hub
that hangs is asked again only after some seconds, and a change that it did not answer is told as one that may be made.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from traitlets import Int, Unicode, default

from orrery_server.base.backend import Backend
from orrery_server.base.credentials import HUB_TOKEN, credential
from orrery_wire.common_errors import outcome_unknown
from orrery_wire.errors import BackendUnavailable, OrreryError, TimedOut
from orrery_wire.names import path_of

if TYPE_CHECKING:
    import httpx

S = TypeVar("S", bound=BaseModel)
_REMEDY = "Try again in a moment; if it stays, tell the administrator of the hub."
# What a caller may wait for: it ends by itself when the hub is back.
_OUTAGE = {"outage": "hub"}
_GATEWAY_FAILURES = (502, 504)
_TOO_MANY = 429
_MAX_ANSWER = 64 * 1024 * 1024
# How long the hub may take to answer what only decorates a page, and what a person has asked for.
GLANCE_SECONDS = 2.5
_READ_SECONDS = 10.0
# After a read that was not answered in time, reads that would wait no longer are refused for so long.
_PAUSE_SECONDS = 5.0


def is_at_hub() -> bool:
    """Whether a hub started this server and told it where the hub service is."""
    return bool(os.environ.get("ORRERY_HUB_URL") and credential(HUB_TOKEN))


class HubClient:
    """The hub service's API. Opens no connection and loads no library before the first request."""

    def __init__(self, url: str, token: str, *, connect: float = 2, seconds: float = 15) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._connect = connect
        self._seconds = seconds
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()
        self._pause = _Pause()

    async def get(
        self,
        shape: type[S],
        *path: str,
        query: Mapping[str, str | int] | None = None,
        seconds: float = _READ_SECONDS,
    ) -> S:
        """What the hub keeps there; raises like ``ask``, at the latest after ``seconds``."""
        limit = min(seconds, self._seconds)
        self._pause.check(limit)
        return _as_shape(shape, await self._request("GET", path, query=query, seconds=limit))

    async def ask(
        self,
        shape: type[S],
        method: str,
        *path: str,
        body: BaseModel | None = None,
        query: Mapping[str, str | int] | None = None,
        sent_only: bool = False,
    ) -> S:
        """The hub's answer to a change as a shape; with ``sent_only`` the body has only the fields that were set.

        Raises:
            BackendUnavailable: the hub cannot be reached, is not well, or has another version of Orrery.
            TimedOut: it was asked and did not answer in time; it may have made a change all the same.
            Invalid: a part of the path would lead elsewhere; nothing was sent.
            OrreryError: it refused, in its own words.
        """
        sent = body.model_dump_json(exclude_unset=sent_only).encode() if body else None
        return _as_shape(shape, await self._request(method, path, sent, query))

    async def delete(self, *path: str) -> None:
        """Delete what the hub keeps there; raises like ``ask``."""
        await self.run("DELETE", *path)

    async def run(
        self,
        method: str,
        *path: str,
        body: BaseModel | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> None:
        """Make a change that the hub answers with nothing; raises like ``ask``."""
        sent = body.model_dump_json().encode() if body else None
        if await self._request(method, path, sent, query):
            raise BackendUnavailable("The hub's answer cannot be understood", remedy=_REMEDY)

    async def _request(
        self,
        method: str,
        path: tuple[str, ...],
        content: bytes | None = None,
        query: Mapping[str, str | int] | None = None,
        seconds: float | None = None,
    ) -> bytes:
        """The body of a response that is no error."""
        limit = seconds or self._seconds
        url = path_of(*path)
        client = await self._opened()
        import httpx

        loop = asyncio.get_running_loop()
        end = loop.time() + limit
        try:
            async with asyncio.timeout(limit):
                response = await client.request(method, url, content=content, params=query)
                while wait := _retry_after(response):
                    if loop.time() + wait >= end:
                        break
                    # It was refused before anything was done, so a change is sent again too.
                    await asyncio.sleep(wait)
                    response = await client.request(method, url, content=content, params=query)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as problem:
            if not isinstance(problem, httpx.ConnectError):
                self._pause.begin(limit)
            raise _unreachable(problem) from problem
        except (TimeoutError, httpx.TimeoutException):
            self._pause.begin(limit)
            raise _unanswered(method, f"It did not answer within {limit:g} s.") from None
        except (httpx.HTTPError, OSError) as problem:
            if method != "GET":
                raise _unanswered(method, "The connection ended before its answer.") from problem
            raise _unreachable(problem) from problem
        self._pause.end()
        if len(response.content) > _MAX_ANSWER:
            raise BackendUnavailable("The hub's answer is too large", remedy=_REMEDY)
        if not 200 <= response.status_code < 300:
            raise _error(method, response.status_code, response.content)
        return response.content

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _opened(self) -> httpx.AsyncClient:
        async with self._opening:
            if self._client is None:
                library = await asyncio.to_thread(importlib.import_module, "httpx")
                client: httpx.AsyncClient = await asyncio.to_thread(
                    library.AsyncClient,
                    base_url=self._url + "/",
                    headers={
                        "Authorization": f"Bearer {self._token}",
                        "Content-Type": "application/json",
                        "Accept": "application/json",
                    },
                    timeout=library.Timeout(
                        self._seconds, connect=self._connect, pool=self._connect
                    ),
                    limits=library.Limits(max_connections=10, max_keepalive_connections=4),
                    follow_redirects=False,
                    trust_env=False,
                )
                self._client = client
        return self._client


class _Pause:
    """Reads are refused for a while after one was not answered in time; one that would wait longer is tried."""

    def __init__(self) -> None:
        self._until = 0.0
        self._seconds = 0.0

    def begin(self, seconds: float) -> None:
        """Something was not answered within so many seconds."""
        self._until = time.monotonic() + _PAUSE_SECONDS
        self._seconds = seconds

    def end(self) -> None:
        """Something was answered."""
        self._until = 0.0

    def check(self, seconds: float) -> None:
        """Refuse a read that would wait ``seconds`` at most, if that was not enough a moment ago.

        Raises:
            TimedOut: it was not.
        """
        if time.monotonic() < self._until and seconds <= self._seconds:
            raise _unanswered("GET", f"It did not answer within {self._seconds:g} s a moment ago.")


class HubBackend(Backend):
    """A backend whose place is the hub service; mixed in before the contract that it fulfils."""

    url = Unicode(help="The hub service's API; `ORRERY_HUB_URL` if not given.").tag(config=True)
    seconds = Int(
        15, min=1, help="How long the hub may take to answer a change; reads wait 10 s at most."
    ).tag(config=True)

    @default("url")
    def _default_url(self) -> str:
        return os.environ.get("ORRERY_HUB_URL", "")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not self.url:
            raise BackendUnavailable(
                "The hub's address is not known",
                reason=f"Neither {type(self).__name__}.url nor ORRERY_HUB_URL is set.",
                remedy="Start the server from the hub, or choose the backend of a lab without a hub.",
            )
        self._hub = HubClient(self.url, credential(HUB_TOKEN), seconds=self.seconds)

    async def close(self) -> None:
        """Close the connections to the hub."""
        await self._hub.close()


def _retry_after(response: httpx.Response) -> float:
    """The seconds after which a request that was too much at once may be sent again; 0 for another response."""
    seconds = response.headers.get("Retry-After", "")
    if response.status_code != _TOO_MANY or not seconds.isdigit():
        return 0.0
    return max(1.0, float(seconds[:6]))


def _as_shape(shape: type[S], content: bytes) -> S:
    try:
        return shape.model_validate_json(content)
    except ValidationError as problem:
        first = problem.errors(include_input=False)[0]
        if first["type"] == "json_invalid":
            raise BackendUnavailable(
                "The hub's answer cannot be understood", reason="It is not JSON.", remedy=_REMEDY
            ) from None
        raise BackendUnavailable(
            "The hub's answer cannot be understood",
            reason=f"It is no {shape.__name__}: {problem.error_count()} fields differ.",
            remedy="The hub and this server have different versions of Orrery; update the older one.",
        ) from problem


def _unreachable(problem: Exception) -> BackendUnavailable:
    return BackendUnavailable(
        "The hub cannot be reached",
        reason=type(problem).__name__,
        remedy=_REMEDY,
        details=_OUTAGE,
    )


def _unanswered(method: str, reason: str) -> TimedOut:
    if method != "GET":
        return outcome_unknown("the hub", reason)
    return TimedOut("The hub took too long", reason=reason, remedy=_REMEDY, details=_OUTAGE)


def _error(method: str, status: int, content: bytes) -> OrreryError:
    """The hub's error as ours; what is not one of ours is the hub not being well."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    problem = OrreryError.from_body(body if isinstance(body, dict) else {}, status)
    if max(status, problem.status) < 500 and type(problem) is not OrreryError:
        return problem
    if method != "GET" and status in _GATEWAY_FAILURES and type(problem) is OrreryError:
        # A proxy had sent it on, and tells nothing of what became of it.
        return _unanswered(method, f"A proxy answered for it with HTTP status {status}.")
    return BackendUnavailable(
        "The hub cannot do this now",
        reason=(problem.reason or problem.message)[:500],
        remedy=_REMEDY,
        details=_OUTAGE,
    )
