"""Every read-only library of every source, as snippets with the person's own marks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from orrery_server.base import files
from orrery_server.snippets.backend import LibraryBackend
from orrery_server.snippets.formats import slug, unique
from orrery_server.snippets.library_marks import UNMARKED, Mark, MarksFile
from orrery_server.snippets.schemas import Library, LibraryIn, Snippet
from orrery_wire.errors import Conflict, Invalid, NotFound
from orrery_wire.snippets import Marks, SnippetContent

_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Libraries:
    """The sources together. A library's name is unique among them; marks lie in one file."""

    def __init__(self, sources: Sequence[LibraryBackend], marks: Path) -> None:
        self._sources = tuple(sources)
        self._path = marks
        self._marks = MarksFile(marks, marks.parent / "aside")

    @property
    def revision(self) -> tuple[int, ...]:
        """Another one whenever a library has other snippets."""
        return tuple(source.revision for source in self._sources)

    async def all(self) -> tuple[Library, ...]:
        """Every library and how it is."""
        groups = [await source.libraries() for source in self._sources]
        return tuple(
            sorted((library for group in groups for library in group), key=lambda item: item.name)
        )

    async def snippets(self) -> list[Snippet]:
        """The snippets of every library."""
        marks = await asyncio.to_thread(self._marks.read)
        result: list[Snippet] = []
        for source in self._sources:
            for library in await source.libraries():
                contents = await source.read(library.name)
                slugs = unique(slug(content.name) for content in contents)
                for slug_, content in zip(slugs, contents, strict=True):
                    key = f"library:{library.name}:{slug_}"
                    result.append(_shape(key, library, content, marks.get(key, UNMARKED)))
        return result

    async def mark(self, snippet: Snippet, marks: Marks) -> Snippet:
        """Note the person's own marks on a snippet of a library."""

        def note() -> Mark:
            with files.locked(self._path.with_name(".lock")), self._marks.change() as stored:
                stored[snippet.id] = stored.get(snippet.id, UNMARKED).with_(marks, snippet.version)
                return stored[snippet.id]

        mark = await asyncio.to_thread(note)
        return snippet.model_copy(update=mark.model_dump())

    async def add(self, library_in: LibraryIn) -> Library:
        """A new library from an address; reading it begins at once."""
        if any(library.name == library_in.name for library in await self.all()):
            raise Conflict(
                f"There is a library {library_in.name!r} already",
                remedy="Choose another name, or remove that library first.",
            )
        for source in self._sources:
            if (added := await source.add(library_in)) is not None:
                return added
        raise Invalid("This server takes no libraries", remedy="Ask its administrator.")

    async def remove(self, name: str) -> None:
        """Forget a library that was added."""
        for source in self._sources:
            if await source.remove(name):
                return
        raise await self._cannot(name, "removed")

    async def refresh(self, name: str) -> Library:
        """Begin to read a library anew."""
        for source in self._sources:
            if (library := await source.refresh(name)) is not None:
                return library
        raise await self._cannot(name, "refreshed")

    async def cancel(self, name: str) -> None:
        """Stop a refresh; if none is under way there is nothing to stop."""
        for source in self._sources:
            if await source.cancel(name):
                return
        if not any(library.name == name for library in await self.all()):
            raise _no_such(name)

    async def close(self) -> None:
        """Stop what runs."""
        for source in self._sources:
            await source.close()

    async def _cannot(self, name: str, what: str) -> Exception:
        if any(library.name == name for library in await self.all()):
            return Invalid(
                f"The library {name!r} cannot be {what}",
                reason="It comes with this server.",
                remedy="Only libraries that were added by their address can.",
            )
        return _no_such(name)


def _no_such(name: str) -> NotFound:
    return NotFound(f"There is no library {name[:63]!r}", remedy="Refresh the list of libraries.")


def _shape(id: str, library: Library, content: SnippetContent, mark: Mark) -> Snippet:
    """A snippet of a library. Both parts were checked when they were read."""
    when = library.refreshed or _LONG_AGO
    return Snippet.model_construct(
        **{name: getattr(content, name) for name in SnippetContent.model_fields},
        id=id,
        scope="everyone",
        project=None,
        version=1,
        created=when,
        created_by=library.name,
        updated=when,
        updated_by=library.name,
        writable=False,
        library=library.name,
        requires=(),
        unseen=False,
        **mark.model_dump(),
    )
