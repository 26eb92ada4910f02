"""Tickets of the queue, and when the queue last looked at the clock.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended IS NULL")
_FOREIGN = (
    ("account_id", "person", None),
    ("person_id", "person", None),
    ("project_id", "project", "SET NULL"),
    ("pool_id", "pool", None),
    ("profile_id", "hardware_profile", None),
    ("lease_id", "lease", None),
)


def upgrade() -> None:
    """Add the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("server_name", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("devices", sa.Integer(), nullable=False),
        sa.Column("cpu", sa.Float(), nullable=False),
        sa.Column("memory_bytes", sa.BigInteger(), nullable=False),
        sa.Column("is_spot", sa.Boolean(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("pin", sa.Integer(), nullable=True),
        sa.Column("is_run_now", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_auto_claim", sa.Boolean(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("lease_id", sa.Integer(), nullable=True),
        sa.Column("created", moment, nullable=False),
        sa.Column("offered", moment, nullable=True),
        sa.Column("deadline", moment, nullable=True),
        sa.Column("ended", moment, nullable=True),
        sa.Column("missed_offers", sa.Integer(), nullable=False),
        sa.Column("failed_starts", sa.Integer(), nullable=False),
        sa.Column("expected_low", sa.Integer(), nullable=True),
        sa.Column("expected_high", sa.Integer(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_ticket_{column}_{table}"), ondelete=rule
            )
            for column, table, rule in _FOREIGN
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_ticket_open",
        "ticket",
        ["account_id", "server_name"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    for columns in (["pool_id", "state"], ["person_id", "ended"], ["ended"]):
        op.create_index(op.f(f"ix_ticket_{'_'.join(columns)}"), "ticket", columns, unique=False)
    op.create_table(
        "queue_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_clock")),
    )
