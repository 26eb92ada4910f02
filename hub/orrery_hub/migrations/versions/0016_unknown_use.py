"""When a server is stopped of which it is not known whether it is used.

Revision ID: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("cull_limit", sa.Column("unknown_minutes", sa.Integer(), nullable=True))
