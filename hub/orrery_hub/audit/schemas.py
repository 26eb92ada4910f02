"""Shapes of the audit's API."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from orrery_wire.json_types import JsonObject
from orrery_wire.schemas import Moment, PageQuery, SearchText, Shape

Outcome = Literal["done", "forbidden", "conflict", "too_many"]
Format = Literal["ndjson", "csv"]


class ChainState(Shape):
    """What is known of the chain: since the service started nobody looked, or what the last verification said."""

    state: Literal["unknown", "running", "intact", "broken", "failed"] = "unknown"
    checked: int = Field(default=0, ge=0, description="Entries that were checked.")
    total: int = Field(default=0, ge=0, description="Entries that there were at the start.")
    problem_count: int = 0
    problems: tuple[str, ...] = Field(default=(), description="The first twenty.")
    anchor: str = Field(default="", description="Id and hash of the newest entry.")
    started: datetime | None = None
    ended: datetime | None = None


class Entry(Shape):
    """One audit entry: who did what to which object, when, from where, with which outcome."""

    id: int
    when: datetime
    who: str
    person_id: int | None = Field(
        default=None,
        description="Who it was, whatever the name is today; null for what Orrery did.",
    )
    permission: str = Field(default="", description="The scope that the route needs.")
    project: str = Field(default="", description="The project, if the object belongs to one.")
    what: str = Field(
        description="Capability and verb, such as `snippets.save`; of what was refused, method and route."
    )
    on: str = Field(description="The object's id or name.")
    before: JsonObject | None = Field(default=None, description="What was, as far as it changed.")
    after: JsonObject | None = Field(default=None, description="What is, as far as it changed.")
    outcome: Outcome = "done"
    address: str = Field(description="Client address of the request.")
    request_id: str
    client_request_id: str = Field(
        default="", description="What the client calls the request; nobody checks it."
    )
    hash: str = Field(default="", description="SHA-256 over this entry and the hash before it.")


class AuditFilter(Shape):
    """Which audit entries."""

    q: SearchText = Field(
        default="", max_length=255, description="Words that person, action, object or project hold."
    )
    who: SearchText = Field(default="", max_length=255)
    person_id: int | None = Field(default=None, ge=0)
    what: SearchText = Field(default="", max_length=64)
    project: SearchText = Field(default="", max_length=63)
    outcome: Outcome | None = None
    since: Moment | None = Field(default=None, description="From this time on.")
    until: Moment | None = Field(default=None, description="Before this time.")


class AuditQuery(AuditFilter, PageQuery):
    """Filter and page of audit entries."""


class ExportQuery(AuditFilter):
    """Filter and format of an export."""

    format: Format = "ndjson"
