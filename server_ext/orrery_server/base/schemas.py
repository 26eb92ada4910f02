"""Shapes of the base: what the server says of itself, and what a capability contributes to Home."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from orrery_wire.schemas import Shape


class OffCapability(Shape):
    """A capability that is installed and cannot be used."""

    name: str
    title: str
    reason: str
    remedy: str


class Status(Shape):
    """What is installed and for whom."""

    version: str
    hub: bool = Field(description="Whether projects and snippets live at a hub.")
    user: str
    capabilities: tuple[str, ...] = Field(description="Those that can be used.")
    off: tuple[OffCapability, ...] = Field(
        default=(), description="Those that cannot, each with why and what to do."
    )


class Recent(Shape):
    """Something that was worked on lately."""

    kind: Literal["notebook", "file", "snippet", "run"]
    label: str
    path: str = ""
    id: str = ""
    when: datetime
