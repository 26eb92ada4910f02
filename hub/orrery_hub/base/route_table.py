"""The routes of the service by path: what each needs, before anything of a request is read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from starlette.routing import compile_path

from orrery_hub.base.auth import DeclaredRoute


class RouteMatch(NamedTuple):
    """The route of a request: the scope that it needs (empty for none), the template of its path, and the values in it."""

    permission: str
    template: str
    values: Mapping[str, str]


class RouteTable:
    """Finds the route of a request."""

    def __init__(self, routes: Sequence[DeclaredRoute]) -> None:
        self._fixed: dict[str, dict[str, str | None]] = defaultdict(dict)
        # Routes with parameters by the number of slashes, in the order in which the application tries them.
        self._patterns: dict[int, list[tuple[re.Pattern[str], DeclaredRoute]]] = defaultdict(list)
        for route in routes:
            if "{" in route.path:
                pattern, _, _ = compile_path(route.path)
                self._patterns[route.path.count("/")].append((pattern, route))
            else:
                self._fixed[route.path].update(dict.fromkeys(route.methods, route.scope))

    def find(self, method: str, path: str) -> RouteMatch | None:
        """The route of a request; None if there is no such route."""
        methods = self._fixed.get(path)
        if methods and method in methods:
            return RouteMatch(methods[method] or "", path, {})
        for pattern, route in self._patterns.get(path.count("/"), ()):
            if method in route.methods and (match := pattern.match(path)):
                return RouteMatch(route.scope or "", route.path, match.groupdict())
        return None
