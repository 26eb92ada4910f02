"""A person's own servers: which there are, start and stop; the hub service asks JupyterHub for them.

The token of a lab has no right to start or stop servers at JupyterHub. The name of the account comes from the token
that was confirmed, never from the request, so nobody reaches the server of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from orrery_hub.base.contracts import RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.hub_models import Server
from orrery_hub.base.user import User
from orrery_wire.servers import OwnServer, OwnServers, StartIn


class Servers(Protocol):
    """Where the servers are known, started and stopped; ``base.servers.ServerList``."""

    def all(self) -> tuple[Server, ...]:
        """Every server that starts, runs or stops."""

    async def start(self, user: str, name: str, options: Mapping[str, Any] | None) -> None:
        """Start a server."""

    async def stop(self, user: str, name: str) -> None:
        """Stop a server."""


class OwnServerService:
    """Lists, starts and stops the servers of the person who asks."""

    def __init__(
        self,
        database: Database,
        servers: Servers,
        *,
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._servers = servers
        self._record = record

    def list(self, user: User, current: str) -> OwnServers:
        """The user's servers, by name; ``current`` is marked."""
        own = sorted(
            (server for server in self._servers.all() if server.user == user.name),
            key=lambda server: server.name,
        )
        return OwnServers(items=tuple(_shape(server, current) for server in own))

    async def start(self, user: User, request: StartIn) -> None:
        """Start a server; JupyterHub goes on with it if that takes long.

        Raises:
            Conflict: it runs already, or JupyterHub or the hub's pools refuse it.
            BackendUnavailable: JupyterHub does not answer.
        """
        options = request.options.model_dump(mode="json") if request.options else None
        await self._servers.start(user.name, request.server_name, options)

    async def stop(self, user: User, name: str) -> None:
        """Stop a server.

        Raises:
            NotFound: the user has no such server.
            BackendUnavailable: JupyterHub does not answer.
        """
        await self._servers.stop(user.name, name)

    def record(self, user: User, what: str, name: str) -> None:
        """Record that a server was started or stopped."""
        with self._database.write() as session:
            self._record(session, user.name, what, f"{user.name}/{name}")


def _shape(server: Server, current: str) -> OwnServer:
    return OwnServer(
        name=server.name,
        display_name=server.display_name,
        is_current=server.name == current,
        state=server.state,
        started=server.started,
        last_activity=server.last_activity,
        url=server.url,
    )
