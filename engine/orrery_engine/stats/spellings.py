"""Texts that are one value written in several ways: `Paris`, `PARIS` and ` paris`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from orrery_engine.schemas import Spelling, Top
from orrery_engine.stats.values import LONG

MOST_DISTINCT = 20_000
_LONGEST = 100
_WORDS = 8  # more are a sentence, whose spelling is its own
MOST = 200


def of_counts(counts: Iterable[tuple[str, int]]) -> tuple[Spelling, ...]:
    """The values that are written in several ways, those of most rows first; ``counts`` has each text once, with its rows.

    Texts differ only by the case of letters, by white space or by how Unicode composes a sign.
    """
    groups: dict[str, list[tuple[str, int]]] = {}
    for text, rows in counts:
        key = _key(text)
        if key:
            groups.setdefault(key, []).append((text, rows))
    result = [_spelling(group) for group in groups.values() if len(group) > 1]
    result.sort(key=lambda item: (-sum(top.count for top in item.variants), item.value))
    return tuple(result[:MOST])


def _key(text: str) -> str:
    """What spellings of one value have in common; nothing for a text that is no value with letters."""
    if len(text) > min(_LONGEST, LONG):
        return ""
    words = text.split()
    if not words or len(words) > _WORDS:
        return ""
    plain = unicodedata.normalize("NFKC", " ".join(words))
    if not any(sign.isalpha() for sign in plain):
        return ""
    # The case of a single letter may be all that tells two codes apart.
    return plain.casefold() if len(plain) > 1 else plain


def _spelling(group: list[tuple[str, int]]) -> Spelling:
    """The most frequent spelling is the value; among equals the one without white space to spare, then that with small letters."""
    ordered = sorted(
        group, key=lambda item: (-item[1], item[0] != item[0].strip(), item[0].isupper(), item[0])
    )
    value = " ".join(ordered[0][0].split())
    return Spelling(
        value=value,
        count=dict(group).get(value, 0),
        variants=tuple(Top(value=text, count=rows) for text, rows in ordered if text != value),
    )
