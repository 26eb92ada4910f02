"""Statements at database servers. Of a read-only connection each runs in a transaction that can change nothing.

What may run is decided by the server's own grammar and rights: a statement is put into a query, where nothing but a query
can stand, and that into a transaction that only reads. What these do not hold is refused before (``reading``).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from orrery_engine.catalog.errors import translate
from orrery_engine.catalog.sessions import MysqlSession, PostgresSession, as_table
from orrery_engine.catalog.spec import DatabaseSpec, Password
from orrery_engine.lazy import LazyModule
from orrery_engine.query import reading, statements
from orrery_engine.query.result import QueryLimits, QueryResult, collect
from orrery_wire.errors import Cancelled, Forbidden, Invalid, OrreryError

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = LazyModule("pyarrow")

# In the status that a server sends after each statement.
_IN_READ_ONLY_TRANSACTION = 0x2000
# What a value costs in this process, beyond its letters.
_VALUE_BYTES = 40


class ServerQuery(Protocol):
    """A statement at a server, over a connection of its own."""

    def run(self, statement: str, values: Mapping[str, Any], limits: QueryLimits) -> QueryResult:
        """Run it, and give its first rows. Blocks."""

    def cancel(self) -> None:
        """End it at the server. From any thread."""

    def close(self) -> None:
        """End the connection."""


class PostgresQuery:
    """A statement at PostgreSQL."""

    def __init__(self, spec: DatabaseSpec, password: Password) -> None:
        self._spec = spec
        self._session = PostgresSession(spec, password)
        self._is_cancelled = threading.Event()

    def run(self, statement: str, values: Mapping[str, Any], limits: QueryLimits) -> QueryResult:
        """Run it, and give its first rows. Blocks."""
        statement = statements.single(statement, "postgresql")
        tells = statements.tells(statement)
        bound = statements.bind(statement, values, "postgresql")
        text = bound.text
        if self._spec.is_read_only:
            reading.refuse(statement, "postgresql")
            text = reading.wrapped(text, "postgresql", limits.rows + 1)
        with (
            _words(self._spec, self._is_cancelled),
            self._transaction(),
            self._session.connection.cursor() as cursor,
        ):
            self._session.track(cursor)
            if tells:
                # Only queries can be copied, which is the quicker way to fetch rows.
                cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
            cursor.execute(text, bound.values or None)
            if not cursor.description:
                return QueryResult(pa.table({}), notes=(_changed(cursor.rowcount),))
            reader = cursor.fetch_record_batch()
            table, is_cut = collect(reader, reader.schema, limits)
            return QueryResult(table, is_cut)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """A transaction that changes nothing; a superuser, whom it would not hold back, has no session that only reads."""
        if not self._spec.is_read_only:
            yield
            return
        self._session.rows("BEGIN TRANSACTION READ ONLY")
        try:
            yield
        finally:
            with contextlib.suppress(OrreryError):
                self._session.rows("ROLLBACK")

    def cancel(self) -> None:
        """End it at the server. From any thread."""
        self._is_cancelled.set()
        self._session.cancel()

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(Exception):
            self._session.close()


class MysqlQuery:
    """A statement at MySQL or MariaDB."""

    def __init__(self, spec: DatabaseSpec, password: Password) -> None:
        self._spec = spec
        self._session = MysqlSession(spec, password)
        self._is_cancelled = threading.Event()

    def run(self, statement: str, values: Mapping[str, Any], limits: QueryLimits) -> QueryResult:
        """Run it, and give its first rows. Blocks."""
        from pymysql.cursors import SSCursor

        statement = statements.single(statement, "mysql")
        bound = statements.bind(statement, values, "mysql")
        text = bound.text
        if self._spec.is_read_only:
            reading.refuse(statement, "mysql")
            text = reading.wrapped(text, "mysql", limits.rows + 1)
        connection = self._session.connection
        with (
            _words(self._spec, self._is_cancelled),
            self._transaction(),
            connection.cursor(SSCursor) as cursor,
        ):
            connection.allowance = limits.bytes
            cursor.execute(text, bound.values or None)
            if cursor.description is None:
                return QueryResult(pa.table({}), notes=(_changed(cursor.rowcount),))
            table, is_cut = self._fetched(cursor, limits)
            return QueryResult(table, is_cut)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """A transaction of which the server itself says that it only reads."""
        if not self._spec.is_read_only:
            yield
            return
        connection = self._session.connection
        with connection.cursor() as cursor:
            cursor.execute("START TRANSACTION READ ONLY")
        if not connection.server_status & _IN_READ_ONLY_TRANSACTION:
            raise Forbidden(
                "The server began no transaction that only reads",
                reason="Something between may have changed what was sent.",
                remedy="Connect to the server itself, without a proxy.",
            )
        try:
            yield
        finally:
            # A server ends the transaction of a connection that is gone.
            with contextlib.suppress(Exception):
                connection.rollback()

    def _fetched(self, cursor: Any, limits: QueryLimits) -> tuple[pa.Table, bool]:
        """The rows as far as they may go; of a result that is too large no more is read."""
        from orrery_engine.catalog.mysql_connection import TooMuchError

        connection = self._session.connection
        names = [str(column[0]) for column in cursor.description]
        rows: list[Any] = []
        is_cut = False
        try:
            while len(rows) <= limits.rows and (row := cursor.fetchone()) is not None:
                connection.spend(_VALUE_BYTES * len(row))
                rows.append(row)
        except TooMuchError:
            is_cut = True
            if not rows:
                raise Invalid(
                    "The first row is larger than a result may be",
                    reason=f"The limit is {limits.bytes >> 20:,} MiB.",
                    remedy="Ask for fewer columns, or for a part of the value.",
                ) from None
        if len(rows) > limits.rows and not self._spec.is_read_only:
            # There may be any number of rows more.
            connection.abort()
        connection.allowance = None
        return as_table(names, rows[: limits.rows]), is_cut or len(rows) > limits.rows

    def cancel(self) -> None:
        """End it at the server. From any thread."""
        self._is_cancelled.set()
        self._session.cancel()

    def close(self) -> None:
        """End the connection."""
        self._session.close()


def open_query(spec: DatabaseSpec, password: Password) -> ServerQuery:
    """A connection for a statement.

    Raises:
        OrreryError: it cannot be made; the words say why.
    """
    return (
        PostgresQuery(spec, password) if spec.kind == "postgresql" else MysqlQuery(spec, password)
    )


def _changed(count: int) -> str:
    return f"{count:,} rows were changed." if count >= 0 else "The statement gave no rows."


@contextlib.contextmanager
def _words(spec: DatabaseSpec, is_cancelled: threading.Event) -> Iterator[None]:
    """Failures of a driver as errors in words."""
    try:
        yield
    except Exception as problem:  # each driver has a tree of its own
        if is_cancelled.is_set():
            raise Cancelled("The statement was cancelled") from None
        if isinstance(problem, OrreryError):
            raise
        raise translate(problem, spec) from None
