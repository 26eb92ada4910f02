"""Shapes of the projects' API that no lab exchanges: they are for administrators of the hub."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from orrery_wire.names import Slug, UserName
from orrery_wire.schemas import PageQuery, SearchText, Shape

Sort = Literal["name", "slug", "created", "updated", "deleted", "members"]


class ManagedProject(Shape):
    """A project as an administrator of the hub sees it: what it is, never what its members wrote into it."""

    slug: Slug
    name: str
    members: int = Field(ge=0)
    owners: tuple[str, ...] = Field(description="Owners who can act, five at most.")
    created: datetime
    updated: datetime
    deleted: datetime | None
    purge_after: datetime | None = Field(
        description="Until when a deleted project can be brought back."
    )


class ManagedProjectQuery(PageQuery):
    """Which projects of the hub, which page, in which order."""

    q: SearchText = Field(default="", max_length=400)
    state: Literal["all", "in_use", "deleted", "ownerless"] = "in_use"
    sort: Sort = "name"
    descending: bool = False


class OwnerlessProject(Shape):
    """A project that no owner can change any more, as an administrator of the hub sees it."""

    slug: Slug
    name: str
    members: int = Field(ge=0)
    deleted: datetime | None = Field(
        default=None, description="When it was deleted; null for a project that is in use."
    )


class OwnerIn(Shape):
    """Who is to own a project that has no owner."""

    user: UserName
