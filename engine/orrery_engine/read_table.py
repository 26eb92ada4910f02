"""The reader of the profiles as a function: a table exactly as a profile sees it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa

from orrery_engine.resolve import resolve
from orrery_engine.schemas import Job, Options, SourceIn
from orrery_engine.tasks import open_table
from orrery_wire.errors import Invalid

_SECONDS = 86_400.0
_MEMORY = 2**62  # the caller's own process has no other limit than the machine's


def read_table(source: SourceIn) -> tuple[pa.Table, tuple[str, ...]]:
    """All rows of a source, and what was assumed in reading it.

    Raises:
        NotFound: there is no such file.
        Invalid: it cannot be read, or not as a whole.
    """
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
            columns = [table.column(place).to_arrow() for place in range(len(table.names))]
            return pa.Table.from_arrays(columns, names=list(table.names)), table.notes
        finally:
            table.close()
