"""HTTP routes of the board of failures, and of the report by the process that starts servers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from starlette.concurrency import run_in_threadpool

from orrery_hub.base.accounts import Account, Accounts
from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.failures.schemas import (
    CauseCount,
    CauseQuery,
    Failure,
    FailurePatch,
    FailureQuery,
    FailureRecord,
)
from orrery_hub.failures.service import FailureService
from orrery_hub.scopes import LAUNCH, PLATFORM_ADMIN
from orrery_wire.failures import FailureIn
from orrery_wire.schemas import Page

Admin = Annotated[User, needs_scope(PLATFORM_ADMIN)]
Launcher = Annotated[User, needs_scope(LAUNCH)]
FailureId = Annotated[int, Path(alias="failure", ge=1, le=2**31 - 1)]


def router(service: FailureService, accounts: Accounts) -> Router:
    """Routes of failures."""
    routes = Router(tags=["failures"])

    @routes.post("/launch/failed", status_code=204)
    async def note_failure(_: Launcher, request: FailureIn) -> None:
        """Note that a server did not start, or ended by itself."""
        person_id = await accounts.identify(Account(request.user, request.created))
        await run_in_threadpool(service.report, person_id, request)

    @routes.get("/failures")
    def list_failures(_: Admin, query: Annotated[FailureQuery, Query()]) -> Page[Failure]:
        """The servers that did not start, or ended by themselves, with their causes."""
        return service.list(query)

    @routes.get("/failures/causes")
    def list_causes(_: Admin, query: Annotated[CauseQuery, Query()]) -> Page[CauseCount]:
        """How often each cause occurred, the commonest first."""
        return service.causes(query)

    @routes.get("/failures/{failure}")
    def get_failure(_: Admin, id: FailureId) -> FailureRecord:
        """One failure, with events and last lines of log."""
        return service.get(id)

    @routes.patch("/failures/{failure}")
    def change_failure(user: Admin, id: FailureId, request: FailurePatch) -> FailureRecord:
        """Mark a failure as handled, or open it again."""
        return service.change(user, id, request)

    return routes
