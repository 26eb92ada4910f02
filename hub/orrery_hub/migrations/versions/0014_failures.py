"""Servers that did not start, or ended by themselves, with their causes.

Revision ID: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TABLE = "launch_failure"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("server_name", sa.String(255), nullable=False),
        sa.Column("lease_id", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("pool_id", sa.Integer(), nullable=True),
        sa.Column("profile_id", sa.Integer(), nullable=True),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.Column("node", sa.String(253), nullable=False),
        sa.Column("began", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exit_status", sa.Integer(), nullable=True),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("log", sa.JSON(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.Integer(), nullable=True),
        _refers("account_id", "person"),
        _refers("person_id", "person"),
        _refers("project_id", "project", ondelete="SET NULL"),
        _refers("pool_id", "pool"),
        _refers("profile_id", "hardware_profile"),
        _refers("handled_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch_failure")),
    )
    for columns in (["at"], ["kind", "at"], ["account_id", "at"], ["person_id", "at"]):
        op.create_index(op.f(f"ix_{_TABLE}_{'_'.join(columns)}"), _TABLE, columns, unique=False)


def _refers(column: str, to: str, *, ondelete: str | None = None) -> sa.Constraint:
    name = op.f(f"fk_{_TABLE}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)
