"""The servers that run at JupyterHub now: one picture of them, drawn again every few seconds, for all who ask.

JupyterHub needs a tenth of a second for each two hundred people, so nobody asks it for a list that a person waits for.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from orrery_hub.base.accounts import account_of
from orrery_hub.base.hub_models import Server, ServerState
from orrery_hub.base.metrics import Metrics
from orrery_wire.errors import BackendUnavailable, Conflict, NotFound
from orrery_wire.names import is_user_name, path_of

log = logging.getLogger("orrery_hub.servers")

INTERVAL_SECONDS = 5.0
_PAGE = 200
_PAGINATION = {"Accept": "application/jupyterhub-pagination+json"}
_ASK_SECONDS = 20.0
# JupyterHub answers a start after ten seconds at most, and goes on.
_START_SECONDS = 45.0


class ServerList:
    """JupyterHub's servers as they were a few seconds ago; read from any thread."""

    def __init__(self, hub: httpx.AsyncClient, metrics: Metrics) -> None:
        self._hub = hub
        self._metrics = metrics
        self._servers: tuple[Server, ...] = ()
        self._read_at: float | None = None
        self._woken = asyncio.Event()
        self._is_failing = False

    def all(self) -> tuple[Server, ...]:
        """Every server that starts, runs or stops."""
        return self._servers

    def age_seconds(self) -> float | None:
        """How old the picture is; None before the first."""
        return None if self._read_at is None else time.monotonic() - self._read_at

    def wake(self) -> None:
        """Draw the picture again now; to be called in the event loop."""
        self._woken.set()

    async def run(self) -> None:
        """Draw the picture again and again, until cancelled."""
        while True:
            await self.refresh()
            self._woken.clear()
            try:
                async with asyncio.timeout(INTERVAL_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def refresh(self) -> bool:
        """Draw the picture again; false if JupyterHub does not answer, and the last one stays."""
        try:
            self._servers = tuple([server async for server in self._read()])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as problem:
            self._metrics.background.labels("servers", "failed").inc()
            if not self._is_failing:
                log.warning("JupyterHub's servers cannot be read: %s", problem)
            self._is_failing = True
            return False
        self._read_at = time.monotonic()
        self._metrics.background.labels("servers", "done").inc()
        self._is_failing = False
        return True

    async def _read(self) -> AsyncIterator[Server]:
        offset: int | None = 0
        while offset is not None:
            query: dict[str, str | int] = {"state": "active", "offset": offset, "limit": _PAGE}
            response = await self._hub.get(
                "/users", params=query, headers=_PAGINATION, timeout=_ASK_SECONDS
            )
            page = response.raise_for_status().json()
            for user in page["items"]:
                for server in _servers_of(user):
                    yield server
            is_last = not page["_pagination"]["next"] or not page["items"]
            offset = None if is_last else offset + len(page["items"])

    async def start(self, user: str, name: str, options: Mapping[str, Any] | None) -> None:
        """Start a server; JupyterHub goes on with it if that takes long. Without options: as it was started last.

        Raises:
            Conflict: it runs already, or JupyterHub or the hub's pools refuse it.
            BackendUnavailable: JupyterHub does not answer.
        """
        path = _path(user, name)
        try:
            response = await self._hub.post(
                f"/{path}", json={"user_options": options}, timeout=_START_SECONDS
            )
        except httpx.HTTPError as problem:
            raise _not_started() from problem
        self.wake()
        if response.is_success:
            return
        message = _message(response)
        # A start that the pools refuse is a failed start to JupyterHub: its words say why.
        if response.status_code < httpx.codes.INTERNAL_SERVER_ERROR or message:
            raise Conflict(
                "The server could not be started",
                reason=message or f"JupyterHub answered with HTTP status {response.status_code}.",
                remedy="Choose another profile, request it in the queue, or try again later.",
            )
        raise _not_started()

    async def stop(
        self, user: str, name: str, *, is_account: Callable[[datetime | None], bool] | None = None
    ) -> None:
        """Stop a server; JupyterHub goes on with it if that takes long.

        ``is_account`` is asked with the moment at which the account of that name was created: who decided earlier, or
        by what is in the database, may mean an account that was deleted while its name was given again.

        Raises:
            NotFound: there is no such server, or the name is another account's.
            BackendUnavailable: JupyterHub does not answer, or refuses.
        """
        path = _path(user, name)
        try:
            if not is_user_name(user):
                raise _not_there(user)
            if is_account is not None and not is_account(await self._created(user)):
                raise _not_there(user)
            response = await self._hub.delete(f"/{path}", timeout=_ASK_SECONDS)
            # Where nobody may have servers with names, JupyterHub calls the question itself wrong.
            if response.status_code in (httpx.codes.NOT_FOUND, httpx.codes.BAD_REQUEST):
                raise _not_there(user)
            response.raise_for_status()
        except httpx.HTTPError as problem:
            raise BackendUnavailable(
                f"The server of {user!r} could not be stopped",
                reason="JupyterHub did not do it.",
                remedy="Try again in a moment; the hub's log says why.",
            ) from problem
        self.wake()

    async def _created(self, user: str) -> datetime | None:
        """When the account of a name was created.

        Raises:
            NotFound: there is no such account.
        """
        response = await self._hub.get(f"/{path_of('users', user)}", timeout=_ASK_SECONDS)
        if response.status_code == httpx.codes.NOT_FOUND:
            raise _not_there(user)
        return account_of(response.raise_for_status().json()).created


def _path(user: str, name: str) -> str:
    return path_of("users", user, *(("servers", name) if name else ("server",)))


def _message(response: httpx.Response) -> str:
    """What JupyterHub says of a request that it refuses."""
    try:
        body = response.json()
    except ValueError:
        return ""
    return str(body.get("message", ""))[:500] if isinstance(body, dict) else ""


def _not_started() -> BackendUnavailable:
    return BackendUnavailable(
        "The server could not be started",
        reason="JupyterHub did not answer as it should.",
        remedy="Look at the list of your servers; if it is not there, try again in a moment.",
    )


def _not_there(user: str) -> NotFound:
    return NotFound(
        f"{user!r} has no such server",
        reason="It has stopped, or the account is gone.",
        remedy="Look at the list of servers again.",
    )


def _servers_of(user: Mapping[str, Any]) -> Iterator[Server]:
    for model in (user.get("servers") or {}).values():
        pending = model.get("pending")
        if not model.get("ready") and not pending:
            continue
        state: ServerState = "ready"
        if pending:
            state = "stopping" if pending == "stop" else "starting"
        yield Server(
            user=str(user["name"]),
            name=str(model.get("name") or ""),
            display_name=str(model.get("display_name") or ""),
            state=state,
            started=_moment(model.get("started")),
            last_activity=_moment(model.get("last_activity")),
            url=str(model.get("url") or ""),
            user_options=model.get("user_options") or {},
        )


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
