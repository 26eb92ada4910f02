"""Shapes of use and idle servers that hub and server exchange."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from orrery_wire.names import ServerName
from orrery_wire.schemas import Shape, StorableText

UseState = Literal["in_use", "idle", "unknown"]


class Activity(Shape):
    """What a lab measured in the last minute."""

    busy_kernels: int = Field(ge=0, le=10_000)
    idle_seconds: int | None = Field(
        default=None,
        ge=0,
        le=10**9,
        description="Since when no kernel has computed anything; null if none has since the start.",
    )
    cpu_millis: int = Field(ge=0, le=10**9, description="Thousandths of a CPU, on average.")
    memory_mib: int = Field(ge=0, le=10**9)
    device_permille: int | None = Field(
        default=None, ge=0, le=1000, description="Use of the devices; null if not measured."
    )
    device_note: StorableText = Field(
        default="", max_length=200, description="Why the devices are not measured."
    )


class CullState(Shape):
    """Whether a server is idle, and when it is stopped for that."""

    is_limited: bool = Field(description="Whether a limit for idle servers applies to it.")
    state: UseState
    idle_since: datetime | None
    idle_minutes: int | None = Field(description="After how many idle minutes it is stopped.")
    cull_at: datetime | None = Field(
        description="When it is stopped if it stays idle; null while it is in use or unlimited."
    )
    is_warned: bool
    extensions_left: int = Field(ge=0)
    extension_minutes: int = Field(ge=0)
    report_seconds: int = Field(ge=1, description="After how many seconds to report again.")


class ServerQuery(Shape):
    """Which server of the person."""

    server: ServerName = ""
