"""How many records and delimiters a text file has, counted without a parser."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from orrery_engine.readers.text import escapes
from orrery_engine.readers.text.dialect import Dialect
from orrery_engine.readers.text.encodings import unpacked
from orrery_engine.readers.text.records import Irregular, parsed

_CHUNK = 8 * 2**20
_LINE_BREAK, _RETURN = b"\n\r"
_BLANK = re.compile(rb"(?m)^[ \t\r]*\n")
_EMPTY = re.compile(rb"(?m)^\r?\n")
_MARK = b"\n\xef\xbb\xbf"

Bytes = NDArray[np.uint8]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Tally:
    """What a file has below its names.

    Attributes:
        records: line ends outside of quotes, whatever a parser leaves out or joins.
        surplus: delimiters beyond those that its columns need.
        inside: lines that lie wholly inside of quotes, and ``alike`` those of them that split like the table.
        empty: lines without anything in a table of one column, and ``quoted``, whether empty texts stand in quotes there.
        escapes: whether the sign of escapes stands before others than quotation marks.
        marks: whether a line below the first one begins with a byte-order mark.
    """

    records: int
    surplus: int
    inside: int = 0
    alike: int = 0
    empty: int = 0
    quoted: bool = False
    escapes: bool = False
    marks: bool = False


def count(path: Path, dialect: Dialect) -> int:
    """The records of a UTF-8 file below its names: line ends outside of quotes, without empty lines and comments."""
    return tally(path, dialect).records


class _Count:
    """The same of pieces of whole lines, one after the other."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._quote, self._comment = dialect.quote.encode(), dialect.comment.encode()
        # A run of blanks is one delimiter, and ends nothing at the end of a line.
        self._delimiter = b"" if dialect.joins_blanks else dialect.delimiter.encode()
        self._quoted_empty = re.compile(rb"(?m)^" + re.escape(self._quote * 2) + rb"\r?$")
        self._is_open, self._has_begun = False, bool(dialect.skip)
        self._ends_empty = 0
        self.records = self.delimiters = self.empty = 0
        self.within = self.alike = 0
        self.quoted = self.escapes = self.marks = False

    def add(self, lines: bytes) -> None:
        """The next piece."""
        dialect, quote = self._dialect, self._quote
        self.marks = (
            self.marks or _MARK in lines or (self._has_begun and lines.startswith(_MARK[1:]))
        )
        self._has_begun = True
        self.escapes = self.escapes or (
            bool(dialect.escape)
            and escapes.has_others(lines, dialect.quote, dialect.escape, dialect.delimiter)
        )
        self._ends_empty = _empty_at_end(lines, self._ends_empty)
        if dialect.width == 1 and quote:
            self.quoted = self.quoted or bool(self._quoted_empty.search(lines))
        if dialect.escape:
            sign = dialect.escape.encode()
            lines = lines.replace(sign * 2, b"__").replace(sign + quote, b"__")
        if self._is_open or (quote and quote in lines):
            self._add_quoted(lines)
        else:
            self._add_plain(lines)

    @property
    def missing(self) -> int:
        """Empty lines of the only column; no value stands below the last line that holds one."""
        return max(0, self.empty - self._ends_empty) if self._dialect.width == 1 else 0

    def _add_plain(self, lines: bytes) -> None:
        # Two searches are far quicker than the expression, and most files have no empty line.
        empty = len(_EMPTY.findall(lines)) if _has_empty(lines) else 0
        comment, left_out = self._comment, 0
        if comment and comment in lines:
            left_out = lines.startswith(comment) + lines.count(b"\n" + comment)
            lines, whole = _without(comment, lines), lines.count(b"\n")
        else:
            whole = lines.count(b"\n")
        self.records += whole - empty - left_out
        self.empty += empty
        self.delimiters += lines.count(self._delimiter) if self._delimiter else 0

    def _add_quoted(self, lines: bytes) -> None:
        """Lines with quotation marks: what stands behind an odd number of these does not count."""
        data = np.frombuffer(lines, dtype=np.uint8)
        breaks, quotes = np.flatnonzero(data == _LINE_BREAK), np.flatnonzero(data == self._quote[0])
        before = np.searchsorted(quotes, breaks) + self._is_open
        odd = before & 1
        self._add_inside(data, breaks, before)
        ends = breaks[odd == 0]
        begins = np.concatenate(([0], ends[:-1] + 1))[: len(ends)]
        lengths = ends - begins
        first, last = data[begins], data[np.maximum(ends - 1, 0)]
        empty = (lengths == 0) | ((lengths == 1) & (last == _RETURN))
        left_out = empty | (first == self._comment[0]) if self._comment else empty.copy()
        if self._is_open and len(ends):
            # What stands before the first end belongs to a record that began earlier.
            left_out[0] = empty[0] = False
        rows = len(ends) - int(np.count_nonzero(left_out))
        self.records += rows
        self.empty += int(np.count_nonzero(empty))
        signs = lines.count(self._delimiter) if self._delimiter else 0
        was_open, self._is_open = self._is_open, bool((len(quotes) + self._is_open) & 1)
        # As many as whole records need are no surplus, wherever they stand.
        if was_open or self._is_open or signs > rows * (self._dialect.width - 1):
            places = np.flatnonzero(data == self._delimiter[0]) if self._delimiter else breaks[:0]
            between = places[((np.searchsorted(quotes, places) + was_open) & 1) == 0]
            signs = len(between)
            if self._comment and len(ends):
                counts = np.diff(np.concatenate(([0], np.searchsorted(between, ends))))
                signs -= int(counts[left_out].sum())
        self.delimiters += signs

    def _add_inside(self, data: Bytes, breaks: Places, before: Places) -> None:
        """Whole lines inside of quotes, and those of them with as many delimiters as a record has.

        A quotation mark that is closed in another record hides the records between them from every parser.
        """
        if self._dialect.width < 2 or len(breaks) < 2:
            return
        is_inside = (np.diff(before) == 0) & (before[:-1] & 1 == 1)
        lines = np.flatnonzero(is_inside & (np.diff(breaks) > 2))
        if len(lines) and self._delimiter:
            signs = np.flatnonzero(data == self._delimiter[0])
            counts = np.diff(np.searchsorted(signs, breaks))[lines]
            self.within += len(lines)
            self.alike += int(np.count_nonzero(counts == self._dialect.width - 1))


