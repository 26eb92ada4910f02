"""Maps of Arrow, which Python and polars have as dictionaries, where a key that occurs twice has its last value alone."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc


def holds_maps(type: pa.DataType) -> bool:
    """Whether values of a type are or hold maps."""
    waiting = [type]
    while waiting:
        item = waiting.pop()
        if pa.types.is_map(item):
            return True
        waiting += [item.field(place).type for place in range(item.num_fields)]
    return False


def with_all_values(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same values; lists of pairs in place of all maps if in one of them a key occurs twice."""
    if not any(_occurs_twice(own) for piece in array.chunks for own in _maps(piece)):
        return array
    return array.cast(_as_pairs(array.type))


def _maps(array: pa.Array) -> Iterator[pa.Array]:
    """All maps within an array, as lists of pairs."""
    native = array.type
    if pa.types.is_map(native):
        array = array.cast(_pairs(native))
        yield array
    if pa.types.is_struct(array.type):
        for place in range(array.type.num_fields):
            yield from _maps(pc.struct_field(array, place))
    elif array.type.num_fields == 1:
        yield from _maps(pc.list_flatten(array))


def _occurs_twice(lists: pa.Array) -> bool:
    """Whether a key occurs twice in one of the lists of pairs."""
    keys = pc.struct_field(pc.list_flatten(lists), 0)
    pairs = pa.table({"list": pc.list_parent_indices(lists), "key": keys})
    try:
        return bool(pairs.group_by(["list", "key"]).aggregate([]).num_rows < len(keys))
    except pa.ArrowNotImplementedError:
        # Keys that are not compared may be the same.
        return True


def _pairs(native: pa.DataType) -> pa.DataType:
    fields = [pa.field("key", native.key_type, nullable=False), pa.field("value", native.item_type)]
    return pa.large_list(pa.struct(fields))


def _as_pairs(native: pa.DataType) -> pa.DataType:
    """A type with lists of pairs in place of maps."""
    if pa.types.is_map(native):
        fields = [("key", _as_pairs(native.key_type)), ("value", _as_pairs(native.item_type))]
        return pa.large_list(pa.struct(fields))
    if pa.types.is_struct(native):
        own = [native.field(place) for place in range(native.num_fields)]
        return pa.struct([field.with_type(_as_pairs(field.type)) for field in own])
    if native.num_fields == 1:
        return pa.large_list(_as_pairs(native.field(0).type))
    return native
