"""The checks that a profile suggests: what was true of the data, with room for what may reasonably come."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from orrery_engine.quoting import native
from orrery_engine.schemas import Check, ColumnProfile, Overview, Suite, Value

PATTERNS = {
    "email": r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$",
    "url": r"^\s*[A-Za-z][A-Za-z0-9+.-]*://[^\s]+\s*$",
    "uuid": r"^\s*\{?[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}\}?\s*$",
}
_MOST = 20_000
_SET = 30
_SET_ROWS = 10  # rows for each value before their set is taken to be closed
_ROWS = 20  # fewer rows say little about what is never there
_WHOLE = 500  # characters up to which a profile tells a value as it is
_UNTYPED = frozenset({"null", "mixed"})


def suggest(overview: Overview, columns: Sequence[ColumnProfile], name: str = "checks") -> Suite:
    """Checks that the profiled data keep. A statement of a sample becomes a check only where a sample can tell."""
    result = [*_of_table(overview, columns)]
    sampled = overview.sampling is not None
    seen: set[str] = set()
    for column in columns:
        if column.name not in seen:
            result += _of_column(column, sampled=sampled)
        seen.add(column.name)
    return Suite(name=name[:400] or "checks", checks=tuple(result[:_MOST]))


def _of_table(overview: Overview, columns: Sequence[ColumnProfile]) -> Iterator[Check]:
    rows = overview.rows
    if not rows:
        return
    yield Check(
        code="row_count_between",
        minimum=rows // 2,
        maximum=rows * 2,
        why=f"There were {rows:,} rows; half and twice that are allowed.",
    )
    doubled = overview.duplicates
    whole = overview.sampling is None and doubled is not None and not doubled.error
    unique = any(_is_unique(column) for column in columns)
    names = tuple(dict.fromkeys(column.name for column in columns))
    if whole and doubled is not None and not doubled.rows and not unique and rows >= _ROWS:
        listed: tuple[Value, ...] = names if len(names) == len(columns) <= 1_000 else ()
        yield Check(code="no_duplicates", values=listed, why="No row was there twice.")


def _of_column(column: ColumnProfile, *, sampled: bool) -> Iterator[Check]:
    name = column.name
    if column.type in _UNTYPED:
        yield Check(code="column_exists", column=name, why="It was there.")
        return
    yield Check(code="type", column=name, type=column.type, why=f"It was {column.dtype}.")
    if not column.count:
        return
    if column.missing < column.count / 2:
        yield _not_null(column, sampled=sampled)
    if not sampled and _is_unique(column):
        yield Check(
            code="unique",
            column=name,
            type=column.type,
            why=f"{column.distinct:,} values, no two alike.",
        )
    if column.type in ("integer", "float", "decimal"):
        yield from _range(column)
    elif column.type == "datetime" or column.type == "date":
        yield from _since(column)
    elif column.type in ("text", "category"):
        yield from _texts(column, sampled=sampled)


def _not_null(column: ColumnProfile, *, sampled: bool) -> Check:
    share = column.missing / column.count
    if not column.missing and not sampled:
        allowed, why = 0.0, "Nothing was missing."
    else:
        allowed = min(1.0, math.ceil(share * 120 + 1) / 100)
        why = f"{share:.2%} were missing."
    return Check(code="not_null", column=column.name, type=column.type, allowed=allowed, why=why)


def _is_unique(column: ColumnProfile) -> bool:
    present = column.count - column.missing
    return (
        column.type in ("integer", "text", "category")
        and not column.distinct_error
        and present >= _ROWS
        and column.distinct == present
    )


def _range(column: ColumnProfile) -> Iterator[Check]:
    low, high = native(column.minimum, "float"), native(column.maximum, "float")
    if column.infinite or not isinstance(low, int | float) or not isinstance(high, int | float):
        return
    room = (float(high) - float(low)) / 2 or max(abs(float(high)), 1.0)
    if not math.isfinite(room):
        return
    least = 0 if low >= 0 else _nice(float(low) - room, up=False)
    share = column.type != "integer" and low >= 0 and high <= 1 and high > 0.5
    most = 1 if share else (0 if high <= 0 else _nice(float(high) + room, up=True))
    if not (math.isfinite(least) and math.isfinite(most)):
        return
    yield Check(
        code="between",
        column=column.name,
        type=column.type,
        minimum=least,
        maximum=most,
        why=f"Values went from {column.minimum} to {column.maximum}.",
    )


def _nice(value: float, *, up: bool) -> int | float:
    """Two digits, away from the data."""
    if abs(value) < 1e-290 or not math.isfinite(value):
        return value
    power = math.floor(math.log10(abs(value))) - 1
    turn = math.ceil if up else math.floor
    if power >= 0:
        rounded = int(turn(value / 10**power) * 10**power)
        return rounded if abs(rounded) < 2**53 else float(rounded)
    scale = 10.0**-power
    return round(turn(value * scale) / scale, -power)


def _since(column: ColumnProfile) -> Iterator[Check]:
    if isinstance(column.minimum, str) and column.minimum:
        yield Check(
            code="between",
            column=column.name,
            type=column.type,
            minimum=column.minimum,
            why="Nothing was earlier.",
        )


def _texts(column: ColumnProfile, *, sampled: bool) -> Iterator[Check]:
    present = column.count - column.missing
    if _closed(column, present, sampled=sampled):
        values = tuple(sorted((top.value for top in column.top), key=str))
        yield Check(
            code="in_set",
            column=column.name,
            type=column.type,
            values=values,
            why=f"{present:,} values were one of {len(values)}.",
        )
        return
    text = column.text
    if text is None or present < _ROWS:
        return
    yield Check(
        code="length_between",
        column=column.name,
        type=column.type,
        minimum=min(text.shortest, 1),
        maximum=max(text.longest * 2, 1),
        allowed=0.0,
        why=f"Texts had {text.shortest} to {text.longest} characters.",
    )
    if text.looks_like in PATTERNS and text.looks_like_share >= 0.95:
        # The share is one of the texts that are not blank.
        missed = 1 - text.looks_like_share * (1 - text.blank / present)
        yield Check(
            code="matches",
            column=column.name,
            type=column.type,
            pattern=PATTERNS[text.looks_like],
            allowed=min(1.0, math.ceil(missed * 120 + 1) / 100),
            why=f"{text.looks_like_share:.1%} looked like {text.looks_like}.",
        )


def _closed(column: ColumnProfile, present: int, *, sampled: bool) -> bool:
    """Whether the frequent values are all that there are, each seen often enough to expect no others."""
    kinds = len(column.top)
    return (
        not sampled
        and 0 < kinds <= _SET
        and column.distinct == kinds
        and not column.distinct_error
        and sum(top.count for top in column.top) == present >= _ROWS
        and present >= _SET_ROWS * kinds
        and all(isinstance(top.value, str) and len(top.value) <= _WHOLE for top in column.top)
    )
