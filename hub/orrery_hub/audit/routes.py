"""HTTP routes of the audit."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response, StreamingResponse
from pydantic import ValidationError

from orrery_hub.audit.schemas import (
    AuditFilter,
    AuditQuery,
    ChainState,
    Entry,
    ExportQuery,
    Format,
)
from orrery_hub.audit.service import AuditService
from orrery_hub.audit.verifier import Verifier
from orrery_hub.base.auth import needs_scope, require_scope
from orrery_hub.base.login import ADMIN_PAGE, Login
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.errors import Unauthenticated
from orrery_wire.schemas import Page

Admin = Annotated[User, needs_scope(PLATFORM_ADMIN)]
_KINDS = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}


def router(service: AuditService, verifier: Verifier) -> Router:
    """Routes of the audit."""
    routes = Router(tags=["audit"])

    @routes.get("/audit")
    def audit(_: Admin, query: Annotated[AuditQuery, Query()]) -> Page[Entry]:
        """Who changed what, and what was refused, newest first."""
        return service.page(query)

    @routes.get("/audit/export", response_class=StreamingResponse)
    def export(_: Admin, query: Annotated[ExportQuery, Query()]) -> StreamingResponse:
        """All entries that match, oldest first, as a file of JSON lines or CSV."""
        return _file(service, query, query.format)

    @routes.get("/audit/verification")
    def verification(_: Admin) -> ChainState:
        """Whether the chain of entries is whole, as far as the last verification says."""
        return verifier.state()

    @routes.post("/audit/verification", status_code=202)
    def verify(user: Admin) -> ChainState:
        """Begin to verify the whole chain; it goes on when nobody waits."""
        service.note_verification(user.name)
        return verifier.start()

    return routes


def pages_router(service: AuditService, login: Login) -> APIRouter:
    """The export for a browser: a link of the page of administration, which a browser saves while it arrives."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/admin/audit")
    async def download(request: Request) -> Response:
        stepped_up = await login.stepped_up(request, ADMIN_PAGE)
        if stepped_up is None:
            # A log-in would come back without the filters, and export everything.
            raise Unauthenticated("You are not logged in", remedy="Open the page again.")
        require_scope(stepped_up[0], PLATFORM_ADMIN)
        # After it is known who asks: a stranger is told nothing about the parameters.
        try:
            query = ExportQuery.model_validate(dict(request.query_params))
        except ValidationError as problem:
            raise RequestValidationError(problem.errors()) from None
        return _file(service, query, query.format)

    return routes


def _file(service: AuditService, query: AuditFilter, format: Format) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="audit.{format}"'}
    return StreamingResponse(
        service.export(query, format), media_type=_KINDS[format], headers=headers
    )
