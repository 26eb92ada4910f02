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
    """Make every table of the first version."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("when", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=255), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("on", sa.String(length=512), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_when"), "audit", ["when"], unique=False)
    op.create_index(op.f("ix_audit_who"), "audit", ["who"], unique=False)
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "mirror",
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_mirror")),
    )
    op.create_table(
        "person",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("met", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_person")),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("slug", name=op.f("uq_project_slug")),
    )
    op.create_table(
        "current_project",
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("server", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_current_project_project_id_project"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("user", "server", name=op.f("pk_current_project")),
    )
    op.create_table(
        "member",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_member_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "user", name=op.f("pk_member")),
    )
    op.create_index(op.f("ix_member_user"), "member", ["user"], unique=False)
    op.create_table(
        "snippet",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(length=255), nullable=False),
        sa.Column("deleted", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_snippet_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snippet")),
    )
    op.create_index(op.f("ix_snippet_author"), "snippet", ["author"], unique=False)
    op.create_index(op.f("ix_snippet_deleted"), "snippet", ["deleted"], unique=False)
    op.create_index(op.f("ix_snippet_project_id"), "snippet", ["project_id"], unique=False)
    op.create_index(op.f("ix_snippet_revision"), "snippet", ["revision"], unique=False)
    op.create_table(
        "snippet_gone",
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("snippet_id", sa.String(length=128), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("gone", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_snippet_gone_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_snippet_gone")),
    )
    op.create_table(
        "snippet_mark",
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("snippet_id", sa.String(length=128), nullable=False),
        sa.Column("favourite", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Double(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_version", sa.Integer(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["snippet_id"],
            ["snippet.id"],
            name=op.f("fk_snippet_mark_snippet_id_snippet"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user", "snippet_id", name=op.f("pk_snippet_mark")),
    )
    op.create_index(
        op.f("ix_snippet_mark_snippet_id"), "snippet_mark", ["snippet_id"], unique=False
    )
    op.create_index(
        op.f("ix_snippet_mark_user_revision"), "snippet_mark", ["user", "revision"], unique=False
    )
    op.create_table(
        "snippet_version",
        sa.Column("snippet_id", sa.String(length=128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=255), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["snippet_id"],
            ["snippet.id"],
            name=op.f("fk_snippet_version_snippet_id_snippet"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("snippet_id", "version", name=op.f("pk_snippet_version")),
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
