"""HTTP routes of pools: for administrators, for a person, and for the process that starts servers."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Path, Query
from starlette.concurrency import run_in_threadpool

from orrery_hub.base.accounts import Account, Accounts
from orrery_hub.base.auth import needs_scope
from orrery_hub.base.request_context import request_context
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.pools import schemas as shapes
from orrery_hub.pools.launch import LaunchService
from orrery_hub.pools.preview import PreviewService
from orrery_hub.pools.service import PoolService
from orrery_hub.scopes import LAUNCH, PLATFORM_ADMIN
from orrery_wire.launch import CancelIn, EndedIn, Launch, LaunchIn, ServerIn, Ticket
from orrery_wire.names import ServerName, Slug
from orrery_wire.pools import LaunchChoices, Lease, LeaseQuery
from orrery_wire.schemas import Page, PageQuery

Admin = Annotated[User, needs_scope(PLATFORM_ADMIN)]
Reader = Annotated[User, needs_scope("custom:orrery:pools:read")]
Launcher = Annotated[User, needs_scope(LAUNCH)]
Filter = Annotated[shapes.CatalogueQuery, Query()]
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
        _device_types(service),
        _pools(service),
        _grants(service),
        _profiles(service),
        _images(service),
        _leases(service, launches, previews),
        _launches(launches, accounts),
    ):
        routes.include_router(part)
    return routes


def _device_types(service: PoolService) -> Router:
    routes, types = Router(prefix="/device-types"), service.device_types

    @routes.get("")
    def list_device_types(_: Admin, query: Filter) -> Page[shapes.DeviceType]:
        """The types of devices, with what is in pools and what is used."""
        return types.list(query)

    @routes.post("", status_code=201)
    def create_device_type(user: Admin, request: shapes.DeviceTypeIn) -> shapes.DeviceType:
        """Declare a type of device."""
        return types.create(user.name, request)

    @routes.put("/{device_type}")
    def replace_device_type(
        user: Admin, slug: TypeSlug, request: shapes.DeviceTypeIn
    ) -> shapes.DeviceType:
        """Change a type of device."""
        return types.replace(user.name, slug, request)

    @routes.delete("/{device_type}", status_code=204)
    def delete_device_type(user: Admin, slug: TypeSlug) -> None:
        """Delete a type of device that no pool holds."""
        types.delete(user.name, slug)

    return routes


def _pools(service: PoolService) -> Router:
    routes, pools = Router(prefix="/pools"), service.pools

    @routes.get("")
    def list_pools(_: Admin, query: Filter) -> Page[shapes.Pool]:
        """The pools, with what is used of them."""
        return pools.list(query)

    @routes.post("", status_code=201)
    def create_pool(user: Admin, request: shapes.PoolIn) -> shapes.Pool:
        """Declare a pool."""
        return pools.create(user.name, request)

    @routes.get("/{pool}")
    def get_pool(_: Admin, slug: PoolSlug) -> shapes.Pool:
        """One pool."""
        return pools.get(slug)

    @routes.put("/{pool}")
    def replace_pool(user: Admin, slug: PoolSlug, request: shapes.PoolIn) -> shapes.Pool:
        """Change a pool."""
        return pools.replace(user.name, slug, request)

    @routes.delete("/{pool}", status_code=204)
    def delete_pool(user: Admin, slug: PoolSlug) -> None:
        """Delete a pool without servers and profiles."""
        pools.delete(user.name, slug)

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


def _profiles(service: PoolService) -> Router:
    routes, profiles = Router(prefix="/profiles"), service.profiles

    @routes.get("")
    def list_profiles(_: Admin, query: Filter) -> Page[shapes.Profile]:
        """The hardware profiles."""
        return profiles.list(query)

    @routes.post("", status_code=201)
    def create_profile(user: Admin, request: shapes.ProfileIn) -> shapes.Profile:
        """Declare a hardware profile."""
        return profiles.create(user.name, request)

    @routes.get("/{profile}")
    def get_profile(_: Admin, slug: ProfileSlug) -> shapes.Profile:
        """One hardware profile."""
        return profiles.get(slug)

    @routes.put("/{profile}")
    def replace_profile(
        user: Admin, slug: ProfileSlug, request: shapes.ProfileIn
    ) -> shapes.Profile:
        """Change a hardware profile; running servers keep what they have."""
        return profiles.replace(user.name, slug, request)

    @routes.delete("/{profile}", status_code=204)
    def delete_profile(user: Admin, slug: ProfileSlug) -> None:
        """Delete a hardware profile; running servers keep what they have."""
        profiles.delete(user.name, slug)

    return routes


def _images(service: PoolService) -> Router:
    routes, images = Router(prefix="/images"), service.images

    @routes.get("")
    def list_images(_: Admin, query: Filter) -> Page[shapes.Image]:
        """The images of the catalogue, hidden ones included."""
        return images.list(query)

    @routes.post("", status_code=201)
    def create_image(user: Admin, request: shapes.ImageIn) -> shapes.Image:
        """Put an image into the catalogue."""
        return images.create(user.name, request)

    @routes.put("/{image}")
    def replace_image(user: Admin, slug: ImageSlug, request: shapes.ImageIn) -> shapes.Image:
        """Change an image of the catalogue."""
        return images.replace(user.name, slug, request)

    @routes.delete("/{image}", status_code=204)
    def delete_image(user: Admin, slug: ImageSlug) -> None:
        """Take an image out of the catalogue."""
        images.delete(user.name, slug)

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

    async def identify(request: LaunchIn | CancelIn) -> int:
        person_id = await accounts.identify(Account(request.user, request.created))
        # From here on it is that person who does it, in audit and log.
        request_context.set(replace(request_context.get(), user=request.user, person_id=person_id))
        return person_id

    @routes.post("/choices")
    async def launch_choices(_: Launcher, request: LaunchIn) -> LaunchChoices:
        """What a user may start."""
        person_id = await identify(request)
        return await run_in_threadpool(launches.choices, request.user, person_id, request.server)

    @routes.post("/leases")
    async def take_lease(_: Launcher, request: LaunchIn) -> Launch:
        """The lease of a server that is about to start, and what it starts with."""
        person_id = await identify(request)
        return await run_in_threadpool(launches.launch, person_id, request)

    @routes.post("/tickets")
    async def join_queue(_: Launcher, request: LaunchIn) -> Ticket:
        """A place in the queue for a server that cannot start now."""
        person_id = await identify(request)
        return await run_in_threadpool(launches.join, person_id, request)

    @routes.post("/tickets/cancel", status_code=204)
    async def leave_queue(_: Launcher, request: CancelIn) -> None:
        """Give up a place in the queue."""
        person_id = await identify(request)
        await run_in_threadpool(launches.cancel, person_id, request)

    @routes.post("/started", status_code=204)
    def note_start(_: Launcher, request: ServerIn) -> None:
        """Note that the server of a lease runs."""
        launches.started(request)

    @routes.post("/ended", status_code=204)
    def note_end(_: Launcher, request: EndedIn) -> None:
        """End the lease of a server that stopped."""
        launches.ended(request)

    return routes
