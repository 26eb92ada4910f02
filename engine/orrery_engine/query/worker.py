"""The worker process of statements over files: DuckDB in a cage, and SQLite; it is killed to cancel what it runs."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pyarrow as pa

from orrery_engine import cage
from orrery_engine.catalog import duckdb_file
from orrery_engine.catalog.errors import plain, translate
from orrery_engine.catalog.sessions import as_table
from orrery_engine.catalog.spec import DatabaseSpec
from orrery_engine.client.process import die_with_parent
from orrery_engine.preview.budget import Budget, BudgetSpentError
from orrery_engine.preview.channel import Channel
from orrery_engine.query import statements
from orrery_engine.query.filesystem import StoreFiles
from orrery_engine.query.result import QueryLimits, QueryResult, collect
from orrery_wire.errors import Forbidden, Invalid, NotFound, OrreryError

_BATCH_ROWS = 5_000
_LONGEST_VALUE = 64 * 2**20
# What SQLite may do for a statement; everything else is refused where it prepares it.
_ALLOWED = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
    }
)
_PRAGMAS = frozenset(
    {
        "table_info",
        "table_xinfo",
        "index_list",
        "index_info",
        "foreign_key_list",
        "table_list",
        "database_list",
    }
)
_FUNCTIONS = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})


def main() -> None:
    """Run statements until standard input ends."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    die_with_parent()
    channel = Channel(source, target)
    channel.send({"event": "ready"})
    while True:
        serve(channel)


def serve(channel: Channel) -> None:
    """Run one statement."""
    message, _ = channel.receive()
    limits = QueryLimits(**message["limits"])
    # SQLite keeps the index of its log in a file; of DuckDB nothing at all has to be written.
    is_written = message["kind"] != "duckdb" or not message["read_only"]
    cage.confine_reader(limits.memory, limits.seconds, writes=is_written)
    try:
        result = _run(channel, message, limits)
    except OrreryError as problem:
        channel.send({"event": "failed", "error": problem.body()})
    except MemoryError:
        channel.send({"event": "failed", "error": _no_memory().body()})
    except Exception as problem:  # noqa: BLE001  # the edge of the process
        channel.send({"event": "failed", "error": _words(problem, message).body()})
    else:
        facts = {"cut": result.is_cut, "notes": list(result.notes)}
        channel.send({"event": "done", **facts}, [_stream(result.table)])


def _run(channel: Channel, message: Mapping[str, Any], limits: QueryLimits) -> QueryResult:
    kind: statements.Kind = message["kind"]
    statement = statements.single(message["statement"], kind)
    bound = statements.bind(statement, message["values"], kind)
    database = str(message["database"])
    if database and not Path(database).is_file():
        raise NotFound("The file of the database is not there", remedy="Look at its path.")
    if kind == "sqlite":
        return _sqlite(database, bound, limits, is_read_only=bool(message["read_only"]))
    with _duckdb(channel, message, limits) as connection:
        connection.execute(bound.text, list(bound.values))
        if connection.description is None:
            return QueryResult(pa.table({}), notes=("The statement gave no rows.",))
        reader: Any = connection.to_arrow_reader(_BATCH_ROWS)
        table, is_cut = collect(reader, reader.schema, limits)
        return QueryResult(table, is_cut)


@contextlib.contextmanager
def _duckdb(
    channel: Channel, message: Mapping[str, Any], limits: QueryLimits
) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB that opens its own file and the stores by their schemes, and nothing else; it cannot be talked into more."""
    database = str(message["database"])
    is_own_file = bool(database) and not message["read_only"]
    schemes = [str(scheme) for scheme in message["schemes"]]
    budget = Budget(int(message["most_bytes"]), limits.seconds)
    stores = [StoreFiles(channel, scheme, budget) for scheme in schemes]
    with contextlib.ExitStack() as stack:
        connection = duckdb.connect(
            database if is_own_file else ":memory:",
            config={
                **duckdb_file.CONFIG,
                "memory_limit": f"{max(64, limits.memory * 3 // 5 >> 20)}MiB",
                "threads": "2",
            },
        )
        stack.callback(connection.close)
        if database and not is_own_file:
            stack.enter_context(duckdb_file.DatabaseFile(database)).attach(connection)
        for store in stores:
            connection.register_filesystem(store)
        duckdb_file.close_doors(connection, [f"{scheme}://" for scheme in schemes])
        try:
            yield connection
        except duckdb.Error as problem:
            own = next((store.problems[-1] for store in stores if store.problems), None)
            raise own or problem from None


def _sqlite(
    path: str, bound: statements.Bound, limits: QueryLimits, *, is_read_only: bool
) -> QueryResult:
    mode = "ro" if is_read_only else "rw"
    with contextlib.closing(
        sqlite3.connect(f"file:{quote(path)}?mode={mode}", uri=True, timeout=5)
    ) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        connection.execute("PRAGMA temp_store = MEMORY")
        if is_read_only:
            connection.set_authorizer(_authorize)
        with contextlib.closing(connection.execute(bound.text, bound.values)) as cursor:
            if cursor.description is None:
                connection.commit()
                return QueryResult(
                    pa.table({}), notes=(f"{max(0, cursor.rowcount):,} rows were changed.",)
                )
            names = [str(column[0]) for column in cursor.description]
            rows = cursor.fetchmany(limits.rows + 1)
        return QueryResult(as_table(names, rows[: limits.rows]), len(rows) > limits.rows)


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """SQLite's own question before it prepares a step of a statement."""
    if action == sqlite3.SQLITE_PRAGMA:
        is_plain = (first or "").lower() in _PRAGMAS
        return sqlite3.SQLITE_OK if is_plain else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _words(problem: Exception, message: Mapping[str, Any]) -> OrreryError:
    """What a failure means."""
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, OrreryError):
            return cause
        if isinstance(cause, BudgetSpentError):
            return _too_much(int(message["most_bytes"]))
        cause = cause.__cause__ or cause.__context__
    text = str(problem)
    if isinstance(problem, PermissionError):
        return Forbidden(
            "Files of stores are only read", remedy="Load the rows, and write them yourself."
        )
    if isinstance(problem, duckdb.OutOfMemoryException):
        return _no_memory()
    if isinstance(problem, duckdb.PermissionException) or "not authorized" in text:
        return Forbidden(
            "The statement asks for what is not allowed here",
            reason=_without_paths(plain(text)),
            remedy="Name files by their location: lake://, files:// or store://<connection>/.",
        )
    spec = DatabaseSpec(message["kind"], str(message["database"]))
    return translate(problem, spec)


def _without_paths(text: str) -> str:
    return text.partition(" - ")[0].partition('"/')[0].strip() or "It is refused."


def _too_much(most: int) -> Invalid:
    return Invalid(
        "The statement would read more of the stores than it may",
        reason=f"At most {most >> 20:,} MiB are read for one.",
        remedy="Choose fewer columns or partitions, or raise the limit of the query.",
    )


def _no_memory() -> Invalid:
    return Invalid(
        "The statement needs more memory than it may use",
        reason="What it holds at one time does not fit.",
        remedy="Ask for fewer rows or columns, or aggregate first.",
    )


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


if __name__ == "__main__":
    with suppress(KeyboardInterrupt, BrokenPipeError):
        main()
