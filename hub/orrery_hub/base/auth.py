"""Authentication by JupyterHub's tokens, and authorisation by the scopes that routes declare.

A route declares the scope that it needs, ``needs_scope("custom:orrery:...")``; ``require_scopes`` refuses to start
a service with a route that declares none. Only a token in the ``Authorization`` header counts for the API: a
cookie would be sent by any page of the same origin, and every lab is such a page.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from jupyterhub.services.auth import HubOAuth
from tornado.web import HTTPError

from orrery_hub.base.accounts import Account, account_of
from orrery_hub.base.contracts import PermissionSource, Standing
from orrery_hub.base.db import now
from orrery_hub.base.limits import Slots
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.request_context import request_context
from orrery_hub.base.user import LAUNCHER, NOBODY, User
from orrery_hub.scopes import LAUNCH, NAMES, PLATFORM_ADMIN, require_known
from orrery_wire.errors import BackendUnavailable, Forbidden, Unauthenticated
from orrery_wire.names import is_user_name

_MAX_CACHED = 10_000
_REFUSAL_SECONDS = 5.0
# How long a request waits for JupyterHub where an answer is there that was right a moment ago.
_PATIENCE_SECONDS = 1.5
# Questions about tokens that were never known here: so many at once, and so many that wait for a turn.
_STRANGER_QUESTIONS = 4
_STRANGER_QUEUE = 60
# An account younger than this may have been made between two questions about one token.
_YOUNG_SECONDS = 60.0


class AccountSource(Protocol):
    """Who the people behind the accounts are; ``accounts.Accounts``, or a test's."""

    async def read(self, name: str) -> Account | None:
        """The account of a name; None if JupyterHub has none."""

    async def identify(self, account: Account) -> int:
        """The id of the person whose account it is."""


@dataclass(frozen=True)
class _Owner:
    """What JupyterHub says about the owner of a token."""

    account: Account
    admin: bool
    scopes: frozenset[str]
    standing: Standing


@dataclass(frozen=True)
class _Answer:
    """What JupyterHub said about a token: the owner, when it was asked, and until when that is believed."""

    owner: _Owner
    asked_at: float
    until: float


