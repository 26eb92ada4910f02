"""Filters of a request as conditions on columns of Arrow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from orrery_engine.preview.shapes import Filter, SortKey
from orrery_engine.schemas.vocabulary import ColumnType, Value
from orrery_wire.errors import Invalid

_COMPARISONS: Mapping[str, Callable[..., Any]] = {
    "eq": pc.equal,
    "ne": pc.not_equal,
    "lt": pc.less,
    "le": pc.less_equal,
    "gt": pc.greater,
    "ge": pc.greater_equal,
}
_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*$"
_TEXTS = ("contains", "begins")
_UNORDERED = ("nested", "binary")


def typed(array: pa.ChunkedArray, kind: ColumnType) -> pa.ChunkedArray:
    """A column as it is compared: texts of numbers as numbers, categories as their values."""
    type_ = array.type
    if pa.types.is_dictionary(type_) or pa.types.is_run_end_encoded(type_):
        value_type = type_.value_type
        array = pa.chunked_array(
            [
                chunk.dictionary_decode()
                if pa.types.is_dictionary(type_)
                else pc.run_end_decode(chunk)
                for chunk in array.chunks
            ],
            value_type,
        )
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.cast(array.type.storage_type)
    if pa.types.is_string_view(array.type):
        array = array.cast(pa.large_string())
    if _is_text(array.type) and kind in ("integer", "float", "decimal"):
        return _numbers(array)
    return array


def _numbers(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts as numbers; what is none is missing."""
    is_number = pc.match_substring_regex(texts, _NUMBER)
    plain = pc.if_else(pc.fill_null(is_number, False), pc.utf8_trim_whitespace(texts), None)
    return plain.cast(pa.float64())


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def literal(value: Value, type_: pa.DataType, name: str) -> pa.Scalar:
    """A value of a request as a value of a column.

    Raises:
        Invalid: the column has no such values.
    """
    if value is None:
        raise Invalid(
            f'A filter of "{name}" has no value', remedy="Give one, or ask for missing values."
        )
    try:
        if _is_text(type_):
            return pa.scalar(str(value), type_)
        if isinstance(value, bool) and not pa.types.is_boolean(type_):
            raise pa.ArrowInvalid("a truth value")
        if isinstance(value, int | float) and pa.types.is_floating(type_):
            return pa.scalar(float(value), type_)
        return pa.scalar(str(value).lower() if isinstance(value, bool) else str(value)).cast(type_)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        raise Invalid(
            f'"{name}" cannot be compared with {str(value)[:80]!r}',
            reason=f"Its values are of the type {str(type_)[:80]}.",
            remedy="Write the value as the column shows its own.",
        ) from None


def mask(
    columns: Mapping[int, pa.ChunkedArray], filters: Sequence[Filter], names: Sequence[str]
) -> Any:
    """Which rows fulfil all filters; missing values fulfil none but the one for them."""
    result: Any = None
    for item in filters:
        own = pc.fill_null(_condition(columns[item.column], item, names[item.column]), False)
        result = own if result is None else pc.and_(result, own)
    return result


def _condition(array: pa.ChunkedArray, item: Filter, name: str) -> Any:
    if item.operator == "null":
        return pc.is_null(array)
    if item.operator == "not_null":
        return pc.is_valid(array)
    if item.operator in _TEXTS:
        texts = array if _is_text(array.type) else _as_text(array, name)
        text = str(item.value if item.value is not None else "")
        if item.operator == "begins":
            return pc.starts_with(texts, pattern=text)
        return pc.match_substring(texts, pattern=text, ignore_case=True)
    try:
        if item.operator == "in":
            choices = pa.array(
                [literal(value, array.type, name).as_py() for value in item.values], array.type
            )
            return pc.is_in(array, value_set=choices)
        return _COMPARISONS[item.operator](array, literal(item.value, array.type, name))
    except pa.ArrowNotImplementedError:
        raise _no_order(name, array.type) from None


def _as_text(array: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    try:
        return array.cast(pa.string())
    except pa.ArrowException:
        raise Invalid(
            f'"{name}" cannot be searched for text', reason=f"Its type is {str(array.type)[:80]}."
        ) from None


def _no_order(name: str, type_: pa.DataType) -> Invalid:
    return Invalid(
        f'"{name}" cannot be compared',
        reason=f"Values of the type {str(type_)[:80]} have no order.",
        remedy="Choose another column.",
    )


def order(
    columns: Mapping[int, pa.ChunkedArray], sort: Sequence[SortKey], names: Sequence[str]
) -> pa.Array:
    """The places of the rows in an order; missing values stand last, equal rows in the order of the source."""
    table = pa.table(
        [columns[key.column] for key in sort], names=[str(n) for n in range(len(sort))]
    )
    keys = [
        (str(number), "descending" if key.is_descending else "ascending")
        for number, key in enumerate(sort)
    ]
    table = table.append_column("place", pa.array(range(len(table)), pa.int64()))
    try:
        return pc.sort_indices(table, sort_keys=[*keys, ("place", "ascending")])
    except (pa.ArrowNotImplementedError, pa.ArrowTypeError, pa.ArrowInvalid):
        named = ", ".join(names[key.column] for key in sort)
        raise Invalid(
            f'Rows cannot be ordered by "{named}"',
            reason="Values of this type have no order.",
            remedy="Choose another column.",
        ) from None


def may_match(item: Filter, low: Any, high: Any, nulls: int | None, rows: int) -> bool:
    """Whether a part of a file can hold a row that fulfils a filter, by its least and largest value."""
    if item.operator == "null":
        return nulls is None or nulls > 0
    if item.operator == "not_null":
        return nulls is None or nulls < rows
    if low is None or high is None or item.operator not in ("eq", "lt", "le", "gt", "ge"):
        return True
    try:
        own = pa.scalar(low)
        value = literal(item.value, own.type, "").as_py()
        return bool(
            {
                "eq": low <= value <= high,
                "lt": low < value,
                "le": low <= value,
                "gt": high > value,
                "ge": high >= value,
            }[item.operator]
        )
    except (Invalid, TypeError, ValueError, OverflowError, pa.ArrowException):
        return True
