"""The page where a person shares a snippet with everyone.

No lab carries the permission for it, because code in a notebook acts with what its lab carries. So the person opens
this page of the hub, sees what is about to be shared, and a step up through JupyterHub says that it is the person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response

from orrery_hub.base.login import Login
from orrery_hub.base.pages import Pages
from orrery_hub.base.stepup import Purpose, StepUp
from orrery_hub.base.user import User
from orrery_hub.scopes import PUBLISH
from orrery_hub.snippets.secret_check import CHECK_SECONDS
from orrery_hub.snippets.service import SnippetService
from orrery_wire.errors import Forbidden, Invalid, OrreryError, Unauthenticated
from orrery_wire.names import Identifier, is_invisible
from orrery_wire.secret_scan import snippet_findings
from orrery_wire.snippets import Finding, StoredSnippet

Id = Annotated[Identifier, Path()]
_PUBLISHING = Purpose("step", PUBLISH, 600)


def router(service: SnippetService, login: Login, pages: Pages) -> APIRouter:
    """The page of one snippet, and what its form does."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/publish/{id}")
    async def show(request: Request, id: Id) -> Response:
        stepped_up = await login.stepped_up(request, _PUBLISHING)
        if stepped_up is None:
            return login.start(request, _PUBLISHING)
        user, step_up = stepped_up
        try:
            _require_publisher(user)
            snippet = await asyncio.to_thread(service.find, user, id)
            secrets = await asyncio.to_thread(_findings, snippet)
        except OrreryError as problem:
            return pages.error(problem)
        return pages.render(
            "snippet_publish.html",
            has_form=True,
            snippet=snippet,
            is_author=snippet.created_by == user.name,
            is_shared=snippet.scope == "everyone",
            findings=secrets,
            has_invisible=_has_invisible(snippet),
            form_key=step_up.page_key,
        )

    @routes.post("/publish/{id}")
    async def change(
        request: Request,
        id: Id,
        key: str = "",
        version: str = "",
        action: str = "",
        allow_secrets: bool = False,
    ) -> Response:
        stepped_up = await login.stepped_up(request, _PUBLISHING)
        if stepped_up is None:
            raise Unauthenticated("You are not logged in", remedy="Open the page again.")
        user, step_up = stepped_up
        try:
            _require_publisher(user)
            _check_form(step_up, key, version, action)
            await asyncio.to_thread(
                _change, service, user, id, action, int(version[:9]), allow_secrets
            )
        except OrreryError as problem:
            return pages.error(problem)
        if action == "delete":
            return pages.render("snippet_deleted.html")
        return RedirectResponse(request.url.path, 303)

    return routes


def _change(
    service: SnippetService,
    user: User,
    id: str,
    action: str,
    version: int,
    allow_secrets: bool,
) -> None:
    if action == "publish":
        service.share(user, id, "everyone", version, allow_secrets=allow_secrets)
    elif action == "take-back":
        service.share(user, id, "mine", version, allow_secrets=True)  # fewer see it than before
    else:
        service.delete(user, id)


def _findings(snippet: StoredSnippet) -> Sequence[Finding]:
    """What looks like a secret in a snippet that only its author sees yet."""
    if snippet.scope == "everyone":
        return ()
    return snippet_findings(snippet, seconds=CHECK_SECONDS)


def _has_invisible(snippet: StoredSnippet) -> bool:
    names = (snippet.name, *snippet.tags, *snippet.prefixes, *snippet.languages)
    sources = (cell.source for cell in snippet.cells)
    return any(map(is_invisible, "".join((snippet.description, *names, *sources))))


def _check_form(step_up: StepUp, key: str, version: str, action: str) -> None:
    """What a form sends stands in its address: nothing of a body is read before it is known who asks."""
    if not step_up.is_page_key(key):
        raise Forbidden(
            "The request could not be trusted",
            reason="The form was not drawn for this log-in.",
            remedy="Open the page again.",
        )
    if action not in ("publish", "take-back", "delete") or not version.isdecimal():
        raise Invalid("The form is not whole", remedy="Open the page again.")


def _require_publisher(user: User) -> None:
    if not user.may(PUBLISH):
        raise Forbidden(
            "You may not share with everyone",
            reason=f"It needs the permission {PUBLISH}.",
            remedy="Ask an administrator of the hub for it, or share the snippet with a project.",
        )
