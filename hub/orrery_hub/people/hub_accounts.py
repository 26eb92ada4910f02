"""The accounts of a person who leaves, at JupyterHub: what ends with them, and ending them.

An account is a name and the moment at which it was created. Before anything is stopped or deleted the two are compared:
a name that was deleted and given again is another person's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx

from orrery_hub.base.accounts import account_of
from orrery_wire.errors import BackendUnavailable
from orrery_wire.json_types import JsonObject
from orrery_wire.names import path_of

_PAUSE_SECONDS = 0.5
_PAGE = 200


@dataclass(frozen=True)
class LeavingAccount:
    """An account to end; ``created`` is None where only an invitation is known, and the account may be of any age."""

    name: str
    created: datetime | None


@dataclass(frozen=True)
class AtHub:
    """What ends with an account; ``is_there`` is false where JupyterHub has none, or another of the name."""

    account: LeavingAccount
    is_there: bool
    is_another: bool = False
    servers: tuple[str, ...] = ()
    tokens: int = 0
    shares: int = 0


class HubAccounts:
    """Reads and ends accounts."""

    def __init__(self, hub: httpx.AsyncClient) -> None:
        self._hub = hub

    async def look(self, account: LeavingAccount) -> AtHub:
        """What JupyterHub has of an account.

        Raises:
            BackendUnavailable: JupyterHub does not answer.
        """
        model = await self._read("users", account.name)
        if model is None:
            return AtHub(account, is_there=False)
        if not _is_same(account, model):
            return AtHub(account, is_there=False, is_another=True)
        tokens = (await self._read("users", account.name, "tokens") or {}).get("api_tokens", [])
        granted = await self._count("shares", account.name)
        received = await self._count("users", account.name, "shared")
        servers = tuple(sorted(model.get("servers") or {}))
        return AtHub(account, True, False, servers, len(tokens), granted + received)

    async def end(self, account: LeavingAccount, stop_seconds: float) -> None:
        """Stop the servers of an account, those that start too, and delete it; they may take so long to stop.

        JupyterHub deletes no account with a server that starts, stops or has a name and runs. The hub's pools refuse
        new servers of the person meanwhile, so whoever starts them again and again does not keep the account.

        Raises:
            BackendUnavailable: JupyterHub does not answer, or has servers of it that do not stop.
        """
        deadline = asyncio.get_running_loop().time() + stop_seconds
        while (model := await self._read("users", account.name)) is not None:
            if not _is_same(account, model):
                return
            active = sorted(model.get("servers") or {})
            for server in active:
                await self._stop(account.name, server)
            response = await self._ask("DELETE", path_of("users", account.name))
            if response.is_success or response.status_code == httpx.codes.NOT_FOUND:
                return
            if asyncio.get_running_loop().time() > deadline:
                raise _not_ended(account.name, active, response)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _stop(self, name: str, server: str) -> None:
        """Ask for the end of a server; whether it has ended shows when the account is deleted."""
        part = ("servers", server) if server else ("server",)
        await self._ask("DELETE", path_of("users", name, *part))

    async def _count(self, *path: str) -> int:
        model = await self._read(*path, query={"limit": _PAGE})
        if model is None:
            return 0
        total = (model.get("_pagination") or {}).get("total")
        return int(total) if total is not None else len(model.get("items") or ())

    async def _read(self, *path: str, query: dict[str, int] | None = None) -> JsonObject | None:
        response = await self._ask("GET", path_of(*path), query)
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        if not response.is_success:
            raise _refused(response)
        model: JsonObject = response.json()
        return model

    async def _ask(
        self, method: str, path: str, query: dict[str, int] | None = None
    ) -> httpx.Response:
        try:
            return await self._hub.request(method, f"/{path}", params=query)
        except httpx.HTTPError as problem:
            raise BackendUnavailable(
                "The person was not off-boarded",
                reason="JupyterHub did not answer.",
                remedy="Try again in a moment; what is done already is not done twice.",
            ) from problem


def _is_same(account: LeavingAccount, model: JsonObject) -> bool:
    return account.created is None or account_of(model).created == account.created


def _not_ended(name: str, servers: Sequence[str], response: httpx.Response) -> BackendUnavailable:
    titles = ", ".join(server or "the default server" for server in servers) or "none is known"
    return BackendUnavailable(
        "The off-boarding is not finished",
        reason=f"The account {name!r} is refused by Orrery already, and JupyterHub, which answered"
        f" {response.status_code}, has not deleted it: servers that have not stopped: {titles}.",
        remedy="Off-board the person again in a minute, or as a job, which waits longer; JupyterHub's log says why a"
        " server does not stop.",
    )


def _refused(response: httpx.Response) -> BackendUnavailable:
    return BackendUnavailable(
        "The person was not off-boarded",
        reason=f"JupyterHub answered {response.status_code} to"
        f" {response.request.method} {response.request.url.path}.",
        remedy="Try again. The hub service's role needs delete:servers, delete:users, read:shares and read:tokens.",
    )
