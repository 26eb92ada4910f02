"""Numbers below zero in cells of dates and times, which the reader takes for other times of the day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from orrery_engine.readers.old_workbooks import shows_date

_FIRST, _FIRST_OF_1904 = date(1899, 12, 30), date(1904, 1, 1)


@dataclass
class NegativeTimes:
    """Such cells of a sheet.

    Attributes:
        is_of_1904: whether days are counted from 1904 on.
    """

    is_of_1904: bool = False
    _cells: dict[tuple[int, int], Any] = field(default_factory=dict)
    _dates: dict[int, int] = field(default_factory=dict)

    def add(self, row: int, column: int, number: float, code: str) -> None:
        """A number of days at a row and a column, counted from 0, in a format."""
        is_date = shows_date(code)
        try:
            length = timedelta(days=number)
            self._cells[row, column] = self._day(length) if is_date else length
        except OverflowError:
            # So far away there is no calendar.
            self._cells[row, column] = number
            return
        if is_date:
            self._dates[column] = max(row, self._dates.get(column, 0))

    def _day(self, length: timedelta) -> date:
        first = _FIRST_OF_1904 if self.is_of_1904 else _FIRST
        if length % timedelta(days=1):
            return datetime.combine(first, datetime.min.time()) + length
        return first + length

    def apply(self, rows: Sequence[list[Any]], left: int) -> None:
        """Put times into a grid, which begins ``left`` columns further right."""
        for (row, column), item in self._cells.items():
            place = column - left
            if row < len(rows) and 0 <= place < len(rows[row]):
                rows[row][place] = item

    def notes(self, named: Callable[[Iterable[int]], str], above: int) -> list[str]:
        """What to say of columns, which ``named`` lists, below so many rows."""
        columns = [column for column, last in self._dates.items() if last >= above]
        if not columns:
            return []
        first = _FIRST_OF_1904 if self.is_of_1904 else _FIRST
        return [
            f"{named(columns)}: numbers below 0 in formats of dates were read as days before {first}."
        ]
