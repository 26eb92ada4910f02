"""The database: one engine, short transactions, storage failures as errors of ``orrery_wire.errors``.

On SQLite and PostgreSQL alike, a change survives SIGKILL and power loss once ``write()`` has ended without an
error, and nobody waits without end: a query, a lock and a free connection have the same time limit on both.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVarTuple

from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Select,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from orrery_wire.errors import BackendUnavailable, OrreryError, StorageFull, TimedOut

_Values = TypeVarTuple("_Values")

_STORAGE_FULL_SQLITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR}
_STORAGE_FULL_POSTGRES = {"53100", "25006"}
# 40P01 and 40001: two changes waited for each other, or crossed; this one was undone and can be tried again.
_BUSY_POSTGRES = {"55P03", "25P03", "53300", "40P01", "40001"}
_CANCELLED_POSTGRES = "57014"
# SQLite asks whether the time is over each time that it has executed so many of its instructions.
_SQLITE_STEPS = 20_000
# A write that changes nothing and is undone.
_PROBE = text("UPDATE alembic_version SET version_num = version_num")
_PROBE_SECONDS = 1.0
_PROBE_BYTES = 64 * 1024
_FULL_ERRNO = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}


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


def add_once(session: Session, row: Table) -> bool:
    """Add a row; false if another transaction has added one with its key meanwhile."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def fetch(
    session: Session, statement: Select[*_Values], parameters: Mapping[str, object] | None = None
) -> CursorResult[*_Values]:
    """Rows of values in a session's transaction; past its bookkeeping of objects, which takes as long as the query."""
    session.flush()
    return session.connection().execute(statement, parameters)


def now() -> datetime:
    """Current time, aware, in UTC."""
    return datetime.now(UTC)


