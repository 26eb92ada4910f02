"""The reader of the profiles as a function: a table exactly as a profile sees it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa

from orrery_engine.error_mapping import failure
from orrery_engine.readers import damage
from orrery_engine.readers.base import READING, Table
from orrery_engine.resolve import resolve
from orrery_engine.schemas import Job, Options, SourceIn
from orrery_engine.tasks import open_table
from orrery_wire.errors import Invalid, OrreryError

_SECONDS = 86_400.0
_MEMORY = 2**62  # the caller's own process has no other limit than the machine's


def read_table(source: SourceIn) -> tuple[pa.Table, tuple[str, ...]]:
    """All rows of a source, and what was assumed in reading it.

    Raises:
        NotFound: there is no such file.
        Invalid: it cannot be read, or not as a whole.
    """
    try:
        return _read(source)
    except OrreryError:
        raise
    except (Exception, *READING) as problem:  # what libraries raise
        raise OrreryError.from_body(failure(problem).model_dump()) from problem


def _read(source: SourceIn) -> tuple[pa.Table, tuple[str, ...]]:
    with tempfile.TemporaryDirectory(prefix="orrery-read-") as folder:
        job = Job(
            id="read",
            task="profile",
            source=resolve(source),
            options=Options(seconds=_SECONDS),
            memory=_MEMORY,
            scratch=str(Path(folder)),
        )
        table = open_table(job.source, job)
        try:
            table.prepare()
            if table.sampling is not None:
                raise Invalid("The table is too large to be read as a whole")
            columns = [_column(table, place) for place in range(len(table.names))]
            return pa.Table.from_arrays(columns, names=list(table.names)), table.notes
        finally:
            table.close()


def _column(table: Table, place: int) -> pa.Array:
    try:
        return table.column(place).to_arrow()
    except READING as problem:
        why = damage.words(problem)
        raise Invalid(
            f"The column {table.names[place]!r} could not be read.",
            reason=f"{why[:1].upper()}{why[1:]}.",
            remedy="Fetch the file or write it again; a profile shows the columns that can be read.",
        ) from problem
