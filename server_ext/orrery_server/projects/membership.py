"""Whether the person is a member of a project, and what is taken away once that has ended."""

from __future__ import annotations

import asyncio
import logging
import time

from orrery_server.base.hub import GLANCE_SECONDS
from orrery_server.projects.backend import ProjectBackend
from orrery_server.projects.workspace import ProjectFolders
from orrery_wire.errors import NotFound, OrreryError
from orrery_wire.projects import Current

_MEMBER_SECONDS = 30.0


class Memberships:
    """Answers for a while from memory; takes folders away that the lab made for projects which the person has left."""

    def __init__(
        self,
        backend: ProjectBackend,
        folders: ProjectFolders,
        log: logging.Logger | logging.LoggerAdapter[logging.Logger],
        *,
        removes_folders: bool,
    ) -> None:
        self._backend = backend
        self._folders = folders
        self._log = log
        self._removes_folders = removes_folders
        # Slug, and what was known of it at a time of the monotonic clock.
        self._known: dict[str, tuple[float, bool]] = {}
        self._current_slug = ""
        self._tidying: asyncio.Task[None] | None = None

    async def is_member(self, slug: str) -> bool:
        """Whether the person is a member of a project; of one that cannot be asked about, what was known last."""
        now = time.monotonic()
        asked_at, is_member = self._known.get(slug, (-_MEMBER_SECONDS, False))
        if now - asked_at < _MEMBER_SECONDS:
            return is_member
        try:
            async with asyncio.timeout(GLANCE_SECONDS):
                await self._backend.get(slug)
            is_member = True
        except NotFound:
            is_member = False
            self.tidy_soon()
        except (OrreryError, TimeoutError) as problem:
            self._log.info("orrery: the membership of %s is not known: %s", slug, problem)
        self._known[slug] = (now, is_member)
        return is_member

    def changed(self, current: Current | None = None) -> None:
        """Forget what was known: this server changed a project, or switched to ``current``."""
        self._known.clear()
        if current is not None:
            self._current_slug = current.project.slug if current.project else ""

    def observe(self, current: Current) -> None:
        """Tidy if the current project ended without a switch here: the person may be out of it."""
        slug = current.project.slug if current.project else ""
        if self._current_slug not in ("", slug):
            self._known.clear()
            self.tidy_soon()
        self._current_slug = slug

    def tidy_soon(self) -> None:
        """Begin to take folders away, unless that is under way."""
        if self._removes_folders and (self._tidying is None or self._tidying.done()):
            self._tidying = asyncio.create_task(self._tidy())

    async def close(self) -> None:
        """Stop taking folders away."""
        if self._tidying is not None:
            self._tidying.cancel()
            await asyncio.wait({self._tidying})

    async def _tidy(self) -> None:
        for slug in await asyncio.to_thread(self._folders.recorded):
            try:
                await self._backend.get(slug)
            except NotFound:
                await self._folders.remove(slug)
            except OrreryError as problem:
                self._log.info("orrery: folders of projects are not tidied: %s", problem.message)
                return
