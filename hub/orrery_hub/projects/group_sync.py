"""Background synchronisation of project members into JupyterHub groups ``p-<slug>-<role>``.

The queue of projects to synchronise is in the database, so neither a restart nor an unreachable
JupyterHub loses a change. A run compares members with the group, so repeating it is harmless.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from urllib.parse import quote

import httpx

from orrery_hub.base.db import Database
from orrery_hub.base.metrics import Metrics
from orrery_hub.projects import store
from orrery_wire.errors import OrreryError
from orrery_wire.projects import Role

log = logging.getLogger("orrery_hub.group_sync")

# JupyterHub adds members one by one on its only thread: 3,000 in one call stop it for ten seconds.
CHUNK = 200
_ROLES: tuple[Role, ...] = ("owner", "editor", "viewer")


def group(slug: str, role: Role) -> str:
    """Name of the JupyterHub group for the members of one role."""
    return f"p-{slug}-{role}"


class GroupSync:
    """Synchronises queued projects every 5 seconds; ``wake`` starts a run at once."""

    def __init__(self, database: Database, hub: httpx.AsyncClient, metrics: Metrics) -> None:
        self._database = database
        self._hub = hub
        self._metrics = metrics
        self._wakeup = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Start the next run at once; safe to call from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wakeup.set)

    async def run(self) -> None:
        """Synchronise until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._wakeup.clear()
            try:
                await self.sync_due()
            except OrreryError as problem:
                log.warning("group membership cannot be synchronised now: %s", problem.reason)
            try:
                async with asyncio.timeout(5):
                    await self._wakeup.wait()
            except TimeoutError:
                continue

    async def sync_due(self) -> None:
        """Synchronise every project that is due."""
        while waiting := await asyncio.to_thread(self._due):
            for slug, change in waiting:
                await self._sync(slug, change)

    async def _sync(self, slug: str, change: int) -> None:
        try:
            await self._reconcile(slug)
        except httpx.HTTPError as problem:
            self._metrics.background.labels("group_sync", "failed").inc()
            log.warning("the groups of project %s have to wait: %s", slug, type(problem).__name__)
            await asyncio.to_thread(self._postpone, slug)
        else:
            self._metrics.background.labels("group_sync", "done").inc()
            await asyncio.to_thread(self._finish, slug, change)

    async def _reconcile(self, slug: str) -> None:
        expected = await asyncio.to_thread(self._members, slug)
        for role in _ROLES:
            name = f"/groups/{quote(group(slug, role))}"
            response = await self._hub.get(name)
            if expected is None:
                if response.status_code != httpx.codes.NOT_FOUND:
                    (await self._hub.delete(name)).raise_for_status()
                continue
            if response.status_code == httpx.codes.NOT_FOUND:
                (await self._hub.post(name, json={})).raise_for_status()
                current: set[str] = set()
            else:
                current = set(response.raise_for_status().json()["users"])
            await self._change_members("DELETE", name, current - expected[role])
            await self._change_members("POST", name, expected[role] - current)

    async def _change_members(self, method: str, name: str, users: Iterable[str]) -> None:
        ordered = sorted(users)
        for at in range(0, len(ordered), CHUNK):
            chunk = ordered[at : at + CHUNK]
            response = await self._hub.request(method, f"{name}/users", json={"users": chunk})
            if response.status_code == httpx.codes.BAD_REQUEST:
                # JupyterHub refuses the whole call for one unknown user name. The first visit of that
                # user queues the project again.
                chunk = [user for user in chunk if await self._user_exists(user)]
                response = await self._hub.request(method, f"{name}/users", json={"users": chunk})
            response.raise_for_status()

    async def _user_exists(self, user: str) -> bool:
        response = await self._hub.get(f"/users/{quote(user, safe='')}")
        return response.status_code == httpx.codes.OK

    def _due(self) -> list[tuple[str, int]]:
        with self._database.read() as session:
            return store.due_syncs(session)

    def _members(self, slug: str) -> dict[Role, set[str]] | None:
        with self._database.read() as session:
            return store.members_by_role(session, slug)

    def _finish(self, slug: str, change: int) -> None:
        with self._database.write() as session:
            store.finish_sync(session, slug, change)

    def _postpone(self, slug: str) -> None:
        with self._database.write() as session:
            store.postpone_sync(session, slug)
