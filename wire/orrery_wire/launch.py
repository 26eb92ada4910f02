"""Shapes that JupyterHub's process and the hub service exchange before a server starts, and when it has stopped."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, Field

from orrery_wire.json_types import JsonObject
from orrery_wire.names import ServerName, UserName
from orrery_wire.pools import OptionalSlug
from orrery_wire.schemas import Shape, StorableText


class AccountIn(Shape):
    """Whom JupyterHub's process asks for: an account, with what JupyterHub says about it."""

    user: UserName
    created: datetime | None = Field(description="When JupyterHub created the account.")
    admin: bool = False
    groups: tuple[StorableText, ...] = Field(default=(), max_length=5_000)


class LaunchIn(AccountIn):
    """A server that JupyterHub is about to start; ``options`` are what the form or the API got, unchecked."""

    server: ServerName = ""
    options: JsonObject = Field(default_factory=dict)
    then: OptionalSlug = Field(
        default="",
        description="A profile that is requested for the same server when it starts: it moves there when there is room.",
    )


class CancelIn(AccountIn):
    """A request in the queue that its person gives up."""

    ticket: int = Field(ge=1, le=2**31 - 1)


class ServerIn(Shape):
    """A server of which something is reported."""

    user: UserName
    server: ServerName = ""
    lease: int = Field(ge=1)


class StartedIn(ServerIn):
    """A server that runs."""

    at: AwareDatetime | None = Field(
        default=None, description="Since when; null: it is not known, and counts from now."
    )


class EndedIn(ServerIn):
    """A server that stopped."""

    started: AwareDatetime | None = Field(
        default=None,
        description="Since when it ran, for a report that comes before that of its start.",
    )

    at: datetime
    reason: StorableText = Field(default="stopped", max_length=200)
    is_gone: bool = Field(
        default=True,
        description="False: it could not be stopped and may run on, so that what it holds stays held.",
    )


class Launch(Shape):
    """What a server starts with."""

    lease: int | None = Field(description="Null: no profile is declared, and nothing is held.")
    profile: str = ""
    name: str = ""
    start_timeout_seconds: int | None = None
    environment: dict[str, str] = Field(default_factory=dict)
    startup_script: str = ""
    cpu_limit: float | None = None
    memory_limit_bytes: int | None = None
    links: dict[str, str] = Field(
        default_factory=dict, description="Links to make in the home: path below it, and folder."
    )
    overrides: JsonObject = Field(
        default_factory=dict, description="KubeSpawner's traits for this server."
    )


class Ticket(Shape):
    """A place in the queue."""

    ticket: int
