"""A sheet of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods); formulae are never computed, their stored results are read.

The table is found as a person finds it: below titles and empty rows, beside empty columns, on the first sheet
that holds one. What was chosen among several, filled or left out is said.
"""

from __future__ import annotations

import itertools
import re
import zipfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import python_calamine as calamine

from orrery_engine.readers import workbook_copies, workbook_parts
from orrery_engine.readers.cells import FrameTable, series
from orrery_engine.readers.naming import Cell, judge, lacking
from orrery_engine.readers.text import layouts
from orrery_engine.schemas import ReaderOptions
from orrery_wire.errors import Invalid, NotFound

# Python objects of a cell, and how many bytes of XML make one of memory.
_CELL = 120
_RATIO = 200
_ROOM = 40  # bytes that the reader takes for a cell, empty ones too
_SMALL = 64 * 2**20
_TITLES = 50  # rows above a table
_NAMED = 8
_JUDGED = 1_000  # rows that show what the first one is
_SOLE = 0.6  # the share of columns that the first row of a table fills

# A length of time as OpenDocument writes it.
_DURATION = re.compile(r"(-?)PT(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:[.,]\d{1,9})?)S)?")

Cells = list[Any]


@dataclass
class _Grid:
    """The cells of a sheet from its first corner on; an empty cell is None."""

    rows: list[Cells]
    notes: list[str] = field(default_factory=list)

    @property
    def filled(self) -> list[int]:
        """How many cells of each row hold something."""
        return [sum(cell is not None for cell in row) for row in self.rows]


