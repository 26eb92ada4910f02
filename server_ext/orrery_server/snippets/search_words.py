"""What the words of a search mean: stop words, word forms and synonyms of the field.

A word of a query stands for itself wherever it occurs, for every form of it ("plotting", "plots"), and for its synonyms
in data science ("pytorch" is "torch", "nan" is "missing").
"""

from __future__ import annotations

import re
import threading
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from orrery_server.snippets.synonyms import GROUPS, PHRASES, STOP_WORDS, WEAK_WORDS

PIECE = re.compile(r"[^\W_]+")
_LONGEST = 24
_STEMMED = re.compile(rf"[a-z]{{3,{_LONGEST}}}")
# A shorter stem is in too many other words.
_LEAST_IN_CODE = 4
_local = threading.local()


class Term(NamedTuple):
    """One word of a query and what else it stands for."""

    word: str
    """As it was written, folded."""
    stems: frozenset[str]
    """The stem of its own forms."""
    related: frozenset[str]
    """The stems of its synonyms."""

    @property
    def is_weak(self) -> bool:
        """Whether having it makes a snippet no nearer."""
        return self.word in WEAK_WORDS

    @property
    def stem_in_code(self) -> str:
        """The beginning that its forms share in code, or the empty text; "reading" finds ``read(``."""
        stems = [stem for stem in self.stems if self.word.startswith(stem) and stem != self.word]
        return stems[0] if stems and len(stems[0]) >= _LEAST_IN_CODE else ""


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The part of an English word that its forms share; other words are their own."""
    if not _STEMMED.fullmatch(word):
        return word
    if not hasattr(_local, "stemmer"):
        # It imports the rules of twenty languages, which the first search needs and not the start of a lab.
        import snowballstemmer

        _local.stemmer = snowballstemmer.stemmer("english")
    return str(_local.stemmer.stemWord(word))


def stems_of(text: str) -> set[str]:
    """The stems in a folded text; two words that follow each other count as one too: "heat map" is "heatmap"."""
    pieces = PIECE.findall(text)
    pairs = (first + second for first, second in pairwise(pieces))
    return {stem(piece) for piece in (*pieces, *pairs) if len(piece) <= _LONGEST}


def terms_of(folded: str) -> list[Term]:
    """The terms of a folded query; stop words count only where there is no other word, and ``#tag`` is a word."""
    text = f" {folded} "
    for phrase, word in PHRASES:
        text = text.replace(f" {phrase} ", f" {word} ")
    written = [word.lstrip("#").rstrip("?!,;") or word for word in text.split()]
    words = [word for word in written if word not in STOP_WORDS] or written
    own = [_joined(word) for word in words]
    related = [_related(joined) for joined in own]
    for at, (first, second) in enumerate(pairwise(own)):
        both = stem(first + second)
        if both in _synonyms():
            for number in (at, at + 1):
                related[number] |= {both, *_synonyms()[both]}
    terms = [
        Term(word, frozenset({stem(joined)} if joined else ()), frozenset(more))
        for word, joined, more in zip(words, own, related, strict=True)
    ]
    return list(dict.fromkeys(terms))


def _joined(word: str) -> str:
    """The letters and digits of a word: "scikit-learn" is "scikitlearn"; "=" is nothing."""
    return "".join(PIECE.findall(word))


def _related(word: str) -> set[str]:
    key = stem(word)
    return _synonyms().get(key, set()) - {key}


@cache
def _synonyms() -> dict[str, set[str]]:
    """The stems that each stem of a group stands for."""
    synonyms: dict[str, set[str]] = {}
    for group in GROUPS:
        stems = {stem(word) for word in group.split()}
        for item in stems:
            synonyms.setdefault(item, set()).update(stems)
    return synonyms
