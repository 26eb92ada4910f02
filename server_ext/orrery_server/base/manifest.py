"""Capability manifests: what a capability declares of itself, read from the entry points ``orrery.capabilities``."""

from __future__ import annotations

import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from orrery_server.base.routes import Endpoint, Route, RouteError, resolve
from orrery_server.base.schemas import Recent
from orrery_server.base.service import Service
from orrery_wire.projects import Project

NAME = re.compile(r"^[a-z]+$")


@dataclass(frozen=True)
class Capability:
    """One capability of the lab's server.

    ``events`` is the file with the schema of its audit events, beside the service; ``entry_points`` are the groups
    that name its backends. ``recent`` gives Home the newest things (at most as many as asked for), ``project`` gives
    every other capability the current project, and ``member`` whether the person is a member of one. All methods are the service's own.
    """

    name: str
    title: str
    service: type[Service]
    routes: tuple[Route, ...]
    events: str = ""
    entry_points: tuple[str, ...] = ()
    recent: Callable[[Any, int], Awaitable[Sequence[Recent]]] | None = None
    project: Callable[[Any], Awaitable[Project | None]] | None = None
    member: Callable[[Any, str], Awaitable[bool]] | None = None

    def __post_init__(self) -> None:
        if not NAME.match(self.name):
            raise RouteError(f"a capability is named by small letters, not {self.name!r}")

    @cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The routes with their shapes, in the order in which a router has to try them.

        Raises:
            RouteError: a route cannot be served, or two have the same address or name.
        """
        endpoints = [resolve(self.name, route) for route in self.routes]
        for what in ({(e.route.method, e.pattern) for e in endpoints}, {e.name for e in endpoints}):
            if len(what) < len(endpoints):
                raise RouteError(f"{self.name}: two routes have the same address or the same name")
        # A fixed segment goes before one that varies: `snippets/scan` before `snippets/{id}`.
        return tuple(
            sorted(endpoints, key=lambda e: ["{" in part for part in e.route.path.split("/")])
        )

    @property
    def scopes(self) -> frozenset[str]:
        """The permissions that its routes need."""
        return frozenset(endpoint.scope for endpoint in self.endpoints)

    @property
    def events_path(self) -> Path | None:
        """The file with the schema of its audit events, if it has any."""
        module = sys.modules[self.service.__module__]
        return Path(str(module.__file__)).with_name(self.events) if self.events else None
