"""Every shape of a project that crosses a border."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from orrery_server.base.schema import Shape

Role = Literal["owner", "editor", "viewer"]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Title = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=120, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]


class ProjectIn(Shape):
    """A project to create."""

    slug: Slug
    name: Title
    description: str = Field(default="", max_length=4_000)


class Project(Shape):
    """A project as one of its members sees it."""

    slug: Slug
    name: str
    description: str = ""
    role: Role = Field(description="What the person who asks is in it.")
    members: int = Field(default=1, ge=0)
    lake: str = Field(
        default="", description="Where its data lies: a folder or an object-store URL."
    )
    repository: str = Field(default="", description="Where its code lies: a Git URL or folder.")
    created: datetime
    updated: datetime


class Member(Shape):
    """A person in a project."""

    user: str
    role: Role
    since: datetime


class MemberIn(Shape):
    """The role to give a person in a project."""

    role: Role


class ProjectQuery(Shape):
    """Which projects, which page."""

    q: str = Field(default="", max_length=400)
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=200)


class CurrentIn(Shape):
    """The project to work in from now on; null leaves every project."""

    slug: Slug | None


class Current(Shape):
    """The project that this server works in."""

    project: Project | None


class Link(Shape):
    """Somewhere to go from Home."""

    label: str
    caption: str = ""
    url: str = Field(
        default="", description="Opens in a new tab; empty when `path` or `command` is set."
    )
    path: str = Field(default="", description="A folder or file in the lab's own file browser.")


class Recent(Shape):
    """Something that was worked on lately."""

    kind: Literal["notebook", "file", "snippet", "run"]
    label: str
    path: str = ""
    id: str = ""
    when: datetime


class Home(Shape):
    """What the Orrery Home tab shows."""

    user: str
    hub: bool
    project: Project | None
    links: tuple[Link, ...]
    recent: tuple[Recent, ...]
