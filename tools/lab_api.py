"""The lab's own API as pages of the documentation: the OpenAPI document, and a page that draws it without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from orrery_server.base.openapi import document
from orrery_server.base.status import CAPABILITY as STATUS
from orrery_server.base.version import __version__
from tools.manifests import every_capability
from tools.markdown import table

Json = dict[str, Any]


def described() -> Json:
    """The document that a lab serves at ``/orrery/openapi.json``."""
    return document((STATUS, *every_capability()), __version__)


def page() -> str:
    """The page, in Markdown."""
    api = described()
    parts = [
        "# API of a lab",
        "This page is made from the code by `python tools/reference.py`. A lab serves the same as an OpenAPI 3.1"
        " document at `/orrery/openapi.json`; a copy is [lab-api.json](lab-api.json).",
    ]
    for tag in api["tags"]:
        parts.append(f"## {tag['description']}")
        for path, operations in api["paths"].items():
            for method, operation in operations.items():
                if tag["name"] in operation["tags"]:
                    parts += operation_parts(method, path, operation)
    parts.append("## Shapes")
    for name, schema in sorted(api["components"]["schemas"].items()):
        parts += shape_parts(name, schema)
    return "\n\n".join(parts) + "\n"


def operation_parts(method: str, path: str, operation: Json) -> Iterator[str]:
    """Heading, meaning, permission, parameters, body and responses of one route."""
    yield f"### `{method.upper()} /orrery{path}`"
    yield f"{operation['summary']}. {operation['description']}"
    if parameters := operation["parameters"]:
        yield table(
            ("Parameter", "In", "Type", "Is"),
            (
                (
                    f"`{parameter['name']}`",
                    parameter["in"],
                    type_of(parameter["schema"]),
                    parameter.get("description", ""),
                )
                for parameter in parameters
            ),
        )
    lines = []
    if "requestBody" in operation:
        lines.append(f"Body: {content_of(operation['requestBody'])}.")
    for status, response in operation["responses"].items():
        if status != "default":
            lines.append(f"Response {status}: {content_of(response) or 'nothing'}.")
    yield " ".join(lines)


def shape_parts(name: str, schema: Json) -> Iterator[str]:
    """Heading, meaning and fields of one shape."""
    yield f"### {title(name)} {{ #{anchor(name)} }}"
    if "description" in schema:
        yield " ".join(schema["description"].split())
    required = schema.get("required", ())
    yield table(
        ("Field", "Type", "Is"),
        (
            (
                f"`{field}`" + ("" if field in required else " (may be left out)"),
                type_of(inner),
                inner.get("description", ""),
            )
            for field, inner in schema.get("properties", {}).items()
        ),
    )


def content_of(part: Json) -> str:
    """The type of a body or response, with its media type if that is not JSON."""
    kinds = []
    for media, content in part.get("content", {}).items():
        kind = type_of(content["schema"]) if "schema" in content else "a file"
        kinds.append(kind if media in ("application/json", "*/*") else f"{kind} as `{media}`")
    return ", ".join(kinds)


def type_of(schema: Json) -> str:
    """A JSON schema in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{title(name)}](#{anchor(name)})"
    if choices := schema.get("anyOf"):
        return " or ".join(dict.fromkeys(type_of(choice) for choice in choices))
    if "const" in schema or "enum" in schema:
        return " or ".join(f"`{json.dumps(v)}`" for v in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    limits = [f"{word} {schema[key]}" for key, word in _LIMITS.items() if key in schema]
    return f"{kind} ({', '.join(limits)})" if limits else str(kind)


_LIMITS = {
    "format": "format",
    "minimum": "from",
    "maximum": "to",
    "minLength": "at least",
    "maxLength": "at most",
}


def title(name: str) -> str:
    """The name of a shape as people read it."""
    return re.sub(r"^Page_(\w+)_$", r"Page of \1", name)


def anchor(name: str) -> str:
    """Where a shape stands on the page."""
    return f"shape-{name.lower().replace('_', '-').rstrip('-')}"
