"""Integrity check, backup and repair of the SQLite file.

A damaged file is never deleted and never silently replaced: it is renamed, the last good backup takes its
place, and a notice stays in the log and in ``/health`` until an operator removes the notice file.
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


def check_integrity(file: Path) -> str:
    """What is wrong with the file; empty if it is intact."""
    try:
        with closing(sqlite3.connect(file, timeout=10)) as connection:
            (result,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as problem:
        if getattr(problem, "sqlite_errorcode", 0) & 0xFF in {
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_NOTADB,
        }:
            return str(problem)
        raise
    return "" if result == "ok" else str(result)


def back_up(file: Path) -> Path:
    """A consistent copy beside the file, made while others may write; it replaces the previous backup.

    A copy that turns out damaged is discarded, the previous backup stays, and a notice is added.
    """
    target = backup_path(file)
    temporary = target.with_name(f"{target.name}.new")
    temporary.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(file, timeout=10)) as source,
        closing(sqlite3.connect(temporary)) as copy,
    ):
        source.backup(copy, pages=1024)
        copy.execute("PRAGMA journal_mode=DELETE")
    if damage := check_integrity(temporary):
        temporary.unlink()
        _add_notice(
            file,
            f"The database {file.name} is damaged ({damage}); {target.name} is the last good copy.",
        )
        return target
    temporary.chmod(0o600)
    temporary.replace(target)
    return target


def backup_path(file: Path) -> Path:
    """Path of the last good backup."""
    return file.with_name(f"{file.name}.backup")


def notices_path(file: Path) -> Path:
    """Path of the notices; an operator who has read them removes the file."""
    return file.with_name(f"{file.name}.notices.json")


def notices(file: Path | None) -> list[str]:
    """Notices about the file that an operator has not yet acknowledged."""
    try:
        lines = json.loads(notices_path(file).read_text(encoding="utf-8")) if file else []
    except FileNotFoundError:
        return []
    except ValueError:
        return [f"{notices_path(file).name if file else 'The notice file'} cannot be read"]
    return [str(line) for line in lines] if isinstance(lines, list) else [str(lines)]


def repair(file: Path) -> bool:
    """Replace a damaged file by its backup, or by nothing if there is none; true if it was damaged."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists() or not (damage := check_integrity(file)):
        return False
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    renamed = file.with_name(f"{file.name}.damaged-{stamp}")
    for companion in _COMPANIONS:
        part = file.with_name(file.name + companion)
        if part.exists():
            part.replace(renamed.with_name(renamed.name + companion))
    notice = f"The database {file.name} was damaged ({damage}) and is kept as {renamed.name}. "
    _add_notice(file, notice + _restore(file))
    return True


def _restore(file: Path) -> str:
    backup = backup_path(file)
    if backup.exists() and not check_integrity(backup):
        copied = datetime.fromtimestamp(backup.stat().st_mtime, UTC)
        file.write_bytes(backup.read_bytes())
        file.chmod(0o600)
        return (
            f"It was replaced by the copy of {copied:%Y-%m-%d %H:%M} UTC: what was saved after that is"
            f" only in the damaged file. Recover it with `sqlite3 <file> .recover`, then remove"
            f" {notices_path(file).name}."
        )
    return (
        "There was no good copy, so the service began with an empty database. Restore your own backup or"
        f" recover the damaged file with `sqlite3 <file> .recover`, then remove {notices_path(file).name}."
    )


def _add_notice(file: Path, line: str) -> None:
    log.critical(line)
    if line in notices(file):
        return
    notices_path(file).write_text(json.dumps([*notices(file), line], indent=1), encoding="utf-8")
