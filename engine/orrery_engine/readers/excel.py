"""A sheet of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods); formulae are never computed, their stored results are read.

The table is found as a person finds it: below titles and empty rows, beside empty columns, on the first sheet
that holds one. What was chosen among several, filled or left out is said.
"""

from __future__ import annotations

import itertools
import re
import zipfile
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

import python_calamine as calamine

from orrery_engine.readers import open_documents, workbook_cells, workbook_copies, workbook_parts
from orrery_engine.readers.cells import FrameTable, series
from orrery_engine.readers.sheet_tables import Cells, Grid, find_table, listed
from orrery_engine.readers.text import layouts, strays
from orrery_engine.schemas import ReaderOptions
from orrery_wire.errors import Invalid, NotFound

# Python objects of a cell, and how many bytes of XML make one of memory.
_CELL = 120
_RATIO = 200
_ROOM = 40  # bytes that the reader takes for a cell, empty ones too
_SMALL = 64 * 2**20
_NAMED = 8
# How workbooks begin: archives, and old documents of Office with and without a container.
_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0", b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")
_BEGINNING = 512
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_MARKS = b"\xff\xfe\xef\xbb\xbf \t\r\n"

# A length of time as OpenDocument writes it.
_DURATION = re.compile(r"(-?)PT(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:[.,]\d{1,9})?)S)?")


