"""The part of JupyterHub's REST API that group synchronisation uses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from orrery_hub.projects.group_claims import GroupClaims
from orrery_wire.names import is_user_name, path_of

log = logging.getLogger("orrery_hub.group_sync")

# In the properties of each group that Orrery made. A group without it is an operator's, whatever it is called.
MARK = {"managed-by": "orrery"}

# JupyterHub adds members one by one on its only thread: 3,000 in one call stop it for ten seconds.
CHUNK = 200
PAGE = 200
_PAGINATION = {"Accept": "application/jupyterhub-pagination+json"}
# A group that takes none of so many members one by one takes nobody.
_MAX_REFUSED = 10
# JupyterHub or a proxy before it is not well: the same call works later.
_TRANSIENT = frozenset({429, 502, 503, 504})


class RefusedError(Exception):
    """JupyterHub refuses a call as a whole."""


@dataclass
class Rejected:
    """Names that could not be added or removed: unknown to JupyterHub, or known and refused."""

    unknown: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)


class JupyterHubGroups:
    """Groups of JupyterHub, read and changed with the service's own token; those without Orrery's mark are left alone.

    Every method raises ``httpx.HTTPError`` where JupyterHub cannot be reached or is not well, and ``RefusedError``
    where it refuses.
    """

    def __init__(self, hub: httpx.AsyncClient, claims: GroupClaims) -> None:
        self._hub = hub
        self._claims = claims

    async def read_all(self) -> dict[str, set[str]]:
        """Every group that carries the mark, with its members; read in pages of 200 groups."""
        groups: dict[str, set[str]] = {}
        offset: int | None = 0
        while offset is not None:
            query = {"offset": offset, "limit": PAGE}
            response = await self._hub.get("/groups", params=query, headers=_PAGINATION)
            page: Any = _accepted(response).json()
            items = page["items"]
            groups |= {item["name"]: set(item["users"]) for item in items if _is_marked(item)}
            following = page["_pagination"]["next"]
            offset = offset + len(items) if following and items else None
        return groups

    async def read_or_create(self, name: str) -> set[str]:
        """The members of a group, which is created and marked if it is not there.

        Raises:
            RefusedError: also where a group of that name is somebody else's.
        """
        group = await self._read(name)
        if group is None:
            await asyncio.to_thread(self._claims.begin, name)
            created = await self._hub.post(f"/{path_of('groups', name)}", json={})
            if created.status_code != httpx.codes.CONFLICT:
                _accepted(created)
                await self._mark(name)
                return set()
            await asyncio.to_thread(self._claims.end, name)
            group = await self._read(name) or {}
        if not _is_marked(group):
            if not await asyncio.to_thread(self._claims.is_begun, name):
                raise RefusedError(
                    f"the group {name} exists and does not carry Orrery's mark {MARK}, so it is left alone;"
                    " delete it, or put the mark into its properties"
                )
            await self._mark(name)
        return set(group["users"])

    async def _read(self, name: str) -> Mapping[str, Any] | None:
        response = await self._hub.get(f"/{path_of('groups', name)}")
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        group: Mapping[str, Any] = _accepted(response).json()
        return group

    async def _mark(self, name: str) -> None:
        address = f"/{path_of('groups', name, 'properties')}"
        _accepted(await self._hub.put(address, json=MARK))
        await asyncio.to_thread(self._claims.end, name)

    async def delete(self, name: str) -> None:
        """Delete a group, if it is there and carries the mark."""
        group = await self._read(name)
        if group and _is_marked(group):
            await self._remove_group(name)

    async def delete_unmarked(self) -> None:
        """Delete the groups that an earlier version made without a mark; one that is used otherwise too stays."""
        for name, members in (await asyncio.to_thread(self._claims.unmarked)).items():
            group = await self._read(name)
            if group is not None:
                is_used = group.get("properties") or group.get("roles")
                if is_used or not members.issuperset(group["users"]):
                    log.warning(
                        "the group %s of an earlier version has members, roles or properties that it did not get"
                        " from Orrery, so it is left alone; look at it, and delete it if nobody needs it",
                        name,
                    )
                else:
                    await self._remove_group(name)
            await asyncio.to_thread(self._claims.end, name)

    async def _remove_group(self, name: str) -> None:
        response = await self._hub.delete(f"/{path_of('groups', name)}")
        if response.status_code != httpx.codes.NOT_FOUND:
            _accepted(response)

    async def add(self, name: str, users: Iterable[str]) -> Rejected:
        """Add members in small calls; a name that is refused does not keep the others out."""
        return await self._change("POST", name, users)

    async def remove(self, name: str, users: Iterable[str]) -> Rejected:
        """Remove members in small calls; a name that is refused does not keep the others in."""
        return await self._change("DELETE", name, users)

    async def existing(self, users: Iterable[str]) -> set[str]:
        """Which of the users JupyterHub knows."""
        known = set()
        for user in users:
            if is_user_name(user):
                response = await self._hub.get(f"/{path_of('users', user)}")
                if _raise_transient(response).status_code == httpx.codes.OK:
                    known.add(user)
        return known

    async def _change(self, method: str, name: str, users: Iterable[str]) -> Rejected:
        ordered = sorted(users)
        rejected = Rejected(refused={user for user in ordered if not is_user_name(user)})
        ordered = [user for user in ordered if is_user_name(user)]
        for at in range(0, len(ordered), CHUNK):
            chunk = ordered[at : at + CHUNK]
            if await self._send(method, name, chunk):
                continue
            # JupyterHub refuses the whole call for one unknown user.
            known = sorted(await self.existing(chunk))
            rejected.unknown |= set(chunk) - set(known)
            if known and not await self._send(method, name, known):
                rejected.refused |= await self._change_singly(method, name, known)
        return rejected

    async def _change_singly(self, method: str, name: str, users: Iterable[str]) -> set[str]:
        refused: set[str] = set()
        for number, user in enumerate(users, start=1):
            if not await self._send(method, name, [user]):
                refused.add(user)
            if number == len(refused) == _MAX_REFUSED:
                raise RefusedError(f"JupyterHub refuses every change of the group {name}")
        return refused

    async def _send(self, method: str, name: str, users: list[str]) -> bool:
        """Whether JupyterHub took the change."""
        address = f"/{path_of('groups', name, 'users')}"
        response = await self._hub.request(method, address, json={"users": users})
        return _raise_transient(response).is_success


def _is_marked(group: Mapping[str, Any]) -> bool:
    return (group.get("properties") or {}).items() >= MARK.items()


def _raise_transient(response: httpx.Response) -> httpx.Response:
    if response.status_code in _TRANSIENT:
        response.raise_for_status()
    return response


def _accepted(response: httpx.Response) -> httpx.Response:
    if not _raise_transient(response).is_success:
        request = response.request
        raise RefusedError(f"{request.method} {request.url.path}: HTTP {response.status_code}")
    return response
