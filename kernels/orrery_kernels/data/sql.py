"""Statements from Python: run by the lab's server, cancelled there when the cell is interrupted, and given as Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orrery_kernels.client import Client
from orrery_kernels.errors import UsageError
from orrery_wire.errors import OrreryError
from orrery_wire.types.calls import segment
from orrery_wire.types.data import DataCalls, Query

if TYPE_CHECKING:
    import pyarrow as pa

_WAIT_SECONDS = 10.0
_SPARE_SECONDS = 20.0


def run(
    client: Client,
    statement: str,
    location: str = "",
    parameters: dict[str, str | int | float | bool | None] | None = None,
    *,
    max_rows: int = 1_000_000,
    seconds: float = 600.0,
) -> pa.Table:
    """The rows of a statement.

    Args:
        location: of a database; empty for DuckDB over files (`lake://`, `files://`, `store://connection/`).
        parameters: values of `:name` in the statement.
        max_rows: of more than these none are fetched, which is an error, not a silence.

    Raises:
        OrreryError: it failed.
        UsageError: it has more rows.
    """
    import pyarrow as pa

    calls = DataCalls(client)
    query = calls.run_query(
        {
            "location": location,
            "statement": statement,
            "parameters": parameters or {},
            "max_rows": max_rows,
            "seconds": seconds,
        }
    )
    query = _ended(calls, query)
    if query["problem"] is not None:
        raise OrreryError.from_body(query["problem"])
    if query["is_cut"]:
        raise UsageError(
            f"The statement has more than {max_rows:,} rows",
            remedy="Ask for fewer with LIMIT, or allow more with max_rows.",
        )
    content = client.fetch(f"data/queries/{segment(query['id'])}/result", timeout=_SPARE_SECONDS)
    return pa.ipc.open_stream(content).read_all()


def _ended(calls: DataCalls, query: Query) -> Query:
    """A statement when it has ended; an interrupt ends it where it runs."""
    try:
        while query["state"] == "running":
            query = calls.get_query(
                query["id"], {"wait": _WAIT_SECONDS}, timeout=_WAIT_SECONDS + _SPARE_SECONDS
            )
    except KeyboardInterrupt:
        calls.cancel_query(query["id"])
        raise
    return query
