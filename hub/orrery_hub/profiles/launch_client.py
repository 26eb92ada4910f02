"""Asks the hub service before a server starts, from JupyterHub's process and with that process's own credential."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx

from orrery_wire.errors import BackendUnavailable, OrreryError, TooMany
from orrery_wire.failures import FailureIn
from orrery_wire.launch import CancelIn, EndedIn, Launch, LaunchIn, StartedIn, Ticket
from orrery_wire.pools import LaunchChoices
from orrery_wire.schemas import Shape

_RETRY_SECONDS = 0.5
# Statuses of a service that is starting, or of a proxy in front of one that is not there.
_AWAY = frozenset({502, 503, 504})
_PAGE = "choices"
_REPORTS = frozenset({"started", "ended", "failed"})
_CONNECTIONS = 30
S = TypeVar("S", bound=Shape)


class LaunchClient:
    """The hub service's launch routes. ``is_required`` is whether profiles were declared when it answered last.

    While the service does not answer, a call is repeated until ``seconds`` are over.
    """

    def __init__(self, url: str, token_file: Path, seconds: float) -> None:
        self._url = url.rstrip("/")
        self._token_file = token_file
        self._seconds = seconds
        self._clients: dict[str, httpx.AsyncClient] = {}
        self.is_required: bool | None = None

    async def choices(self, request: LaunchIn) -> LaunchChoices:
        """What a user may start.

        Raises:
            OrreryError: the service refused or does not answer.
        """
        choices = await self._post("choices", request, LaunchChoices)
        self.is_required = choices.is_required
        return choices

    async def launch(self, request: LaunchIn) -> Launch:
        """The lease of a server, and what it starts with.

        Raises:
            OrreryError: why the server does not start.
        """
        launch = await self._post("leases", request, Launch)
        self.is_required = launch.lease is not None
        return launch

    async def join(self, request: LaunchIn) -> Ticket:
        """A place in the queue.

        Raises:
            OrreryError: the service refused or does not answer.
        """
        return await self._post("tickets", request, Ticket)

    async def cancel(self, request: CancelIn) -> None:
        """Give up a place in the queue.

        Raises:
            OrreryError: the service refused or does not answer.
        """
        await self._send("tickets/cancel", request)

    async def started(self, request: StartedIn) -> None:
        """Report that a server runs.

        Raises:
            OrreryError: the service does not answer.
        """
        await self._send("started", request)

    async def ended(self, request: EndedIn) -> None:
        """Report that a server stopped.

        Raises:
            OrreryError: the service does not answer.
        """
        await self._send("ended", request)

    async def failed(self, request: FailureIn) -> None:
        """Report that a server did not start, or ended by itself.

        Raises:
            OrreryError: the service does not answer.
        """
        await self._send("failed", request)

    async def _post(self, path: str, request: Shape, shape: type[S]) -> S:
        response = await self._send(path, request)
        return shape.model_validate_json(response.content)

    async def _send(self, path: str, request: Shape) -> httpx.Response:
        until = time.monotonic() + self._seconds
        # A page that has no place is asked for again by its reader; a start is not.
        passing = BackendUnavailable if path == _PAGE else (BackendUnavailable, TooMany)
        while True:
            try:
                return await self._send_once(path, request, until - time.monotonic())
            except passing:
                if time.monotonic() + _RETRY_SECONDS >= until:
                    raise
            await asyncio.sleep(_RETRY_SECONDS)

    async def _send_once(self, path: str, request: Shape, seconds: float) -> httpx.Response:
        try:
            token = self._token_file.read_text(encoding="ascii").strip()
            response = await self._client_for(path).post(
                f"{self._url}/launch/{path}",
                content=request.model_dump_json(),
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
                timeout=max(0.5, seconds),
            )
        except (httpx.HTTPError, OSError) as problem:
            raise _no_answer(str(problem) or type(problem).__name__) from problem
        if response.status_code in _AWAY:
            raise _no_answer(f"It answers with status {response.status_code}.")
        if response.is_error:
            raise _error_of(response)
        return response

    def _client_for(self, path: str) -> httpx.AsyncClient:
        """The client of pages, of starts or of reports: none of them waits for the connections of another."""
        kind = "page" if path == _PAGE else "report" if path in _REPORTS else "start"
        if kind not in self._clients:
            # Kept: a client reads all certificates when it is created, and JupyterHub has one thread.
            limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=10)
            self._clients[kind] = httpx.AsyncClient(trust_env=False, limits=limits)
        return self._clients[kind]


def _error_of(response: httpx.Response) -> OrreryError:
    try:
        body: Any = response.json()
    except ValueError:
        body = None
    return OrreryError.from_body(
        body if isinstance(body, Mapping) else {}, status=response.status_code
    )


def _no_answer(reason: str) -> BackendUnavailable:
    return BackendUnavailable(
        "The hub cannot say whether this server may start",
        reason=f"The hub service does not answer. {reason}",
        remedy="Try again in a moment; if it stays, ask an administrator of the hub.",
    )


@functools.cache
def client_of(url: str, token_file: Path, seconds: float) -> LaunchClient:
    """The client of an address; all spawners of a hub share it."""
    return LaunchClient(url, token_file, seconds)


def launch_in(spawner: Any, options: Mapping[str, Any], then: str = "") -> LaunchIn:
    """Who starts which server with what, and where it moves ``then`` as soon as there is room."""
    return LaunchIn(
        **account_of(spawner),
        server=spawner.name,
        options=dict(options),
        then=then,
    )


def cancel_in(spawner: Any, ticket: int) -> CancelIn:
    """Who gives up which request."""
    return CancelIn(**account_of(spawner), ticket=ticket)


def account_of(spawner: Any) -> dict[str, Any]:
    """Whose server it is, with what decides about the person's roles at the hub."""
    orm_user = spawner.user.orm_user
    return {
        "user": spawner.user.name,
        "created": created_of(spawner),
        "admin": bool(orm_user.admin),
        "groups": tuple(group.name for group in orm_user.groups),
    }


def created_of(spawner: Any) -> datetime | None:
    """When JupyterHub created the account that a server belongs to."""
    created: datetime | None = spawner.user.orm_user.created
    if created is not None and created.tzinfo is None:
        created = created.replace(tzinfo=UTC)  # as JupyterHub stores it
    return created
