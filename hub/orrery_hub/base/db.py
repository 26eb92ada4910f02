"""The database: one engine, short transactions, storage failures as errors of ``orrery_wire.errors``.

On SQLite and PostgreSQL alike, a change survives SIGKILL and power loss once ``write()`` has ended without an
error.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from orrery_wire.errors import BackendUnavailable, OrreryError, StorageFull

_STORAGE_FULL_SQLITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR}
_STORAGE_FULL_POSTGRES = {"53100", "25006"}


class Table(DeclarativeBase):
    """Base class of all tables; constraint names follow a convention, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(TypeDecorator[datetime]):
    """A datetime that is always aware and in UTC, also where the database drops the time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC before storing."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Restore the time zone, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """Current time, aware, in UTC."""
    return datetime.now(UTC)


class Database:
    """Transactions on one database; thread-safe."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine = _engine(url)
        self._writer = self.engine.execution_options(orrery_write=True)
        # SQLite has one writer at a time, and other writers poll: waiting for a lock is fair and faster.
        self._write_lock: AbstractContextManager[object] = (
            threading.Lock() if self.file else nullcontext()
        )

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for another database."""
        if self.url.get_backend_name() != "sqlite" or not self.url.database:
            return None
        return Path(self.url.database)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A read transaction; changes made in it are discarded."""
        with translate_errors(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A write transaction: committed when the block ends, rolled back when it raises."""
        with (
            self._write_lock,
            translate_errors(),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def ping(self) -> None:
        """Raise ``BackendUnavailable`` unless the database answers."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise driver errors as errors of ``orrery_wire.errors``, with a remedy."""
    try:
        yield
    except DBAPIError as problem:
        if (error := _as_orrery(problem)) is None:
            raise
        raise error from problem


def _as_orrery(problem: DBAPIError) -> OrreryError | None:
    original = problem.orig
    primary = getattr(original, "sqlite_errorcode", -1) & 0xFF
    state = getattr(original, "sqlstate", None)
    if primary in _STORAGE_FULL_SQLITE or state in _STORAGE_FULL_POSTGRES:
        return StorageFull(
            "Nothing was saved",
            reason="The disk of the hub's database is full or read-only.",
            remedy="Ask an administrator of the hub to make room, then save again.",
        )
    if primary == sqlite3.SQLITE_BUSY:
        return BackendUnavailable(
            "The hub's database is busy",
            reason="Another change held it for too long.",
            remedy="Try again.",
        )
    is_damaged = primary in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN}
    is_lost = problem.connection_invalidated or (state or "")[:2] in {"08", "57"}
    is_unreachable = (
        state is None and type(original).__name__ == "OperationalError" and primary == 0xFF
    )
    if is_damaged or is_lost or is_unreachable:
        return BackendUnavailable(
            "The hub's database does not answer",
            reason="It is damaged, stopped or out of reach.",
            remedy="Ask an administrator of the hub; its log has the details.",
        )
    return None


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_size=10, max_overflow=30, pool_pre_ping=True)
    engine = create_engine(url, pool_size=10, max_overflow=30, connect_args={"timeout": 10})
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Python's sqlite3 begins transactions by itself, late and never IMMEDIATE.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        "trusted_schema=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later can fail in the middle; IMMEDIATE waits at the start.
    is_write = connection.get_execution_options().get("orrery_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")
