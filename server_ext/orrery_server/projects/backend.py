"""What a place that knows projects must be able to do."""

from __future__ import annotations

from abc import abstractmethod

from orrery_server.base.backend import Backend
from orrery_server.projects.shelf import ShelfBackend
from orrery_wire import projects as shapes
from orrery_wire.schemas import Page


class MemberBackend(Backend):
    """The contract of a place that knows who is in a project."""

    @abstractmethod
    async def members(self, slug: str, query: shapes.MemberQuery) -> Page[shapes.Member]:
        """One page of a project's members."""

    @abstractmethod
    async def set_role(self, slug: str, user: str, member: shapes.MemberIn) -> shapes.Member:
        """Give a role to a member or, with ``create_only``, to who is none (else Conflict). Only for owners."""

    @abstractmethod
    async def remove_member(self, slug: str, user: str) -> None:
        """Take a member out of a project. Only for owners; anybody may leave."""


class CurrentBackend(Backend):
    """The contract of a place that knows which project this server works in."""

    @abstractmethod
    async def current(self) -> shapes.Current:
        """The project that this server works in."""

    @abstractmethod
    async def switch(self, choice: shapes.CurrentIn) -> shapes.Current:
        """Work in another project from now on, or in none."""


class ProjectBackend(MemberBackend, CurrentBackend, ShelfBackend):
    """The contract of a place that knows projects: one method for each act of the service on a project.

    What the person may not see is ``NotFound``, never ``Forbidden``.
    """

    @abstractmethod
    async def list(self, query: shapes.ProjectQuery) -> Page[shapes.Project]:
        """One page of the projects that the person is a member of, or deleted ones that the person owned."""

    @abstractmethod
    async def get(self, slug: str) -> shapes.Project:
        """One project of the person."""

    @abstractmethod
    async def create(self, project: shapes.ProjectIn) -> shapes.Project:
        """A new project, owned by the person; Conflict if the slug is taken."""

    @abstractmethod
    async def update(self, slug: str, patch: shapes.ProjectPatch) -> shapes.Project:
        """The project with another name or description. Only for its owners."""

    @abstractmethod
    async def delete(self, slug: str) -> None:
        """Take a project away. Only for its owners; its folders are left alone."""

    @abstractmethod
    async def undelete(self, slug: str) -> shapes.Project:
        """Bring a deleted project back, with its members. Only for its owners."""

    @abstractmethod
    async def purge(self, slug: str) -> None:
        """Remove a deleted project for good; Conflict if it is in use. Only for its owners; its folders are left alone."""
