"""The addresses of projects: parse, call the service, answer."""

from __future__ import annotations

from typing import Any

from orrery_server.base.handlers import OrreryHandler
from orrery_server.projects.service import ProjectService
from orrery_wire.projects import CurrentIn, MemberIn, ProjectIn, ProjectQuery


class ProjectHandler(OrreryHandler):
    """What every address of projects has."""

    capability = "projects"

    def initialize(self, **given: Any) -> None:
        """Take the service of this server."""
        self.service: ProjectService = given.pop("service")
        super().initialize(**given)


class Collection(ProjectHandler):
    """The person's projects."""

    async def get(self) -> None:
        self.answer(await self.service.list(self.query(ProjectQuery)))

    async def post(self) -> None:
        self.answer(await self.service.create(self.body(ProjectIn)), status=201)


class CurrentProject(ProjectHandler):
    """The project that this server works in."""

    async def get(self) -> None:
        self.answer(await self.service.current())

    async def put(self) -> None:
        self.answer(await self.service.choose(self.body(CurrentIn)))


class HomePage(ProjectHandler):
    """What Home shows."""

    async def get(self) -> None:
        self.answer(await self.service.home_page())


class One(ProjectHandler):
    """One project."""

    async def get(self, slug: str) -> None:
        self.answer(await self.service.get(slug))

    async def delete(self, slug: str) -> None:
        await self.service.delete(slug)
        self.answer()


class Members(ProjectHandler):
    """Who is in a project."""

    async def get(self, slug: str) -> None:
        self.answer(await self.service.members(slug, self.query(ProjectQuery)))


class OneMember(ProjectHandler):
    """Somebody in a project."""

    async def put(self, slug: str, user: str) -> None:
        self.answer(await self.service.put_member(slug, user, self.body(MemberIn)))

    async def delete(self, slug: str, user: str) -> None:
        await self.service.remove_member(slug, user)
        self.answer()


TABLE: list[tuple[str, type[OrreryHandler]]] = [
    (r"projects", Collection),
    (r"projects/current", CurrentProject),
    (r"projects/home", HomePage),
    (r"projects/(?P<slug>[^/]+)", One),
    (r"projects/(?P<slug>[^/]+)/members", Members),
    (r"projects/(?P<slug>[^/]+)/members/(?P<user>[^/]+)", OneMember),
]
