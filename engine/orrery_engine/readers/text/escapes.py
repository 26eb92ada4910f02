"""Fields in which a sign stands before quotation marks: which files have such, and what their fields hold.

Writers differ in what else they escape. Within quotation marks the sign before such a mark, before itself and
before the end of a line is left out; before any other sign, and outside of quotation marks, it is kept.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

_SAMPLE = 2**18
_ENDS = r",;\t|~^\x01\x1f"


def kept_note(escape: str) -> str:
    """What to say of a file that has the sign before others than quotation marks."""
    return f"The sign {escape!r} was read as an escape before quotation marks and itself; before others it was kept."


def has_others(text: bytes, quote: str, escape: str, delimiter: str) -> bool:
    """Whether the sign stands before others than a quotation mark and itself, of which a parser would drop it."""
    sign = escape.encode()
    if sign not in text:
        return False
    pairs = text.replace(sign * 2, b"__").replace(sign + quote.encode(), b"__")
    # Without quotation marks around it this is a missing value of MySQL, and every parser keeps it.
    around = re.escape(delimiter.encode())
    alone = rb"(?:(?<=[\n" + around + rb"])|\A)" + re.escape(sign) + rb"N(?=[\r\n" + around + rb"])"
    return sign in re.sub(alone, b"", pairs)


def unescaped(body: str, quote: str, escape: str) -> str:
    """What stands between two quotation marks."""
    if escape not in body and quote not in body:
        return body
    return _escaped(quote, escape).sub(lambda pair: pair[1] or pair[2], body)


@lru_cache(maxsize=16)
def _escaped(quote: str, escape: str) -> re.Pattern[str]:
    signs = "".join(re.escape(sign) for sign in (quote, escape))
    return re.compile(
        rf"{re.escape(escape)}(\r?\n|[{signs}])|{re.escape(quote)}({re.escape(quote)})"
    )


def escape_of(text: str, quote: str, delimiter: str = "") -> str:
    r"""A backslash where ``\"`` stands in quoted fields, and these end where fields do only if it is an escape."""
    sample = text[:_SAMPLE]
    if not quote or f"\\{quote}" not in sample:
        return ""
    for ends in (_ENDS + re.escape(delimiter), f"{_ENDS} :{re.escape(delimiter)}"):
        sign = re.escape(quote)
        begin, end = (
            rf"(?:^|(?<=[{ends}])) *{sign}",
            rf"(?P<end>{sign}(?=[ ]*(?:[{ends}\r\n]|\Z)))?",
        )
        doubled = re.compile(rf"{begin}(?P<body>(?:[^{sign}]|{sign}{sign})*+){end}", re.MULTILINE)
        escaped = re.compile(
            rf"{begin}(?P<body>(?:[^{sign}\\]|\\.)*+){end}", re.MULTILINE | re.DOTALL
        )
        as_doubled, as_escaped = list(doubled.finditer(sample)), list(escaped.finditer(sample))
        is_there = any(f"\\{quote}" in match["body"] for match in as_escaped)
        # What the end of the sample cuts off says nothing.
        torn = [sum(not own["end"] for own in matches[:-1]) for matches in (as_doubled, as_escaped)]
        last = [bool(matches) and not matches[-1]["end"] for matches in (as_doubled, as_escaped)]
        if is_there and (torn[1], last[1]) < (torn[0], last[0]):
            return "\\"
    return ""


class EscapedRecords(Iterator[list[str]]):
    """Records of lines, as the parser of the standard library gives them, which drops the sign before any other.

    Attributes:
        line_num: how many lines were read.
    """

    def __init__(
        self,
        lines: Iterable[str],
        *,
        delimiter: str,
        quote: str,
        escape: str,
        leads: bool,
        strict: bool,
    ) -> None:
        """Begin.

        Args:
            lines: with their ends.
            delimiter: between fields.
            quote: around fields.
            escape: before a quotation mark in a field.
            leads: whether blanks before a field are no part of it.
            strict: whether text behind a closing quotation mark is an error.
        """
        self.line_num = 0
        self._lines = iter(lines)
        self._delimiter, self._quote, self._escape = delimiter, quote, escape
        self._leads, self._strict = leads, strict
        sign, own, end = re.escape(quote), re.escape(escape), re.escape(delimiter)
        self._within = re.compile(
            rf"(?:[^{sign}{own}]|{own}.|{sign}{sign}(?! *(?:{end}|\r?\n|\Z)))*+", re.DOTALL
        )
        self._plain = re.compile(rf"[^{end}\n]*+")

    def __next__(self) -> list[str]:
        line = self._line()
        if line is None:
            raise StopIteration
        fields: list[str] = []
        place = 0
        while True:
            if self._leads:
                place += len(line) - place - len(line[place:].lstrip(" "))
            if line.startswith(self._quote, place):
                field, line, place = self._quoted(line, place + 1)
            else:
                field = self._bare(line, place)
                place += len(field)
            fields.append(field)
            if not line.startswith(self._delimiter, place):
                return fields if line.strip("\r\n") or len(fields) > 1 else []
            place += 1

    def _line(self) -> str | None:
        line = next(self._lines, None)
        self.line_num += line is not None
        return line

    def _quoted(self, line: str, place: int) -> tuple[str, str, int]:
        """A field behind its opening mark, the line that it ends in, and where."""
        parts = []
        while True:
            match = self._within.match(line, place)
            end = match.end() if match else place
            parts.append(line[place:end])
            if line.startswith(self._quote, end):
                break
            more = self._line()
            if more is None:
                if self._strict:
                    raise csv.Error("unexpected end of data")
                return self._text(parts), line, len(line)
            line, place = more, 0
        end += 1
        behind = self._bare(line, end)
        if behind and self._strict:
            raise csv.Error("text behind a closing quotation mark")
        return self._text(parts) + behind, line, end + len(behind)

    def _bare(self, line: str, place: int) -> str:
        """What stands from a place to the next delimiter or the end of the line."""
        match = self._plain.match(line, place)
        text = match[0] if match else ""
        # Of the end of a line a return is a part.
        is_last = place + len(text) >= len(line.removesuffix("\n"))
        return text.removesuffix("\r") if is_last else text

    def _text(self, parts: list[str]) -> str:
        return unescaped("".join(parts), self._quote, self._escape)
