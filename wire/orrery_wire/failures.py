"""Shapes of servers that did not start, or ended by themselves: as JupyterHub reports them, and as a person sees them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from orrery_wire.names import ServerName, UserName
from orrery_wire.pools import OptionalSlug
from orrery_wire.queue import CauseKind, WaitCause
from orrery_wire.schemas import Moment, Shape, StorableText

# How far a server came: before its process or pod was made, while it was made, before it answered, or while it ran.
FailureStage = Literal["prepare", "start", "answer", "run"]
LOG_LINES = 200
LOG_LINE_LETTERS = 1_000
LogLine = Annotated[StorableText, Field(max_length=LOG_LINE_LETTERS)]


class FailureIn(Shape):
    """A server that did not start, or ended by itself, as JupyterHub's process saw it."""

    user: UserName
    created: datetime | None = Field(description="When JupyterHub created the account.")
    server: ServerName = ""
    lease: int | None = Field(
        default=None, ge=1, le=2**31 - 1, description="What it held of a pool; null for nothing."
    )
    profile: OptionalSlug = ""
    stage: FailureStage
    kind: CauseKind
    detail: StorableText = Field(
        default="", max_length=500, description="What the machine said, in its own words."
    )
    node: StorableText = Field(default="", max_length=253, description="Where it ran.")
    began: Moment
    at: Moment
    exit_status: int | None = Field(default=None, ge=-(2**31), le=2**31 - 1)
    events: tuple[LogLine, ...] = Field(
        default=(),
        max_length=LOG_LINES,
        description="What Kubernetes says of the pod; it forgets that itself after an hour.",
    )
    log: tuple[LogLine, ...] = Field(
        default=(), max_length=LOG_LINES, description="The last lines that the server wrote."
    )


class StartFailure(Shape):
    """A server of the person that did not start, or ended by itself, and has not run since."""

    id: int
    server: str = Field(description="Empty for the default server.")
    stage: FailureStage
    cause: WaitCause
    at: datetime


class StartFailures(Shape):
    """The last failure of each server of the person that has not run since, newest first."""

    items: tuple[StartFailure, ...]
