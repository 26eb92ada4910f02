"""Snippets at the hub: mine, my projects' and everyone's, in the hub service's store."""

from __future__ import annotations

import os
from typing import Any

from traitlets import Unicode, default

from orrery_server.reach.hub import HubClient, as_shape
from orrery_server.snippets.backends.base import SnippetBackend
from orrery_server.snippets.schemas import (
    Changes,
    Marks,
    SnippetIn,
    SnippetVersion,
    StoredSnippet,
    Versions,
)

_PAGE = 1_000


class HubSnippets(SnippetBackend):
    """The hub service's store, asked with the person's own token."""

    url = Unicode(help="The address of the hub service's API.").tag(config=True)
    name = Unicode(help="The person's name at the hub.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._hub = HubClient(self.url, os.environ.get("JUPYTERHUB_API_TOKEN", ""))

    @default("url")
    def _default_url(self) -> str:
        return os.environ.get("ORRERY_HUB_URL", "")

    @default("name")
    def _default_name(self) -> str:
        return os.environ.get("JUPYTERHUB_USER", "")

    @property
    def user(self) -> str:
        return self.name

    async def changes(self, cursor: str) -> Changes:
        return await self._hub.get(
            Changes, "snippets", "changes", query={"cursor": cursor, "limit": _PAGE}
        )

    async def save(self, content: SnippetIn, id: str | None = None) -> StoredSnippet:
        if id is None:
            return as_shape(StoredSnippet, await self._hub.ask("POST", "snippets", body=content))
        return as_shape(StoredSnippet, await self._hub.ask("PUT", "snippets", id, body=content))

    async def delete(self, id: str) -> None:
        await self._hub.ask("DELETE", "snippets", id)

    async def undelete(self, id: str) -> StoredSnippet:
        return as_shape(StoredSnippet, await self._hub.ask("POST", "snippets", id, "undelete"))

    async def versions(self, id: str) -> tuple[SnippetVersion, ...]:
        return (await self._hub.get(Versions, "snippets", id, "versions")).items

    async def mark(self, id: str, marks: Marks) -> StoredSnippet:
        return as_shape(
            StoredSnippet,
            await self._hub.ask("PATCH", "snippets", id, "marks", body=marks, sent_only=True),
        )

    async def close(self) -> None:
        await self._hub.close()
