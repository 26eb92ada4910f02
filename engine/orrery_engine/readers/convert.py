"""From Arrow to polars, whatever the type; extension types are read as what they store, never run."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from orrery_engine.readers import maps
from orrery_engine.readers.damage import UnreadableError
from orrery_engine.schemas import ColumnType
from orrery_engine.stats.values import column_type, value

_DEEPEST = 40
_SLOW = 1_000_000
_PIECE = 50_000
_TROUBLES = (pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException, TypeError)
_OFFSET = re.compile(r"[+-]\d{2}:\d{2}")
_UUID_PARTS = ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))
_SECONDS = (pa.timestamp("s"), pa.duration("s"))
_LAST_SECOND = 2**63 // 1_000 - 1
MIXED = b"orrery:mixed"
DTYPE = b"orrery:dtype"


def series(array: pa.ChunkedArray) -> pl.Series:
    """The same values as polars has them; as texts if it has no such type.

    Raises:
        UnreadableError: the values are nested too deeply, or of a strange type and too many.
    """
    if depth(array.type) > _DEEPEST:
        raise UnreadableError(f"the values are nested more than {_DEEPEST} levels deep")
    try:
        # Files may lie about lengths and encodings; what polars takes on trust would reach beyond its memory.
        array.validate(full=True)
    except pa.ArrowInvalid as problem:
        return _mended(array, problem)
    plain = _plain(array)
    if _is_uuid(array.type):
        return _uuids(plain)
    try:
        result = pl.from_arrow(plain)
    except _TROUBLES:
        return _texts(plain)
    return result if isinstance(result, pl.Series) else _texts(plain)


def _is_uuid(type: pa.DataType) -> bool:
    return getattr(type, "extension_name", "") == "arrow.uuid"


def _uuids(array: pa.ChunkedArray) -> pl.Series:
    """Sixteen bytes each as people write them."""
    digits = pl.Series(pl.from_arrow(array.cast(pa.large_binary()))).bin.encode("hex")
    parts = [digits.str.slice(start, length) for start, length in _UUID_PARTS]
    return pl.select(pl.concat_str(parts, separator="-")).to_series()


def _mended(array: pa.ChunkedArray, problem: pa.ArrowInvalid) -> pl.Series:
    """Texts whose only fault is that they are no UTF-8, with marks where that is so.

    Raises:
        UnreadableError: there is more wrong with them.
    """
    native = array.type
    if "not within the acceptable range" in str(problem):
        raise UnreadableError(f"the file holds values that its type {native} does not allow")
    if not (pa.types.is_string(native) or pa.types.is_large_string(native)) or len(array) > _SLOW:
        raise UnreadableError("the file is damaged: its values do not lie where it says")
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
        storage = _plain(pa.chunked_array(pieces, type=native.storage_type))
        return pc.not_equal(storage, 0) if native.extension_name == "arrow.bool8" else storage
    if pa.types.is_dictionary(native):
        return _plain(_decoded(array))
    if pa.types.is_run_end_encoded(native):
        pieces = [pc.run_end_decode(item) for item in array.chunks]
        return _plain(pa.chunked_array(pieces, type=native.value_type))
    if pa.types.is_timestamp(native) and native.tz and not _is_zone(native.tz):
        return array.cast(pa.timestamp(native.unit))
    if pa.types.is_decimal256(native) or (pa.types.is_decimal(native) and native.scale < 0):
        return _narrow(array)
    if pa.types.is_list_view(native) or pa.types.is_large_list_view(native):
        pieces = [_list(item) for item in array.chunks]
        return pa.chunked_array(pieces, type=pa.large_list(native.value_type))
    if maps.holds_maps(native):
        return maps.with_all_values(array)
    if native in _SECONDS:
        _refuse_eras(array)
    return array


def _decoded(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values of a dictionary in place of their numbers."""
    try:
        # A cast of the dictionary, not of each value, is what `cast` does here.
        return array.cast(array.type.value_type)
    except pa.ArrowNotImplementedError:
        pieces = [item.dictionary.take(item.indices) for item in array.chunks]
        return pa.chunked_array(pieces, type=array.type.value_type)


def _list(array: pa.Array) -> pa.Array:
    """A list view as a list; the cast of pyarrow ends lists at the wrong places where some are missing."""
    lengths = pc.fill_null(pc.list_value_length(array), 0)
    ends = pc.cumulative_sum(lengths.cast(pa.int64()))
    offsets = pa.concat_arrays([pa.array([0], pa.int64()), ends])
    return pa.LargeListArray.from_arrays(offsets, array.flatten(), mask=array.is_null())


def _refuse_eras(array: pa.ChunkedArray) -> None:
    """Seconds that overflow when they are counted in milliseconds, as polars does.

    Raises:
        UnreadableError: there are such.
    """
    ends = pc.min_max(array.cast(pa.int64())).as_py()
    if any(end is not None and abs(end) > _LAST_SECOND for end in ends.values()):
        raise UnreadableError("it holds times that are too far away to be computed with")


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
    """Decimals as ones of 128 bits if they fit, else as texts, so that all digits stay."""
    try:
        return array.cast(pa.decimal128(38, min(38, max(0, array.type.scale))))
    except pa.ArrowInvalid:
        return array.cast(pa.string())


def _texts(array: pa.ChunkedArray) -> pl.Series:
    """Values as texts, by way of Python."""
    if len(array) > _SLOW:
        raise UnreadableError(f"there are more than {_SLOW:,} values of the type {array.type}")
    texts: list[str | None] = []
    for begin in range(0, len(array), _PIECE):
        for item in array.slice(begin, _PIECE).to_pylist():
            shown = value(item)
            texts.append(None if shown is None else str(shown))
    return pl.Series(texts, dtype=pl.String)


@lru_cache(maxsize=1024)
def kind(type: pa.DataType) -> ColumnType:
    """What kind of column an Arrow type makes."""
    if pa.types.is_dictionary(type) and not type.value_type.num_fields:
        return "category"
    if pa.types.is_run_end_encoded(type):
        return kind(type.value_type)
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
