"""Sheets of .xlsx files in the spelling of XML that nearly all programs write, which the scans of their parts know.

Others leave out where a cell is, as they may, or write comments, CDATA, spaces and character references. Such a sheet
is written anew by a parser, with the same cells, so that no scan passes over them in silence.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.sax.handler import ContentHandler
from xml.sax.saxutils import escape
from xml.sax.xmlreader import AttributesImpl

from defusedxml.expatreader import create_parser

from orrery_engine.readers import workbook_parts

_CHUNK = 2**20
# What the reader knows as the values of errors and of truth; of others it refuses the whole sheet.
_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})
_BOOLEANS = frozenset({"0", "1", "true", "false"})
_ATTRIBUTES = rb"(?:\s+[\w:.-]+=(?:\"[^\"<>&]*\"|'[^'<>&]*'))*\s*/?>"
_UNUSUAL = re.compile(
    rb"<(?:!|/(?:\w+:)?(?:[vfc]|row)\s|(?:\w+:)?(?:v(?:\s+[^\s/]|>[^<]*&#)|f\b[^<>]*\sxml:"
    rb"|c(?=[\s/>])(?!(?=[^<>]*\sr=[\"'][A-Z]{1,3}\d{1,7}[\"'])" + _ATTRIBUTES + rb")))"
)
_FORMULA = rb"(?:\s*<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>))?\s*"
_REFUSED = re.compile(
    rb"\st=[\"'](?:e[\"'][^<>]*>" + _FORMULA + rb"<(?:\w+:)?v>(?!(?:"
    rb"#NULL!|#DIV/0!|#VALUE!|#REF!|#NAME\?|#NUM!|#N/A)<)"
    rb"|b[\"'][^<>]*>" + _FORMULA + rb"<(?:\w+:)?v>(?!(?:0|1|true|false)<))"
)
_PLACE = re.compile(r"([A-Z]{1,3})\d{1,7}")
_QUOTED = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_TEXTS = ("v", "f", "t")
_SPACE = "xml:space"


def is_unusual(packed: zipfile.ZipFile, part: str) -> bool:
    """Whether a sheet is spelled in a way that the scans, or the reader, do not know."""
    with packed.open(part) as sheet:
        return any(
            _UNUSUAL.search(chunk) or _REFUSED.search(chunk)
            for chunk in workbook_parts.rows_of(sheet)
        )


def usual(sheet: IO[bytes]) -> Iterator[bytes]:
    """The same sheet in the usual spelling; it names no range of its cells, which the reader finds itself.

    Raises:
        SAXException: it is damaged.
        ValueError: it declares entities.
    """
    writer = _Writer()
    parser = create_parser()
    parser.setContentHandler(writer)
    yield b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    while chunk := sheet.read(_CHUNK):
        parser.feed(chunk)
        yield writer.written()
    parser.close()
    yield writer.written()


class _Writer(ContentHandler):
    """Writes what a parser meets."""

    def __init__(self) -> None:
        super().__init__()
        self._out: list[str] = []
        self._names: list[str] = []
        self._text: list[str] = []
        self._row, self._column = 0, -1
        # The cell that is open: its attributes, which its value may change, and where its beginning is to stand.
        self._cell: dict[str, str] = {}
        self._begin: int | None = None

    def written(self) -> bytes:
        """What is complete and was not asked for before."""
        end = len(self._out) if self._begin is None else self._begin
        result = "".join(self._out[:end])
        del self._out[:end]
        if self._begin is not None:
            self._begin = 0
        return result.encode()

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - the handler of SAX
        """An element begins."""
        self._flush("")
        local = name.rpartition(":")[2]
        self._names.append(local)
        facts = dict(attrs.items())
        if local == "dimension":
            return
        if local == "row":
            number = facts.get("r", "").strip()
            self._row = int(number) if number.isdecimal() else self._row + 1
            self._column = -1
            facts["r"] = str(self._row)
        elif local == "c":
            place = _PLACE.fullmatch(facts.get("r", "").strip())
            if place is None:
                self._column += 1
                facts["r"] = f"{workbook_parts.letters_of(self._column)}{self._row}"
            else:
                self._column = workbook_parts.column_of(place[1].encode())
                facts["r"] = place[0]
            self._cell, self._begin = facts, len(self._out)
            self._out.append("")
            return
        elif local in ("v", "f"):
            facts.pop(_SPACE, None)
        self._out.append(_tag(name, facts))

    def characters(self, content: str) -> None:
        """A part of a text."""
        self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - the handler of SAX
        """An element ends."""
        local = self._names.pop()
        self._flush(local)
        if local == "dimension":
            return
        self._out.append(f"</{name}>")
        if local == "c" and self._begin is not None:
            self._out[self._begin] = _tag(name, self._cell)
            self._begin = None

    def _flush(self, local: str) -> None:
        """Write the text so far; ``local`` is the element that it ends in, if it does."""
        text = "".join(self._text)
        self._text.clear()
        if local == "v" and self._begin is not None:
            text = self._as_read(text)
        if local in _TEXTS or text.strip():
            self._out.append(escape(text, {"\r": "&#13;"}))

    def _as_read(self, text: str) -> str:
        """The value of a cell as the reader takes it."""
        kind = self._cell.get("t")
        if kind == "e" and text not in _ERRORS:
            # Which one it is stays known to the scans.
            self._cell[workbook_parts.ERROR] = text
            return "#N/A"
        if kind == "b" and text not in _BOOLEANS:
            self._cell["t"] = "str"
        return text


def _tag(name: str, facts: dict[str, str]) -> str:
    # The scans know values by quotation marks, and no tag by an angle bracket within one.
    written = "".join(f' {key}="{escape(value, _QUOTED)}"' for key, value in facts.items())
    return f"<{name}{written}>"
