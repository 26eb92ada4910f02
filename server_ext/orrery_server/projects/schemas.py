"""Every shape of a project that crosses a border."""

from __future__ import annotations

from pydantic import Field

from orrery_server.base.schemas import Recent
from orrery_wire.projects import Project
from orrery_wire.schemas import Shape


class Link(Shape):
    """Somewhere to go from Home."""

    label: str
    caption: str = ""
    url: str = Field(
        default="", description="Opens in a new tab; empty when `path` or `command` is set."
    )
    path: str = Field(default="", description="A folder or file in the lab's own file browser.")


class Home(Shape):
    """What the Orrery Home tab shows."""

    user: str
    hub: bool
    project: Project | None
    links: tuple[Link, ...]
    recent: tuple[Recent, ...]
