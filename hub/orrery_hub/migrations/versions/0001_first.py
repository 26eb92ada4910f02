"""Projects, snippets and the audit.

Revision ID: 0001
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table of the first version."""
    _create_audit()
    _create_projects()
    _create_members()
    _create_snippets()
    _create_snippet_marks()
    _create_counters()


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        _time("when"),
        _string("who", 255),
        _string("what", 64),
        _string("on", 512),
        _string("address", 64),
        _string("request_id", 64),
        _primary_key("audit", "id"),
    )
    _create_indexes("audit", ["when"], ["who"])


def _create_projects() -> None:
    op.create_table(
        "mirror",
        _string("slug", 63),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _time("due"),
        _primary_key("mirror", "slug"),
    )
    op.create_table(
        "person",
        _string("name", 255),
        _time("met"),
        _primary_key("person", "name"),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        _string("slug", 63),
        _string("name", 120),
        sa.Column("description", sa.String(), nullable=False),
        _time("created"),
        _time("updated"),
        _time("deleted", nullable=True),
        _primary_key("project", "id"),
        sa.UniqueConstraint("slug", name=op.f("uq_project_slug")),
    )


def _create_members() -> None:
    op.create_table(
        "current_project",
        _string("user", 255),
        _string("server", 255),
        sa.Column("project_id", sa.Integer(), nullable=True),
        _foreign_key("current_project", "project", on_delete="SET NULL"),
        _primary_key("current_project", "user", "server"),
    )
    op.create_table(
        "member",
        sa.Column("project_id", sa.Integer(), nullable=False),
        _string("user", 255),
        _string("role", 16),
        _time("since"),
        _foreign_key("member", "project"),
        _primary_key("member", "project_id", "user"),
    )
    _create_indexes("member", ["user"])


def _create_snippets() -> None:
    op.create_table(
        "snippet",
        _string("id", 128),
        _string("scope", 16),
        sa.Column("project_id", sa.Integer(), nullable=True),
        _string("author", 255),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _time("created"),
        _time("updated"),
        _string("updated_by", 255),
        _time("deleted", nullable=True),
        _foreign_key("snippet", "project"),
        _primary_key("snippet", "id"),
    )
    _create_indexes("snippet", ["author"], ["deleted"], ["project_id"], ["revision"])
    op.create_table(
        "snippet_gone",
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _string("snippet_id", 128),
        _string("scope", 16),
        sa.Column("project_id", sa.Integer(), nullable=True),
        _string("author", 255),
        _time("gone"),
        _foreign_key("snippet_gone", "project"),
        _primary_key("snippet_gone", "revision"),
    )


def _create_snippet_marks() -> None:
    op.create_table(
        "snippet_mark",
        _string("user", 255),
        _string("snippet_id", 128),
        sa.Column("favourite", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Double(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        _time("used", nullable=True),
        sa.Column("seen_version", sa.Integer(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _foreign_key("snippet_mark", "snippet"),
        _primary_key("snippet_mark", "user", "snippet_id"),
    )
    _create_indexes("snippet_mark", ["snippet_id"], ["user", "revision"])
    op.create_table(
        "snippet_version",
        _string("snippet_id", 128),
        sa.Column("version", sa.Integer(), nullable=False),
        _time("saved"),
        _string("saved_by", 255),
        sa.Column("content", sa.String(), nullable=False),
        _foreign_key("snippet_version", "snippet"),
        _primary_key("snippet_version", "snippet_id", "version"),
    )


def _create_counters() -> None:
    op.create_table(
        "counter",
        _string("name", 64),
        sa.Column("value", sa.BigInteger(), nullable=False),
        _primary_key("counter", "name"),
    )
    counter = sa.table("counter", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    op.bulk_insert(
        counter,
        [
            {"name": "snippets", "value": 0},
            {"name": "snippets_floor", "value": 0},
            {"name": "snippets_epoch", "value": secrets.randbits(62)},
        ],
    )


def _string(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _primary_key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _foreign_key(table: str, target: str, on_delete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    """A column ``<target>_id`` that refers to ``<target>.id``."""
    return sa.ForeignKeyConstraint(
        [f"{target}_id"],
        [f"{target}.id"],
        name=op.f(f"fk_{table}_{target}_id_{target}"),
        ondelete=on_delete,
    )


def _create_indexes(table: str, *indexes: list[str]) -> None:
    for columns in indexes:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns, unique=False)
