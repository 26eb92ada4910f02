"""The schema: from nothing, from every step, one at a time, never backwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from orrery_hub.app import open_database
from orrery_hub.audit import store as audit
from orrery_hub.base.db import Database, Table, now
from orrery_hub.base.migrate import NewerSchemaError, upgrade
from orrery_hub.projects import store as projects
from orrery_hub.settings import Settings
from orrery_hub.snippets import store as snippets

HEAD = "0002"


def version(database: Database) -> str:
    with database.read() as session:
        return str(session.scalar(text("SELECT version_num FROM alembic_version")))


def test_an_empty_database_gets_every_table(url: str) -> None:
    database = Database(url)
    assert upgrade(database) is True
    assert upgrade(database) is False
    assert version(database) == HEAD
    database.close()


def test_the_migrations_make_what_the_models_say(url: str) -> None:
    assert {audit.AuditRow, projects.ProjectRow, snippets.SnippetRow} <= {
        mapper.class_ for mapper in Table.registry.mappers
    }
    database = Database(url)
    upgrade(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
    database.close()


def test_a_newer_schema_is_refused_and_left_alone(url: str) -> None:
    database = Database(url)
    upgrade(database)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchemaError, match="9999"):
        upgrade(database)
    assert version(database) == "9999"
    database.close()


def test_many_services_that_start_at_once_upgrade_once(url: str) -> None:
    program = (
        "import sys; from orrery_hub.base.db import Database;"
        "from orrery_hub.base.migrate import upgrade; print(upgrade(Database(sys.argv[1])))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, url], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=60)[0].strip() for process in started]
    assert sorted(outputs) == ["False", "True"]


def test_an_upgrade_that_fails_half_way_leaves_the_old_schema(url: str) -> None:
    database = Database(url)
    with database.write() as session:
        session.execute(text("CREATE TABLE snippet (id integer)"))
    with pytest.raises(Exception, match="already exists"):
        upgrade(database)
    with database.write() as session:
        session.execute(text("DROP TABLE snippet"))
    assert upgrade(database) is True
    database.close()


def test_members_get_the_names_that_jupyterhub_gives(url: str) -> None:
    database = Database(url)
    members = [
        ("ann", "owner"),
        ("Bob", "viewer"),
        ("Cat", "owner"),
        ("cat", "viewer"),
        ("DAN", "viewer"),
        ("dan", "editor"),
        ("Keeps", "editor"),
        ("..", "owner"),
        (".", "viewer"),
        (" eve", "viewer"),
        ("fay\u200b", "viewer"),
    ]
    upgrade(database)
    with database.write() as session:
        # The second version has the tables of the first.
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        moment = now()
        row = projects.ProjectRow(
            slug="p", name="P", description="", created=moment, updated=moment
        )
        session.add(row)
        session.add(projects.UserRow(name="Keeps", first_visit=moment))
        session.flush()
        for user, role in members:
            projects.set_role(session, row, user, role)  # type: ignore[arg-type]
    assert upgrade(database) is True
    with database.read() as session:
        roles = {row.user: row.role for row in session.query(projects.MemberRow)}
        audited = {(row.what, row.on) for row in session.query(audit.AuditRow)}
    assert roles == {
        "ann": "owner",
        "bob": "viewer",
        "cat": "owner",
        "dan": "editor",
        "Keeps": "editor",
    }
    assert ("projects.member.remove", "p/..") in audited
    assert ("projects.member.owner", "p/cat") in audited
    assert len(audited) == 7
    database.close()


def test_a_damaged_file_is_kept_aside_and_the_last_copy_takes_its_place(tmp_path: Path) -> None:
    from orrery_hub.base import sqlite_file
    from orrery_hub.base.health import health
    from orrery_hub.projects.store import memberships
    from orrery_hub.snippets.service import SnippetService
    from orrery_wire.snippets import ChangesQuery, SnippetCell, SnippetIn
    from tests.hub.services import make_user

    settings = Settings(home=tmp_path)
    database = open_database(settings)
    service = SnippetService(database, memberships)
    snippet = service.save(
        make_user("ann"), SnippetIn(name="kept", cells=(SnippetCell(source="1"),))
    )
    cursor = service.changes(make_user("ann"), ChangesQuery()).cursor
    file = database.file
    assert file
    sqlite_file.back_up(file)
    database.close()
    raw = bytearray(file.read_bytes())
    raw[:200] = b"\xff" * 200
    file.write_bytes(raw)

    repaired = open_database(settings)
    changes = SnippetService(repaired, memberships).changes(
        make_user("ann"), ChangesQuery(cursor=cursor)
    )
    assert (changes.reset, [s.id for s in changes.upserts]) == (True, [snippet.id])
    (damaged,) = file.parent.glob("*.damaged-*")
    assert damaged.read_bytes() == bytes(raw)
    current = health(repaired)
    assert current.status == "degraded"
    assert damaged.name in current.notices[0]
    repaired.close()
    again = open_database(settings)
    assert health(again).status == "degraded"
    sqlite_file.notices_path(file).unlink()
    assert health(again).status == "ok"
    again.close()


def test_a_damaged_file_without_a_copy_is_told_as_a_loss(tmp_path: Path) -> None:
    from orrery_hub.base.health import health

    settings = Settings(home=tmp_path)
    settings.state.mkdir()
    (settings.state / "orrery.sqlite").write_bytes(b"this is no database" * 100)
    database = open_database(settings)
    current = health(database)
    assert current.status == "degraded"
    assert "empty database" in current.notices[0]
    assert len(list(settings.state.glob("*.damaged-*"))) == 1
    database.close()
