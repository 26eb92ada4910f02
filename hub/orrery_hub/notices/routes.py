"""HTTP routes of notices."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.notices.service import NoticeService
from orrery_wire.notices import NoticeQuery, Notices

Reader = Annotated[User, needs_scope("custom:orrery:notices:read")]
Writer = Annotated[User, needs_scope("custom:orrery:notices:write")]
NoticeId = Annotated[int, Path(ge=1, le=2**31 - 1)]


def router(service: NoticeService) -> Router:
    """Routes of notices."""
    routes = Router(prefix="/notices", tags=["notices"])

    @routes.get("")
    def list_notices(user: Reader, query: Annotated[NoticeQuery, Query()]) -> Notices:
        """What a server of the user has to show now."""
        return service.list(user, query)

    @routes.delete("/{notice}", status_code=204)
    def dismiss(user: Writer, notice: NoticeId) -> None:
        """Do not show a notice any more."""
        service.dismiss(user, notice)

    return routes
