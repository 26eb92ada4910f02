"""Periods of pandas, which files hold as whole numbers: so many months, days or hours since 1970."""

from __future__ import annotations

import json
import re

import numpy as np
import polars as pl
import pyarrow as pa

from orrery_engine.readers.damage import UnreadableError
from orrery_engine.schemas import ColumnType

_NAME = "pandas.period"
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FREQUENCY = re.compile(r"(\d*)([A-Za-z]+?)(?:-([A-Z]{3}))?")
# Lengths of a day and less in nanoseconds, under the names of old and new versions.
_SHORT = {
    **dict.fromkeys(("h", "H"), 3_600 * 10**9),
    **dict.fromkeys(("min", "T"), 60 * 10**9),
    **dict.fromkeys(("s", "S"), 10**9),
    **dict.fromkeys(("ms", "L"), 10**6),
    **dict.fromkeys(("us", "U"), 10**3),
    **dict.fromkeys(("ns", "N"), 1),
}
_MOST_DAYS = 2**31 - 1
# Before a year has this many months, the last of it is December.
_YEAR, _QUARTER = 12, 3


def frequency(field: pa.Field) -> str:
    """The frequency of the periods that a field holds, such as "M"; "" if it holds none."""
    if getattr(field.type, "extension_name", "") == _NAME:
        text = field.type.__arrow_ext_serialize__()
    elif (field.metadata or {}).get(b"ARROW:extension:name") == _NAME.encode():
        text = field.metadata.get(b"ARROW:extension:metadata", b"")
    else:
        return ""
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        return "?"
    return str(facts.get("freq", "?")) if isinstance(facts, dict) else "?"


def kind(name: str) -> ColumnType | None:
    """What kind of column periods of a frequency make; none if their beginnings are not known."""
    match = _FREQUENCY.fullmatch(name)
    if match is None:
        return None
    _, unit, anchor = match.groups()
    if unit in _SHORT and not anchor:
        return "datetime"
    return "date" if _first(unit, anchor) is not None else None


def note(named: str, name: str) -> str:
    """What to say of columns of periods of a frequency."""
    if kind(name) is None:
        return f"{named}: periods of pandas ({name}) were read as the whole numbers that the file holds."
    return (
        f"{named}: periods of pandas ({name}) were read as the points in time at which they begin."
    )


def beginnings(numbers: pl.Series, name: str) -> pl.Series:
    """When periods begin.

    Raises:
        UnreadableError: some are too far away.
    """
    match = _FREQUENCY.fullmatch(name)
    if match is None or kind(name) is None:
        return numbers
    _, unit, anchor = match.groups()
    whole = numbers.cast(pl.Int64)
    if unit in _SHORT:
        return _moments(whole, _SHORT[unit])
    step, first = _first(unit, anchor) or (1, 0)
    most = (_MOST_DAYS // 31 if unit in ("M", "Q", "Y", "A") else _MOST_DAYS) // step
    _refuse_eras(whole, most - abs(first))
    places = whole.fill_null(0).to_numpy() * step + first
    if unit in ("M", "Q", "Y", "A"):
        places = places.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    days = pl.Series(places, dtype=pl.Int64).cast(pl.Int32).cast(pl.Date)
    return pl.select(pl.when(whole.is_not_null()).then(days)).to_series()


def _first(unit: str, anchor: str | None) -> tuple[int, int] | None:
    """How many months or days a period is long, and where that of the number 0 begins; none if unknown."""
    if unit in ("M", "D") and not anchor:
        return 1, 0
    if unit == "W" and (anchor or "SUN") in _DAYS:
        # The week of the number 1 is that of 1 January 1970, and the anchor is its last day.
        return 7, _DAYS.index(anchor or "SUN") - 10
    if unit in ("Q", "Y", "A") and (anchor or "DEC") in _MONTHS:
        behind = len(_MONTHS) - 1 - _MONTHS.index(anchor or "DEC")
        return (_QUARTER if unit == "Q" else _YEAR), -behind
    return None


def _moments(whole: pl.Series, length: int) -> pl.Series:
    """Points in time by so many lengths in nanoseconds; to the microsecond unless they are shorter."""
    unit = 10**3 if length >= 10**3 else 1
    factor = length // unit
    _refuse_eras(whole, (2**63 - 1) // factor)
    return (whole * factor).cast(pl.Datetime("us" if unit > 1 else "ns"))


def _refuse_eras(whole: pl.Series, most: int) -> None:
    ends = (whole.min(), whole.max())
    if any(isinstance(end, int) and abs(end) > most for end in ends):
        raise UnreadableError("it holds periods that are too far away to be computed with")
