"""Browser login through JupyterHub (OAuth with PKCE), for pages only.

What has to be remembered between the two halves of a login is in a signed cookie of the browser that started it,
so the service stores nothing for anonymous visitors but the hashes of codes that came back. The token is in another signed cookie, which counts only when
a browser navigates: a script of the same origin, in anybody's lab, cannot use it. That token carries access and
nothing else: whoever reads the cookie cannot act with it.

A page that acts for a person steps up: another trip through JupyterHub gives a token with the scopes that the page
needs, which stays in the memory of the service for a limited time. The cookie holds a random name for it. A page with
a script sends the key that it was drawn with as well, in a header: every lab is the same origin, so the cookie alone
says nothing; the key stands only in a page that no script of another can read.

A code counts in the browser that began the login and in no other: whichever browser brings it first uses it up, and
JupyterHub must have given it in that browser's own session.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from jupyterhub.services.auth import HubOAuth
from tornado.web import HTTPError, create_signed_value, decode_signed_value

from orrery_hub.base.auth import TokenAuthenticator
from orrery_hub.base.pages import Pages, prefers_html
from orrery_hub.base.request_context import request_context
from orrery_hub.base.stepup import Purpose, StepUp, StepUps
from orrery_hub.base.used_codes import UsedCodes
from orrery_hub.base.user import User
from orrery_hub.scopes import ACCESS, ADMIN_PAGE_SCOPES
from orrery_wire.errors import BackendUnavailable, Forbidden, OrreryError
from orrery_wire.json_types import JsonObject

_HANDSHAKE_SECONDS = 600
_SESSION_DAYS = 14
_DAY_SECONDS = 86_400
# JupyterHub's cookie for every path of the hub; a token says in which session it was given.
_SESSION_COOKIE = "jupyterhub-session-id"
# The cookie of a page whose script calls the API.
PAGE_COOKIE = "page"
PAGE_KEY_HEADER = "x-orrery-page"
ADMIN_PAGE = Purpose(PAGE_COOKIE, " ".join(ADMIN_PAGE_SCOPES), 8 * 3600)


@dataclass(frozen=True)
class SignedCookies:
    """Signed cookies below the service's own path."""

    secret: str
    path: str
    prefix: str

    def set(self, response: Response, kind: str, value: str, seconds: int, *, secure: bool) -> None:
        """Set a cookie that no script can read and no other site can make the browser send."""
        name = f"{self.prefix}-{kind}"
        response.set_cookie(
            name,
            create_signed_value(self.secret, name, value).decode("ascii"),
            max_age=seconds,
            path=self.path,
            httponly=True,
            samesite="lax",
            secure=secure,
        )

    def get(self, request: Request, kind: str, max_age_days: float) -> str:
        """The value of a cookie; empty if it is missing, forged or too old."""
        name = f"{self.prefix}-{kind}"
        value = decode_signed_value(
            self.secret, name, request.cookies.get(name, ""), max_age_days=max_age_days
        )
        return value.decode("utf-8", "replace") if value else ""

    def delete(self, response: Response, kind: str) -> None:
        """Delete a cookie."""
        response.delete_cookie(f"{self.prefix}-{kind}", path=self.path)


