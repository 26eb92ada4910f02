"""The hub service, asked with the person's own token: time limits, one pool, no redirects, its errors as ours."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from orrery_wire.errors import BackendUnavailable, OrreryError, TimedOut

S = TypeVar("S", bound=BaseModel)
_REMEDY = "Try again in a moment; if it stays, tell the administrator of the hub."
_MAX_ANSWER = 64 * 1024 * 1024


class HubClient:
    """The hub service's API. Opens no connection and loads no library before the first question."""

    def __init__(self, url: str, token: str, *, connect: float = 2, seconds: float = 20) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._connect = connect
        self._seconds = seconds
        self._client: Any = None
        self._opening = asyncio.Lock()

    async def ask(
        self,
        method: str,
        *path: str,
        body: BaseModel | None = None,
        query: Mapping[str, str | int] | None = None,
        sent_only: bool = False,
    ) -> Any:
        """The JSON that the hub answers with; None if it answers with nothing.

        Raises:
            BackendUnavailable: the hub cannot be reached or is not well.
            TimedOut: it was reached and did not answer in time.
            OrreryError: it refused, in its own words.
        """
        client = await self._opened()
        import httpx

        url = "/".join(quote(part, safe="") for part in path)
        content = body.model_dump_json(exclude_unset=sent_only).encode() if body else None
        try:
            async with asyncio.timeout(self._seconds):
                answer = await client.request(method, url, content=content, params=query)
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
        return _read(answer.status_code, answer.content)

    async def get(
        self, shape: type[S], *path: str, query: Mapping[str, str | int] | None = None
    ) -> S:
        """What the hub keeps there, as a shape."""
        return as_shape(shape, await self.ask("GET", *path, query=query))

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _opened(self) -> Any:
        async with self._opening:
            if self._client is None:
                httpx = await asyncio.to_thread(importlib.import_module, "httpx")
                self._client = await asyncio.to_thread(
                    httpx.AsyncClient,
                    base_url=self._url + "/",
                    headers={
                        "Authorization": f"Bearer {self._token}",
                        "Content-Type": "application/json",
                        "Accept": "application/json",
                    },
                    timeout=httpx.Timeout(self._seconds, connect=self._connect, pool=self._connect),
                    limits=httpx.Limits(max_connections=10, max_keepalive_connections=4),
                    follow_redirects=False,
                    trust_env=False,
                )
        return self._client


def as_shape(shape: type[S], answer: Any) -> S:
    """The answer as a shape; BackendUnavailable if the hub speaks another version of Orrery."""
    try:
        return shape.model_validate_json(json.dumps(answer))
    except ValidationError as problem:
        raise BackendUnavailable(
            "The hub's answer cannot be understood",
            reason=f"It is no {shape.__name__}: {problem.error_count()} fields differ.",
            remedy="The hub and this server have different versions of Orrery; update the older one.",
        ) from problem


def _read(status: int, content: bytes) -> Any:
    if len(content) > _MAX_ANSWER:
        raise BackendUnavailable("The hub's answer is too large", remedy=_REMEDY)
    if status == 204 or (200 <= status < 300 and not content):
        return None
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if 200 <= status < 300 and answer is not None:
        return answer
    raise _refused(status, answer)


def _refused(status: int, answer: Any) -> OrreryError:
    """The hub's error as ours; what is not one of ours is the hub not being well."""
    said = answer if isinstance(answer, dict) else {}
    kind = _kinds(OrreryError).get(str(said.get("code", "")))
    if kind is None or status >= 500 or kind.status >= 500:
        return BackendUnavailable(
            "The hub cannot do this now",
            reason=str(
                said.get("reason") or said.get("message") or f"It answered with HTTP {status}."
            )[:500],
            remedy=_REMEDY,
        )
    details = said.get("details")
    return kind(
        str(said.get("message", "")),
        reason=str(said.get("reason", "")),
        remedy=str(said.get("remedy", "")),
        details=details if isinstance(details, dict) else None,
    )


def _kinds(root: type[OrreryError]) -> dict[str, type[OrreryError]]:
    found = {root.code: root}
    for kind in root.__subclasses__():
        found |= _kinds(kind)
    return found
