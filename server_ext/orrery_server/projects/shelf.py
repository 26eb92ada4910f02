"""The contract of a place that knows which projects are archived and pinned."""

from __future__ import annotations

from abc import abstractmethod

from orrery_server.base.backend import Backend
from orrery_wire.project_labels import ShelfPatch
from orrery_wire.projects import Project


class ShelfBackend(Backend):
    """Archives projects, and pins them for the person."""

    @abstractmethod
    async def shelve(self, slug: str, change: ShelfPatch) -> Project:
        """The project, archived or pinned as asked. Archiving is for its owners, a pin is the person's own."""
