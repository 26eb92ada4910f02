"""Shapes of the audit's API."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from orrery_wire.schemas import PageQuery, Shape


class Entry(Shape):
    """One audit entry: who did what to which object, when, from where."""

    id: int
    when: datetime
    who: str
    person_id: int | None = Field(
        default=None,
        description="Who it was, whatever the name is today; null for what Orrery did.",
    )
    what: str = Field(description="Capability and verb, such as `snippets.save`.")
    on: str = Field(description="The object's id or name.")
    address: str = Field(description="Client address of the request.")
    request_id: str


class AuditQuery(PageQuery):
    """Filter and page of audit entries."""

    who: str = Field(default="", max_length=255)
    what: str = Field(default="", max_length=64)
