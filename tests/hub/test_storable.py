"""Text that no database stores is refused where it comes in, whatever field of whatever request it is in.

PostgreSQL has no NUL in a text, and no encoding has half of a pair of surrogates. A field that takes it would be an unforeseen failure there, and none with SQLite.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, TypeAdapter, ValidationError

from tests.hub.services import Service

# What is stored as JSON, in which such a character is escaped; and what a route looks at as a whole.
_STORED_OTHERWISE = {
    "SnippetCell.source",
    "SnippetIn.description",
    "ProfileSpec.node_affinity",
    "LaunchIn.options",
}
_TEXTS = ("\x00", "a\x00", "a\x00b", "\ud800", "a\udfff", "\udc80b")
_SIGNS = re.compile(r"[\x00\ud800-\udfff]|\\x00|\\ud[89a-f]")


def _samples(kind: Any) -> Iterator[Any]:
    """Values with such a text for a type that may hold one; nothing for others."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from _samples(arguments[0])
    elif kind is str:
        yield from _TEXTS
    elif origin in (Union, UnionType):
        for argument in arguments:
            yield from _samples(argument)
    elif origin in (tuple, list, set, frozenset):
        for argument in arguments:
            if argument is not Ellipsis:
                yield from ([sample] for sample in _samples(argument))
    elif origin is dict:
        yield from ({sample: "a"} for sample in _samples(arguments[0]))
        yield from ({"a": sample} for sample in _samples(arguments[1]))


def _shapes(kind: Any) -> Iterator[type[BaseModel]]:
    """The shapes that a type names."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for argument in get_args(kind):
        yield from _shapes(argument)


def _faults(kind: Any, where: str, seen: set[type[BaseModel]]) -> Iterator[str]:
    for sample in _samples(kind):
        try:
            accepted = TypeAdapter(kind).validate_python(sample)
        except ValidationError:
            continue
        if _SIGNS.search(str(accepted)) or _SIGNS.search(repr(accepted)):
            yield where
            break
    for shape in _shapes(kind):
        if shape in seen:
            continue
        seen.add(shape)
        for name, field in shape.model_fields.items():
            inner = (
                Annotated[(field.annotation, *field.metadata)]
                if field.metadata
                else field.annotation
            )  # type: ignore[valid-type]
            yield from _faults(inner, f"{shape.__name__}.{name}", seen)


def test_no_field_of_a_request_takes_text_that_cannot_be_stored(service: Service) -> None:
    faults: list[str] = []
    seen: set[type[BaseModel]] = set()
    fields = 0
    for context in iter_route_contexts(service.app.routes):
        # Forms of pages hold keys and choices, which are compared with what there is.
        if not isinstance(context.original_route, APIRoute) or "/api/" not in (context.path or ""):
            continue
        waiting = [context.dependant]
        while waiting:
            dependant = waiting.pop()
            waiting += dependant.dependencies
            for field in (*dependant.path_params, *dependant.query_params, *dependant.body_params):
                fields += 1
                info = field.field_info
                kind = (
                    Annotated[(info.annotation, *info.metadata)]
                    if info.metadata
                    else info.annotation
                )  # type: ignore[valid-type]
                faults += _faults(kind, f"{context.path} {field.name}", seen)
    assert fields > 100
    assert sorted(set(faults) - _STORED_OTHERWISE) == []
    assert set(faults) >= _STORED_OTHERWISE
