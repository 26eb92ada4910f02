"""Statements at database servers. Of a read-only connection each runs in a transaction that can change nothing.

What may run is decided by the server's own grammar and rights: a statement is put into a query, where nothing but a query
can stand, and that into a transaction that only reads. No word of it is looked for.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import pyarrow as pa

from orrery_engine.catalog.errors import translate
from orrery_engine.catalog.sessions import MysqlSession, PostgresSession, as_table
from orrery_engine.catalog.spec import DatabaseSpec, Password
from orrery_engine.query import statements
from orrery_engine.query.result import QueryLimits, QueryResult, collect
from orrery_wire.errors import Cancelled, OrreryError

_CHUNK_ROWS = 5_000
_READER = "pg_read_all_data"


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
        tells = statements.tells(statement, "postgresql")
        bound = statements.bind(statement, values, "postgresql")
        text = bound.text
        if self._spec.is_read_only and not tells:
            text = f"SELECT * FROM (\n{text}\n) AS orrery LIMIT {limits.rows + 1:d}"  # noqa: S608  # the server parses it as one query
        with (
            _words(self._spec, self._is_cancelled),
            self._transaction() as notes,
            self._session.connection.cursor() as cursor,
        ):
            self._session.track(cursor)
            if tells:
                # Only queries can be copied, which is the quicker way to fetch rows.
                cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
            cursor.execute(text, bound.values or None)
            if not cursor.description:
                return QueryResult(pa.table({}), notes=(*notes, _changed(cursor.rowcount)))
            reader = cursor.fetch_record_batch()
            table, is_cut = collect(reader, reader.schema, limits)
            return QueryResult(table, is_cut, tuple(notes))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[list[str]]:
        """A transaction that changes nothing, and in which a superuser has no more rights than to read tables."""
        notes: list[str] = []
        if not self._spec.is_read_only:
            yield notes
            return
        self._session.rows("BEGIN TRANSACTION READ ONLY")
        try:
            facts = self._session.rows(
                "SELECT r.rolsuper, EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1)"
                " FROM pg_catalog.pg_roles r WHERE r.rolname = current_user",
                (_READER,),
            )
            if facts and facts[0][0] and facts[0][1]:
                self._session.rows(f"SET LOCAL ROLE {_READER}")
                notes.append(
                    "The user of this connection is a superuser; the statement ran as one that reads tables. Give the"
                    " connection a user that only reads."
                )
            yield notes
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
        if self._spec.is_read_only and not statements.tells(statement, "mysql"):
            # Parentheses allow equal names of columns; before a WITH not all versions know them.
            begin = "SELECT * FROM (" if statements.begins_with_names(statement) else "("
            end = ") AS orrery" if begin != "(" else ")"
            text = f"{begin}\n{text}\n{end} LIMIT {limits.rows + 1:d}"
        with _words(self._spec, self._is_cancelled):
            with self._session.connection.cursor() as cursor:
                if self._spec.is_read_only:
                    cursor.execute("START TRANSACTION READ ONLY")
            try:
                with self._session.connection.cursor(SSCursor) as cursor:
                    cursor.execute(text, bound.values or None)
                    if cursor.description is None:
                        return QueryResult(pa.table({}), notes=(_changed(cursor.rowcount),))
                    table, is_cut = self._fetched(cursor, limits)
                    return QueryResult(table, is_cut)
            finally:
                if self._spec.is_read_only:
                    with contextlib.suppress(Exception):
                        self._session.connection.rollback()

    def _fetched(self, cursor: Any, limits: QueryLimits) -> tuple[pa.Table, bool]:
        names = [str(column[0]) for column in cursor.description]
        rows: list[Any] = []
        while len(rows) <= limits.rows:
            chunk = cursor.fetchmany(min(_CHUNK_ROWS, limits.rows + 1 - len(rows)))
            if not chunk:
                break
            rows += chunk
        is_cut = len(rows) > limits.rows
        return as_table(names, rows[: limits.rows]), is_cut

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
