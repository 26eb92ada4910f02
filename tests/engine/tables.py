"""Tables of tests, and what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

from orrery_engine.readers.base import Row, Table
from orrery_engine.schemas import (
    ColumnProfile,
    Duplicates,
    Options,
    Overview,
    Result,
    Run,
    SourceIn,
)
from orrery_engine.stats.univariate import profile_column
from orrery_engine.stats.values import column_type, values


class FrameTable(Table):
    """A table in memory; names may occur twice."""

    def __init__(self, frame: pl.DataFrame, names: Sequence[str] | None = None) -> None:
        self._frame = frame
        self.names = tuple(names or frame.columns)
        self.dtypes = tuple(str(kind) for kind in frame.dtypes)
        self.types = tuple(column_type(kind) for kind in frame.dtypes)
        self.rows = frame.height
        self.bytes = int(frame.estimated_size())

    def head(self, count: int) -> tuple[Row, ...]:
        some = [values(series.head(count)) for series in self._frame.iter_columns()]
        return tuple(zip(*some, strict=True))

    def column(self, index: int) -> pl.Series:
        return self._frame.to_series(index)

    def frame(self, indices: Sequence[int]) -> pl.DataFrame:
        picked = [self._frame.to_series(index) for index in indices]
        return pl.DataFrame([one.alias(str(place)) for place, one in enumerate(picked)])


def profiled(table: Table) -> tuple[Overview, tuple[ColumnProfile, ...]]:
    """Stage 1 of every column, and what belongs to the table alone."""
    columns = tuple(
        profile_column(table.column(index), index, name, table.dtypes[index], Options())
        for index, name in enumerate(table.names)
    )
    frame = table.frame(range(len(table.names)))
    repeated = frame.height - frame.n_unique() if frame.width and frame.height else 0
    overview = Overview(
        rows=table.rows,
        columns=len(columns),
        missing=sum(column.missing for column in columns),
        duplicates=Duplicates(rows=repeated),
        head=table.head(5),
        names=table.names,
    )
    return overview, columns


def result(overview: Overview | None = None, name: str = "shop.parquet", **more: object) -> Result:
    """The result of a run that is done."""
    run = Run.model_validate(
        {
            "id": "0" * 32,
            "task": "profile",
            "source": SourceIn(kind="file", location=name, name=name),
            "options": Options(),
            "by": "ada",
            "state": "done",
            "created": datetime(2026, 11, 21, 12, tzinfo=UTC),
        }
    )
    return Result.model_validate({"run": run, "overview": overview, **more})
