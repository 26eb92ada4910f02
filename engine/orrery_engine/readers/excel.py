"""One sheet of an Excel file; formulae are never computed, their kept results are read."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orrery_engine.readers.cells import FrameTable, series
from orrery_wire.errors import Invalid, NotFound

# Python objects of a cell, and how many bytes of XML make one of memory.
_CELL = 120
_RATIO = 200
_SMALL = 64 * 2**20


class ExcelTable(FrameTable):
    """A sheet whose first row holds the names."""

    def __init__(self, path: Path, sheet: str, memory: int) -> None:
        _refuse_bombs(path, memory)
        rows, notes = _rows(path, sheet, memory)
        header = rows[0] if rows else ()
        mixtures: dict[int, dict[str, int]] = {}
        columns = []
        for place in range(len(header)):
            result, kinds = series([row[place] if place < len(row) else None for row in rows[1:]])
            columns.append(result)
            if kinds:
                mixtures[place] = kinds
        super().__init__(["" if item is None else str(item) for item in header], columns)
        self.bytes = path.stat().st_size
        self.mixtures = mixtures
        self.types = tuple(
            "mixed" if place in mixtures else type_ for place, type_ in enumerate(self.types)
        )
        self.notes = notes


def _refuse_bombs(path: Path, memory: int) -> None:
    """A few bytes that unpack to more than there is room for.

    Raises:
        Invalid: it is one, or no Excel file at all.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
    except zipfile.BadZipFile as problem:
        raise Invalid(
            "The file is no Excel file of today's kind.",
            reason=str(problem),
            remedy="Save it as .xlsx; the older .xls is not read.",
        ) from problem
    whole = sum(part.file_size for part in parts)
    tight = sum(part.compress_size for part in parts)
    if whole > _SMALL and (whole > memory or whole > tight * _RATIO):
        raise Invalid(
            "The Excel file unpacks to far too much.",
            reason=f"{tight:,} bytes become {whole:,}.",
            remedy="Save it again with the program that it comes from.",
        )


def _rows(path: Path, sheet: str, memory: int) -> tuple[list[tuple[Any, ...]], tuple[str, ...]]:
    """The rows of a sheet without empty ones at its end, and what to say of them."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except (KeyError, ValueError, TypeError, OSError) as problem:
        raise Invalid(
            "The Excel file is damaged.",
            reason=str(problem),
            remedy="Save it again with the program that it comes from.",
        ) from problem
    try:
        if sheet and sheet not in book.sheetnames:
            raise NotFound(
                f"There is no sheet {sheet!r}.",
                reason=f"There are {', '.join(book.sheetnames[:20])}.",
                remedy="Choose one of these.",
            )
        page = book[sheet] if sheet else book.worksheets[0]
        page.reset_dimensions()
        return _limited(page.iter_rows(values_only=True), memory)
    finally:
        book.close()


def _limited(
    source_rows: Iterator[tuple[Any, ...]], memory: int
) -> tuple[list[tuple[Any, ...]], tuple[str, ...]]:
    rows: list[tuple[Any, ...]] = []
    cells = 0
    most = memory // 3 // _CELL
    last = 0
    notes: tuple[str, ...] = ()
    for row in source_rows:
        cells += len(row)
        if cells > most:
            notes = (f"The sheet is large: only its first {len(rows):,} rows were read.",)
            break
        rows.append(row)
        if any(item is not None for item in row):
            last = len(rows)
    return rows[:last], notes
