"""Patterns of paths: a star stays within a folder, two go through folders. Matching takes steps in line with the path."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator

from orrery_wire.errors import Invalid

MOST_LETTERS = 1_024
_PIECE = re.compile(r"(\*\*/|\*+|\?|\[[^\]]+\])")
_FOLDERS, _ANY, _WITHIN = "**/", "**", "*"


class Glob:
    """A pattern, as an automaton whose states are the bits of a number: no pattern makes it try anything twice."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > MOST_LETTERS:
            raise Invalid(
                "The pattern is too long",
                reason=f"It has {len(pattern):,} letters, and {MOST_LETTERS:,} are read.",
                remedy="Name the folder, and give a pattern for the files in it.",
            )
        self._tests: list[Callable[[str], bool]] = []
        # Bits of states that may be left without a letter, that stay at any letter, and at any but a slash.
        self._free = self._stays = self._stays_within = self._folders = 0
        last = ""
        for piece in _pieces(pattern):
            # What may be nothing is no more than nothing twice over.
            if piece == last and piece in (_FOLDERS, _ANY, _WITHIN):
                continue
            self._add(piece)
            last = piece
        self._end = 1 << len(self._tests)
        self._steps: dict[str, int] = {}

    def _add(self, piece: str) -> None:
        bit = 1 << len(self._tests)
        if piece in (_FOLDERS, _ANY, _WITHIN):
            self._free |= bit
            self._stays |= bit if piece != _WITHIN else 0
            self._stays_within |= bit if piece == _WITHIN else 0
            self._folders |= bit if piece == _FOLDERS else 0
        self._tests.append(_test(piece))

    def matches(self, path: str) -> bool:
        """Whether the pattern fits a whole path."""
        states = self._opened(1)
        for letter in path:
            moved = (states & self._moves(letter)) << 1
            stay = states & self._stays
            if letter != "/":
                stay |= states & self._stays_within
            # In the middle of a name, folders are left at its slash alone.
            states = self._opened(moved | (stay & ~self._folders)) | stay
            if not states:
                return False
        return bool(states & self._end)

    def _moves(self, letter: str) -> int:
        """Bits of the states that a letter leads on from."""
        if letter not in self._steps:
            self._steps[letter] = sum(
                1 << place for place, test in enumerate(self._tests) if test(letter)
            )
        return self._steps[letter]

    def _opened(self, states: int) -> int:
        """The states, and those that are reached from them without a letter."""
        while (more := states | ((states & self._free) << 1)) != states:
            states = more
        return states


def fitting(pattern: Glob, paths: Iterable[str]) -> list[bool]:
    """Of each path whether the pattern fits it."""
    return [pattern.matches(path) for path in paths]


def _pieces(pattern: str) -> Iterator[str]:
    for piece in _PIECE.split(pattern):
        if piece[:1] == "*" and piece != _FOLDERS:
            yield _WITHIN if piece == "*" else _ANY
        elif piece in (_FOLDERS, "?") or (piece[:1] == "[" and piece[-1:] == "]"):
            yield piece
        else:
            yield from piece


def _test(piece: str) -> Callable[[str], bool]:
    """Whether a letter leads on from a piece of a pattern."""
    if piece in (_ANY, _WITHIN):
        return lambda _: False
    if piece == _FOLDERS:
        return lambda letter: letter == "/"
    if piece == "?":
        return lambda letter: letter != "/"
    if len(piece) > 1:
        letters = re.compile(fnmatch.translate(piece))
        return lambda letter: letter != "/" and letters.match(letter) is not None
    return lambda letter: letter == piece
