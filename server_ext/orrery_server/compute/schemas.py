"""Shapes of compute that are the lab's own."""

from __future__ import annotations

from pydantic import Field

from orrery_wire.culling import Activity, CullState
from orrery_wire.schemas import Shape


class Use(Shape):
    """What this server uses now, and how it stands with the limit for idle servers."""

    server: str
    activity: Activity = Field(description="Measured since the last report to the hub.")
    culling: CullState
