"""What the server says of itself."""

from __future__ import annotations

from pydantic import Field

from orrery_wire.schemas import Shape


class Status(Shape):
    """What is installed and for whom."""

    version: str
    hub: bool = Field(description="Whether projects and snippets live at a hub.")
    user: str
    capabilities: tuple[str, ...]
