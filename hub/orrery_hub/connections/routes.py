"""HTTP routes of connections and their uses."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.connections.broker import Broker
from orrery_hub.connections.places import SecretPlaces
from orrery_hub.connections.service import ConnectionService
from orrery_wire import connection_fields as fields
from orrery_wire import connections as shapes
from orrery_wire.schemas import Page

Reader = Annotated[User, needs_scope("custom:orrery:connections:read")]
Writer = Annotated[User, needs_scope("custom:orrery:connections:write")]
Holder = Annotated[User, needs_scope("custom:orrery:connections:use")]
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]
Lease = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
Filter = Annotated[shapes.ConnectionQuery, Query()]


def router(service: ConnectionService, broker: Broker, places: SecretPlaces) -> Router:
    """Routes of connections and of uses."""
    routes = Router(tags=["connections"])
    # Before `/connections/{connection}`, which would match them too.
    routes.include_router(_about(places))
    routes.include_router(_connections(service))
    routes.include_router(_uses(broker))
    return routes


def _about(places: SecretPlaces) -> Router:
    routes = Router()

    @routes.get("/connections/kinds")
    def kinds(_: Reader) -> shapes.Kinds:
        """The kinds of connections, each with the JSON schema of its fields."""
        return fields.kinds()

    @routes.get("/connections/secrets")
    def secrets(_: Reader) -> shapes.SecretPlace:
        """Where secrets are stored, and whether they can be used now."""
        return places.status()

    return routes


def _connections(service: ConnectionService) -> Router:
    routes = Router()

    @routes.get("/connections")
    def list_connections(user: Reader, query: Filter) -> Page[shapes.Connection]:
        """The connections that the user sees."""
        return service.list(user, query)

    @routes.post("/connections", status_code=201)
    def create(user: Writer, request: shapes.ConnectionIn) -> shapes.Connection:
        """Create a connection; its secrets are never shown again."""
        return service.create(user, request)

    @routes.get("/connections/{connection}")
    def get(user: Reader, connection: Id) -> shapes.Connection:
        """One connection, without its secrets."""
        return service.get(user, connection)

    @routes.patch("/connections/{connection}")
    def update(user: Writer, connection: Id, request: shapes.ConnectionPatch) -> shapes.Connection:
        """Change a connection."""
        return service.update(user, connection, request)

    @routes.delete("/connections/{connection}", status_code=204)
    def delete(user: Writer, connection: Id) -> None:
        """Delete a connection; its uses end."""
        service.delete(user, connection)

    @routes.post("/connections/{connection}/undelete")
    def undelete(user: Writer, connection: Id) -> shapes.Connection:
        """Bring a deleted connection back."""
        return service.undelete(user, connection)

    @routes.post("/connections/{connection}/purge", status_code=204)
    def purge(user: Writer, connection: Id) -> None:
        """Remove a deleted connection for good, with its secret."""
        service.purge_now(user, connection)

    return routes


def _uses(broker: Broker) -> Router:
    routes = Router()

    @routes.post("/connections/{connection}/use", status_code=201)
    async def use(user: Holder, connection: Id, request: shapes.UseIn) -> shapes.Use:
        """Give a connection with its secret to a running server of the user, for ten minutes at most."""
        return await broker.use(user, connection, request.server)

    @routes.post("/uses/{lease}/renew")
    def renew(user: Holder, lease: Lease) -> shapes.Use:
        """Let a use go on, if the user still has the right to it."""
        return broker.renew(user, lease)

    @routes.delete("/uses/{lease}", status_code=204)
    def release(user: Holder, lease: Lease) -> None:
        """End a use."""
        broker.release(user, lease)

    return routes
