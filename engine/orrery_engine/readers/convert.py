"""From Arrow to polars, whatever the type; extension types are read as what they store, never run."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from orrery_engine.schemas import ColumnType
from orrery_engine.stats.values import column_type, value

_DEEPEST = 40
_SLOW = 1_000_000
_PIECE = 50_000
_TROUBLES = (pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException, TypeError)
_OFFSET = re.compile(r"[+-]\d{2}:\d{2}")
MIXED = b"orrery:mixed"
DTYPE = b"orrery:dtype"


def series(array: pa.ChunkedArray) -> pl.Series:
    """The same values as polars has them; as texts if it has no such type.

    Raises:
        ValueError: the values are nested too deeply, or of a strange type and too many.
    """
    if depth(array.type) > _DEEPEST:
        raise ValueError(f"the values are nested more than {_DEEPEST} levels deep")
    try:
        # Files may lie about lengths and encodings; what polars takes on trust would reach beyond its memory.
        array.validate(full=True)
    except pa.ArrowInvalid:
        return _mended(array)
    plain = _plain(array)
    try:
        result = pl.from_arrow(plain)
    except _TROUBLES:
        return _texts(plain)
    return result if isinstance(result, pl.Series) else _texts(plain)


def _mended(array: pa.ChunkedArray) -> pl.Series:
    """Texts whose only fault is that they are no UTF-8, with marks where that is so.

    Raises:
        ValueError: there is more wrong with them.
    """
    native = array.type
    if not (pa.types.is_string(native) or pa.types.is_large_string(native)) or len(array) > _SLOW:
        raise ValueError("the file is damaged: its values do not lie where it says")
    raw = array.cast(pa.large_binary())
    raw.validate(full=True)
    texts = [None if item is None else item.decode("utf-8", "replace") for item in raw.to_pylist()]
    return pl.Series(texts, dtype=pl.String)


def depth(type: pa.DataType) -> int:
    """How many levels a type has; counted without recursion, which a hostile file would exhaust."""
    deepest, waiting = 0, [(type, 1)]
    while waiting:
        item, level = waiting.pop()
        deepest = max(deepest, level)
        if level > _DEEPEST:
            break
        waiting += [(item.field(place).type, level + 1) for place in range(item.num_fields)]
    return deepest


def leaves(type: pa.DataType) -> int:
    """How many columns of a Parquet file hold a field of this type."""
    count, waiting = 0, [type]
    while waiting:
        item = waiting.pop()
        if isinstance(item, pa.BaseExtensionType):
            waiting.append(item.storage_type)
        elif item.num_fields:
            waiting += [item.field(place).type for place in range(item.num_fields)]
        else:
            count += 1
    return count


def _plain(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Without what wraps or packs the values."""
    native = array.type
    if isinstance(native, pa.BaseExtensionType):
        pieces = [item.storage for item in array.chunks]
        return _plain(pa.chunked_array(pieces, type=native.storage_type))
    if pa.types.is_dictionary(native):
        # A cast of the dictionary, not of each value, is what `cast` does here.
        return _plain(array.cast(native.value_type))
    if pa.types.is_run_end_encoded(native):
        pieces = [pc.run_end_decode(item) for item in array.chunks]
        return _plain(pa.chunked_array(pieces, type=native.value_type))
    if pa.types.is_timestamp(native) and native.tz and not _is_zone(native.tz):
        return array.cast(pa.timestamp(native.unit))
    if pa.types.is_decimal256(native):
        return _narrow(array)
    if pa.types.is_list_view(native) or pa.types.is_large_list_view(native):
        return array.cast(pa.large_list(native.value_type))
    return array


@lru_cache(maxsize=256)
def _is_zone(name: str) -> bool:
    """Whether this machine knows the time zone; of one that nobody knows the times are told as UTC."""
    if _OFFSET.fullmatch(name):
        return True
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True


def _narrow(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Decimals of 256 bits as ones of 128 if they fit, else as floats."""
    try:
        return array.cast(pa.decimal128(38, min(38, max(0, array.type.scale))))
    except pa.ArrowInvalid:
        return array.cast(pa.float64())


def _texts(array: pa.ChunkedArray) -> pl.Series:
    """Values as texts, by way of Python."""
    if len(array) > _SLOW:
        raise ValueError(f"there are more than {_SLOW:,} values of the type {array.type}")
    texts: list[str | None] = []
    for begin in range(0, len(array), _PIECE):
        for item in array.slice(begin, _PIECE).to_pylist():
            shown = value(item)
            texts.append(None if shown is None else str(shown))
    return pl.Series(texts, dtype=pl.String)


@lru_cache(maxsize=1024)
def kind(type: pa.DataType) -> ColumnType:
    """What kind of column an Arrow type makes."""
    if pa.types.is_dictionary(type):
        return "category"
    if depth(type) > 1 and not isinstance(type, pa.BaseExtensionType):
        return "nested"
    return column_type(series(pa.chunked_array([], type=type)).dtype)


def of_field(field: pa.Field) -> tuple[ColumnType, str, dict[str, int]]:
    """What kind of column a field is, its native type, and of which Python types its values were."""
    result = field.metadata or {}
    dtype = result.get(DTYPE, b"").decode("utf-8", "replace") or str(field.type)[:500]
    mixture = _mixture(result.get(MIXED, b""))
    return ("mixed" if mixture else kind(field.type)), dtype, mixture


def _mixture(metadata: bytes) -> dict[str, int]:
    """Counts by type; nothing if the file says nonsense."""
    try:
        result = json.loads(metadata) if metadata else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(result, dict):
        return {}
    return {str(key): count for key, count in result.items() if isinstance(count, int)}
