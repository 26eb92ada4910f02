"""What a transaction promises, and how a full or absent database is told."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from orrery_hub.base.counters import CounterRow
from orrery_hub.base.db import Database, fetch
from orrery_hub.base.migrate import upgrade
from orrery_hub.projects.store import memberships
from orrery_hub.snippets.service import SnippetService
from orrery_wire.errors import BackendUnavailable, StorageFull
from orrery_wire.snippets import ChangesQuery, SnippetCell, SnippetIn
from tests.effort import trials
from tests.hub.clusters import Cluster
from tests.hub.services import make_user, with_people

ANN = make_user("ann")
WRITER = Path(__file__).with_name("writer.py")


def content(source: str) -> SnippetIn:
    """A snippet that is not looked through for secrets, which would take longer than saving it."""
    return SnippetIn(name="n", cells=(SnippetCell(source=source),), allow_secrets=True)


def stored(database: Database) -> dict[str, str]:
    """Every snippet of ann, whole."""
    snippets = SnippetService(database, memberships)
    sources: dict[str, str] = {}
    cursor, more = "", True
    while more:
        page = snippets.changes(ANN, ChangesQuery(cursor=cursor, limit=1000))
        sources |= {s.id: s.cells[0].source for s in page.upserts}
        cursor, more = page.cursor, page.more
    return sources


def write_until_killed(url: str, saves: int) -> dict[str, str]:
    """Let a process save as fast as it can, kill it in the midst, and give what it acknowledged."""
    writer = subprocess.Popen(
        [sys.executable, str(WRITER), url, str(ANN.person_id)],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert writer.stdout
    assert writer.stdout.readline() == "ready\n"
    output = "".join(writer.stdout.readline() for _ in range(saves))
    writer.kill()
    output += writer.stdout.read()
    writer.stdout.close()
    writer.wait(10)
    complete = output[: output.rfind("\n") + 1]
    return dict(line.split(" ", 1) for line in complete.splitlines())


def test_what_was_acknowledged_survives_sigkill(url: str) -> None:
    database = Database(url)
    upgrade(database)
    acknowledged: dict[str, str] = {}
    chance = random.Random(7)  # moments to kill at, nothing secret
    with with_people(database):
        for _ in range(4):
            acknowledged |= write_until_killed(url, chance.randint(3, 30))
    sources_after = stored(database)
    assert len(acknowledged) >= 15
    assert {key: sources_after.get(key) for key in acknowledged} == acknowledged
    database.close()


def test_what_was_acknowledged_survives_a_crash_of_postgresql(cluster: Cluster) -> None:
    database = Database(cluster.url())
    upgrade(database)
    snippets = SnippetService(database, memberships)
    with with_people(database):
        acknowledged = {snippets.save(ANN, content(str(n))).id: str(n) for n in range(20)}
    cluster.crash()
    try:
        with pytest.raises(BackendUnavailable):
            snippets.save(ANN, content("while it is down"))
    finally:
        cluster.start()
    assert stored(database) == acknowledged
    assert snippets.save(ANN, content("up again")).version == 1
    database.close()


def test_a_full_disk_leaves_what_was_there_a_thousand_times(sqlite: Database) -> None:
    snippets = SnippetService(sqlite, memberships)
    first = snippets.save(ANN, content("kept")).id
    limit = {"pages": 0}

    def fill(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={limit['pages'] or 1_073_741_823}")

    event.listen(sqlite.engine, "checkout", fill)
    with sqlite.read() as session:
        limit["pages"] = session.scalar(text("PRAGMA page_count")) or 0
    for trial in range(trials(1_000, 100)):
        with pytest.raises(StorageFull):
            snippets.save(ANN, content(f"{trial}" + "x" * 100_000), first if trial % 2 else None)
    limit["pages"] = 0
    assert stored(sqlite) == {first: "kept"}
    with sqlite.read() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    assert snippets.save(ANN, content("room again"), first).version == 2


def test_a_read_only_database_is_told_like_a_full_one(sqlite: Database) -> None:
    snippets = SnippetService(sqlite, memberships)

    def close(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    event.listen(sqlite.engine, "checkout", close)
    with pytest.raises(StorageFull):
        snippets.save(ANN, content("x"))


def test_a_full_or_read_only_postgresql_is_told_too(cluster: Cluster) -> None:
    database = Database(cluster.url())
    with database.write() as session:
        session.execute(
            text(
                "ALTER DATABASE "
                + str(database.url.database)
                + " SET default_transaction_read_only = on"
            )
        )
    database.close()
    with pytest.raises(StorageFull), database.write() as session:
        session.execute(text("CREATE TABLE t (n int)"))
    with pytest.raises(StorageFull), database.write() as session:
        session.execute(
            text("DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE='disk_full'; END $$")
        )
    database.close()


def test_a_busy_database_is_told(sqlite: Database) -> None:
    def hurry(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")

    event.listen(sqlite.engine, "checkout", hurry)
    other = Database(str(sqlite.url))
    with other.write() as first:
        first.connection()
        with pytest.raises(BackendUnavailable, match="busy"), sqlite.write() as second:
            second.connection()
    other.close()


def test_an_absent_database_is_told() -> None:
    database = Database("postgresql+psycopg://orrery@/none?host=/nonexistent")
    with pytest.raises(BackendUnavailable):
        database.ping()
    database.close()


def test_what_raises_changes_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            session.execute(text("UPDATE counter SET value = 99 WHERE name = 'snippets'"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as session:
        assert session.scalar(text("SELECT value FROM counter WHERE name = 'snippets'")) != 99


def test_rows_of_values_are_those_of_the_transaction(database: Database) -> None:
    """What was added in it and not sent to the database yet is among them."""
    query = select(CounterRow.name, CounterRow.value).where(CounterRow.name == "toy")
    with database.write() as session:
        session.add(CounterRow(name="toy", value=1))
        assert fetch(session, query).all() == [("toy", 1)]
        session.get_one(CounterRow, "toy").value = 2
        assert fetch(session, query).all() == [("toy", 2)]
    with database.read() as session:
        assert fetch(session, query).all() == [("toy", 2)]


def test_sqlite_is_set_to_lose_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'orrery.sqlite'}")
    with closing(database), database.read() as session:
        pragmas = [
            session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert pragmas == ["wal", 2, 1, 10_000]