class TokenAuthenticator:
    """Asks JupyterHub about tokens and believes each answer for ``seconds``.

    While JupyterHub does not answer, whoever was admitted less than ``grace_seconds`` ago stays admitted: it cannot
    delete anybody either. Concurrent requests with one token share one question. The cache holds hashes of tokens and
    is bounded. Tokens that nobody has ever proved take turns at the hub, and those that wait are bounded too: guesses
    neither keep the hub busy nor push a person's token out of the cache.
    """

    def __init__(
        self,
        hub: HubOAuth,
        metrics: Metrics,
        accounts: AccountSource,
        *,
        seconds: float = 4,
        grace_seconds: float = 30,
        metrics_token: str = "",
        launcher_token: str = "",
        permissions: PermissionSource | None = None,
    ) -> None:
        self.hub = hub
        self._permissions = permissions
        self._metrics = metrics
        self._accounts = accounts
        self._seconds = seconds
        self._grace_seconds = grace_seconds
        self._metrics_token = metrics_token
        self._launcher_token = launcher_token
        self._cache: OrderedDict[bytes, _Answer] = OrderedDict()
        self._refused: OrderedDict[bytes, float] = OrderedDict()
        self._questions = Slots(_STRANGER_QUESTIONS, _STRANGER_QUEUE)
        self._pending: dict[bytes, asyncio.Task[_Owner | None]] = {}

    async def authenticate(self, token: str) -> User | None:
        """The owner of a token; None if JupyterHub does not know it or it lacks access to this service.

        Raises:
            BackendUnavailable: JupyterHub does not answer.
            Forbidden: the name of the owner is none that the hub service admits.
            TooMany: too many unknown tokens wait for an answer already.
        """
        if _is_equal(token, self._launcher_token):
            return User(LAUNCHER, NOBODY, scopes=frozenset({LAUNCH}))
        key = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        cached = self._cache.get(key)
        owner: _Owner | None
        if cached and cached.until > time.monotonic():
            owner = cached.owner
        elif self._refused.get(key, 0.0) > time.monotonic():
            owner = None
        else:
            owner = await self._confirmed(key, token, cached)
        if owner is None:
            return None
        person_id = await self._accounts.identify(owner.account)
        withheld: frozenset[str] = frozenset()
        if self._permissions is not None:
            allowed = await self._permissions.allowed(person_id, owner.standing)
            withheld = (owner.scopes & NAMES) - allowed
        name, scopes = owner.account.name, owner.scopes - withheld
        return User(name, person_id, owner.admin, scopes, withheld, owner.standing.groups)

    async def allowed(self, person_id: int, standing: Standing) -> frozenset[str]:
        """The scopes that a person's roles allow, whatever a token carries."""
        if self._permissions is None:
            return NAMES
        return await self._permissions.allowed(person_id, standing)

    def is_metrics_token(self, token: str) -> bool:
        """Whether it is the token in ``secrets/metrics_token``, which Prometheus sends."""
        return _is_equal(token, self._metrics_token)

    async def _confirmed(self, key: bytes, token: str, cached: _Answer | None) -> _Owner | None:
        """JupyterHub's answer now; where it does not come, the last one, if that is recent."""
        if (pending := self._pending.get(key)) is None:
            pending = asyncio.create_task(self._ask(key, token, cached.owner if cached else None))
            self._pending[key] = pending
            pending.add_done_callback(lambda task: self._finish(key, task))
        if cached is None or time.monotonic() > cached.asked_at + self._grace_seconds:
            return await asyncio.shield(pending)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await asyncio.shield(pending)
        except (BackendUnavailable, TimeoutError):
            return cached.owner

    def _finish(self, key: bytes, task: asyncio.Task[_Owner | None]) -> None:
        self._pending.pop(key, None)
        if not task.cancelled():
            task.exception()  # whoever still waits gets it; nobody may

    async def _ask(self, key: bytes, token: str, previous: _Owner | None) -> _Owner | None:
        asked_at = time.monotonic()
        if previous:
            owner = await self._ask_hub(token, previous)
        else:
            await self._questions.acquire()
            try:
                asked_at = time.monotonic()
                owner = await self._ask_hub(token, None)
            finally:
                self._questions.release()
        if owner is None:
            self._cache.pop(key, None)
            self._refused[key] = asked_at + min(self._seconds, _REFUSAL_SECONDS)
            _shorten(self._refused, key)
        else:
            self._cache[key] = _Answer(owner, asked_at, asked_at + self._seconds)
            _shorten(self._cache, key)
        return owner

    async def _ask_hub(self, token: str, previous: _Owner | None) -> _Owner | None:
        model = await self._model(token)
        if model is None:
            return None
        name = model["name"]
        if not is_user_name(name):
            raise Forbidden(
                "The hub service does not admit this user name",
                reason="It holds what cannot be seen, or what would change an address.",
                remedy="Ask an administrator of the hub to rename the account.",
            )
        if "created" in model:
            account: Account | None = account_of(model)
        elif previous and previous.account.name == name:
            # A token belongs to one account for ever.
            account = previous.account
        else:
            account = await self._accounts.read(name)
            if account and _is_young(account) and await self._model(token) is None:
                account = None  # the token was of an account that had this name before
        if account is None:
            return None
        admin, scopes = bool(model.get("admin")), frozenset(model["scopes"])
        standing = Standing(
            name, admin or PLATFORM_ADMIN in scopes, frozenset(model.get("groups") or ())
        )
        return _Owner(account, admin, scopes, standing)

    async def _model(self, token: str) -> Mapping[str, Any] | None:
        """JupyterHub's model of the user who has a token; None without access to this service."""
        try:
            model = await self.hub.user_for_token(token, use_cache=False, sync=False)
        except HTTPError as problem:
            self._metrics.hub_calls.labels("identify", "failed").inc()
            raise BackendUnavailable(
                "The hub cannot say who you are",
                reason="JupyterHub did not answer the hub service.",
                remedy="Try again in a moment.",
            ) from problem
        self._metrics.hub_calls.labels("identify", "known" if model else "unknown").inc()
        if not model or model.get("kind") != "user":
            return None
        return model if self.hub.check_scopes(self.hub.access_scopes, model) else None


def _is_equal(token: str, expected: str) -> bool:
    """Whether it is the expected token, which is never an empty text."""
    return bool(expected) and hmac.compare_digest(
        token.encode("utf-8", "replace"), expected.encode()
    )


def _shorten(cache: OrderedDict[bytes, Any], newest: bytes) -> None:
    cache.move_to_end(newest)
    while len(cache) > _MAX_CACHED:
        cache.popitem(last=False)


