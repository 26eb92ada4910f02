"""The lab as a capability's service sees it: whose it is, where it is, its project, its events."""

from __future__ import annotations

import asyncio
import getpass
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from orrery_server.base.schemas import OffCapability, Recent
from orrery_server.base.sources import CurrentProject, Emit, IsMember, KernelUses, RecentItems
from orrery_wire.errors import OrreryError
from orrery_wire.projects import Project

RECENT_SECONDS = 2.5

Log = logging.Logger | logging.LoggerAdapter[logging.Logger]


def no_emit(_capability: str, _data: dict[str, object]) -> None:
    """Emits nothing: for a service that nobody audits, as in a test."""


class LabContext:
    """What one object tells every service: the person, the folder that the lab shows, the current project, Home.

    ``emit`` takes a capability's name and the fields of one audit event. The sources
    come from the manifests of the capabilities; ``off`` are the capabilities that cannot be used, by name.
    """

    def __init__(
        self,
        *,
        user: str = "",
        base_url: str = "/",
        root: Path | None = None,
        emit: Emit = no_emit,
        log: Log | None = None,
    ) -> None:
        self.user = user or os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
        self.base_url = base_url
        self.root = (root or Path.cwd()).expanduser().absolute()
        self.emit = emit
        self._log = log or logging.getLogger(__name__)
        self.project_source: CurrentProject | None = None
        self.member_source: IsMember | None = None
        self.kernels: KernelUses = tuple
        self.recent_sources: list[RecentItems] = []
        self.off: dict[str, OffCapability] = {}

    async def project(self) -> Project | None:
        """The project that this server works in; None if none is chosen, or the hub that knows it is away."""
        if self.project_source is None:
            return None
        try:
            return await self.project_source()
        except OrreryError as problem:
            self._log.info("orrery: the current project is not known: %s", problem.message)
            return None

    async def project_slug(self) -> str:
        """The name of the current project in URLs; empty if there is none."""
        project = await self.project()
        return project.slug if project else ""

    async def is_member(self, slug: str) -> bool:
        """Whether the person is a member of a project now; True where nothing knows projects."""
        return self.member_source is None or await self.member_source(slug)

    async def lake(self) -> str | None:
        """Where the current project's data lie: a folder or an object-store URL; None if there is none."""
        project = await self.project()
        return project.lake if project else None

    async def recent(self, limit: int) -> list[Recent]:
        """What was used last in each capability, at most ``limit`` of each; one that fails or is late is left out."""

        async def items_of(source: RecentItems) -> Sequence[Recent]:
            try:
                async with asyncio.timeout(RECENT_SECONDS):
                    return await source(limit)
            except TimeoutError:
                self._log.info("orrery: Home without a part: it took over %g s", RECENT_SECONDS)
            except OrreryError as problem:
                self._log.info("orrery: Home without a part: %s", problem.message)
            return ()

        parts = await asyncio.gather(*map(items_of, self.recent_sources))
        return [item for part in parts for item in part]
