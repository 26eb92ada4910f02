"""Columns of Python objects as Arrow: one type if all values have one, else their texts.

Everything goes piece by piece, so that no step holds the interpreter for long.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

MIXED = "orrery:mixed"
LONGEST = 10_000
# Structs with more fields, and Python's integers with more digits, are told as texts.
_FIELDS = 100
_DIGITS = 76
_KINDS = 20
_ITEMS = 1_000

Piece = Sequence[Any]
Pieces = Callable[[], Iterator[Piece]]
Convert = Callable[[Piece], "pa.Array"]

_FAMILIES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (str, "text"),
    (bool, "boolean"),
    (int, "integer"),
    (float, "float"),
    (Decimal, "decimal"),
    (dt.datetime, "datetime"),
    (dt.date, "date"),
    (dt.time, "time"),
    (dt.timedelta, "duration"),
    ((bytes, bytearray), "binary"),
    (dict, "mapping"),
    ((list, tuple, set, frozenset), "list"),
)
# Scalars of numpy belong to no class of Python's; they are known by name, so that numpy need not be imported here.
_BY_NAME = {"bool": "boolean", "bool_": "boolean", "str_": "text", "ndarray": "list"}
_MISSING = frozenset({"NoneType", "NAType", "NaTType"})


class Objects:
    """How a column of Python objects becomes Arrow, decided by one look at all of its values."""

    def __init__(self, pieces: Pieces, arrow: ModuleType) -> None:
        self._arrow = arrow
        self._pieces = pieces
        self._counts: Counter[type] = Counter()
        self._count()
        self.note: dict[str, str] = {}
        self.convert: Convert = self._texts
        self.type = self._decide()

    def _count(self) -> None:
        """Of which types the values are; a float that is no number is a missing value."""
        for piece in self._pieces():
            counts = Counter(map(type, piece))
            if float in counts:
                counts[float] -= sum(
                    1 for value in piece if type(value) is float and value != value
                )
            self._counts.update(counts)
        for kind in [kind for kind, count in self._counts.items() if count <= 0]:
            del self._counts[kind]
        for kind in [kind for kind in self._counts if kind.__name__ in _MISSING]:
            del self._counts[kind]

    def _decide(self) -> pa.DataType | None:
        arrow = self._arrow
        families = {family(kind) for kind in self._counts}
        if not families:
            self.convert = lambda piece: arrow.nulls(len(piece))
            return arrow.null()
        if families == {"text"}:
            self.convert = self._strings
            return arrow.large_string()
        if families <= {"integer", "float"} and "float" in families:
            families = {"float"}
        if len(families) == 1:
            return self._single(families.pop())
        common = self._counts.most_common(_KINDS)
        self.note[MIXED] = json.dumps({kind.__name__: count for kind, count in common})
        return arrow.large_string()

    def _single(self, only: str) -> pa.DataType | None:
        arrow = self._arrow
        expected = {
            "binary": arrow.large_binary,
            "boolean": arrow.bool_,
            "date": arrow.date32,
            "float": arrow.float64,
            "time": lambda: arrow.time64("us"),
            "duration": lambda: arrow.duration("us"),
            "datetime": self._times,
            "decimal": self._decimals,
            "integer": self._integers,
            "list": self._nested,
            "mapping": self._nested,
        }.get(only)
        chosen = expected() if expected else None
        if chosen is not None and self._fits(chosen):
            self.convert = lambda piece: arrow.array(_plain(piece), chosen, from_pandas=True)
            return chosen
        if only == "mapping":
            return self._pairs()
        if only == "list":
            self.convert = self._items
            return arrow.large_list(arrow.large_string())
        self.convert = self._words
        return arrow.large_string()

    def _fits(self, chosen: pa.DataType) -> bool:
        """Whether every value can be had in a type."""
        try:
            for piece in self._pieces():
                self._arrow.array(_plain(piece), chosen, from_pandas=True)
        except (self._arrow.ArrowException, *_REFUSED):
            return False
        return True

    def _integers(self) -> pa.DataType | None:
        low, high = 0, 0
        for piece in self._pieces():
            whole = [int(value) for value in piece if not missing(value)]
            low, high = min(low, *whole, 0), max(high, *whole, 0)
        if low >= -(2**63) and high < 2**63:
            return self._arrow.int64()
        if low >= 0 and high < 2**64:
            return self._arrow.uint64()
        return None

    def _decimals(self) -> pa.DataType | None:
        """The narrowest type that holds all digits; None if a value is no number."""
        scale, before = 0, 1
        for piece in self._pieces():
            for value in piece:
                if missing(value):
                    continue
                digits, exponent = value.as_tuple()[1:]
                if not isinstance(exponent, int):
                    return None
                scale = max(scale, -exponent)
                before = max(before, len(digits) + exponent)
        if before + scale > _DIGITS:
            return None
        kind = self._arrow.decimal128 if before + scale <= 38 else self._arrow.decimal256
        return kind(before + scale, scale)

    def _times(self) -> pa.DataType | None:
        zones: set[bool] = set()
        for piece in self._pieces():
            zones |= {value.tzinfo is not None for value in piece if not missing(value)}
        if len(zones) > 1:
            return None
        return self._arrow.timestamp("us", tz="UTC" if True in zones else None)

    def _nested(self) -> pa.DataType | None:
        """What Arrow makes of lists and mappings if it makes the same of every piece, and that is small."""
        result = None
        try:
            for piece in self._pieces():
                kind = self._arrow.array(_plain(piece), from_pandas=True).type
                if self._arrow.types.is_null(kind):
                    continue
                if (result is not None and kind != result) or _fields(kind) > _FIELDS:
                    return None
                result = kind
        except (self._arrow.ArrowException, *_REFUSED):
            return None
        return result

    def _strings(self, piece: Piece) -> pa.Array:
        try:
            return self._arrow.array(piece, self._arrow.large_string(), from_pandas=True)
        except (self._arrow.ArrowException, *_REFUSED):
            items = [None if missing(value) else utf8(str(value)) for value in piece]
            return self._arrow.array(items, self._arrow.large_string())

    def _texts(self, piece: Piece) -> pa.Array:
        items = [None if missing(value) else text(value) for value in piece]
        return self._arrow.array(items, self._arrow.large_string())

    def _words(self, piece: Piece) -> pa.Array:
        """Of one class only: as it is printed."""
        items = [None if missing(value) else text(value, str) for value in piece]
        return self._arrow.array(items, self._arrow.large_string())

    def _items(self, piece: Piece) -> pa.Array:
        items = [
            None if missing(value) else [short(item) for item in _first(value)] for value in piece
        ]
        return self._arrow.array(items, self._arrow.large_list(self._arrow.large_string()))

    def _pairs(self) -> pa.DataType | None:
        arrow = self._arrow
        pair = arrow.struct([("key", arrow.large_string()), ("value", arrow.large_string())])

        def convert(piece: Piece) -> pa.Array:
            items = [
                None
                if missing(value)
                else [{"key": short(k), "value": short(value[k])} for k in _first(value)]
                for value in piece
            ]
            return arrow.array(items, arrow.large_list(pair))

        self.convert = convert
        return arrow.large_list(pair)


_REFUSED = (TypeError, ValueError, OverflowError, AttributeError, RecursionError)


def family(kind: type) -> str:
    """Which kind of value a class makes; its own name if it is none that is known."""
    module = kind.__module__.partition(".")[0]
    if module == "numpy":
        name = _BY_NAME.get(kind.__name__) or kind.__name__
        return "integer" if "int" in name else "float" if name.startswith("float") else name
    return next((name for known, name in _FAMILIES if issubclass(kind, known)), kind.__name__)


def missing(value: object) -> bool:
    """Whether it stands for no value; a list of such is a value."""
    if value is None or type(value).__name__ in _MISSING:
        return True
    return isinstance(value, float) and value != value


def text(value: object, write: Callable[[object], str] = repr) -> str:
    """A value as its own class writes it; what cannot even do that is named by its class."""
    try:
        items = write(value)
    except Exception:  # noqa: BLE001 - the person's own objects may fail in any way
        items = f"<{type(value).__name__}>"
    return utf8(items[:LONGEST])


def short(value: object) -> str | None:
    """A value inside another one: a text as it is."""
    if value is None:
        return None
    return utf8(value[:LONGEST]) if isinstance(value, str) else text(value)


def utf8(value: str) -> str:
    """The text with halves of characters, which cannot be written, as Python names them."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def _plain(piece: Piece) -> Piece:
    """Sets have no order and no Arrow type: they are told as lists."""
    if any(isinstance(value, set | frozenset) for value in piece):
        return [list(value) if isinstance(value, set | frozenset) else value for value in piece]
    return piece


def _first(value: Iterable[object]) -> Iterator[object]:
    return (item for item, _ in zip(value, range(_ITEMS), strict=False))


def _fields(kind: pa.DataType) -> int:
    count, waiting = 0, [kind]
    while waiting and count <= _FIELDS:
        item = waiting.pop()
        count += 1
        waiting += [item.field(place).type for place in range(item.num_fields)]
    return count
