"""Which encoding of several bytes a character a text has, by how usual its characters are there.

The standards of China, Taiwan, Japan and Korea put usual characters first, and give the same bytes to others:
a text of one country is mostly rare characters in the encoding of another.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_NEAR = 0.1
_FEW = 12  # characters that tell little
_NEAR_FEW = 0.3
_FULL = 0.9
_USUAL, _LESS, _RARE, _ODD = 1.0, 0.7, 0.2, -0.5

Score = Callable[[int, int], float]


def _gb18030(lead: int, trail: int) -> float:
    if trail < 0xA1:
        return _ODD
    if 0xB0 <= lead <= 0xD7:
        return _USUAL
    if lead in (0xA1, 0xA3):
        return _LESS
    return _RARE if 0xD8 <= lead <= 0xF7 else _ODD


def _cp949(lead: int, trail: int) -> float:
    if trail < 0xA1:
        return _RARE if lead <= 0xC6 else _ODD
    if 0xB0 <= lead <= 0xC8:
        # All syllables that are written lie here, so nothing else fits so closely.
        return 1.15
    if lead in (0xA1, 0xA3):
        return _LESS
    return _ODD


def _big5(lead: int, trail: int) -> float:
    if 0xA4 <= lead <= 0xC6:
        return _USUAL
    if lead in (0xA1, 0xA2):
        return _LESS
    return _RARE if 0xC9 <= lead <= 0xF9 else _ODD


def _euc_jp(lead: int, trail: int) -> float:
    if lead in (0xA4, 0xA5):
        return 1.15
    if 0xB0 <= lead <= 0xCF:
        return _LESS + 0.2
    if lead in (0xA1, 0xA3):
        return _LESS
    return _RARE if 0xD0 <= lead <= 0xF4 else _ODD


def _cp932(lead: int, trail: int) -> float:
    if lead in (0x82, 0x83):
        return 1.15
    if 0x88 <= lead <= 0x97:
        return _LESS + 0.2
    if lead == 0x81:
        return _LESS
    return _RARE if 0x98 <= lead <= 0xEA else _ODD


_SCORES: dict[str, Score] = {
    "gb18030": _gb18030,
    "big5": _big5,
    "cp932": _cp932,
    "euc_jp": _euc_jp,
    "cp949": _cp949,
}


@dataclass(frozen=True)
class Rank:
    """The encoding whose usual characters a text has.

    Attributes:
        name: a codec of Python.
        others: those that fit nearly as well.
        is_full: whether nearly all characters are usual ones, of which there are few.
    """

    name: str
    others: tuple[str, ...]
    is_full: bool


def ranked(data: bytes) -> Rank | None:
    """The encoding in which the characters of a text are the most usual ones; none if it is none of these."""
    scored = []
    for codec, score in _SCORES.items():
        pairs = list(_pairs(data, codec))
        if pairs:
            scored.append((sum(score(*own) for own in pairs) / len(pairs), codec, len(pairs)))
    scored.sort(key=lambda own: -own[0])
    if not scored or scored[0][0] <= 0:
        return None
    best, codec, count = scored[0]
    near = _NEAR if count > _FEW else _NEAR_FEW
    others = tuple(own for fit, own, _ in scored[1:] if fit > best - near)
    return Rank(codec, others, best >= _FULL and count <= _FEW)


def _pairs(data: bytes, codec: str) -> Iterator[tuple[int, int]]:
    """The first two bytes of each character of several; nothing if the bytes are no text."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return
    for sign in text:
        if sign.isascii():
            continue
        own = sign.encode(codec)
        if unicodedata.category(sign) == "Co" or len(own) > 2:
            yield 0, 0
        elif len(own) == 1:
            # Half a character wide, as nobody writes sentences.
            yield 0xF0, 0
        else:
            yield own[0], own[1]