class Login:
    """Starts and finishes logins, and knows who is logged in."""

    def __init__(self, authenticator: TokenAuthenticator, hub: HubOAuth, secret: str) -> None:
        self._authenticator = authenticator
        self._hub = hub
        self._cookies = SignedCookies(secret, hub.base_url, hub.oauth_client_id)
        self._step_ups = StepUps()
        self._used_codes = UsedCodes()

    async def current_user(self, request: Request) -> User | None:
        """The user who navigates here; None for a script's request, or without a login."""
        if not _is_navigation(request):
            return None
        token = self._cookies.get(request, "token", _SESSION_DAYS)
        return await self._authenticator.authenticate(token) if token else None

    async def stepped_up(self, request: Request, purpose: Purpose) -> tuple[User, StepUp] | None:
        """Who navigates here and stepped up for a purpose a short time ago; None for anybody else.

        JupyterHub is asked about the token each time, so a right that was taken away ends a page too.
        """
        age = purpose.seconds / _DAY_SECONDS
        step_up = self._step_ups.find(self._cookies.get(request, purpose.cookie, age))
        if step_up is None or step_up.scope != purpose.scope or not _is_navigation(request):
            return None
        user = await self._authenticator.authenticate(step_up.token)
        if user is None:
            return None
        # What the page changes, and what it refuses, is recorded as this person's.
        current = request_context.get()
        request_context.set(
            replace(
                current, user=user.name, person_id=user.person_id, permission=purpose.scope[:64]
            )
        )
        return user, step_up

    def page_token(self, request: Request) -> str:
        """The token behind a page whose script sends this request with the page's key; empty if there is none."""
        key = request.headers.get(PAGE_KEY_HEADER, "")
        if not key:
            return ""
        step_up = self._step_ups.find(self._cookies.get(request, PAGE_COOKIE, 1))
        return step_up.token if step_up and step_up.is_page_key(key) else ""

    def start(self, request: Request, purpose: Purpose | None = None) -> Response:
        """Redirect the browser to JupyterHub, and remember in a cookie where to return to.

        With a purpose the log-in is a step up for its scopes; a person comes back with those that the person holds.
        """
        state = secrets.token_urlsafe(16)
        verifier, challenge, method = self._hub.generate_pkce_code_challenge()
        parameters = {
            "client_id": self._hub.oauth_client_id,
            "redirect_uri": self._hub.oauth_redirect_uri,
            "response_type": "code",
            "scope": " ".join([ACCESS, *([purpose.scope] if purpose else [])]),
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": method,
        }
        url = f"{self._hub.oauth_authorization_url}?{urlencode(parameters)}"
        response = RedirectResponse(url, 302)
        handshake = json.dumps(
            {
                "state": state,
                "verifier": verifier,
                "next": request.url.path,
                "purpose": asdict(purpose) if purpose else None,
            }
        )
        secure = request.url.scheme == "https"
        self._cookies.set(response, "login", handshake, _HANDSHAKE_SECONDS, secure=secure)
        return response

    async def finish(self, request: Request, code: str, state: str) -> Response:
        """Exchange the code that JupyterHub sent for a token, and return to the page of the start.

        Raises:
            Forbidden: this browser did not start this login, or the code was given to another.
            BackendUnavailable: JupyterHub refused the code, or does not answer.
        """
        # Before anything is looked at: a code that came to the wrong browser is of no use in the right one.
        is_fresh = self._used_codes.use(code)
        handshake = self._handshake(request, state)
        if not is_fresh or not _is_navigation(request):
            raise _not_begun_here()
        try:
            token = await self._hub.token_for_code(
                code, code_verifier=handshake["verifier"], sync=False
            )
            model = await self._hub.user_for_token(token, use_cache=False, sync=False)
        except HTTPError as problem:
            raise BackendUnavailable(
                "The login could not be completed",
                reason="JupyterHub did not accept the code.",
                remedy="Open the page again.",
            ) from problem
        session = (model or {}).get("session_id") or ""
        if not _is_same(session, request.cookies.get(_SESSION_COOKIE, "")):
            raise _not_begun_here()
        response = RedirectResponse(self._local_path(handshake["next"]), 302)
        self._cookies.delete(response, "login")
        secure = request.url.scheme == "https"
        if handshake["purpose"]:
            purpose = Purpose(**handshake["purpose"])
            owner = str((model or {}).get("name", ""))
            name = self._step_ups.add(token, purpose.scope, purpose.seconds, owner)
            self._cookies.set(response, purpose.cookie, name, purpose.seconds, secure=secure)
        else:
            self._cookies.set(response, "token", token, _SESSION_DAYS * _DAY_SECONDS, secure=secure)
        return response

    def _handshake(self, request: Request, state: str) -> JsonObject:
        """What this browser remembered at the start of the login that ends with ``state``.

        Raises:
            Forbidden: it did not start this login.
        """
        cookie = self._cookies.get(request, "login", _HANDSHAKE_SECONDS / 86_400)
        handshake: JsonObject = json.loads(cookie) if cookie else {}
        if not state or not _is_same(state, handshake.get("state", "")):
            raise _not_begun_here()
        return handshake

    def _local_path(self, path: str) -> str:
        """The path if it is one of this service's, else the service's first page."""
        home: str = self._hub.base_url
        is_plain = path.isascii() and path.isprintable() and "\\" not in path and "//" not in path
        return path if is_plain and path.startswith(home) else home


def _is_same(text: str, expected: str) -> bool:
    return hmac.compare_digest(text.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))


def _not_begun_here() -> Forbidden:
    return Forbidden(
        "The login could not be completed",
        reason="It was begun in another browser or by a script, ended before, or too long ago.",
        remedy="Open the page again.",
    )


def _is_navigation(request: Request) -> bool:
    """Whether a person's browser opens the address as a page, and no script or frame asks for it."""
    mode = request.headers.get("sec-fetch-mode", "navigate")
    destination = request.headers.get("sec-fetch-dest", "document")
    return (mode, destination) == ("navigate", "document")


def router(login: Login, pages: Pages) -> APIRouter:
    """The route to which JupyterHub sends the browser back."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/oauth_callback")
    async def callback(request: Request, code: str = "", state: str = "") -> Response:
        try:
            return await login.finish(request, code, state)
        except OrreryError as problem:
            if not prefers_html(request):
                raise
            return pages.error(problem)

    return routes
