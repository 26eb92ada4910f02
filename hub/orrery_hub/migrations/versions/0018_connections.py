"""Connections, their uses, and the keys of secrets that are to be removed.

Revision ID: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "connection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("slot", sa.String(160), nullable=True),
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("audience", sa.String(16), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("read_only", sa.Boolean(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.JSON(), nullable=False),
        sa.Column("secret_store", sa.String(16), nullable=False),
        sa.Column("secret_key", sa.String(128), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted", sa.DateTime(timezone=True), nullable=True),
        _refers("connection", "project_id", "project", ondelete="SET NULL"),
        _refers("connection", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection")),
        sa.UniqueConstraint("key", name=op.f("uq_connection_key")),
        sa.UniqueConstraint("slot", name=op.f("uq_connection_slot")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "connection_use",
        sa.Column("lease", sa.String(32), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("server_name", sa.String(255), nullable=False),
        sa.Column("server_started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("engine_lease", sa.String(255), nullable=False),
        sa.Column("began", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        _refers("connection_use", "connection_id", "connection", ondelete="SET NULL"),
        _refers("connection_use", "person_id", "person"),
        _refers("connection_use", "account_id", "person"),
        sa.PrimaryKeyConstraint("lease", name=op.f("pk_connection_use")),
    )
    op.create_table(
        "unused_secret",
        sa.Column("store", sa.String(16), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store", "key", name=op.f("pk_unused_secret")),
    )
    for table, column in (
        ("connection", "project_id"),
        ("connection", "person_id"),
        ("connection_use", "person_id"),
        ("connection_use", "account_id"),
        ("connection_use", "connection_id"),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _refers(table: str, column: str, to: str, *, ondelete: str | None = None) -> sa.Constraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)
