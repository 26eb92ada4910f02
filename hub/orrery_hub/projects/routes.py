"""HTTP routes of projects."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.projects.archive import ArchiveService
from orrery_hub.projects.invitations import InvitationService
from orrery_hub.projects.schemas import (
    ManagedProject,
    ManagedProjectQuery,
    OwnerIn,
    OwnerlessProject,
)
from orrery_hub.projects.service import ProjectService
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire import project_labels as labels
from orrery_wire import projects as shapes
from orrery_wire.names import ServerName, Slug, UserName
from orrery_wire.schemas import Page, PageQuery

Admin = Annotated[User, needs_scope(PLATFORM_ADMIN)]
Reader = Annotated[User, needs_scope("custom:orrery:projects:read")]
Writer = Annotated[User, needs_scope("custom:orrery:projects:write")]
Creator = Annotated[User, needs_scope("custom:orrery:projects:create")]
ProjectFilter = Annotated[shapes.ProjectQuery, Query()]
Paging = Annotated[PageQuery, Query()]
MemberFilter = Annotated[shapes.MemberQuery, Query()]
MemberName = Annotated[UserName, Path(alias="user")]


def router(
    service: ProjectService, invitations: InvitationService, archive: ArchiveService
) -> Router:
    """Routes of projects, of invitations and of ``/me``."""
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
    routes.include_router(_archive(archive))
    routes.include_router(_sent_invitations(invitations))
    routes.include_router(_received_invitations(invitations))
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
        """Change name, description, category, labels or links; owners only."""
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


def _archive(service: ArchiveService) -> Router:
    routes = Router()

    @routes.post("/projects/{slug}/archive")
    def archive(user: Writer, slug: Slug) -> shapes.Project:
        """Make a project read only and take it out of the lists; owners only."""
        return service.archive(user, slug)

    @routes.post("/projects/{slug}/restore")
    def restore(user: Writer, slug: Slug) -> shapes.Project:
        """Bring an archived project back; owners only."""
        return service.restore(user, slug)

    @routes.put("/projects/{slug}/pin")
    def pin(user: Reader, slug: Slug) -> shapes.Project:
        """Show a project first in the user's own lists."""
        return service.pin(user, slug, is_pinned=True)

    @routes.delete("/projects/{slug}/pin")
    def unpin(user: Reader, slug: Slug) -> shapes.Project:
        """No longer show a project first."""
        return service.pin(user, slug, is_pinned=False)

    @routes.get("/projects/{slug}/counts")
    def counts(user: Reader, slug: Slug) -> labels.ProjectCounts:
        """How many members, snippets and so on a project has."""
        return service.counts(user, slug)

    return routes


def _sent_invitations(service: InvitationService) -> Router:
    routes = Router()

    @routes.get("/projects/{slug}/invitations")
    def invitations(user: Reader, slug: Slug, query: Paging) -> Page[labels.Invitation]:
        """The invitations to a project that wait for an answer; owners only."""
        return service.sent(user, slug, query)

    @routes.post("/projects/{slug}/invitations", status_code=201)
    def invite(user: Writer, slug: Slug, request: labels.InvitationIn) -> labels.Invitation:
        """Invite somebody to a project, who becomes a member by accepting; owners only."""
        return service.invite(user, slug, request)

    @routes.delete("/projects/{slug}/invitations/{user}", status_code=204)
    def withdraw(user: Writer, slug: Slug, member: MemberName) -> None:
        """Take an invitation back; owners only."""
        service.withdraw(user, slug, member)

    return routes


def _received_invitations(service: InvitationService) -> Router:
    routes = Router()

    @routes.get("/invitations")
    def received(user: Reader, query: Paging) -> Page[labels.Invitation]:
        """The user's invitations that wait for an answer."""
        return service.received(user, query)

    @routes.post("/invitations/{slug}/accept")
    def accept(user: Writer, slug: Slug) -> shapes.Member:
        """Become a member of a project, as an invitation says."""
        return service.accept(user, slug)

    @routes.post("/invitations/{slug}/decline", status_code=204)
    def decline(user: Writer, slug: Slug) -> None:
        """Refuse an invitation."""
        service.decline(user, slug)

    return routes
