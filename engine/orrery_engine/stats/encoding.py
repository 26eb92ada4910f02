"""Columns as arrays that relations are computed from, with missing values filled as a person chose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_engine.schemas import ColumnProfile, Nulls
from orrery_engine.stats.association import standardised

NUMERIC = frozenset({"integer", "float", "decimal", "datetime", "date", "duration", "time"})
CATEGORIC = frozenset({"boolean", "category", "text"})
CLASSES = 100


@dataclass(frozen=True)
class EncodedColumn:
    """A column as an array of shape (n_rows,): numbers with NaN = missing, or codes from 0 with -1 = missing and their labels."""

    index: int
    numbers: NDArray[np.float64] | None = None
    codes: NDArray[np.int32] | None = None
    labels: tuple[str, ...] = ()
    dtype: pl.DataType | None = None

    @cached_property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return bool(self.present.all())

    @cached_property
    def scaled(self) -> NDArray[np.float64]:
        """The numbers with mean 0 and variance 1, shape (n_rows,)."""
        if self.numbers is None:
            raise ValueError("classes have no scale")
        return standardised(self.numbers)

    def take(self, rows: NDArray[np.int64]) -> EncodedColumn:
        """The column reduced to the rows of these indices, in their order."""
        numbers = None if self.numbers is None else self.numbers[rows]
        codes = None if self.codes is None else self.codes[rows]
        return EncodedColumn(self.index, numbers, codes, self.labels, self.dtype)

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Where there is a value."""
        if self.numbers is not None:
            return ~np.isnan(self.numbers)
        if self.codes is not None:
            return self.codes >= 0
        raise ValueError("a column without values")


def usable(profile: ColumnProfile) -> bool:
    """Whether relations of the column can mean anything."""
    present = profile.count - profile.missing
    if profile.distinct is None or profile.distinct < 2 or present < 2:
        return False
    if profile.type in NUMERIC:
        return True
    return profile.type in CATEGORIC and profile.distinct <= min(CLASSES, max(2, present // 2))


def encode(
    series: pl.Series, profile: ColumnProfile, nulls: Nulls, *, classes: bool = False
) -> EncodedColumn:
    """A column as an array; a number as one of a few classes, too, if that is wanted."""
    if profile.type in NUMERIC and not classes:
        return EncodedColumn(
            profile.index, numbers=_filled(_numbers(series), nulls), dtype=series.dtype
        )
    texts = series.cast(pl.String)
    if series.dtype.is_float():
        texts = series.fill_nan(None).cast(pl.String)
    labels = texts.drop_nulls().unique().sort()
    codes = texts.cast(pl.Enum(labels)).to_physical().cast(pl.Int32).fill_null(-1).to_numpy()
    return EncodedColumn(
        profile.index, codes=_filled_codes(codes, nulls), labels=tuple(labels.to_list())
    )


def _numbers(series: pl.Series) -> NDArray[np.float64]:
    """Floats; what is infinite or no number is missing."""
    if series.dtype.is_temporal():
        series = series.to_physical()
    numbers = series.cast(pl.Float64).to_numpy(writable=True)
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _filled(numbers: NDArray[np.float64], nulls: Nulls) -> NDArray[np.float64]:
    """Without missing values, unless they are to be skipped."""
    absent = np.isnan(numbers)
    if nulls == "skip" or not absent.any() or absent.all():
        return numbers
    present = numbers[~absent]
    if nulls == "interpolate":
        places = np.arange(len(numbers))
        numbers[absent] = np.interp(places[absent], places[~absent], present)
    elif nulls == "mean":
        # Dividing first keeps the sum of numbers near the largest finite.
        numbers[absent] = float(np.sum(present / len(present)))
    else:
        ordered, counts = np.unique(present, return_counts=True)
        numbers[absent] = ordered[int(np.argmax(counts))]
    return numbers


def _filled_codes(codes: NDArray[np.int32], nulls: Nulls) -> NDArray[np.int32]:
    """Classes have no mean and nothing between them: the most frequent one, or the one before."""
    absent = codes < 0
    if nulls == "skip" or not absent.any() or absent.all():
        return codes
    if nulls == "interpolate":
        last = np.maximum.accumulate(np.where(absent, -1, np.arange(len(codes))))
        first = int(np.argmax(~absent))
        return codes[np.where(last < 0, first, last)]
    return np.where(absent, np.int32(np.argmax(np.bincount(codes[~absent]))), codes)
