"""Schema migration at start; a schema that a newer version wrote is refused."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from orrery_hub.base import sqlite_file
from orrery_hub.base.db import Database

_MIGRATIONS = Path(__file__).parent.parent / "migrations"
# Key of PostgreSQL's advisory lock: arbitrary, but the same in every version of the service.
_LOCK_KEY = 0x0E77E5


class NewerSchemaError(Exception):
    """The database was written by a newer version of Orrery; nothing was changed."""


def upgrade(database: Database) -> bool:
    """Upgrade the schema, one process at a time; true if it was out of date.

    All steps are one transaction: an upgrade that is killed half way leaves the old schema.

    Raises:
        NewerSchemaError: a newer version of Orrery wrote the database.
    """
    with _migration_lock(database), database.unlimited() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
        config = _config(connection)
        scripts = ScriptDirectory.from_config(config)
        if current == scripts.get_current_head():
            return False
        _require_known(scripts, current)
        if current and database.file:
            sqlite_file.back_up(database.file)
        command.upgrade(config, "head")
        connection.commit()
        return True


def _require_known(scripts: ScriptDirectory, current: str | None) -> None:
    try:
        if current:
            scripts.get_revision(current)
    except CommandError:
        raise NewerSchemaError(
            f"The hub service's database has schema {current!r}, which this version of Orrery does not"
            " know. A newer version wrote it. Install that version again, or restore the copy that was"
            " made before its upgrade (the file that ends in .backup)."
        ) from None


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _migration_lock(database: Database) -> Iterator[None]:
    if file := database.file:
        with file.with_name(f"{file.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    with database.unlimited() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
