"""The database: one engine, short transactions, and every storage failure told as one of ours.

SQLite and PostgreSQL keep the same promise: when ``write()`` has ended without an error, the change
survives SIGKILL and power loss.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from orrery_wire.errors import BackendUnavailable, OrreryError, StorageFull

_NO_ROOM_SQLITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR}
_NO_ROOM_POSTGRES = {"53100", "25006"}


class Table(DeclarativeBase):
    """What every table is made of; the names of constraints are fixed, so that migrations can name them."""

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
    """A moment in UTC that knows that it is in UTC, also where the database forgets it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment as the database keeps it: in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment as it was kept, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


class Database:
    """Transactions on one database; safe to use from many threads."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine = _engine(url)
        self._writer = self.engine.execution_options(orrery_write=True)
        # SQLite lets one write at a time, and lets those who wait find out by trying again and again.
        self._turn: AbstractContextManager[Any] = threading.Lock() if self.file else nullcontext()

    @property
    def file(self) -> Path | None:
        """The SQLite file, if that is what it is."""
        if self.url.get_backend_name() != "sqlite" or not self.url.database:
            return None
        return Path(self.url.database)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A view of one moment; what is changed in it is thrown away."""
        with told(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A change: all of it is kept when the block ends, nothing of it when the block raises."""
        with (
            self._turn,
            told(),
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
def told() -> Iterator[None]:
    """Translate what the driver raises into what a person can act on."""
    try:
        yield
    except DBAPIError as problem:
        if (known := _known(problem)) is None:
            raise
        raise known from problem


def _known(problem: DBAPIError) -> OrreryError | None:
    original = problem.orig
    primary = getattr(original, "sqlite_errorcode", -1) & 0xFF
    state = getattr(original, "sqlstate", None)
    if primary in _NO_ROOM_SQLITE or state in _NO_ROOM_POSTGRES:
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
    damaged = primary in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN}
    lost = problem.connection_invalidated or (state or "")[:2] in {"08", "57"}
    unreached = state is None and type(original).__name__ == "OperationalError" and primary == 0xFF
    if damaged or lost or unreached:
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


def _open_sqlite(connection: Any, _record: Any) -> None:
    # Python's sqlite3 would begin transactions by itself, late and never IMMEDIATE.
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
    # A writer that begins as a reader can be refused in the middle; one that begins as a writer waits.
    write = connection.get_execution_options().get("orrery_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
