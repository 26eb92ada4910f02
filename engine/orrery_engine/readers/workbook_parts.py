"""What the parts of an .xlsx file say of a sheet beyond its values.

Hidden rows, cells that hold errors, formulas whose results were never stored, and whole numbers that are written
with more digits than a floating-point number, as which they are read, holds.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from orrery_engine.readers.open_documents import CONTENT

_CHUNK = 4 * 2**20
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ID_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
# A tag ends before the next one begins: text without an end is not searched to its end from every beginning.
_HIDDEN = re.compile(rb"<(?:\w+:)?row\b[^<>]*\bhidden=[\"'](?:1|true)[\"']")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b[^<>]*\bhidden=[\"'](?:1|true)[\"'][^<>]*>")
_BOUND = re.compile(rb"\b(min|max)=[\"'](\d{1,5})[\"']")
# The attribute that a copy has for an error that the reader does not know.
ERROR = "orrery-error"
_ERROR = re.compile(
    rb"<(?:\w+:)?c\b([^<>]*\bt=[\"']e[\"'][^<>]*)>(?:(?!<(?:\w+:)?c\b).)*?<(?:\w+:)?v>([^<]*)<",
    re.DOTALL,
)
_OWN_ERROR = re.compile(rf'\s{ERROR}="([^"]*)"'.encode())
_PLACE = re.compile(rb"\br=[\"']([A-Z]+)(\d+)[\"']")
_TYPE = re.compile(rb"\bt=[\"'](\w+)[\"']")
# The end of a cell behind a formula, with a value that is empty or none at all.
_WITHOUT = rb"\s*(<(?:\w+:)?v\b[^<>]*(?:/>|></(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
_UNSTORED = (
    re.compile(rb"</(?:\w+:)?f>" + _WITHOUT),
    re.compile(rb"<(?:\w+:)?f\b[^<>]*/>" + _WITHOUT),
)
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_LONG = re.compile(rb">(-?\d{16,300})</(?:\w+:)?v>")
_LEAP = re.compile(rb">60(?:\.\d{1,20})?</(?:\w+:)?v>")
_ROW_END = b"row>"
_ROW = re.compile(rb"<(?:\w+:)?row\b[^<>]*?\br=[\"'](\d{1,7})[\"']")
# Cells beyond the columns of one letter.
_FAR_CELL = re.compile(rb"\br=[\"']([A-Z]{2,3})(\d{1,7})[\"']")
_LETTERS = 26
_TAG = 200  # bytes of a tag that the end of a chunk may have cut


@dataclass
class SheetRemarks:
    """What is met on a sheet.

    Attributes:
        hidden: how many rows are hidden, and ``hidden_columns`` the places of columns that are.
        errors: how many cells hold which error.
        unstored: how many cells of each column, counted from 0, hold a formula without its result.
        inexact: how many whole numbers of each column have other digits once they are read, and one of them.
        leap: the columns with the number 60, which as a date is 29 February 1900; none if that is not known.
    """

    hidden: int = 0
    hidden_columns: set[int] = field(default_factory=set)
    errors: Counter[str] = field(default_factory=Counter)
    unstored: Counter[int] = field(default_factory=Counter)
    inexact: Counter[int] = field(default_factory=Counter)
    example: int = 0
    leap: set[int] | None = None

    def notes(self) -> tuple[str, ...]:
        """What needs no names of columns, for a person."""
        lines = []
        if self.hidden:
            rows = "1 hidden row was" if self.hidden == 1 else f"{self.hidden:,} hidden rows were"
            lines.append(f"{rows} read like the others.")
        if self.errors:
            count = sum(self.errors.values())
            cells = "1 cell holds an error" if count == 1 else f"{count:,} cells hold errors"
            counted = "counts" if count == 1 else "count"
            lines.append(f"{cells} ({', '.join(sorted(self.errors))}) and {counted} as missing.")
        return tuple(lines)

    def column_notes(self, named: Callable[[Iterable[int]], str]) -> tuple[str, ...]:
        """What concerns columns, which ``named`` lists."""
        lines = []
        if self.hidden_columns:
            lines.append(f"Hidden columns were read like the others: {named(self.hidden_columns)}.")
        if self.unstored:
            count = self.unstored.total()
            cells = "1 cell holds a formula" if count == 1 else f"{count:,} cells hold formulas"
            counted = "it counts" if count == 1 else "they count"
            lines.append(
                f"{named(self.unstored)}: {cells} without a stored result; {counted} as missing."
                " Open the workbook in a spreadsheet program and save it to store them."
            )
        if self.inexact:
            count = self.inexact.total()
            what = "1 whole number is" if count == 1 else f"{count:,} whole numbers are"
            lines.append(
                f"{named(self.inexact)}: {what} too long to be exact in a workbook and lost the last digits"
                f" ({self.example} became {int(float(self.example))}). Keep such numbers as text."
            )
        return tuple(lines)


def remarks(path: Path | IO[bytes], sheet: str, above: int = 0) -> SheetRemarks:
    """What the parts of a workbook say of a sheet; nothing of one that is no .xlsx file.

    Args:
        path: the workbook.
        sheet: the name of the sheet.
        above: so many rows are no data; formulas and numbers in them do not count.
    """
    result = SheetRemarks()
    try:
        with zipfile.ZipFile(path) as packed:
            if CONTENT in packed.namelist():
                result.leap = set()
            part = part_of(packed, sheet)
            if part is not None:
                result.leap = set()
                _scan(packed, part, result, above)
    except (zipfile.BadZipFile, ParseError, KeyError, ValueError):
        return result
    return result


def far_apart(path: Path | IO[bytes], most: int) -> frozenset[str]:
    """The sheets whose cells are so far apart that more than ``most`` lie between them; none of another kind of file.

    The reader makes room for all of them at once, and the process would not survive that.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            parts = _parts(packed)
            names = set(packed.namelist())
            return frozenset(
                sheet
                for sheet, part in parts.items()
                if part in names and _area(packed, part) > most
            )
    except (zipfile.BadZipFile, ParseError, KeyError, ValueError):
        return frozenset()


