"""The search over everything that a person may see, in memory.

Built for typing: a query looks at every snippet once, at the speed of a substring test, and ranks only what
it may show. Blobs and names are folded (case and accents) once, when a snippet comes in.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from orrery_server.snippets.schemas import Facet, Facets, Snippet, SnippetQuery, Sort

# A use counts half after this many days: what was useful last year should not outrank this week's.
HALF_LIFE_DAYS = 30.0


def fold(text: str) -> str:
    """``text`` without case and accents, so that "Größe" is found by "grosse" and "e" finds "é"."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@dataclass(slots=True)
class _Entry:
    snippet: Snippet
    name: str
    prefix: str
    tags: str
    description: str
    blob: str
    merit: float


class SnippetIndex:
    """Snippets by id, found by words."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._table: _Table | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, id: str) -> Snippet | None:
        """The snippet with that id, if it is known."""
        entry = self._entries.get(id)
        return entry.snippet if entry else None

    def all(self) -> list[Snippet]:
        """All of them, favourites and the most used first."""
        return [entry.snippet for entry in self._ready().entries]

    def change(self, put: Iterable[Snippet] = (), remove: Iterable[str] = ()) -> None:
        """Forget some snippets, then take in new ones and new versions of known ones."""
        for id in remove:
            self._entries.pop(id, None)
        for snippet in put:
            self._entries[snippet.id] = _entry(snippet)
        self._table = None

    def facets(self) -> Facets:
        """What there is to filter by, over everything."""
        return self._ready().facets

    def search(self, query: SnippetQuery) -> tuple[list[Snippet], int]:
        """The page that ``query`` asks for, and how many there are in all."""
        table = self._ready()
        words = fold(query.q).split()
        hits = table.matching(words)
        hits = _filtered(hits, table.entries, query)
        total = len(hits)
        wanted = query.offset + query.limit
        if query.sort == "relevance":
            if words:
                hits = table.ranked(hits, fold(query.q).strip(), words, wanted)
        else:
            hits = table.sorted(hits, query.sort)
        page = hits[query.offset : wanted]
        return [table.entries[i].snippet for i in page], total

    def _ready(self) -> _Table:
        if self._table is None:
            self._table = _Table(list(self._entries.values()))
        return self._table


class _Table:
    """The entries in their standing order (favourites, merit, name), as columns that can be scanned fast."""

    def __init__(self, entries: list[_Entry]) -> None:
        entries.sort(key=lambda e: (not e.snippet.favourite, -e.merit, e.name, e.snippet.id))
        self.entries = entries
        self.blobs = [e.blob for e in entries]
        self.names = [e.name for e in entries]
        self.facets = _facets(entries)
        self._orders: dict[Sort, list[int]] = {}

    def matching(self, words: list[str]) -> list[int]:
        """The rows in which every word occurs, in standing order."""
        if not words:
            return list(range(len(self.blobs)))
        # The longest word is the rarest: the fewer rows the others have to look at, the better.
        first, *others = sorted(words, key=len, reverse=True)
        hits = [i for i, blob in enumerate(self.blobs) if first in blob]
        for word in others:
            blobs = self.blobs
            hits = [i for i in hits if word in blobs[i]]
        return hits

    def ranked(self, hits: list[int], phrase: str, words: list[str], wanted: int) -> list[int]:
        """The first ``wanted`` rows by where they matched, best first; the rest is left out."""
        entries, names = self.entries, self.names
        tests: tuple[Callable[[int], bool], ...] = (
            lambda i: names[i] == phrase or entries[i].prefix == phrase,
            lambda i: names[i].startswith(phrase) or entries[i].prefix.startswith(phrase),
            lambda i: all(w in names[i] for w in words),
            lambda i: all(w in entries[i].tags for w in words),
            lambda i: all(w in entries[i].description for w in words),
        )
        found: list[int] = []
        # The first three tests are narrower each than the next, and can be told by the name alone.
        rest = hits
        for test in tests:
            if len(found) >= wanted:
                return found
            better = [i for i in rest if test(i)]
            if better:
                taken = set(better)
                rest = [i for i in rest if i not in taken]
                found += better
        return found + rest

    def sorted(self, hits: list[int], sort: Sort) -> list[int]:
        """The rows by a column; equal ones in standing order."""
        if sort not in self._orders:
            self._orders[sort] = sorted(
                range(len(self.entries)), key=lambda i: _key(sort, self.entries[i])
            )
        chosen = bytearray(len(self.entries))
        for i in hits:
            chosen[i] = 1
        return [i for i in self._orders[sort] if chosen[i]]


def _key(sort: Sort, entry: _Entry) -> tuple[float | str, ...]:
    snippet = entry.snippet
    if sort == "name":
        return (entry.name, snippet.id)
    if sort == "updated":
        return (-snippet.updated.timestamp(), snippet.id)
    if sort == "used":
        return (-snippet.uses, -(snippet.used.timestamp() if snippet.used else 0.0), entry.name)
    return (snippet.position if snippet.position is not None else math.inf, entry.name)


def _entry(snippet: Snippet) -> _Entry:
    code = "\n".join(cell.source for cell in snippet.cells)
    name = fold(snippet.name)
    prefix = fold(snippet.prefix or "")
    tags = fold("\n".join(snippet.tags))
    description = fold(snippet.description)
    blob = "\n".join((name, prefix, tags, description, fold(code)))
    return _Entry(snippet, name, prefix, tags, description, blob, _merit(snippet))


def _merit(snippet: Snippet) -> float:
    if not snippet.uses or snippet.used is None:
        return 0.0
    used = snippet.used if snippet.used.tzinfo else snippet.used.replace(tzinfo=UTC)
    days = max((datetime.now(UTC) - used).total_seconds() / 86_400, 0.0)
    return math.log1p(snippet.uses) * 0.5 ** (days / HALF_LIFE_DAYS)


def _filtered(hits: list[int], entries: list[_Entry], query: SnippetQuery) -> list[int]:
    if query.scope == "library":
        hits = [i for i in hits if entries[i].snippet.library is not None]
    elif query.scope is not None:
        scope = query.scope
        hits = [
            i
            for i in hits
            if entries[i].snippet.scope == scope and entries[i].snippet.library is None
        ]
    if query.project is not None:
        project = query.project
        hits = [i for i in hits if entries[i].snippet.project in (None, project)]
    if query.language is not None:
        language = query.language
        hits = [i for i in hits if entries[i].snippet.language == language]
    if query.favourite:
        hits = [i for i in hits if entries[i].snippet.favourite]
    for tag in query.tag:
        hits = [i for i in hits if tag in entries[i].snippet.tags]
    return hits


def _facets(entries: list[_Entry]) -> Facets:
    tags: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    scopes: Counter[str] = Counter()
    for entry in entries:
        snippet = entry.snippet
        tags.update(snippet.tags)
        languages[snippet.language] += 1
        scopes["library" if snippet.library is not None else snippet.scope] += 1
    return Facets(tags=_counted(tags, 500), languages=_counted(languages), scopes=_counted(scopes))


def _counted(counter: Counter[str], most: int | None = None) -> tuple[Facet, ...]:
    ordered = sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
    return tuple(Facet(value=value, count=count) for value, count in ordered)
