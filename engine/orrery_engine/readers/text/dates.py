"""Dates in digits whose order nothing says: which readings fit all values, and which one is the most likely.

A reading is the likelier the fewer years its values cover, for what is read in a wrong order takes days of a
month for years. What could be otherwise is said.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from orrery_engine.quoting import sql_name
from orrery_engine.readers.text.types import TextType
from orrery_engine.readers.text.typing import listed

_PART = re.compile(r"%([dmbByY])")
_WORDS = {"d": "day", "m": "month", "b": "month", "B": "month", "y": "year", "Y": "year"}
_PIVOT = 69  # of two digits: from here on they are of the century before, as everywhere
_MOST_DAYS = 100_000
_NAMED = 5

Day = tuple[int, int, int]


@dataclass(frozen=True)
class Choice:
    """The most likely of the readings that fit all values, and the others."""

    kind: TextType
    others: tuple[TextType, ...] = ()


def order(kind: TextType) -> str:
    """The parts of a date as they are written, such as "day, month, year"."""
    return ", ".join(_WORDS[part] for part in _PART.findall(kind.form))


def has_short_year(kind: TextType) -> bool:
    """Whether years have two digits."""
    return "%y" in kind.form


def rivals(kind: TextType, tried: Sequence[TextType]) -> list[TextType]:
    """The ways of writing that differ in the order of their parts only, with ``kind`` itself."""
    return [own for own in tried if own.form and _frame(own) == _frame(kind)] if kind.form else []


def _frame(kind: TextType) -> tuple[object, ...]:
    # The place of a month in words, or of four digits, is beyond doubt.
    parts = _PART.findall(kind.form)
    fixed = tuple(part if part in "bBY" else "" for part in parts)
    return _PART.split(kind.form)[::2], fixed, sorted(parts)


def first_choice(
    kinds: Sequence[TextType], texts: Sequence[str], tried: Sequence[TextType]
) -> TextType:
    """The most likely of the types that some texts look like."""
    kind = kinds[0]
    possible = [own for own in rivals(kind, tried) if own in kinds]
    if len(possible) < 2:
        return kind
    days = set()
    for text in {*texts}:
        try:
            own = datetime.strptime(text.strip(), kind.form)
        except ValueError:
            return kind
        days.add((own.day, own.month, own.year))
    return choice(kind, possible, days).kind


def choice(kind: TextType, possible: Sequence[TextType], days: Collection[Day]) -> Choice:
    """The most likely reading of days that were read as ``kind`` at first.

    Args:
        kind: how they were read.
        possible: the readings, in the order of preference; ``kind`` is one of them.
        days: each day, month and year once.
    """
    fitting = []
    for place, own in enumerate(possible):
        years = _years(kind, own, days)
        if years is not None:
            fitting.append(((max(years) - min(years), place), own))
    fitting.sort(key=lambda item: item[0])
    if not fitting:
        return Choice(kind)
    return Choice(fitting[0][1], tuple(own for _, own in fitting[1:]))


def _years(kind: TextType, other: TextType, days: Collection[Day]) -> set[int] | None:
    """The years of days that were read as one kind, read as another; none if one of them is no day then."""
    before, after = _PART.findall(kind.form), _PART.findall(other.form)
    years = set()
    for day, month, year in days:
        values = {"d": day, "m": month, "b": month, "B": month, "y": year % 100, "Y": year}
        written = {_WORDS[part]: values[own] for part, own in zip(after, before, strict=True)}
        full = written["year"]
        if "y" in after:
            full += 1900 if full >= _PIVOT else 2000
        try:
            date(full, written["month"], written["day"])
        except ValueError:
            return None
        years.add(full)
    return years or None


class Dates:
    """The columns of dates in a Parquet file whose texts were read by a form."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: str,
        kinds: Sequence[TextType],
        tried: Sequence[TextType],
    ) -> None:
        self._connection, self._source, self._kinds, self._tried = connection, source, kinds, tried

    def choices(self) -> dict[int, Choice]:
        """Of columns that more than one reading fits, the most likely one."""
        result = {}
        for place, kind in enumerate(self._kinds):
            possible = rivals(kind, self._tried)
            if len(possible) > 1 and (days := self._days(place)):
                result[place] = choice(kind, possible, days)
        return result

    def _days(self, place: int) -> list[Day]:
        column = sql_name(str(place))
        query = (
            f"SELECT DISTINCT day({column}), month({column}), year({column}) FROM {self._source}"  # noqa: S608 - names are numbers
            f" WHERE {column} IS NOT NULL LIMIT {_MOST_DAYS}"
        )
        return self._connection.execute(query).fetchall()

    def notes(self, names: Sequence[str], choices: dict[int, Choice]) -> tuple[str, ...]:
        """What was assumed of the order of their parts, and of the century."""
        by_words: dict[str, list[str]] = {}
        for place, own in choices.items():
            if own.others:
                by_words.setdefault(_of_order(own), []).append(names[place])
        lines = [f"{listed(own)}: {words}" for words, own in by_words.items()]
        short = [place for place, kind in enumerate(self._kinds) if has_short_year(kind)]
        lines += [line for place in short[:_NAMED] if (line := self._century(place, names[place]))]
        if len(short) > _NAMED:
            lines.append(
                f"{len(short) - _NAMED} more columns have years of two digits: 69 to 99 are of the 20th century."
            )
        return tuple(lines)

    def _century(self, place: int, name: str) -> str:
        column = sql_name(str(place))
        query = (
            f"SELECT year(min({column})), year(max({column})), count({column}) FILTER ({column} > current_date)"  # noqa: S608 - names are numbers
            f" FROM {self._source}"
        )
        first, last, future = self._connection.execute(query).fetchall()[0]
        if first is None:
            return ""
        line = f"{name}: years are written with two digits; they were read as {first} to {last}"
        if not future:
            return f"{line}."
        lie = "1 of these dates lies" if future == 1 else f"{future:,} of these dates lie"
        return f"{line}. {lie} in the future and may be of the century before."


def _of_order(own: Choice) -> str:
    if [order(own.kind), *map(order, own.others)] == ["day, month, year", "month, day, year"]:
        return "the day was taken to stand before the month; the values allow both."
    others = " and ".join(dict.fromkeys(map(order, own.others)))
    return f"dates were read as {order(own.kind)}; the values allow {others} as well."
