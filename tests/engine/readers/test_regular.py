"""What is no regular file is refused at once, wherever a file is opened; patterns lie in folders with any name."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from orrery_engine import patterns
from orrery_engine.readers.files import LocalFiles, partitions
from orrery_engine.readers.table import DatabaseTable
from orrery_engine.regular import require_regular
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
