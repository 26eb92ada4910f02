"""Where the table of a sheet is: below titles, with one or two rows of names, up to another table below it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from orrery_engine.readers.naming import Cell, judge, lacking
from orrery_engine.schemas import ReaderOptions

_TITLES = 50  # rows above a table
_NAMED = 8
_JUDGED = 1_000  # rows that show what the first one is
_SOLE = 0.6  # the share of columns that the first row of a table fills

Cells = list[Any]


@dataclass
class Grid:
    """The cells of a sheet from its first corner on; an empty cell is None.

    Attributes:
        rows: the cells.
        notes: what was assumed.
        errors: rows that hold an error or a formula without its result, which are empty cells here.
        error_texts: how many cells hold which error, where errors are texts.
    """

    rows: list[Cells]
    notes: list[str] = field(default_factory=list)
    errors: set[int] = field(default_factory=set)
    error_texts: Counter[str] = field(default_factory=Counter)

    @property
    def filled(self) -> list[int]:
        """How many cells of each row hold something."""
        return [sum(cell is not None for cell in row) for row in self.rows]


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def find_table(
    grid: Grid, options: ReaderOptions, notes: list[str]
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
        return skip, 0, names, _filled(body, notes, skip, grid.errors)
    if options.header is None and _has_two_levels(body):
        notes.append("The names stand in two rows; they were joined.")
        names = [_joined(above, below) for above, below in zip(body[0], body[1], strict=True)]
        return skip, 2, names, _filled(body[2:], notes, skip + 2, grid.errors)
    names = [_name(cell) for cell in body[header - 1]] if header <= len(body) else []
    return skip, header, names, _filled(body[header:], notes, skip + header, grid.errors)


def _first_row(grid: Grid) -> int:
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


def _filled(
    rows: Sequence[Cells], notes: list[str], above: int, errors: Collection[int]
) -> list[Cells]:
    """Rows that hold something, up to another table; what is left out is said.

    Args:
        rows: those below the names.
        notes: for what is said.
        above: so many rows precede them.
        errors: rows of the sheet with errors, which the reader leaves empty.
    """
    end = _next_table(rows)
    if end is not None:
        names = listed([_name(cell) for cell in rows[end] if cell is not None])
        notes.append(
            f"In row {above + end + 1} another table begins ({names}); it was not read."
            f" It is read if {above + end} rows are skipped."
        )
        rows = rows[:end]
    remaining = [
        (place, row)
        for place, row in enumerate(rows, above)
        if place in errors or any(map(_is_filled, row))
    ]
    lost = remaining[-1][0] - above + 1 - len(remaining) if remaining else 0
    if lost:
        notes.append(f"{lost:,} empty {'row was' if lost == 1 else 'rows were'} left out.")
    return [row for _, row in remaining]


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
