"""The schema: from nothing, from every step, one at a time, never backwards."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, text

from orrery_hub.app import open_database
from orrery_hub.audit import store as audit
from orrery_hub.base import migrate
from orrery_hub.base.db import Database, Table, now
from orrery_hub.base.migrate import NewerSchemaError, upgrade
from orrery_hub.base.people import PersonRow
from orrery_hub.base.user import User
from orrery_hub.people.schemas import PersonQuery
from orrery_hub.people.service import PeopleService
from orrery_hub.projects import store as projects
from orrery_hub.projects.group_claims import GroupClaims
from orrery_hub.projects.locations import Locations
from orrery_hub.projects.service import ProjectService
from orrery_hub.settings import Settings
from orrery_hub.snippets import store as snippets
from orrery_hub.snippets.service import SnippetService
from orrery_wire.projects import ProjectIn, ProjectQuery
from orrery_wire.snippets import ChangesQuery, SnippetCell, SnippetIn
from tests.hub.services import USER, make_user, with_people

HEAD = "0020"
ALL = PersonQuery()


def upgrade_to(database: Database, revision: str) -> None:
    """The schema as a former version of Orrery left it."""
    with database.engine.connect() as connection:
        command.upgrade(migrate._config(connection), revision)
        connection.commit()


def insert(database: Database, **tables: list[dict[str, object]]) -> None:
    """Rows of a former schema."""
    metadata = MetaData()
    metadata.reflect(database.engine)
    with database.write() as session:
        for table in metadata.sorted_tables:
            if rows := tables.get(table.name):
                session.execute(table.delete())
                session.execute(table.insert(), rows)
                if database.file is None and isinstance(rows[0].get("id"), int):
                    serial = f"pg_get_serial_sequence('{table.name}', 'id')"
                    session.execute(text(f"SELECT setval({serial}, max(id)) FROM {table.name}"))


def former_rows() -> dict[str, list[dict[str, object]]]:
    """What the services of schema 0002 wrote: projects, a purged one too, and snippets that were moved."""
    tables = json.loads((Path(__file__).parent / "schema_0002.json").read_text())
    times = {
        "when",
        "created",
        "updated",
        "deleted",
        "since",
        "saved",
        "used",
        "due",
        "met",
        "gone",
    }
    return {
        name: [
            {
                key: datetime.fromisoformat(value) if key in times and value else value
                for key, value in row.items()
            }
            for row in rows
        ]
        for name, rows in tables.items()
    }


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
    upgrade_to(database, "0001")
    moment = now()
    insert(
        database,
        project=[
            {"id": 1, "slug": "p", "name": "P", "description": ""}
            | {"created": moment, "updated": moment, "deleted": None}
        ],
        person=[{"name": "Keeps", "met": moment}],
        member=[
            {"project_id": 1, "user": user, "role": role, "since": moment} for user, role in members
        ],
    )
    assert upgrade(database) is True
    with database.read() as session:
        roles = dict(
            session.query(PersonRow.hub_name, projects.MemberRow.role)
            .join(projects.MemberRow, projects.MemberRow.person_id == PersonRow.id)
            .all()
        )
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
    # What the groups of that version hold, so that they can be told from an operator's.
    claims = GroupClaims(database).unmarked()
    assert claims["p-p-owner"] == {"ann", "cat"}
    assert claims.keys() == {"p-p-owner", "p-p-editor", "p-p-viewer"}
    database.close()


def test_what_belonged_to_a_name_belongs_to_the_person_of_that_name(
    url: str, tmp_path: Path
) -> None:
    database = Database(url)
    upgrade_to(database, "0002")
    insert(database, **former_rows())
    assert upgrade(database) is True
    people = {person.name: person for person in PeopleService(database).list(ALL).items}
    assert people.keys() == {"ada", "ann", "bob", "Cat", "not-yet"}
    assert [name for name, p in people.items() if p.first_visit is None] == ["not-yet"]
    assert {p.created for p in people.values()} == {None}
    ada, ann, bob, cat = (
        User(name, people[name].id, scopes=USER) for name in ("ada", "ann", "bob", "Cat")
    )
    places = Locations(tmp_path, "{home}/{key}", "{home}/{slug}.git")
    service = ProjectService(database, places, default=("sample", "Sample"))
    assert [(p.slug, p.role, p.lake) for p in service.list(ann, ProjectQuery()).items] == [
        ("sample", "editor", f"{tmp_path}/sample"),
        ("team", "owner", f"{tmp_path}/team"),
    ]
    assert {m.user: m.role for m in service.members(ann, "team", ProjectQuery()).items} == {
        "ann": "owner",
        "bob": "editor",
        "Cat": "viewer",
        "not-yet": "viewer",
    }
    assert [p.slug for p in service.list(bob, ProjectQuery(deleted=True)).items] == ["trash"]
    assert service.current(ann, "").project == service.get(ann, "team")
    assert service.current(bob, "").project is None
    again = service.create(bob, ProjectIn(slug="purged", name="Again"))
    assert again.lake.startswith(f"{tmp_path}/purged-")

    stored = SnippetService(database, projects.memberships)
    feeds = {
        user.name: {s.name: s for s in stored.changes(user, ChangesQuery()).upserts}
        for user in (ada, ann, bob, cat)
    }
    assert {name: sorted(feed) for name, feed in feeds.items()} == {
        "ada": ["everyone"],
        "ann": ["alone", "everyone", "moved"],
        "bob": ["everyone", "moved"],
        "Cat": ["everyone", "moved"],
    }
    moved = feeds["Cat"]["moved"]
    assert (moved.favourite, moved.position, moved.created_by) == (True, 1.5, "ann")
    assert (feeds["ann"]["everyone"].uses, feeds["ann"]["everyone"].writable) == (1, False)
    # Saved while the snippet was private: 1, 2 and 5.
    assert [v.version for v in stored.versions(ann, moved.id).items] == [6, 5, 4, 3, 2, 1]
    assert [(v.version, v.saved_by) for v in stored.versions(bob, moved.id).items] == [
        (6, "ann"),
        (4, "bob"),
        (3, "ann"),
    ]
    database.close()


def test_the_role_of_every_member_of_before_was_given_by_owners(url: str) -> None:
    database = Database(url)
    upgrade_to(database, "0005")
    moment = now()
    insert(
        database,
        person=[{"id": 1, "hub_name": "ann"}],
        project=[
            {"id": 1, "slug": "p", "key": "p", "name": "P", "description": ""}
            | {"created": moment, "updated": moment}
        ],
        member=[{"project_id": 1, "person_id": 1, "role": "editor", "since": moment}],
    )
    upgrade(database)
    with database.write() as session:
        row = session.get_one(projects.MemberRow, (1, 1))
        assert (row.role, row.own_role, row.provider_role) == ("editor", "editor", None)
        # What a provider gives comes and goes beside it.
        assert projects.set_provider_roles(session, 1, {1: "owner"}) == {"p": "owner"}
        assert row.role == "owner"
        assert projects.set_provider_roles(session, 1, {}) == {"p": None}
        assert (row.role, row.own_role) == ("editor", "editor")
    database.close()


def test_an_upgrade_of_rows_that_fails_leaves_every_row(tmp_path: Path) -> None:
    """A schema that an operator changed by hand stops it at the last step."""
    database = Database(f"sqlite:///{tmp_path / 'orrery.sqlite'}")
    upgrade_to(database, "0002")
    rows = former_rows()
    insert(database, **rows)
    with database.write() as session:
        session.execute(text("ALTER TABLE audit ADD COLUMN person_id INTEGER"))
    with pytest.raises(Exception, match="duplicate column"):
        upgrade(database)
    assert version(database) == "0002"
    with database.read() as session:
        for name, former in rows.items():
            assert session.scalar(text(f"SELECT count(*) FROM {name}")) == len(former)
    database.close()


def test_a_damaged_file_is_kept_aside_and_the_last_copy_takes_its_place(tmp_path: Path) -> None:
    from orrery_hub.base import sqlite_file
    from orrery_hub.base.health import health

    settings = Settings(home=tmp_path)
    database = open_database(settings)
    service = SnippetService(database, projects.memberships)
    with with_people(database):
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
    changes = SnippetService(repaired, projects.memberships).changes(
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
