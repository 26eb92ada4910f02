"""Shapes of notices: what the hub tells a person in the lab."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from orrery_wire.names import ServerName
from orrery_wire.schemas import Shape

NoticeKind = Literal[
    "budget", "budget_stop", "cull", "queue", "claim", "failure", "maintenance", "message"
]
NoticeLevel = Literal["info", "warning", "error"]
NoticeAction = Literal["", "extend", "request", "claim"]


class Notice(Shape):
    """What a person has to know now: what, why, and what can be done."""

    id: int
    kind: NoticeKind
    level: NoticeLevel
    message: str
    reason: str = ""
    remedy: str = ""
    server: str | None = Field(description="For which server; null: for every server.")
    subject: str = Field(default="", description="Id of the budget, ticket or server it is about.")
    action: NoticeAction = Field(
        default="", description="What the lab offers as a button; empty for nothing."
    )
    created: datetime
    deadline: datetime | None = Field(
        default=None, description="When what it announces happens; null if nothing does by itself."
    )


class Notices(Shape):
    """The notices of a person, newest first, at most 50."""

    items: tuple[Notice, ...]
    poll_seconds: int = Field(ge=1, description="After how many seconds to ask again.")


class NoticeQuery(Shape):
    """The notices for which server."""

    server: ServerName = ""
