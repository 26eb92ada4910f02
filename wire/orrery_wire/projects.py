"""Shapes of projects that hub and server exchange."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, StrictBool

from orrery_wire.names import Slug, Title
from orrery_wire.project_labels import ProjectLabelsPatch, ProjectLabelsQuery, SortedProject
from orrery_wire.schemas import PageQuery, SearchText, Shape, StorableText

Role = Literal["owner", "editor", "viewer"]


class ProjectIn(Shape):
    """A project to create."""

    slug: Slug
    name: Title
    description: StorableText = Field(default="", max_length=4_000)


class ProjectPatch(ProjectLabelsPatch):
    """What to change of a project; a field that is not sent is left as it is."""

    name: Title | None = None
    description: StorableText | None = Field(default=None, max_length=4_000)


class Project(SortedProject):
    """A project as one of its members sees it."""

    slug: Slug
    name: str
    description: str = ""
    role: Role = Field(description="What the person who asks is in it.")
    members: int = Field(default=1, ge=0)
    lake: str = Field(default="", description="Where its data lies: a folder or URL.")
    repository: str = Field(default="", description="Where its code lies: a Git URL or folder.")
    created: datetime
    updated: datetime
    deleted: datetime | None = Field(
        default=None, description="When it was deleted; null for a project that is in use."
    )
    purge_after: datetime | None = Field(default=None, description="Until when it can come back.")


class Member(Shape):
    """One project member."""

    user: str
    role: Role
    since: datetime


class MemberIn(Shape):
    """The role to give a person in a project."""

    role: Role
    create_only: StrictBool = Field(
        default=False,
        description="True invites: a person who is a member already keeps the role, and it is a conflict.",
    )


class ProjectQuery(ProjectLabelsQuery, PageQuery):
    """Which projects, which page."""

    q: SearchText = Field(default="", max_length=400)
    deleted: bool = Field(
        default=False,
        description="The deleted projects that the person owned, in the place of those in use.",
    )


class MemberQuery(PageQuery):
    """Which members of a project, which page."""

    q: SearchText = Field(default="", max_length=400)


class CurrentIn(Shape):
    """The project to work in from now on; null leaves every project."""

    slug: Slug | None


class Current(Shape):
    """The project that this server works in."""

    project: Project | None


class Membership(Shape):
    """A project that a person is in, and as what."""

    slug: Slug
    role: Role


class Me(Shape):
    """Who asks, and what the token and the projects allow."""

    name: str
    admin: bool
    scopes: tuple[str, ...]
    projects: tuple[Membership, ...]
