"""What the context of a lab asks, and what it is told: types alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from orrery_server.base.schemas import Recent
from orrery_wire.projects import Project


@dataclass(frozen=True)
class KernelUse:
    """A kernel of this server: whether it computes, and when it did last."""

    is_busy: bool
    last_activity: datetime


Emit = Callable[[str, dict[str, object]], None]
CurrentProject = Callable[[], Awaitable[Project | None]]
IsMember = Callable[[str], Awaitable[bool]]
KernelUses = Callable[[], Sequence[KernelUse]]
RecentItems = Callable[[int], Awaitable[Sequence[Recent]]]
