"""What is no regular file is refused at once, wherever a file is opened; patterns lie in folders with any name."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from orrery_engine import patterns
from orrery_engine.readers.files import FileEntry, LocalFiles, _refuse_unreadable, partitions
from orrery_engine.readers.table import DatabaseTable
from orrery_engine.readers.text import encodings
from orrery_engine.regular import open_regular, require_regular
from orrery_engine.schemas import Options, ResolvedSource
from orrery_server.eda.backends import paths
from orrery_wire.errors import Invalid


def test_pipes_sockets_and_devices_are_refused_at_once(tmp_path: Path) -> None:
    pipe, bound, link = tmp_path / "x.csv", tmp_path / "s.csv", tmp_path / "null.csv"
    os.mkfifo(pipe)
    link.symlink_to("/dev/null")
    with closing(socket.socket(socket.AF_UNIX)) as server:
        server.bind(str(bound))
        began = time.monotonic()
        for path in (pipe, bound, link):
            with pytest.raises(Invalid, match=r"is no file"):
                require_regular(path)
            with pytest.raises(Invalid, match=r"is no file"):
                LocalFiles().files(str(path), [".csv"])
            resolved = ResolvedSource(
                reader="table", location=f"sqlite:///{path}", format="database", table="t"
            )
            with pytest.raises(Invalid, match=r"is no file"):
                DatabaseTable(resolved, Options())
        for location in (str(tmp_path), f"{tmp_path}/*.csv"):
            with pytest.raises(Invalid, match=r"is no file"):
                LocalFiles().files(location, [".csv"])
        with pytest.raises(Invalid, match=r"is no file"):
            paths.confine("x.csv", tmp_path, [tmp_path])
        assert time.monotonic() - began < 2


def test_what_became_a_pipe_after_it_was_looked_at_is_not_waited_for(tmp_path: Path) -> None:
    """A path may lead elsewhere by the time it is opened, so what is open is looked at."""
    pipe, bound, device = tmp_path / "x.csv", tmp_path / "s.csv", tmp_path / "null.csv"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    began = time.monotonic()
    for path in (pipe, device):
        with pytest.raises(Invalid, match=r"is no file"):
            open_regular(path)
        for opens in (encodings.packing, lambda item: encodings.sample_of(item, 10, 10)):
            with pytest.raises(Invalid, match=r"is no file"):
                opens(path)
    with closing(socket.socket(socket.AF_UNIX)) as server:
        server.bind(str(bound))
        with pytest.raises(OSError, match="No such device"):
            open_regular(bound)
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)
    assert time.monotonic() - began < 2
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(Invalid):
        open_regular(pipe)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


@pytest.mark.parametrize("name", ["d[1]", "a*b", "c?", "[x]", "[!a]", "d1[1]2"])
def test_a_pattern_in_a_folder_with_such_signs_reads_that_folder(name: str, tmp_path: Path) -> None:
    for folder in (name, "d1", "aXb", "cX", "x", "b", "d112"):
        (tmp_path / folder / "in").mkdir(parents=True)
        (tmp_path / folder / "in" / f"{len(folder)}.csv").write_text("a\n1\n", encoding="utf-8")
    for pattern in ("*/*.csv", "in/*.csv", "in/?.csv", "**/*.csv", "in/[0-9].csv"):
        found = LocalFiles().files(f"{tmp_path}/{name}/{pattern}", [".csv"])
        assert [file.path for file in found] == [f"{tmp_path}/{name}/in/{len(name)}.csv"], pattern
        confined = paths.confine(f"{name}/{pattern}", tmp_path, [tmp_path])
        assert list(patterns.matches(confined)) == [file.path for file in found]


def test_a_pattern_without_a_folder_has_no_partitions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert partitions("*.csv", LocalFiles().files("*.csv", [".csv"])) == [{}]


@pytest.mark.parametrize("width", [1_200, 1_999])
def test_a_table_of_sqlite_with_many_columns_is_read(width: int, tmp_path: Path) -> None:
    path = tmp_path / "wide.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE t ({', '.join(f'c{n} INTEGER' for n in range(width))})")
        connection.execute(f"INSERT INTO t VALUES ({', '.join('1' * width)})")
        connection.commit()
    resolved = ResolvedSource(
        reader="table", location=f"sqlite:///{path}", format="database", table="t"
    )
    assert len(DatabaseTable(resolved, Options(seconds=60)).names) == width


def test_a_hostile_view_runs_no_function_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "hostile.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (a INTEGER)")
        connection.execute("INSERT INTO t VALUES (1)")
        connection.commit()
    resolved = ResolvedSource(
        reader="table", location=f"sqlite:///{path}", format="database", table="t"
    )
    table = DatabaseTable(resolved, Options())
    with table._reading() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("query_only", "trusted_schema")
        ]
        with pytest.raises(Exception, match="readonly"):
            connection.exec_driver_sql("INSERT INTO t VALUES (2)")
    assert settings == [1, 0]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\0" * 3 * 2**20, "zero bytes"),
        (b"\0", "zero bytes"),
        (b"SQLite format 3\0" + b"x" * 100, "an SQLite database"),
    ],
)
def test_what_is_no_table_is_refused_whatever_its_name(
    content: bytes, what: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        _refuse_unreadable(LocalFiles(), FileEntry(str(path), len(content)))
    assert what in refused.value.reason


def test_a_duckdb_database_is_refused_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a")
    with pytest.raises(Invalid) as refused:
        _refuse_unreadable(LocalFiles(), FileEntry(str(path), path.stat().st_size))
    assert "a DuckDB database" in refused.value.reason
