"""Sheets of OpenDocument files: what the reader leaves out of their cells, and where these show other texts than values."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

CONTENT = "content.xml"
ERROR = re.compile(r"#(N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!)|Err:[0-9]{3}")
_CHUNK = 4 * 2**20
_LONGEST = 16 * 2**20  # bytes of a cell
_END = b"table-cell>"
_SIGNS = {b"tab": b"\t", b"line-break": b"\n"}
_SIGN = re.compile(rb"<text:(tab|line-break)\b[^<>]*>|</text:(?:tab|line-break)\s*>")
_TABLE = rb"<table:table\b[^<>]*?\btable:name=\"([^\"]*)\""
_CELL = re.compile(
    rb"<table:table-cell\b([^<>]*\boffice:value-type=\"(float|percentage|currency|string)\"[^<>]*)>"
    rb"(\s*<text:p[^<>]*>)([^<]*)</text:p>"
)
_PART = re.compile(_TABLE + rb"|" + _CELL.pattern)
_VALUE = re.compile(rb"\boffice:value=\"([^\"]*)\"")
_STORED = re.compile(rb"\s*\boffice:(?:string-)?value=\"[^\"]*\"")
_CODE = re.compile(r"[(]?[0-9]+([ ()/-]+[0-9]+)*")
_PLAIN = re.compile(r"[\s0-9.,'()+\u2212\u00a0\u202f-]+([eE][+-]?[0-9]+)?")


def is_open_document(path: Path) -> bool:
    """Whether a workbook is an OpenDocument file (.ods)."""
    try:
        with zipfile.ZipFile(path) as packed:
            return CONTENT in packed.namelist()
    except zipfile.BadZipFile:
        return False


def is_odd(packed: zipfile.ZipFile) -> bool:
    """Whether a file has cells that the reader would not take as they are shown."""
    with packed.open(CONTENT) as part:
        return any(
            _SIGN.search(piece) or any(map(_is_text, _CELL.finditer(piece)))
            for piece in _cells(part)
        )


def mended(part: IO[bytes]) -> Iterator[bytes]:
    """Tabs and line ends as such, for which the reader leaves out the elements; codes and errors as texts."""
    for piece in _cells(part):
        signs = _SIGN.sub(lambda match: _SIGNS.get(match[1], b""), piece)
        yield _CELL.sub(_as_text, signs)


def notes(packed: zipfile.ZipFile, sheet: str) -> list[str]:
    """What to say of the cells of a sheet that show other texts than their values."""
    codes, others, example, is_own = 0, 0, "", False
    with packed.open(CONTENT) as part:
        for piece in _cells(part):
            for match in _PART.finditer(piece):
                if match[1] is not None:
                    is_own = html.unescape(match[1].decode("utf-8", "replace")) == sheet
                elif is_own and match[3] != b"string":
                    cell = _CELL.match(match[0])
                    text = match[5].decode("utf-8", "replace").strip()
                    if cell is None or not text or ERROR.fullmatch(text):
                        continue
                    codes += (is_code := _is_text(cell))
                    if not is_code and not _PLAIN.fullmatch(html.unescape(text)):
                        others += 1
                        value = _VALUE.search(match[2])
                        example = example or f"{text!r} for {value[1].decode() if value else ''}"
    lines = []
    if codes:
        cells = "1 number was" if codes == 1 else f"{codes:,} numbers were"
        lines.append(f"{cells} read as the texts that their number formats show.")
    if others:
        cells = "1 cell shows" if others == 1 else f"{others:,} cells show"
        lines.append(f"{cells} another text than the value that was read, such as {example}.")
    return lines


def align(rows: Sequence[list[Any]]) -> None:
    """Give the other whole numbers of a column with codes, which are texts, the same type."""
    for place in range(max(map(len, rows), default=0)):
        column = [row[place] for row in rows if place < len(row)]
        texts = [cell for cell in column if isinstance(cell, str) and _CODE.fullmatch(cell)]
        numbers = [cell for cell in column if isinstance(cell, int | float)]
        if texts and all(type(cell) is int and cell >= 0 for cell in numbers):
            for row in rows:
                if place < len(row) and isinstance(row[place], int):
                    row[place] = str(row[place])


def _is_text(cell: re.Match[bytes]) -> bool:
    """Whether a number is shown as a code, or as an error."""
    text = cell[4].decode("utf-8", "replace").strip()
    if ERROR.fullmatch(text):
        return cell[2] != b"string" or b"string-value" in cell[1]
    value = _VALUE.search(cell[1])
    if cell[2] != b"float" or value is None or not _CODE.fullmatch(text):
        return False
    digits = re.sub("[^0-9]", "", text)
    is_long = text.lstrip("(").startswith("0") and len(digits) > 1
    return (is_long or any(sign in text for sign in "-/(")) and digits.lstrip("0") == value[
        1
    ].decode().lstrip("0")


def _as_text(cell: re.Match[bytes]) -> bytes:
    if not _is_text(cell):
        return cell[0]
    facts = _STORED.sub(b"", cell[1]).replace(
        b'office:value-type="' + cell[2] + b'"', b'office:value-type="string"'
    )
    return cell[0].replace(cell[1], facts, 1)


def _cells(part: IO[bytes]) -> Iterator[bytes]:
    """Pieces of the content that end where a cell does."""
    rest = b""
    while chunk := part.read(_CHUNK):
        chunk = rest + chunk
        cut = chunk.rfind(_END) + len(_END) if _END in chunk else 0
        if not cut and len(chunk) > _LONGEST:
            cut = len(chunk)
        yield chunk[:cut]
        rest = chunk[cut:]
    yield rest
