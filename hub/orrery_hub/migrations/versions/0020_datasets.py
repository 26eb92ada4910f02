"""Datasets, their versions, and what is known of these.

Revision ID: 0020
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _datasets()
    _versions()
    _of_versions()
    _uses()
    for table, *columns in (
        ("dataset", "project_id"),
        ("dataset", "owner_id"),
        ("dataset_version", "digest"),
        ("dataset_parent", "parent_id"),
        ("dataset_use", "kind", "ref"),
        ("dataset_use", "person_id"),
        ("dataset_check", "version_id"),
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns, unique=False)


def _datasets() -> None:
    op.create_table(
        "dataset",
        _column("id", sa.Integer()),
        _column("key", sa.String(80)),
        _column("slot", sa.String(160), nullable=True),
        _column("name", sa.String(63)),
        _column("audience", sa.String(16)),
        _column("project_id", sa.Integer(), nullable=True),
        _column("owner_id", sa.Integer()),
        _column("description", sa.String()),
        _column("tags", sa.JSON()),
        _column("last_number", sa.Integer()),
        _column("created", sa.DateTime(timezone=True)),
        _column("updated", sa.DateTime(timezone=True)),
        _column("archived", sa.DateTime(timezone=True), nullable=True),
        _column("deleted", sa.DateTime(timezone=True), nullable=True),
        _refers("dataset", "project_id", "project", ondelete="SET NULL"),
        _refers("dataset", "owner_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
        sa.UniqueConstraint("key", name=op.f("uq_dataset_key")),
        sa.UniqueConstraint("slot", name=op.f("uq_dataset_slot")),
        sqlite_autoincrement=True,
    )


def _versions() -> None:
    op.create_table(
        "dataset_version",
        _column("id", sa.Integer()),
        _column("dataset_id", sa.Integer()),
        _column("number", sa.Integer()),
        _column("digest", sa.String(80)),
        _column("mode", sa.String(16)),
        _column("source_kind", sa.String(16)),
        _column("source", sa.JSON()),
        _column("location", sa.JSON()),
        _column("columns", sa.JSON()),
        _column("column_count", sa.Integer()),
        _column("row_count", sa.BigInteger(), nullable=True),
        _column("size_bytes", sa.BigInteger(), nullable=True),
        _column("part_count", sa.BigInteger()),
        _column("parts", sa.JSON(), nullable=True),
        _column("has_parts", sa.Boolean()),
        _column("note", sa.String()),
        _column("stored_bytes", sa.BigInteger()),
        _column("created", sa.DateTime(timezone=True)),
        _column("created_by_id", sa.Integer()),
        _column("published", sa.DateTime(timezone=True), nullable=True),
        _column("archived", sa.DateTime(timezone=True), nullable=True),
        _refers("dataset_version", "dataset_id", "dataset", ondelete="CASCADE"),
        _refers("dataset_version", "created_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_version")),
        sa.UniqueConstraint(
            "dataset_id", "number", name=op.f("uq_dataset_version_dataset_id_number")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "dataset_parent",
        _column("version_id", sa.Integer()),
        _column("position", sa.Integer()),
        _column("parent_id", sa.Integer(), nullable=True),
        _column("number", sa.Integer()),
        _column("digest", sa.String(80)),
        _refers("dataset_parent", "version_id", "dataset_version", ondelete="CASCADE"),
        _refers("dataset_parent", "parent_id", "dataset_version", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_dataset_parent")),
    )


def _of_versions() -> None:
    op.create_table(
        "dataset_profile",
        _column("version_id", sa.Integer()),
        _column("profile", sa.JSON()),
        _column("stored_bytes", sa.BigInteger()),
        _column("saved", sa.DateTime(timezone=True)),
        _refers("dataset_profile", "version_id", "dataset_version", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_dataset_profile")),
    )
    op.create_table(
        "dataset_check",
        _column("id", sa.Integer()),
        _column("version_id", sa.Integer()),
        _column("name", sa.String(120)),
        _column("is_passed", sa.Boolean()),
        _column("items", sa.JSON()),
        _column("stored_bytes", sa.BigInteger()),
        _column("person_id", sa.Integer()),
        _column("at", sa.DateTime(timezone=True)),
        _refers("dataset_check", "version_id", "dataset_version", ondelete="CASCADE"),
        _refers("dataset_check", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_check")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "dataset_feature_set",
        _column("dataset_id", sa.Integer()),
        _column("name", sa.String(63)),
        _column("number", sa.Integer(), nullable=True),
        _column("description", sa.String()),
        _column("spec", sa.JSON()),
        _column("revision", sa.Integer()),
        _column("updated", sa.DateTime(timezone=True)),
        _column("updated_by_id", sa.Integer()),
        _refers("dataset_feature_set", "dataset_id", "dataset", ondelete="CASCADE"),
        _refers("dataset_feature_set", "updated_by_id", "person"),
        sa.PrimaryKeyConstraint("dataset_id", "name", name=op.f("pk_dataset_feature_set")),
    )


def _uses() -> None:
    op.create_table(
        "dataset_use",
        _column("id", sa.Integer()),
        _column("version_id", sa.Integer()),
        _column("kind", sa.String(16)),
        _column("ref", sa.String(500)),
        _column("direction", sa.String(8)),
        _column("person_id", sa.Integer()),
        _column("first", sa.DateTime(timezone=True)),
        _column("last", sa.DateTime(timezone=True)),
        _column("hour_count", sa.Integer()),
        _refers("dataset_use", "version_id", "dataset_version", ondelete="CASCADE"),
        _refers("dataset_use", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_use")),
        sa.UniqueConstraint(
            "version_id",
            "kind",
            "ref",
            "direction",
            name=op.f("uq_dataset_use_version_id_kind_ref_direction"),
        ),
        sqlite_autoincrement=True,
    )


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _refers(table: str, column: str, to: str, *, ondelete: str | None = None) -> sa.Constraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)
