"""The page of a person's access tokens: their names, what they carry, until when; make one, revoke one.

A lab does not carry the right to make tokens, because code in a notebook acts with what its lab carries. So the person
comes to this page of the hub, and a step up through JupyterHub says that it is the person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from orrery_hub import scopes
from orrery_hub.access.service import AccessService
from orrery_hub.access.tokens import TOKENS, HubTokens
from orrery_hub.base.login import Login
from orrery_hub.base.pages import Pages
from orrery_hub.base.stepup import Purpose, StepUp
from orrery_hub.base.user import User
from orrery_wire.errors import Forbidden, Invalid, OrreryError, Unauthenticated

DAYS = (1, 7, 30, 90, 365)
_NAME_LENGTH = 80
Scopes = Annotated[list[str], Query(max_length=100)]

_PURPOSE = Purpose("step", TOKENS, 600)


def router(service: AccessService, tokens: HubTokens, login: Login, pages: Pages) -> APIRouter:
    """The page, the question before a token is made, and what the buttons do."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/tokens")
    async def show(
        request: Request,
        name: str = "",
        days: int = 0,
        scope: Scopes = [],  # noqa: B006  # FastAPI copies it
    ) -> Response:
        stepped_up = await login.stepped_up(request, _PURPOSE)
        if stepped_up is None:
            return login.start(request, _PURPOSE)
        user, step_up = stepped_up
        try:
            return await _shown(service, tokens, pages, user, step_up, name, days, scope)
        except OrreryError as problem:
            return pages.error(problem)

    @routes.post("/tokens")
    async def change(
        request: Request,
        key: str = "",
        action: str = "",
        id: str = "",
        name: str = "",
        days: int = 0,
        scope: Scopes = [],  # noqa: B006  # FastAPI copies it
    ) -> Response:
        stepped_up = await login.stepped_up(request, _PURPOSE)
        if stepped_up is None:
            raise Unauthenticated("You are not logged in", remedy="Open the page again.")
        user, step_up = stepped_up
        try:
            _check_form(step_up, key, action)
            if action == "create":
                return await _create(service, tokens, pages, user, step_up, name, days, scope)
            token = await tokens.revoke(user.name, step_up.token, id)
            await asyncio.to_thread(service.record_token, user, "revoke", token.name, token.scopes)
        except OrreryError as problem:
            return pages.error(problem)
        return RedirectResponse(request.url.path, 303)

    return routes


async def _shown(
    service: AccessService,
    tokens: HubTokens,
    pages: Pages,
    user: User,
    step_up: StepUp,
    name: str,
    days: int,
    scope: Sequence[str],
) -> Response:
    """The list of tokens; the question before a token is made once there is something to ask about."""
    choices = await asyncio.to_thread(service.token_scopes, user)
    if name or scope or days:
        chosen = _check(name, days, scope, choices)
        return pages.render(
            "token_new.html",
            has_form=True,
            name=name.strip(),
            days=days,
            chosen=chosen,
            form_key=step_up.page_key,
        )
    return pages.render(
        "tokens.html",
        has_form=True,
        form_key=step_up.page_key,
        tokens=await tokens.list(user.name, step_up.token),
        choices=choices,
        days=DAYS,
        name_length=_NAME_LENGTH,
    )


async def _create(
    service: AccessService,
    tokens: HubTokens,
    pages: Pages,
    user: User,
    step_up: StepUp,
    name: str,
    days: int,
    scope: Sequence[str],
) -> Response:
    choices = await asyncio.to_thread(service.token_scopes, user)
    chosen = [item.name for item in _check(name, days, scope, choices)]
    new = await tokens.create(user.name, step_up.token, name.strip(), chosen, days)
    await asyncio.to_thread(service.record_token, user, "create", new.token.name, chosen)
    return pages.render("token_created.html", new=new)


def _check(
    name: str, days: int, names: Sequence[str], choices: Sequence[scopes.Scope]
) -> Sequence[scopes.Scope]:
    """What the token is to carry.

    Raises:
        Invalid: it has no name, no end, or carries what the person does not have.
    """
    chosen = [choice for choice in choices if choice.name in set(names)]
    text = name.strip()
    if not text or len(text) > _NAME_LENGTH or not text.isprintable():
        problem = f"A token needs a name of at most {_NAME_LENGTH} characters."
    elif days not in DAYS:
        problem = "A token needs an end."
    elif not names or len(chosen) != len(set(names)):
        problem = "A token carries at least one permission, and none that you do not have."
    else:
        return chosen
    raise Invalid("The token was not made", reason=problem, remedy="Go back, and choose again.")


def _check_form(step_up: StepUp, key: str, action: str) -> None:
    """What a form sends stands in its address: nothing of a body is read before it is known who asks."""
    if not step_up.is_page_key(key):
        raise Forbidden(
            "The request could not be trusted",
            reason="The form was not drawn for this log-in.",
            remedy="Open the page again.",
        )
    if action not in ("create", "revoke"):
        raise Invalid("The form is not whole", remedy="Open the page again.")
