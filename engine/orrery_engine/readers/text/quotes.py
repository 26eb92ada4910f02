"""Records whose quotation marks do not stand around fields: what was most likely meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from orrery_engine.readers.text.dialect import Dialect
from orrery_engine.readers.text.escapes import unescaped

_MOST_LINES = 20  # of a record that is written over several


def mended(lines: Sequence[str], dialect: Dialect) -> tuple[int, list[str], bool]:
    """The first record of lines that a strict parser refuses.

    A line by itself is preferred, so that no record is lost in a field of the one before it; several lines
    are one record only where that has as many fields as there are names and no line by itself has.

    Returns:
        The number of lines, the fields, and whether a quotation mark was read as a sign like others.
    """
    first, is_stray = _fields(lines[0], dialect)
    if len(lines) == 1 or dialect.width in (len(first), len(_fields(lines[1], dialect)[0])):
        return 1, first, is_stray
    for count in range(2, min(len(lines), _MOST_LINES) + 1):
        record, is_stray_here = _fields("".join(lines[:count]), dialect)
        if len(record) == dialect.width:
            return count, record, is_stray_here
    return 1, first, is_stray


def _fields(text: str, dialect: Dialect) -> tuple[list[str], bool]:
    """Fields of which a quotation mark closes one only where it ends."""
    text = text.removesuffix("\n").removesuffix("\r")
    if not dialect.quote:
        return text.split(dialect.delimiter) if dialect.delimiter else [text], False
    quoted, plain = _patterns(dialect.delimiter, dialect.quote, dialect.escape)
    quote = dialect.quote
    pair = re.escape(dialect.escape) + "." if dialect.escape else re.escape(quote) * 2
    fields: list[str] = []
    is_stray, place = False, 0
    while True:
        match = quoted.match(text, place)
        if match:
            body = match["body"]
            fields.append(
                unescaped(body, quote, dialect.escape)
                if dialect.escape
                else body.replace(quote * 2, quote)
            )
            is_stray = is_stray or quote in re.sub(pair, "", body, flags=re.DOTALL)
        else:
            match = plain.match(text, place)
            field = match[0] if match else ""
            fields.append(field)
            is_stray = is_stray or field.lstrip(" ").startswith(quote)
        place = match.end() if match else place
        if place >= len(text) or not dialect.delimiter:
            return fields, is_stray
        if text[place] != dialect.delimiter:
            # A line ends outside of quotes: these are several records.
            return [], is_stray
        place += 1


@lru_cache(maxsize=64)
def _patterns(delimiter: str, quote: str, escape: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    sign, end = re.escape(quote), re.escape(delimiter)
    follows = rf"[ \t]*(?:{end}|\Z)" if delimiter else r"[ \t]*\Z"
    inner = [rf"[^{sign}]", rf"{sign}(?!{follows})"]
    inner = [rf"{re.escape(escape)}.", *inner] if escape else inner
    quoted = rf" *{sign}(?P<body>(?:{'|'.join(inner)})*){sign}(?={follows})[ \t]*"
    plain = rf"[^{end}\n]*" if delimiter else r"[^\n]*"
    return re.compile(quoted, re.DOTALL), re.compile(plain)
