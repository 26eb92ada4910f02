"""What differs from database to database: how to connect, to limit, and to name types."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL

from orrery_engine.schemas import ColumnType


def connecting(url: URL) -> dict[str, Any]:
    """How long to wait for a connection, and that nothing is to be written."""
    backend = url.get_backend_name()
    if backend in ("postgresql", "mysql", "mariadb") and "asyncpg" not in url.drivername:
        return {"connect_args": {"connect_timeout": 10}}
    return {"connect_args": {"read_only": True}} if backend == "duckdb" else {}


def limit_mysql(connection: sa.Connection, seconds: float) -> None:
    """MySQL counts in milliseconds, MariaDB in seconds."""
    word = f"max_execution_time = {int(seconds * 1_000)}"
    if connection.dialect.name == "mariadb" or getattr(connection.dialect, "is_mariadb", False):
        word = f"max_statement_time = {seconds}"
    connection.execute(sa.text(f"SET SESSION {word}"))


def native(column_type: sa.types.TypeEngine[Any]) -> str:
    """The database's own word."""
    if isinstance(column_type, sa.types.NullType):
        return "ANY"
    try:
        return f"{column_type}"[:200]
    except sa.exc.CompileError:
        return column_type.__class__.__name__


_KINDS: tuple[tuple[type[Any], ColumnType], ...] = (
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Float, "float"),
    (sa.Numeric, "decimal"),
    (sa.DateTime, "datetime"),
    (sa.Date, "date"),
    (sa.Time, "time"),
    (sa.Interval, "duration"),
    (postgresql.INTERVAL, "duration"),
    (sa.LargeBinary, "binary"),
    (sa.JSON, "nested"),
    (sa.ARRAY, "nested"),
    (sa.Enum, "category"),
)


def kind(native: Any) -> ColumnType:
    """What kind of column a type of SQLAlchemy makes."""
    if isinstance(native, postgresql.DOMAIN):
        return kind(native.data_type)
    return next((name for family, name in _KINDS if isinstance(native, family)), "text")


def of_sqlite(declared: ColumnType, storage_classes: set[str]) -> ColumnType:
    """What kind of column it really is, by the types of the values in it."""
    if not storage_classes:
        return declared
    if storage_classes == {"integer"}:
        return declared if declared in ("boolean", "integer") else "integer"
    if storage_classes <= {"integer", "real"}:
        return "float"
    if storage_classes == {"text"}:
        return declared if declared in ("datetime", "date", "time", "category") else "text"
    return "binary" if storage_classes == {"blob"} else "mixed"
