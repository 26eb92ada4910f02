"""How well each text fits a search, for all texts at once.

Texts are numbers, sets of texts are bits. A sum of points for every text is kept as bit planes, so that giving points
to a hundred thousand texts is a few operations on long integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import chain, islice

from orrery_server.snippets.search_words import Term
from orrery_server.snippets.text_index import Vocabulary

# Points of a word in a field: as a word of its own, as a part of a word, by a synonym.
_POINTS = {
    "name": (20, 16, 10),
    "tags": (14, 11, 8),
    "prefix": (9, 8, 0),
    "description": (7, 5, 4),
    "code": (0, 3, 0),
}
_FORM_IN_CODE = 2
# A long word in code is the name of a function or class: who types it, means it.
_LONG_WORD = 8
_LONG_WORD_IN_CODE = 12
# A word that few texts have says more about what is meant than a common one: up to this factor.
_MOST_WEIGHT = 6
# Of what does not fit as a whole, having a word at all counts more than where it is.
_PRESENCE = 10
_CLOSE_WORDS = 3
_CLOSE_CANDIDATES = 3_000
_LEAST_CLOSE = 4

Levels = list[tuple[int, int]]
"""Points and the bits of the texts that get them, the most points first."""


class Scores:
    """The sums of points."""

    def __init__(self) -> None:
        self._planes: list[int] = []

    def add(self, bits: int, points: int) -> None:
        """Give points to texts."""
        for plane in range(points.bit_length()):
            if points >> plane & 1:
                self._carry(plane, bits)

    def add_best(self, levels: Levels, weight: int, extra: int = 0) -> None:
        """Give each text the points of the best of its levels, times a weight."""
        rest = -1
        for points, bits in levels:
            self.add(bits & rest, (points + extra) * weight)
            rest &= ~bits

    def ranks(self, bits: int) -> Iterator[int]:
        """The texts in groups of equal sums, the highest first."""
        return self._split(bits, len(self._planes) - 1)

    def _carry(self, plane: int, bits: int) -> None:
        while bits:
            while plane >= len(self._planes):
                self._planes.append(0)
            before = self._planes[plane]
            self._planes[plane] = before ^ bits
            bits &= before
            plane += 1

    def _split(self, bits: int, plane: int) -> Iterator[int]:
        if bits and plane < 0:
            yield bits
        elif bits:
            yield from self._split(bits & self._planes[plane], plane - 1)
            yield from self._split(bits & ~self._planes[plane], plane - 1)


def levels_of(term: Term, fields: dict[str, Vocabulary], alive: int) -> Levels:
    """Where a term occurs in some fields, by their names."""
    levels: Levels = []
    for field, vocabulary in fields.items():
        word, part, related = _POINTS[field]
        if field == "code" and len(term.word) >= _LONG_WORD:
            part = _LONG_WORD_IN_CODE
        if word:
            levels.append((word, vocabulary.with_stems(term.stems) & alive))
        levels.append((part, vocabulary.holding(term.word, alive)))
        if related:
            levels.append((related, vocabulary.with_stems(term.related) & alive))
    if term.stem_in_code and "code" in fields:
        levels.append((_FORM_IN_CODE, fields["code"].holding(term.stem_in_code, alive)))
    return sorted((level for level in levels if level[1]), key=lambda level: -level[0])


def union(levels: Levels) -> int:
    """The texts of all levels."""
    bits = 0
    for _, more in levels:
        bits |= more
    return bits


def score(terms: Iterable[Levels], hits: int, count: int) -> Scores:
    """The scores of texts that have every term, out of so many texts."""
    scores = Scores()
    for levels in terms:
        inside = [(points, bits & hits) for points, bits in levels]
        scores.add_best(inside, _weight(levels, count))
    return scores


def score_nearest(terms: Iterable[Levels], among: int) -> tuple[Scores, int]:
    """The scores of texts that have any of the terms, and the texts that have one."""
    scores, near = Scores(), 0
    for levels in terms:
        inside = [(points, bits & among) for points, bits in levels]
        scores.add_best(inside, _weight(inside, among.bit_count()), _PRESENCE)
        near |= union(inside)
    return scores, near


def _weight(levels: Levels, count: int) -> int:
    """From 2 for a word of nearly every text to the most for one of few."""
    rarity = count // max(1, union(levels).bit_count())
    return min(_MOST_WEIGHT, 1 + max(1, rarity.bit_length()))


def close_terms(term: Term, fields: dict[str, Vocabulary]) -> Term:
    """The term with the stems that are spelt nearly like it: "corelation" is "correlation"."""
    for stem in term.stems:
        if len(stem) >= _LEAST_CLOSE:
            candidates = dict.fromkeys(
                islice(_spelt_alike(stem, fields.values()), _CLOSE_CANDIDATES)
            )
            close = get_close_matches(stem, candidates, _CLOSE_WORDS, 0.8)
            return term._replace(related=term.related | set(close))
    return term


def _spelt_alike(stem: str, vocabularies: Iterable[Vocabulary]) -> Iterator[str]:
    for other in chain.from_iterable(vocabulary.stems() for vocabulary in vocabularies):
        if other[0] == stem[0] and abs(len(other) - len(stem)) <= 2:
            yield other
