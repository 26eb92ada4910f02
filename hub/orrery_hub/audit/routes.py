"""HTTP routes of the audit."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse

from orrery_hub.audit.schemas import AuditQuery, Entry, ExportQuery
from orrery_hub.audit.service import AuditService
from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_wire.schemas import Page

Admin = Annotated[User, needs_scope("custom:orrery:platform:admin")]
_KINDS = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}


def router(service: AuditService) -> Router:
    """Routes of the audit."""
    routes = Router(tags=["audit"])

    @routes.get("/audit")
    def audit(_: Admin, query: Annotated[AuditQuery, Query()]) -> Page[Entry]:
        """Who changed what, and what was refused, newest first."""
        return service.page(query)

    @routes.get("/audit/export", response_class=StreamingResponse)
    def export(_: Admin, query: Annotated[ExportQuery, Query()]) -> StreamingResponse:
        """All entries that match, oldest first, as a file of JSON lines or CSV."""
        headers = {"Content-Disposition": f'attachment; filename="audit.{query.format}"'}
        text = service.export(query, query.format)
        return StreamingResponse(text, media_type=_KINDS[query.format], headers=headers)

    return routes
