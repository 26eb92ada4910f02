"""The page of a person's invitations to projects: accept or decline each, after a step up."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from orrery_hub.base.login import Login
from orrery_hub.base.pages import Pages
from orrery_hub.base.stepup import Purpose, StepUp
from orrery_hub.projects.invitations import InvitationService
from orrery_hub.scopes import PROJECTS_WRITE
from orrery_wire.errors import Forbidden, Invalid, OrreryError, Unauthenticated
from orrery_wire.schemas import PageQuery

_MOST = 200

_PURPOSE = Purpose("step", PROJECTS_WRITE, 600)


def router(service: InvitationService, login: Login, pages: Pages) -> APIRouter:
    """The page, and what its buttons do."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/invitations")
    async def show(request: Request) -> Response:
        stepped_up = await login.stepped_up(request, _PURPOSE)
        if stepped_up is None:
            return login.start(request, _PURPOSE)
        user, step_up = stepped_up
        try:
            page = await asyncio.to_thread(service.received, user, PageQuery(limit=_MOST))
        except OrreryError as problem:
            return pages.error(problem)
        return pages.render("invitations.html", has_form=True, page=page, form_key=step_up.page_key)

    @routes.post("/invitations")
    async def change(request: Request, key: str = "", action: str = "", slug: str = "") -> Response:
        stepped_up = await login.stepped_up(request, _PURPOSE)
        if stepped_up is None:
            raise Unauthenticated("You are not logged in", remedy="Open the page again.")
        user, step_up = stepped_up
        try:
            _check_form(step_up, key, action)
            answer = service.accept if action == "accept" else service.decline
            await asyncio.to_thread(answer, user, slug)
        except OrreryError as problem:
            return pages.error(problem)
        return RedirectResponse(request.url.path, 303)

    return routes


def _check_form(step_up: StepUp, key: str, action: str) -> None:
    """What a form sends stands in its address: nothing of a body is read before it is known who asks."""
    if not step_up.is_page_key(key):
        raise Forbidden(
            "The request could not be trusted",
            reason="The form was not drawn for this log-in.",
            remedy="Open the page again.",
        )
    if action not in ("accept", "decline"):
        raise Invalid("The form is not whole", remedy="Open the page again.")
