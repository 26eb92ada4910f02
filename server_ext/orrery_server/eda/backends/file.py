"""Files below the folder that the lab shows."""

from __future__ import annotations

import asyncio
from pathlib import Path

from orrery_engine.resolve import resolve_path
from orrery_engine.schemas import ResolvedSource, SourceIn
from orrery_server.eda.backend import SourceBackend
from orrery_server.eda.backends import paths
from orrery_server.eda.schemas import Source
from orrery_wire.errors import Forbidden


class FileSource(SourceBackend):
    """A file, a folder of files, or a pattern, here."""

    kind = "file"

    async def resolve(self, source: SourceIn) -> ResolvedSource:
        try:
            return await asyncio.to_thread(self._resolve, source, None)
        except Forbidden:
            # Only a path that leads out of the folder needs the project, and who knows that may be slow.
            lake = await self.context.lake()
            return await asyncio.to_thread(self._resolve, source, lake)

    def _resolve(self, source: SourceIn, lake: str | None) -> ResolvedSource:
        root = self.context.root.resolve()
        allowed = [root]
        if lake and lake.startswith("/"):
            allowed.append(Path(lake).resolve())
        path = paths.confine(source.location, root, allowed)
        return resolve_path(source, path)

    def where(self, resolved: ResolvedSource, folder: str | None) -> str:
        return paths.way_from(self.context.root, folder, resolved.location)

    async def find(self, q: str, limit: int) -> tuple[Source, ...]:
        lake = await self.context.lake()
        return await asyncio.to_thread(self._find, q, limit, lake)

    def _find(self, q: str, limit: int, lake: str | None) -> tuple[Source, ...]:
        """The project's lake is a source of its own, and not listed again where it is linked."""
        root = self.context.root.resolve()
        excluded = Path(lake).resolve() if lake and lake.startswith("/") else None
        return paths.list_tables(root, self.kind, q, limit, allowed=[root], excluded=excluded)
