"""Everything that the person may see, in memory and up to date: the store's changes and the libraries."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from orrery_server.snippets.backend import SnippetBackend
from orrery_server.snippets.libraries import Libraries
from orrery_server.snippets.schemas import Facets, Notice, Snippet, SnippetQuery
from orrery_server.snippets.search_index import Hits, SnippetIndex
from orrery_wire.errors import BackendUnavailable, NotFound, OrreryError, TimedOut
from orrery_wire.snippets import Changes, StoredSnippet

T = TypeVar("T")
# From here on a search takes long enough to be felt by what else the server does meanwhile.
_MANY = 5_000
_LARGE = 100
# How long a list waits for news before it is answered with what is known; the first one waits longer.
_WAIT_SECONDS = 1.5
_FIRST_WAIT_SECONDS = 12.0
_RETRY_SECONDS = 5.0


class Catalogue:
    """The index and what keeps it fresh: one refresh from the store at a time, and not more often than needed."""

    def __init__(self, store: SnippetBackend, libraries: Libraries, *, every: float = 2.0) -> None:
        self._store = store
        self._libraries = libraries
        self._every = every
        self._index = SnippetIndex()
        self._cursor = ""
        self._refreshing: asyncio.Task[None] | None = None
        self._refreshed_at = 0.0
        self._is_due = True
        self._is_loaded = False
        self.may_publish = True
        self._store_error: OrreryError | None = None
        self._read: tuple[int, ...] | None = None

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What the person should know about the list."""
        if self._store_error is None:
            return self._store.notices
        output = (
            f"{self._store_error.message}: the list may be out of date, and nothing can be saved."
        )
        return (
            Notice(
                level="warning",
                message=output,
                remedy=self._store_error.remedy,
                outage="outage" in self._store_error.details,
            ),
            *self._store.notices,
        )

    async def search(self, query: SnippetQuery) -> tuple[Hits, Facets]:
        """A page of what is there now, and what there is to filter by."""
        await self.refresh()
        hits = await self._run(lambda: self._index.search(query))
        return hits, await self._run(self._index.facets)

    async def all(self) -> list[Snippet]:
        """Every snippet, best first."""
        await self.refresh()
        return self._index.all()

    async def get(self, id: str) -> Snippet:
        """One snippet; NotFound if the person sees none with that id."""
        await self.refresh()
        snippet = self._index.get(id)
        if snippet is None:
            raise NotFound(
                "There is no such snippet",
                reason="It was deleted, or it is not for you to see.",
                remedy="Refresh the list.",
            )
        return snippet

    def find(self, id: str) -> Snippet | None:
        """The snippet as it is known here; None if there is none."""
        return self._index.get(id)

    async def put(self, snippet: Snippet) -> Snippet:
        """Take in what was just saved, before the store tells of it."""
        await self.put_many([snippet])
        return snippet

    async def put_many(self, snippets: Collection[Snippet]) -> None:
        """Take in what was just saved."""
        # A refresh that began before the save may end after it, so another one follows.
        self._is_due = True
        await self._run(lambda: self._index.change(put=snippets), large=len(snippets) > _LARGE)

    async def forget(self, id: str) -> None:
        """Take out what was just deleted."""
        await self.forget_many([id])

    async def forget_many(self, ids: Collection[str]) -> None:
        """Take out what was just deleted."""
        self._is_due = True
        await self._run(lambda: self._index.change(remove=ids), large=len(ids) > _LARGE)

    async def refresh(self) -> None:
        """Refresh the index if it is time to, and wait a moment for that."""
        if self._refreshing is None and self._must_refresh():
            self._is_due = False
            self._refreshing = asyncio.create_task(self._refresh())
            self._refreshing.add_done_callback(self._ended)
        if self._refreshing is not None:
            wait_seconds = _WAIT_SECONDS if self._is_loaded else _FIRST_WAIT_SECONDS
            await asyncio.wait({self._refreshing}, timeout=wait_seconds)

    def _must_refresh(self) -> bool:
        late = time.monotonic() > self._refreshed_at + self._every
        return self._is_due or late or self._libraries.revision != self._read

    async def close(self) -> None:
        """Stop the refresh that is under way."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait({self._refreshing})

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._refreshing = None
        self._refreshed_at = time.monotonic()
        if self._store_error is not None:
            self._refreshed_at += _RETRY_SECONDS
        if not task.cancelled() and (problem := task.exception()) is not None:
            # The next list tries again; until then this one says why it may be old.
            self._store_error = (
                problem
                if isinstance(problem, OrreryError)
                else OrreryError("The snippets cannot be read")
            )
            self._store.log.error("orrery: the snippets cannot be read", exc_info=problem)

    async def _refresh(self) -> None:
        await self._refresh_libraries()
        try:
            await self._refresh_store()
        except (BackendUnavailable, TimedOut) as problem:
            if self._store_error is None:
                self._store.log.warning("orrery: %s: %s", problem.message, problem.reason)
            self._store_error = problem
        else:
            self._store_error = None
        self._is_loaded = True

    async def _refresh_store(self) -> None:
        """Take in what changed. What comes in several pages is taken in as a whole: no list shows half of it."""
        pages: list[Changes] = []
        cursor, more, anew = self._cursor, True, not self._cursor
        while more:
            result = await self._store.changes(cursor)
            if result.reset:
                pages, anew = [], True
            pages.append(result)
            cursor, more = result.cursor, result.more
        large = sum(len(page.upserts) for page in pages) > _LARGE
        await self._run(lambda: self._take(pages, anew), large=large or anew)
        self._cursor = cursor
        self.may_publish = pages[-1].may_publish

    async def _refresh_libraries(self) -> None:
        revision = self._libraries.revision
        if revision != self._read:
            fresh = await self._libraries.snippets()
            await self._run(lambda: self._replace(fresh, library=True), large=True)
            self._read = revision

    def _take(self, pages: Iterable[Changes], anew: bool) -> None:
        fresh: dict[str, Snippet] = {}
        removed_items: set[str] = set()
        for page in pages:
            for id_ in page.removed:
                fresh.pop(id_, None)
                removed_items.add(id_)
            for stored in page.upserts:
                fresh[stored.id] = self.shaped(stored)
        if anew:
            self._replace(fresh.values(), library=False)
        else:
            self._index.change(fresh.values(), removed_items - fresh.keys())

    def _replace(self, fresh: Collection[Snippet], *, library: bool) -> None:
        """Put these in the place of all that come from the libraries, or from the store."""
        known = {
            snippet.id for snippet in self._index.all() if (snippet.library is not None) == library
        }
        self._index.change(fresh, known - {item.id for item in fresh})

    def shaped(self, stored: StoredSnippet) -> Snippet:
        """What a store keeps, as the person gets it; what the code imports is told when it is shown."""
        changed = stored.updated_by != self._store.user
        return Snippet.model_construct(
            **{name: getattr(stored, name) for name in StoredSnippet.model_fields},
            library=None,
            requires=(),
            unseen=changed and stored.version > (stored.seen_version or 1),
        )

    async def _run(self, act: Callable[[], T], *, large: bool = False) -> T:
        """In a thread when it would be felt."""
        if large or len(self._index) > _MANY:
            return await asyncio.to_thread(act)
        return act()
