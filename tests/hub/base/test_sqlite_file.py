"""The SQLite file: copied while it is used, never replaced by something worse."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from orrery_hub.base import sqlite_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database of some hundred pages."""
    file = tmp_path / "x.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, s TEXT)")
        connection.executemany("INSERT INTO t (s) VALUES (?)", [("x" * 1_000,)] * 500)
    return file


def count(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])


def damage(file: Path) -> None:
    """Overwrite the inner part of the table's tree."""
    raw = bytearray(file.read_bytes())
    raw[4096:12288] = b"\x55" * 8192
    file.write_bytes(raw)


def test_a_whole_file_is_left_alone(file: Path) -> None:
    before = file.read_bytes()
    assert sqlite_file.repair(file) is False
    assert file.read_bytes() == before
    assert sqlite_file.notices(file) == []


def test_a_copy_is_whole_while_others_write(file: Path) -> None:
    def write() -> None:
        with closing(sqlite3.connect(file, timeout=10)) as connection:
            while not done.is_set():
                with connection:
                    connection.execute("INSERT INTO t (s) VALUES ('y')")

    done = threading.Event()
    writer = threading.Thread(target=write)
    writer.start()
    try:
        backup = sqlite_file.back_up(file)
    finally:
        done.set()
        writer.join()
    assert sqlite_file.check_integrity(backup) == ""
    assert count(backup) >= 500


def test_a_damaged_file_does_not_replace_the_good_copy(file: Path) -> None:
    good = sqlite_file.back_up(file).read_bytes()
    damage(file)
    assert sqlite_file.check_integrity(file)
    for _ in range(2):
        sqlite_file.back_up(file)
    assert sqlite_file.backup_path(file).read_bytes() == good
    assert len(sqlite_file.notices(file)) == 1


def test_a_damaged_file_is_kept_and_the_copy_takes_over(file: Path) -> None:
    sqlite_file.back_up(file)
    damage(file)
    damaged = file.read_bytes()
    assert sqlite_file.repair(file) is True
    assert count(file) == 500
    (renamed,) = file.parent.glob("*.damaged-*")
    assert renamed.read_bytes() == damaged
    assert sqlite_file.repair(file) is False


def test_a_damaged_copy_is_no_copy(file: Path) -> None:
    damage(sqlite_file.back_up(file))
    damage(file)
    assert sqlite_file.repair(file) is True
    assert not file.exists()
    assert "empty database" in sqlite_file.notices(file)[0]


def test_notices_that_cannot_be_read_are_a_notice(file: Path) -> None:
    sqlite_file.notices_path(file).write_text("{")
    assert len(sqlite_file.notices(file)) == 1
