"""What a place that knows projects must be able to do."""

from __future__ import annotations

from abc import abstractmethod

from orrery_server.base.backend import Backend
from orrery_wire.projects import Current, CurrentIn, Member, Project, ProjectIn, ProjectQuery, Role
from orrery_wire.schemas import Page


class ProjectBackend(Backend):
    """Seven promises. What the person may not see is ``NotFound``, never ``Forbidden``."""

    @abstractmethod
    async def list(self, query: ProjectQuery) -> Page[Project]:
        """One page of the projects that the person is a member of."""

    @abstractmethod
    async def get(self, slug: str) -> Project:
        """One project of the person."""

    @abstractmethod
    async def create(self, wanted: ProjectIn) -> Project:
        """A new project, owned by the person; Conflict if the slug is taken."""

    @abstractmethod
    async def delete(self, slug: str) -> None:
        """Take a project away; its folders are left alone. Only for its owners."""

    @abstractmethod
    async def members(self, slug: str, query: ProjectQuery) -> Page[Member]:
        """One page of a project's members."""

    @abstractmethod
    async def set_member(self, slug: str, user: str, role: Role | None) -> Member | None:
        """Give somebody a role, or take him out with None. Only for the project's owners."""

    @abstractmethod
    async def current(self, chosen: CurrentIn | None = None) -> Current:
        """The project that this server works in; with ``chosen``, from now on."""
