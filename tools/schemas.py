"""The shapes of every capability as JSON schemas, on standard output.

``jlpm schemas`` in ``labextension/`` makes the browser's ``schemas.ts`` from them.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Literal, get_args, get_origin

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from orrery_server.base.schemas import Status
from orrery_wire.schemas import Page, Shape

MODULES = {
    "eda": ("orrery_engine.schemas", "orrery_server.eda.schemas"),
    "projects": ("orrery_wire.projects", "orrery_server.projects.schemas"),
    "snippets": ("orrery_wire.snippets", "orrery_server.snippets.schemas"),
}
# What the hub service tells the lab's server, and no browser gets.
HUB_ONLY = frozenset({"Me", "Membership", "ProjectPatch"})
# What the browser sends: a field with a default may be left out there, and only there.
SENT = ("In", "Query", "Marks")

Json = dict[str, Any]


class EveryField(GenerateJsonSchema):
    """Every field is there in what the server answers, whether it has a default or not."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        """Whether the key is always there."""
        return self.mode == "serialization" or super().field_is_required(field, total)


def schema(shapes: list[type[Shape]], words: dict[str, tuple[str, ...]]) -> Json:
    """One schema with a definition for each shape, and for each vocabulary that they use."""
    sent = [shape for shape in shapes if shape.__name__.endswith(SENT)]
    given = [shape for shape in shapes if shape not in sent]
    _, incoming = models_json_schema([(shape, "validation") for shape in sent])
    _, outgoing = models_json_schema(
        [(shape, "serialization") for shape in given], schema_generator=EveryField
    )
    definitions = {**incoming.get("$defs", {}), **outgoing.get("$defs", {})}
    order = [shape.__name__ for shape in shapes]
    named = {
        name: _with_words(definitions[name], words)
        for name in sorted(definitions, key=lambda name: order.index(name))
    }
    used = json.dumps(named)
    vocabularies: Json = {
        word: {"type": "string", "enum": list(values)}
        for word, values in words.items()
        if f'"#/$defs/{word}"' in used
    }
    return {"$defs": {**vocabularies, **named}}


def shapes_of(module: ModuleType) -> list[type[Shape]]:
    """The shapes that a module defines itself, in the order of its source."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Shape)
        and value.__module__ == module.__name__
        and value.__name__ not in HUB_ONLY
        and "[" not in value.__name__  # pydantic leaves Page[X] in the module too
    ]


def words_of(module: ModuleType) -> dict[str, tuple[str, ...]]:
    """The named vocabularies of a module: its ``Literal`` aliases."""
    return {
        name: get_args(value)
        for name, value in vars(module).items()
        if get_origin(value) is Literal
    }


def _with_words(node: Any, words: dict[str, tuple[str, ...]]) -> Any:
    """The schema with each list of words that has a name replaced by that name."""
    if isinstance(node, list):
        return [_with_words(one, words) for one in node]
    if not isinstance(node, dict):
        return node
    values = tuple(node.get("enum", ()))
    name = next((word for word, known in words.items() if known == values), None)
    if name is not None:
        rest = {key: value for key, value in node.items() if key not in ("enum", "type")}
        return {"$ref": f"#/$defs/{name}", **rest}
    return {key: _with_words(value, words) for key, value in node.items()}


def main() -> None:
    """Print one object: the name of each capability, and of the base, to its schema."""
    answer = {"base": schema([Page, Status], {})}
    for capability, names in MODULES.items():
        modules = [import_module(name) for name in names]
        shapes = [shape for module in modules for shape in shapes_of(module)]
        words = {name: values for module in modules for name, values in words_of(module).items()}
        answer[capability] = schema(shapes, words)
    json.dump(answer, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
