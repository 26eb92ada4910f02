"""HTTP routes of a person's own servers."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Query

from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.servers.service import OwnServerService
from orrery_wire.servers import OwnServerQuery, OwnServers, StartIn

Reader = Annotated[User, needs_scope("custom:orrery:servers:read")]
Writer = Annotated[User, needs_scope("custom:orrery:servers:write")]
Named = Annotated[OwnServerQuery, Query()]


def router(service: OwnServerService) -> Router:
    """Routes of own servers."""
    routes = Router(prefix="/me/servers", tags=["servers"])

    @routes.get("")
    def list_own(user: Reader, query: Named) -> OwnServers:
        """The user's servers; the one that is named is marked."""
        return service.list(user, query.server)

    @routes.post("", status_code=204)
    async def start(user: Writer, request: StartIn) -> None:
        """Start a server of the user, as JupyterHub's own page would."""
        await service.start(user, request)
        await asyncio.to_thread(service.record, user, "servers.start", request.server_name)

    @routes.delete("", status_code=204)
    async def stop(user: Writer, query: Named) -> None:
        """Stop a server of the user."""
        await service.stop(user, query.server)
        await asyncio.to_thread(service.record, user, "servers.stop", query.server)

    return routes
