"""Copies of workbooks for the reader without what it cannot read or leaves out in silence; all values stay."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import ParseError
from xml.sax import SAXException

from orrery_engine.readers import (
    old_workbooks,
    open_documents,
    workbook_parts,
    workbook_spelling,
)

Change = Callable[[IO[bytes]], Iterator[bytes]]
_CHUNK = 4 * 2**20
_TROUBLES = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    SAXException,
    KeyError,
    ValueError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
)
_BEGINNING = 64 * 2**10  # what is said of a whole sheet stands in front of its rows
_DIMENSION = re.compile(
    rb"<(?:\w+:)?dimension\b[^<>]*?\bref=[\"']([^\"']*)[\"'][^<>]*?/?>(?:</(?:\w+:)?dimension>)?"
)
_RANGE = re.compile(rb"[A-Z]{1,3}\d{1,7}(?::[A-Z]{1,3}\d{1,7})?")
# Of an OpenDocument file the reader asks for no other part.
_PARTS = ("mimetype", "META-INF/manifest.xml", open_documents.CONTENT)


def mended(path: Path) -> io.BytesIO | None:
    """A copy to read in place of a workbook; none if that can be read as it is."""
    # Old workbooks may hold archives, and would pass for one.
    old = old_workbooks.mended(path)
    if old is not None:
        return old
    try:
        with zipfile.ZipFile(path) as packed:
            if open_documents.CONTENT in packed.namelist():
                change = {open_documents.CONTENT: open_documents.mended}
                return _copy(packed, _PARTS, change) if open_documents.is_odd(packed) else None
            changes = {
                name: own
                for name in workbook_parts.sheets(packed)
                if (own := _change(packed, name)) is not None
            }
            return _copy(packed, packed.namelist(), changes) if changes else None
    except _TROUBLES:
        # Damaged, encrypted, or of another kind: the reader tells of that.
        return None


def scanned(path: Path, copy: io.BytesIO | None) -> Path | io.BytesIO:
    """Where the parts of a workbook are scanned: in the copy of an .xlsx file, else in the file itself."""
    if copy is None or old_workbooks.is_old(path) or open_documents.is_open_document(path):
        return path
    return copy


def _change(packed: zipfile.ZipFile, name: str) -> Change | None:
    """What a sheet needs to be read whole."""
    if workbook_spelling.is_unusual(packed, name):
        return workbook_spelling.usual
    return _without_dimension if _is_strange(packed, name) else None


def _copy(
    packed: zipfile.ZipFile, names: Iterable[str], changes: Mapping[str, Change]
) -> io.BytesIO:
    """The same parts, some of them changed; packed lightly, so that little room is needed."""
    copy, there = io.BytesIO(), {*packed.namelist()}
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for name in dict.fromkeys(names):
            if name not in there:
                continue
            with packed.open(name) as part, out.open(name, "w") as target:
                for chunk in changes.get(name, _chunks)(part):
                    target.write(chunk)
    copy.seek(0)
    return copy


def _chunks(part: IO[bytes]) -> Iterator[bytes]:
    while chunk := part.read(_CHUNK):
        yield chunk


def _is_strange(packed: zipfile.ZipFile, name: str) -> bool:
    """Whether a sheet names the range of its cells in a way that the reader does not know, such as rows alone."""
    with packed.open(name) as part:
        match = _DIMENSION.search(part.read(_BEGINNING))
    return match is not None and not _RANGE.fullmatch(match[1])


def _without_dimension(part: IO[bytes]) -> Iterator[bytes]:
    """A sheet that does not name the range of its cells, which the reader then finds itself."""
    yield _DIMENSION.sub(b"", part.read(_BEGINNING), count=1)
    yield from _chunks(part)
