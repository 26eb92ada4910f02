"""One sheet of an Excel file; formulae are never computed, their kept results are read."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from orrery_server.eda.engine.readers.base import Row, Table
from orrery_server.eda.engine.values import column_type, value, values
from orrery_server.errors import Invalid, NotFound

# Python objects of a cell, and how many bytes of XML make one of memory.
_CELL = 120
_RATIO = 200
_SMALL = 64 * 2**20


class FrameTable(Table):
    """A table that is in memory as a whole."""

    def __init__(self, names: Sequence[str], columns: Sequence[pl.Series]) -> None:
        self._columns = list(columns)
        self.names = tuple(names)
        self.dtypes = tuple(str(one.dtype) for one in columns)
        self.types = tuple(column_type(one.dtype) for one in columns)
        self.rows = len(columns[0]) if columns else 0
        self.threads = 2

    def head(self, count: int) -> tuple[Row, ...]:
        """The first rows."""
        return tuple(zip(*(values(one.head(count)) for one in self._columns), strict=True))

    def column(self, index: int) -> pl.Series:
        """A column."""
        return self._columns[index]

    def frame(self, indices: Sequence[int]) -> pl.DataFrame:
        """Some columns side by side."""
        return pl.DataFrame(
            [self._columns[index].alias(str(place)) for place, index in enumerate(indices)]
        )

    def some(self, places: Sequence[int], columns: int) -> tuple[Row, ...]:
        """Rows by their places."""
        told = [values(one.gather(list(places))) for one in self._columns[:columns]]
        return tuple(zip(*told, strict=True))


class ExcelTable(FrameTable):
    """A sheet whose first row holds the names."""

    def __init__(self, path: Path, sheet: str, memory: int) -> None:
        _refuse_bombs(path, memory)
        rows, notes = _rows(path, sheet, memory)
        header = rows[0] if rows else ()
        mixtures: dict[int, dict[str, int]] = {}
        columns = []
        for place in range(len(header)):
            series, kinds = _series([row[place] if place < len(row) else None for row in rows[1:]])
            columns.append(series)
            if kinds:
                mixtures[place] = kinds
        super().__init__(["" if one is None else str(one) for one in header], columns)
        self.bytes = path.stat().st_size
        self.mixtures = mixtures
        self.types = tuple(
            "mixed" if place in mixtures else one for place, one in enumerate(self.types)
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
    rows: Iterator[tuple[Any, ...]], memory: int
) -> tuple[list[tuple[Any, ...]], tuple[str, ...]]:
    kept: list[tuple[Any, ...]] = []
    cells = 0
    most = memory // 3 // _CELL
    last = 0
    notes: tuple[str, ...] = ()
    for row in rows:
        cells += len(row)
        if cells > most:
            notes = (f"The sheet is large: only its first {len(kept):,} rows were read.",)
            break
        kept.append(row)
        if any(one is not None for one in row):
            last = len(kept)
    return kept[:last], notes


def _series(cells: list[Any]) -> tuple[pl.Series, dict[str, int]]:
    """The cells of a column; texts and how many of which type, if they are of several."""
    kinds: dict[str, int] = {}
    for one in cells:
        if one is not None:
            name = type(one).__name__
            kinds[name] = kinds.get(name, 0) + 1
    if set(kinds) == {"int", "float"}:
        return pl.Series([None if one is None else float(one) for one in cells]), {}
    if len(kinds) <= 1:
        try:
            return pl.Series(cells, strict=True), {}
        except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
            kinds = {}
    told = [None if one is None else str(value(one)) for one in cells]
    return pl.Series(told, dtype=pl.String), kinds
