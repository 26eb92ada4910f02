"""What bounds of a person are counted by: who agreed to own, who was given a storage key, who invited.

Revision ID: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; who owns today has agreed, and nobody is known to have invited anybody."""
    op.add_column(
        "member", sa.Column("is_agreed", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column("storage_key", sa.Column("given_to", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_storage_key_given_to"), "storage_key", ["given_to"], unique=False)
    op.add_column("person", sa.Column("invited_by", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_person_invited_by"), "person", ["invited_by"], unique=False)
