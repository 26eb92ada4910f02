"""The routes of the service by path: what each needs, before anything of a request is read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from starlette.routing import compile_path

from orrery_hub.base.auth import DeclaredRoute


class RouteTable:
    """Finds the scope that the route of a request declares."""

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

    def permission(self, method: str, path: str) -> str | None:
        """The scope of the route; None if it declares none, or there is no such route."""
        methods = self._fixed.get(path)
        if methods and method in methods:
            return methods[method]
        for pattern, route in self._patterns.get(path.count("/"), ()):
            if method in route.methods and pattern.match(path):
                return route.scope
        return None
