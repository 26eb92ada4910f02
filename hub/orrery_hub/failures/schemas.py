"""Shapes of the board of failures that only pages of the hub use."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, StrictBool

from orrery_wire.failures import FailureStage
from orrery_wire.queue import CauseKind, WaitCause
from orrery_wire.schemas import Moment, PageQuery, SearchText, Shape

State = Literal["all", "open", "handled"]
Sort = Literal["at", "person", "pool", "kind", "node"]


class Failure(Shape):
    """A server that did not start, or ended by itself."""

    id: int
    person: str
    server: str = Field(description="Empty for the default server.")
    project: str
    pool: str
    profile: str
    stage: FailureStage
    cause: WaitCause
    node: str
    began: datetime
    at: datetime
    exit_status: int | None
    handled_at: datetime | None = Field(description="Null: nobody has looked after it.")
    handled_by: str


class FailureRecord(Failure):
    """A failure with all that was seen of it before process or pod was removed."""

    events: tuple[str, ...] = Field(description="What Kubernetes said of the pod.")
    log: tuple[str, ...] = Field(description="The last lines that the server wrote.")


class CauseCount(Shape):
    """How often a cause occurred."""

    kind: CauseKind
    text: str
    failures: int
    people: int
    open: int = Field(description="Those that nobody has looked after.")
    last_at: datetime


class CauseQuery(PageQuery):
    """Which failures, which page."""

    q: SearchText = Field(
        default="", max_length=400, description="Words in person, server, node and detail."
    )
    person: SearchText = Field(default="", max_length=255)
    pool: SearchText = Field(default="", max_length=63)
    profile: SearchText = Field(default="", max_length=63)
    stage: FailureStage | None = None
    state: State = "all"
    hours: int | None = Field(
        default=None, ge=1, le=24 * 366, description="Those of the last hours."
    )
    since: Moment | None = None
    until: Moment | None = None


class FailureQuery(CauseQuery):
    """Which failures, in which order, which page."""

    kind: CauseKind | None = None
    sort: Sort = "at"
    descending: bool = True


class FailurePatch(Shape):
    """What an administrator says of a failure."""

    is_handled: StrictBool
