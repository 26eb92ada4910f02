"""The lab's context for services in tests: a folder, a person, and a project if the test needs one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orrery_server.base.context import LabContext
from orrery_wire.projects import Project

Events = list[tuple[str, dict[str, Any]]]


def lab_context(
    root: Path, events: Events | None = None, *, user: str = "ada", project: list[str] | None = None
) -> LabContext:
    """A context that notes its events; ``project`` is a slug and a lake, and may change meanwhile."""
    recorded = events if events is not None else []
    context = LabContext(
        user=user, root=root, emit=lambda capability, data: recorded.append((capability, data))
    )
    if project is not None:

        async def current() -> Project:
            slug, lake = project
            now = datetime.now(UTC)
            return Project(slug=slug, name=slug, role="owner", lake=lake, created=now, updated=now)

        context.project_source = current
    return context
