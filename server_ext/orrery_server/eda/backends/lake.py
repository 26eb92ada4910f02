"""Files of the current project's lake, in a folder or in an object store."""

from __future__ import annotations

import asyncio
from pathlib import Path

from orrery_engine.resolve import resolve_path, resolve_url
from orrery_engine.schemas import ResolvedSource, SourceIn
from orrery_server.eda.backend import SourceBackend
from orrery_server.eda.backends import paths
from orrery_server.eda.schemas import Source
from orrery_wire.errors import Invalid, NotFound


class LakeSource(SourceBackend):
    """A file, a prefix, or a pattern of the project's lake."""

    kind = "lake"

    async def resolve(self, source: SourceIn) -> ResolvedSource:
        lake = await self.context.lake()
        if not lake:
            raise NotFound(
                "There is no lake",
                reason="No project is chosen, or it has none.",
                remedy="Choose a project in the top bar.",
            )
        location = source.location.removeprefix("lake://")
        if lake.startswith("/"):
            folder = await asyncio.to_thread(Path(lake).resolve)
            path = await asyncio.to_thread(paths.confine, location, folder, [folder])
            return await asyncio.to_thread(resolve_path, source, path)
        if ".." in location.split("/") or "::" in location or not location.isprintable():
            raise Invalid("This is no path", remedy="Name a file of the project's lake.")
        return resolve_url(source, f"{lake.rstrip('/')}/{location.lstrip('/')}")

    def where(self, resolved: ResolvedSource, folder: str | None) -> str:
        return paths.way_from(self.context.root, folder, resolved.location)

    async def find(self, q: str, limit: int) -> tuple[Source, ...]:
        lake = await self.context.lake()
        if not lake or not lake.startswith("/"):
            return ()
        return await asyncio.to_thread(self._find, Path(lake), q, limit)

    def _find(self, lake: Path, q: str, limit: int) -> tuple[Source, ...]:
        """A lake that is the folder which the lab shows is listed as that."""
        folder = lake.resolve()
        if folder == self.context.root.resolve():
            return ()
        return paths.list_tables(folder, self.kind, q, limit, allowed=[folder])
