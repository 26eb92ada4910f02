"""Audit entries with project, permission, outcome, what was before and after, in a chain of hashes.

The entries of before get ids without gaps, in their order, and join the chain.

Revision ID: 0005
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_START = "0" * 64
_BATCH = 1_000
_ENTRIES = sa.table(
    "audit",
    sa.column("id", sa.Integer),
    sa.column("when", sa.DateTime(timezone=True)),
    sa.column("who", sa.String),
    sa.column("person_id", sa.Integer),
    sa.column("what", sa.String),
    sa.column("on", sa.String),
    sa.column("address", sa.String),
    sa.column("request_id", sa.String),
    sa.column("hash", sa.String),
)
_CHAIN = sa.table(
    "audit_chain",
    sa.column("name", sa.String),
    sa.column("entry_id", sa.BigInteger),
    sa.column("hash", sa.String),
)


def upgrade() -> None:
    """Add the columns and the chain."""
    for name, length in (("permission", 64), ("project", 63), ("client_request_id", 64)):
        op.add_column("audit", _text(name, length))
    op.add_column("audit", _text("outcome", 16, "done"))
    op.add_column("audit", _text("hash", 64))
    for name in ("before", "after"):
        op.add_column("audit", sa.Column(name, sa.String(), nullable=True))
    op.create_index(op.f("ix_audit_project"), "audit", ["project"], unique=False)
    op.create_table(
        "audit_chain",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audit_chain")),
    )
    count, last = _chain(op.get_bind())
    op.bulk_insert(
        _CHAIN,
        [
            {"name": "checkpoint", "entry_id": 0, "hash": _START},
            {"name": "head", "entry_id": count, "hash": last},
        ],
    )


def _text(name: str, length: int, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default=default)


def _chain(connection: sa.Connection) -> tuple[int, str]:
    """Number and hash every entry; the result is the number of entries and the last hash."""
    count, last, previous_id = 0, _START, -1
    columns = [column for column in _ENTRIES.c if column.name != "hash"]
    change = (
        sa.update(_ENTRIES)
        .where(_ENTRIES.c.id == sa.bindparam("old"))
        .values(id=sa.bindparam("new"), hash=sa.bindparam("hash"))
    )
    while True:
        query = sa.select(*columns).where(_ENTRIES.c.id > previous_id)
        rows = connection.execute(query.order_by(_ENTRIES.c.id).limit(_BATCH)).all()
        if not rows:
            return count, last
        changes = []
        for row in rows:
            count += 1
            last = _hash(last, count, row)
            changes.append({"old": row.id, "new": count, "hash": last})
        # A new id is never greater than the old one, so in this order no two are the same at any time.
        for values in changes:
            connection.execute(change, values)
        previous_id = rows[-1].id


def _hash(previous: str, number: int, row: sa.Row[tuple[object, ...]]) -> str:
    when: datetime = row.when
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    values = [previous, number, when.isoformat(timespec="microseconds"), row.who, row.person_id]
    values += ["", "", row.what, row.on, None, None, "done", row.address, row.request_id, ""]
    return hashlib.sha256(json.dumps(values, ensure_ascii=True).encode("ascii")).hexdigest()
