"""HTTP routes of the administration."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import Path, Query

from orrery_hub.admin import schemas as shapes
from orrery_hub.admin.announcements import AnnouncementService
from orrery_hub.admin.jobs import JobService
from orrery_hub.admin.parts import Parts
from orrery_hub.admin.service import ServerService
from orrery_hub.base.collection import (
    Admin,
    CollectionDocs,
    CollectionShapes,
    add_collection,
)
from orrery_hub.base.routing import Router
from orrery_wire.names import ServerName, UserName
from orrery_wire.schemas import Page, PageQuery

Owner = Annotated[UserName, Path(alias="user")]
JobId = Annotated[int, Path(alias="job", ge=1, le=2**31 - 1)]
AnnouncementId = Annotated[int, Path(alias="announcement", ge=1, le=2**31 - 1)]
PageOf = Annotated[PageQuery, Query()]


def router(
    service: ServerService, parts: Parts, jobs: JobService, announcements: AnnouncementService
) -> Router:
    """Routes of the administration."""
    routes = Router(tags=["admin"])
    routes.include_router(_servers(service, parts), prefix="/admin")
    routes.include_router(_jobs(jobs), prefix="/admin")
    routes.include_router(_announcements(announcements), prefix="/admin")

    @routes.get("/announcements")
    def shown(place: Literal["login", "spawn"] = "login") -> list[shapes.PublicAnnouncement]:
        """What the log-in or spawn page shows now; open to all, as those pages are."""
        return list(announcements.shown(place))

    return routes


def _servers(service: ServerService, parts: Parts) -> Router:
    routes = Router()

    @routes.get("/servers")
    def servers(
        _: Admin, query: Annotated[shapes.ServerQuery, Query()]
    ) -> Page[shapes.RunningServer]:
        """The servers of all people, as JupyterHub had them a few seconds ago."""
        return service.list(query)

    @routes.delete("/servers/{user}", status_code=204)
    async def stop(who: Admin, owner: Owner, server: ServerName = "") -> None:
        """Stop a server of anybody."""
        await service.stop(owner, server)
        await asyncio.to_thread(service.record_stop, who.name, owner, server)

    @routes.get("/parts")
    async def health(_: Admin) -> shapes.Parts:
        """How every part of the product is."""
        return await parts.current()

    return routes


def _jobs(jobs: JobService) -> Router:
    routes = Router()

    @routes.get("/actions")
    def actions(_: Admin) -> list[shapes.Action]:
        """What can be done to many objects at once."""
        return list(jobs.actions())

    @routes.get("/jobs")
    def list_jobs(_: Admin, query: PageOf) -> Page[shapes.Job]:
        """Jobs, newest first."""
        return jobs.list(query)

    @routes.post("/jobs", status_code=201)
    async def start(user: Admin, request: shapes.JobIn) -> shapes.Job:
        """Begin a job, or its dry run; it goes on when nobody waits."""
        await jobs.require_lasting_right(user)
        return await asyncio.to_thread(jobs.start, user, request)

    @routes.get("/jobs/{job}")
    def get_job(_: Admin, job: JobId) -> shapes.Job:
        """One job."""
        return jobs.get(job)

    @routes.get("/jobs/{job}/items")
    def job_items(
        _: Admin, job: JobId, query: Annotated[shapes.JobItemQuery, Query()]
    ) -> Page[shapes.JobItem]:
        """The objects of a job, and what became of each."""
        return jobs.items(job, query)

    @routes.post("/jobs/{job}/apply", status_code=201)
    async def apply(user: Admin, job: JobId) -> shapes.Job:
        """Do for real what a job was the dry run of."""
        await jobs.require_lasting_right(user)
        return await asyncio.to_thread(jobs.repeat, user, job, is_dry_run=False, failed_only=False)

    @routes.post("/jobs/{job}/retry", status_code=201)
    async def retry(user: Admin, job: JobId) -> shapes.Job:
        """Do again what failed of a job."""
        await jobs.require_lasting_right(user)
        return await asyncio.to_thread(jobs.repeat, user, job, is_dry_run=False, failed_only=True)

    @routes.post("/jobs/{job}/cancel")
    def cancel(user: Admin, job: JobId) -> shapes.Job:
        """Leave the rest of a job undone."""
        return jobs.cancel(user.name, job)

    return routes


def _announcements(announcements: AnnouncementService) -> Router:
    routes = Router()

    add_collection(
        routes,
        "/announcements",
        "announcement",
        announcements,
        CollectionShapes(AnnouncementId, PageQuery, shapes.AnnouncementIn, shapes.Announcement),
        CollectionDocs(
            list="Announcements, newest first, with those that are over.",
            create="Announce something to everybody.",
            replace="Change an announcement.",
            delete="Delete an announcement.",
        ),
    )

    @routes.get("/maintenance")
    def maintenance(_: Admin) -> shapes.Maintenance:
        """Whether new servers may start."""
        return announcements.maintenance()

    @routes.put("/maintenance")
    def set_maintenance(user: Admin, request: shapes.MaintenanceIn) -> shapes.Maintenance:
        """Block new servers, now or from a time on, or let them start."""
        return announcements.set_maintenance(user.name, request)

    return routes
