"""What JupyterHub says of accounts and servers, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

ServerState = Literal["starting", "ready", "stopping"]


@dataclass(frozen=True)
class Activity:
    """What JupyterHub said of an account when all of them were last read."""

    is_admin: bool
    last_activity: datetime | None


@dataclass(frozen=True)
class Server:
    """A server of a person; ``name`` is empty for the default one."""

    user: str
    name: str
    display_name: str
    state: ServerState
    started: datetime | None
    last_activity: datetime | None
    url: str
    user_options: Mapping[str, Any]