def _is_young(account: Account) -> bool:
    age = now() - account.created if account.created else None
    return age is not None and abs(age.total_seconds()) < _YOUNG_SECONDS


def bearer_token(request: Request) -> str:
    """The token in the ``Authorization`` header; empty if there is none."""
    return bearer_token_of(request.headers.get("authorization", ""))


def bearer_token_of(header: str) -> str:
    """The token in the value of an ``Authorization`` header; empty if there is none."""
    scheme, _, value = header.partition(" ")
    return value.strip() if scheme.lower() in {"bearer", "token"} else ""


def require_user(user: User | None) -> User:
    """The user.

    Raises:
        Unauthenticated: there is none.
    """
    if user is None:
        raise Unauthenticated(
            "You are not logged in",
            reason="The request carries no token that the hub knows and lets in here.",
            remedy="Log in and try again; in a lab, restart your server.",
        )
    return user


class ScopeRequirement:
    """FastAPI dependency that gives the user, if the token carries a scope."""

    def __init__(self, scope: str) -> None:
        self.scope = require_known(scope)

    async def __call__(self, request: Request) -> User:
        """The user who sent the request.

        Raises:
            Unauthenticated: there is no token, or JupyterHub does not admit it here.
            Forbidden: the token does not carry the scope.
        """
        user: User | None = request.scope.get("user")
        if user is None:
            # A route that is open to strangers and shows more to some.
            token = bearer_token(request)
            authenticator: TokenAuthenticator = request.app.state.authenticator
            user = require_user(await authenticator.authenticate(token) if token else None)
            request_context.set(
                replace(request_context.get(), user=user.name, person_id=user.person_id)
            )
        require_scope(user, self.scope)
        return user


async def permissions_of(request: Request, person_id: int, standing: Standing) -> User:
    """Somebody for whom JupyterHub's process asks, with all scopes that the person's roles at the hub allow."""
    authenticator: TokenAuthenticator = request.app.state.authenticator
    allowed = await authenticator.allowed(person_id, standing)
    return User(standing.account, person_id, standing.is_admin, allowed, NAMES - allowed)


def require_scope(user: User, scope: str) -> None:
    """Refuse a user whose token lacks a scope.

    Raises:
        Forbidden: that is so, or no role of the user at the hub has it.
    """
    if scope in user.withheld:
        raise Forbidden(
            "You may not do this",
            reason=f"It needs the permission {scope}, which your role at the hub does not have.",
            remedy="Ask an administrator of the hub for another role.",
        )
    if not user.may(scope):
        raise Forbidden(
            "You may not do this",
            reason=f"It needs the permission {scope}.",
            remedy="Ask an administrator of the hub for it.",
        )


def needs_scope(scope: str) -> Any:
    """Declares the scope that a route needs; the parameter becomes the authenticated user.

    Raises:
        LookupError: the table of scopes does not have it.
    """
    return Depends(ScopeRequirement(scope))


@dataclass(frozen=True)
class DeclaredRoute:
    """Path template, methods, declared scope and name of a route; scope None if it declares none.

    ``context`` is what the framework knows of it.
    """

    path: str
    methods: frozenset[str]
    scope: str | None
    name: str = ""
    context: RouteContext | None = None


def declared_routes(app: FastAPI) -> list[DeclaredRoute]:
    """Every route of an application with the scope that it declares."""
    routes = []
    for context in iter_route_contexts(app.routes):
        # What FastAPI did not make, such as a mounted application, has no dependencies that could ask.
        is_checked = isinstance(context.original_route, APIRoute)
        dependencies = _walk(context.dependant) if is_checked else iter(())
        calls = (dependant.call for dependant in dependencies)
        scopes = [call.scope for call in calls if isinstance(call, ScopeRequirement)]
        methods = frozenset(context.methods or ())
        scope = scopes[0] if scopes else None
        name = str(getattr(context.original_route, "name", ""))
        routes.append(DeclaredRoute(context.path or "", methods, scope, name, context))
    return routes


def _walk(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _walk(inner)


def require_scopes(app: FastAPI, public: Mapping[str, frozenset[str]]) -> None:
    """Refuse to start with a route that neither declares a scope nor is listed as public, with its methods.

    Raises:
        RuntimeError: there is such a route.
    """
    for route in declared_routes(app):
        is_public = route.methods and route.methods <= public.get(route.path, frozenset())
        if route.scope is None and not is_public:
            raise RuntimeError(f"The route {route.path} declares no scope, so nobody may use it")
