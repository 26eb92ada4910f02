"""HTTP routes of projects."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.projects.schemas import (
    ManagedProject,
    ManagedProjectQuery,
    OwnerIn,
    OwnerlessProject,
)
from orrery_hub.projects.service import ProjectService
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire import projects as shapes
from orrery_wire.names import ServerName, Slug, UserName
from orrery_wire.schemas import Page, PageQuery

Admin = Annotated[User, needs_scope(PLATFORM_ADMIN)]
Reader = Annotated[User, needs_scope("custom:orrery:projects:read")]
Writer = Annotated[User, needs_scope("custom:orrery:projects:write")]
Creator = Annotated[User, needs_scope("custom:orrery:projects:create")]
ProjectFilter = Annotated[shapes.ProjectQuery, Query()]
MemberFilter = Annotated[shapes.MemberQuery, Query()]
MemberName = Annotated[UserName, Path(alias="user")]


def router(service: ProjectService) -> Router:
    """Routes of projects and of ``/me``."""
    routes = Router(tags=["projects"])

    @routes.get("/me")
    def me(user: Reader) -> shapes.Me:
        """The user with scopes and projects."""
        return service.me(user)

    @routes.get("/projects")
    def list_projects(user: Reader, query: ProjectFilter) -> Page[shapes.Project]:
        """The projects that the user is a member of."""
        return service.list(user, query)

    @routes.post("/projects", status_code=201)
    def create(user: Creator, request: shapes.ProjectIn) -> shapes.Project:
        """Create a project; the user becomes its owner."""
        return service.create(user, request)

    # Before `/projects/{slug}`, which would match `current` too.
    routes.include_router(_current_project(service))
    routes.include_router(_ownerless(service))
    routes.include_router(_administration(service))
    routes.include_router(_project(service))
    routes.include_router(_members(service))
    return routes


def _current_project(service: ProjectService) -> Router:
    routes = Router()

    @routes.get("/projects/current")
    def current(user: Reader, server: ServerName = "") -> shapes.Current:
        """The current project of a server of the user."""
        return service.current(user, server)

    @routes.put("/projects/current")
    def switch(user: Writer, request: shapes.CurrentIn, server: ServerName = "") -> shapes.Current:
        """Change the current project of a server, or clear it."""
        return service.switch(user, server, request.slug)

    return routes


def _ownerless(service: ProjectService) -> Router:
    routes = Router()

    @routes.get("/ownerless-projects")
    def ownerless(_: Admin, query: Annotated[PageQuery, Query()]) -> Page[OwnerlessProject]:
        """The projects without an owner who has an account."""
        return service.ownerless(query)

    @routes.put("/ownerless-projects/{slug}")
    def recover(user: Admin, slug: Slug, request: OwnerIn) -> shapes.Member:
        """Give a project without an owner to somebody."""
        return service.recover(user.name, slug, request.user)

    return routes


def _administration(service: ProjectService) -> Router:
    routes = Router(prefix="/admin/projects")

    @routes.get("")
    def projects(_: Admin, query: Annotated[ManagedProjectQuery, Query()]) -> Page[ManagedProject]:
        """All projects of the hub, with deleted ones and those without an owner."""
        return service.list_for_admin(query)

    @routes.get("/{slug}/members")
    def members(_: Admin, slug: Slug, query: MemberFilter) -> Page[shapes.Member]:
        """The members of any project."""
        return service.members_for_admin(slug, query)

    @routes.post("/{slug}/undelete")
    def restore(user: Admin, slug: Slug) -> ManagedProject:
        """Bring any deleted project back."""
        return service.restore(user.name, slug)

    return routes


def _project(service: ProjectService) -> Router:
    routes = Router()

    @routes.get("/projects/{slug}")
    def get(user: Reader, slug: Slug) -> shapes.Project:
        """One project."""
        return service.get(user, slug)

    @routes.patch("/projects/{slug}")
    def update(user: Writer, slug: Slug, request: shapes.ProjectPatch) -> shapes.Project:
        """Change name or description; owners only."""
        return service.update(user, slug, request)

    @routes.delete("/projects/{slug}", status_code=204)
    def delete(user: Writer, slug: Slug) -> None:
        """Delete a project; owners only."""
        service.delete(user, slug)

    @routes.post("/projects/{slug}/undelete")
    def undelete(user: Writer, slug: Slug) -> shapes.Project:
        """Bring a deleted project back; its owners only."""
        return service.undelete(user, slug)

    @routes.post("/projects/{slug}/purge", status_code=204)
    def purge(user: Writer, slug: Slug) -> None:
        """Remove a deleted project for good; its owners only."""
        service.purge_now(user, slug)

    return routes


def _members(service: ProjectService) -> Router:
    routes = Router()

    @routes.get("/projects/{slug}/members")
    def members(user: Reader, slug: Slug, query: MemberFilter) -> Page[shapes.Member]:
        """The members of a project."""
        return service.members(user, slug, query)

    @routes.put("/projects/{slug}/members/{user}")
    def set_role(
        user: Writer, slug: Slug, member: MemberName, request: shapes.MemberIn
    ) -> shapes.Member:
        """Add a member or, unless `create_only`, change the role; owners only."""
        return service.set_role(user, slug, member, request.role, create_only=request.create_only)

    @routes.delete("/projects/{slug}/members/{user}", status_code=204)
    def remove_member(user: Writer, slug: Slug, member: MemberName) -> None:
        """Remove a member (owners only), or leave the project."""
        service.remove_member(user, slug, member)

    return routes
