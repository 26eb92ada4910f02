"""What holds when a statement is written by somebody who means harm: walls of the server, of the file and of the process."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from orrery_engine.catalog.catalog import Catalog
from orrery_engine.catalog.spec import DatabaseSpec, Password
from orrery_engine.client import scratch
from orrery_engine.query.sessions import FileSession, open_session
from orrery_wire.errors import Cancelled, Conflict, Forbidden, Invalid, OrreryError
from tests.effort import trials
from tests.engine.query.conftest import Statements


@pytest.fixture
def owned(tmp_path: Path) -> Path:
    """A file of DuckDB with a row, whose name is also that of a database in memory."""
    path = tmp_path / "memory.duckdb"
    with contextlib.closing(duckdb.connect(str(path))) as to:
        to.execute("CREATE TABLE t AS SELECT 1 AS a")
    return path


def log_that_changes(path: Path, folder: Path) -> bytes:
    """A write-ahead log that changes the row, made on a copy."""
    copy = folder / "copy.duckdb"
    shutil.copy(path, copy)
    with contextlib.closing(duckdb.connect(str(copy))) as to:
        to.execute("PRAGMA disable_checkpoint_on_shutdown")
        to.execute("SET checkpoint_threshold = '1TB'")
        to.execute("UPDATE t SET a = 666")
    return Path(f"{copy}.wal").read_bytes()


def test_nothing_is_written_next_to_a_database_that_is_only_read(
    owned: Path, tmp_path: Path, statements: Statements
) -> None:
    (tmp_path / "other").mkdir()
    log = log_that_changes(owned, tmp_path / "other")
    blob = "".join(f"\\x{byte:02x}" for byte in log)
    spec = DatabaseSpec("duckdb", str(owned))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    own = "orrery-database://file"
    for place in (
        *(f"{owned}.wal", f"{owned}", f"{owned}.tmp", f"{owned}.wal.recovery", f"{tmp_path}/x"),
        *(f"{own}.wal", own, f"{own}.wal.checkpoint", f"{own}/x"),
        *(f"{owned.parent}/./memory.duckdb.wal", "memory.duckdb.wal", ".tmp/x", "/dev/shm/x"),
    ):
        texts = (
            f"COPY (SELECT '{blob}'::BLOB) TO '{place}' (FORMAT BLOB)",
            f"COPY (SELECT 1 AS a) TO '{place}' (FORMAT parquet, OVERWRITE)",
            f"COPY (SELECT 1 AS a) TO '{place}' (FORMAT csv, PARTITION_BY (a), OVERWRITE_OR_IGNORE)",
            f"EXPORT DATABASE '{place}'",
            f"ATTACH '{place}' AS y (READ_WRITE)",
        )
        for text in texts[: trials(len(texts), 1)]:
            with pytest.raises(OrreryError) as caught:
                statements(spec, text)
            assert caught.value.code != "internal_error", (text, caught.value)
    with pytest.raises(OrreryError):
        statements(spec, f"SELECT * FROM read_blob('{owned}')")
    assert statements(spec, "SELECT a FROM t").table.to_pydict() == {"a": [1]}
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_no_place_on_the_disk_is_open_to_statements(owned: Path, statements: Statements) -> None:
    for spec in (None, DatabaseSpec("duckdb", str(owned))):
        directories = statements(
            spec, "SELECT current_setting('allowed_directories')::VARCHAR AS d"
        )
        assert directories.table.to_pydict() == {"d": ["[]"]}
        assert statements(
            spec, "SELECT current_setting('temp_directory') AS d"
        ).table.to_pydict() == {"d": [""]}
        with pytest.raises(Invalid, match="memory"):
            statements(
                spec,
                "SELECT max(x) FROM (SELECT repeat('x', 1000) || range AS x FROM range(3000000) ORDER BY hash(range) OFFSET 1)",
                memory=200 * 2**20,
                seconds=20,
            )


def test_a_log_that_is_there_is_read(owned: Path, tmp_path: Path, statements: Statements) -> None:
    (tmp_path / "other").mkdir()
    Path(f"{owned}.wal").write_bytes(log_that_changes(owned, tmp_path / "other"))
    spec = DatabaseSpec("duckdb", str(owned))
    assert statements(spec, "SELECT a FROM t").table.to_pydict() == {"a": [666]}
    with contextlib.closing(open_session(spec, Password())) as session:
        assert session.rows("SELECT a FROM t") == [(666,)]


def test_a_file_that_is_written_is_not_read_and_the_other_way_round(
    owned: Path, statements: Statements
) -> None:
    spec = DatabaseSpec("duckdb", str(owned))
    # A second connection of one process shares its files: the writer has to be another process.
    writer = FileSession(replace(spec, is_read_only=False))
    try:
        for use in (
            lambda: statements(spec, "SELECT 1"),
            lambda: open_session(spec, Password()),
        ):
            with pytest.raises(Conflict, match="open for writing"):
                use()
    finally:
        writer.close()
    with contextlib.closing(open_session(spec, Password())), pytest.raises(Conflict):
        statements(replace(spec, is_read_only=False), "INSERT INTO t VALUES (2)")
    statements(replace(spec, is_read_only=False), "INSERT INTO t VALUES (2)")
    assert statements(spec, "SELECT sum(a)::INT AS s FROM t").table.to_pydict() == {"s": [3]}


def test_threads_that_read_one_file_read_what_is_in_it(
    tmp_path: Path, statements: Statements
) -> None:
    path = tmp_path / "a.b.duckdb"
    with contextlib.closing(duckdb.connect(str(path))) as to:
        to.execute(
            "CREATE TABLE t AS SELECT range AS a, md5(range::VARCHAR) AS b FROM range(600000)"
        )
        expected = to.execute("SELECT sum(a)::BIGINT, bit_xor(hash(b))::VARCHAR FROM t").fetchall()
    spec = DatabaseSpec("duckdb", str(path))
    for _ in range(3):
        result = statements(
            spec, "SELECT sum(a)::BIGINT AS s, bit_xor(hash(b))::VARCHAR AS x FROM a.main.t"
        )
        assert [tuple(row.values()) for row in result.table.to_pylist()] == expected


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_files_of_databases_are_opened_in_a_process_of_their_own(
    kind: str, database_specs: dict[str, DatabaseSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "AZURE_CLIENT_SECRET", "MY_TOKEN"):
        monkeypatch.setenv(name, "canary")
    spec = database_specs[kind]
    with contextlib.closing(FileSession(spec)) as session:
        child = session._process
        assert child is not None
        variables = Path(f"/proc/{child.pid}/environ").read_bytes()
        assert b"canary" not in variables
        catalog = Catalog(spec, session)
        assert "orders" in [node.name for node in catalog.page(("main",)).nodes]
        assert catalog.rows(("main", "orders"), 2).num_rows == 2
        slow = (
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r"
        )
        timer = threading.Timer(0.3, session.cancel)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            session.rows(slow)
        assert time.monotonic() - began < 5
        # The next question has a fresh process.
        assert session.rows("SELECT 1") == [(1,)]
    assert child.poll() is not None


@pytest.fixture
def roles(database_specs: dict[str, DatabaseSpec]) -> Iterator[dict[str, DatabaseSpec]]:
    """Users of PostgreSQL that no transaction holds back."""
    spec = database_specs["postgresql"]
    names = {
        "mighty_reader": "LOGIN IN ROLE pg_read_server_files",
        "mighty_runner": "LOGIN IN ROLE pg_execute_server_program",
        "mighty_other": "LOGIN NOINHERIT IN ROLE orrery",
    }
    with psycopg.connect(
        f"host={spec.host} user=orrery dbname={spec.database}", autocommit=True
    ) as to:
        for name, more in names.items():
            to.execute(f"CREATE ROLE {name} {more}")
        yield {name: replace(spec, user=name) for name in ("orrery", *names)}
        for name in names:
            to.execute(f"DROP ROLE {name}")


def test_of_a_superuser_nothing_is_only_read(
    roles: dict[str, DatabaseSpec], statements: Statements
) -> None:
    for name, spec in roles.items():
        with pytest.raises(Forbidden, match="superuser") as caught:
            statements(spec, "SELECT 1")
        assert "GRANT pg_read_all_data" in caught.value.remedy, name
        with pytest.raises(Forbidden, match="superuser"):
            open_session(spec, Password())
        written = statements(replace(spec, is_read_only=False), "SELECT current_user AS u")
        assert written.table.to_pydict() == {"u": [name]}


def test_sessions_of_the_same_user_are_left_alone(
    database_specs: dict[str, DatabaseSpec], statements: Statements
) -> None:
    spec = database_specs["postgresql"]
    with psycopg.connect(f"host={spec.host} user=shop dbname={spec.database}") as victim:
        pid = victim.info.backend_pid
        for text in (
            f"SELECT pg_terminate_backend({pid})",
            f'SELECT pg_catalog."pg_cancel_backend"({pid})',
            f"SELECT query_to_xml('SELECT pg_' || 'terminate_backend({pid})', true, true, '')",
        ):
            with pytest.raises(Forbidden):
                statements(spec, text)
        assert victim.execute("SELECT 1").fetchone() == (1,)


def test_a_result_of_mysql_has_no_more_bytes_than_it_may(
    database_specs: dict[str, DatabaseSpec], statements: Statements
) -> None:
    spec = database_specs["mysql"]
    limit = 4 * 2**20
    wide = "SELECT REPEAT('x', 1000000) AS a FROM information_schema.columns LIMIT 60"
    result = statements(spec, wide, bytes=limit)
    assert result.is_cut
    assert 0 < result.table.nbytes <= limit
    many = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 900) SELECT n, n AS a, n AS b FROM r"
    result = statements(spec, many, bytes=2**16)
    assert result.is_cut
    assert 0 < result.table.num_rows < 900
    assert not statements(spec, many).is_cut
    with pytest.raises(Invalid, match="first row"):
        statements(spec, "SELECT REPEAT('x', 9000000) AS a", bytes=limit)
    writing = replace(spec, is_read_only=False)
    assert statements(writing, wide, bytes=limit).is_cut
    assert statements(writing, "SELECT id FROM orders", rows=1).is_cut


def test_what_a_killed_worker_leaves_goes_with_it(
    statements: Statements, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed() -> Path:
        from orrery_engine.preview.pool import PreviewWorker
        from orrery_engine.query.runner import COMMAND

        worker = await PreviewWorker.start(COMMAND)
        folder = worker._scratch.folder
        variables = Path(f"/proc/{worker.pid}/environ").read_bytes()
        assert f"TMPDIR={folder}".encode() in variables
        assert b"canary" not in variables
        (folder / "left.csv").write_bytes(b"x")
        os.kill(worker.pid, 9)
        await worker.end()
        return folder

    monkeypatch.setenv("AWS_SESSION_TOKEN", "canary")
    assert not statements.run(killed()).exists()


def test_what_a_killed_server_left_goes_with_the_next_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    alive, left = scratch.Scratch(), scratch.Scratch()
    (left.folder / "x").write_bytes(b"x")
    # As the system does at the end of a process.
    os.close(left._lock)
    (tmp_path / "orrery-scratch-new").mkdir()
    other = scratch.Scratch()
    assert not left.folder.exists()
    assert sorted(tmp_path.iterdir()) == sorted(
        [alive.folder, other.folder, tmp_path / "orrery-scratch-new"]
    )
    left._lock = -1
    for folder in (alive, other, left):
        folder.remove()
        folder.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["orrery-scratch-new"]


def test_values_of_all_kinds_come_from_the_process(owned: Path) -> None:
    values: dict[str, Any] = {"1": 1, "'a'": "a", "NULL": None, "1.5": "1.5", "'a'::BLOB": "b'a'"}
    with contextlib.closing(FileSession(DatabaseSpec("duckdb", str(owned)))) as session:
        for text, value in values.items():
            assert session.rows(f"SELECT {text}") == [(value,)], text
        assert session.rows("SELECT ?", ("x",)) == [("x",)]
