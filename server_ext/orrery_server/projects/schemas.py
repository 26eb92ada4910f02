"""Shapes of projects that only the lab's server and the browser exchange."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orrery_server.base.schemas import Recent
from orrery_wire.projects import Project
from orrery_wire.schemas import Shape


class StoragePlace(Shape):
    """A place where a project's data or code lies."""

    kind: Literal["lake", "repository"]
    location: str = Field(description="A folder or URL.")
    path: str | None = Field(
        default=None,
        description="The folder in the lab's file browser; null if it cannot be seen there.",
    )


class Storage(Shape):
    """Where a project's data and code lie."""

    places: tuple[StoragePlace, ...]


class Link(Shape):
    """Somewhere to go from Home."""

    kind: Literal["lake", "code", "mlflow", "hub", "documentation"]
    url: str = Field(default="", description="Opens in a new tab; empty when `path` is set.")
    path: str = Field(default="", description="A folder or file in the lab's own file browser.")


class Home(Shape):
    """What the Orrery Home tab shows."""

    user: str
    hub: bool
    project: Project | None
    links: tuple[Link, ...]
    recent: tuple[Recent, ...]
