"""Values of Arrow as cells of a grid: what JSON has a type for, and short texts of all else."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from orrery_engine.schemas.vocabulary import ColumnType, Value

WHOLE = 2**53  # a browser's numbers are exact up to here
LONG = 2_000
_BINARY_SHOWN = 64
_DEEPEST = 30
_SIMPLE = (pa.types.is_boolean, pa.types.is_int8, pa.types.is_int16, pa.types.is_int32)
_KINDS: tuple[tuple[Any, ColumnType], ...] = (
    (pa.types.is_null, "null"),
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_integer, "integer"),
    (pa.types.is_floating, "float"),
    (pa.types.is_decimal, "decimal"),
    (pa.types.is_date, "date"),
    (pa.types.is_timestamp, "datetime"),
    (pa.types.is_time, "time"),
    (pa.types.is_duration, "duration"),
    (pa.types.is_interval, "duration"),
    (pa.types.is_string, "text"),
    (pa.types.is_large_string, "text"),
    (pa.types.is_string_view, "text"),
    (pa.types.is_dictionary, "category"),
    (pa.types.is_binary, "binary"),
    (pa.types.is_large_binary, "binary"),
    (pa.types.is_binary_view, "binary"),
    (pa.types.is_fixed_size_binary, "binary"),
)


def kind(type_: pa.DataType) -> ColumnType:
    """What kind of column an Arrow type makes."""
    if isinstance(type_, pa.BaseExtensionType):
        return kind(type_.storage_type)
    if pa.types.is_run_end_encoded(type_):
        return kind(type_.value_type)
    return next((name for is_kind, name in _KINDS if is_kind(type_)), "nested")


class CellWriter:
    """Writes cells, and counts those that are shown cut."""

    def __init__(self) -> None:
        self.cut = 0

    def column(self, array: pa.ChunkedArray) -> list[Value]:
        """The cells of a column."""
        type_ = array.type
        if any(is_simple(type_) for is_simple in _SIMPLE):
            values: list[Value] = array.to_pylist()
            return values
        return [self.value(item) for item in self._objects(array)]

    def _objects(self, array: pa.ChunkedArray) -> Iterator[Any]:
        """The Python objects of a column; where one has none, its text."""
        for chunk in array.chunks:
            # A file may lie about lengths and encodings, and what is built on that reads beyond its memory.
            try:
                chunk.validate(full=True)
            except pa.ArrowInvalid:
                yield from self._damaged(chunk)
                continue
            try:
                yield from chunk.to_pylist()
            except (ValueError, OverflowError, UnicodeDecodeError, pa.ArrowException):
                yield from map(_single, chunk)

    def _damaged(self, chunk: pa.Array) -> Iterator[Any]:
        """Values of a chunk that is not what it should be: texts that are no Unicode as their bytes."""
        try:
            binary = chunk.view(
                pa.large_binary() if pa.types.is_large_string(chunk.type) else pa.binary()
            )
            binary.validate(full=True)
        except (pa.ArrowException, TypeError):
            yield from ["(damaged)"] * len(chunk)
            return
        for item in binary.to_pylist():
            yield None if item is None else item.decode("utf-8", "replace")

    def value(self, raw: Any, depth: int = 0) -> Value:
        """An object as a cell."""
        if raw is None or isinstance(raw, bool):
            return raw
        if isinstance(raw, int):
            return raw if -WHOLE <= raw <= WHOLE else str(raw)
        if isinstance(raw, float):
            return raw if math.isfinite(raw) else str(raw)
        if isinstance(raw, str):
            return self._short(raw)
        if isinstance(raw, bytes):
            return self._bytes(raw)
        if isinstance(raw, dict | list | tuple):
            return self._nested(raw)
        return self._short(_text(raw))

    def _bytes(self, raw: bytes) -> str:
        if len(raw) <= _BINARY_SHOWN:
            return "0x" + raw.hex()
        self.cut += 1
        return f"0x{raw[:_BINARY_SHOWN].hex()}… ({len(raw):,} bytes)"

    def _short(self, text: str) -> str:
        if len(text) > LONG:
            self.cut += 1
            text = text[:LONG] + "…"
        return text.encode("utf-8", "replace").decode("utf-8")

    def _nested(self, raw: Any) -> str:
        room = [LONG]
        try:
            return self._short(json.dumps(_plain(raw, 0, room), ensure_ascii=False, default=_text))
        except (ValueError, RecursionError):
            return "(nested too deeply)"


def _plain(raw: Any, depth: int, room: list[int]) -> Any:
    """A nested value as JSON has it, no longer than can be shown."""
    if depth > _DEEPEST or room[0] <= 0:
        return "…"
    room[0] -= 4
    if isinstance(raw, dict):
        return {
            str(key)[:LONG]: _plain(item, depth + 1, room)
            for key, item in _first(raw.items(), room)
        }
    if isinstance(raw, list | tuple):
        # The pairs of a map come as tuples.
        return [_plain(item, depth + 1, room) for item in _first(raw, room)]
    if isinstance(raw, str):
        room[0] -= len(raw)
        return raw[:LONG]
    if isinstance(raw, bytes):
        return "0x" + raw[:_BINARY_SHOWN].hex()
    if isinstance(raw, float) and not math.isfinite(raw):
        return str(raw)
    return raw if raw is None or isinstance(raw, bool | int | float) else _text(raw)


def _first(items: Any, room: list[int]) -> Iterator[Any]:
    """Items while there is room for them, and a sign for the others."""
    for item in items:
        if room[0] <= 0:
            return
        yield item


def _text(raw: Any) -> str:
    if isinstance(raw, Decimal):
        return format(raw, "f") if raw.is_finite() and abs(raw.adjusted()) < 400 else str(raw)
    if isinstance(raw, datetime | date | time):
        return raw.isoformat()
    if isinstance(raw, timedelta):
        return str(raw)
    return str(raw)[: LONG + 1]


def _single(scalar: pa.Scalar) -> Any:
    """A value for which Python may have no object, such as a day of the year 12,000."""
    try:
        return scalar.as_py()
    except (ValueError, OverflowError, UnicodeDecodeError, pa.ArrowException):
        pass
    try:
        return scalar.cast(pa.string()).as_py()
    except pa.ArrowException:
        return str(getattr(scalar, "value", "(not shown)"))
