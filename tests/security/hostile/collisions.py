"""Pairs of names that something might take for one another."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_PAIRS = (
    ("alice", "Alice"),
    ("alice", "ALICE"),
    ("alice", "alice "),
    ("alice", " alice"),
    ("alice", "alice\u200b"),
    ("alice", "alice\u00ad"),
    ("alice", "\ufeffalice"),
    ("alice", "alice."),
    ("alice", "alice-"),
    ("alice", "al\u0131ce"),
    ("alice", "\u0430lice"),
    ("alice", "a\u217cice"),
    ("alice", "\uff41lice"),
    ("admin", "\u0430dmin"),
    ("admin", "adm\u0456n"),
    ("stra\u00dfe", "strasse"),
    ("\u0130", "i"),
    ("\u212a", "k"),
    ("\u017f", "s"),
    ("\ufb01n", "fin"),
    ("a_b", "a-b"),
    ("a.b", "a-b"),
    ("a@b", "a-b"),
    ("a--b", "a-b"),
    ("a-2db", "a-b"),
    ("a%2db", "a-b"),
    ("xn--mnchen-3ya", "m\u00fcnchen"),
)


def pairs() -> Iterator[tuple[str, str]]:
    """Every pair of two different names, at least 200."""
    yield from ((one, other) for one, other in _all() if one != other)


def _all() -> Iterator[tuple[str, str]]:
    yield from _PAIRS
    for letter in "\u00e9\u00fc\u00f1\u00e5\u00e7\u00f8\u01d6\u1e69\u0958\uac00\u304c\u1ea5":
        composed, apart = (unicodedata.normalize(form, letter) for form in ("NFC", "NFD"))
        for before, after in (("", ""), ("a", ""), ("", "z"), ("a", "z")):
            yield before + composed + after, before + apart + after
            yield (before + composed + after).upper(), before + composed + after
    for length in (31, 32, 47, 48, 61, 62, 63, 64, 119, 120, 127, 128, 255):
        for end in "ab", "a-", "-a":
            yield "x" * length + end[0], "x" * length + end[1]
    for code in range(0xFF21, 0xFF21 + 26):
        yield chr(code), chr(code - 0xFEE0)
    for code in range(0xFF41, 0xFF41 + 26):
        yield chr(code), chr(code - 0xFEE0)
