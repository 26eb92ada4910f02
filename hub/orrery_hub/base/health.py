"""What an operator's tools ask: is it alive, and how is it doing."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from orrery_hub.base import sqlite_file
from orrery_hub.base.auth import ScopeRequirement, TokenAuthenticator, bearer
from orrery_hub.base.db import Database
from orrery_hub.base.metrics import Metrics
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.errors import OrreryError
from orrery_wire.schemas import Shape


class Health(Shape):
    """How the service is. `degraded`: it works, and an operator has to read the notices."""

    status: Literal["ok", "degraded", "failing"]
    database: Literal["ok", "failing"]
    notices: tuple[str, ...] = ()


def health(database: Database) -> Health:
    """Ask the database, and look for notices."""
    try:
        database.ping()
    except OrreryError:
        return Health(status="failing", database="failing")
    told = tuple(sqlite_file.notices(database.file))
    return Health(status="degraded" if told else "ok", database="ok", notices=told)


def router(database: Database, metrics: Metrics) -> APIRouter:
    """The two addresses."""
    routes = APIRouter(tags=["operations"])
    needs_admin = ScopeRequirement(PLATFORM_ADMIN)

    @routes.get("/health")
    def healthy() -> Health:
        """Whether the service works; open to all."""
        found = health(database)
        if found.status == "failing":
            return JSONResponse(found.model_dump(), 503)  # type: ignore[return-value]
        return found

    @routes.get("/metrics", response_class=Response)
    async def measured(request: Request) -> Response:
        """Prometheus metrics, for an administrator's token or the one in `secrets/metrics_token`."""
        gate: TokenAuthenticator = request.app.state.gate
        if not gate.is_metrics_token(bearer(request)):
            await needs_admin(request)
        text, kind = metrics.text()
        return Response(text, media_type=kind)

    return routes
