"""The search over everything that a person may see, in memory.

Built for typing: the rows stand in the order in which equally good matches are shown (favourites, use, name), each
with all its text folded once into one string. A query looks at every row once, at the speed of a substring test, and
tells ranks apart only as far as the page goes.
"""

from __future__ import annotations

import heapq
import threading
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import inf, log2
from typing import NamedTuple

from orrery_server.snippets.schemas import Facet, Facets, Snippet, SnippetQuery

# A use counts half after so many seconds: what was useful last year should not outrank this week's.
HALF_LIFE = 30 * 86_400
_MOST_TAGS = 500
Key = tuple[bool, float, str, str]
Passes = Callable[[Snippet], bool]


def fold(text: str) -> str:
    """The text without case and accents: "GROSSE" finds "Größe", and "e" finds "é"."""
    if text.isascii():
        return text.lower()
    return _plain(_plain(text).casefold()).casefold()


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


class Row(NamedTuple):
    """A snippet, ready to be found."""

    key: Key
    snippet: Snippet
    name: str
    prefix: str
    label: str
    """Name and prefix."""
    tagged: str
    """Name, prefix and tags."""
    described: str
    """All of it but the code."""
    text: str
    """Everything that is searched."""

    @classmethod
    def of(cls, snippet: Snippet) -> Row:
        """The row of a snippet. Line breaks keep the fields apart: a word of a query holds none."""
        name, prefix = fold(snippet.name), fold(snippet.prefix or "")
        label = f"{name}\n{prefix}"
        tagged = f"{label}\n{fold(chr(10).join(snippet.tags))}"
        described = f"{tagged}\n{fold(snippet.description)}"
        text = "\n".join((described, *(fold(cell.source) for cell in snippet.cells)))
        key = (not snippet.favourite, -_merit(snippet), name, snippet.id)
        return cls(key, snippet, name, prefix, label, tagged, described, text)


