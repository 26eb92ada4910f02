"""Connections to databases: rows or Arrow of one statement, with a time limit, and cancelled at the server."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from orrery_engine.catalog import postgres_address
from orrery_engine.catalog.errors import translate
from orrery_engine.catalog.spec import DatabaseSpec, Password
from orrery_engine.lazy import LazyModule
from orrery_wire.errors import Forbidden, OrreryError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from orrery_engine.catalog import duckdb_file
else:
    duckdb = LazyModule("duckdb")
    duckdb_file = LazyModule("orrery_engine.catalog.duckdb_file")
    pa = LazyModule("pyarrow")

CONNECT_SECONDS = 5
_BATCH_ROWS = 10_000
# The roles of a user that are a superuser's, or reach the files and programs of the server.
_MIGHTY = """
SELECT rolname FROM pg_catalog.pg_roles
WHERE (rolsuper OR rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))
  AND (pg_catalog.pg_has_role(oid, 'MEMBER') OR pg_catalog.pg_has_role(session_user, oid, 'MEMBER'))
LIMIT 1
"""
_DUCKDB_MEMORY = "512MiB"
Row = tuple[Any, ...]


class Session(Protocol):
    """One connection. Used by one thread at a time; ``cancel`` may come from any."""

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a statement of ours."""

    def table(self, statement: str, limit: int) -> pa.Table:
        """The first rows of a statement, as Arrow."""

    def cancel(self) -> None:
        """End the statement that runs, at the server."""

    def close(self) -> None:
        """End the connection."""


class PostgresSession:
    """PostgreSQL by ADBC."""

    def __init__(self, spec: DatabaseSpec, password: Password) -> None:
        import adbc_driver_postgresql.dbapi as driver

        self._spec = spec
        settings = f"-c statement_timeout={int(spec.seconds * 1000)}"
        if spec.is_read_only:
            settings += " -c default_transaction_read_only=on"
        address = postgres_address.address(spec, password, settings, CONNECT_SECONDS)
        with _words(spec):
            self.connection = driver.connect(address, autocommit=True)
        self._cursor: Any = None
        if spec.is_read_only:
            try:
                self._refuse_superusers()
            except BaseException:
                self.close()
                raise

    def _refuse_superusers(self) -> None:
        """Refuse a user that no transaction holds back.

        A superuser reads files of the server and runs programs there, and a role that it takes on instead is laid down by
        the next statement.
        """
        if self.rows(_MIGHTY):
            raise Forbidden(
                "This connection only reads, and its user is a superuser of the server",
                reason="Such a user can read files of the server and run programs there, even in a transaction that only reads.",
                remedy="Give the connection a user that only reads tables (GRANT pg_read_all_data TO ...), or let the connection write.",
            )

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a statement of ours; parameters are `$1`, `$2`, ..."""
        with _words(self._spec), self.connection.cursor() as cursor:
            self._cursor = cursor
            cursor.execute(statement, tuple(parameters) or None)
            return [tuple(row) for row in cursor.fetchall()]

    def track(self, cursor: Any) -> None:
        """Remember whose statement ``cancel`` ends."""
        self._cursor = cursor

    def table(self, statement: str, limit: int) -> pa.Table:
        """The first rows of a statement, as Arrow."""
        with _words(self._spec), self.connection.cursor() as cursor:
            self._cursor = cursor
            cursor.execute(statement)
            return _first(cursor.fetch_record_batch(), limit)

    def cancel(self) -> None:
        """End the statement that runs, at the server."""
        if self._cursor is not None:
            self._cursor.adbc_cancel()

    def close(self) -> None:
        """End the connection."""
        self.connection.close()


class MysqlSession:
    """MySQL and MariaDB by PyMySQL."""

    def __init__(self, spec: DatabaseSpec, password: Password) -> None:
        from orrery_engine.catalog import mysql_connection

        self._spec = spec
        self._password = password
        with _words(spec):
            self.connection = mysql_connection.connect(spec, password, CONNECT_SECONDS)
            with self.connection.cursor() as cursor:
                self._limit_time(cursor)
                if spec.is_read_only:
                    cursor.execute("SET SESSION TRANSACTION READ ONLY")

    def _limit_time(self, cursor: Any) -> None:
        """The server's own time limit; MariaDB and MySQL call it by other names."""
        cursor.execute("SELECT VERSION()")
        if "MariaDB" in cursor.fetchone()[0]:
            cursor.execute("SET SESSION max_statement_time = %s", (self._spec.seconds,))
        else:
            cursor.execute("SET SESSION max_execution_time = %s", (int(self._spec.seconds * 1000),))

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a statement of ours; parameters are `%s`."""
        with _words(self._spec), self.connection.cursor() as cursor:
            cursor.execute(statement, tuple(parameters) or None)
            return [tuple(row) for row in cursor.fetchall()]

    def table(self, statement: str, limit: int) -> pa.Table:
        """The first rows of a statement, as Arrow."""
        from pymysql.cursors import SSCursor

        with _words(self._spec), self.connection.cursor(SSCursor) as cursor:
            cursor.execute(statement)
            names = [str(column[0]) for column in cursor.description or ()]
            rows = cursor.fetchmany(limit)
        return as_table(names, rows)

    def cancel(self) -> None:
        """End the statement that runs, at the server, from a connection of its own."""
        from orrery_engine.catalog import mysql_connection

        with _words(self._spec):
            other = mysql_connection.connect(self._spec, self._password, CONNECT_SECONDS)
            with contextlib.closing(other), other.cursor() as cursor:
                cursor.execute("KILL QUERY %s", (self.connection.thread_id(),))

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(Exception):
            self.connection.close()


class SqliteSession:
    """A file of SQLite."""

    def __init__(self, spec: DatabaseSpec, _: Password) -> None:
        self._spec = spec
        self._until = 0.0
        mode = "ro" if spec.is_read_only else "rw"
        address = f"file:{quote(spec.database)}?mode={mode}"
        with _words(spec):
            self.connection = sqlite3.connect(
                address, uri=True, timeout=CONNECT_SECONDS, check_same_thread=False
            )
            self.connection.set_progress_handler(self._is_late, 10_000)
            # What a statement names must be in this file: neither another file nor a library.
            self.connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def _is_late(self) -> bool:
        return 0 < self._until < time.monotonic()

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a statement of ours; parameters are `?`."""
        with self._timed():
            return self.connection.execute(statement, tuple(parameters)).fetchall()

    def table(self, statement: str, limit: int) -> pa.Table:
        """The first rows of a statement, as Arrow."""
        with self._timed(), contextlib.closing(self.connection.execute(statement)) as cursor:
            names = [str(column[0]) for column in cursor.description or ()]
            return as_table(names, cursor.fetchmany(limit))

    @contextlib.contextmanager
    def _timed(self) -> Any:
        self._until = time.monotonic() + self._spec.seconds
        try:
            with _words(self._spec):
                yield
        except OrreryError as error:
            if self._is_late() and error.code == "cancelled":
                raise translate(TimeoutError("statement timed out"), self._spec) from None
            raise
        finally:
            self._until = 0.0

    def cancel(self) -> None:
        """End the statement that runs."""
        self.connection.interrupt()

    def close(self) -> None:
        """End the connection."""
        self.connection.close()


