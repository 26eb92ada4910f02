"""The pages that a person sees in a browser: the API, drawn from its own description.

Nothing is loaded from elsewhere and there is no script; the style follows the lab, light and dark.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from orrery_hub.base.auth import bearer, declared
from orrery_hub.base.login import Login
from orrery_wire.errors import OrreryError, Unauthenticated

_STYLE = """
:root{color-scheme:light dark;--ink:#212121;--quiet:#616161;--ground:#fff;--card:#f5f5f5;--line:#e0e0e0;--brand:#1565c0}
@media(prefers-color-scheme:dark){:root{--ink:#e0e0e0;--quiet:#a8a8a8;--ground:#111;--card:#1c1c1c;--line:#383838;--brand:#82b1ff}}
body{margin:0;background:var(--ground);color:var(--ink);font:14px/1.5 system-ui,sans-serif}
main{max-width:960px;margin:0 auto;padding:24px}
h1{font-size:22px;margin:0 0 4px}h2{font-size:16px;margin:28px 0 8px;text-transform:capitalize}
p{margin:4px 0;color:var(--quiet)}code{font:13px ui-monospace,monospace;color:var(--ink)}a{color:var(--brand)}
details{background:var(--card);border:1px solid var(--line);border-radius:4px;margin:6px 0;padding:8px 12px}
summary{cursor:pointer}summary:focus-visible{outline:2px solid var(--brand)}
b{display:inline-block;min-width:60px;color:var(--brand);font:600 12px ui-monospace,monospace}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:8px 0 4px}dt{color:var(--quiet)}dd{margin:0}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, with the scope that each operation needs and the one error body."""
    if app.openapi_schema:
        return app.openapi_schema
    said = get_openapi(title=app.title, version=app.version, routes=app.routes)
    parts = said.setdefault("components", {})
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A JupyterHub token."}
    }
    parts.setdefault("schemas", {})["Error"] = _error_schema()
    problem = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for operations in said["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {"description": "A failure", "content": problem}
    for leftover in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(leftover, None)
    for route in declared(app):
        for method in route.methods if route.scope else ():
            said["paths"][route.path][method.lower()] |= {
                "x-orrery-scope": route.scope,
                "security": [{"token": []}],
            }
    app.openapi_schema = said
    return said


def _error_schema() -> dict[str, Any]:
    body = OrreryError("").body()
    properties = {
        name: {"type": "object" if isinstance(value, dict) else "string"}
        for name, value in body.items()
    }
    return {"type": "object", "required": list(body), "properties": properties}


def page(said: dict[str, Any]) -> str:
    """The description as a page to read."""
    groups: dict[str, list[str]] = {}
    for path, operations in sorted(said["paths"].items()):
        for method, operation in operations.items():
            group = (operation.get("tags") or ["service"])[0]
            groups.setdefault(group, []).append(_operation(method, path, operation))
    body = "".join(
        f"<h2>{escape(name)}</h2>{''.join(rows)}" for name, rows in sorted(groups.items())
    )
    title = escape(said["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><main>'
        f"<h1>{title}</h1><p>Version {escape(said['info']['version'])}. Send a JupyterHub token as"
        ' <code>Authorization: Bearer …</code>. The same as <a href="openapi.json">OpenAPI</a>.</p>'
        f"{body}</main></body></html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    facts = [("Scope", operation.get("x-orrery-scope", "none: open to all"))]
    for parameter in operation.get("parameters", ()):
        kind = parameter.get("schema", {}).get("type", "")
        facts.append((f"{parameter['in']} · {parameter['name']}", kind))
    for where, content in _bodies(operation):
        facts.append((where, content))
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd><code>{escape(value)}</code></dd>" for name, value in facts
    )
    told = escape(operation.get("description", operation.get("summary", "")))
    return (
        f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> {told}</summary>"
        f"<dl>{rows}</dl></details>"
    )


def _bodies(operation: dict[str, Any]) -> list[tuple[str, str]]:
    found = [("body", operation.get("requestBody", {}))]
    found += [(f"answer {status}", answer) for status, answer in operation["responses"].items()]
    named = []
    for where, part in found:
        schema = part.get("content", {}).get("application/json", {}).get("schema", {})
        if reference := schema.get("$ref"):
            named.append((where, reference.rsplit("/", 1)[-1]))
    return named


def router(login: Login) -> APIRouter:
    """The pages; a browser that is not logged in is sent to JupyterHub and comes back."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def home(request: Request) -> Response:
        return RedirectResponse(f"{request.url.path}api/docs", 302)

    @routes.get("/api/docs")
    async def docs(request: Request) -> Response:
        if await login.visitor(request) is None:
            return login.begin(request)
        return HTMLResponse(
            page(describe(request.app)), headers={"Content-Security-Policy": _POLICY}
        )

    @routes.get("/api/openapi.json")
    async def openapi(request: Request) -> Response:
        gate = request.app.state.gate
        token = bearer(request)
        person = await gate.person(token) if token else await login.visitor(request)
        if person is None:
            raise Unauthenticated("You are not logged in", remedy="Log in and try again.")
        return JSONResponse(describe(request.app))

    return routes
