"""Client of the hub service with the person's own token, and the base of the backends that live there.

Time limits, one pool of connections, no redirects; the hub's errors arrive as errors of ``orrery_wire.errors``.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError
from traitlets import Int, Unicode, default

from orrery_server.base.backend import Backend
from orrery_wire.errors import BackendUnavailable, OrreryError, TimedOut

if TYPE_CHECKING:
    import httpx

S = TypeVar("S", bound=BaseModel)
_REMEDY = "Try again in a moment; if it stays, tell the administrator of the hub."
_MAX_ANSWER = 64 * 1024 * 1024


def is_at_hub() -> bool:
    """Whether a hub started this server and told it where the hub service is."""
    return bool(os.environ.get("ORRERY_HUB_URL") and os.environ.get("JUPYTERHUB_API_TOKEN"))


class HubClient:
    """The hub service's API. Opens no connection and loads no library before the first request."""

    def __init__(self, url: str, token: str, *, connect: float = 2, seconds: float = 20) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._connect = connect
        self._seconds = seconds
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def get(
        self, shape: type[S], *path: str, query: Mapping[str, str | int] | None = None
    ) -> S:
        """What the hub keeps there; raises like ``ask``."""
        return await self.ask(shape, "GET", *path, query=query)

    async def ask(
        self,
        shape: type[S],
        method: str,
        *path: str,
        body: BaseModel | None = None,
        query: Mapping[str, str | int] | None = None,
        sent_only: bool = False,
    ) -> S:
        """The hub's answer as a shape; with ``sent_only`` the body has only the fields that were set.

        Raises:
            BackendUnavailable: the hub cannot be reached, is not well, or has another version of Orrery.
            TimedOut: it was reached and did not answer in time.
            OrreryError: it refused, in its own words.
        """
        sent = body.model_dump_json(exclude_unset=sent_only).encode() if body else None
        return _as_shape(shape, await self._request(method, path, sent, query))

    async def delete(self, *path: str) -> None:
        """Delete what the hub keeps there; raises like ``ask``."""
        if await self._request("DELETE", path):
            raise BackendUnavailable("The hub's answer cannot be understood", remedy=_REMEDY)

    async def _request(
        self,
        method: str,
        path: tuple[str, ...],
        content: bytes | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> bytes:
        """The body of a response that is no error."""
        client = await self._opened()
        import httpx

        url = "/".join(quote(part, safe="") for part in path)
        try:
            async with asyncio.timeout(self._seconds):
                response = await client.request(method, url, content=content, params=query)
        except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout):
            raise TimedOut(
                "The hub took too long",
                reason=f"It did not answer within {self._seconds:.0f} s.",
                remedy=_REMEDY,
            ) from None
        except (httpx.HTTPError, OSError) as problem:
            raise BackendUnavailable(
                "The hub cannot be reached",
                reason=type(problem).__name__,
                remedy=_REMEDY,
            ) from problem
        if len(response.content) > _MAX_ANSWER:
            raise BackendUnavailable("The hub's answer is too large", remedy=_REMEDY)
        if not 200 <= response.status_code < 300:
            raise _error(response.status_code, response.content)
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


class HubBackend(Backend):
    """A backend whose place is the hub service; mixed in before the contract that it fulfils."""

    url = Unicode(help="The hub service's API; `ORRERY_HUB_URL` if not given.").tag(config=True)
    seconds = Int(20, min=1, help="How long the hub may take to answer.").tag(config=True)

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
        token = os.environ.get("JUPYTERHUB_API_TOKEN", "")
        self._hub = HubClient(self.url, token, seconds=self.seconds)

    async def close(self) -> None:
        """Close the connections to the hub."""
        await self._hub.close()


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


def _error(status: int, content: bytes) -> OrreryError:
    """The hub's error as ours; what is not one of ours is the hub not being well."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    problem = OrreryError.from_body(body if isinstance(body, dict) else {}, status)
    if max(status, problem.status) < 500 and type(problem) is not OrreryError:
        return problem
    return BackendUnavailable(
        "The hub cannot do this now",
        reason=(problem.reason or problem.message)[:500],
        remedy=_REMEDY,
    )
