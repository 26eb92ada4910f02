"""CSV and JSON: DuckDB writes them as Parquet into the scratch folder, and from there they are read by column."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from orrery_engine.readers import convert, duck
from orrery_engine.readers.base import Row, Table
from orrery_engine.readers.parquet import ParquetTable
from orrery_engine.schemas import Job
from orrery_engine.stats import sampling
from orrery_engine.stats.values import values
from orrery_wire.errors import Invalid

_SHARE = 0.45  # Of the budget of time, before only the first rows are read.
_CUT_CELLS = (20_000_000, 2_000_000, 100_000)
_GLIMPSE = 5_000
_LEAST = 3.0
_COMPARED = 30  # files whose columns are compared
_FEW = "1000"  # values of each of them
_ERROR = re.compile(r"^[A-Z]\w+( \w+)* Error: ")


class LinesTable(Table):
    """At first the beginning only; the whole once ``prepare`` was called, or a column asked for."""

    def __init__(self, format: str, paths: Sequence[Path], job: Job, size: int) -> None:
        self._format, self._job = format, job
        self.bytes = size
        self._inner: ParquetTable | None = None
        self._out = Path(job.scratch) / f"read-{uuid.uuid4().hex}.parquet"
        self._first: pa.Table = pa.table({})
        self._links: list[Path] = []
        self._attempts: list[duck.ReadAttempt] = []
        self._problems: list[duckdb.Error] = []
        self._remarks: tuple[str, ...] = ()
        self._apart: tuple[str, ...] = ()
        if not any(path.stat().st_size for path in paths):
            self.rows = 0
            return
        if format == "csv":
            duck.refuse_wide(paths[0])
        self._attempts = duck.csv_attempts(paths[0]) if format == "csv" else duck.json_attempts()
        self._links = _links(paths, Path(job.scratch))
        self._try_attempts(self._glimpse)

    def _try_attempts(self, read: object) -> None:
        """Read in the first way that works, and forget those that did not."""
        while self._attempts:
            try:
                if callable(read):
                    read(self._attempts[0])
            except duck.REFUSALS as problem:
                self._problems.append(problem)
                self._attempts.pop(0)
            else:
                return
        self.close()
        raise Invalid(
            f"The {self._format.upper()} could not be read.",
            reason=self._explanation(),
            remedy="Check that it is whole and that its lines have the same fields.",
        )

    def _explanation(self) -> str:
        """The first refusal, without the paths of ours."""
        message = _ERROR.sub("", str(self._problems[0])).split("The search space used")[0]
        text = " ".join([line.strip() for line in message.splitlines() if line.strip()][:3])
        for link in self._links:
            text = text.replace(str(link), "the file")
        return text

    def _glimpse(self, attempt: duck.ReadAttempt) -> None:
        """The first rows, and what the columns seem to be."""
        called = duck.call(self._format, self._links, attempt)
        with duck.connected(self._job) as connection:
            self._describe(connection, called, attempt)
            self._differ(connection, attempt)
            query = duck.query(called, self._given, self.dtypes)
            self._first = connection.sql(f"{query} LIMIT {_GLIMPSE}").to_arrow_table()
        self.types = tuple(convert.kind(field.type) for field in self._first.schema)

    def _describe(
        self, connection: duckdb.DuckDBPyConnection, called: str, attempt: duck.ReadAttempt
    ) -> None:
        described = connection.execute(f"DESCRIBE FROM {called}").fetchall()
        self._given = [str(row[0]) for row in described]
        self.dtypes = tuple(str(row[1])[:500] for row in described)
        remark = attempt.note
        if self._format == "csv" and not attempt.note:
            duck.refuse_lost_names(self._links[0], self._given)
            remark = duck.unsplit(self._links[0], self._given)
        self._remarks = (remark,) if remark else ()
        real = self._format == "csv" and duck.header(self._links[0], attempt, self._given)
        self.names = tuple(real or self._given)

    def _differ(self, connection: duckdb.DuckDBPyConnection, attempt: duck.ReadAttempt) -> None:
        """Tell of files whose columns are not those of the others."""
        subset = self._links[:_COMPARED] if len(self._links) > 1 else []
        if self._format == "csv":
            tells = not duck.made_up(self._given) and subset and subset[0].suffix != ".zst"
            widths = [duck.width(column) for column in subset] if tells else []
        else:
            short = duck.ReadAttempt(attempt.options | {"sample_size": _FEW})
            calls = [duck.call(self._format, [column], short) for column in subset]
            widths = [len(connection.execute(f"DESCRIBE FROM {item}").fetchall()) for item in calls]
        lack = sum(width < len(self._given) for width in widths)
        if lack:
            of = f"{len(subset)} files" if len(subset) == len(self._links) else "the first files"
            self._apart = (f"{lack} of {of} lack columns that others have.",)

    def prepare(self) -> None:
        """Read all rows; of a source that exceeds the budget the first ones."""
        if self._inner is None and self._links:
            self._try_attempts(self._copy)

    def _copy(self, attempt: duck.ReadAttempt) -> None:
        called = duck.call(self._format, self._links, attempt)
        seconds = self._job.options.seconds
        with duck.connected(self._job) as connection:
            self._describe(connection, called, attempt)
            query = duck.query(called, self._given, self.dtypes)
            whole = duck.copied(connection, query, self._out, seconds * _SHARE)
            if not whole:
                self._cut(connection, query, seconds * _SHARE)
            if self._format == "json" and "ignore_errors" in attempt.options:
                duck.refuse_void(connection, self._out, self.dtypes)
            types = duck.json_types(connection, self._out, self.dtypes)
        self._settle(whole, attempt)
        self.types = tuple(types.get(place, type_) for place, type_ in enumerate(self.types))

    def _cut(self, connection: duckdb.DuckDBPyConnection, query: str, seconds: float) -> None:
        """The first rows, so few at last that they can be read in the time."""
        for cells in _CUT_CELLS:
            limit = max(1_000, cells // max(1, len(self.names)))
            if duck.copied(connection, f"{query} LIMIT {limit}", self._out, max(_LEAST, seconds)):
                return
        raise TimeoutError("not even the first rows could be read within the budget of time")

    def _settle(self, whole: bool, attempt: duck.ReadAttempt) -> None:
        """From now on the Parquet file answers."""
        inner = ParquetTable([lambda: self._out], self.bytes)
        if not inner.rows and duck.made_up(self.names):
            raise duckdb.InvalidInputException("No line could be read; one may be far too long.")
        inner.limit(self._job.options, self._job.memory)
        self._inner, self._first = inner, pa.table({})
        self.types, self.rows, self.threads = inner.types, inner.rows, inner.threads
        self.sampling = inner.sampling
        self.notes = (*self._remarks, *self._apart)
        if not whole:
            looked_at = inner.sampling.rows if inner.sampling is not None else inner.rows or 0
            self.rows = None
            self.sampling = sampling.state(
                looked_at, None, "The first rows: reading all of them would exceed the budget."
            )

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
            raise ValueError("the file is empty")
        return self._inner

    def close(self) -> None:
        """Let go of the files, and of the room on the disk."""
        if self._inner is not None:
            self._inner.close()
        for path in (*self._links, self._out):
            path.unlink(missing_ok=True)


def _links(paths: Sequence[Path], scratch: Path) -> list[Path]:
    """The files under names in which nothing is a pattern or tells of the person."""
    linked = []
    for path in paths:
        pack = path.suffix.lower() if path.suffix.lower() in (".gz", ".zst") else ""
        link = scratch / f"in-{uuid.uuid4().hex}{pack}"
        link.symlink_to(path.resolve())
        linked.append(link)
    return linked
