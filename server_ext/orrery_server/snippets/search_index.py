"""The search over everything that a person may see, in memory, built for typing.

Every snippet has a number. Words and filters give bits, one for each number; what is shown is read off the requested
order until the page is full. Ranks are told apart only as far as the page goes.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import NamedTuple, get_args

from orrery_server.snippets.schemas import Facet, Facets, Snippet, SnippetQuery, Sort
from orrery_server.snippets.search_row import FIELDS, Row, SortKey, fold, place
from orrery_server.snippets.search_score import (
    Levels,
    close_terms,
    levels_of,
    score,
    score_nearest,
    union,
)
from orrery_server.snippets.search_words import stems_of, terms_of
from orrery_server.snippets.text_index import Vocabulary, bits_of, numbers

_MOST_TAGS = 500
_ORDERS = get_args(Sort)
_BULK = 64
_RUN = 2_000
_MOST_NEAREST = 20
# With as many hits as this, one of them is what was meant.
_FEW = 10
# About what a word in a description is worth: of two that fit alike, the one in the language of the place is first.
_LANGUAGE_POINTS = 20
# Sorting a number takes as long as looking at so many.
_SORT_COST = 8


class Hits(NamedTuple):
    """One page of a search."""

    page: list[Snippet]
    total: int
    exact_count: int
    """How many have all the words. Those behind them have most of the words."""


class SnippetIndex:
    """Snippets by id and by words. May be asked in one thread while another changes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._number: dict[str, int] = {}
        self._rows: list[Row] = []
        self._alive = 0
        # The forms of words are told in prose; code is looked through as it is written.
        self._fields = {
            field: Vocabulary(None if field == "code" else stems_of) for field in FIELDS
        }
        self._orders: dict[str, list[int]] = {}
        self._groups: dict[tuple[str, object], int] = {}
        self._prefixes: list[tuple[str, int]] = []
        self._facets: Facets | None = None

    def __len__(self) -> int:
        return len(self._number)

    def get(self, id: str) -> Snippet | None:
        """The snippet with that id, if there is one."""
        with self._lock:
            number = self._number.get(id)
            return None if number is None else self._rows[number].snippet

    def all(self) -> list[Snippet]:
        """Every snippet, in standing order."""
        with self._lock:
            return [self._rows[number].snippet for number in self._order("relevance")]

    def change(self, put: Iterable[Snippet] = (), remove: Iterable[str] = ()) -> None:
        """Take in new and changed snippets, and forget others."""
        fresh = {snippet.id: Row.of(snippet) for snippet in put}
        removed = self._number.keys() & set(remove)
        with self._lock:
            if len(self._rows) > 2 * len(self._number) + 1_000:
                present = {item: self._rows[at] for item, at in self._number.items()}
                self._clear()
                fresh = {**present, **fresh}
            many = len(fresh) + len(removed) > _BULK + len(self._number) // 50
            if many:
                self._orders.clear()
            for id_ in removed:
                self._drop(id_)
            for row in fresh.values():
                self._put(row)
            if many:
                self._settle()

    def facets(self) -> Facets:
        """What there is to filter by, over everything."""
        with self._lock:
            result = self._facets
            if result is None:
                snippets = (self._rows[number].snippet for number in self._number.values())
                self._facets = result = _facets(snippets)
            return result

    def search(self, query: SnippetQuery) -> Hits:
        """The page that is asked for, and how many there are in all.

        Where no snippet has all the words, or has them only by the chance of its code, those that have most of
        them follow.
        """
        phrase = " ".join(fold(query.q).split())
        end = query.offset + query.limit
        with self._lock:
            among = self._passing(self._alive, query)
            terms = [levels_of(term, self._fields, self._alive) for term in terms_of(phrase)]
            hits = among
            for levels in terms:
                hits &= union(levels)
            ranks = iter([hits])
            if phrase and query.sort == "relevance":
                ranks = self._ranks(hits, phrase, terms, self._preferred(query))
            numbers = self._read_off(self._order(query.sort), query.sort, ranks, end)
            page = [self._rows[i].snippet for i in islice(numbers, query.offset, end)]
            exact_count = hits.bit_count()
            near: list[Snippet] = []
            if phrase and exact_count < _FEW and not self._is_described(hits, phrase):
                near = self._nearest(phrase, among & ~hits, query)
            first = max(0, query.offset - exact_count)
            page += near[first : first + query.limit - len(page)]
            return Hits(page, exact_count + len(near), exact_count)

    def _is_described(self, hits: int, phrase: str) -> bool:
        """Whether one of the hits has every word in what is written about it, and not only in its code."""
        fields = {name: field for name, field in self._fields.items() if name != "code"}
        for term in terms_of(phrase):
            hits &= union(levels_of(term, fields, self._alive))
        return bool(hits)

    def _nearest(self, phrase: str, among: int, query: SnippetQuery) -> list[Snippet]:
        """What has most of the words, spelt like this or nearly so."""
        terms: list[Levels] = []
        for term in (term for term in terms_of(phrase) if not term.is_weak):
            levels = levels_of(term, self._fields, self._alive)
            if not levels:
                levels = levels_of(close_terms(term, self._fields), self._fields, self._alive)
            terms.append(levels)
        scores, near = score_nearest(terms, among)
        scores.add(near & self._preferred(query), _LANGUAGE_POINTS)
        ranks = scores.ranks(near)
        ordered = self._read_off(self._order("relevance"), "relevance", ranks, _MOST_NEAREST)
        return [self._rows[i].snippet for i in islice(ordered, _MOST_NEAREST)]

    def _preferred(self, query: SnippetQuery) -> int:
        """Those in the language that comes first among what fits equally well."""
        return self._in_language(query.prefer) if query.prefer is not None else 0

    def _in_language(self, language: str) -> int:
        return self._group("language", language, lambda item: language in item.languages)

    def _put(self, row: Row) -> None:
        number = self._number.get(row.snippet.id)
        if number is not None:
            old = self._rows[number]
            if old.fields == row.fields and old.group == row.group:
                # Only marks or the version changed: the number can stay.
                self._leave_orders(number)
                self._rows[number] = row
                self._join_orders(number)
                return
            self._drop(row.snippet.id)
        number = len(self._rows)
        self._number[row.snippet.id] = number
        self._rows.append(row)
        self._alive |= 1 << number
        for field, text in zip(FIELDS, row.fields, strict=True):
            self._fields[field].add(text)
        for prefix in row.prefixes:
            insort(self._prefixes, (prefix, number))
        self._join_orders(number)
        self._regroup()

    def _drop(self, id: str) -> None:
        number = self._number.pop(id, None)
        if number is not None:
            self._leave_orders(number)
            for prefix in self._rows[number].prefixes:
                del self._prefixes[bisect_left(self._prefixes, (prefix, number))]
            self._alive &= ~(1 << number)
            self._regroup()

    def _regroup(self) -> None:
        self._groups.clear()
        self._facets = None

    def _settle(self) -> None:
        """Do now what the first query would have to wait for."""
        for order in _ORDERS:
            self._order(order)
        for field in self._fields.values():
            field.settle()

    def _leave_orders(self, number: int) -> None:
        for name, order in self._orders.items():
            key = self._key(name)
            del order[bisect_left(order, key(number), key=key)]

    def _join_orders(self, number: int) -> None:
        for name, order in self._orders.items():
            insort(order, number, key=self._key(name))

    def _order(self, name: str) -> list[int]:
        if name not in self._orders:
            self._orders[name] = _sorted(list(self._number.values()), self._key(name))
        return self._orders[name]

    def _key(self, order: str) -> Callable[[int], SortKey]:
        rows = self._rows
        return lambda number: rows[number].places[order]

    def _passing(self, hits: int, query: SnippetQuery) -> int:
        if query.scope is not None:
            hits &= self._group("scope", query.scope, lambda snippet: place(snippet) == query.scope)
        if query.language is not None:
            hits &= self._in_language(query.language)
        if query.project is not None:
            hits &= self._group(
                "project", query.project, lambda entry: entry.project == query.project
            )
        if query.favourite:
            hits &= self._favourites()
        for tag in query.tag:
            hits &= self._group("tag", tag, partial(_has_tag, tag))
        if query.beginning:
            hits &= self._with_prefix(map(fold, query.beginning))
        return hits

    def _with_prefix(self, beginnings: Iterable[str]) -> int:
        """Those with a prefix that begins with one of the texts."""
        at: list[int] = []
        for text in beginnings:
            first = bisect_left(self._prefixes, (text, -1))
            last = bisect_left(self._prefixes, (text + "\U0010ffff", -1), first)
            at += [number for _, number in self._prefixes[first:last]]
        return bits_of(at, len(self._rows))

    def _group(self, kind: str, value: object, holds: Callable[[Snippet], bool]) -> int:
        """Those that a filter leaves; told once for each state of the index."""
        key = (kind, value)
        if key not in self._groups:
            rows = self._rows
            numbers = (i for i in self._number.values() if holds(rows[i].snippet))
            self._groups[key] = bits_of(numbers, len(rows))
        return self._groups[key]

    def _favourites(self) -> int:
        """They stand first in standing order."""
        order, rows = self._order("relevance"), self._rows
        end = bisect_left(order, True, key=lambda i: bool(rows[i].places["relevance"][0]))
        return bits_of(order[:end], len(rows))

    def _ranks(self, hits: int, phrase: str, terms: list[Levels], preferred: int) -> Iterator[int]:
        """The hits, best first: what is called so or has it as its prefix, what begins so, then by score."""
        begin = self._beginning(phrase)
        exact = [i for i in begin if self._rows[i].name == phrase]
        prefixed = self._fields["prefix"].holding(phrase, hits)
        exact += [i for i in numbers(prefixed) if phrase in self._rows[i].prefixes]
        for named in (exact, begin):
            bits = bits_of(named, len(self._rows)) & hits
            yield bits & preferred
            yield bits
        scores = score(terms, hits, len(self._number))
        scores.add(hits & preferred, _LANGUAGE_POINTS)
        yield from scores.ranks(hits)

    def _beginning(self, phrase: str) -> list[int]:
        """Those whose name begins with a phrase, out of the order of names."""
        order = self._order("name")
        rows = self._rows
        first = bisect_left(order, phrase, key=lambda i: rows[i].name)
        last = bisect_left(order, phrase + "\U0010ffff", first, key=lambda i: rows[i].name)
        return order[first:last]

    def _read_off(
        self, order: list[int], name: str, ranks: Iterator[int], most: int
    ) -> Iterator[int]:
        """The numbers of each rank that no better rank had, in an order, of which so many will be taken."""
        known = 0
        left = most
        for rank in ranks:
            fresh = rank & ~known
            known |= rank
            count = fresh.bit_count()
            # Looking through the order ends when enough is taken; what is rare in it is better sorted by itself.
            looked_through = len(order) * min(1, left / max(1, count))
            if count * _SORT_COST < looked_through:
                yield from sorted(numbers(fresh), key=self._key(name))
            else:
                flags = fresh.to_bytes(len(self._rows) // 8 + 1, "little")
                yield from (i for i in order if flags[i >> 3] >> (i & 7) & 1)
            left -= count


def _sorted(numbers: list[int], key: Callable[[int], SortKey]) -> list[int]:
    """Sorted in many short steps: one long sort would keep every other thread waiting."""
    runs = [sorted(numbers[at : at + _RUN], key=key) for at in range(0, len(numbers), _RUN)]
    while len(runs) > 1:
        runs = [
            sorted([number for run in runs[at : at + 2] for number in run], key=key)
            for at in range(0, len(runs), 2)
        ]
    return runs[0] if runs else []


def _has_tag(tag: str, snippet: Snippet) -> bool:
    return tag in snippet.tags


def _facets(snippets: Iterable[Snippet]) -> Facets:
    tags: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    scopes: Counter[str] = Counter()
    projects: Counter[str] = Counter()
    for snippet in snippets:
        tags.update(snippet.tags)
        languages.update(snippet.languages)
        scopes[place(snippet)] += 1
        if snippet.project is not None:
            projects[snippet.project] += 1
    return Facets(
        tags=_counted(tags)[:_MOST_TAGS],
        languages=_counted(languages),
        scopes=_counted(scopes),
        projects=_counted(projects),
    )


def _counted(counter: Counter[str]) -> tuple[Facet, ...]:
    ordered = sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Facet(value=value, count=count) for value, count in ordered)
