"""When off-boarding a person was finished, told apart from the end of the account.

Revision ID: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; who was off-boarded and has ended was handed over."""
    op.add_column("person", sa.Column("handed_over", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE person SET handed_over = ended WHERE offboarded IS NOT NULL AND ended IS NOT NULL"
    )