class DuckdbSession:
    """A file of DuckDB, that reaches nothing but itself."""

    def __init__(self, spec: DatabaseSpec, _: Password) -> None:
        self._spec = spec
        self._closing = contextlib.ExitStack()
        with _words(spec), contextlib.ExitStack() as stack:
            file = duckdb_file.DatabaseFile(spec.database) if spec.is_read_only else None
            if file is not None:
                stack.enter_context(file)
            self.connection = duckdb.connect(
                ":memory:" if file else spec.database,
                config={
                    **duckdb_file.CONFIG,
                    "memory_limit": _DUCKDB_MEMORY,
                    "threads": "2",
                },
            )
            stack.callback(self.connection.close)
            if file is not None:
                file.attach(self.connection)
            duckdb_file.close_doors(self.connection)
            self._closing = stack.pop_all()

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a statement of ours; parameters are `?`."""
        with self._timed():
            return self.connection.execute(statement, list(parameters)).fetchall()

    def table(self, statement: str, limit: int) -> pa.Table:
        """The first rows of a statement, as Arrow."""
        with self._timed():
            relation = self.connection.sql(statement)
            # What is no query has no rows, and was done.
            return (
                _first(relation.to_arrow_reader(_BATCH_ROWS), limit) if relation else pa.table({})
            )

    @contextlib.contextmanager
    def _timed(self) -> Any:
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            self.connection.interrupt()

        timer = threading.Timer(self._spec.seconds, end)
        timer.start()
        try:
            with _words(self._spec):
                yield
        except OrreryError:
            if is_late.is_set():
                raise translate(TimeoutError("statement timed out"), self._spec) from None
            raise
        finally:
            timer.cancel()

    def cancel(self) -> None:
        """End the statement that runs."""
        self.connection.interrupt()

    def close(self) -> None:
        """End the connection, and give the file back."""
        self._closing.close()


_SESSIONS: dict[str, Any] = {
    "postgresql": PostgresSession,
    "mysql": MysqlSession,
    "sqlite": SqliteSession,
    "duckdb": DuckdbSession,
}


def open_session(spec: DatabaseSpec, password: Password) -> Session:
    """A connection.

    Raises:
        OrreryError: it cannot be made; the words say why.
    """
    session: Session = _SESSIONS[spec.kind](spec, password)
    return session


def as_table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Rows of a driver as Arrow; a column whose values have no one type becomes text."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    arrays = []
    for values in columns:
        try:
            arrays.append(pa.array(values))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
            arrays.append(pa.array([None if value is None else str(value) for value in values]))
    return pa.Table.from_arrays(arrays, names=list(names))


def _first(reader: pa.RecordBatchReader, limit: int) -> pa.Table:
    """The first rows of a stream; the rest is not fetched."""
    batches: list[pa.RecordBatch] = []
    left = limit
    with reader:
        for batch in reader:
            batches.append(batch.slice(0, left))
            left -= batches[-1].num_rows
            if left <= 0:
                break
        return pa.Table.from_batches(batches, schema=reader.schema)


@contextlib.contextmanager
def _words(spec: DatabaseSpec) -> Any:
    """Failures of a driver as errors in words."""
    try:
        yield
    except OrreryError:
        raise
    except Exception as error:  # noqa: BLE001  # each driver has a tree of its own
        raise translate(error, spec) from None
