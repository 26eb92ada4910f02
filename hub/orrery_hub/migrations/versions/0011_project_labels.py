"""Category, labels, links, archive and pins of projects; invitations to them.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table; nothing is archived, pinned or sorted yet."""
    op.add_column("project", sa.Column("archived", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "project", sa.Column("category", sa.String(length=120), nullable=False, server_default="")
    )
    for name in ("labels", "links"):
        op.add_column("project", sa.Column(name, sa.String(), nullable=False, server_default="[]"))
    op.add_column(
        "member", sa.Column("is_pinned", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "invitation",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_invitation_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_invitation_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["person.id"], name=op.f("fk_invitation_invited_by_id_person")
        ),
        sa.PrimaryKeyConstraint("project_id", "person_id", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_person_id"), "invitation", ["person_id"], unique=False)
