"""What a report is made of, before it is HTML or Markdown."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from orrery_engine.schemas import Histogram, Value

EMPTY_CELL = "-"
_LONGEST = 200


@dataclass(frozen=True)
class Data:
    """A text that comes from data."""

    text: str


@dataclass(frozen=True)
class Bars:
    """Counts side by side, and those of the reference if there is one."""

    counts: tuple[int, ...]
    label: str
    before: tuple[int, ...] = ()


Cell = str | Data | Bars | tuple["str | Data", ...]


@dataclass(frozen=True)
class Part:
    """A heading, a few words and a table."""

    title: str | tuple[str | Data, ...]
    words: tuple[str | tuple[str | Data, ...], ...] = ()
    header: tuple[str | Data, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    # Columns of the table that hold numbers.
    numbers: frozenset[int] = frozenset()
    # Below another part, closed at first.
    detail: bool = False


def shown(text: str, longest: int = _LONGEST) -> str:
    """The text on one line: what cannot be seen, or turns the line around, is written as an escape."""
    cut = text[:longest]
    seen = "".join(
        letter
        if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        else letter.encode("unicode_escape", "surrogatepass").decode("ascii")
        for letter in cut
    )
    return seen + "…" if len(text) > longest else seen


def data(value: Value) -> Data | str:
    """A value of the data."""
    if value is None:
        return EMPTY_CELL
    if isinstance(value, float):
        return Data(number(value))
    return Data(str(value))


def number(value: float | None, digits: int = 4) -> str:
    """A number as a person reads it."""
    if value is None:
        return EMPTY_CELL
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:,.{digits}g}" if 1e-4 <= abs(value) < 1e6 else f"{value:.{digits - 1}e}"


def ends(histogram: Histogram) -> tuple[float, float]:
    """The least and the greatest number of a histogram."""
    beside = 0.5 if histogram.whole else 0.0
    return histogram.edges[0] + beside, histogram.edges[-1] - beside


def percent(part: float | None, whole: float | None = 1) -> str:
    """A share; a small one is not nothing."""
    if part is None or not whole:
        return EMPTY_CELL
    share = part / whole
    if 0 < share < 0.001:
        return "< 0.1%"
    if 0.999 < share < 1:
        return "> 99.9%"
    return f"{share * 100:.1f}%"


def size(count: int | None) -> str:
    """Bytes with a unit."""
    if count is None:
        return EMPTY_CELL
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def listed(names: Sequence[str], most: int = 5) -> tuple[str | Data, ...]:
    """Names, one beside the other."""
    result: list[str | Data] = []
    for name in names[:most]:
        result += [", "] if result else []
        result.append(Data(name))
    return (*result, f" and {len(names) - most} more") if len(names) > most else tuple(result)
