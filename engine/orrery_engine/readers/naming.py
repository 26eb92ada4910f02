"""Whether the first row of a table holds its names: the rule for texts and for workbooks.

Texts above other values are names. Numbers are names only where they say so themselves, as years or at
equal steps, and the rows below do not look the same. What could be otherwise has a reason, to be said.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_YEARS = range(1900, 2101)
_STEPS = 3  # numbers at equal steps that are no coincidence

Form = Literal["", "number", "time", "truth", "code", "text"]
_PLURALS: dict[Form, str] = {
    "number": "numbers",
    "time": "dates or times",
    "truth": "truth values",
    "code": "codes",
}


@dataclass(frozen=True)
class Cell:
    """What a cell looks like.

    Attributes:
        form: of its value; "" if it is empty.
        whole: its value, if that is a whole number.
        is_absent: whether a word such as "NA" stands in it, which says that a value is missing.
    """

    form: Form = ""
    whole: int | None = None
    is_absent: bool = False


@dataclass(frozen=True)
class Judgement:
    """Whether a first row holds names, and why; no reason where nothing else is possible."""

    names: bool
    reason: str = ""


def judge(first: Sequence[Cell], below: Sequence[Sequence[Cell]]) -> Judgement:
    """Whether a row holds names.

    Args:
        first: the first row.
        below: those below it, which are as wide.
    """
    forms = [cell.form for cell in first]
    values = [place for place, form in enumerate(forms) if form not in ("", "text")]
    if not values:
        return _by_words(first, below)
    held = " and ".join(dict.fromkeys(_PLURALS[forms[place]] for place in values))
    if not below:
        return Judgement(False, f"it is the only one, and holds {held}")
    if all(first[place].whole is not None for place in values):
        judgement = _by_numbers(first, below, values)
        if judgement is not None:
            return judgement
    columns = [[row[place].form for row in below if row[place].form] for place in range(len(first))]
    # Times are names beside texts alone, as the months of a wide table are.
    naming = {"text"} if {"number", "truth"} & {*forms} else {"text", "time"}
    above = [
        place
        for place, form in enumerate(forms)
        if form in naming and columns[place] and form not in columns[place]
    ]
    alike = [place for place in values if forms[place] in columns[place]]
    if above and len(above) >= len(alike):
        of = "1 of its fields is" if len(above) == 1 else f"{len(above)} of its fields are"
        return Judgement(True, f"it holds {held}, but {of} unlike all values below")
    if "text" in forms:
        return Judgement(False, f"it has {held} like those below")
    return Judgement(False, f"it holds {held} only")


def _by_words(first: Sequence[Cell], below: Sequence[Sequence[Cell]]) -> Judgement:
    """By texts and empty cells: a word for missing values is no name, unless other cells show that they are names."""
    columns = _values(first, below)
    absent = [columns[place] for place, cell in enumerate(first) if cell.is_absent]
    if any(own and "text" not in own for own in absent) and not _is_shown(first, columns):
        return Judgement(False, "a word for missing values stands above others")
    return Judgement(True)


def lacking(first: Sequence[Cell], below: Sequence[Sequence[Cell]]) -> str:
    """Why a row of texts may be no names: one is empty, and none stands above other values than texts."""
    columns = _values(first, below)
    unnamed = [
        place
        for place, cell in enumerate(first)
        if not cell.form and columns[place] and "text" not in columns[place]
    ]
    # The numbers of rows have no name in many files.
    numbers = [row[0].whole for row in below if row]
    are_rows = unnamed == [0] and (len(numbers) == 1 or _is_stepped(numbers))
    if not unnamed or are_rows or _is_shown(first, columns):
        return ""
    return "it lacks one above values that are no texts"


def _values(first: Sequence[Cell], below: Sequence[Sequence[Cell]]) -> list[list[Form]]:
    return [[row[place].form for row in below if row[place].form] for place in range(len(first))]


def _is_shown(first: Sequence[Cell], columns: Sequence[Sequence[Form]]) -> bool:
    """Whether a text stands above other values only."""
    return any(
        cell.form == "text" and bool(own) and "text" not in own
        for cell, own in zip(first, columns, strict=True)
    )


def _by_numbers(
    first: Sequence[Cell], below: Sequence[Sequence[Cell]], places: Sequence[int]
) -> Judgement | None:
    """By whole numbers that may be names; nothing if they do not say it."""
    own = [cell.whole for place in places if (cell := first[place]).whole is not None]
    rows = [[row[place].whole for place in places] for row in below]
    are_years = all(number in _YEARS for number in own) and len({*own}) == len(own)
    if are_years:
        cells = list(itertools.chain.from_iterable(rows))
        years = sum(number in _YEARS for number in cells if number is not None)
        if years * 2 >= len(cells):
            return None
        texts = any(cell.form == "text" for cell in first)
        sure = texts and len(own) > 1
        return Judgement(True, "" if sure else "its numbers are years, and those below are not")
    if len(own) < _STEPS or not _is_stepped(own):
        return None
    alike = sum(_is_stepped(row) for row in rows)
    recurring = all(any(row[place] == number for row in rows) for place, number in enumerate(own))
    if alike * 2 >= len(rows) or recurring:
        return None
    return Judgement(True, "its numbers follow one another")


def _is_stepped(numbers: Sequence[int | None]) -> bool:
    """Whether numbers are at equal steps."""
    whole = [number for number in numbers if number is not None]
    steps = {after - before for before, after in itertools.pairwise(whole)}
    return len(whole) == len(numbers) and len(steps) == 1 and steps != {0}
