"""What every reader gives: a table that is looked at column by column."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import polars as pl
import pyarrow as pa

from orrery_engine.schemas import (
    ColumnProfile,
    ColumnType,
    Duplicates,
    MissingPattern,
    Options,
    ReaderOptions,
    Sampling,
    Value,
)

Row = tuple[Value, ...]
# What data may do to the libraries; none of it ends a run.
TROUBLES = (
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    ValueError,
    TypeError,
    OverflowError,
    RuntimeError,
)
READING = (*TROUBLES, pa.ArrowException, OSError)


class Table(ABC):
    """A table whose columns are known by their place, because names may be empty or occur twice."""

    names: tuple[str, ...] = ()
    # The source's own words for its types.
    dtypes: tuple[str, ...] = ()
    types: tuple[ColumnType, ...] = ()
    # Rows of the source, not of the sample; unknown if none.
    rows: int | None = None
    bytes: int | None = None
    # Set when ``column`` and ``frame`` give a part of the rows only.
    sampling: Sampling | None = None
    # Of a column whose values are of several Python types, how many of each.
    mixtures: Mapping[int, Mapping[str, int]] = {}
    # What a person should know of the reading, for ``Overview.notes``.
    notes: tuple[str, ...] = ()
    # The same of the files that it comes from.
    source_notes: tuple[str, ...] = ()
    # How the source is read, as it was chosen or found out.
    reading: ReaderOptions | None = None
    # Of columns of times that were texts, the format of ``strptime`` unless that is ISO 8601.
    forms: Mapping[int, str] = {}
    # Of a workbook, the sheet that is read.
    sheet: str = ""
    # How many columns may be in memory at once.
    threads: int = 1

    def prepare(self) -> None:
        """Do what takes long before columns can be read; until then only ``head`` and ``start`` answer.

        Names, types and notes may be other ones afterwards.
        """
        return

    @abstractmethod
    def head(self, count: int, columns: int) -> tuple[Row, ...]:
        """The first rows, cut to the first columns, as values that can cross the border."""

    @abstractmethod
    def column(self, index: int) -> pl.Series:
        """A column, or its part in the sample; the rows of all columns are the same ones."""

    @abstractmethod
    def frame(self, indices: Sequence[int]) -> pl.DataFrame:
        """Some columns side by side under the names "0", "1", ... of their places in ``indices``."""

    def rows_at(self, places: Sequence[int], columns: int) -> tuple[Row, ...]:
        """Rows by their places in ``column``, cut to the first columns; nothing if that would be slow."""
        return ()

    def start(self, index: int, count: int) -> pl.Series:
        """A column's first values; all of them unless the reader knows a quicker way."""
        return self.column(index).head(count)

    def summary(self, index: int, options: Options) -> ColumnProfile | None:
        """What the source itself can say of a column; none: compute it from ``column``."""
        return None

    def together(
        self, columns: Sequence[ColumnProfile]
    ) -> tuple[Duplicates | None, tuple[MissingPattern, ...]] | None:
        """Repeated rows and what is missing together, if the source itself can tell; else none."""
        return None

    def close(self) -> None:
        """Let go of files and connections."""
        return


class TableInDatabase(Table):
    """A table that stays where it is: its database counts, and no row leaves it."""

    # The name that SQLAlchemy has for the database.
    database: str

    @abstractmethod
    def count(self, where: str) -> int:
        """How many rows fulfil a condition, which is trusted: ``pushdown_checks`` writes it."""
