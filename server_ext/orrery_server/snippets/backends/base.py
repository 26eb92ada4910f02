"""What a place that keeps snippets must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod

from orrery_server.snippets.schemas import (
    Changes,
    Marks,
    SnippetIn,
    SnippetVersion,
    StoredSnippet,
)


class SnippetBackend(ABC):
    """Six promises. Everything else (search, facets, import, secret scan) is written once, in the service."""

    @abstractmethod
    async def changes(self, cursor: str) -> Changes:
        """What the person may see that changed since ``cursor``; an empty cursor asks for everything."""

    @abstractmethod
    async def save(self, content: SnippetIn, id: str | None = None) -> StoredSnippet:
        """Keep a new snippet, or a new version of ``id``; once it returns, a crash cannot lose it.

        Raises:
            Conflict: ``content.base_version`` is not the present version; ``details`` has ``current`` and ``base``.
            Forbidden: the person may not write in that scope.
            NotFound: there is no ``id`` that the person may see.
            StorageFull: nothing was kept; the older version is untouched.
        """

    @abstractmethod
    async def delete(self, id: str) -> None:
        """Take a snippet away; ``undelete`` brings it back for at least 30 days."""

    @abstractmethod
    async def undelete(self, id: str) -> StoredSnippet:
        """Bring a deleted snippet back with all its versions and marks."""

    @abstractmethod
    async def versions(self, id: str) -> tuple[SnippetVersion, ...]:
        """Every version that is kept, newest first."""

    @abstractmethod
    async def mark(self, id: str, marks: Marks) -> StoredSnippet:
        """Note the person's own marks; they make no version."""
