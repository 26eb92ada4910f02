"""Projects at the hub."""

from __future__ import annotations

import os
from typing import Any

from orrery_server.base.hub import HubBackend
from orrery_server.projects.backend import ProjectBackend
from orrery_wire.projects import (
    Current,
    CurrentIn,
    Member,
    MemberIn,
    MemberQuery,
    Project,
    ProjectIn,
    ProjectPatch,
    ProjectQuery,
    Role,
)
from orrery_wire.schemas import Page


class HubProjects(HubBackend, ProjectBackend):
    """The projects that the person is a member of at the hub."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._server = os.environ.get("JUPYTERHUB_SERVER_NAME", "")

    async def list(self, query: ProjectQuery) -> Page[Project]:
        return await self._hub.get(Page[Project], "projects", query=query.model_dump())

    async def get(self, slug: str) -> Project:
        return await self._hub.get(Project, "projects", slug)

    async def create(self, project: ProjectIn) -> Project:
        return await self._hub.ask(Project, "POST", "projects", body=project)

    async def update(self, slug: str, patch: ProjectPatch) -> Project:
        return await self._hub.ask(Project, "PATCH", "projects", slug, body=patch)

    async def delete(self, slug: str) -> None:
        await self._hub.delete("projects", slug)

    async def undelete(self, slug: str) -> Project:
        return await self._hub.ask(Project, "POST", "projects", slug, "undelete")

    async def members(self, slug: str, query: MemberQuery) -> Page[Member]:
        return await self._hub.get(
            Page[Member], "projects", slug, "members", query=query.model_dump()
        )

    async def set_role(self, slug: str, user: str, role: Role) -> Member:
        path = ("projects", slug, "members", user)
        return await self._hub.ask(Member, "PUT", *path, body=MemberIn(role=role))

    async def remove_member(self, slug: str, user: str) -> None:
        await self._hub.delete("projects", slug, "members", user)

    async def current(self) -> Current:
        return await self._hub.get(Current, "projects", "current", query={"server": self._server})

    async def switch(self, choice: CurrentIn) -> Current:
        return await self._hub.ask(
            Current, "PUT", "projects", "current", body=choice, query={"server": self._server}
        )
