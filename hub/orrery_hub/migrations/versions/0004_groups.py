"""Groups at JupyterHub get a prefix of their own and a mark; those that were made without are noted, to be removed.

Revision ID: 0004
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ROLES = ("owner", "editor", "viewer")


def upgrade() -> None:
    """Create the notes, with each group of today and the members that the database gives it."""
    claims = op.create_table(
        "group_claim",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("members", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_group_claim"),
    )
    connection = op.get_bind()
    project = sa.table("project", sa.column("id", sa.Integer), sa.column("slug", sa.String))
    slugs = {row.id: row.slug for row in connection.execute(sa.select(project))}
    members: dict[tuple[int, str], list[str]] = {
        (key, role): [] for key in slugs for role in _ROLES
    }
    for key, role, name in _members(connection):
        members.setdefault((key, role), []).append(name)
    rows = [
        {"name": f"p-{slugs[key]}-{role}", "members": json.dumps(sorted(names))}
        for (key, role), names in members.items()
        if key in slugs
    ]
    if rows:
        op.bulk_insert(claims, rows)


def _members(connection: sa.Connection) -> list[tuple[int, str, str]]:
    member = sa.table(
        "member",
        sa.column("project_id", sa.Integer),
        sa.column("person_id", sa.Integer),
        sa.column("role", sa.String),
    )
    person = sa.table("person", sa.column("id", sa.Integer), sa.column("hub_name", sa.String))
    query = sa.select(member.c.project_id, member.c.role, person.c.hub_name).join(
        person, person.c.id == member.c.person_id
    )
    return [(row.project_id, row.role, row.hub_name) for row in connection.execute(query)]
