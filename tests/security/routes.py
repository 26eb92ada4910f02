"""Every route that the product answers on, found in the running parts and never listed by hand."""

from __future__ import annotations

import json
import re
import re._constants as op
import re._parser as regex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from fastapi.routing import iter_route_contexts

from orrery_server.base.installed import capabilities

_JSON = "application/json"
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

# What stands in an address when a test does not say: objects that do not exist.
_NOBODY = {
    "slug": "no-such-project",
    "id": "0123456789abcdef" * 2,
    "user": "nobody",
    "name": "none",
    "number": "1",
}


@dataclass(frozen=True)
class Route:
    """One address of a part: a regular expression (lab) or a template (hub service).

    ``reads`` are the verbs that change nothing, ``kernel`` those that the lab token is good for. ``bodies`` has the JSON schema of what a verb takes, with its definitions.
    """

    part: Literal["lab", "hub"]
    pattern: str
    verbs: frozenset[str]
    scope: str | None = None
    handler: str = ""
    reads: frozenset[str] = field(default_factory=frozenset)
    kernel: frozenset[str] = field(default_factory=frozenset)
    bodies: Mapping[str, dict[str, Any]] = field(default_factory=dict, compare=False)

    @property
    def changing(self) -> list[str]:
        """The verbs that change something."""
        return sorted(self.verbs & CHANGING - self.reads)

    def path(self, values: Mapping[str, str] | None = None) -> str:
        """An address of the route; groups are filled by name, quoted as one segment."""
        given = {**_NOBODY, **(values or {})}
        if self.part == "hub":
            return re.sub(r"{(\w+)}", lambda m: quote(given.get(m[1], "1"), safe=""), self.pattern)
        names = {number: name for name, number in re.compile(self.pattern).groupindex.items()}
        return _sample(regex.parse(self.pattern), names, given)

    @property
    def names(self) -> tuple[str, ...]:
        """What in the address varies."""
        if self.part == "hub":
            return tuple(re.findall(r"{(\w+)}", self.pattern))
        return tuple(re.compile(self.pattern).groupindex)

    def __str__(self) -> str:
        return f"{self.part} {self.pattern}"


def matching(pattern: str) -> str:
    """A short text that a regular expression matches."""
    return _sample(regex.parse(pattern), {}, {})


def _sample(parsed: Iterable[Any], names: Mapping[int, str], given: Mapping[str, str]) -> str:
    """A text that a parsed regular expression matches, the shortest of the plain ones."""
    said = ""
    for kind, value in parsed:
        if kind is op.LITERAL:
            said += chr(value)
        elif kind is op.SUBPATTERN:
            number, _, _, inner = value
            name = names.get(number, "")
            said += quote(given[name], safe="") if name in given else _sample(inner, names, given)
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            least, _, inner = value
            said += _sample(inner, names, given) * least
        elif kind is op.IN:
            said += _one_of(value)
        elif kind is op.ANY or kind is op.NOT_LITERAL:
            said += "x"
        elif kind is op.BRANCH:
            said += _sample(value[1][0], names, given)
        elif kind is not op.AT:
            raise ValueError(f"an address cannot be made from {kind}")
    return said


def _one_of(choices: list[tuple[Any, Any]]) -> str:
    first, value = choices[0]
    if first is op.LITERAL:
        return chr(value)
    if first is op.RANGE:
        low, high = value
        return "x" if low <= ord("x") <= high else chr(low)
    return "1" if (first, value) == (op.CATEGORY, op.CATEGORY_DIGIT) else "x"


def of_lab(dump: Path) -> list[Route]:
    """Every route below ``/orrery`` of a lab that ``serve.py`` started, from its own router."""
    said = json.loads(dump.read_text(encoding="utf-8"))["routes"]
    return [
        Route(
            "lab",
            one["pattern"],
            frozenset(one["verbs"]),
            f"orrery:{one['capability']}",
            one["handler"],
            frozenset(one["reads"]),
            frozenset(one["kernel"]),
            _bodies_of_lab().get(one["pattern"].partition("/orrery/")[2].rstrip("$"), {}),
        )
        for one in said
        if one["orrery"]
    ]


@cache
def _bodies_of_lab() -> dict[str, dict[str, dict[str, Any]]]:
    """The schemas of bodies by pattern and verb, from the manifests."""
    bodies: dict[str, dict[str, dict[str, Any]]] = {}
    for capability in capabilities():
        for endpoint in capability.endpoints:
            if endpoint.body:
                _, shape = endpoint.body
                at_pattern = bodies.setdefault(endpoint.pattern, {})
                at_pattern[endpoint.route.method] = shape.model_json_schema()
    return bodies


def others_of_lab(dump: Path) -> list[Route]:
    """Every other route of the same lab: Jupyter's own, on which the lab token is worth nothing."""
    said = json.loads(dump.read_text(encoding="utf-8"))["routes"]
    return [
        Route("lab", one["pattern"], frozenset(one["verbs"]), None, one["handler"])
        for one in said
        if not one["orrery"]
    ]


def of_hub(app: Any) -> list[Route]:
    """Every route of the hub service's application, documented or not."""
    from orrery_hub.base.auth import declared_routes

    scopes = {one.path: one.scope for one in declared_routes(app)}
    described = app.openapi()
    found: dict[str, Route] = {}
    for one in iter_route_contexts(app.routes):
        path = str(one.path)
        before = found[path].verbs if path in found else frozenset[str]()
        verbs = frozenset(one.methods or ()) | before
        operations = described["paths"].get(path, {})
        bodies = {
            verb.upper(): content["schema"] | {"components": described["components"]}
            for verb, operation in operations.items()
            if (content := operation.get("requestBody", {}).get("content", {}).get(_JSON))
        }
        found[path] = Route("hub", path, verbs, scopes.get(path), bodies=bodies)
    return list(found.values())


def documented(openapi: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Each address and verb of an OpenAPI description."""
    return {
        (path, verb.upper())
        for path, operations in openapi["paths"].items()
        for verb in operations
        if verb.upper() in VERBS
    }
