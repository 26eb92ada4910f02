"""Number formats of workbooks, which show other texts than the values of cells.

What a format shows with zeros in front, or with signs between its digits, is a code: it is read as the text that a
person sees. Of others, such as percent, currencies and parts of dates, the value is read, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from orrery_engine.readers.old_workbooks import is_of_time

Showing = Literal["", "code", "other"]
_PARTS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|.', re.DOTALL)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[0-9.]+)\]")
_CURRENCY = re.compile(r"\[\$([^\-\]]*)[^\]]*\]")
_PLACES = "0#?"
_NAMED = 5
_GROUPED = re.compile("[#?]+##[0#]")
_DAY_PARTS = ("y", "m", "d")


def _parts(section: str) -> list[str]:
    return [part for part in _PARTS.findall(section) if part[0] not in "_*"]


def _sections(code: str) -> list[str]:
    sections = [""]
    for part in _PARTS.findall(code):
        if part == ";":
            sections.append("")
        else:
            sections[-1] += part
    return sections


def _literal(part: str) -> str:
    """What a part of a format shows whatever the value is."""
    if part[0] == '"':
        return part[1:-1]
    if part[0] == "\\":
        return part[1:]
    if part[0] == "[":
        currency = _CURRENCY.fullmatch(part)
        return currency[1] if currency else ""
    return part


@lru_cache(maxsize=1_024)
def showing(code: str) -> Showing:
    """How a format shows a whole number: as it is, as a code with other signs or more digits, or as something else."""
    if not code or code.lower() in ("general", "@"):
        return ""
    if is_of_time(code):
        letters = "".join(part.lower() for part in _parts(_sections(code)[0]) if part.isalpha())
        is_whole = all(part in letters for part in _DAY_PARTS)
        return "" if is_whole or not ({*"yd"} & {*letters} or "mmm" in letters) else "other"
    parts = _parts(_sections(code)[0])
    text = "".join(part for part in parts if part[0] not in '"\\[')
    places = [n for n, part in enumerate(parts) if part in _PLACES]
    if not places:
        return "" if "general" in text.lower() and len(parts) == len("general") else "other"
    around = [*parts[: places[0]], *parts[places[-1] + 1 :]]
    between = "".join(
        _literal(part) for part in parts[places[0] : places[-1]] if part not in _PLACES
    )
    digits = "".join(parts[n] for n in places)
    if "." in parts:
        digits = "".join(parts[n] for n in places if n < parts.index("."))
    if "%" not in text and "/" not in text and "." not in text and "E" not in text:
        # Signs between thousands are no part of a code.
        is_grouped = bool(_GROUPED.fullmatch(digits)) and between.strip(" \u00a0\u202f'.,") == ""
        if digits.startswith("00") or (between.strip(",") and not is_grouped):
            return "code"
    elif "%" in text or "/" in text or digits.startswith("00"):
        return "other"
    beside = "".join(map(_literal, around)).replace("E", "")
    return "other" if re.search(r"[^\s()+.,-]", beside) or text.rstrip().endswith(",") else ""


def shown(code: str, number: int) -> str:
    """What a format of codes shows of a whole number that is not negative."""
    parts = _parts(_chosen(code, number))
    places = [n for n, part in enumerate(parts) if part in _PLACES]
    digits = list(str(number))
    if not places:
        return "".join(map(_literal, parts))
    written: dict[int, str] = {}
    for place in reversed(places):
        digit = digits.pop() if digits else {"0": "0", "?": " "}.get(parts[place], "")
        written[place] = digit
    written[places[0]] = "".join(digits) + written[places[0]]
    signs = (
        written[n] if n in written else _literal(part)
        for n, part in enumerate(parts)
        if part != ","
    )
    return "".join(signs).strip()


def _chosen(code: str, number: int) -> str:
    """The part of a format that a number which is not negative has."""
    sections = _sections(code)
    conditions = [_CONDITION.search(section) for section in sections]
    for section, condition in zip(sections, conditions, strict=True):
        if condition is not None and _is_met(condition[1], number, float(condition[2])):
            return section
    if any(conditions):
        return next(
            (own for own, met in zip(sections, conditions, strict=True) if met is None), sections[0]
        )
    return sections[2] if number == 0 and len(sections) > 2 else sections[0]


def _is_met(sign: str, number: int, limit: float) -> bool:
    return {
        "<": number < limit,
        "<=": number <= limit,
        ">": number > limit,
        ">=": number >= limit,
        "=": number == limit,
        "<>": number != limit,
    }[sign]


@dataclass
class _Column:
    """The numbers of a column.

    Attributes:
        is_whole: whether all may be codes.
        is_code: whether they were read as such.
        codes: the formats of codes, by rows.
        others: formats that show something else, with the first row of each.
    """

    is_whole: bool = True
    is_code: bool = False
    codes: dict[int, str] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)


class ShownColumns:
    """The columns of a sheet whose number formats show other texts than the values."""

    def __init__(self) -> None:
        self._columns: dict[int, _Column] = {}

    def add(self, row: int, column: int, code: str, is_whole: bool) -> None:
        """A number at a row and a column, counted from 0, in a format."""
        own = self._columns.setdefault(column, _Column())
        own.is_whole = own.is_whole and is_whole
        how = showing(code)
        if how == "code":
            own.codes[row] = code
        elif how:
            own.others.setdefault(code, row)

    def apply(self, rows: Sequence[list[Any]], left: int) -> None:
        """Put the texts of codes in the place of the numbers of a grid; it begins ``left`` columns further right."""
        for column, own in self._columns.items():
            place = column - left
            if not own.codes or not own.is_whole or place < 0:
                continue
            numbers = {
                n: row[place]
                for n, row in enumerate(rows)
                if place < len(row) and type(row[place]) is int
            }
            texts = {
                n: shown(own.codes[n], number) if n in own.codes else str(number)
                for n, number in numbers.items()
            }
            # Where the format adds nothing to any of them, they are numbers.
            own.is_code = any(text != str(numbers[n]) for n, text in texts.items())
            for n, text in texts.items() if own.is_code else ():
                rows[n][place] = text

    def notes(self, named: Callable[[Iterable[int]], str], above: int) -> list[str]:
        """What to say of the columns, which ``named`` lists, below so many rows."""
        codes, others = [], []
        for column, own in sorted(self._columns.items()):
            code = next((code for row, code in own.codes.items() if row >= above), "")
            other = next((code for code, row in own.others.items() if row >= above), "")
            if code and own.is_code:
                codes.append(f"{named([column])} ({code})")
            elif other or (code and not own.is_whole):
                others.append(f"{named([column])} ({other or code})")
        lines = []
        if codes:
            lines.append(
                f"Numbers were read as the texts that number formats show: {_listed(codes)}."
            )
        if others:
            lines.append(
                f"Number formats show other texts than the values that were read: {_listed(others)}."
            )
        return lines


def _listed(items: Sequence[str]) -> str:
    more = len(items) - _NAMED
    return ", ".join(items[:_NAMED]) + (f" and {more} more" if more > 0 else "")
