"""The SQLite file itself: is it whole, a copy of it, and what to do when it is not whole.

A damaged file is never deleted and never silently replaced: it is kept aside under another name, the last
good copy takes its place, and a notice says so in the log and in ``/health`` until an operator removes
the notice file.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger("orrery_hub.database")

_COMPANIONS = ("", "-wal", "-shm")


def whole(file: Path) -> str:
    """What is wrong with the file; empty if nothing is."""
    try:
        with closing(sqlite3.connect(file, timeout=10)) as connection:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as problem:
        if getattr(problem, "sqlite_errorcode", 0) & 0xFF in {
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_NOTADB,
        }:
            return str(problem)
        raise
    return "" if said == "ok" else str(said)


def copy(file: Path) -> Path:
    """A consistent copy beside the file, made while others may write; it replaces the copy before it.

    A copy that turns out damaged is thrown away: the older one is worth more, and an operator is told.
    """
    target = backup_of(file)
    fresh = target.with_name(f"{target.name}.new")
    fresh.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(file, timeout=10)) as source,
        closing(sqlite3.connect(fresh)) as into,
    ):
        source.backup(into, pages=1024)
        into.execute("PRAGMA journal_mode=DELETE")
    if wrong := whole(fresh):
        fresh.unlink()
        _tell(
            file,
            f"The database {file.name} is damaged ({wrong}); {target.name} is the last good copy.",
        )
        return target
    fresh.chmod(0o600)
    fresh.replace(target)
    return target


def backup_of(file: Path) -> Path:
    """Where the last good copy lies."""
    return file.with_name(f"{file.name}.backup")


def notices_of(file: Path) -> Path:
    """Where the notices lie; removing the file says that an operator has read them."""
    return file.with_name(f"{file.name}.notices.json")


def notices(file: Path | None) -> list[str]:
    """What an operator must know about the file."""
    try:
        said = json.loads(notices_of(file).read_text(encoding="utf-8")) if file else []
    except FileNotFoundError:
        return []
    except ValueError:
        return [f"{notices_of(file).name if file else 'The notice file'} cannot be read"]
    return [str(line) for line in said] if isinstance(said, list) else [str(said)]


def mend(file: Path) -> bool:
    """Make sure that the service can start on the file; true if it was damaged and another took its place."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists() or not (wrong := whole(file)):
        return False
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = file.with_name(f"{file.name}.damaged-{stamp}")
    for companion in _COMPANIONS:
        part = file.with_name(file.name + companion)
        if part.exists():
            part.replace(aside.with_name(aside.name + companion))
    said = f"The database {file.name} was damaged ({wrong}) and is kept as {aside.name}. "
    _tell(file, said + _restore(file))
    return True


def _restore(file: Path) -> str:
    backup = backup_of(file)
    if backup.exists() and not whole(backup):
        made = datetime.fromtimestamp(backup.stat().st_mtime, UTC)
        file.write_bytes(backup.read_bytes())
        file.chmod(0o600)
        return (
            f"It was replaced by the copy of {made:%Y-%m-%d %H:%M} UTC: what was saved after that is"
            f" only in the damaged file. Recover it with `sqlite3 <file> .recover`, then remove"
            f" {notices_of(file).name}."
        )
    return (
        "There was no good copy, so the service began with an empty database. Restore your own backup or"
        f" recover the damaged file with `sqlite3 <file> .recover`, then remove {notices_of(file).name}."
    )


def _tell(file: Path, line: str) -> None:
    log.critical(line)
    if line in notices(file):
        return
    notices_of(file).write_text(json.dumps([*notices(file), line], indent=1), encoding="utf-8")
