"""JSON: DuckDB writes it as Parquet into the scratch folder, and from there they are read by column."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from orrery_engine.readers import convert, duck
from orrery_engine.readers.staged import StagedTable
from orrery_engine.readers.text.utf8 import Utf8Files
from orrery_engine.schemas import Job
from orrery_wire.errors import Invalid

_SHARE = 0.45  # Of the budget of time, before only the first rows are read.
_CUT_CELLS = (20_000_000, 2_000_000, 100_000)
_GLIMPSE = 5_000
_LEAST = 3.0
_COMPARED = 30  # files whose columns are compared
_FEW = "1000"  # values of each of them
_ERROR = re.compile(r"^[A-Z]\w+( \w+)* Error: ")


class JsonTable(StagedTable):
    """Lists of records, one record a line, or single values."""

    def __init__(self, paths: Sequence[Path], job: Job, size: int) -> None:
        super().__init__(job, size)
        self._files = Utf8Files(Path(job.scratch))
        self._encoded: tuple[str, ...] = ()
        self._links: list[Path] = []
        self._attempts: list[duck.ReadAttempt] = []
        self._problems: list[duckdb.Error] = []
        self._remarks: tuple[str, ...] = ()
        self._apart: tuple[str, ...] = ()
        if not any(path.stat().st_size for path in paths):
            self.rows = 0
            return
        self._attempts = duck.json_attempts()
        files = [self._files.file(path) for path in paths]
        self._encoded = tuple(dict.fromkeys(note for file in files for note in file.notes))
        self._links = [file.path for file in files]
        self._try_attempts(self._glimpse)

    def _try_attempts(self, read: Callable[[duck.ReadAttempt], None]) -> None:
        """Read in the first way that works, and forget those that did not."""
        while self._attempts:
            try:
                read(self._attempts[0])
            except duck.REFUSALS as problem:
                self._problems.append(problem)
                self._attempts.pop(0)
            else:
                return
        self.close()
        raise Invalid(
            "The JSON could not be read.",
            reason=self._explanation(),
            remedy="Check that it is whole, and that it is a list of records or one record a line.",
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
        called = duck.call(self._links, attempt)
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
        self._remarks = (*self._encoded, *((attempt.note,) if attempt.note else ()))
        self.names = tuple(self._given)

    def _differ(self, connection: duckdb.DuckDBPyConnection, attempt: duck.ReadAttempt) -> None:
        """Tell of files whose columns are not those of the others."""
        subset = self._links[:_COMPARED] if len(self._links) > 1 else []
        short = duck.ReadAttempt(attempt.options | {"sample_size": _FEW})
        calls = [duck.call([column], short) for column in subset]
        widths = [len(connection.execute(f"DESCRIBE FROM {item}").fetchall()) for item in calls]
        lack = sum(width < len(self._given) for width in widths)
        if lack:
            of = f"{len(subset)} files" if len(subset) == len(self._links) else "the first files"
            self._apart = (f"{lack} of {of} lack columns that others have.",)

    def _stage(self) -> None:
        self._try_attempts(self._copy)

    def _copy(self, attempt: duck.ReadAttempt) -> None:
        called = duck.call(self._links, attempt)
        seconds = self._job.options.seconds
        with duck.connected(self._job) as connection:
            self._describe(connection, called, attempt)
            query = duck.query(called, self._given, self.dtypes)
            whole = duck.copied(connection, query, self._out, seconds * _SHARE)
            if not whole:
                self._cut(connection, query, seconds * _SHARE)
            if "ignore_errors" in attempt.options:
                duck.refuse_void(connection, self._out, self.dtypes)
            types = duck.json_types(connection, self._out, self.dtypes)
        self._settle(whole=whole)
        self.notes = (*self._remarks, *self._apart)
        self.types = tuple(types.get(place, type_) for place, type_ in enumerate(self.types))

    def _cut(self, connection: duckdb.DuckDBPyConnection, query: str, seconds: float) -> None:
        """The first rows, so few at last that they can be read in the time."""
        for cells in _CUT_CELLS:
            limit = max(1_000, cells // max(1, len(self.names)))
            if duck.copied(connection, f"{query} LIMIT {limit}", self._out, max(_LEAST, seconds)):
                return
        raise TimeoutError("not even the first rows could be read within the budget of time")

    def close(self) -> None:
        """Let go of the files, and of the room on the disk."""
        super().close()
        self._files.close()
