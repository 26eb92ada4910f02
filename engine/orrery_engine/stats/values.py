"""Values as they cross the border, and what kind of column a type is."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from orrery_engine.schemas import ColumnType, Value

WHOLE = 2**53  # A browser's numbers are exact up to here.
LONG = 500  # Characters of a text that are told.
_PLAIN = frozenset({"uuid", "ipaddress"})  # Their texts say it all.
_DAY = 86_400 * 1_000_000_000
_EPOCH_UNITS = {"ns": 1_000_000_000, "us": 1_000_000, "ms": 1_000}


def column_type(dtype: pl.DataType) -> ColumnType:
    """What kind of column a polars type makes."""
    kinds: tuple[tuple[bool, ColumnType], ...] = (
        (dtype == pl.Boolean, "boolean"),
        (dtype == pl.Null, "null"),
        (dtype.is_integer(), "integer"),
        (dtype.is_float(), "float"),
        (dtype.is_decimal(), "decimal"),
        (dtype == pl.String, "text"),
        (isinstance(dtype, pl.Categorical | pl.Enum), "category"),
        (dtype == pl.Date, "date"),
        (dtype == pl.Datetime, "datetime"),
        (dtype == pl.Time, "time"),
        (dtype == pl.Duration, "duration"),
        (dtype == pl.Binary, "binary"),
    )
    return next((kind for true, kind in kinds if true), "nested")


def shorten(text: str) -> str:
    """A text that is not too long to be shown, and that every encoder takes."""
    text = text if len(text) <= LONG else text[:LONG] + "…"
    # Halves of characters stay different from each other.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def value(raw: Any) -> Value:
    """A Python object as a value that every reader of JSON understands alike."""
    if raw is None or isinstance(raw, bool):
        return raw
    if isinstance(raw, int):
        return raw if -WHOLE <= raw <= WHOLE else str(raw)
    if isinstance(raw, float):
        return number(raw)
    return shorten(raw) if isinstance(raw, str) else _other(raw)


def _other(raw: Any) -> Value:
    """What JSON has no type for, as a text."""
    if isinstance(raw, Decimal):
        return format(raw, "f") if raw.is_finite() else None
    if isinstance(raw, datetime | date | time):
        return raw.isoformat()
    if isinstance(raw, timedelta):
        return length(raw // timedelta(microseconds=1) * 1_000)
    if type(raw).__name__ == "MonthDayNano":
        return _interval(*raw)
    if isinstance(raw, bytes | bytearray | memoryview):
        return shorten("0x" + bytes(raw[: LONG // 2]).hex())
    if type(raw).__module__ in _PLAIN:
        return str(raw)
    try:
        return shorten(repr(raw))
    except RecursionError:
        return "…"


def length(nanoseconds: int) -> str:
    """A length of time as Python writes it, but to the nanosecond, and a negative one as the length with a sign."""
    days, rest = divmod(abs(nanoseconds), _DAY)
    seconds, parts = divmod(rest, 1_000_000_000)
    text = str(timedelta(seconds=seconds))
    if parts:
        text += f".{parts // 1_000:06}" + (f"{parts % 1_000:03}" if parts % 1_000 else "")
    if days:
        text = f"{days} {'day' if days == 1 else 'days'}, {text}"
    return f"-{text}" if nanoseconds < 0 else text


def _interval(months: int, days: int, nanoseconds: int) -> str:
    """A length of time whose months and days have no fixed length, as ISO 8601 writes it."""
    seconds = format(Decimal(nanoseconds) / 1_000_000_000, "f")
    seconds = seconds.rstrip("0").rstrip(".") if "." in seconds else seconds
    text = "".join(f"{count}{unit}" for count, unit in ((months, "M"), (days, "D")) if count)
    return f"P{text}" + (f"T{seconds}S" if nanoseconds or not text else "")


def number(raw: float) -> Value:
    """A float; infinite ones as words, not-a-number as nothing."""
    if math.isfinite(raw):
        return raw
    return None if math.isnan(raw) else ("inf" if raw > 0 else "-inf")


def finite(raw: float | None) -> float | None:
    """The number, if it is one that can be told."""
    return float(raw) if raw is not None and math.isfinite(raw) else None


def values(series: pl.Series) -> list[Value]:
    """All values of a short series; years that Python's own types do not know included."""
    dtype = series.dtype
    if isinstance(dtype, pl.Datetime | pl.Date):
        return list(_times(series))
    if isinstance(dtype, pl.Duration):
        unit = round(1_000_000_000 / epoch(dtype))
        counts = series.to_physical().to_list()
        return [None if item is None else length(item * unit) for item in counts]
    if dtype == pl.Time:
        return series.dt.to_string("%H:%M:%S%.f").to_list()
    if dtype in (pl.Float32, pl.Float64) or dtype.is_float():
        return [
            None if item is None else number(item) for item in series.cast(pl.Float64).to_list()
        ]
    if isinstance(dtype, pl.Categorical | pl.Enum):
        series = series.cast(pl.String)
    return [value(item) for item in series.to_list()]


def _times(series: pl.Series) -> list[str | None]:
    """Points in time as ISO texts, with microseconds only where there are some."""
    if series.dtype == pl.Date:
        return _days(series)
    zone = getattr(series.dtype, "time_zone", None)
    pattern = "%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if zone else "")
    return series.dt.to_string(pattern).to_list()


def _days(series: pl.Series) -> list[str | None]:
    """Days as ISO texts; polars knows only those of about 262,000 years, numpy all."""
    try:
        return series.dt.to_string("%Y-%m-%d").to_list()
    except pl.exceptions.PanicException:
        days = series.to_physical().to_list()
        return [None if item is None else str(np.datetime64(item, "D")) for item in days]


def epoch(dtype: pl.DataType) -> float:
    """How many of a time's units are in a second."""
    if dtype == pl.Date:
        return 1 / 86_400
    if dtype == pl.Time:
        return float(_EPOCH_UNITS["ns"])
    return float(_EPOCH_UNITS[getattr(dtype, "time_unit", "us")])
