"""Shapes of the culling API that only pages of the hub use."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from orrery_wire.culling import UseState
from orrery_wire.schemas import PageQuery, SearchText, Shape


class LimitIn(Shape):
    """When idle servers of a pool are stopped; the warning comes ten minutes before."""

    idle_minutes: int = Field(ge=15, le=60 * 24 * 30)
    extension_minutes: int = Field(default=60, ge=1, le=60 * 24)
    extensions: int = Field(
        default=3, ge=0, le=100, description="How often a person may put it off without using it."
    )
    unknown_minutes: int | None = Field(
        default=None,
        ge=0,
        le=60 * 24 * 30,
        description="After how many minutes a server is stopped of which it is not known whether it is used, because its"
        " lab does not report or its devices cannot be measured; 0 for never, null for the hub's default.",
    )


class PoolLimit(LimitIn):
    """The limit of a pool."""

    pool: str


class ServerUse(Shape):
    """A running server: what it holds, what of it is used, and when it is stopped if it stays idle."""

    id: int = Field(description="The lease.")
    person: str
    server: str
    pool: str
    project: str
    since: datetime
    devices: int
    cpu_millis: int
    memory_mib: int
    state: UseState
    used_cpu_millis: int | None
    used_memory_mib: int | None
    device_permille: int | None
    device_note: str
    idle_since: datetime | None
    cull_at: datetime | None
    is_warned: bool
    extensions: int


class ServerUseQuery(PageQuery):
    """Which servers, which page."""

    q: SearchText = Field(default="", max_length=400)
    pool: SearchText = Field(default="", max_length=63)
    sort: Literal["person", "pool", "since", "idle"] = "since"
    descending: bool = False


class AdviceQuery(PageQuery):
    """Whose servers, over how many days."""

    q: SearchText = Field(default="", max_length=400, description="Words in person and profile.")
    person: SearchText = Field(default="", max_length=255)
    days: int = Field(default=30, ge=1, le=365)


class Advice(Shape):
    """What a person asked for with a profile, what was used of it, and what would do."""

    person: str
    pool: str
    profile: str
    servers: int
    hours: int = Field(description="Hours that were measured.")
    cpu_millis: int
    used_cpu_millis: int = Field(description="The most in any minute.")
    mean_cpu_millis: int
    memory_mib: int
    used_memory_mib: int = Field(description="The most in any minute.")
    devices: int
    mean_device_permille: int | None = Field(
        description="Of the device that was used most; null if it was not measured."
    )
    smaller_profile: str = Field(description="A smaller profile that would do; empty for none.")
    advice: str