class ExcelTable(FrameTable):
    """A table on a sheet."""

    def __init__(self, path: Path, sheet: str, options: ReaderOptions, memory: int) -> None:
        _refuse_bombs(path, memory)
        copy = workbook_copies.mended(path)
        scanned = workbook_copies.scanned(path, copy)
        far = workbook_parts.far_apart(scanned, memory // _ROOM)
        with _opened(path, copy) as book:
            name, notes = _choose(book, sheet, far)
            page = _page(book, name)
            grid = _grid(page, memory, is_open=open_documents.is_open_document(path))
            filled = _fill_merged(grid, page.merged_cell_ranges or ())
            # Rows are given from the first one of the sheet on, columns from the first one that holds something.
            left = page.start[1] if page.start else 0
        met = workbook_cells.cells(scanned, name)
        met.apply(grid.rows, left)
        grid.errors |= met.filled_rows
        assumed: list[str] = []
        skip, header, names, data = find_table(grid, options, assumed)
        remarks = workbook_parts.remarks(scanned, name, skip + header)
        remarks.errors.update(met.errors + grid.error_texts)
        remarks.hidden_columns &= {*range(left, left + len(names))}
        titles = partial(_titles, names, left)
        notes += [*grid.notes, *remarks.notes(), *assumed, *met.notes]
        notes += [*remarks.column_notes(titles), *met.column_notes(titles, skip + header)]
        inexact = {place - left for place in remarks.inexact}
        if filled:
            notes.append("Merged cells were read as if each held the value.")
        names, columns = _without_empty(names, data, notes, inexact)
        notes += _row_notes(names, list(zip(*columns, strict=True)), header)
        read = [_column(cells) for cells in columns]
        super().__init__(names, [column for column, _ in read])
        notes += _leap_notes(
            names,
            columns,
            None if remarks.leap is None else {place - left for place in remarks.leap},
        )
        self.bytes = path.stat().st_size
        self.mixtures = {place: kinds for place, (_, kinds) in enumerate(read) if kinds}
        self.types = tuple(
            "mixed" if place in self.mixtures else type_ for place, type_ in enumerate(self.types)
        )
        self.notes = tuple(notes)
        self.reading = options.model_copy(update={"skip": skip, "header": header})
        self.sheet = name


def _refuse_bombs(path: Path, memory: int) -> None:
    """A few bytes that unpack to more than there is room for.

    Raises:
        Invalid: it is one.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
    except zipfile.BadZipFile:
        return
    whole = sum(part.file_size for part in parts)
    tight = sum(part.compress_size for part in parts)
    if whole > _SMALL and (whole > memory or whole > tight * _RATIO):
        raise Invalid(
            "The workbook unpacks to far too much.",
            reason=f"{tight:,} bytes become {whole:,}.",
            remedy="Save it again with the program that it comes from.",
        )


def _opened(path: Path, copy: IO[bytes] | None) -> Any:
    try:
        if copy is not None:
            copy.seek(0)
            return calamine.CalamineWorkbook.from_filelike(copy)
        return calamine.CalamineWorkbook.from_path(str(path))
    except calamine.PasswordError as problem:
        raise Invalid(
            "The workbook is encrypted.",
            remedy="Save it without a password, or export the sheet as CSV.",
        ) from problem
    except (calamine.CalamineError, OSError) as problem:
        raise _refused(path) from problem


def _refused(path: Path) -> Invalid:
    """What a file is that has the name of a workbook and cannot be read as one."""
    with path.open("rb") as file:
        begin = file.read(_BEGINNING)
    title = "The workbook cannot be read."
    if not begin or begin.startswith(_WORKBOOKS) or (b"\0" in begin and begin[:2] not in _WIDE):
        return Invalid(
            title,
            reason="It is damaged, or no workbook.",
            remedy="Save it again with the program that it comes from.",
        )
    if begin.replace(b"\0", b"").lstrip(_MARKS).startswith(b"<"):
        return Invalid(
            title,
            reason="It is a web page, or XML, under the name of a workbook.",
            remedy="Open it with a spreadsheet program and save it as .xlsx.",
        )
    return Invalid(
        title,
        reason="It is text under the name of a workbook.",
        remedy="Give its name the ending .csv or .tsv.",
    )


def _page(book: Any, name: str) -> Any:
    try:
        return book.get_sheet_by_name(name)
    except (calamine.CalamineError, OSError) as problem:
        raise Invalid(
            f"The sheet {name!r} cannot be read.",
            reason="It is damaged, or holds no cells, as a chart does.",
            remedy="Choose another sheet, or save the workbook again.",
        ) from problem


def _choose(book: Any, sheet: str, far: frozenset[str]) -> tuple[str, list[str]]:
    """The sheet to read, and what to say of the others."""
    names = list(book.sheet_names)
    if sheet:
        if sheet not in names:
            raise NotFound(
                f"There is no sheet {sheet!r}.",
                reason=f"There are {listed(names)}.",
                remedy="Choose one of these.",
            )
        if sheet in far:
            raise _too_far(sheet)
        return sheet, []
    shown = _visible(book) or names
    near = [name for name in names if name not in far]
    if names and not near:
        raise _too_far(names[0])
    sizes = {name: _size(book, name) for name in near if name in shown}
    filled = [name for name, (rows, _) in sizes.items() if rows]
    tables = [name for name in filled if sizes[name][0] > 1 and sizes[name][1] > 1]
    chosen = next(iter([*tables, *filled, *near]), "")
    if not chosen:
        raise Invalid("The workbook has no sheet.", remedy="Choose another file.")
    others = [name for name in filled if name != chosen]
    hidden = [name for name in near if name not in sizes and _size(book, name)[0]]
    notes = []
    if far:
        which = listed([name for name in names if name in far])
        notes.append(f"Sheets whose cells lie too far apart were not read: {which}.")
    if others:
        notes.append(f"The sheet {chosen!r} was read; there are also {listed(others)}.")
    if hidden:
        notes.append(f"Hidden sheets were not read: {listed(hidden)}.")
    return chosen, notes


def _too_far(sheet: str) -> Invalid:
    return Invalid(
        f"The sheet {sheet!r} cannot be read.",
        reason="Its cells lie so far apart that there is no room for all between them.",
        remedy="Delete the cells far below or beside the table, or export the sheet as CSV.",
    )


def _visible(book: Any) -> list[str]:
    shown = calamine.SheetVisibleEnum.Visible
    return [item.name for item in book.sheets_metadata if item.visible == shown]


def _size(book: Any, name: str) -> tuple[int, int]:
    """Rows and columns that hold something; none of a sheet that cannot be read, such as a chart."""
    try:
        page = book.get_sheet_by_name(name)
    except (calamine.CalamineError, OSError):
        return 0, 0
    rows = page.height if page.start is not None else 0
    return rows, page.width if rows else 0


def _grid(page: Any, memory: int, *, is_open: bool) -> Grid:
    """The cells of a sheet; ``is_open``: lengths of time come as texts of ISO 8601, and errors as texts."""
    rows: list[Cells] = []
    count, most = 0, memory // 3 // _CELL
    notes = []
    for row in page.iter_rows():
        count += len(row)
        if count > most:
            notes.append(f"The sheet is large: only its first {len(rows):,} rows were read.")
            break
        rows.append([_cell(item) for item in row])
    grid = Grid(rows, notes)
    if is_open:
        for place, cells in enumerate(rows):
            rows[place] = [_open_cell(item, place, grid) for item in cells]
        open_documents.align(rows)
    return grid


def _cell(item: Any) -> Any:
    """A value as Python has it: Excel keeps whole numbers as floats."""
    if item == "" and isinstance(item, str):
        return None
    if isinstance(item, float) and item.is_integer() and abs(item) < 2**53:
        return int(item)
    return item


def _open_cell(item: Any, row: int, grid: Grid) -> Any:
    """The same of a row of an OpenDocument sheet, whose times are lengths of time, and whose errors are texts."""
    if isinstance(item, str) and open_documents.ERROR.fullmatch(item):
        grid.errors.add(row)
        grid.error_texts[item] += 1
        return None
    match = _DURATION.fullmatch(item) if isinstance(item, str) else None
    if match is None:
        return item
    hours, minutes, seconds = (
        float((part or "0").replace(",", ".")) for part in match.groups()[1:]
    )
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -length if match[1] else length


def _fill_merged(grid: Grid, ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> bool:
    """Give each cell of a merged range the value of its first; a title or a note that goes across is left alone."""
    filled = False
    width = max(map(len, grid.rows), default=0)
    # Ranges of a sound workbook do not overlap: together they have no more cells than the sheet.
    room = width * len(grid.rows)
    for (top, left), (bottom, right) in ranges:
        if top >= len(grid.rows) or left >= len(grid.rows[top]):
            continue
        value = grid.rows[top][left]
        end = min(right + 1, width)
        is_title = bottom == top and right - left + 1 >= width - 1
        is_note = width > 1 and left == 0 and end == width
        if value is None or is_title or is_note:
            continue
        rows = grid.rows[top : bottom + 1]
        room -= len(rows) * (end - left)
        if room < 0:
            grid.notes.append("Merged cells overlap: the rest of them were read as they are.")
            break
        for row in rows:
            row += [None] * (end - len(row))
            row[left:end] = [value] * (end - left)
        filled = True
    return filled


def _titles(names: Sequence[str], left: int, places: Iterable[int]) -> str:
    """The names of columns of a sheet, of which ``left`` are before the table; a column without a name by its number."""
    titles = []
    for place in sorted(places):
        own = names[place - left] if 0 <= place - left < len(names) else ""
        titles.append(own or f"column {place + 1} of the sheet")
    return listed(titles)


def _without_empty(
    names: Sequence[str], data: Sequence[Cells], notes: list[str], inexact: Collection[int]
) -> tuple[list[str], list[Cells]]:
    """Names and columns without those that hold neither a name nor a value; what was left out between is said.

    Of the columns at the places ``inexact`` it is known which digits are lost.
    """
    columns = [
        [row[place] if place < len(row) else None for row in data] for place in range(len(names))
    ]
    remaining = [
        place
        for place, name in enumerate(names)
        if (name and not name.startswith("column_"))
        or any(cell is not None for cell in columns[place])
    ]
    gaps = [place for place, after in itertools.pairwise(remaining) if after - place > 1]
    if gaps:
        after = ", ".join(repr(names[place]) for place in gaps[:_NAMED])
        notes.append(
            f"Empty columns were left out (after {after}); what stands beside them was read as one table."
        )
    long = [
        names[place]
        for place in remaining
        if place not in inexact and any(map(_is_rounded, columns[place]))
    ]
    if long:
        notes.append(f"{listed(long)}: of numbers with more than 15 digits Excel keeps 15.")
    return [names[place] for place in remaining], [columns[place] for place in remaining]


def _row_notes(names: Sequence[str], rows: Sequence[Sequence[Any]], header: int) -> list[str]:
    """What to say of rows that are none of the table."""
    first = [strays.of_cells(row) for row in rows[: strays.FIRST]]
    unit = layouts.unlike(first, "The first row below the names") if header and first else ""
    return [*([unit] if unit else []), *strays.of_sheet(names if header else [], rows)]


def _leap_notes(
    names: Sequence[str], columns: Sequence[Cells], places: Collection[int] | None
) -> tuple[str, ...]:
    """What to say of the day 60 of Excel, 29 February 1900, which never was.

    Args:
        names: of the columns.
        columns: their cells.
        places: where the number 60 stands; none if that is not known.
    """
    held = [
        name
        for place, (name, cells) in enumerate(zip(names, columns, strict=True))
        if (places is None or place in places) and any(map(_is_last_day, cells))
    ]
    if not held:
        return ()
    may = "may stand for" if places is None else "stands for the 59th and for"
    return (
        f"{listed(held)}: 1900-02-28 {may} the 60th day of Excel, 29 February 1900, which never was.",
    )


def _is_last_day(cell: Any) -> bool:
    return isinstance(cell, date) and (cell.year, cell.month, cell.day) == (1900, 2, 28)


def _is_rounded(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and 1e15 <= abs(cell) < 1e20


def _column(cells: Cells) -> tuple[Any, dict[str, int]]:
    """The column; days and points in time together are points in time, times and lengths of time lengths."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {date, datetime}:
        cells = [
            cell
            if cell is None or isinstance(cell, datetime)
            else datetime(cell.year, cell.month, cell.day)
            for cell in cells
        ]
    if kinds == {time, timedelta}:
        # A length of less than a day is stored as a time of the day is.
        cells = [_length(cell) if isinstance(cell, time) else cell for cell in cells]
    return series(cells)


def _length(cell: time) -> timedelta:
    return datetime.combine(date.min, cell) - datetime.min
