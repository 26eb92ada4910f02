"""The worker process of one database file: SQLite and DuckDB read files of strangers, so they do it here."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pyarrow as pa

from orrery_engine import cage
from orrery_engine.catalog.sessions import Session, open_session
from orrery_engine.catalog.spec import DatabaseSpec, Password
from orrery_engine.client.process import die_with_parent
from orrery_engine.preview.channel import Channel
from orrery_wire.errors import Invalid, OrreryError

MEMORY = 2**30


def main() -> None:
    """Open the file that the first message names, and answer until standard input ends."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    die_with_parent()
    channel = Channel(source, target)
    message, _ = channel.receive()
    spec = DatabaseSpec(**message["spec"])
    is_written = spec.kind != "duckdb" or not spec.is_read_only
    cage.confine_reader(MEMORY, spec.seconds, writes=is_written)
    try:
        session = open_session(spec, Password())
    except OrreryError as problem:
        channel.send({"error": problem.body()})
        return
    channel.send({})
    while True:
        message, _ = channel.receive()
        # The time of a processor is counted from one answer to the next.
        cage.confine_reader(MEMORY, spec.seconds, writes=is_written)
        try:
            channel.send(*_answer(session, message))
        except OrreryError as problem:
            channel.send({"error": problem.body()})
        except MemoryError:
            channel.send({"error": _no_memory().body()})


def _answer(session: Session, message: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    if message["ask"] == "rows":
        rows = session.rows(message["statement"], message["parameters"])
        return {"rows": [[_plain(value) for value in row] for row in rows]}, []
    table = session.table(message["statement"], int(message["limit"]))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return {}, [bytes(sink.getvalue())]


def _plain(value: Any) -> str | float | None:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _no_memory() -> Invalid:
    return Invalid(
        "This needs more memory than a look at a database may use",
        reason=f"The limit is {MEMORY >> 20:,} MiB.",
        remedy="Ask for less of it with a statement.",
    )


if __name__ == "__main__":
    with suppress(KeyboardInterrupt, BrokenPipeError):
        main()
