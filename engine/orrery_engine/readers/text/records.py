"""The parser of records that takes nothing for granted, and what it met."""

from __future__ import annotations

import csv
import itertools
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from orrery_engine.readers.text.dialect import Dialect, is_remark, parser
from orrery_engine.readers.text.encodings import unpacked
from orrery_engine.readers.text.quotes import mended
from orrery_engine.readers.text.returns import RETURN, restored

_BATCH = 200_000  # fields


@dataclass
class Irregular:
    """What a careful reading met.

    Attributes:
        rows: records below the names.
        width: the largest number of fields.
        short, long: records with fewer and more fields than there are names, and the line of the first one.
        unclosed: the line of a quotation mark that nothing closes; 0 for none.
        stray: records with text behind a closing quotation mark, and the line of the first one.
        remarks: lines that were left out as comments, the line of the first one, and what they begin with.
        alike: lines that begin like comments and split like the table.
        returns: lines with carriage returns that are part of values.
        split: lines with carriage returns that end records.
        inside: lines wholly inside of quotes, and ``table_like`` those of them that split like the table.
        empty: lines without anything that are values of the only column.
        left_out: such lines that are none.
        marks: lines below the first one that begin with a byte-order mark.
        cut: whether the time ended before the file did.
    """

    rows: int = 0
    width: int = 0
    short: int = 0
    long: int = 0
    first_short: int = 0
    first_long: int = 0
    unclosed: int = 0
    stray: int = 0
    first_stray: int = 0
    remarks: int = 0
    first_remark: int = 0
    sign: str = ""
    alike: int = 0
    returns: int = 0
    split: int = 0
    inside: int = 0
    table_like: int = 0
    empty: int = 0
    left_out: int = 0
    marks: int = 0
    cut: bool = False
    pieces: list[Path] = field(default_factory=list)

    def notes(self) -> tuple[str, ...]:
        """The same for a person."""
        lines = []
        if self.short:
            lines.append(
                f"{_lines(self.short)} fewer fields than there are names (first: line {self.first_short:,});"
                " what lacks counts as missing."
            )
        if self.long:
            lines.append(
                f"{_lines(self.long)} more fields than there are names (first: line {self.first_long:,});"
                " they are in columns of their own."
            )
        if self.unclosed:
            lines.append(
                f"A quotation mark in line {self.unclosed:,} is never closed; it was read as a sign like others."
            )
        if self.stray:
            lines.append(
                f"{_lines(self.stray)} text behind a closing quotation mark (first: line {self.first_stray:,});"
                " each was read by itself, with such marks as signs like others."
            )
        if self.table_like * 2 > self.inside:
            lines.append(inside_note(self.inside))
        if self.remarks:
            of = "1 line begins" if self.remarks == 1 else f"{self.remarks:,} lines begin"
            was = "was left out as a comment" if self.remarks == 1 else "were left out as comments"
            lines.append(
                f"{of} with {self.sign!r} within the table, not split like it, and {was}"
                f" (first: line {self.first_remark:,})."
            )
        lines += self._line_notes()
        if self.returns:
            lines.append(
                f"{_lines(self.returns)} a carriage return inside; it was read as part of a value."
            )
        if self.split:
            lines.append(
                f"{_lines(self.split)} carriage returns between whole records; these were read as lines, too."
            )
        return tuple(lines)

    def _line_notes(self) -> list[str]:
        """What to say of lines without anything, and of marks in front of some."""
        lines = []
        if self.empty:
            lines.append(empty_note(self.empty))
        if self.left_out:
            of = "1 empty line was" if self.left_out == 1 else f"{self.left_out:,} empty lines were"
            lines.append(f"{of} left out.")
        if self.marks:
            of = "1 line begins" if self.marks == 1 else f"{self.marks:,} lines begin"
            lines.append(
                f"{of} with a byte-order mark, as where files were joined; such marks were left out."
            )
        return lines


def empty_note(lines: int) -> str:
    """What to say of empty lines within a table of one column."""
    of = "1 empty line was" if lines == 1 else f"{lines:,} empty lines were"
    return f"{of} read as missing values of the only column."


def inside_note(lines: int) -> str:
    """What to say of lines between quotation marks that split like the table."""
    of = "1 line" if lines == 1 else f"{lines:,} lines"
    verb = "splits" if lines == 1 else "split"
    return f"{of} inside of quotation marks {verb} like the table: a mark may be missing."


def _lines(number: int) -> str:
    return "1 line has" if number == 1 else f"{number:,} lines have"