def _area(packed: zipfile.ZipFile, part: str) -> int:
    """How many cells a sheet has up to its last row and its last column, at most."""
    rows, columns, rest = 0, _LETTERS, b""
    with packed.open(part) as sheet:
        while chunk := sheet.read(_CHUNK):
            chunk = rest + chunk
            rows = max(rows, *map(int, _ROW.findall(chunk)), 0)
            for letters, row in set(_FAR_CELL.findall(chunk)):
                rows, columns = max(rows, int(row)), max(columns, column_of(letters) + 1)
            rest = chunk[-_TAG:]
    return rows * columns


def sheets(packed: zipfile.ZipFile) -> list[str]:
    """The parts that hold the sheets of an .xlsx file."""
    there = {*packed.namelist()}
    return [part for part in _parts(packed).values() if part in there]


def part_of(packed: zipfile.ZipFile, sheet: str) -> str | None:
    """The part that holds a sheet."""
    return _parts(packed).get(sheet)


def _parts(packed: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet, by the relations of the workbook."""
    if _WORKBOOK not in packed.namelist():
        return {}
    book = fromstring(packed.read(_WORKBOOK))
    relations = fromstring(packed.read(_RELATIONS))
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    sheets = {
        item.get("name", ""): targets.get(_relation(item))
        for item in book.iter()
        if item.tag.endswith("}sheet")
    }
    return {
        name: posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
        for name, target in sheets.items()
        if target
    }


def _relation(item: Element) -> str | None:
    return item.get(_ID) or item.get(_ID_STRICT)


def _scan(packed: zipfile.ZipFile, part: str, result: SheetRemarks, above: int) -> None:
    """Count, chunk by chunk and without a parser, whose time would be that of the whole reading."""
    with packed.open(part) as sheet:
        for chunk in rows_of(sheet):
            _count(chunk, result, above)


def rows_of(sheet: IO[bytes]) -> Iterator[bytes]:
    """Pieces of a sheet that end where a row does."""
    rest = b""
    while chunk := sheet.read(_CHUNK):
        chunk = rest + chunk
        cut = chunk.rfind(_ROW_END) + 1
        rest = chunk[cut:]
        yield chunk[:cut]
    yield rest


def _hidden_columns(xml: bytes) -> set[int]:
    columns: set[int] = set()
    for column in _COLUMN.finditer(xml):
        bounds = {name: int(number) for name, number in _BOUND.findall(column[0])}
        if b"min" in bounds:
            columns.update(range(bounds[b"min"] - 1, bounds.get(b"max", bounds[b"min"])))
    return columns


def _errors(xml: bytes) -> Iterator[str]:
    for facts, text in _ERROR.findall(xml):
        own = _OWN_ERROR.search(facts)
        yield (own[1] if own else text).decode("utf-8", "replace")


def _count(xml: bytes, result: SheetRemarks, above: int) -> None:
    result.hidden += len(_HIDDEN.findall(xml))
    result.hidden_columns |= _hidden_columns(xml)
    result.errors.update(_errors(xml))
    # Elements have a prefix throughout or nowhere; to look back for what never occurs would take long.
    mark = b"<c " if b"<c " in xml else b":c "
    if _FORMULA.search(xml) is not None:
        for pattern in _UNSTORED:
            for formula in pattern.finditer(xml):
                column, kind = _cell(xml, mark, formula.start(), above)
                # The stored result of a formula may be a text without signs.
                if column is not None and not (formula[1] and kind == b"str"):
                    result.unstored[column] += 1
    for number in _LEAP.finditer(xml):
        column, kind = _cell(xml, mark, number.start(), above)
        if column is not None and kind in (b"", b"n") and result.leap is not None:
            result.leap.add(column)
    for number in _LONG.finditer(xml):
        exact = int(number[1])
        if exact == int(float(exact)):
            continue
        column, kind = _cell(xml, mark, number.start(), above)
        if column is not None and kind in (b"", b"n"):
            result.inexact[column] += 1
            result.example = result.example or exact


def _cell(xml: bytes, mark: bytes, position: int, above: int) -> tuple[int | None, bytes]:
    """The column of the cell around a position, and its type; no column for a cell in the rows above.

    ``mark`` is what cells begin with.
    """
    begin = max(0, xml.rfind(mark, 0, position))
    facts = xml[begin : xml.find(b">", begin) + 1]
    place, kind = _PLACE.search(facts), _TYPE.search(facts)
    if place is None or int(place[2]) <= above:
        return None, b""
    return column_of(place[1]), kind[1] if kind else b""


def column_of(letters: bytes) -> int:
    """The place of a column, from 0, by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def letters_of(column: int) -> str:
    """The letters of a column by its place, from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


def is_of_1904(packed: zipfile.ZipFile) -> bool:
    """Whether days of a workbook are counted from 1904 on."""
    book = fromstring(packed.read(_WORKBOOK))
    return any(
        item.get("date1904") in ("1", "true")
        for item in book.iter()
        if item.tag.endswith("}workbookPr")
    )
