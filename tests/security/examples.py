"""A good request for every route that takes a body; without one here, a new route fails the tests.

Keys are a verb and the address below ``/orrery`` or ``/services/orrery/api``, with ``{}`` for what varies.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from tests.security.routes import Route

SNIPPET: dict[str, Any] = {
    "name": "A snippet",
    "description": "What it does",
    "language": "python",
    "tags": ["a tag"],
    "prefix": "pre",
    "cells": [{"kind": "code", "source": "x = 1"}],
}

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

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "eda/handovers"): {"name": "df", "dialect": "pandas", "rows": 1, "bytes": 10},
    ("POST", "eda/runs"): {
        "task": "comparison",
        "source": TABLE,
        "against": TABLE,
        "suite": SUITE,
        "options": {"target": "a column", "seconds": 1},
    },
    ("POST", "eda/runs/{}/code"): {
        "what": "value",
        "column": 1,
        "value": "x",
        "alert": "missing:1",
        "frame": "df",
    },
    ("POST", "eda/code"): {"source": TABLE, "dialect": "pandas", "frame": "df"},
    ("POST", "eda/checks"): {"suite": SUITE, "format": "sql", "table": "t"},
    ("POST", "projects"): {"slug": "example", "name": "Example", "description": "Words"},
    ("PATCH", "projects/{}"): {"name": "Example", "description": "Words"},
    ("PUT", "projects/current"): {"slug": None},
    ("PUT", "projects/{}/members/{}"): {"role": "viewer"},
    ("POST", "snippets"): SNIPPET,
    ("PUT", "snippets/{}"): SNIPPET,
    ("PATCH", "snippets/{}/marks"): {"favourite": True, "position": 1.5},
    ("POST", "snippets/scan"): {"cells": [{"kind": "code", "source": "x = 1"}]},
    ("POST", "snippets/import"): {
        "files": [
            {
                "name": "x.code-snippets",
                "content": '{"Print": {"prefix": "p", "body": "print($1)", "description": "d"}}',
            }
        ]
    },
    ("POST", "snippets/libraries"): {
        "name": "example",
        "url": "https://canary.invalid/x.git",
        "ref": "main",
        "folder": "snippets",
    },
}

# Routes that change something by their address alone.
NO_BODY = frozenset(
    {
        ("DELETE", "eda/handovers/{}"),
        ("DELETE", "eda/runs/{}"),
        ("POST", "eda/runs/{}/cancel"),
        ("DELETE", "projects/{}"),
        ("DELETE", "projects/{}/members/{}"),
        ("DELETE", "snippets/{}"),
        ("POST", "snippets/{}/undelete"),
        ("POST", "snippets/{}/versions/{}/restore"),
        ("DELETE", "snippets/libraries/{}"),
        ("POST", "snippets/libraries/{}/refresh"),
        ("DELETE", "snippets/libraries/{}/refresh"),
    }
)


def tail(route: Route) -> str:
    """The address of a route as the keys above have it."""
    if route.part == "hub":
        return re.sub(r"{\w+}", "{}", route.pattern.partition("/orrery/api/")[2])
    plain = re.sub(r"\((?:[^()]|\([^()]*\))*\)", "{}", route.pattern.partition("/orrery/")[2])
    return re.sub(r"\\(.)", r"\1", plain).rstrip("$").removesuffix("/?")


def body_of(verb: str, route: Route) -> dict[str, Any] | None:
    """The example, or nothing where the address is all.

    Raises:
        LookupError: neither table has the route.
    """
    key = (verb, tail(route))
    if verb in ("GET", "HEAD", "OPTIONS"):
        return None
    if key in BODIES:
        return copy.deepcopy(BODIES[key])
    if key in NO_BODY or key[1] == "{}" or route.handler.endswith("NoSuchRoute"):
        return None
    raise LookupError(f"{verb} {route} has no example in tests/security/examples.py ({key})")


def with_text(example: Any, text: str) -> Iterator[tuple[str, Any]]:
    """The example once for each of its text fields, with the text in that field."""
    for place in places(example):
        changed = copy.deepcopy(example)
        inner = changed
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = text
        yield ".".join(map(str, place)), changed


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
