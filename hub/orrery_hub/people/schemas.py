"""Shapes of the people's API, which is for administrators alone."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from orrery_wire.names import Slug
from orrery_wire.projects import Membership
from orrery_wire.schemas import PageQuery, SearchText, Shape

Sort = Literal["name", "created", "first_visit", "ended", "projects"]


class Person(Shape):
    """Somebody whom the hub service knows."""

    id: int = Field(description="Stays, whatever happens to the name.")
    name: str
    created: datetime | None = Field(
        description="When JupyterHub created the account; null while only an invitation is known."
    )
    first_visit: datetime | None
    ended: datetime | None = Field(
        description="When the account was seen to be gone; null for one that is there."
    )
    offboarded: datetime | None = Field(
        default=None,
        description="When off-boarding began; from then on no account of the person is admitted.",
    )
    handed_over: datetime | None = Field(
        default=None, description="When off-boarding was finished; null, and it can be continued."
    )
    merged_into: int | None = Field(description="Whose account it is too, after a merge.")
    is_admin: bool | None = Field(
        default=None,
        description="Whether the account administers JupyterHub; null as long as it was not asked.",
    )
    last_activity: datetime | None = Field(
        default=None, description="When the account last did something at JupyterHub, minutes ago."
    )
    projects: tuple[Membership, ...] = Field(default=(), description="Projects in use, with roles.")
    servers: int = Field(default=0, ge=0, description="How many servers run now.")


class PersonQuery(PageQuery):
    """Which people, which page, in which order."""

    q: SearchText = Field(default="", max_length=255)
    ended: bool = Field(default=False, description="Only people whose account is gone.")
    project: Slug | None = Field(default=None, description="Only members of this project.")
    sort: Sort = "name"
    descending: bool = False


class Target(Shape):
    """Who gets what belongs to another person."""

    to: int = Field(ge=1, le=2**31 - 1, description="The person's id.")


class OffboardingIn(Shape):
    """Who takes over what the person leaves behind."""

    successor: int | None = Field(
        default=None,
        ge=1,
        le=2**31 - 1,
        description="The id of a person who gets projects and snippets; null: they stay without a person.",
    )


class OffboardingItem(Shape):
    """One kind of thing that the person has."""

    what: str
    count: int = Field(ge=0)
    state: Literal["planned", "done", "left", "none"] = Field(
        description="Left: it is not ended, and the detail says where it is."
    )
    detail: str


class Offboarding(Shape):
    """What is ended and what is left of a person."""

    person_id: int
    name: str
    is_done: bool = Field(description="False: a plan, nothing was changed.")
    items: tuple[OffboardingItem, ...]
