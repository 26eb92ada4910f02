"""What a statement gave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orrery_engine.lazy import LazyModule

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = LazyModule("pyarrow")


@dataclass(frozen=True)
class QueryLimits:
    """What a statement may use.

    Attributes:
        rows: that are given; more are not fetched.
        bytes: of the rows that are given.
        memory: that a process on this machine may hold, in bytes.
    """

    rows: int = 10_000
    bytes: int = 256 * 2**20
    seconds: float = 60.0
    memory: int = 1024 * 2**20


@dataclass(frozen=True)
class QueryResult:
    """Rows of a statement.

    Attributes:
        is_cut: whether there are more.
        notes: what is not as it may be expected.
        scanned: bytes that were read of stores.
    """

    table: pa.Table
    is_cut: bool = False
    notes: tuple[str, ...] = ()
    scanned: int = 0


def collect(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, limits: QueryLimits
) -> tuple[pa.Table, bool]:
    """Batches up to the limits, and whether there are more."""
    pieces: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        pieces.append(batch.slice(0, limits.rows - rows))
        if batch.num_rows > limits.rows - rows:
            return pa.Table.from_batches(pieces, schema=schema), True
        rows += batch.num_rows
        size += batch.nbytes
        if size > limits.bytes:
            return pa.Table.from_batches(pieces, schema=schema), True
    return pa.Table.from_batches(pieces, schema=schema), False
