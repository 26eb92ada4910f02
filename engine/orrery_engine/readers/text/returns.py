"""Carriage returns without a line feed in a text whose lines end with one, and the mark at the end of old files.

Such a return is the end of a line where files were joined, and part of a value where somebody pressed a key in a
cell. Outside of quotes nothing says which of the two it is but the number of fields of the lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from orrery_engine.readers.text import sniffing
from orrery_engine.readers.text.dialect import Dialect, records
from orrery_engine.schemas import ReaderOptions

# Half a character stands in no text that was decoded: it takes the place of a return that is part of a value.
RETURN = "\udc0d"
END_MARK = "\x1a"
_BARE = re.compile(r"\r+(?![\r\n])")


class BareReturns:
    """Replaces returns outside of quotes that no line feed follows; the text may come in pieces."""

    def __init__(self, sign: str) -> None:
        self._sign, self._waiting, self._odd = sign, "", 0

    def replaced(self, text: str, *, final: bool = False) -> str:
        """The next piece; what its end leaves open waits for the piece after it."""
        text = self._waiting + text
        end = len(text) if final else len(text.rstrip("\r"))
        self._waiting = text[end:]
        parts = text[:end].split('"')
        for place in range(self._odd, len(parts), 2):
            parts[place] = _BARE.sub(lambda run: self._sign * len(run[0]), parts[place])
        self._odd = (self._odd + len(parts) - 1) % 2
        return '"'.join(parts)


def sniffed(
    text: str, whole: bool, options: ReaderOptions, ending: str = ""
) -> tuple[Dialect, bool]:
    """The dialect of a text, and whether returns by themselves end its lines.

    Of the two ways to read them that one is taken by which more lines have as many fields as there are names.
    """
    as_values = BareReturns(RETURN).replaced(text, final=True)
    if as_values == text:
        return sniffing.sniff(text, whole, options, ending), False
    as_ends = BareReturns("\n").replaced(text, final=True)
    within = sniffing.sniff(as_values, whole, options, ending)
    ended = sniffing.sniff(as_ends, whole, options, ending)
    if _fit(as_ends, ended) >= _fit(as_values, within):
        return ended, True
    return replace(
        within,
        names=tuple(restored(within.names)),
        notes=tuple(restored(within.notes)),
    ), False


def _fit(text: str, dialect: Dialect) -> tuple[bool, float, int]:
    """How well a dialect suits: several columns, the share of lines with as many fields, the columns."""
    lines = text.split("\n")[dialect.skip :]
    rows = records([f"{line}\n" for line in lines], dialect)
    regular = sum(len(record) == dialect.width for record in rows)
    # A line by itself fits whatever it is.
    return dialect.width > 1, regular / len(rows) if len(rows) > 1 else 0.0, dialect.width


def restored(texts: Sequence[str]) -> list[str]:
    """Texts with the returns that are part of them."""
    return [text.replace(RETURN, "\r") for text in texts]
