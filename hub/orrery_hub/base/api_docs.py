"""The OpenAPI description of the hub service's API, and a page drawn from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, RedirectResponse, Response

from orrery_hub.base.auth import TokenAuthenticator, bearer_token, declared_routes
from orrery_hub.base.login import Login
from orrery_hub.base.pages import Pages
from orrery_wire.errors import OrreryError, Unauthenticated
from orrery_wire.json_types import JsonObject

# A part of an OpenAPI description, which is JSON.
Node = Mapping[str, Any]


def describe(app: FastAPI) -> JsonObject:
    """The OpenAPI description, with the scope that each operation needs and the one error body."""
    if app.openapi_schema:
        return app.openapi_schema
    description = get_openapi(title=app.title, version=app.version, routes=app.routes)
    components = description.setdefault("components", {})
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A JupyterHub token."}
    }
    components.setdefault("schemas", {})["Error"] = _error_schema()
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for operations in description["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {"description": "A failure", "content": error}
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    for route in declared_routes(app):
        for method in route.methods if route.scope else ():
            description["paths"][route.path][method.lower()] |= {
                "x-orrery-scope": route.scope,
                "security": [{"token": []}],
            }
    app.openapi_schema = description
    return description


def _error_schema() -> dict[str, object]:
    body = OrreryError("").body()
    properties = {
        name: {"type": "object" if isinstance(value, dict) else "string"}
        for name, value in body.items()
    }
    return {"type": "object", "required": list(body), "properties": properties}


@dataclass(frozen=True)
class Operation:
    """One method of one path, as the page shows it; ``facts`` are pairs of name and value."""

    method: str
    path: str
    description: str
    facts: tuple[tuple[str, str], ...]


def operations_by_tag(description: Node) -> dict[str, list[Operation]]:
    """The operations of an OpenAPI description, in alphabetical order of tags and paths."""
    groups: dict[str, list[Operation]] = {}
    for path, operations in sorted(description["paths"].items()):
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["service"])[0]
            groups.setdefault(tag, []).append(
                Operation(
                    method.upper(),
                    path,
                    operation.get("description", operation.get("summary", "")),
                    tuple(_facts(operation)),
                )
            )
    return dict(sorted(groups.items()))


def _facts(operation: Node) -> Iterator[tuple[str, str]]:
    yield "Scope", operation.get("x-orrery-scope", "none: open to all")
    for parameter in operation.get("parameters", ()):
        kind = parameter.get("schema", {}).get("type", "")
        yield f"{parameter['in']} · {parameter['name']}", kind
    bodies = {"body": operation.get("requestBody", {})}
    bodies |= {f"response {status}": body for status, body in operation["responses"].items()}
    for name, body in bodies.items():
        schema = body.get("content", {}).get("application/json", {}).get("schema", {})
        if reference := schema.get("$ref"):
            yield name, reference.rsplit("/", 1)[-1]


def router(login: Login, pages: Pages) -> APIRouter:
    """The pages; a browser that is not logged in is sent to JupyterHub and comes back."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def home(request: Request) -> Response:
        return RedirectResponse(f"{request.url.path}api/docs", 302)

    @routes.get("/api/docs")
    async def docs(request: Request) -> Response:
        if await login.current_user(request) is None:
            return login.start(request)
        description = describe(request.app)
        return pages.render(
            "api_docs.html", groups=operations_by_tag(description), **description["info"]
        )

    @routes.get("/api/openapi.json")
    async def openapi(request: Request) -> Response:
        authenticator: TokenAuthenticator = request.app.state.authenticator
        token = bearer_token(request)
        user = await (authenticator.authenticate(token) if token else login.current_user(request))
        if user is None:
            raise Unauthenticated("You are not logged in", remedy="Log in and try again.")
        return JSONResponse(describe(request.app))

    return routes
