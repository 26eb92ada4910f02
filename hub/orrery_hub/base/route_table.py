"""The routes of the service by path: what each needs, before anything of a request is read, and its function.

The framework by itself tries every route in turn, twice: with two hundred routes that is a tenth of a request.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fastapi import FastAPI
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from orrery_hub.base.auth import DeclaredRoute

# Where the route of a request is in its scope.
_KEY = "orrery_route"


class RouteMatch(NamedTuple):
    """The route of a request, and the values in its path."""

    route: DeclaredRoute
    values: Mapping[str, str]

    @property
    def permission(self) -> str:
        """The scope that the route needs; empty for none."""
        return self.route.scope or ""

    @property
    def template(self) -> str:
        """The path, with the names of its values."""
        return self.route.path


class RouteTable:
    """Finds the route of a request."""

    def __init__(self, routes: Sequence[DeclaredRoute]) -> None:
        self._fixed: dict[str, dict[str, RouteMatch]] = defaultdict(dict)
        # Routes with parameters by the number of slashes, in the order in which the application declares them.
        self._patterns: dict[int, list[tuple[re.Pattern[str], DeclaredRoute]]] = defaultdict(list)
        for route in routes:
            if "{" in route.path:
                pattern, _, _ = compile_path(route.path)
                self._patterns[route.path.count("/")].append((pattern, route))
            else:
                for method in route.methods:
                    self._fixed[route.path].setdefault(method, RouteMatch(route, {}))

    def find(self, method: str, path: str) -> RouteMatch | None:
        """The route of a request; None if there is no such route."""
        if fixed := self._fixed.get(path, {}).get(method):
            return fixed
        for pattern, route in self._patterns.get(path.count("/"), ()):
            if method in route.methods and (match := pattern.match(path)):
                return RouteMatch(route, match.groupdict())
        return None

    def methods(self, path: str) -> list[str]:
        """The methods that a path takes; none if there is no such path."""
        methods = set(self._fixed.get(path, ()))
        for pattern, route in self._patterns.get(path.count("/"), ()):
            if not route.methods <= methods and pattern.match(path):
                methods |= route.methods
        return sorted(methods)


def choose(scope: Scope, match: RouteMatch) -> None:
    """Note in the scope of a request which route it goes to."""
    scope[_KEY] = match


def install_dispatch(app: FastAPI) -> None:
    """Have the application call the route that was chosen, in place of looking for one."""
    search = app.router.middleware_stack

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        match: RouteMatch | None = scope.get(_KEY)
        context = match.route.context if match else None
        target: ASGIApp | None = context.app if context else None
        if match is None or context is None or target is None:
            await search(scope, receive, send)
            return
        scope["router"] = app.router
        scope["route"] = context.original_route
        scope["endpoint"] = context.endpoint
        scope["path_params"] = match.values
        await target(scope, receive, send)

    app.router.middleware_stack = dispatch
