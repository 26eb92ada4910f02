"""HTTP routes of pools: for administrators, for a person, and for the process that starts servers."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Path, Query, Request
from starlette.concurrency import run_in_threadpool

from orrery_hub.base.accounts import Account, Accounts
from orrery_hub.base.auth import needs_scope, permissions_of, require_scope
from orrery_hub.base.collection import (
    Admin,
    CollectionDocs,
    CollectionShapes,
    add_collection,
)
from orrery_hub.base.contracts import Standing
from orrery_hub.base.request_context import request_context
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.pools import schemas as shapes
from orrery_hub.pools.launch import LaunchService
from orrery_hub.pools.preview import PreviewService
from orrery_hub.pools.service import PoolService
from orrery_hub.scopes import LAUNCH
from orrery_wire.launch import CancelIn, EndedIn, Launch, LaunchIn, StartedIn, Ticket
from orrery_wire.names import ServerName, Slug
from orrery_wire.pools import LaunchChoices, Lease, LeaseQuery
from orrery_wire.schemas import Page, PageQuery

Reader = Annotated[User, needs_scope("custom:orrery:pools:read")]
Launcher = Annotated[User, needs_scope(LAUNCH)]
# What a person's role at the hub has to allow before a start, as for the same by a token of the person.
_READ = "custom:orrery:pools:read"
_START = "custom:orrery:servers:write"
_QUEUE = "custom:orrery:queue:write"
TypeSlug = Annotated[Slug, Path(alias="device_type")]
PoolSlug = Annotated[Slug, Path(alias="pool")]
ProfileSlug = Annotated[Slug, Path(alias="profile")]
ImageSlug = Annotated[Slug, Path(alias="image")]


def router(
    service: PoolService, launches: LaunchService, previews: PreviewService, accounts: Accounts
) -> Router:
    """Routes of pools, profiles, images, leases and launches."""
    routes = Router(tags=["pools"])
    for part in (
        _pools(service),
        _profiles(service),
        _drains(service),
        _grants(service),
        _leases(service, launches, previews),
        _launches(launches, accounts),
    ):
        routes.include_router(part)
    return routes


def _pools(service: PoolService) -> Router:
    """Types of devices and pools, as administrators declare them."""
    routes = Router()
    add_collection(
        routes,
        "/device-types",
        "device_type",
        service.device_types,
        CollectionShapes(TypeSlug, shapes.CatalogueQuery, shapes.DeviceTypeIn, shapes.DeviceType),
        CollectionDocs(
            list="The types of devices, with what is in pools and what is used.",
            create="Declare a type of device.",
            replace="Change a type of device.",
            delete="Delete a type of device that no pool holds.",
        ),
    )
    add_collection(
        routes,
        "/pools",
        "pool",
        service.pools,
        CollectionShapes(PoolSlug, shapes.CatalogueQuery, shapes.PoolIn, shapes.Pool),
        CollectionDocs(
            list="The pools, with what is used of them.",
            create="Declare a pool.",
            replace="Change a pool.",
            delete="Delete a pool without servers and profiles.",
        ),
    )

    @routes.get("/pools/{pool}")
    def get_pool(_: Admin, slug: PoolSlug) -> shapes.Pool:
        """One pool."""
        return service.pools.get(slug)

    return routes


def _profiles(service: PoolService) -> Router:
    """What servers get from the pools, and what they start from, as administrators declare them."""
    routes = Router()
    add_collection(
        routes,
        "/profiles",
        "profile",
        service.profiles,
        CollectionShapes(ProfileSlug, shapes.CatalogueQuery, shapes.ProfileIn, shapes.Profile),
        CollectionDocs(
            list="The hardware profiles.",
            create="Declare a hardware profile.",
            replace="Change a hardware profile; running servers keep what they have.",
            delete="Delete a hardware profile; running servers keep what they have.",
        ),
    )
    add_collection(
        routes,
        "/images",
        "image",
        service.images,
        CollectionShapes(ImageSlug, shapes.CatalogueQuery, shapes.ImageIn, shapes.Image),
        CollectionDocs(
            list="The images of the catalogue, hidden ones included.",
            create="Put an image into the catalogue.",
            replace="Change an image of the catalogue.",
            delete="Take an image out of the catalogue.",
        ),
    )

    @routes.get("/profiles/{profile}")
    def get_profile(_: Admin, slug: ProfileSlug) -> shapes.Profile:
        """One hardware profile."""
        return service.profiles.get(slug)

    return routes


def _drains(service: PoolService) -> Router:
    routes = Router(prefix="/pools")

    @routes.post("/{pool}/drain")
    def drain(user: Admin, slug: PoolSlug, request: shapes.DrainIn) -> shapes.Pool:
        """Take no new servers into a pool; running ones are left alone."""
        return service.drain(user.name, slug, request.reason)

    @routes.post("/{pool}/resume")
    def resume(user: Admin, slug: PoolSlug) -> shapes.Pool:
        """Take new servers into a pool again."""
        return service.resume(user.name, slug)

    return routes


def _grants(service: PoolService) -> Router:
    routes = Router(prefix="/pools")

    @routes.get("/{pool}/grants")
    def list_grants(
        _: Admin, slug: PoolSlug, query: Annotated[PageQuery, Query()]
    ) -> Page[shapes.Grant]:
        """The projects that may use a pool."""
        return service.grants(slug, query)

    @routes.put("/{pool}/grants/{slug}")
    def grant(user: Admin, pool: PoolSlug, slug: Slug, request: shapes.GrantIn) -> shapes.Grant:
        """Let a project use a pool, or change how much of it."""
        return service.grant(user.name, pool, slug, request)

    @routes.delete("/{pool}/grants/{slug}", status_code=204)
    def revoke(user: Admin, pool: PoolSlug, slug: Slug) -> None:
        """Take a pool from a project; its running servers are left alone."""
        service.revoke(user.name, pool, slug)

    return routes


def _leases(service: PoolService, launches: LaunchService, previews: PreviewService) -> Router:
    routes = Router()

    @routes.get("/leases")
    def list_leases(_: Admin, query: Annotated[LeaseQuery, Query()]) -> Page[Lease]:
        """What servers hold of the pools, and held."""
        return service.leases(query)

    @routes.get("/people/{person}/launch")
    def preview(
        _: Admin, person: Annotated[int, Path(ge=1, le=2**31 - 1)], server: ServerName = ""
    ) -> shapes.LaunchPreview:
        """What a person sees before a start, and what is withheld, with the reason."""
        return previews.show(person, server)

    @routes.get("/me/leases")
    def list_own_leases(user: Reader, query: Annotated[LeaseQuery, Query()]) -> Page[Lease]:
        """What the user's servers hold, and held."""
        return service.leases(query, person_id=user.person_id)

    @routes.get("/me/launch")
    def choices(user: Reader, server: ServerName = "") -> LaunchChoices:
        """What the user may start: profiles with free devices, price, wait, and why one cannot be started now."""
        return launches.choices(user.name, user.person_id, server)

    return routes