def tally(path: Path, dialect: Dialect) -> Tally:
    """The same, and delimiters: a parser may drop an empty field at the end of a record that has one too many."""
    own, rest = _Count(dialect), b""
    with unpacked(path) as file:
        for _ in range(dialect.skip):
            file.readline()
        while chunk := file.read(_CHUNK):
            cut = chunk.rfind(b"\n") + 1
            if cut:
                own.add(rest + chunk[:cut])
                rest = chunk[cut:]
            else:
                rest += chunk
    if rest:
        own.add(rest + b"\n")
    empty = own.missing
    records = own.records + (empty if dialect.keeps_empty else 0) - dialect.header
    needed, delimiters = records * (dialect.width - 1), own.delimiters
    if delimiters > needed and dialect.header:
        named = parsed(path, dialect, Irregular())
        delimiters -= sum(len(each) - 1 for _, each in itertools.islice(named, dialect.header))
    surplus = max(0, delimiters - needed)
    return Tally(records, surplus, own.within, own.alike, empty, own.quoted, own.escapes, own.marks)


def _empty_at_end(lines: bytes, before: int) -> int:
    """Empty lines at the end of whole lines, behind ``before`` of these."""
    if len(lines) > 2 and not lines.endswith((b"\n\n", b"\n\r\n")):
        return 0
    filled = lines.rstrip(b"\r\n")
    if not filled:
        return before + lines.count(b"\n")
    return lines.count(b"\n", len(filled)) - 1


def comments(path: Path, dialect: Dialect) -> tuple[int, int]:
    """How many lines are left out as comments that a person chose, and how many of these split like the table."""
    plain = replace(dialect, comment="")
    left_out = tally(path, plain).records - tally(path, dialect).records
    sign, delimiter = dialect.comment.encode(), dialect.delimiter.encode()
    alike = 0
    with unpacked(path) as file:
        for _ in range(dialect.skip):
            file.readline()
        for line in file:
            is_alike = delimiter and line.count(delimiter) == dialect.width - 1
            alike += line.startswith(sign) and bool(is_alike)
    return left_out, min(alike, left_out)


def filled_lines(path: Path) -> int:
    """How many lines of a UTF-8 file hold something."""
    count, rest = 0, b""
    with unpacked(path) as file:
        while chunk := file.read(_CHUNK):
            chunk = rest + chunk
            cut = chunk.rfind(b"\n") + 1
            rest = chunk[cut:]
            lines = chunk[:cut]
            empty = _BLANK.findall(lines) if _has_empty(lines) or b" \n" in lines else ()
            count += lines.count(b"\n") - len(empty)
    return count + bool(rest.strip())


def _without(comment: bytes, chunk: bytes) -> bytes:
    """Lines that are no comments."""
    return re.sub(rb"(?m)^" + re.escape(comment) + rb".*\n", b"", chunk)


def _has_empty(chunk: bytes) -> bool:
    return chunk[:1] in (b"\n", b"\r") or b"\n\n" in chunk or b"\n\r\n" in chunk
