"""A project's data and code in the person's own folder: a link to the lake, a clone of the repository."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
from pathlib import Path

from orrery_server.base import git
from orrery_wire.errors import OrreryError
from orrery_wire.projects import Project

_CLONE_SECONDS = 90
_CLONE_BYTES = 2_000_000_000


class ProjectFolders:
    """Makes what is missing below ``<home>/<slug>``. What is there already is never overwritten."""

    def __init__(
        self, home: Path, log: logging.Logger | logging.LoggerAdapter[logging.Logger]
    ) -> None:
        self._home = home
        self._log = log
        self._busy = asyncio.Lock()

    def folder(self, slug: str) -> Path:
        """Where a project is seen."""
        return self._home / slug

    async def make(self, project: Project) -> None:
        """Link the lake and clone the code; a failure is logged, and the next call tries again."""
        async with self._busy:
            try:
                await asyncio.to_thread(self._link, project)
                await self._clone(project)
            except (OrreryError, OSError) as problem:
                self._log.warning(
                    "orrery: the folder of project %s is incomplete: %s", project.slug, problem
                )

    def _link(self, project: Project) -> None:
        if not project.lake.startswith("/"):
            return
        lake = Path(project.lake)
        link = self.folder(project.slug) / "lake"
        if link.is_symlink() or link.exists():
            return
        # A link to a folder around it would be a loop for whoever walks the tree.
        if link.absolute().is_relative_to(lake.absolute()):
            return
        lake.mkdir(parents=True, exist_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(lake, target_is_directory=True)

    async def _clone(self, project: Project) -> None:
        there = self.folder(project.slug) / "code"
        if not project.repository or await asyncio.to_thread(os.path.lexists, there):
            return
        url = project.repository
        url = git.checked_url(Path(url).as_uri() if url.startswith("/") else url)
        await asyncio.to_thread(there.parent.mkdir, parents=True, exist_ok=True)
        fresh = there.with_name(f".code-{secrets.token_hex(4)}")
        try:
            await git.run(
                "clone",
                "--quiet",
                "--no-recurse-submodules",
                "--",
                url,
                str(fresh),
                seconds=_CLONE_SECONDS,
                watch=fresh,
                max_bytes=_CLONE_BYTES,
            )
            if not await asyncio.to_thread(os.path.lexists, there):
                await asyncio.to_thread(os.rename, fresh, there)
        finally:
            await asyncio.to_thread(shutil.rmtree, fresh, True)
