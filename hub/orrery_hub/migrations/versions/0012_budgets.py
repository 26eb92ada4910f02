"""Rates, ledger, budgets, grants, requests and warnings; use and limits of idle servers.

Revision ID: 0012
"""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _ledger()
    _budgets()
    _culling()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _large(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _number(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[int]:
    autoincrement: bool | Literal["auto"] = False if key else "auto"
    return sa.Column(name, sa.Integer(), nullable=nullable, autoincrement=autoincrement)


def _refers(table: str, column: str, to: str, *, ondelete: str | None = None) -> sa.Constraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)


def _index(table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=unique)


def _ledger() -> None:
    op.create_table(
        "rate",
        _number("id"),
        _number("pool_id"),
        _moment("valid_from"),
        _large("device"),
        _large("cpu"),
        _large("memory_gib"),
        sa.Column("currency", sa.String(3), nullable=False),
        _moment("created"),
        _refers("rate", "pool_id", "pool"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate")),
    )
    _index("rate", "pool_id", "valid_from", unique=True)
    op.create_table(
        "ledger",
        _number("lease_id", key=True),
        sa.Column("first_minute", sa.BigInteger(), nullable=False, autoincrement=False),
        _large("end_minute"),
        _number("month"),
        _number("person_id"),
        _number("project_id", nullable=True),
        _number("pool_id", nullable=True),
        _large("devices"),
        _large("cpu_millis"),
        _large("memory_mib"),
        _number("rate_id", nullable=True),
        _large("price"),
        _refers("ledger", "person_id", "person"),
        _refers("ledger", "rate_id", "rate"),
        sa.PrimaryKeyConstraint("lease_id", "first_minute", name=op.f("pk_ledger")),
    )
    _index("ledger", "person_id", "first_minute")
    _index("ledger", "project_id", "first_minute")
    _index("ledger", "first_minute")
    op.create_table(
        "ledger_lease",
        _number("lease_id", key=True),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("lease_id", name=op.f("pk_ledger_lease")),
    )
    _index("ledger_lease", "is_settled")
    op.create_table(
        "ledger_lock",
        _number("id", key=True),
        _moment("charged_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_lock")),
    )
    # Of before every lease: the first run charges from the start of each.
    op.execute("INSERT INTO ledger_lock (id, charged_at) VALUES (1, '1970-01-01 00:00:00.000000')")


def _budgets() -> None:
    op.create_table(
        "budget",
        _number("id"),
        sa.Column("slot", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
        _number("person_id", nullable=True),
        _number("project_id", nullable=True),
        sa.Column("resource", sa.String(16), nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        _large("amount"),
        _moment("created"),
        _refers("budget", "person_id", "person"),
        _refers("budget", "project_id", "project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget")),
        sa.UniqueConstraint("slot", name=op.f("uq_budget_slot")),
    )
    _index("budget", "person_id")
    _index("budget", "project_id")
    op.create_table(
        "budget_grant",
        _number("id"),
        _number("budget_id"),
        _number("person_id", nullable=True),
        _large("amount"),
        _moment("starts"),
        _moment("ends", nullable=True),
        _refers("budget_grant", "budget_id", "budget", ondelete="CASCADE"),
        _refers("budget_grant", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_grant")),
    )
    _index("budget_grant", "budget_id")
    op.create_table(
        "budget_request",
        _number("id"),
        _number("budget_id"),
        _number("person_id"),
        _large("amount"),
        _moment("until", nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        _moment("created"),
        _moment("decided", nullable=True),
        _number("decided_by", nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        _refers("budget_request", "budget_id", "budget", ondelete="CASCADE"),
        _refers("budget_request", "person_id", "person"),
        _refers("budget_request", "decided_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_request")),
    )
    for column in ("budget_id", "person_id", "state"):
        _index("budget_request", column)
    op.create_table(
        "budget_warning",
        _number("lease_id", key=True),
        _number("budget_id"),
        _moment("warned_at"),
        sa.PrimaryKeyConstraint("lease_id", name=op.f("pk_budget_warning")),
    )


def _culling() -> None:
    op.create_table(
        "activity",
        _number("lease_id", key=True),
        _moment("reported_at"),
        _number("busy_kernels"),
        _large("cpu_millis"),
        _large("memory_mib"),
        _number("device_permille", nullable=True),
        sa.Column("device_note", sa.String(200), nullable=False),
        _moment("last_execution", nullable=True),
        _moment("last_work", nullable=True),
        _number("samples"),
        _large("cpu_sum"),
        _large("cpu_max"),
        _large("memory_max"),
        _number("device_samples"),
        _large("device_sum"),
        _number("device_max"),
        sa.PrimaryKeyConstraint("lease_id", name=op.f("pk_activity")),
    )
    op.create_table(
        "cull_limit",
        _number("pool_id", key=True),
        _number("idle_minutes"),
        _number("extension_minutes"),
        _number("extensions"),
        _refers("cull_limit", "pool_id", "pool", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pool_id", name=op.f("pk_cull_limit")),
    )
    op.create_table(
        "cull_warning",
        _number("lease_id", key=True),
        _moment("warned_at"),
        _moment("deadline"),
        _number("extensions"),
        sa.PrimaryKeyConstraint("lease_id", name=op.f("pk_cull_warning")),
    )
