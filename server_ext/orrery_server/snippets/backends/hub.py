"""Snippets at the hub: the hub service keeps them, knows who may see them, and tells what changed."""

from __future__ import annotations

import os
from typing import Any

from orrery_server.base.hub import HubBackend
from orrery_server.snippets.backend import SnippetBackend
from orrery_wire.snippets import Changes, Marks, SnippetIn, SnippetVersion, StoredSnippet, Versions

_PAGE = 1_000


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

    async def versions(self, id: str) -> tuple[SnippetVersion, ...]:
        return (await self._hub.get(Versions, "snippets", id, "versions")).items

    async def mark(self, id: str, marks: Marks) -> StoredSnippet:
        return await self._hub.ask(
            StoredSnippet, "PATCH", "snippets", id, "marks", body=marks, sent_only=True
        )
