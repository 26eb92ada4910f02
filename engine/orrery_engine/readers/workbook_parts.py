"""What the parts of an .xlsx file say of a sheet beyond its values: hidden rows, and cells that hold errors."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

_CHUNK = 4 * 2**20
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ID_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_HIDDEN = re.compile(rb"<(?:\w+:)?row\b[^>]*\bhidden=[\"'](?:1|true)[\"']")
_ERROR = re.compile(rb"<(?:\w+:)?c\b[^>]*\bt=[\"']e[\"'][^>]*>.*?<(?:\w+:)?v>([^<]*)<", re.DOTALL)
_ROW_END = b"row>"


@dataclass
class SheetRemarks:
    """How many rows of a sheet are hidden, and how many of its cells hold which error."""

    hidden: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def notes(self) -> tuple[str, ...]:
        """The same for a person."""
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


def remarks(path: Path, sheet: str) -> SheetRemarks:
    """What the parts of a workbook say of a sheet; nothing of one that is no .xlsx file."""
    result = SheetRemarks()
    try:
        with zipfile.ZipFile(path) as packed:
            part = _part(packed, sheet)
            if part is not None:
                _scan(packed, part, result)
    except (zipfile.BadZipFile, ParseError, KeyError, ValueError):
        return result
    return result


def _part(packed: zipfile.ZipFile, sheet: str) -> str | None:
    """The part that holds a sheet, by the relations of the workbook."""
    if _WORKBOOK not in packed.namelist():
        return None
    book = fromstring(packed.read(_WORKBOOK))
    relations = fromstring(packed.read(_RELATIONS))
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    for item in book.iter():
        if item.tag.endswith("}sheet") and item.get("name") == sheet:
            target = targets.get(_relation(item))
            return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/") if target else None
    return None


def _relation(item: Element) -> str | None:
    return item.get(_ID) or item.get(_ID_STRICT)


def _scan(packed: zipfile.ZipFile, part: str, result: SheetRemarks) -> None:
    """Count, chunk by chunk and without a parser, whose time would be that of the whole reading."""
    rest = b""
    with packed.open(part) as sheet:
        while chunk := sheet.read(_CHUNK):
            chunk = rest + chunk
            cut = chunk.rfind(_ROW_END) + 1
            rest = chunk[cut:]
            _count(chunk[:cut], result)
    _count(rest, result)


def _count(xml: bytes, result: SheetRemarks) -> None:
    result.hidden += len(_HIDDEN.findall(xml))
    result.errors.update(text.decode("utf-8", "replace") for text in _ERROR.findall(xml))
