"""What the engine runs with DuckDB opens nothing but the job's files, fetches nothing, and cannot be talked into it."""

from __future__ import annotations

import http.server
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from orrery_engine.offers import proof
from orrery_engine.readers import duck
from orrery_engine.schemas import Job


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "o.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    return folder


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """What a repository of extensions is asked for."""
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before = duckdb.default_connection()
    own = duckdb.connect()
    for connection in (own,):
        connection.execute(
            f"SET custom_extension_repository = 'http://127.0.0.1:{server.server_port}'"
        )
    duckdb.set_default_connection(own)
    yield paths
    duckdb.set_default_connection(before)
    own.close()
    server.shutdown()
    server.server_close()


def _of_job(folder: Path) -> duckdb.DuckDBPyConnection:
    scratch = folder / "scratch"
    scratch.mkdir()
    (folder / "in.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (scratch / "in-1").symlink_to(folder / "in.csv")
    job = Job(id="x", task="profile", scratch=str(scratch), memory=2**30)
    return duck.Instance(job).connected()


def _bare(folder: Path) -> duckdb.DuckDBPyConnection:
    return duck.caged([], [])


@pytest.mark.parametrize("make", [_of_job, _bare])
def test_nothing_else_is_opened_and_no_setting_opens_it(
    make: Callable[[Path], duckdb.DuckDBPyConnection], tmp_path: Path, outside: Path
) -> None:
    with make(tmp_path) as connection:
        for statement in (
            f"FROM '{outside}/o.csv'",
            f"FROM read_csv('{outside}/*.csv')",
            f"FROM read_text('{outside}/o.csv')",
            f"FROM glob('{outside}/*')",
            f"FROM '{tmp_path}/scratch/../outside/o.csv'",
            "FROM 'http://127.0.0.1:1/x.csv'",
            "FROM 's3://bucket/x.parquet'",
            "FROM sniff_csv('/etc/passwd')",
            f"COPY (SELECT 1) TO '{outside}/new.csv'",
            f"ATTACH '{outside}/new.db'",
            f"EXPORT DATABASE '{outside}/all'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SET enable_external_access = true",
            "SET autoinstall_known_extensions = true",
            "SET autoload_known_extensions = true",
            "SET lock_configuration = false",
            "SET memory_limit = '1TB'",
            f"SET allowed_directories = ['{outside}']",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement).fetchall()
        for name in ("autoinstall_known_extensions", "autoload_known_extensions"):
            row = connection.execute(f"SELECT current_setting('{name}')").fetchone()
            assert row == (False,), name
    assert [item.name for item in outside.iterdir()] == ["o.csv"]


def test_what_the_job_reads_is_open_through_its_link(tmp_path: Path) -> None:
    with _of_job(tmp_path) as connection:
        place = tmp_path / "scratch"
        assert connection.execute(f"SELECT a FROM read_csv('{place}/in-1')").fetchall() == [(1,)]
        connection.execute(f"COPY (SELECT 1) TO '{place}/out.parquet' (FORMAT parquet)")
        (place / "in-2").symlink_to("/etc/passwd")
        with pytest.raises(duckdb.Error):
            connection.execute(f"FROM read_csv('{place}/in-2')")


@pytest.mark.parametrize("dialect", ["sql", "duckdb"])
def test_a_proof_asks_for_no_extension_and_opens_no_other_file(
    dialect: str, tmp_path: Path, outside: Path, asked: list[str]
) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes("名,値\nあ,1\n".encode("shift_jis"))
    for query in (
        f"FROM read_csv('{file}', encoding = 'shift_jis')",
        f"FROM '{outside}/o.csv'",
        "FROM 's3://bucket/x.parquet'",
    ):
        code = f"CREATE TABLE df AS {query}"
        if dialect == "duckdb":
            code = f"import duckdb\ndf = duckdb.sql({query!r})\n"
        with pytest.raises(duckdb.Error):
            proof.loaded(code, "sql" if dialect == "sql" else "duckdb", "df", str(file))
    assert asked == []
    assert duckdb.sql("SELECT 1").fetchall() == [(1,)], "the default connection is back"


def test_a_proof_reads_its_file_its_folder_and_its_pattern(tmp_path: Path, outside: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "b.csv").symlink_to(outside / "o.csv")
    for location in (
        folder / "a.csv",
        folder / "b.csv",
        folder / "*.csv",
        tmp_path / "*" / "a.csv",
    ):
        code = f"CREATE TABLE df AS FROM read_csv('{location}')"
        assert proof.loaded(code, "sql", "df", str(location)).names == ("a", "b")


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_a_copy_is_stopped_while_there_is_room_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk gets full while rows are written: others write too."""
    free = [duck._SPARE + 1, duck._SPARE - 1]
    monkeypatch.setattr(
        shutil, "disk_usage", lambda folder: Usage(0, 0, free.pop(0) if len(free) > 1 else free[0])
    )
    out = tmp_path / "out.parquet"
    endless = "SELECT a.range + b.range AS x FROM range(10000000) AS a, range(100000) AS b"
    with duckdb.connect() as connection:
        assert not duck.copied(connection, endless, out, 60.0)
    assert not out.exists()
    assert len(free) == 1
