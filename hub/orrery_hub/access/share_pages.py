"""The page where a person shares a server by a link, and ends that; after a step up, as with tokens."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from orrery_hub.access.service import AccessService
from orrery_hub.access.shares import SHARES, HubShares
from orrery_hub.base.login import Login
from orrery_hub.base.pages import Pages
from orrery_hub.base.stepup import Purpose, StepUp
from orrery_hub.base.user import User
from orrery_wire.errors import Forbidden, Invalid, OrreryError, Unauthenticated

HOURS = (1, 8, 24, 168)

_PURPOSE = Purpose("step", SHARES, 600)


def router(service: AccessService, shares: HubShares, login: Login, pages: Pages) -> APIRouter:
    """The page, and what its buttons do."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/shares")
    async def show(request: Request) -> Response:
        stepped_up = await login.stepped_up(request, _PURPOSE)
        if stepped_up is None:
            return login.start(request, _PURPOSE)
        user, step_up = stepped_up
        try:
            servers = await shares.list(user.name, step_up.token)
        except OrreryError as problem:
            return pages.error(problem)
        return pages.render(
            "shares.html", has_form=True, servers=servers, hours=HOURS, form_key=step_up.page_key
        )

    @routes.post("/shares")
    async def change(
        request: Request, key: str = "", action: str = "", server: str = "", hours: int = 0
    ) -> Response:
        stepped_up = await login.stepped_up(request, _PURPOSE)
        if stepped_up is None:
            raise Unauthenticated("You are not logged in", remedy="Open the page again.")
        user, step_up = stepped_up
        try:
            _check_form(step_up, key, action, hours)
            link = await _change(shares, user, step_up, action, server, hours)
            on = server or user.name
            await asyncio.to_thread(service.record_share, user, action, on, hours)
        except OrreryError as problem:
            return pages.error(problem)
        if not link:
            return RedirectResponse(request.url.path, 303)
        origin = "" if "://" in link else str(request.base_url).rstrip("/")
        return pages.render("share_created.html", link=f"{origin}{link}", hours=hours)

    return routes


async def _change(
    shares: HubShares, user: User, step_up: StepUp, action: str, server: str, hours: int
) -> str:
    if action == "share":
        return await shares.create_link(user.name, step_up.token, server, hours)
    await shares.revoke(user.name, step_up.token, server)
    return ""


def _check_form(step_up: StepUp, key: str, action: str, hours: int) -> None:
    """What a form sends stands in its address: nothing of a body is read before it is known who asks."""
    if not step_up.is_page_key(key):
        raise Forbidden(
            "The request could not be trusted",
            reason="The form was not drawn for this log-in.",
            remedy="Open the page again.",
        )
    if action not in ("share", "unshare") or (action == "share" and hours not in HOURS):
        raise Invalid("The form is not whole", remedy="Open the page again.")
