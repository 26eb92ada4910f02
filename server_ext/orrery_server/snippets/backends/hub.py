"""Snippets at the hub: the hub service keeps them, knows who may see them, and tells what changed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from orrery_server.base.hub import HubBackend
from orrery_server.snippets.backend import SnippetBackend
from orrery_wire.snippets import (
    MAX_WRITES,
    Changes,
    Marks,
    SnippetIn,
    SnippetVersion,
    SnippetWrite,
    StoredSnippet,
    Versions,
    WriteResult,
    Writes,
    WritesIn,
)

_PAGE = 1_000
# One request of many changes holds so many characters of code, or a single change.
_CHARACTERS = 1_000_000


class HubSnippets(HubBackend, SnippetBackend):
    """The snippets that the person may see at the hub."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._user = os.environ.get("JUPYTERHUB_USER", "")

    @property
    def user(self) -> str:
        return self._user

    async def changes(self, cursor: str) -> Changes:
        query: dict[str, str | int] = {"cursor": cursor, "limit": _PAGE}
        return await self._hub.get(Changes, "snippets", "changes", query=query)

    async def save(self, content: SnippetIn, id: str | None = None) -> StoredSnippet:
        method, path = ("POST", ("snippets",)) if id is None else ("PUT", ("snippets", id))
        return await self._hub.ask(StoredSnippet, method, *path, body=content)

    async def delete(self, id: str) -> None:
        await self._hub.delete("snippets", id)

    async def undelete(self, id: str) -> StoredSnippet:
        return await self._hub.ask(StoredSnippet, "POST", "snippets", id, "undelete")

    async def write_many(self, writes: Sequence[SnippetWrite]) -> tuple[WriteResult, ...]:
        results: list[WriteResult] = []
        for part in _parts(writes):
            body = WritesIn.model_construct(items=part)
            results += (await self._hub.ask(Writes, "POST", "snippets", "batch", body=body)).items
        return tuple(results)

    async def versions(self, id: str) -> tuple[SnippetVersion, ...]:
        return (await self._hub.get(Versions, "snippets", id, "versions")).items

    async def mark(self, id: str, marks: Marks) -> StoredSnippet:
        return await self._hub.ask(
            StoredSnippet, "PATCH", "snippets", id, "marks", body=marks, sent_only=True
        )


def _parts(writes: Sequence[SnippetWrite]) -> list[tuple[SnippetWrite, ...]]:
    """The changes in groups that one request takes."""
    parts: list[tuple[SnippetWrite, ...]] = []
    characters = 0
    for write in writes:
        size = sum(len(cell.source) for cell in write.content.cells) if write.content else 0
        if not parts or len(parts[-1]) == MAX_WRITES or characters + size > _CHARACTERS:
            parts.append(())
            characters = 0
        parts[-1] += (write,)
        characters += size
    return parts
