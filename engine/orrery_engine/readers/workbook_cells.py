"""Cells of workbooks whose numbers are shown in another way, and those that hold errors, which the reader leaves empty."""

from __future__ import annotations

import re
import struct
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import fromstring

from orrery_engine.readers import old_workbooks, open_documents, workbook_parts
from orrery_engine.readers.negative_times import NegativeTimes
from orrery_engine.readers.old_workbooks import OldCell
from orrery_engine.readers.workbook_formats import ShownColumns, showing

# Number formats that no workbook needs to define.
_BUILT_IN: Mapping[int, str] = {
    9: "0%",
    10: "0.00%",
    12: "# ?/?",
    13: "# ??/??",
    16: "d-mmm",
    17: "mmm-yy",
    **dict.fromkeys((5, 6, 7, 8, 42, 44), '"$"0'),
}
_TIMES: Mapping[int, str] = {
    14: "m/d/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yyyy h:mm",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
}
_ERRORS = {
    0: "#NULL!",
    7: "#DIV/0!",
    15: "#VALUE!",
    23: "#REF!",
    29: "#NAME?",
    36: "#NUM!",
    42: "#N/A",
    43: "#GETTING_DATA",
}
_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^<>]*)(?<!/)>\s*(?:<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>))?\s*"
    rb"<(?:\w+:)?v>([^<]*)<"
)
_NEGATIVE = re.compile(_CELL.pattern.replace(b"([^<]*)<", b"(-[0-9][^<]*)<"))
_ERROR = re.compile(rb"<(?:\w+:)?c\b[^<>]*\bt=[\"']e[\"'][^<>]*>")
# A formula whose result was not stored; one that gives a text without signs is no more than an empty cell.
_FORMULA = re.compile(rb"<(?:\w+:)?c\b((?![^<>]*\bt=[\"']str)[^<>]*)>\s*<(?:\w+:)?f\b")
_PLACE = re.compile(rb"\br=[\"']([A-Z]+)(\d+)[\"']")
_STYLE = re.compile(rb"\bs=[\"'](\d+)[\"']")
_TYPE = re.compile(rb"\bt=[\"'](\w+)[\"']")
_WHOLE = re.compile(rb"[0-9]{1,15}(?:\.0*)?")
_STYLES, _BINARY = "xl/styles.xml", "xl/workbook.bin"
_UNSEEN = (
    "Of an .xlsb file only values are read: errors are missing values, and number formats that show zeros in front or"
    " signs within numbers are not seen. Save it as .xlsx to have both."
)


@dataclass
class Cells:
    """What the cells of a sheet are beyond their values.

    Attributes:
        filled_rows: rows with errors or formulas, counted from 0.
        errors: how many cells hold which error, in a workbook whose parts are no XML.
        shown: columns in number formats that show other texts.
        notes: what cannot be known.
        negative: numbers below zero in formats of dates and times.
    """

    filled_rows: set[int] = field(default_factory=set)
    errors: Counter[str] = field(default_factory=Counter)
    shown: ShownColumns = field(default_factory=ShownColumns)
    notes: list[str] = field(default_factory=list)
    negative: NegativeTimes = field(default_factory=NegativeTimes)

    def add(self, cell: OldCell, codes: Mapping[int, str], times: Mapping[int, str]) -> None:
        """A cell of a workbook that is no XML."""
        if cell.error is not None:
            self.filled_rows.add(cell.row)
            self.errors[_ERRORS.get(cell.error, "an unknown one")] += 1
            return
        if cell.value < 0 and cell.style in times:
            self.negative.add(cell.row, cell.column, cell.value, times[cell.style])
        if codes:
            is_whole = 0 <= cell.value < 1e15 and cell.value == int(cell.value)
            self.shown.add(cell.row, cell.column, codes.get(cell.style, ""), is_whole)

    def apply(self, rows: Sequence[list[Any]], left: int) -> None:
        """Put what is known of cells into a grid, which begins ``left`` columns further right."""
        self.shown.apply(rows, left)
        self.negative.apply(rows, left)

    def column_notes(self, named: Callable[[Iterable[int]], str], above: int) -> list[str]:
        """What to say of columns, which ``named`` lists, below so many rows."""
        return [*self.shown.notes(named, above), *self.negative.notes(named, above)]


