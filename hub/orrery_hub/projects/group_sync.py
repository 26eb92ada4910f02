"""Makes JupyterHub's groups ``p-<slug>-<role>`` equal to the members of a project, in the background.

The database says which projects must be looked at, so that neither an absent hub nor a restart loses a
change; looking compares both sides, so that doing it twice does no harm.
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

log = logging.getLogger("orrery_hub.mirror")

# JupyterHub adds members one by one on its only thread: 3,000 in one call stop it for ten seconds.
CHUNK = 200
_ROLES: tuple[Role, ...] = ("owner", "editor", "viewer")


def group(slug: str, role: Role) -> str:
    """The name of the group that holds the members of one role."""
    return f"p-{slug}-{role}"


class Mirror:
    """Follows the memberships; ``wake`` makes it look at once."""

    def __init__(self, database: Database, hub: httpx.AsyncClient, metrics: Metrics) -> None:
        self._database = database
        self._hub = hub
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Look soon; may be called from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Follow until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._woken.clear()
            try:
                await self.follow()
            except OrreryError as problem:
                log.warning("membership cannot be mirrored now: %s", problem.reason)
            try:
                async with asyncio.timeout(5):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def follow(self) -> None:
        """Look at every project that is due."""
        while waiting := await asyncio.to_thread(self._due):
            for slug, change in waiting:
                await self._one(slug, change)

    async def _one(self, slug: str, change: int) -> None:
        try:
            await self._equalise(slug)
        except httpx.HTTPError as problem:
            self._metrics.background.labels("mirror", "failed").inc()
            log.warning("the groups of project %s have to wait: %s", slug, type(problem).__name__)
            await asyncio.to_thread(self._later, slug)
        else:
            self._metrics.background.labels("mirror", "done").inc()
            await asyncio.to_thread(self._done, slug, change)

    async def _equalise(self, slug: str) -> None:
        wanted = await asyncio.to_thread(self._people, slug)
        for role in _ROLES:
            name = f"/groups/{quote(group(slug, role))}"
            found = await self._hub.get(name)
            if wanted is None:
                if found.status_code != httpx.codes.NOT_FOUND:
                    (await self._hub.delete(name)).raise_for_status()
                continue
            if found.status_code == httpx.codes.NOT_FOUND:
                (await self._hub.post(name, json={})).raise_for_status()
                present: set[str] = set()
            else:
                present = set(found.raise_for_status().json()["users"])
            await self._change("DELETE", name, present - wanted[role])
            await self._change("POST", name, wanted[role] - present)

    async def _change(self, method: str, name: str, users: Iterable[str]) -> None:
        ordered = sorted(users)
        for at in range(0, len(ordered), CHUNK):
            chunk = ordered[at : at + CHUNK]
            answer = await self._hub.request(method, f"{name}/users", json={"users": chunk})
            if answer.status_code == httpx.codes.BAD_REQUEST:
                # One name that JupyterHub does not know spoils the call; its bearer's first visit
                # brings the project here again.
                chunk = [user for user in chunk if await self._known(user)]
                answer = await self._hub.request(method, f"{name}/users", json={"users": chunk})
            answer.raise_for_status()

    async def _known(self, user: str) -> bool:
        answer = await self._hub.get(f"/users/{quote(user, safe='')}")
        return answer.status_code == httpx.codes.OK

    def _due(self) -> list[tuple[str, int]]:
        with self._database.read() as session:
            return store.due(session)

    def _people(self, slug: str) -> dict[Role, set[str]] | None:
        with self._database.read() as session:
            return store.people(session, slug)

    def _done(self, slug: str, change: int) -> None:
        with self._database.write() as session:
            store.mirrored(session, slug, change)

    def _later(self, slug: str) -> None:
        with self._database.write() as session:
            store.mirror_later(session, slug)
