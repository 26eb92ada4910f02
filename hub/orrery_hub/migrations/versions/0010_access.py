"""Roles at the hub and their permissions; claims of the log-in provider, and the roles in projects that they give.

Revision ID: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MEMBER = sa.table("member", sa.column("role", sa.String), sa.column("own_role", sa.String))


def upgrade() -> None:
    """Create the tables; the role of every member of today was given by the project's owners."""
    for name in ("own_role", "provider_role"):
        op.add_column("member", sa.Column(name, sa.String(length=16), nullable=True))
    op.execute(sa.update(_MEMBER).values(own_role=_MEMBER.c.role))
    _roles()
    _claims()


def _roles() -> None:
    op.create_table(
        "role_permission",
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("permission", sa.String(length=64), nullable=False),
        sa.Column("is_allowed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("role", "permission", name=op.f("pk_role_permission")),
    )
    op.create_table(
        "person_role",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_role_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_person_role")),
    )


def _claims() -> None:
    op.create_table(
        "person_claim",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("claim", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_claim_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "account", "claim", name=op.f("pk_person_claim")),
    )
    op.create_index(op.f("ix_person_claim_claim"), "person_claim", ["claim"], unique=False)
    op.create_table(
        "claim_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_claim_mapping_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_mapping")),
    )
    op.create_index(op.f("ix_claim_mapping_claim"), "claim_mapping", ["claim"], unique=False)
