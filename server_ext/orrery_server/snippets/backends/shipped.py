"""The library that comes with Orrery."""

from __future__ import annotations

import asyncio
from functools import cached_property
from pathlib import Path

from orrery_server.errors import NotFound
from orrery_server.snippets.backends.base import LibraryBackend
from orrery_server.snippets.formats import read
from orrery_server.snippets.schemas import Library, SnippetContent, SnippetFile

NAME = "orrery"
FOLDER = Path(__file__).parents[1] / "library"


class ShippedSnippets(LibraryBackend):
    """One library, read from the installed files once."""

    async def libraries(self) -> tuple[Library, ...]:
        count = len(await asyncio.to_thread(lambda: self._snippets))
        return (Library(name=NAME, kind="shipped", state="ready", count=count),)

    async def read(self, name: str) -> tuple[SnippetContent, ...]:
        if name != NAME:
            raise NotFound("There is no such library")
        return await asyncio.to_thread(lambda: self._snippets)

    @cached_property
    def _snippets(self) -> tuple[SnippetContent, ...]:
        found: list[SnippetContent] = []
        for path in sorted(FOLDER.glob("*.code-snippets")):
            snippets, problems = read(
                SnippetFile(name=path.name, content=path.read_text(encoding="utf-8"))
            )
            for problem in problems:
                self.log.error("%s of %s: %s", problem.name, path.name, problem.reason)
            found += snippets
        return tuple(found)