class ExcelTable(FrameTable):
    """A table on a sheet."""

    def __init__(self, path: Path, sheet: str, options: ReaderOptions, memory: int) -> None:
        _refuse_bombs(path, memory)
        far = workbook_parts.far_apart(path, memory // _ROOM)
        with _opened(path) as book:
            name, notes = _choose(book, sheet, far)
            page = _page(book, name)
            grid = _grid(page, memory, has_durations=workbook_parts.is_open_document(path))
            filled = _fill_merged(grid, page.merged_cell_ranges or ())
            # Rows are given from the first one of the sheet on, columns from the first one that holds something.
            left = page.start[1] if page.start else 0
        assumed: list[str] = []
        skip, header, names, data = _table(grid, options, assumed)
        remarks = workbook_parts.remarks(path, name, skip + header)
        notes += [*grid.notes, *remarks.notes(), *assumed]
        notes += remarks.column_notes(lambda places: _titles(names, left, places))
        inexact = {place - left for place in remarks.inexact}
        if filled:
            notes.append("Merged cells were read as if each held the value.")
        names, columns = _without_empty(names, data, notes, inexact)
        if header:
            notes += layouts.of_sheet(names, list(zip(*columns, strict=True)))
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


def _opened(path: Path) -> Any:
    copy = workbook_copies.mended(path)
    try:
        if copy is not None:
            return calamine.CalamineWorkbook.from_filelike(copy)
        return calamine.CalamineWorkbook.from_path(str(path))
    except calamine.PasswordError as problem:
        raise Invalid(
            "The workbook is encrypted.",
            remedy="Save it without a password, or export the sheet as CSV.",
        ) from problem
    except (calamine.CalamineError, OSError) as problem:
        raise Invalid(
            "The workbook cannot be read.",
            reason="It is damaged, or no workbook.",
            remedy="Save it again with the program that it comes from.",
        ) from problem


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
                reason=f"There are {_listed(names)}.",
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
        which = _listed([name for name in names if name in far])
        notes.append(f"Sheets whose cells lie too far apart were not read: {which}.")
    if others:
        notes.append(f"The sheet {chosen!r} was read; there are also {_listed(others)}.")
    if hidden:
        notes.append(f"Hidden sheets were not read: {_listed(hidden)}.")
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


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _grid(page: Any, memory: int, *, has_durations: bool) -> _Grid:
    """The cells of a sheet; ``has_durations``: lengths of time come as texts of ISO 8601."""
    rows: list[Cells] = []
    cells, most = 0, memory // 3 // _CELL
    notes = []
    for row in page.iter_rows():
        cells += len(row)
        if cells > most:
            notes.append(f"The sheet is large: only its first {len(rows):,} rows were read.")
            break
        read = _open_cell if has_durations else _cell
        rows.append([read(item) for item in row])
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    return _Grid(rows, notes)


def _cell(item: Any) -> Any:
    """A value as Python has it: Excel keeps whole numbers as floats."""
    if item == "" and isinstance(item, str):
        return None
    if isinstance(item, float) and item.is_integer() and abs(item) < 2**53:
        return int(item)
    return item


def _open_cell(item: Any) -> Any:
    """The same of an OpenDocument sheet, whose times are lengths of time."""
    match = _DURATION.fullmatch(item) if isinstance(item, str) else None
    if match is None:
        return _cell(item)
    hours, minutes, seconds = (float(part or 0) for part in match.groups()[1:])
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -length if match[1] else length


def _fill_merged(grid: _Grid, ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> bool:
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


def _table(
    grid: _Grid, options: ReaderOptions, notes: list[str]
) -> tuple[int, int, list[str], list[Cells]]:
    """Rows above the table, the row of the names below them, the names, and the rows of data."""
    rows = grid.rows
    if not rows:
        return 0, 1, [], []
    skip = options.skip if options.skip is not None else _first_row(grid)
    body = rows[skip:]
    width = max(map(len, body), default=0)
    body = [row + [None] * (width - len(row)) for row in body]
    if skip and options.skip is None and any(grid.filled[:skip]):
        notes.append(f"The first {skip} rows were not read: the table begins below.")
    header = options.header
    if header is None:
        dated = _has_dates_for_names(body)
        if dated:
            notes.append("The dates in the first row were read as names: below them stand numbers.")
        header = 1 if dated else _header(body, notes)
    if not header:
        names = [f"column_{place + 1}" for place in range(width)]
        return skip, 0, names, _filled(body, notes, skip)
    if options.header is None and _has_two_levels(body):
        notes.append("The names stand in two rows; they were joined.")
        names = [_joined(above, below) for above, below in zip(body[0], body[1], strict=True)]
        return skip, 2, names, _filled(body[2:], notes, skip + 2)
    names = [_name(cell) for cell in body[header - 1]] if header <= len(body) else []
    return skip, header, names, _filled(body[header:], notes, skip + header)


def _first_row(grid: _Grid) -> int:
    """Where the table begins: at the first row that fills most of the columns that later rows fill."""
    counts = grid.filled
    usual = max(counts[: _TITLES * 4], default=0)
    for place, count in enumerate(counts[:_TITLES]):
        if count and count >= _SOLE * usual:
            return place + _is_padded_title(grid.rows[place : place + _TITLES])
    return next((place for place, count in enumerate(counts) if count), 0)


def _is_padded_title(rows: Sequence[Cells]) -> bool:
    """Whether the first row is a title with a number in it, such as a year, above a fuller row of names."""
    if len(rows) < 3:
        return False
    title, names = ([cell for cell in row if cell is not None] for row in rows[:2])
    if len(title) >= len(names) or not all(isinstance(cell, str) for cell in names):
        return False
    if not isinstance(title[0], str) or not any(map(_is_value, title)):
        return False
    below = [[row[place] for row in rows[2:] if place < len(row)] for place in range(len(rows[1]))]
    return any(own and all(map(_is_value, own)) for own in below)


def _header(body: Sequence[Cells], notes: list[str]) -> int:
    """Whether the first row holds names; what could be otherwise is said."""
    below = [[_form(cell) for cell in row] for row in body[1:_JUDGED] if any(map(_is_filled, row))]
    judgement = judge([_form(cell) for cell in body[0]] if body else [], below)
    if not judgement.names:
        notes.append("The first row was read as data: it holds no names.")
    elif judgement.reason:
        notes.append(f"The first row was taken for names: {judgement.reason}.")
    elif below and all(cell.form in ("", "text") for row in below for cell in row):
        notes.append("The first row was taken for names: all rows hold texts only.")
    elif lack := lacking([_form(cell) for cell in body[0]] if body else [], below):
        notes.append(f"The first row was taken for names: {lack}.")
    return int(judgement.names)


def _is_filled(cell: Any) -> bool:
    return cell is not None


def _form(cell: Any) -> Cell:
    """What a cell looks like."""
    if cell is None:
        return Cell()
    if isinstance(cell, bool):
        return Cell("truth")
    if isinstance(cell, int | float):
        return Cell("number", cell if isinstance(cell, int) else None)
    return Cell("time" if isinstance(cell, date | time | timedelta) else "text")


def _has_dates_for_names(body: Sequence[Cells]) -> bool:
    """Whether the first row holds dates, one after the other, above numbers, and texts besides."""
    first = body[0] if body else []
    dated = [place for place, cell in enumerate(first) if isinstance(cell, date)]
    others = [cell for cell in first if cell is not None and not isinstance(cell, date)]
    if not dated or not all(isinstance(cell, str) for cell in others):
        return False
    days = [_moment(first[place]) for place in dated]
    if len(set(days)) < len(days) or days not in (sorted(days), sorted(days, reverse=True)):
        return False
    below = [[row[place] for row in body[1:] if row[place] is not None] for place in dated]
    return all(below) and all(isinstance(cell, int | float) for cells in below for cell in cells)


def _moment(day: date) -> datetime:
    return day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)


def _has_two_levels(body: Sequence[Cells]) -> bool:
    """Whether names go across several columns, with more names below them."""
    if len(body) < 3:
        return False
    above, below = body[0], body[1]
    if not all(isinstance(cell, str) for cell in below if cell is not None):
        return False
    repeated = any(left is not None and left == right for left, right in itertools.pairwise(above))
    data = [cell for cell in body[2] if cell is not None]
    return repeated and any(not isinstance(cell, str) for cell in data)


def _joined(above: Any, below: Any) -> str:
    parts = [_name(above), _name(below)]
    return parts[0] if parts[0] == parts[1] else " ".join(part for part in parts if part)


def _name(cell: Any) -> str:
    if isinstance(cell, datetime) and cell.time() == time():
        cell = cell.date()
    return "" if cell is None else str(cell)


def _filled(rows: Sequence[Cells], notes: list[str], above: int) -> list[Cells]:
    """Rows that hold something, up to another table; what is left out is said. ``above`` rows precede them."""
    end = _next_table(rows)
    if end is not None:
        names = _listed([_name(cell) for cell in rows[end] if cell is not None])
        notes.append(
            f"In row {above + end + 1} another table begins ({names}); it was not read."
            f" It is read if {above + end} rows are skipped."
        )
        rows = rows[:end]
        while rows and not any(cell is not None for cell in rows[-1]):
            rows = rows[:-1]
    remaining = [row for row in rows if any(cell is not None for cell in row)]
    if len(remaining) < len(rows):
        lost = len(rows) - len(remaining)
        notes.append(f"{lost:,} empty {'row was' if lost == 1 else 'rows were'} left out.")
    return remaining


def _next_table(rows: Sequence[Cells]) -> int | None:
    """Where another table begins: names below an empty row, with other values above and below them."""
    for place in range(2, len(rows) - 1):
        cells = [cell for cell in rows[place] if cell is not None]
        if len(cells) < 2 or any(cell is not None for cell in rows[place - 1]):
            continue
        if not all(isinstance(cell, str) for cell in cells):
            continue
        own = [number for number, cell in enumerate(rows[place]) if cell is not None]
        values = [(rows[0][number], rows[place + 1][number]) for number in own]
        if any(_is_value(upper) and _is_value(lower) for upper, lower in values):
            return place
        if _is_wider(rows, place, own):
            return place
    return None


def _is_wider(rows: Sequence[Cells], place: int, own: Sequence[int]) -> bool:
    """Whether names stand above a row of as many cells, with a value in a column that holds nothing above them."""
    below = [number for number, cell in enumerate(rows[place + 1]) if cell is not None]
    if below != [*own]:
        return False
    return any(
        _is_value(rows[place + 1][number]) and all(row[number] is None for row in rows[:place])
        for number in own
    )


def _is_value(cell: Any) -> bool:
    return cell is not None and not isinstance(cell, str)


def _titles(names: Sequence[str], left: int, places: Iterable[int]) -> str:
    """The names of columns of a sheet, of which ``left`` are before the table; a column without a name by its number."""
    listed = []
    for place in sorted(places):
        own = names[place - left] if 0 <= place - left < len(names) else ""
        listed.append(own or f"column {place + 1} of the sheet")
    return _listed(listed)


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
        notes.append(f"{_listed(long)}: of numbers with more than 15 digits Excel keeps 15.")
    return [names[place] for place in remaining], [columns[place] for place in remaining]


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
        f"{_listed(held)}: 1900-02-28 {may} the 60th day of Excel, 29 February 1900, which never was.",
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
