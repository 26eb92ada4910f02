"""What a place that keeps snippets, and a source of read-only ones, must be able to do."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from orrery_server.base.backend import Backend
from orrery_server.snippets.schemas import Library, LibraryIn, Notice
from orrery_wire.snippets import (
    Changes,
    Marks,
    SnippetContent,
    SnippetIn,
    SnippetVersion,
    SnippetWrite,
    StoredSnippet,
    WriteResult,
)


class SnippetBackend(Backend):
    """Seven promises. Everything else (search, facets, import, secret scan) is written once, in the service."""

    @property
    @abstractmethod
    def user(self) -> str:
        """The person whose snippets and marks these are, as ``updated_by`` names him."""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What the person should know about the place itself; nothing unless there is something."""
        return ()

    @abstractmethod
    async def changes(self, cursor: str) -> Changes:
        """What the person may see that changed since ``cursor``; an empty cursor asks for everything.

        A cursor from another time or place is answered with everything and ``reset``.
        """

    @abstractmethod
    async def save(self, content: SnippetIn, id: str | None = None) -> StoredSnippet:
        """Keep a new snippet, or a new version of ``id``; once it returns, a crash cannot lose it.

        Saving what is already there makes no version, so that a save whose answer was lost can be repeated.

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
    async def write_many(self, writes: Sequence[SnippetWrite]) -> tuple[WriteResult, ...]:
        """Save, delete and bring back many, in order, as the three above do; what is refused stops no other.

        Raises:
            StorageFull: nothing of it was done; where a part was, each of the rest is a failure with its code.
        """

    @abstractmethod
    async def versions(self, id: str) -> tuple[SnippetVersion, ...]:
        """Every version that is kept, newest first."""

    @abstractmethod
    async def mark(self, id: str, marks: Marks) -> StoredSnippet:
        """Note the person's own marks; they make no version."""


class LibraryBackend(Backend):
    """A source of libraries. Six promises; what cannot be added to or refreshed keeps the refusals below."""

    revision: int = 0
    """Grows whenever the snippets of one of the libraries are others than before."""

    @abstractmethod
    async def libraries(self) -> tuple[Library, ...]:
        """Every library of this source, and how it is."""

    @abstractmethod
    async def read(self, name: str) -> tuple[SnippetContent, ...]:
        """The snippets of one library, in the order of its files."""

    async def add(self, library_in: LibraryIn) -> Library | None:
        """A new library, not read yet; None if this source takes none.

        Raises:
            Invalid: its address or folder cannot be used.
        """
        return None

    async def remove(self, name: str) -> bool:
        """Forget a library; False if it is not one that can be removed."""
        return False

    async def refresh(self, name: str) -> Library | None:
        """Begin to read it anew; the old content stays until that has succeeded. None if it cannot be.

        Raises:
            Conflict: it is being refreshed already.
        """
        return None

    async def cancel(self, name: str) -> bool:
        """Stop a refresh; False if none is under way."""
        return False
