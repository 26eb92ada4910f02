"""What projects are sorted and filtered by, where else they lead, and invitations to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StringConstraints

from orrery_wire.names import TITLE, Slug, Title, UserName
from orrery_wire.schemas import SearchText, Shape

Label = Annotated[Title, StringConstraints(max_length=40)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=2_000)]
Category = Annotated[
    str, StringConstraints(max_length=120, strip_whitespace=True, pattern=rf"^$|{TITLE}")
]
Labels = Annotated[tuple[Label, ...], Field(max_length=20)]


class ServiceLink(Shape):
    """A tool or page outside Orrery that belongs to a project."""

    title: Title
    url: Url


Links = Annotated[tuple[ServiceLink, ...], Field(max_length=20)]


class ProjectLabels(Shape):
    """What a project is sorted by, and where it leads."""

    category: Title | None = None
    labels: Labels = ()
    links: Links = ()


class SortedProject(ProjectLabels):
    """What a project is sorted by, as one of its members sees it."""

    archived: datetime | None = Field(
        default=None, description="Since when it is archived: read only, and out of the way."
    )
    pinned: bool = Field(default=False, description="Whether the person who asks pinned it.")


class ProjectLabelsPatch(Shape):
    """What to change of it; a field that is not sent is left as it is, and an empty category is none."""

    category: Category | None = None
    labels: Labels | None = None
    links: Links | None = None


class ProjectLabelsQuery(Shape):
    """Which projects, by what they are sorted by."""

    category: SearchText = Field(default="", max_length=120)
    label: SearchText = Field(default="", max_length=40)
    archived: bool = Field(default=False, description="Archived ones in the place of the others.")


class ShelfPatch(Shape):
    """Whether a project is archived, for all, or pinned, for the person who asks; null leaves it as it is."""

    archived: StrictBool | None = None
    pinned: StrictBool | None = None


class InvitationIn(Shape):
    """Whom to invite, and as what."""

    user: UserName
    role: Literal["owner", "editor", "viewer"]


class Invitation(Shape):
    """An invitation that waits for an answer."""

    slug: Slug
    project: str = Field(description="The project's name.")
    user: str
    role: Literal["owner", "editor", "viewer"]
    invited_by: str
    created: datetime
    expires: datetime


class Count(Shape):
    """How many there are of something in a project."""

    what: str = Field(description="Such as `members` or `snippets`.")
    count: int = Field(ge=0)


class ProjectCounts(Shape):
    """What is in a project, in numbers."""

    slug: Slug
    counts: tuple[Count, ...]
