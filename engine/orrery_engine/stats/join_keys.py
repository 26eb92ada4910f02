"""Columns that tables are joined by, and what makes a join by them go wrong."""

from __future__ import annotations

from collections.abc import Iterator

from orrery_engine.alert_builder import build_alert, percent
from orrery_engine.schemas import Alert, ColumnProfile
from orrery_engine.stats.pii import tokens

_ENDS = frozenset({"id", "ids", "key", "uuid", "guid", "pk", "fk", "sk", "identifier"})
_TYPES = frozenset({"integer", "float", "text", "category", "mixed", "decimal"})
_ROWS = 20
_EXACT = 2**53


def is_key(column: ColumnProfile) -> bool:
    """Whether the name says that rows are found by it: ``id``, ``customer_id``, ``orderKey``."""
    words = tokens(column.name)
    return bool(words) and words[-1] in _ENDS and column.type in _TYPES


def finds(column: ColumnProfile) -> bool:
    """Whether the column is a key of which there is something to say."""
    return is_key(column) and column.count - column.missing >= _ROWS


def find(column: ColumnProfile) -> Iterator[Alert]:
    """One alert that holds everything that is wrong with the key."""
    if not finds(column):
        return
    wrong = [
        text for text in (_gaps(column), _float(column), _twins(column), _edges(column)) if text
    ]
    if wrong:
        share = column.missing / column.count
        message = "A join by this key would go wrong"
        yield build_alert("join_key", "warning", (column,), message, "; ".join(wrong), share)


def _gaps(column: ColumnProfile) -> str:
    share = column.missing / column.count
    return f"{column.missing:,} rows ({percent(share)}) have none" if column.missing else ""


def _float(column: ColumnProfile) -> str:
    """A key kept as a float matches no text, and beyond 2**53 neighbours become one."""
    if column.type != "float":
        return ""
    most = column.maximum
    if isinstance(most, int | float) and abs(most) >= _EXACT:
        return "kept as floats, too large to tell neighbours apart"
    return "kept as floats"


def _twins(column: ColumnProfile) -> str:
    """Nearly unique: a few rows would be multiplied."""
    present = column.count - column.missing
    distinct = column.distinct
    if distinct is None or column.distinct_error or distinct >= present:
        return ""
    doubled = present - distinct
    return f"{doubled:,} rows repeat a value of it" if doubled <= 0.05 * present else ""


def _edges(column: ColumnProfile) -> str:
    """White space that cannot be seen keeps equal keys apart."""
    tops = [top for top in column.top if isinstance(top.value, str)]
    padded = (
        column.text.padded
        if column.text
        else sum(top.count for top in tops if str(top.value) != str(top.value).strip())
    )
    return f"{padded:,} values begin or end with white space" if padded else ""