def _launches(launches: LaunchService, accounts: Accounts) -> Router:
    """For JupyterHub's process, which has a credential of its own and names the user."""
    routes = Router(prefix="/launch")

    async def identify(sent: Request, request: LaunchIn | CancelIn, scope: str) -> User:
        person_id = await accounts.identify(Account(request.user, request.created))
        # From here on it is that person who does it, in audit and log.
        request_context.set(replace(request_context.get(), user=request.user, person_id=person_id))
        standing = Standing(request.user, request.admin, frozenset(request.groups))
        user = await permissions_of(sent, person_id, standing)
        require_scope(user, scope)
        return user

    @routes.post("/choices")
    async def launch_choices(_: Launcher, sent: Request, request: LaunchIn) -> LaunchChoices:
        """What a user may start."""
        user = await identify(sent, request, _READ)
        return await run_in_threadpool(
            launches.choices, request.user, user.person_id, request.server
        )

    @routes.post("/leases")
    async def take_lease(_: Launcher, sent: Request, request: LaunchIn) -> Launch:
        """The lease of a server that is about to start, and what it starts with."""
        user = await identify(sent, request, _START)
        return await run_in_threadpool(
            launches.launch, user.person_id, request, may_queue=user.may(_QUEUE)
        )

    @routes.post("/tickets")
    async def join_queue(_: Launcher, sent: Request, request: LaunchIn) -> Ticket:
        """A place in the queue for a server that cannot start now."""
        user = await identify(sent, request, _QUEUE)
        return await run_in_threadpool(launches.join, user.person_id, request)

    @routes.post("/tickets/cancel", status_code=204)
    async def leave_queue(_: Launcher, sent: Request, request: CancelIn) -> None:
        """Give up a place in the queue."""
        user = await identify(sent, request, _QUEUE)
        await run_in_threadpool(launches.cancel, user.person_id, request)

    @routes.post("/started", status_code=204)
    def note_start(_: Launcher, request: StartedIn) -> None:
        """Note that the server of a lease runs."""
        launches.started(request)

    @routes.post("/ended", status_code=204)
    def note_end(_: Launcher, request: EndedIn) -> None:
        """End the lease of a server that stopped."""
        launches.ended(request)

    return routes
