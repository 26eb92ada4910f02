"""Health and metrics routes for an operator's tools."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from orrery_hub.base import sqlite_file
from orrery_hub.base.auth import ScopeRequirement, TokenAuthenticator, bearer_token
from orrery_hub.base.db import Database
from orrery_hub.base.metrics import Metrics
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.errors import OrreryError
from orrery_wire.schemas import Shape


class Health(Shape):
    """Health of the service. `degraded`: it works, and an operator has to read the notices."""

    status: Literal["ok", "degraded", "failing"]
    database: Literal["ok", "failing"]
    notices: tuple[str, ...] = ()


Notices = Callable[[], Sequence[str]]


def health(database: Database, others: Iterable[Notices] = ()) -> Health:
    """Health by a query of the database, its notices and those of the capabilities."""
    try:
        database.ping()
    except OrreryError:
        return Health(status="failing", database="failing")
    notices = (*sqlite_file.notices(database.file), *(text for read in others for text in read()))
    return Health(status="degraded" if notices else "ok", database="ok", notices=notices)


def router(database: Database, metrics: Metrics, notices: Sequence[Notices] = ()) -> APIRouter:
    """Routes ``/health`` and ``/metrics``."""
    routes = APIRouter(tags=["operations"])
    require_admin = ScopeRequirement(PLATFORM_ADMIN)

    @routes.get("/health")
    def get_health() -> Health:
        """Whether the service works; open to all."""
        current = health(database, notices)
        if current.status == "failing":
            return JSONResponse(current.model_dump(), 503)  # type: ignore[return-value]
        return current

    @routes.get("/metrics", response_class=Response)
    async def get_metrics(request: Request) -> Response:
        """Prometheus metrics, for an administrator's token or the one in `secrets/metrics_token`."""
        authenticator: TokenAuthenticator = request.app.state.authenticator
        if not authenticator.is_metrics_token(bearer_token(request)):
            await require_admin(request)
        text, kind = metrics.text()
        return Response(text, media_type=kind)

    return routes
