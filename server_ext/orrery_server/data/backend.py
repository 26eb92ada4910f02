"""What a place that stores connections must be able to do."""

from __future__ import annotations

from abc import abstractmethod

from orrery_server.base.backend import Backend
from orrery_wire import connections as shapes
from orrery_wire.schemas import Page


class UseBackend(Backend):
    """The contract of a place that gives a connection with its secrets to this server, and to nobody else."""

    @abstractmethod
    async def use(self, id: int) -> shapes.Use:
        """Begin to use a connection; what it gives is for memory alone, until ``expires``."""

    @abstractmethod
    async def renew(self, lease: str) -> shapes.Use:
        """Go on with a use; NotFound or Forbidden if that has ended. Secrets that are null are those of before."""

    @abstractmethod
    async def release(self, lease: str) -> None:
        """End a use; one that has ended is no error."""

    @abstractmethod
    async def secret_place(self) -> shapes.SecretPlace:
        """Where secrets are stored, and whether they can be used now."""


class ConnectionBackend(UseBackend):
    """The contract of a place that stores connections. What the person may not see is ``NotFound``."""

    @abstractmethod
    async def list(self, query: shapes.ConnectionQuery) -> Page[shapes.Connection]:
        """One page of the connections that the person sees."""

    @abstractmethod
    async def get(self, id: int) -> shapes.Connection:
        """One connection, without its secrets."""

    @abstractmethod
    async def create(self, connection: shapes.ConnectionIn) -> shapes.Connection:
        """A new connection; Conflict if its owner has one of that name."""

    @abstractmethod
    async def update(self, id: int, patch: shapes.ConnectionPatch) -> shapes.Connection:
        """The connection with what was sent changed."""

    @abstractmethod
    async def delete(self, id: int) -> None:
        """Take a connection away; its uses end."""

    @abstractmethod
    async def undelete(self, id: int) -> shapes.Connection:
        """Bring a deleted connection back, with its secrets."""
