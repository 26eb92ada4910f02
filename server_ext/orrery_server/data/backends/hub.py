"""Connections at the hub, which gives their secrets to this server alone."""

from __future__ import annotations

import os
from typing import Any

from orrery_server.base.hub import HubBackend
from orrery_server.data.backend import ConnectionBackend
from orrery_wire import connections as shapes
from orrery_wire.schemas import Page


class HubConnections(HubBackend, ConnectionBackend):
    """The connections that the person sees at the hub."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._server = os.environ.get("JUPYTERHUB_SERVER_NAME", "")

    async def list(self, query: shapes.ConnectionQuery) -> Page[shapes.Connection]:
        sent = query.model_dump(exclude_none=True)
        return await self._hub.get(Page[shapes.Connection], "connections", query=sent)

    async def get(self, id: int) -> shapes.Connection:
        return await self._hub.get(shapes.Connection, "connections", str(id))

    async def create(self, connection: shapes.ConnectionIn) -> shapes.Connection:
        return await self._hub.ask(shapes.Connection, "POST", "connections", body=connection)

    async def update(self, id: int, patch: shapes.ConnectionPatch) -> shapes.Connection:
        path = ("connections", str(id))
        return await self._hub.ask(shapes.Connection, "PATCH", *path, body=patch, sent_only=True)

    async def delete(self, id: int) -> None:
        await self._hub.delete("connections", str(id))

    async def undelete(self, id: int) -> shapes.Connection:
        return await self._hub.ask(shapes.Connection, "POST", "connections", str(id), "undelete")

    async def secret_place(self) -> shapes.SecretPlace:
        return await self._hub.get(shapes.SecretPlace, "connections", "secrets")

    async def use(self, id: int) -> shapes.Use:
        body = shapes.UseIn(server=self._server)
        return await self._hub.ask(shapes.Use, "POST", "connections", str(id), "use", body=body)

    async def renew(self, lease: str) -> shapes.Use:
        return await self._hub.ask(shapes.Use, "POST", "uses", lease, "renew")

    async def release(self, lease: str) -> None:
        await self._hub.delete("uses", lease)
