"""HTTP routes of the audit."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from orrery_hub.audit.schemas import AuditQuery, Entry
from orrery_hub.audit.service import AuditService
from orrery_hub.base.auth import needs_scope
from orrery_hub.base.user import User
from orrery_wire.schemas import Page

Admin = Annotated[User, needs_scope("custom:orrery:platform:admin")]


def router(service: AuditService) -> APIRouter:
    """Routes of the audit."""
    routes = APIRouter(tags=["audit"])

    @routes.get("/audit")
    def audit(_: Admin, query: Annotated[AuditQuery, Query()]) -> Page[Entry]:
        """Who changed what, newest first."""
        return service.page(query)

    return routes
