"""Who asks, and whether he may: tokens are JupyterHub's, the decision is made here.

A route names the scope that it needs, ``needs_scope("custom:orrery:...")``; ``check`` refuses to start a service
that has a route without one. Only a token in the ``Authorization`` header counts for the API: a cookie would
be sent by any page of the same origin, and every lab is one.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from jupyterhub.services.auth import HubOAuth
from tornado.web import HTTPError

from orrery_hub.base.context import trip
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.user import User
from orrery_hub.scopes import known
from orrery_wire.errors import BackendUnavailable, Forbidden, Unauthenticated

_KEPT = 10_000
_REFUSAL_SECONDS = 5.0


class TokenAuthenticator:
    """Asks JupyterHub about tokens and believes each answer for at most a minute.

    A thousand requests with one new token are one question; tokens are kept as hashes, and only so many.
    """

    def __init__(
        self, hub: HubOAuth, metrics: Metrics, *, seconds: float = 30, metrics_token: str = ""
    ) -> None:
        self.hub = hub
        self._metrics = metrics
        self._seconds = seconds
        self._metrics_token = metrics_token
        self._answers: OrderedDict[bytes, tuple[float, User | None]] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[User | None]] = {}

    async def person(self, token: str) -> User | None:
        """Whose token it is; nobody's if JupyterHub does not know it or it may not come in here.

        Raises:
            BackendUnavailable: JupyterHub does not answer.
        """
        key = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        if (kept := self._answers.get(key)) and kept[0] > time.monotonic():
            return kept[1]
        if (asking := self._asking.get(key)) is None:
            asking = self._asking[key] = asyncio.create_task(self._ask(token))
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        person = await asyncio.shield(asking)
        self._keep(key, person)
        return person

    def is_metrics_token(self, token: str) -> bool:
        """Whether it is the token in ``secrets/metrics_token``, with which Prometheus comes."""
        return bool(self._metrics_token) and hmac.compare_digest(
            token.encode("utf-8", "replace"), self._metrics_token.encode()
        )

    def _keep(self, key: bytes, person: User | None) -> None:
        seconds = self._seconds if person else min(self._seconds, _REFUSAL_SECONDS)
        self._answers[key] = (time.monotonic() + seconds, person)
        self._answers.move_to_end(key)
        while len(self._answers) > _KEPT:
            self._answers.popitem(last=False)

    async def _ask(self, token: str) -> User | None:
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
        return self._admitted(model)

    def _admitted(self, model: dict[str, Any] | None) -> User | None:
        if not model or model.get("kind") != "user":
            return None
        if not self.hub.check_scopes(self.hub.access_scopes, model):
            return None
        return User(model["name"], bool(model.get("admin")), frozenset(model["scopes"]))


def bearer(request: Request) -> str:
    """The token in the ``Authorization`` header, or nothing."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() in {"bearer", "token"} else ""


class ScopeRequirement:
    """The dependency of a route: the person, if the token carries the scope."""

    def __init__(self, scope: str) -> None:
        self.scope = known(scope)

    async def __call__(self, request: Request) -> User:
        """The person behind the request.

        Raises:
            Unauthenticated: there is no token, or not one that is good here.
            Forbidden: the token does not carry the scope.
        """
        token = bearer(request)
        gate: TokenAuthenticator = request.app.state.gate
        person = await gate.person(token) if token else None
        if person is None:
            raise Unauthenticated(
                "You are not logged in",
                reason="The request carries no token that the hub knows and lets in here.",
                remedy="Log in and try again; in a lab, restart your server.",
            )
        trip.set(replace(trip.get(), user=person.name))
        if not person.may(self.scope):
            raise Forbidden(
                "You may not do this",
                reason=f"It needs the permission {self.scope}.",
                remedy="Ask an administrator of the hub for it.",
            )
        return person


def needs_scope(scope: str) -> Any:
    """A route's declaration of the scope that it needs; gives it the person.

    Raises:
        LookupError: the table of scopes does not have it.
    """
    return Depends(ScopeRequirement(scope))


@dataclass(frozen=True)
class Declared:
    """What a route says of itself."""

    path: str
    methods: frozenset[str]
    scope: str | None


def declared(app: FastAPI) -> list[Declared]:
    """Every route of an app, with the scope that it declared."""
    found = []
    for context in iter_route_contexts(app.routes):
        scopes = [
            d.call.scope for d in _all(context.dependant) if isinstance(d.call, ScopeRequirement)
        ]
        methods = frozenset(context.methods or ())
        found.append(Declared(context.path or "", methods, scopes[0] if scopes else None))
    return found


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _all(inner)


def check(app: FastAPI, public: frozenset[str]) -> None:
    """Refuse to start with a route that neither declares a scope nor is one of the public ones.

    Raises:
        RuntimeError: there is such a route.
    """
    for route in declared(app):
        if route.scope is None and route.path not in public:
            raise RuntimeError(f"The route {route.path} declares no scope, so nobody may use it")
