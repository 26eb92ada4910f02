"""The library that comes with Orrery: VS Code snippet files beside the code."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from traitlets import Unicode

from orrery_server.snippets import formats
from orrery_server.snippets.backend import LibraryBackend
from orrery_server.snippets.schemas import Library, SnippetFile
from orrery_wire.snippets import SnippetContent

NAME = "orrery"


class BundledSnippets(LibraryBackend):
    """One library, read once. A site may put a folder of its own in its place."""

    folder = Unicode(
        str(Path(__file__).parents[1] / "library"),
        help="The folder of `.code-snippets` files that make the library `orrery`.",
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._snippets: tuple[SnippetContent, ...] | None = None
        self._newest: datetime | None = None

    async def libraries(self) -> tuple[Library, ...]:
        count = len(await self.read(NAME))
        return (Library(name=NAME, kind="bundled", count=count, refreshed=self._newest),)

    async def read(self, name: str) -> tuple[SnippetContent, ...]:
        if self._snippets is None:
            self._snippets = await asyncio.to_thread(self._load)
        return self._snippets

    def _load(self) -> tuple[SnippetContent, ...]:
        contents: list[SnippetContent] = []
        newest = 0.0
        for path in sorted(Path(self.folder).glob("*.code-snippets")):
            file = SnippetFile(name=path.name, content=path.read_text(encoding="utf-8"))
            result = formats.read(file)
            newest = max(newest, path.stat().st_mtime)
            contents += result.contents
            for problem in (*result.problems, *result.notes):
                self.log.warning("orrery: %s: %s: %s", path, problem.name, problem.reason)
        self._newest = datetime.fromtimestamp(newest, UTC) if newest else None
        return tuple(contents)
