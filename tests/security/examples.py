"""A good request for every route that takes a body, made from the shape that the route declares.

What a shape does not say (an address that nobody has, a file's format) is set by ``OVERRIDES``. Keys are a verb and the
address below ``/orrery`` or ``/services/orrery/api``, with ``{}`` for what varies.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from tests.security.routes import Route, matching

SNIPPET: dict[str, Any] = {
    "name": "A snippet",
    "description": "What it does",
    "language": "python",
    "tags": ["a tag"],
    "prefix": "pre",
    "cells": [{"kind": "code", "source": "x = 1"}],
}
_OF_MINE = {**SNIPPET, "scope": ..., "project": ...}

# A table that is not there: what is asked is looked at whole, and no worker is started for it.
TABLE: dict[str, Any] = {
    "kind": "file",
    "location": "no-such-table.csv",
    "table": "t",
    "sheet": "s",
    "name": "A table",
}

SUITE: dict[str, Any] = {
    "name": "Checks",
    "checks": [
        {"code": "in_set", "column": "a column", "values": ["x", 1], "why": "It was so."},
        {"code": "matches", "column": "other", "pattern": "^a+$", "minimum": "a"},
    ],
}

# `...` leaves a field out.
FOLDER: dict[str, Any] = {
    "audience": "person",
    "kind": "folder",
    "project": ...,
    "secrets": ...,
    "spec": {"path": "/data"},
}
OVERRIDES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "eda/runs"): {
        "task": "comparison",
        "source": TABLE,
        "against": TABLE,
        "suite": SUITE,
        "options": {"target": "a column", "seconds": 1},
        "parent": ...,
        "newer": ...,
    },
    ("POST", "eda/runs/{}/code"): {"what": "value", "column": 1, "alert": "missing:1"},
    ("POST", "eda/code"): {"source": TABLE},
    ("POST", "connections"): FOLDER,
    ("POST", "data/connections"): FOLDER,
    ("POST", "data/connections/test"): {
        "connection": {
            "name": "x",
            "kind": "folder",
            "description": "d",
            "spec": {"path": "/data"},
        },
        "id": ...,
    },
    ("POST", "datasets"): {"audience": "person", "project": ...},
    ("PATCH", "datasets/{}"): {"owner": ...},
    ("PATCH", "data/connections/{}"): {"spec": ..., "secrets": ...},
    ("POST", "data/preview"): {"location": "files", "path": "reads.csv"},
    ("POST", "data/rows"): {"location": "files", "path": "reads.csv"},
    ("POST", "data/queries"): {"statement": "SELECT 1 AS a"},
    ("POST", "data/queries/format"): {"statement": "SELECT 1 AS a"},
    ("POST", "data/queries/estimate"): {"statement": "SELECT 1 AS a"},
    ("POST", "data/upload"): {"location": "files", "path": "uploaded", "content": "eA=="},
    ("POST", "data/folders"): {"location": "files", "path": "made"},
    ("POST", "data/delete"): {"location": "files", "paths": ["nothing"]},
    ("POST", "data/delete/undo"): {"location": "files"},
    ("POST", "eda/checks"): {"suite": SUITE, "format": "sql"},
    ("PUT", "projects/current"): {"slug": None},
    ("POST", "snippets"): _OF_MINE,
    ("PUT", "snippets/{}"): _OF_MINE,
    ("PATCH", "snippets/{}/marks"): {"favourite": True, "position": 1.5},
    ("POST", "snippets/batch"): {"items": [{"action": "save", "content": {**SNIPPET}}]},
    ("POST", "snippets/import"): {
        "files": [
            {
                "name": "x.code-snippets",
                "content": '{"Print": {"prefix": "p", "body": "print($1)", "description": "d"}}',
            }
        ],
        "project": ...,
    },
    ("POST", "snippets/libraries"): {"url": "https://canary.invalid/x.git"},
}


def tail(route: Route) -> str:
    """The address of a route as the keys above have it."""
    if route.part == "hub":
        return re.sub(r"{\w+}", "{}", route.pattern.partition("/orrery/api/")[2])
    plain = re.sub(r"\((?:[^()]|\([^()]*\))*\)", "{}", route.pattern.partition("/orrery/")[2])
    return re.sub(r"\\(.)", r"\1", plain).rstrip("$").removesuffix("/?")


def body_of(verb: str, route: Route) -> dict[str, Any] | None:
    """The example, or nothing where the address is all."""
    if verb not in route.bodies:
        return None
    schema = route.bodies[verb]
    body = {**_example(schema, schema), **copy.deepcopy(OVERRIDES.get((verb, tail(route)), {}))}
    return {name: value for name, value in body.items() if value is not ...}


def _example(schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """The smallest value that a JSON schema allows, with every text that may be sent."""
    if "$ref" in schema:
        named: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            named = named[step]
        return _example(named, root)
    if choices := schema.get("anyOf"):
        return _example(choices[0], root)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            return {
                name: _example(inner, root)
                for name, inner in schema.get("properties", {}).items()
                if name in required or _is_text(inner)
            }
        case "array":
            return [_example(schema["items"], root)]
        case "string":
            pattern = schema.get("pattern")
            return matching(pattern) if pattern else "x" * max(1, schema.get("minLength", 1))
        case "boolean":
            return True
        case _:
            return schema.get("minimum", 1)


def _is_text(schema: dict[str, Any]) -> bool:
    """Whether a field takes a text, so that hostile texts are sent in it."""
    inner = schema.get("anyOf", [schema])[0]
    return inner.get("type") == "string" and "format" not in inner


def with_text(example: Any, text: str) -> Iterator[tuple[str, Any]]:
    """The example once for each of its text fields, with the text in that field."""
    for place in places(example):
        changed = copy.deepcopy(example)
        inner = changed
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = text
        yield ".".join(map(str, place)), changed


def with_text_everywhere(example: Any, text: str) -> Any:
    """The example with the text in all of its text fields."""
    changed = copy.deepcopy(example)
    for place in places(example):
        inner = changed
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = text
    return changed


def places(example: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the texts of an example are."""
    if isinstance(example, str) or (example is None and before):
        yield before
    elif isinstance(example, dict):
        for name, value in example.items():
            yield from places(value, (*before, name))
    elif isinstance(example, list):
        for number, value in enumerate(example):
            yield from places(value, (*before, number))


def at(found: Any, place: str) -> Any:
    """What an answer has where a text was sent."""
    for step in place.split("."):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found
