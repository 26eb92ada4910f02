"""Python values of records as columns of Arrow: of one type each, or as texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from orrery_engine.preview.cells import CellWriter
from orrery_engine.schemas.vocabulary import ColumnType

FIRST_ROWS = 128
MOST_ROWS = 8_192
_SURE_DIGITS = 15
_NATIVE: Mapping[frozenset[type], Any] = {
    frozenset([bool]): pa.bool_,
    frozenset([str]): pa.large_string,
    frozenset([float]): pa.float64,
    frozenset([int, float]): pa.float64,
    frozenset([bytes]): pa.large_binary,
    frozenset([date]): pa.date32,
    frozenset([time]): lambda: pa.time64("us"),
    frozenset([timedelta]): lambda: pa.duration("us"),
}
_LARGEST = 2**63


def column(values: Sequence[Any]) -> tuple[pa.Array, ColumnType | None]:
    """Values as an array, and what kind of column they are if the array's type does not say."""
    types = frozenset(type(value) for value in values if value is not None)
    if not types:
        return pa.nulls(len(values)), None
    if types <= {int, float, Decimal}:
        return _numbers(values, types)
    if types & {dict, list, tuple}:
        return _nested(values), "nested" if types <= {dict, list, tuple} else "mixed"
    if types == {datetime}:
        return _moments(values), None
    native = _NATIVE.get(types)
    try:
        if native is not None:
            return pa.array(values, native()), None
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        pass
    return _texts(values), "mixed" if len(types) > 1 else None


def _numbers(values: Sequence[Any], types: frozenset[type]) -> tuple[pa.Array, ColumnType | None]:
    """Numbers exactly: as texts where floats or integers of 64 bits would not hold all digits."""
    if types == {int}:
        if all(value is None or -_LARGEST <= value < _LARGEST for value in values):
            return pa.array(values, pa.int64()), None
        return _texts(values), "integer"
    if Decimal in types and not all(value is None or _is_short(value) for value in values):
        return _texts(values), "decimal"
    return pa.array(
        [None if value is None else float(value) for value in values], pa.float64()
    ), None


def _is_short(value: int | float | Decimal) -> bool:
    if not isinstance(value, Decimal):
        return True
    return not value.is_finite() or (
        len(value.as_tuple().digits) <= _SURE_DIGITS and abs(value.adjusted()) < 300
    )


def _moments(values: Sequence[Any]) -> pa.Array:
    zones = {value.tzinfo is not None for value in values if value is not None}
    type_ = pa.timestamp("us", "UTC") if zones == {True} else pa.timestamp("us")
    return pa.array(values, type_) if len(zones) == 1 else _texts(values)


def _nested(values: Sequence[Any]) -> pa.Array:
    writer = CellWriter()
    return pa.array(
        [None if value is None else _json(value, writer) for value in values], pa.large_string()
    )


def _json(value: Any, writer: CellWriter) -> str:
    if not isinstance(value, dict | list | tuple):
        return str(writer.value(value))
    try:
        text = json.dumps(value, ensure_ascii=False, default=lambda raw: writer.value(raw))
    except (ValueError, RecursionError, TypeError):
        return "(nested too deeply)"
    return text.encode("utf-8", "replace").decode("utf-8")


def _texts(values: Sequence[Any]) -> pa.Array:
    texts = [
        None if value is None else str(value).encode("utf-8", "replace").decode()
        for value in values
    ]
    return pa.array(texts, pa.large_string())


class Columns:
    """The columns of records, in the order of their first occurrence."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.places: dict[str, int] = {name: place for place, name in enumerate(names)}
        self.kinds: dict[int, ColumnType] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self.places)

    def batch(self, records: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
        """Records as a batch; what a record lacks is missing."""
        for record in records:
            if len(record) != len(self.places) or any(name not in self.places for name in record):
                for name in record:
                    self.places.setdefault(name, len(self.places))
        arrays = []
        for name, place in self.places.items():
            array, kind = column([record.get(name) for record in records])
            if kind is not None:
                self.kinds[place] = kind
            arrays.append(array)
        if not arrays:
            arrays = [pa.nulls(len(records))]
            return pa.RecordBatch.from_arrays(arrays, names=[""])
        return pa.RecordBatch.from_arrays(
            arrays, names=[str(place) for place in range(len(arrays))]
        )


def groups(items: Iterator[Any]) -> Iterator[list[Any]]:
    """Items in lists that become longer: the first rows are there soon, and many rows cost little."""
    size = FIRST_ROWS
    group: list[Any] = []
    for item in items:
        group.append(item)
        if len(group) >= size:
            yield group
            group, size = [], min(MOST_ROWS, size * 2)
    if group:
        yield group
