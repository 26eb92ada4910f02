"""Columns of a pandas dataframe as Arrow, piece by piece, each in one type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from orrery_kernels.eda.objects import Objects, Piece, missing, text, utf8
from orrery_kernels.errors import Unreadable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

# A dtype of numpy or of an extension of pandas, and a series or an array of numpy.
Dtype: TypeAlias = Any
Values: TypeAlias = Any

DTYPE = "orrery:dtype"
# A look at objects goes in pieces that hold the interpreter for a few milliseconds at most.
_LOOK = 16_384


class Column:
    """A column: its field, and any part of it as an array of the field's type."""

    def __init__(self, name: object, series: pd.Series, arrow: ModuleType) -> None:
        self._series: Values = series
        # What parts are cut from; an array of numpy, which is much faster to cut, where the column is one.
        self._values: Values = None
        self._arrow = arrow
        self._convert: Callable[[Values], pa.Array] = self._texts
        note = {DTYPE: str(series.dtype)[:500]}
        try:
            kind = self._decide(note)
        except (arrow.ArrowException, TypeError, ValueError, AttributeError):
            self._values = None
            self._convert, kind = self._texts, arrow.large_string()
        self.field = arrow.field(utf8(str(name)), kind, metadata=note)

    def part(self, begin: int, end: int) -> pa.Array:
        """Some of its values.

        Raises:
            Unreadable: a class of somebody's own says one thing at first, and another thing later.
        """
        subset = self._series.iloc if self._values is None else self._values
        try:
            return self._convert(subset[begin:end])
        except (self._arrow.ArrowException, TypeError, ValueError, AttributeError) as problem:
            raise Unreadable(
                f"The column {self.field.name[:80]!r} cannot be handed over",
                reason=str(problem)[:300],
                remedy="Leave it out, or turn it into texts: .astype(str)",
            ) from problem

    def _decide(self, note: dict[str, str]) -> pa.DataType:
        dtype = self._series.dtype
        if hasattr(dtype, "categories"):
            return self._categories(dtype)
        if hasattr(dtype, "fill_value"):
            self._series = self._series.sparse.to_dense()
            return self._decide(note)
        if str(dtype) == "object" and hasattr(dtype, "char"):
            result = Objects(self._pieces, self._arrow)
            note |= result.note
            self._values = self._series.to_numpy()
            self._convert = result.convert
            return result.type
        return self._native(dtype)

    def _pieces(self) -> Iterator[Piece]:
        for begin in range(0, len(self._series), _LOOK):
            yield self._series.iloc[begin : begin + _LOOK].to_numpy()

    def _native(self, dtype: Dtype) -> pa.DataType:
        """As Arrow makes it of the first values; not-a-number stays what it is."""
        arrow = self._arrow
        if hasattr(dtype, "char"):
            return self._numbers(dtype)

        def convert(values: Values) -> pa.Array:
            result = arrow.array(values.array, from_pandas=True)
            # An extension array of pandas may come in chunks.
            return result.combine_chunks() if isinstance(result, arrow.ChunkedArray) else result

        expected = convert(self._series.iloc[:1]).type
        if isinstance(expected, arrow.BaseExtensionType):
            return self._words()
        self._convert = lambda values: _same(convert(values), expected)
        return expected

    def _numbers(self, dtype: Dtype) -> pa.DataType:
        """An array of numpy, without a copy where it can be had so; not-a-number stays what it is."""
        arrow = self._arrow
        self._values = self._series.to_numpy()
        if dtype.kind == "f" and dtype.itemsize not in (4, 8):
            self._convert = lambda subset: arrow.array(subset.astype("float64"))
            return arrow.float64()
        expected = arrow.array(self._values[:1]).type
        self._convert = arrow.array
        return expected

    def _words(self) -> pa.DataType:
        """Periods, intervals and what others bring along, as texts."""
        arrow = self._arrow

        def convert(values: Values) -> pa.Array:
            items = [None if missing(column) else utf8(str(column)) for column in values]
            return arrow.array(items, arrow.large_string())

        self._convert = convert
        return arrow.large_string()

    def _texts(self, values: Values) -> pa.Array:
        items = [None if missing(column) else text(column) for column in values]
        return self._arrow.array(items, self._arrow.large_string())

    def _categories(self, dtype: Dtype) -> pa.DataType:
        """The same dictionary for every piece, as an Arrow file demands."""
        arrow = self._arrow
        if not hasattr(self._series, "cat"):
            return self._words()
        values = dtype.categories
        words = Objects(lambda: iter([values.to_numpy(dtype=object)]), arrow)
        kind = arrow.string() if "orrery:mixed" in words.note else words.type
        dictionary = words.convert(values.to_numpy(dtype=object)).cast(kind)

        def convert(codes: Values) -> pa.Array:
            places = arrow.array(codes.astype("int32"), mask=codes < 0)
            return arrow.DictionaryArray.from_arrays(places, dictionary, ordered=ordered)

        ordered = bool(dtype.ordered)
        self._values = self._series.cat.codes.to_numpy()
        self._convert = convert
        return arrow.dictionary(arrow.int32(), dictionary.type, ordered=ordered)


def _same(array: pa.Array, target: pa.DataType) -> pa.Array:
    return array if array.type == target else array.cast(target)
