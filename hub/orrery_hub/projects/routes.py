"""The addresses of projects: parse, call the service, answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from orrery_hub.base.auth import needs
from orrery_hub.base.person import Person
from orrery_hub.projects.service import ProjectService
from orrery_wire.projects import (
    Current,
    CurrentIn,
    Me,
    Member,
    MemberIn,
    Project,
    ProjectIn,
    ProjectPatch,
    ProjectQuery,
    ServerName,
    Slug,
    UserName,
)
from orrery_wire.schemas import Page

Reader = Annotated[Person, needs("custom:orrery:projects:read")]
Writer = Annotated[Person, needs("custom:orrery:projects:write")]
Creator = Annotated[Person, needs("custom:orrery:projects:create")]
Which = Annotated[ProjectQuery, Query()]


def router(service: ProjectService) -> APIRouter:
    """The routes, on a service."""
    routes = APIRouter(tags=["projects"])

    @routes.get("/me")
    def me(person: Reader) -> Me:
        """Who asks, with scopes and projects."""
        return service.me(person)

    @routes.get("/projects")
    def list_projects(person: Reader, query: Which) -> Page[Project]:
        """The projects that one is a member of."""
        return service.list(person, query)

    @routes.post("/projects", status_code=201)
    def create(person: Creator, wanted: ProjectIn) -> Project:
        """A new project, owned by who creates it."""
        return service.create(person, wanted)

    # Before the routes of one project: `current` is not a slug.
    routes.include_router(_current(service))
    routes.include_router(_one(service))
    routes.include_router(_members(service))
    return routes


def _current(service: ProjectService) -> APIRouter:
    routes = APIRouter()

    @routes.get("/projects/current")
    def current(person: Reader, server: ServerName = "") -> Current:
        """The project that one's server works in."""
        return service.current(person, server)

    @routes.put("/projects/current")
    def choose(person: Reader, wanted: CurrentIn, server: ServerName = "") -> Current:
        """Let one's server work in another project, or in none."""
        return service.choose(person, server, wanted.slug)

    return routes


def _one(service: ProjectService) -> APIRouter:
    routes = APIRouter()

    @routes.get("/projects/{slug}")
    def get(person: Reader, slug: Slug) -> Project:
        """One project."""
        return service.get(person, slug)

    @routes.patch("/projects/{slug}")
    def patch(person: Writer, slug: Slug, wanted: ProjectPatch) -> Project:
        """Another name or description, by an owner."""
        return service.patch(person, slug, wanted)

    @routes.delete("/projects/{slug}", status_code=204)
    def delete(person: Writer, slug: Slug) -> Response:
        """Take the project away from everybody, by an owner."""
        service.delete(person, slug)
        return Response(status_code=204)

    return routes


def _members(service: ProjectService) -> APIRouter:
    routes = APIRouter()

    @routes.get("/projects/{slug}/members")
    def members(person: Reader, slug: Slug, query: Which) -> Page[Member]:
        """Who is in the project."""
        return service.members(person, slug, query)

    @routes.put("/projects/{slug}/members/{user}")
    def put_member(person: Writer, slug: Slug, user: UserName, wanted: MemberIn) -> Member:
        """Make somebody a member or change the role, by an owner."""
        return service.put_member(person, slug, user, wanted.role)

    @routes.delete("/projects/{slug}/members/{user}", status_code=204)
    def remove_member(person: Writer, slug: Slug, user: UserName) -> Response:
        """Take somebody out, by an owner, or leave."""
        service.remove_member(person, slug, user)
        return Response(status_code=204)

    return routes
