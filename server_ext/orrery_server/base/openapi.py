"""The lab's own API as an OpenAPI 3.1 document, drawn from the manifests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from orrery_server.base.manifest import Capability
from orrery_server.base.routes import Endpoint
from orrery_wire.schemas import Shape

Json = dict[str, Any]
Refs = Mapping[tuple[type[Shape], JsonSchemaMode], Json]
_REF = "#/components/schemas/{model}"
_ERROR = {"$ref": "#/components/responses/Error"}
_ERROR_TEXTS = ("code", "message", "reason", "remedy", "request_id")


def document(manifests: Sequence[Capability], version: str, base_url: str = "/") -> Json:
    """The whole document.

    Args:
        manifests: in the order in which their tags are listed.
        version: of Orrery.
        base_url: where the Jupyter server answers, with a slash at its end.
    """
    endpoints = [endpoint for manifest in manifests for endpoint in manifest.endpoints]
    generated, definitions = models_json_schema(_models(endpoints), ref_template=_REF)
    refs = cast("Refs", generated)
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        path = paths.setdefault(f"/{endpoint.route.path}", {})
        path[endpoint.route.method.lower()] = _operation(endpoint, refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Orrery in a lab",
            "version": version,
            "description": "What a person's own Jupyter server answers below `/orrery`.",
        },
        "servers": [{"url": f"{base_url}orrery"}],
        "security": [{"jupyter": []}, {"lab": []}],
        "tags": [{"name": manifest.name, "description": manifest.title} for manifest in manifests],
        "paths": paths,
        "components": {
            "schemas": {**definitions.get("$defs", {}), "Error": _error_schema()},
            "responses": {
                "Error": {
                    "description": "What failed, why, and what to do.",
                    "content": _content({"$ref": "#/components/schemas/Error"}),
                }
            },
            "securitySchemes": {
                "jupyter": _key("Jupyter Server's token: `token <value>`"),
                "lab": _key("The token of this lab's kernels and terminals: `orrery <value>`"),
            },
        },
    }


def _models(endpoints: Iterable[Endpoint]) -> list[tuple[type[Shape], JsonSchemaMode]]:
    models: dict[tuple[type[Shape], JsonSchemaMode], None] = {}
    for endpoint in endpoints:
        if endpoint.body:
            models[endpoint.body[1], "validation"] = None
        if endpoint.query:
            models[endpoint.query[1], "validation"] = None
        if endpoint.response:
            models[endpoint.response, "serialization"] = None
    return list(models)


def _operation(endpoint: Endpoint, refs: Refs) -> Json:
    operation: Json = {
        "operationId": f"{endpoint.capability}_{endpoint.name}",
        "summary": endpoint.summary,
        "tags": [endpoint.capability],
        "description": f"Needs the permission `{endpoint.scope}`.",
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": {**_responses(endpoint, refs), "default": _ERROR},
        "x-orrery-scope": endpoint.scope,
        "security": [{"jupyter": []}, *([{"lab": []}] if endpoint.is_for_kernels else [])],
    }
    if endpoint.body:
        schema = refs[endpoint.body[1], "validation"]
        operation["requestBody"] = {"required": True, "content": _content(schema)}
    return operation


def _path_parameters(endpoint: Endpoint) -> Iterable[Json]:
    for parameter in endpoint.parameters:
        yield {
            "name": parameter.name,
            "in": "path",
            "required": True,
            "schema": parameter.rule.json_schema(),
        }


def _query_parameters(endpoint: Endpoint) -> Iterable[Json]:
    if not endpoint.query:
        return
    shape = endpoint.query[1]
    schema = shape.model_json_schema(ref_template=_REF)
    for name, inner in schema.get("properties", {}).items():
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": inner.get("description", ""),
            "schema": _given(inner),
        }


def _given(schema: Json) -> Json:
    """The schema of a parameter that is there: one that may be None is left out instead."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return {**choices[0], **({"title": schema["title"]} if "title" in schema else {})}


def _responses(endpoint: Endpoint, refs: Refs) -> Json:
    status, empty = str(endpoint.status), {"description": "Done; there is nothing to say."}
    if endpoint.kind == "empty":
        return {status: empty}
    if endpoint.kind == "download":
        return {status: {"description": "The file.", "content": {endpoint.route.media: {}}}}
    schema = refs[endpoint.response, "serialization"] if endpoint.response else {}
    media = "text/event-stream" if endpoint.kind == "stream" else "application/json"
    described = {status: {"description": endpoint.summary, "content": _content(schema, media)}}
    return {**described, "204": empty} if endpoint.is_optional else described


def _content(schema: Json, media: str = "application/json") -> Json:
    return {media: {"schema": schema}}


def _error_schema() -> Json:
    properties: Json = {name: {"type": "string"} for name in _ERROR_TEXTS}
    properties["details"] = {"type": "object"}
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def _key(description: str) -> Json:
    return {"type": "apiKey", "in": "header", "name": "Authorization", "description": description}
