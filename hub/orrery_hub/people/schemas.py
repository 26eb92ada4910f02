"""Shapes of the people's API, which is for administrators alone."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from orrery_wire.schemas import PageQuery, Shape


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
    merged_into: int | None = Field(description="Whose account it is too, after a merge.")


class PersonQuery(PageQuery):
    """Which people, which page."""

    q: str = Field(default="", max_length=255)
    ended: bool = Field(default=False, description="Only people whose account is gone.")


class Target(Shape):
    """Who gets what belongs to another person."""

    to: int = Field(ge=1, le=2**31 - 1, description="The person's id.")
