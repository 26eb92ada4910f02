"""Members by the names that JupyterHub gives: small letters, and none that nobody can have.

Revision ID: 0002
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from orrery_wire.names import is_user_name, normalize_user_name

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ROLES = ("viewer", "editor", "owner")
_MEMBER = sa.table(
    "member",
    sa.column("project_id", sa.Integer),
    sa.column("user", sa.String),
    sa.column("role", sa.String),
)
_PERSON = sa.table("person", sa.column("name", sa.String))
_PROJECT = sa.table("project", sa.column("id", sa.Integer), sa.column("slug", sa.String))
_AUDIT = sa.table(
    "audit",
    sa.column("when", sa.DateTime(timezone=True)),
    sa.column("who", sa.String),
    sa.column("what", sa.String),
    sa.column("on", sa.String),
    sa.column("address", sa.String),
    sa.column("request_id", sa.String),
)


def upgrade() -> None:
    """Rename or remove members who cannot log in by their name; the audit says which."""
    connection = op.get_bind()
    visited = set(connection.scalars(sa.select(_PERSON.c.name)))
    rows = connection.execute(
        sa.select(_MEMBER.c.project_id, _PROJECT.c.slug, _MEMBER.c.user, _MEMBER.c.role).join(
            _PROJECT, _PROJECT.c.id == _MEMBER.c.project_id
        )
    ).all()
    roles = {(project, user): role for project, _, user, role in rows}
    for project, slug, user, role in rows:
        name = normalize_user_name(user)
        # Who was here under a name in capitals has it: the authenticator of that hub keeps them.
        if user in visited or (name == user and is_user_name(name)):
            continue
        if not is_user_name(name):
            _remove(connection, project, user)
            _record(connection, "projects.member.remove", f"{slug}/{user}")
            continue
        other = roles.get((project, name))
        merged = role if other is None else max(role, other, key=_ROLES.index)
        if other is None:
            _update(connection, project, user, user=name)
        else:
            _remove(connection, project, user)
            _update(connection, project, name, role=merged)
        roles[project, name] = merged
        _record(connection, f"projects.member.{merged}", f"{slug}/{name}")


def _is(project: int, user: str) -> sa.ColumnElement[bool]:
    return (_MEMBER.c.project_id == project) & (_MEMBER.c.user == user)


def _remove(connection: sa.Connection, project: int, user: str) -> None:
    connection.execute(sa.delete(_MEMBER).where(_is(project, user)))


def _update(connection: sa.Connection, project: int, name: str, **values: str) -> None:
    connection.execute(sa.update(_MEMBER).where(_is(project, name)).values(**values))


def _record(connection: sa.Connection, what: str, on: str) -> None:
    entry = {"when": datetime.now(UTC), "who": "orrery", "what": what, "on": on}
    connection.execute(sa.insert(_AUDIT).values(**entry, address="", request_id="migration-0002"))