class SnippetIndex:
    """Snippets by id and by words. May be asked in one thread while another changes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[str, Key] = {}
        self._order: list[Key] = []
        self._rows: list[Row] = []
        self._texts: list[str] = []
        self._facets: Facets | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, id: str) -> Snippet | None:
        """The snippet with that id, if there is one."""
        with self._lock:
            key = self._keys.get(id)
            return self._rows[bisect_left(self._order, key)].snippet if key else None

    def all(self) -> list[Snippet]:
        """Every snippet, in standing order."""
        with self._lock:
            return [row.snippet for row in self._rows]

    def change(self, put: Iterable[Snippet] = (), remove: Iterable[str] = ()) -> None:
        """Take in new and changed snippets, and forget others."""
        fresh = {snippet.id: Row.of(snippet) for snippet in put}
        with self._lock:
            gone = self._keys.keys() & {*fresh, *remove}
            if not fresh and not gone:
                return
            if len(fresh) + len(gone) > 64 + len(self._rows) // 50:
                self._rebuild(fresh, gone)
            else:
                self._patch(fresh.values(), gone)
            self._facets = None

    def facets(self) -> Facets:
        """What there is to filter by, over everything."""
        with self._lock:
            if self._facets is None:
                self._facets = _facets(row.snippet for row in self._rows)
            return self._facets

    def search(self, query: SnippetQuery) -> tuple[list[Snippet], int]:
        """The page that is asked for, and how many there are in all."""
        words = fold(query.q).split()
        end = query.offset + query.limit
        with self._lock:
            rows = self._rows
            hits = self._matching(words, _filters(query))
            if query.sort != "relevance":
                found = _sorted(rows, hits, _ORDERS[query.sort], end)
            elif words:
                found = _ranked(rows, hits, words, end)
            else:
                found = hits[:end]
            return [rows[i].snippet for i in found[query.offset : end]], len(hits)

    def _matching(self, words: list[str], filters: Sequence[Passes]) -> Sequence[int]:
        """The rows that hold every word and pass the filters, in standing order."""
        rows, texts = self._rows, self._texts
        hits: Sequence[int] = range(len(rows))
        # The longest word is likely the rarest: the other words then have little left to look at.
        for number, word in enumerate(sorted(set(words), key=lambda w: (-len(w), w))):
            if number:
                hits = [i for i in hits if word in texts[i]]
            else:
                hits = [i for i, text in enumerate(texts) if word in text]
        for passes in filters:
            hits = [i for i in hits if passes(rows[i].snippet)]
        return hits

    def _rebuild(self, fresh: dict[str, Row], gone: set[str]) -> None:
        rows = [row for row in self._rows if row.snippet.id not in gone]
        rows += fresh.values()
        rows.sort(key=lambda row: row.key)
        self._rows = rows
        self._order = [row.key for row in rows]
        self._texts = [row.text for row in rows]
        self._keys = {row.snippet.id: row.key for row in rows}

    def _patch(self, fresh: Iterable[Row], gone: Iterable[str]) -> None:
        for one in gone:
            at = bisect_left(self._order, self._keys.pop(one))
            del self._order[at], self._rows[at], self._texts[at]
        for row in fresh:
            at = bisect_left(self._order, row.key)
            self._order.insert(at, row.key)
            self._rows.insert(at, row)
            self._texts.insert(at, row.text)
            self._keys[row.snippet.id] = row.key


def _merit(snippet: Snippet) -> float:
    """Grows with uses and with how lately the last was. It does not fade with time, so that the order stays."""
    if not snippet.uses or snippet.used is None:
        return 0.0
    return log2(1 + snippet.uses) + snippet.used.timestamp() / HALF_LIFE


def _ranked(rows: list[Row], hits: Sequence[int], words: list[str], end: int) -> Sequence[int]:
    """The first ``end`` hits by where their words are: the name before tags, tags before the rest.

    A hit is as good as its worst word.
    """
    phrase = " ".join(words)
    tests: tuple[Callable[[Row], bool], ...] = (
        lambda row: phrase in (row.name, row.prefix),
        lambda row: row.name.startswith(phrase),
        lambda row: all(word in row.label for word in words),
        lambda row: all(word in row.tagged for word in words),
        lambda row: all(word in row.described for word in words),
    )
    found: list[int] = []
    left = hits
    for test in tests:
        rest: list[int] = []
        for i in left:
            if test(rows[i]):
                found.append(i)
            else:
                rest.append(i)
        if len(found) >= end:
            return found
        left = rest
    return [*found, *left]


def _sorted(
    rows: list[Row], hits: Sequence[int], order: Callable[[Row], tuple[object, ...]], end: int
) -> Sequence[int]:
    if end * 4 > len(hits):
        return sorted(hits, key=lambda i: order(rows[i]))
    return heapq.nsmallest(end, hits, key=lambda i: order(rows[i]))


_ORDERS: dict[str, Callable[[Row], tuple[object, ...]]] = {
    "name": lambda row: (row.name, row.snippet.id),
    "updated": lambda row: (-row.snippet.updated.timestamp(), row.name, row.snippet.id),
    "used": lambda row: (
        -row.snippet.uses,
        -row.snippet.used.timestamp() if row.snippet.used else 0.0,
        row.name,
        row.snippet.id,
    ),
    "position": lambda row: (
        inf if row.snippet.position is None else row.snippet.position,
        row.name,
        row.snippet.id,
    ),
}


def _filters(query: SnippetQuery) -> list[Passes]:
    tags = set(query.tag)
    found: list[Passes] = []
    if query.favourite:
        found.append(lambda snippet: snippet.favourite)
    if query.scope is not None:
        found.append(lambda snippet: place(snippet) == query.scope)
    if query.project is not None:
        found.append(lambda snippet: snippet.project == query.project)
    if query.language is not None:
        found.append(lambda snippet: snippet.language == query.language)
    if tags:
        found.append(lambda snippet: tags.issubset(snippet.tags))
    return found


def place(snippet: Snippet) -> str:
    """The scope that it is listed under."""
    return "library" if snippet.library is not None else snippet.scope


def _facets(snippets: Iterable[Snippet]) -> Facets:
    tags: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    scopes: Counter[str] = Counter()
    for snippet in snippets:
        tags.update(snippet.tags)
        languages[snippet.language] += 1
        scopes[place(snippet)] += 1
    return Facets(
        tags=_counted(tags)[:_MOST_TAGS], languages=_counted(languages), scopes=_counted(scopes)
    )


def _counted(counter: Counter[str]) -> tuple[Facet, ...]:
    ordered = sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Facet(value=value, count=count) for value, count in ordered)
