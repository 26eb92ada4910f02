"""Lines that begin like comments: a block above the table, and lines within it that do not split like it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from orrery_engine.readers.text.dialect import Dialect, is_remark, parser

_SIGNS = ("#", "%")
_AFTER_SIGN = re.compile(r"[#%]+[\s#%!-]")


@dataclass(frozen=True)
class Block:
    """The first lines of a text, if they begin like comments and those below do not.

    Attributes:
        sign: what they begin with.
        lines: how many they are; 0 for none.
    """

    sign: str
    lines: int

    def _places(self, lines: Sequence[str], quote: str) -> list[int]:
        """The lines that begin like comments outside of quotes."""
        places, is_open = list(range(self.lines)), False
        for place in range(self.lines, len(lines)):
            line = lines[place]
            if not is_open and line.startswith(self.sign):
                places.append(place)
            elif quote and line.count(quote) % 2:
                is_open = not is_open
        return places

    def without(
        self, lines: Sequence[str], quote: str, records: Collection[int] = ()
    ) -> Sequence[str]:
        """The text with empty lines in place of those that begin like comments, but for those of ``records``."""
        if not self.lines:
            return lines
        out = {*self._places(lines, quote)} - {*records}
        return ["\n" if place in out else line for place, line in enumerate(lines)]

    def records(
        self, lines: Sequence[str], dialect: Dialect, width: int, *, names_below: bool
    ) -> set[int]:
        """The places of lines that begin like comments and are records of the table.

        Args:
            lines: the text.
            dialect: how the other lines are written.
            width: how many fields they have.
            names_below: whether names are surely the first of the other lines.
        """
        places = [
            place
            for place in self._places(lines, dialect.quote)
            if not is_remark(lines[place], dialect, width)
        ]
        below = {place for place in places if place >= self.lines}
        above = [place for place in places if place < self.lines]
        if width < 2 or not above:
            return below
        glued = [place for place in above if not _AFTER_SIGN.match(lines[place])]
        last = self.lines - 1
        if glued and glued[-1] == last and not names_below:
            # Several in a row are values such as "#1001" or "#FF0000".
            run = [place for place in glued if {*range(place, last)} <= {*glued}]
            is_data = len(run) > 1 or any(_has_such_value(lines[place], dialect) for place in run)
            return below | ({*run} if is_data else {last})
        is_named = above[-1] == last and not names_below
        return below | ({last} if is_named else set())


def leading(lines: Sequence[str]) -> Block:
    """The block that a text begins with."""
    for sign in _SIGNS:
        count = 0
        while count < len(lines) and lines[count].startswith(sign):
            count += 1
        if 0 < count < len(lines):
            return Block(sign, count)
    return Block("", 0)


def _has_such_value(line: str, dialect: Dialect) -> bool:
    """Whether the first field is a number, a colour or an error of a spreadsheet behind the sign."""
    fields = next(parser([line], dialect), [""])
    return bool(re.fullmatch(r"#([0-9]+|[0-9A-Fa-f]{6}|N/A|[A-Z0/]+[!?])", fields[0].strip()))


def note(lines: int, sign: str) -> str:
    """What to say of so many comments above the table."""
    if not lines:
        return ""
    if lines == 1:
        return f"The first line begins with {sign!r} and was left out as a comment."
    return f"The first {lines} lines begin with {sign!r} and were left out as comments."
