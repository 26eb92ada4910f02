"""The page of administration. Its script calls the service's API for the person who opened the page.

The page holds a key, and the service holds the token: see ``base.login``. An owner of projects who is no administrator
gets the same page with the own projects alone, because that is what the token carries.
"""

from __future__ import annotations

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import Response

from orrery_hub import __version__
from orrery_hub.admin.assets import Assets
from orrery_hub.base.login import ADMIN_PAGE, Login
from orrery_hub.base.pages import Pages
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.errors import BackendUnavailable, NotFound

_FOREVER = "public, max-age=31536000, immutable"


def router(assets: Assets, login: Login, pages: Pages) -> APIRouter:
    """The page, and the files that it loads."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/admin")
    async def show(request: Request) -> Response:
        stepped_up = await login.stepped_up(request, ADMIN_PAGE)
        if stepped_up is None:
            return login.start(request, ADMIN_PAGE)
        if not assets.is_built:
            return pages.error(_not_built())
        user, step_up = stepped_up
        facts = {
            "key": step_up.page_key,
            "user": user.name,
            "isAdmin": user.may(PLATFORM_ADMIN),
            "api": f"{request.url.path.removesuffix('/admin')}/api",
            "hub": pages.hub_url,
            "version": __version__,
        }
        return pages.render_script(
            "admin.html",
            nonce=secrets.token_urlsafe(16),
            script=f"admin/assets/{assets.script}",
            sheet=f"admin/assets/{assets.style}",
            facts=facts,
        )

    @routes.get("/admin/assets/{name}")
    async def asset(request: Request, name: str) -> Response:
        file = assets.by_name.get(name)
        if file is None:
            raise NotFound("There is no such file", remedy="Open the page again.")
        headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(file.compressed, media_type=file.media_type, headers=headers)
        return Response(file.content, media_type=file.media_type, headers=headers)

    return routes


def _not_built() -> BackendUnavailable:
    return BackendUnavailable(
        "The page of administration is missing",
        reason="This installation has no script for it: it was made from a checkout without a build.",
        remedy="Run `make install` in the checkout, then restart the hub service.",
    )
