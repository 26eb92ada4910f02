"""A snippet made ready to be searched: its texts folded, and its place in every order."""

from __future__ import annotations

import unicodedata
from math import inf, log2
from typing import NamedTuple

from orrery_server.snippets.schemas import Snippet

# A use counts half after so many seconds: what was useful last year should not outrank this week's.
HALF_LIFE = 30 * 86_400

FIELDS = ("name", "tags", "prefix", "description", "code")
"""What is looked through, the most telling first. The language counts as a word of the description."""


def fold(text: str) -> str:
    """The text without case and accents: "GROSSE" finds "Größe", and "e" finds "é"."""
    if text.isascii():
        return text.lower()
    return _plain(_plain(text).casefold()).casefold()


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


SortKey = tuple[float | str, ...]


class Row(NamedTuple):
    """A snippet and what is looked through for it. Line breaks keep the parts apart: no word holds one."""

    snippet: Snippet
    name: str
    prefixes: tuple[str, ...]
    fields: tuple[str, ...]
    """The texts of ``FIELDS``."""
    places: dict[str, SortKey]
    """The sort key of the snippet for each order of the list."""

    @classmethod
    def of(cls, snippet: Snippet) -> Row:
        """The row of a snippet."""
        name, prefixes = fold(snippet.name), tuple(dict.fromkeys(map(fold, snippet.prefixes)))
        tags = "\n".join(map(fold, snippet.tags))
        description = "\n".join((fold(snippet.description), *snippet.languages))
        code = "\n".join(fold(cell.source) for cell in snippet.cells)
        fields = (name, tags, "\n".join(prefixes), description, code)
        return cls(snippet, name, prefixes, fields, _places(snippet, name))

    @property
    def group(self) -> tuple[object, ...]:
        """What it can be filtered by, beside the marks."""
        snippet = self.snippet
        return (place(snippet), snippet.languages, snippet.project, snippet.tags)


def place(snippet: Snippet) -> str:
    """The scope that it is listed under."""
    return "library" if snippet.library is not None else snippet.scope


def _places(snippet: Snippet, name: str) -> dict[str, SortKey]:
    used = snippet.used.timestamp() if snippet.used else 0.0
    # Grows with uses and with how lately the last was. It does not fade with time, so that the order stays.
    merit = log2(1 + snippet.uses) + used / HALF_LIFE if snippet.uses and used else 0.0
    position = inf if snippet.position is None else snippet.position
    return {
        "relevance": (not snippet.favourite, -merit, name, snippet.id),
        "name": (name, snippet.id),
        "updated": (-snippet.updated.timestamp(), name, snippet.id),
        "used": (-snippet.uses, -used, name, snippet.id),
        "position": (position, name, snippet.id),
    }