def cells(path: Path | IO[bytes], sheet: str) -> Cells:
    """What is met on a sheet; nothing of a workbook of another kind, or of one that is damaged, of which the reader tells."""
    result = Cells()
    try:
        if isinstance(path, Path) and old_workbooks.is_old(path):
            formats, matches = old_workbooks.cells(path, sheet)
            styles = [number for number, _ in formats.uses]
            codes, times = _odd(formats.codes, styles), _times(formats.codes, styles)
            result.negative.is_of_1904 = formats.is_of_1904
            for cell in matches:
                result.add(cell, codes, times)
            return result
        with zipfile.ZipFile(path) as packed:
            names = {*packed.namelist()}
            if _BINARY in names:
                result.notes.append(_UNSEEN)
            elif open_documents.CONTENT in names:
                result.notes += open_documents.notes(packed, sheet)
            else:
                _scan(packed, sheet, result)
    except (zipfile.BadZipFile, ParseError, LookupError, ValueError, struct.error, OSError):
        return result
    return result


def _scan(packed: zipfile.ZipFile, sheet: str, result: Cells) -> None:
    part = workbook_parts.part_of(packed, sheet)
    if part is None:
        return
    own, styles = _formats(packed)
    codes, times = _odd(own, styles), _times(own, styles)
    result.negative.is_of_1904 = bool(times) and workbook_parts.is_of_1904(packed)
    with packed.open(part) as file:
        for chunk in workbook_parts.rows_of(file):
            for pattern in (_ERROR, _FORMULA):
                places = (_PLACE.search(cell[0]) for cell in pattern.finditer(chunk))
                result.filled_rows.update(int(place[2]) - 1 for place in places if place)
            for cell in _CELL.finditer(chunk) if codes else ():
                if (place := _placed(cell[1])) is not None:
                    code = codes.get(place[2], "")
                    result.shown.add(*place[:2], code, bool(_WHOLE.fullmatch(cell[2])))
            for cell in _NEGATIVE.finditer(chunk) if times else ():
                place = _placed(cell[1])
                if place is not None and place[2] in times:
                    result.negative.add(*place[:2], float(cell[2]), times[place[2]])


def _placed(facts: bytes) -> tuple[int, int, int] | None:
    """Row, column and style of a cell by its attributes; none of one that holds no number."""
    place, style, kind = (pattern.search(facts) for pattern in (_PLACE, _STYLE, _TYPE))
    if place is None or (kind is not None and kind[1] != b"n"):
        return None
    column = workbook_parts.column_of(place[1])
    return int(place[2]) - 1, column, int(style[1]) if style is not None else 0


def _formats(packed: zipfile.ZipFile) -> tuple[dict[int, str], list[int]]:
    """The number formats that a workbook defines, and the number of that of each style of cells."""
    own: dict[int, str] = {}
    styles: list[int] = []
    for item in fromstring(packed.read(_STYLES)):
        if item.tag.endswith("}numFmts"):
            own = {int(each.get("numFmtId", 0)): each.get("formatCode", "") for each in item}
        elif item.tag.endswith("}cellXfs"):
            styles = [int(each.get("numFmtId", 0)) for each in item]
    return own, styles


def _odd(own: Mapping[int, str], styles: Sequence[int]) -> dict[int, str]:
    """The formats of styles, if one of them shows other texts than values."""
    codes = {
        place: own.get(number, _BUILT_IN.get(number, "")) for place, number in enumerate(styles)
    }
    return codes if any(map(showing, codes.values())) else {}


def _times(own: Mapping[int, str], styles: Sequence[int]) -> dict[int, str]:
    """The formats of styles that show dates and times; lengths of time are read as they are."""
    codes = {place: own.get(number, _TIMES.get(number, "")) for place, number in enumerate(styles)}
    return {place: code for place, code in codes.items() if old_workbooks.is_of_day(code)}