class Database:
    """Transactions on one database; thread-safe."""

    def __init__(self, url: str | URL, *, seconds: float = 10) -> None:
        self.url = make_url(url)
        self.seconds = seconds
        self.engine = _engine(self.url, seconds)
        self._writer = self.engine.execution_options(orrery_write=True)
        # SQLite has one writer at a time, and other writers poll: waiting for a lock is fair and faster.
        self._write_lock = threading.Lock() if self.file else None

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for another database."""
        if self.url.get_backend_name() != "sqlite" or not self.url.database:
            return None
        return Path(self.url.database)

    @property
    def snapshot(self) -> Literal["SERIALIZABLE", "REPEATABLE READ"]:
        """Isolation level of a transaction whose queries all see the same state."""
        return "SERIALIZABLE" if self.file else "REPEATABLE READ"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A read transaction; changes made in it are discarded."""
        with translate_errors(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A write transaction: committed when the block ends, rolled back when it raises.

        Raises:
            BackendUnavailable: other changes held the database for longer than the time limit.
            TimedOut: a query took longer.
        """
        with (
            self._write_turn(),
            translate_errors(),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def unlimited(self) -> Iterator[Connection]:
        """A connection without time limits, for migrations."""
        with self.engine.connect().execution_options(orrery_unlimited=True) as connection:
            if self.file is None:
                for name in _POSTGRES_LIMITS:
                    connection.exec_driver_sql(f"SET {name} = 0")
                connection.commit()
                # It does not go back to the pool, for it has no limits any more.
                connection.detach()
            yield connection

    @contextmanager
    def _write_turn(self) -> Iterator[None]:
        if self._write_lock is None:
            yield
            return
        if not self._write_lock.acquire(timeout=self.seconds):
            raise _busy()
        try:
            yield
        finally:
            self._write_lock.release()

    def ping(self) -> None:
        """Raise ``BackendUnavailable`` unless the database answers."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def probe_write(self) -> None:
        """Raise ``StorageFull`` if nothing can be saved. What it writes is undone."""
        if self._write_lock is not None and not self._write_lock.acquire(timeout=_PROBE_SECONDS):
            return  # others are writing
        try:
            with translate_errors(), self._writer.connect() as connection:
                connection.execute(_PROBE)
                connection.rollback()
        finally:
            if self._write_lock is not None:
                self._write_lock.release()
        if self.file:
            _probe_folder(self.file.parent)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _probe_folder(folder: Path) -> None:
    # What is undone never reaches the disk: only a file that is written shows whether there is room.
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * _PROBE_BYTES)
            file.flush()
            os.fsync(file.fileno())
    except OSError as problem:
        if problem.errno not in _FULL_ERRNO:
            raise
        raise _storage_full() from problem


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise driver errors as errors of ``orrery_wire.errors``, with a remedy."""
    try:
        yield
    except PoolTimeoutError as problem:
        raise _busy() from problem
    except DBAPIError as problem:
        if (error := _as_orrery(problem)) is None:
            raise
        raise error from problem


def _as_orrery(problem: DBAPIError) -> OrreryError | None:
    original = problem.orig
    primary = getattr(original, "sqlite_errorcode", -1) & 0xFF
    state = getattr(original, "sqlstate", None)
    if primary in _STORAGE_FULL_SQLITE or state in _STORAGE_FULL_POSTGRES:
        return _storage_full()
    if primary == sqlite3.SQLITE_BUSY or state in _BUSY_POSTGRES:
        return _busy()
    if primary == sqlite3.SQLITE_INTERRUPT or state == _CANCELLED_POSTGRES:
        return TimedOut(
            "The hub's database took too long",
            reason="The query was stopped at its time limit, and nothing was changed.",
            remedy="Try again, or ask for less at once.",
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


def _storage_full() -> StorageFull:
    return StorageFull(
        "Nothing was saved",
        reason="The disk of the hub's database is full or read-only.",
        remedy="Ask an administrator of the hub to make room, then save again.",
    )


def _busy() -> BackendUnavailable:
    return BackendUnavailable(
        "The hub's database is busy",
        reason="Another change held it for too long.",
        remedy="Try again.",
    )


_POSTGRES_LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def _engine(url: URL, seconds: float) -> Engine:
    pool = {"pool_size": 10, "max_overflow": 40, "pool_timeout": seconds}
    if url.get_backend_name() != "sqlite":
        limits = {name: int(seconds * 1000) for name in _POSTGRES_LIMITS}
        # The limit that is reached first gives the error: who waits for a lock is to be told so.
        limits["lock_timeout"] = int(seconds * 900)
        options = " ".join(f"-c {name}={limit}" for name, limit in limits.items())
        given = url.query.get("options", "")
        connect = {"options": f"{given if isinstance(given, str) else ' '.join(given)} {options}"}
        return create_engine(url, pool_pre_ping=True, connect_args=connect, **pool)
    engine = create_engine(url, connect_args={"timeout": seconds}, **pool)
    event.listen(engine, "connect", _sqlite_opener(seconds))
    event.listen(engine, "begin", _sqlite_beginner(seconds))
    return engine


def _sqlite_opener(seconds: float) -> Callable[[sqlite3.Connection, object], None]:
    def open_sqlite(connection: sqlite3.Connection, _record: object) -> None:
        # Python's sqlite3 begins transactions by itself, late and never IMMEDIATE.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={int(seconds * 1000)}",
            "trusted_schema=OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return open_sqlite


def _sqlite_beginner(seconds: float) -> Callable[[Connection], None]:
    def begin_sqlite(connection: Connection) -> None:
        options = connection.get_execution_options()
        is_write = options.get("orrery_write")
        driver = connection.connection.driver_connection
        if isinstance(driver, sqlite3.Connection) and not is_write:
            # It takes no lock and cannot fail, and by the driver alone it takes a fifth of the time.
            driver.execute("BEGIN")
        else:
            # A transaction that reads first and writes later can fail in the middle; IMMEDIATE waits at the start.
            connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")
        if isinstance(driver, sqlite3.Connection):
            is_late = None if options.get("orrery_unlimited") else _deadline(seconds)
            driver.set_progress_handler(is_late, _SQLITE_STEPS)

    return begin_sqlite


def _deadline(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end
