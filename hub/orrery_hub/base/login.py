"""Logging a browser in through JupyterHub (OAuth with PKCE), for pages only.

What has to be remembered between the two halves of a login lies in a signed cookie of the browser that
began it, so the service keeps nothing for strangers. The token lies in another signed cookie; it is believed
only when a browser navigates: a script of the same origin, in anybody's lab, cannot use it.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from jupyterhub.services.auth import HubOAuth
from tornado.web import HTTPError, create_signed_value, decode_signed_value

from orrery_hub.base.auth import TokenAuthenticator
from orrery_hub.base.user import User
from orrery_wire.errors import BackendUnavailable, Forbidden

_HANDSHAKE_SECONDS = 600
_SESSION_DAYS = 14


@dataclass(frozen=True)
class Cookies:
    """Signed cookies below the service's own path."""

    secret: str
    path: str
    name: str

    def put(self, answer: Response, kind: str, value: str, seconds: int, *, secure: bool) -> None:
        """Set one; a script cannot read it, and another site cannot make the browser send it."""
        name = f"{self.name}-{kind}"
        answer.set_cookie(
            name,
            create_signed_value(self.secret, name, value).decode("ascii"),
            max_age=seconds,
            path=self.path,
            httponly=True,
            samesite="lax",
            secure=secure,
        )

    def get(self, request: Request, kind: str, days: float) -> str:
        """What was set, if it is ours and not too old."""
        name = f"{self.name}-{kind}"
        value = decode_signed_value(
            self.secret, name, request.cookies.get(name, ""), max_age_days=days
        )
        return value.decode("utf-8", "replace") if value else ""

    def drop(self, answer: Response, kind: str) -> None:
        """Remove one."""
        answer.delete_cookie(f"{self.name}-{kind}", path=self.path)


class Login:
    """The two halves of a login, and who is logged in."""

    def __init__(self, gate: TokenAuthenticator, hub: HubOAuth, secret: str) -> None:
        self._gate = gate
        self._hub = hub
        self._cookies = Cookies(secret, hub.base_url, hub.oauth_client_id)

    async def visitor(self, request: Request) -> User | None:
        """Who navigates here; nobody if a script fetches, or if nobody is logged in."""
        if request.headers.get("sec-fetch-mode", "navigate") != "navigate":
            return None
        if request.headers.get("sec-fetch-dest", "document") != "document":
            return None
        token = self._cookies.get(request, "token", _SESSION_DAYS)
        return await self._gate.person(token) if token else None

    def begin(self, request: Request) -> Response:
        """Send the browser to JupyterHub, and remember where it wanted to go."""
        state = secrets.token_urlsafe(16)
        verifier, challenge, method = self._hub.generate_pkce_code_challenge()
        asked = {
            "client_id": self._hub.oauth_client_id,
            "redirect_uri": self._hub.oauth_redirect_uri,
            "response_type": "code",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": method,
        }
        answer = RedirectResponse(f"{self._hub.oauth_authorization_url}?{urlencode(asked)}", 302)
        kept = json.dumps({"state": state, "verifier": verifier, "next": request.url.path})
        self._cookies.put(answer, "login", kept, _HANDSHAKE_SECONDS, secure=_secure(request))
        return answer

    async def end(self, request: Request, code: str, state: str) -> Response:
        """Take the code that JupyterHub sent the browser back with, and let the browser in.

        Raises:
            Forbidden: this browser did not begin this login.
        """
        raw = self._cookies.get(request, "login", _HANDSHAKE_SECONDS / 86_400)
        kept: dict[str, str] = json.loads(raw) if raw else {}
        if not state or not hmac.compare_digest(state.encode(), kept.get("state", "").encode()):
            raise Forbidden(
                "The login could not be completed",
                reason="It was begun in another browser, or too long ago.",
                remedy="Open the page again.",
            )
        try:
            token = await self._hub.token_for_code(code, code_verifier=kept["verifier"], sync=False)
        except HTTPError as problem:
            raise BackendUnavailable(
                "The login could not be completed",
                reason="JupyterHub did not accept the code.",
                remedy="Open the page again.",
            ) from problem
        answer = RedirectResponse(self._inside(kept["next"]), 302)
        self._cookies.drop(answer, "login")
        self._cookies.put(answer, "token", token, _SESSION_DAYS * 86_400, secure=_secure(request))
        return answer

    def _inside(self, path: str) -> str:
        """The path, if it is one of this service's, else the service's first page."""
        home: str = self._hub.base_url
        plain = path.isascii() and path.isprintable() and "\\" not in path and "//" not in path
        return path if plain and path.startswith(home) else home


def _secure(request: Request) -> bool:
    forwarded = request.headers.get("x-forwarded-proto", request.url.scheme)
    return forwarded.split(",")[0].strip() == "https"


def router(login: Login) -> APIRouter:
    """Where JupyterHub sends the browser back to."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/oauth_callback")
    async def callback(request: Request, code: str = "", state: str = "") -> Response:
        return await login.end(request, code, state)

    return routes
