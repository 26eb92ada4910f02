"""The shapes and calls of every capability, from its manifest, as JSON on standard output.

``jlpm schemas`` in ``labextension/`` makes the browser's ``schemas.ts`` and ``client.ts`` from them, ``tools/clients.py``
the kernels' typed dictionaries.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from orrery_hub.access import schemas as access
from orrery_hub.admin import schemas as admin
from orrery_hub.audit import schemas as audit
from orrery_hub.base import health
from orrery_hub.budgets import schemas as budgets
from orrery_hub.culling import schemas as culling
from orrery_hub.failures import schemas as failures
from orrery_hub.people import schemas as people
from orrery_hub.pools import schemas as pools
from orrery_hub.projects import schemas as projects
from orrery_server.base.manifest import Capability
from orrery_server.base.routes import Endpoint
from orrery_server.base.status import CAPABILITY as STATUS
from orrery_wire import project_labels
from orrery_wire.budgets import Budget, BudgetRequest, Cost, MyBudgets
from orrery_wire.json_types import JsonObject as Json
from orrery_wire.pools import Lease
from orrery_wire.projects import Member, Project
from orrery_wire.queue import Ticket
from orrery_wire.schemas import Page, Shape
from tools.manifests import every_capability

# What the browser sends: a field with a default may be left out there, and only there.
SENT = ("In", "Query", "Marks", "Patch")

# The shapes of the hub service that the page of administration draws.
ADMIN_PAGE: list[type[Shape]] = [
    Budget,
    BudgetRequest,
    Cost,
    MyBudgets,
    budgets.Rate,
    Lease,
    Member,
    Project,
    Ticket,
    project_labels.Invitation,
    project_labels.ProjectCounts,
    access.Action,
    access.ClaimMapping,
    access.ClaimMappingIn,
    access.Explanation,
    access.PersonRoles,
    access.RoleTable,
    culling.Advice,
    culling.PoolLimit,
    culling.ServerUse,
    failures.CauseCount,
    failures.Failure,
    failures.FailureRecord,
    people.Offboarding,
    people.Person,
    pools.Grant,
    pools.Image,
    pools.ImageIn,
    pools.LaunchPreview,
    pools.Pool,
    pools.Profile,
    pools.ProfileIn,
    projects.ManagedProject,
    audit.ChainState,
    audit.Entry,
    health.Health,
    admin.Announcement,
    admin.Job,
    admin.JobItem,
    admin.Maintenance,
    admin.Parts,
    admin.RunningServer,
]


class EveryField(GenerateJsonSchema):
    """Every field is there in what the server answers, whether it has a default or not."""

    def field_is_required(self, field: object, total: bool) -> bool:
        """Whether the key is always there."""
        return self.mode == "serialization" or super().field_is_required(field, total)


def shapes_of(endpoints: Iterable[Endpoint]) -> list[type[Shape]]:
    """The shapes that routes name; of a page, the shape of its items."""
    shapes: dict[type[Shape], None] = {}
    for endpoint in endpoints:
        for shape in (endpoint.body, endpoint.query):
            if shape:
                shapes[shape[1]] = None
        if endpoint.response:
            shapes.update(dict.fromkeys(_parts(endpoint.response)))
    return list(shapes)


def _parts(shape: type[Shape]) -> tuple[type[Shape], ...]:
    """The shape itself; of ``Page[Snippet]`` the snippet."""
    arguments: tuple[type[Shape], ...] = shape.__pydantic_generic_metadata__["args"]
    return arguments or (shape,)


def schema(shapes: list[type[Shape]]) -> Json:
    """One schema with a definition for each shape that is reached, and each vocabulary that they use."""
    sent = [shape for shape in shapes if shape.__name__.endswith(SENT)]
    given = [shape for shape in shapes if shape not in sent]
    _, incoming = models_json_schema([(shape, "validation") for shape in sent])
    _, outgoing = models_json_schema(
        [(shape, "serialization") for shape in given], schema_generator=EveryField
    )
    definitions = {**incoming.get("$defs", {}), **outgoing.get("$defs", {})}
    names, words = _sources(shapes)
    order = {name: number for number, name in enumerate(names)}
    named = {
        name: _with_words(definitions[name], words)
        for name in sorted(definitions, key=lambda name: order.get(name, len(order)))
    }
    used = json.dumps(named)
    vocabularies: Json = {
        word: {"type": "string", "enum": list(values)}
        for word, values in words.items()
        if f'"#/$defs/{word}"' in used
    }
    return {"$defs": {**vocabularies, **named}}


def _sources(shapes: list[type[Shape]]) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """The shapes' names in the order of the modules that define them, and those modules' ``Literal`` aliases."""
    # Modules of the ground packages come before those of the server, which stand on them.
    modules = sorted(
        {shape.__module__ for shape in shapes},
        key=lambda name: (name.startswith("orrery_server"), name),
    )
    names: list[str] = []
    words: dict[str, tuple[str, ...]] = {}
    for module in map(import_module, modules):
        names += vars(module)
        words |= {
            name: get_args(value)
            for name, value in vars(module).items()
            if get_origin(value) is Literal
        }
    return names, words


def _with_words(node: object, words: dict[str, tuple[str, ...]]) -> object:
    """The schema with each list of words that has a name replaced by that name."""
    if isinstance(node, list):
        return [_with_words(item, words) for item in node]
    if not isinstance(node, dict):
        return node
    values = tuple(node.get("enum", ()))
    name = next((word for word, known in words.items() if known == values), None)
    if name is not None:
        rest = {key: value for key, value in node.items() if key not in ("enum", "type")}
        return {"$ref": f"#/$defs/{name}", **rest}
    return {key: _with_words(value, words) for key, value in node.items()}


def calls(capability: Capability) -> Iterator[Json]:
    """Each route as a call: its name, request and response, with shapes by name."""
    for endpoint in capability.endpoints:
        response = endpoint.response
        yield {
            "name": endpoint.name,
            "summary": endpoint.summary,
            "method": endpoint.route.method,
            "path": endpoint.route.path,
            "parameters": [[part.name, part.type.__name__] for part in endpoint.parameters],
            "body": endpoint.body[1].__name__ if endpoint.body else None,
            "query": endpoint.query[1].__name__ if endpoint.query else None,
            "needsQuery": bool(endpoint.query)
            and any(field.is_required() for field in endpoint.query[1].model_fields.values()),
            "kernel": endpoint.is_for_kernels,
            "kind": endpoint.kind,
            "response": [part.__name__ for part in _parts(response)] if response else [],
            "isPage": bool(response and response.__name__.startswith("Page[")),
            "isOptional": endpoint.is_optional,
        }


def capabilities_and_base() -> dict[str, Json]:
    """The name of the base and of each capability to its ``schema`` and its ``calls``."""
    result: dict[str, Json] = {
        "base": {"schema": schema([Page, *shapes_of(STATUS.endpoints)]), "calls": []}
    }
    for capability in every_capability():
        result[capability.name] = {
            "schema": schema(shapes_of(capability.endpoints)),
            "calls": list(calls(capability)),
        }
    return result


def share(schemas: dict[str, Json]) -> Json:
    """The definitions that are the same in several schemas, which lose them and list their names as ``shared``.

    A definition is shared with all that it refers to; those of the base are everywhere already.
    """
    places: dict[str, list[Json]] = {}
    for part in schemas.values():
        for name, definition in part["$defs"].items():
            places.setdefault(name, []).append(definition)
    same = {
        name: given[0]
        for name, given in places.items()
        if len(given) > 1 and all(definition == given[0] for definition in given)
    }
    while alone := [name for name, given in same.items() if not _references(given) <= same.keys()]:
        for name in alone:
            del same[name]
    for part in schemas.values():
        part["shared"] = [name for name in part["$defs"] if name in same]
        for name in part["shared"]:
            del part["$defs"][name]
    return {"$defs": same}


def _references(node: object) -> set[str]:
    return set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(node)))


if __name__ == "__main__":
    lab, page = capabilities_and_base(), schema(ADMIN_PAGE)
    others = {name: part["schema"] for name, part in lab.items() if name != "base"}
    shared = share({"admin": page} | others)
    json.dump({"lab": lab, "admin": page, "shared": shared}, sys.stdout, indent=1)
