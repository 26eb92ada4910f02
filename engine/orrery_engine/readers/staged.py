"""Tables that are read once as a whole, into a Parquet file of the scratch folder that then answers by column."""

from __future__ import annotations

import uuid
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa

from orrery_engine.plain_words import PlainError
from orrery_engine.readers import convert, damage, duck
from orrery_engine.readers.base import Row, Table
from orrery_engine.readers.parquet import ParquetTable
from orrery_engine.schemas import Job
from orrery_engine.stats import sampling
from orrery_engine.stats.values import values
from orrery_wire.errors import Invalid

CUT = "The first rows: reading all of them would exceed the budget."


class StagedTable(Table):
    """At first the beginning only; the whole once ``prepare`` was called, or a column asked for."""

    def __init__(self, job: Job, size: int) -> None:
        self._job = job
        self._duckdb = duck.Instance(job)
        self.bytes = size
        self._inner: ParquetTable | None = None
        self._out = Path(job.scratch) / f"read-{uuid.uuid4().hex}.parquet"
        self._first: pa.Table = pa.table({})
        # Files of ours that go when the table is closed.
        self._temporary: list[Path] = []

    @abstractmethod
    def _stage(self) -> None:
        """Write the rows to ``_out`` and call ``_settle``."""

    def prepare(self) -> None:
        """Read all rows; of a source that exceeds the budget the first ones."""
        if self._inner is not None or self.rows is not None:
            return
        try:
            self._stage()
        except damage.DAMAGE as problem:
            if not damage.is_of_file(problem):
                raise
            raise Invalid(
                "The file cannot be read.",
                reason="It is damaged or was cut short: its end cannot be unpacked.",
                remedy="Fetch it or write it again.",
            ) from problem
        finally:
            self._duckdb.close()

    def _settle(self, *, whole: bool) -> None:
        """From now on the Parquet file answers."""
        inner = ParquetTable([lambda: self._out], self.bytes or 0)
        inner.limit(self._job.options, self._job.memory)
        self._inner, self._first = inner, pa.table({})
        self.types, self.rows, self.threads = inner.types, inner.rows, inner.threads
        self.sampling = inner.sampling
        if not whole:
            looked_at = inner.sampling.rows if inner.sampling is not None else inner.rows or 0
            self.rows = None
            self.sampling = sampling.state(looked_at, None, CUT)

    def head(self, count: int, columns: int) -> tuple[Row, ...]:
        """The first rows."""
        if self._inner is not None:
            return self._inner.head(count, columns)
        shown = range(min(columns, len(self.names)))
        return tuple(zip(*(values(self.start(index, count)) for index in shown), strict=True))

    def start(self, index: int, count: int) -> pl.Series:
        """A column's first values."""
        if self._inner is not None:
            return self._inner.start(index, count)
        if index >= self._first.num_columns:
            return pl.Series([], dtype=pl.String)
        return convert.series(self._first.column(index).slice(0, count))

    def column(self, index: int) -> pl.Series:
        """A column, or its part in the sample."""
        return self._whole().column(index)

    def frame(self, indices: Sequence[int]) -> pl.DataFrame:
        """The columns of these indices as a frame; each is named by its place in ``indices``."""
        return self._whole().frame(indices)

    def rows_at(self, places: Sequence[int], columns: int) -> tuple[Row, ...]:
        """Rows of the sample by their places."""
        return self._whole().rows_at(places, columns)

    def _whole(self) -> ParquetTable:
        self.prepare()
        if self._inner is None:
            raise PlainError("The file is empty.")
        return self._inner

    def close(self) -> None:
        """Let go of the files, and of the room on the disk."""
        self._duckdb.close()
        if self._inner is not None:
            self._inner.close()
        for path in (*self._temporary, self._out):
            path.unlink(missing_ok=True)
