"""Shapes of the projects' API that no lab exchanges: they are for administrators of the hub."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from orrery_wire.names import Slug, UserName
from orrery_wire.schemas import Shape


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
