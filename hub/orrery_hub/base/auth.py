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
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from jupyterhub.services.auth import HubOAuth
from tornado.web import HTTPError

from orrery_hub.base.metrics import Metrics
from orrery_hub.base.request_context import request_context
from orrery_hub.base.user import User
from orrery_hub.scopes import require_known
from orrery_wire.errors import BackendUnavailable, Forbidden, Unauthenticated

_MAX_CACHED = 10_000
_REFUSAL_SECONDS = 5.0


class TokenAuthenticator:
    """Asks JupyterHub about tokens and caches each answer for at most a minute.

    Concurrent requests with one token share one question. The cache holds hashes of tokens and is bounded.
    """

    def __init__(
        self, hub: HubOAuth, metrics: Metrics, *, seconds: float = 30, metrics_token: str = ""
    ) -> None:
        self.hub = hub
        self._metrics = metrics
        self._seconds = seconds
        self._metrics_token = metrics_token
        self._cache: OrderedDict[bytes, tuple[float, User | None]] = OrderedDict()
        self._pending: dict[bytes, asyncio.Task[User | None]] = {}

    async def authenticate(self, token: str) -> User | None:
        """The owner of a token; None if JupyterHub does not know it or it lacks access to this service.

        Raises:
            BackendUnavailable: JupyterHub does not answer.
        """
        key = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        if (cached := self._cache.get(key)) and cached[0] > time.monotonic():
            return cached[1]
        if (pending := self._pending.get(key)) is None:
            pending = self._pending[key] = asyncio.create_task(self._ask_hub(token))
            pending.add_done_callback(lambda _: self._pending.pop(key, None))
        user = await asyncio.shield(pending)
        self._store(key, user)
        return user

    def is_metrics_token(self, token: str) -> bool:
        """Whether it is the token in ``secrets/metrics_token``, which Prometheus sends."""
        return bool(self._metrics_token) and hmac.compare_digest(
            token.encode("utf-8", "replace"), self._metrics_token.encode()
        )

    def _store(self, key: bytes, user: User | None) -> None:
        seconds = self._seconds if user else min(self._seconds, _REFUSAL_SECONDS)
        self._cache[key] = (time.monotonic() + seconds, user)
        self._cache.move_to_end(key)
        while len(self._cache) > _MAX_CACHED:
            self._cache.popitem(last=False)

    async def _ask_hub(self, token: str) -> User | None:
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
        return self._user_from(model) if model else None

    def _user_from(self, model: Mapping[str, Any]) -> User | None:
        if model.get("kind") != "user":
            return None
        if not self.hub.check_scopes(self.hub.access_scopes, model):
            return None
        return User(model["name"], bool(model.get("admin")), frozenset(model["scopes"]))


def bearer_token(request: Request) -> str:
    """The token in the ``Authorization`` header; empty if there is none."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() in {"bearer", "token"} else ""


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
        token = bearer_token(request)
        authenticator: TokenAuthenticator = request.app.state.authenticator
        user = await authenticator.authenticate(token) if token else None
        if user is None:
            raise Unauthenticated(
                "You are not logged in",
                reason="The request carries no token that the hub knows and lets in here.",
                remedy="Log in and try again; in a lab, restart your server.",
            )
        request_context.set(replace(request_context.get(), user=user.name))
        if not user.may(self.scope):
            raise Forbidden(
                "You may not do this",
                reason=f"It needs the permission {self.scope}.",
                remedy="Ask an administrator of the hub for it.",
            )
        return user


def needs_scope(scope: str) -> Any:
    """Declares the scope that a route needs; the parameter becomes the authenticated user.

    Raises:
        LookupError: the table of scopes does not have it.
    """
    return Depends(ScopeRequirement(scope))


@dataclass(frozen=True)
class DeclaredRoute:
    """Path template, methods and declared scope of a route; scope None if it declares none."""

    path: str
    methods: frozenset[str]
    scope: str | None


def declared_routes(app: FastAPI) -> list[DeclaredRoute]:
    """Every route of an application with the scope that it declares."""
    routes = []
    for context in iter_route_contexts(app.routes):
        dependencies = (dependant.call for dependant in _walk(context.dependant))
        scopes = [call.scope for call in dependencies if isinstance(call, ScopeRequirement)]
        methods = frozenset(context.methods or ())
        routes.append(DeclaredRoute(context.path or "", methods, scopes[0] if scopes else None))
    return routes


def _walk(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _walk(inner)


def require_scopes(app: FastAPI, public: frozenset[str]) -> None:
    """Refuse to start with a route that neither declares a scope nor is listed as public.

    Raises:
        RuntimeError: there is such a route.
    """
    for route in declared_routes(app):
        if route.scope is None and route.path not in public:
            raise RuntimeError(f"The route {route.path} declares no scope, so nobody may use it")
