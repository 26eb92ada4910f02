"""Projects at the hub."""

from __future__ import annotations

import os
from typing import Any

from orrery_server.base.hub import GLANCE_SECONDS, HubBackend
from orrery_server.projects.backend import ProjectBackend
from orrery_wire import projects as shapes
from orrery_wire.project_labels import ShelfPatch
from orrery_wire.schemas import Page


class HubProjects(HubBackend, ProjectBackend):
    """The projects that the person is a member of at the hub."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._server = os.environ.get("JUPYTERHUB_SERVER_NAME", "")

    async def list(self, query: shapes.ProjectQuery) -> Page[shapes.Project]:
        return await self._hub.get(Page[shapes.Project], "projects", query=query.model_dump())

    async def get(self, slug: str) -> shapes.Project:
        return await self._hub.get(shapes.Project, "projects", slug)

    async def create(self, project: shapes.ProjectIn) -> shapes.Project:
        return await self._hub.ask(shapes.Project, "POST", "projects", body=project)

    async def update(self, slug: str, patch: shapes.ProjectPatch) -> shapes.Project:
        return await self._hub.ask(shapes.Project, "PATCH", "projects", slug, body=patch)

    async def shelve(self, slug: str, change: ShelfPatch) -> shapes.Project:
        if change.archived is not None:
            verb = "archive" if change.archived else "restore"
            project = await self._hub.ask(shapes.Project, "POST", "projects", slug, verb)
        if change.pinned is not None:
            method = "PUT" if change.pinned else "DELETE"
            return await self._hub.ask(shapes.Project, method, "projects", slug, "pin")
        return project if change.archived is not None else await self.get(slug)

    async def delete(self, slug: str) -> None:
        await self._hub.delete("projects", slug)

    async def undelete(self, slug: str) -> shapes.Project:
        return await self._hub.ask(shapes.Project, "POST", "projects", slug, "undelete")

    async def purge(self, slug: str) -> None:
        await self._hub.run("POST", "projects", slug, "purge")

    async def members(self, slug: str, query: shapes.MemberQuery) -> Page[shapes.Member]:
        return await self._hub.get(
            Page[shapes.Member], "projects", slug, "members", query=query.model_dump()
        )

    async def set_role(self, slug: str, user: str, member: shapes.MemberIn) -> shapes.Member:
        path = ("projects", slug, "members", user)
        return await self._hub.ask(shapes.Member, "PUT", *path, body=member)

    async def remove_member(self, slug: str, user: str) -> None:
        await self._hub.delete("projects", slug, "members", user)

    async def current(self) -> shapes.Current:
        return await self._hub.get(
            shapes.Current,
            "projects",
            "current",
            query={"server": self._server},
            seconds=GLANCE_SECONDS,
        )

    async def switch(self, choice: shapes.CurrentIn) -> shapes.Current:
        return await self._hub.ask(
            shapes.Current,
            "PUT",
            "projects",
            "current",
            body=choice,
            query={"server": self._server},
        )
