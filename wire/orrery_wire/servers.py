"""Shapes of a person's own servers that hub and server exchange."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from orrery_wire.names import ServerName
from orrery_wire.pools import LaunchOptions
from orrery_wire.schemas import Shape


class OwnServer(Shape):
    """A server of the person that starts, runs or stops."""

    name: str = Field(description="Empty for the default server.")
    display_name: str = ""
    is_current: bool = Field(description="Whether it is the server that was named in the query.")
    state: Literal["starting", "ready", "stopping"]
    started: datetime | None
    last_activity: datetime | None
    url: str = Field(description="Its path at the hub.")


class OwnServers(Shape):
    """The servers of a person, the default one first, as they were a few seconds ago."""

    items: tuple[OwnServer, ...]


class OwnServerQuery(Shape):
    """Which server of the person."""

    server: ServerName = Field(default="", description="Empty for the default server.")


class StopIn(Shape):
    """A server of the person to stop, as a lab is asked for it."""

    server_name: ServerName | None = Field(
        default=None, description="Empty for the default server; null for the lab's own."
    )


class StartIn(Shape):
    """A server of the person to start."""

    server_name: ServerName = Field(default="", description="Empty for the default server.")
    options: LaunchOptions | None = Field(default=None, description="Null: as it was started last.")
