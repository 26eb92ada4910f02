"""People by an id, storage keys of projects, and versions of snippets with their audience.

What belonged to a name belongs to the person of that name. Whose account it is becomes known when the person comes, or
when the names are compared with JupyterHub, whichever is first. Every project keeps its places: its storage key is its
slug, which no later project gets. A version has the audience that the recorded moves of its snippet say, and without
a recorded move the one that the snippet has: moves of more than a month ago are not on record.

Revision ID: 0003
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Children before what they refer to.
_REPLACED = (
    "snippet_version",
    "snippet_mark",
    "snippet_gone",
    "snippet",
    "member",
    "current_project",
    "mirror",
    "person",
)
_NAMES = """
    SELECT "user" AS name FROM old_member UNION SELECT "user" FROM old_current_project
    UNION SELECT "user" FROM old_snippet_mark UNION SELECT author FROM old_snippet
    UNION SELECT updated_by FROM old_snippet UNION SELECT saved_by FROM old_snippet_version
    UNION SELECT author FROM old_snippet_gone UNION SELECT name FROM old_person
"""


def upgrade() -> None:
    """Replace the tables that refer to names; their rows wait in temporary tables meanwhile."""
    for table in _REPLACED:
        op.execute(f"CREATE TEMPORARY TABLE old_{table} AS SELECT * FROM {table}")  # noqa: S608  # no input
    for table in _REPLACED:
        op.drop_table(table)
    _create_people()
    _add_keys()
    _create_members()
    _create_snippets()
    _create_marks()
    op.add_column("audit", sa.Column("person_id", sa.Integer(), nullable=True))
    _create_indexes("audit", ["person_id"])
    for table in _REPLACED:
        op.execute(f"DROP TABLE old_{table}")


def _create_people() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        _string("hub_name", 255),
        _time("hub_created", nullable=True),
        _time("first_visit", nullable=True),
        _time("ended", nullable=True),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("hub_name", name=op.f("uq_person_hub_name")),
        _foreign_key("person", "person", "merged_into"),
    )
    _create_indexes("person", ["hub_created"])
    op.execute(f"""
        INSERT INTO person (hub_name, first_visit)
        SELECT names.name, old_person.met FROM ({_NAMES}) AS names
        LEFT JOIN old_person ON old_person.name = names.name ORDER BY names.name
    """)  # noqa: S608  # no input


def _add_keys() -> None:
    op.create_table(
        "storage_key",
        _string("key", 80),
        _time("given"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_storage_key")),
    )
    # The slugs of projects that were purged are in the audit alone.
    given = sa.text("""
        INSERT INTO storage_key (key, given)
        SELECT slug, :moment FROM project
        UNION SELECT "on", :moment FROM audit
        WHERE what IN ('projects.create', 'projects.join') AND length("on") <= 63
    """).bindparams(sa.bindparam("moment", datetime.now(UTC), sa.DateTime(timezone=True)))
    op.execute(given)
    with op.batch_alter_table("project", recreate="never") as project:
        project.add_column(sa.Column("key", sa.String(length=80), nullable=True))
    op.execute("UPDATE project SET key = slug")
    _replace_project()
    op.create_table(
        "mirror",
        _string("key", 80),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _time("due"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_mirror")),
    )
    op.execute("INSERT INTO mirror SELECT slug, change, attempts, due FROM old_mirror")


def _replace_project() -> None:
    """Make the key obligatory and unique; nothing refers to the table at this moment."""
    with op.batch_alter_table("project") as project:
        project.alter_column("key", existing_type=sa.String(length=80), nullable=False)
        project.create_unique_constraint(op.f("uq_project_key"), ["key"])


def _create_members() -> None:
    op.create_table(
        "member",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        _string("role", 16),
        _time("since"),
        _foreign_key("member", "project", "project_id", on_delete="CASCADE"),
        _foreign_key("member", "person", "person_id"),
        sa.PrimaryKeyConstraint("project_id", "person_id", name=op.f("pk_member")),
    )
    _create_indexes("member", ["person_id"])
    op.execute("""
        INSERT INTO member (project_id, person_id, role, since)
        SELECT project_id, person.id, role, since FROM old_member
        JOIN person ON person.hub_name = old_member."user"
    """)
    op.create_table(
        "current_project",
        sa.Column("person_id", sa.Integer(), nullable=False),
        _string("server", 255),
        sa.Column("project_id", sa.Integer(), nullable=True),
        _foreign_key("current_project", "project", "project_id", on_delete="SET NULL"),
        _foreign_key("current_project", "person", "person_id"),
        sa.PrimaryKeyConstraint("person_id", "server", name=op.f("pk_current_project")),
    )
    op.execute("""
        INSERT INTO current_project (person_id, server, project_id)
        SELECT person.id, server, project_id FROM old_current_project
        JOIN person ON person.hub_name = old_current_project."user"
    """)


def _create_snippets() -> None:
    op.create_table(
        "snippet",
        _string("id", 128),
        _string("scope", 16),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _time("created"),
        _time("updated"),
        sa.Column("updated_by_id", sa.Integer(), nullable=False),
        _time("deleted", nullable=True),
        _foreign_key("snippet", "project", "project_id", on_delete="CASCADE"),
        _foreign_key("snippet", "person", "author_id"),
        _foreign_key("snippet", "person", "updated_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snippet")),
    )
    _create_indexes("snippet", ["author_id"], ["deleted"], ["project_id"], ["revision"])
    op.execute("""
        INSERT INTO snippet
        SELECT old.id, scope, project_id, author.id, version, revision, created, updated,
            updater.id, deleted
        FROM old_snippet AS old
        JOIN person AS author ON author.hub_name = old.author
        JOIN person AS updater ON updater.hub_name = old.updated_by
    """)
    op.create_table(
        "snippet_gone",
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _string("snippet_id", 128),
        _string("scope", 16),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        _time("gone"),
        _foreign_key("snippet_gone", "project", "project_id", on_delete="CASCADE"),
        _foreign_key("snippet_gone", "person", "author_id"),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_snippet_gone")),
    )
    op.execute("""
        INSERT INTO snippet_gone
        SELECT revision, snippet_id, scope, project_id, person.id, gone FROM old_snippet_gone AS old
        JOIN person ON person.hub_name = old.author
    """)
    _create_versions()


def _create_versions() -> None:
    op.create_table(
        "snippet_version",
        _string("snippet_id", 128),
        sa.Column("version", sa.Integer(), nullable=False),
        _string("scope", 16),
        sa.Column("project_id", sa.Integer(), nullable=True),
        _time("saved"),
        sa.Column("saved_by_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        _foreign_key("snippet_version", "snippet", "snippet_id", on_delete="CASCADE"),
        _foreign_key("snippet_version", "project", "project_id", on_delete="CASCADE"),
        _foreign_key("snippet_version", "person", "saved_by_id"),
        sa.PrimaryKeyConstraint("snippet_id", "version", name=op.f("pk_snippet_version")),
    )
    _create_indexes("snippet_version", ["project_id"])
    # The first move after a version was saved says who saw it until then; a move and the version that it
    # made have times a moment apart, the move first.
    op.execute("""
        INSERT INTO snippet_version
        SELECT old.snippet_id, old.version, COALESCE(move.scope, snippet.scope),
            CASE WHEN move.revision IS NULL THEN snippet.project_id ELSE move.project_id END,
            old.saved, person.id, old.content
        FROM old_snippet_version AS old
        JOIN snippet ON snippet.id = old.snippet_id
        JOIN person ON person.hub_name = old.saved_by
        LEFT JOIN snippet_gone AS move ON move.revision = (
            SELECT MIN(later.revision) FROM snippet_gone AS later
            WHERE later.snippet_id = old.snippet_id AND later.gone >= old.saved
        )
    """)


def _create_marks() -> None:
    op.create_table(
        "snippet_mark",
        sa.Column("person_id", sa.Integer(), nullable=False),
        _string("snippet_id", 128),
        sa.Column("favourite", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Double(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        _time("used", nullable=True),
        sa.Column("seen_version", sa.Integer(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _foreign_key("snippet_mark", "snippet", "snippet_id", on_delete="CASCADE"),
        _foreign_key("snippet_mark", "person", "person_id"),
        sa.PrimaryKeyConstraint("person_id", "snippet_id", name=op.f("pk_snippet_mark")),
    )
    _create_indexes("snippet_mark", ["snippet_id"], ["person_id", "revision"])
    op.execute("""
        INSERT INTO snippet_mark
        SELECT person.id, snippet_id, favourite, position, uses, used, seen_version, revision
        FROM old_snippet_mark AS old JOIN person ON person.hub_name = old."user"
    """)


def _string(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _foreign_key(
    table: str, target: str, column: str, on_delete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete=on_delete
    )


def _create_indexes(table: str, *indexes: list[str]) -> None:
    for columns in indexes:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns, unique=False)
