"""Columns of tables that belong to a capability and that others read; ``tests/hub`` compares them with the tables.

Nobody writes through them: what changes a lease, a pool or a project is its capability's.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Float, Integer, String, column, table

from orrery_hub.base.db import UTCDateTime

LEASE = table(
    "lease",
    column("id", Integer),
    column("account_id", Integer),
    column("person_id", Integer),
    column("server_name", String),
    column("project_id", Integer),
    column("pool_id", Integer),
    column("profile_id", Integer),
    column("devices", Integer),
    column("cpu", Float),
    column("memory_bytes", BigInteger),
    column("started_at", UTCDateTime),
    column("seen_at", UTCDateTime),
    column("ended_at", UTCDateTime),
)
POOL = table(
    "pool",
    column("id", Integer),
    column("slug", String),
    column("name", String),
    column("deleted", UTCDateTime),
)
PROFILE = table(
    "hardware_profile",
    column("id", Integer),
    column("slug", String),
    column("name", String),
    column("pool_id", Integer),
    column("devices", Integer),
    column("cpu", Float),
    column("memory_bytes", BigInteger),
    column("is_hidden", Boolean),
    column("deleted", UTCDateTime),
)
PROJECT = table(
    "project",
    column("id", Integer),
    column("slug", String),
    column("created", UTCDateTime),
    column("deleted", UTCDateTime),
    column("archived", UTCDateTime),
)
MEMBER = table(
    "member",
    column("project_id", Integer),
    column("person_id", Integer),
    column("role", String),
)