def read(
    path: Path, dialect: Dialect, out: Path, seconds: float, rows: int | None = None
) -> Irregular:
    """Write every record of a UTF-8 file as texts into Parquet files, whatever its number of fields.

    Args:
        path: the file; packed or not.
        dialect: how it is written.
        out: the beginning of the names of the files to write.
        seconds: after these it ends with what was read.
        rows: as many are read at most.
    """
    result = Irregular(width=dialect.width)
    until = time.monotonic() + seconds
    batch: list[list[str]] = []
    limit = max(1, _BATCH // max(1, dialect.width))
    skipped = dialect.header
    for number, record in parsed(path, dialect, result):
        if skipped:
            skipped -= 1
            continue
        _measure(record, number, dialect, result)
        batch.append(record)
        if len(batch) >= limit:
            _write(batch, out, result)
            batch = []
            if time.monotonic() > until:
                result.cut = True
                break
        if result.rows == rows:
            break
    if batch or not result.pieces:
        _write(batch, out, result)
    return result


def _measure(record: list[str], line: int, dialect: Dialect, result: Irregular) -> None:
    width = dialect.width
    result.rows += 1
    within = [inner for item in record if "\n" in item for inner in item.split("\n")[1:-1]]
    if within and dialect.delimiter and width > 1:
        result.inside += len(within)
        result.table_like += sum(inner.count(dialect.delimiter) == width - 1 for inner in within)
    if len(record) < width:
        result.short += 1
        result.first_short = result.first_short or line
    elif len(record) > width:
        result.long += 1
        result.first_long = result.first_long or line
        result.width = max(result.width, len(record))


def _write(batch: list[list[str]], out: Path, result: Irregular) -> None:
    width = max([result.width, *map(len, batch)])
    columns = [
        pa.array(
            [record[place] if place < len(record) else None for record in batch], pa.large_string()
        )
        for place in range(width)
    ]
    piece = out.with_name(f"{out.name}-{len(result.pieces)}.parquet")
    names = [str(place) for place in range(width)]
    pq.write_table(pa.Table.from_arrays(columns, names=names), piece, compression="snappy")
    result.pieces.append(piece)


def parsed(path: Path, dialect: Dialect, result: Irregular) -> Iterator[tuple[int, list[str]]]:
    """Records with the number of the line that they begin in."""
    with unpacked(path) as file:
        lines = _Lines(file, dialect, result)
        reader = parser(lines, dialect, strict=True)
        is_sole, empty, has_begun = dialect.width == 1, 0, False
        while True:
            try:
                record = next(reader, None)
            except csv.Error:
                record = lines.mended()
                reader = parser(lines, dialect, strict=True)
            if record is None:
                return
            if is_sole and not record:
                empty += has_begun
            elif record and (is_sole or len(record) > 1 or record[0].strip()):
                # Only below the last record empty lines are no values.
                if dialect.keeps_empty:
                    result.empty += empty
                    yield from itertools.repeat((lines.begin, [""]), empty)
                else:
                    result.left_out += empty
                empty, has_begun = 0, True
                yield lines.begin, restored(record) if lines.has_returns else record
            lines.start()


class _Lines(Iterator[str]):
    """Decoded lines without comments.

    Attributes:
        begin: the number of the first line that was given since the last record; 0 for none.
        has_returns: whether a sign took the place of a carriage return in a line so far.
    """

    def __init__(self, file: IO[bytes], dialect: Dialect, result: Irregular) -> None:
        self._file = file
        self._dialect = dialect
        self._result = result
        self._waiting: deque[tuple[int, str]] = deque()
        self._given: list[tuple[int, str]] = []
        self._ended = False
        self.has_returns = False
        self.begin, self._number = 0, dialect.skip
        for _ in range(dialect.skip):
            file.readline()

    def start(self) -> None:
        """The next line is the first one of a record."""
        self.begin = 0
        self._given.clear()

    def mended(self) -> list[str]:
        """The record that the lines which were given since the last one begin with; the others wait."""
        count, record, is_stray = mended([line for _, line in self._given], self._dialect)
        self._waiting.extendleft(reversed(self._given[count:]))
        if self._ended:
            self._result.unclosed = self._result.unclosed or self.begin
        elif is_stray:
            self._result.stray += 1
            self._result.first_stray = self._result.first_stray or self.begin
        self._ended = False
        return record

    def __next__(self) -> str:
        while (pair := self._next()) is not None:
            number, line = pair
            if not self.begin and line.startswith("\ufeff"):
                line = line[1:]
                self._result.marks += 1
            if not self.begin and self._is_left_out(number, line):
                continue
            if "\r" in line.rstrip("\r\n"):
                line = self._without_returns(number, line)
            line = self._dialect.line(line)
            self.begin = self.begin or number
            self._given.append((number, line))
            return line
        self._ended = True
        raise StopIteration

    def _next(self) -> tuple[int, str] | None:
        if self._waiting:
            return self._waiting.popleft()
        raw = self._file.readline()
        if not raw:
            return None
        self._number += 1
        line = raw.decode("utf-8", "replace")
        return self._number, line.removeprefix("\ufeff") if self._number == 1 else line

    def _is_left_out(self, number: int, line: str) -> bool:
        dialect, result = self._dialect, self._result
        if dialect.comment and line.startswith(dialect.comment):
            return True
        if not dialect.remark or not line.startswith(dialect.remark):
            return False
        if not is_remark(line, dialect, dialect.width):
            result.alike += 1
            return False
        result.remarks += 1
        result.first_remark, result.sign = result.first_remark or number, dialect.remark
        return True

    def _without_returns(self, number: int, line: str) -> str:
        """A line in which no carriage return stands, or the first of the records that these end."""
        body = line.rstrip("\r\n")
        dialect = self._dialect
        parts = body.split("\r")
        is_quoted = bool(dialect.quote) and dialect.quote in body
        width = [part.count(dialect.delimiter) + 1 if dialect.delimiter else 1 for part in parts]
        if not self.begin and not is_quoted and set(width) == {dialect.width}:
            self._result.split += 1
            first, *rest = [f"{part}\n" for part in parts]
            self._waiting.extendleft((number, part) for part in reversed(rest))
            return first
        self._result.returns += not is_quoted
        self.has_returns = True
        return body.replace("\r", RETURN) + line[len(body) :]
