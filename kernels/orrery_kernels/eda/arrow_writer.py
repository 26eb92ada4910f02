"""A dataframe as an Arrow file, batch by batch: other threads run in between, and it can be stopped."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orrery_kernels.eda.batches import Batches, batches_of
from orrery_kernels.eda.dataframes import dialect_of, not_a_dataframe, shape
from orrery_kernels.errors import Unreadable
from orrery_wire.errors import Cancelled, OrreryError

if TYPE_CHECKING:
    import pyarrow as pa

# Called with the rows that are written, and all if that is known; what it raises stops the writing.
OnWritten = Callable[[int, int | None], None]

_OPEN = os.O_WRONLY | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def write(value: object, path: str | Path, on_written: OnWritten = lambda rows, of: None) -> int:
    """Write all of a dataframe into a file that is there, and belongs to this person; the number of rows.

    Whoever removes the file stops the writing.

    Raises:
        UsageError: it is no dataframe, or pyarrow is not installed.
        Unreadable: the table cannot be told in Arrow, or the disk is full.
        Cancelled: the file was removed.
    """
    dialect = dialect_of(value)
    if dialect is None:
        raise not_a_dataframe(value)
    batches = batches_of(value, dialect, shape(value)["bytes"])
    try:
        return _write(batches, path, on_written)
    except OSError as problem:
        raise _write_error(problem, str(path)) from problem
    finally:
        batches.close()


def _write(batches: Batches, path: str | Path, on_written: OnWritten) -> int:
    from pyarrow import ipc

    rows = 0
    try:
        descriptor = os.open(path, _OPEN)
    except FileNotFoundError:
        raise _cancelled() from None
    with (
        os.fdopen(descriptor, "wb", buffering=2**20) as file,
        ipc.new_file(file, batches.schema) as writer,
    ):
        on_written(0, batches.rows)
        for batch in _computed(batches.batches):
            writer.write_batch(batch)
            rows += batch.num_rows
            if os.fstat(descriptor).st_nlink == 0:
                raise _cancelled()
            on_written(rows, batches.rows)
            # A cell that waits for the interpreter goes first.
            time.sleep(0)
    return rows


def _computed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches; what goes wrong in the library that they come from is told in words."""
    while True:
        try:
            batch = next(batches, None)
        except (OrreryError, OSError):
            raise
        except Exception as problem:
            raise Unreadable(
                "The dataframe cannot be handed over",
                reason=f"{type(problem).__name__}: {str(problem)[:500]}",
                remedy="See whether it can be computed, or leave out the column that cannot.",
            ) from problem
        if batch is None:
            return
        yield batch


def _cancelled() -> Cancelled:
    return Cancelled("Handing the dataframe over was stopped")


def _write_error(problem: OSError, path: str) -> Unreadable:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unreadable(
            "There is no room to hand the dataframe over",
            reason=f"The disk that holds {Path(path).parent} is full.",
            remedy="Free some space, or profile a part of it, such as df.sample(100_000).",
        )
    return Unreadable(
        "The dataframe cannot be handed over",
        reason=f"Its file cannot be written: {problem.strerror}.",
        remedy="Look at the server's log, or restart it.",
    )
