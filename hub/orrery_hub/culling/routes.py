"""HTTP routes of use and idle servers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.culling.schemas import (
    Advice,
    AdviceQuery,
    LimitIn,
    PoolLimit,
    ServerUse,
    ServerUseQuery,
)
from orrery_hub.culling.service import CullingService
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.culling import Activity, CullState, ServerQuery
from orrery_wire.names import Slug
from orrery_wire.schemas import Page, PageQuery

Admin = Annotated[User, needs_scope(PLATFORM_ADMIN)]
Reader = Annotated[User, needs_scope("custom:orrery:culling:read")]
Writer = Annotated[User, needs_scope("custom:orrery:culling:write")]
OwnServer = Annotated[ServerQuery, Query()]


def router(service: CullingService) -> Router:
    """Routes of use and idle servers."""
    routes = Router(prefix="/culling", tags=["culling"])

    @routes.put("/activity")
    def report(user: Writer, query: OwnServer, activity: Activity) -> CullState:
        """What a lab of the user measured."""
        return service.report(user, query, activity)

    @routes.get("/mine")
    def mine(user: Reader, query: OwnServer) -> CullState:
        """Whether a server of the user is idle, and when it is stopped."""
        return service.mine(user, query)

    @routes.post("/extend")
    def extend(user: Writer, query: OwnServer) -> CullState:
        """Put off that an idle server of the user is stopped."""
        return service.extend(user, query)

    @routes.get("/servers")
    def servers(_: Admin, query: Annotated[ServerUseQuery, Query()]) -> Page[ServerUse]:
        """Running servers with what they hold, what they use, and when idle ones are stopped."""
        return service.servers(query)

    @routes.get("/advice")
    def advice(user: Reader, query: Annotated[AdviceQuery, Query()]) -> Page[Advice]:
        """Which smaller profiles would do: for everybody's servers for an administrator, else for the user's."""
        return service.advice(user, query)

    @routes.get("/limits")
    def limits(_: Admin, query: Annotated[PageQuery, Query()]) -> Page[PoolLimit]:
        """When idle servers of pools are stopped."""
        return service.limits(query)

    @routes.put("/limits/{pool}")
    def set_limit(user: Admin, pool: Slug, request: LimitIn) -> PoolLimit:
        """Set when idle servers of a pool are stopped."""
        return service.set_limit(user.name, pool, request)

    @routes.delete("/limits/{pool}", status_code=204)
    def delete_limit(user: Admin, pool: Slug) -> None:
        """Remove the limit of a pool."""
        service.delete_limit(user.name, pool)

    return routes
