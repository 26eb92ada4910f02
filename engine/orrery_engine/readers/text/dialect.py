"""How the records of a text are written, and the parser of such records."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orrery_engine.readers.text.escapes import EscapedRecords

if TYPE_CHECKING:
    from _csv import Reader

Record = list[str]
# No character, so no text holds it: with it as delimiter each line is one value.
SINGLE = "\uffff"
_MOST_FIELD = 16 * 2**20
_BLANKS = re.compile(r"[ \t]+")
# After so many records the beginning of a text is known well enough without the last one.
_ENOUGH = 20

csv.field_size_limit(_MOST_FIELD)


@dataclass(frozen=True)
class Dialect:
    """How the records of a text are written.

    Attributes:
        delimiter: between fields; "" where each line is one value.
        quote: around fields; "" for none.
        escape: before a quote in a field; "" where it is doubled.
        comment: what lines begin with that are left out; "" for none.
        remark: the same, but a line that splits like the table is one of its records.
        skip: lines before the table.
        header: the record of the names, counted from 1 below the skipped lines; 0 for none.
        names: of the columns, as they are written; made up where there are none.
        runs: whether several blanks or tabs are one delimiter, if that is a blank.
        spaced: whether blanks after a delimiter are no part of the field, as before a quote.
        keeps_empty: whether empty lines of the only column are missing values, as where empty texts stand in quotes.
        notes: what was assumed and could be otherwise, in sentences.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""
    comment: str = ""
    remark: str = ""
    skip: int = 0
    header: int = 1
    names: tuple[str, ...] = ()
    runs: bool = True
    spaced: bool = False
    keeps_empty: bool = False
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.names)

    @property
    def joins_blanks(self) -> bool:
        """Whether fields stand between runs of blanks and tabs."""
        return self.delimiter == " " and self.runs

    def line(self, line: str) -> str:
        """A line as the parser takes it."""
        if self.joins_blanks:
            return _BLANKS.sub(" ", line.strip(" \t\r\n")) + "\n"
        return line


def parser(
    lines: Iterable[str], dialect: Dialect, *, strict: bool = False
) -> Reader | EscapedRecords:
    """The parser of the records that lines hold; ``strict`` refuses text behind a closing quote."""
    if dialect.escape and dialect.quote:
        return EscapedRecords(
            lines,
            delimiter=dialect.delimiter or SINGLE,
            quote=dialect.quote,
            escape=dialect.escape,
            leads=dialect.spaced or dialect.joins_blanks,
            strict=strict,
        )
    return csv.reader(
        lines,
        delimiter=dialect.delimiter or SINGLE,
        quotechar=dialect.quote or None,
        escapechar=dialect.escape or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        skipinitialspace=dialect.spaced or dialect.joins_blanks,
        strict=strict,
    )


def is_remark(line: str, dialect: Dialect, width: int) -> bool:
    """Whether a line begins like a comment and does not split like a table of so many columns."""
    if not dialect.remark or not line.startswith(dialect.remark):
        return False
    fields = next(parser([dialect.line(line)], dialect), [])
    # A quote that is open at the end of the line belongs to a record of several lines.
    is_open = bool(fields) and "\n" in fields[-1]
    return len(fields) != width and not (is_open and 1 < len(fields) < width)


def records(lines: Sequence[str], dialect: Dialect) -> list[Record]:
    """The fields of lines; those that are empty or comments are left out."""
    return [record for _, record in numbered(lines, dialect)]


def numbered(lines: Sequence[str], dialect: Dialect, first: int = 0) -> list[tuple[int, Record]]:
    """The same with the place of the line that each record begins in; nothing is read before ``first``."""
    places: Sequence[int] = range(first, len(lines))
    if dialect.comment:
        places = [place for place in places if not lines[place].startswith(dialect.comment)]
    given = [lines[place] for place in places] if len(places) < len(lines) else lines
    if dialect.joins_blanks:
        given = [dialect.line(line) for line in given]
    end = _End()
    reader = parser(end.after(given), dialect)
    result: list[tuple[int, Record]] = []
    begin = 0
    for record in reader:
        if end.reached and dialect.quote:
            # Only a record whose quote is open waits for more lines; from there on quotes are signs like others.
            if len(result) < _ENOUGH:
                result += numbered(lines, replace(dialect, quote=""), places[begin])
            break
        if "".join(record).strip():
            result.append((places[begin], record))
        begin = reader.line_num
    return result


class _End:
    """Whether lines were asked for after the last one."""

    def __init__(self) -> None:
        self.reached = False

    def after(self, lines: Sequence[str]) -> Iterator[str]:
        """The lines, and the end of them."""
        yield from lines
        self.reached = True
