"""Pools, hardware profiles, images, and the leases of servers.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _create_device_types()
    _create_pools()
    _create_profiles()
    _create_images()
    _create_leases()


def _create_device_types() -> None:
    op.create_table(
        "device_type",
        *_declared(),
        _text("resource", 253),
        _text("mig_slice", 16),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_type")),
    )
    _create_slug_index("device_type")


def _create_pools() -> None:
    op.create_table(
        "pool",
        *_declared(),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("device_type_id", sa.Integer(), nullable=True),
        sa.Column("devices", sa.Integer(), nullable=True),
        *(_flag(name) for name in ("is_default", "for_everyone", "is_draining")),
        _text("drain_reason", 400),
        sa.Column("max_servers", sa.Integer(), nullable=True),
        sa.Column("devices_per_person", sa.Integer(), nullable=True),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _foreign_key("pool", "device_type", "device_type_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
    )
    _create_slug_index("pool")
    _create_indexes("pool", ["device_type_id"])
    op.create_table(
        "pool_grant",
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("devices", sa.Integer(), nullable=True),
        sa.Column("is_declared", sa.Boolean(), nullable=False, server_default=sa.false()),
        _time("since"),
        _foreign_key("pool_grant", "pool", "pool_id"),
        _foreign_key("pool_grant", "project", "project_id", on_delete="CASCADE"),
        sa.PrimaryKeyConstraint("pool_id", "project_id", name=op.f("pk_pool_grant")),
    )
    _create_indexes("pool_grant", ["project_id"])


def _create_profiles() -> None:
    op.create_table(
        "hardware_profile",
        *_declared(),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("devices", sa.Integer(), nullable=False),
        sa.Column("cpu", sa.Float(), nullable=False),
        sa.Column("memory_bytes", sa.BigInteger(), nullable=False),
        _flag("is_spot"),
        _flag("is_hidden"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        _foreign_key("hardware_profile", "pool", "pool_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hardware_profile")),
    )
    _create_slug_index("hardware_profile")
    _create_indexes("hardware_profile", ["pool_id"])


def _create_images() -> None:
    op.create_table(
        "image",
        *_declared(),
        sa.Column("description", sa.Text(), nullable=False),
        _text("reference", 512),
        _text("tag", 128),
        _text("digest", 71),
        _text("tag_pattern", 200),
        sa.Column("labels", sa.JSON(), nullable=False),
        _flag("is_hidden"),
        _text("redirect_to", 63),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_image")),
    )
    _create_slug_index("image")


def _create_leases() -> None:
    op.create_table(
        "lease",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        _text("server_name", 255),
        *(
            sa.Column(name, sa.Integer(), nullable=True)
            for name in ("project_id", "pool_id", "profile_id")
        ),
        sa.Column("devices", sa.Integer(), nullable=False),
        sa.Column("cpu", sa.Float(), nullable=False),
        sa.Column("memory_bytes", sa.BigInteger(), nullable=False),
        _flag("is_spot"),
        sa.Column("device_ids", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        _text("state", 16),
        _time("reserved_at"),
        _time("reserved_until", nullable=True),
        _time("started_at", nullable=True),
        _time("seen_at"),
        _time("ended_at", nullable=True),
        _text("end_reason", 200),
        _foreign_key("lease", "person", "account_id"),
        _foreign_key("lease", "person", "person_id"),
        _foreign_key("lease", "project", "project_id", on_delete="SET NULL"),
        _foreign_key("lease", "pool", "pool_id"),
        _foreign_key("lease", "hardware_profile", "profile_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lease")),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        op.f("uq_lease_open"),
        "lease",
        ["account_id", "server_name"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    owners = ("pool_id", "person_id", "project_id")
    _create_indexes("lease", *([name, "ended_at"] for name in owners), ["ended_at"])


def _declared() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        _text("slug", 63),
        _text("name", 120),
        sa.Column("is_declared", sa.Boolean(), nullable=False, server_default=sa.false()),
        _time("created"),
        _time("updated"),
        _time("deleted", nullable=True),
    ]


def _text(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _foreign_key(
    table: str, target: str, column: str, on_delete: str | None = None
) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=on_delete)


def _create_indexes(table: str, *indexes: list[str]) -> None:
    for columns in indexes:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns, unique=False)


def _create_slug_index(table: str) -> None:
    present = sa.text("deleted IS NULL")
    op.create_index(
        op.f(f"uq_{table}_slug"),
        table,
        ["slug"],
        unique=True,
        sqlite_where=present,
        postgresql_where=present,
    )
