"""The outermost layer of the service: request ids, log-in, limits, response headers, metrics, access log.

A body is read only for a person who is logged in, whose route takes one, and within that person's limits. What
strangers ask for is answered without a body.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orrery_hub.base.auth import TokenAuthenticator, bearer_token_of, require_user
from orrery_hub.base.error_handlers import PART, error_response
from orrery_hub.base.launch_limits import LaunchLimits
from orrery_hub.base.limits import BodyBytes, Limits, Pacer
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.request_context import RequestContext, request_context
from orrery_hub.base.route_table import RouteMatch, RouteTable, choose
from orrery_hub.base.user import LAUNCHER
from orrery_wire.common_errors import of_status, too_large, unexpected
from orrery_wire.errors import Invalid, OrreryError, TimedOut

access = logging.getLogger("orrery_hub.access")
failures = logging.getLogger("orrery_hub.failures")

_REQUEST_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)
# Refusals of a change that are recorded: not allowed, overtaken by another change, too much at once.
_REFUSALS = frozenset({403, 409, 429})
# Called with the status of a response before it is sent.
BeforeStart = Callable[[int], Awaitable[None]]
# Gives the token behind the page of the service that sends a request; empty if none does.
PageToken = Callable[[Request], str]
# Called with status, method and route, path, and the slug of the project in it.
OnRefusal = Callable[[int, str, str, str], Awaitable[None]]
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# A longer response goes out in parts of this size, and its request is over when the client has taken them.
_PART_BYTES = 64 * 1024
# An unread body of so many bytes is thrown away, and the connection stays; with more it is closed.
_DISCARD_BYTES = 64 * 1024


@dataclass(frozen=True)
class Callers:
    """How it is found out who asks; ``page_token`` says whom a page of the service acts for."""

    authenticator: TokenAuthenticator
    page_token: PageToken


@dataclass(frozen=True)
class Api:
    """What is asked for: the routes of the application, below a prefix."""

    prefix: str
    routes: Callable[[], RouteTable]


@dataclass(frozen=True)
class BodyRules:
    """How large a body may be, and in what time it has to arrive."""

    max_bytes: int
    seconds: float


class RequestMiddleware:
    """ASGI middleware; every request gets exactly one response and one line in the access log.

    ``on_refusal`` gets the refused changes. Who asks is in the scope as ``user`` for a route with a scope.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        api: Api,
        callers: Callers,
        body: BodyRules,
        limits: Limits,
        metrics: Metrics,
        on_refusal: OnRefusal,
    ) -> None:
        self.app = app
        self.api = api
        self.callers = callers
        self.body = body
        self.limits = limits
        self.launch_limits = LaunchLimits()
        self.metrics = metrics
        self.on_refusal = on_refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        context = RequestContext(
            secrets.token_hex(8),
            (scope.get("client") or ("", 0))[0],
            client_request_id=_client_request_id(headers),
        )
        request_context.set(context)
        response = _ResponseSender(send, context.request_id)
        started = time.perf_counter()
        self.metrics.active.inc()
        try:
            await self._serve(scope, headers, receive, response)
        finally:
            self.metrics.active.dec()
            self._log(scope, response, time.perf_counter() - started)

    async def _serve(
        self, scope: Scope, headers: Headers, receive: Receive, response: _ResponseSender
    ) -> None:
        body = _Body(receive, headers, self.body)
        response.body = body
        try:
            route = self.api.routes().find(scope["method"], scope["path"])
            if route is None:
                await self._refuse(scope, receive, response)
                return
            choose(scope, route)
            if not route.permission:
                await self._serve_stranger(scope, route, body, response)
            else:
                await self._serve_person(scope, headers, route, body, response)
        except OrreryError as problem:
            await error_response(problem)(scope, receive, response)
        except Exception:  # noqa: BLE001  # the process edge: no other layer would answer the client
            failures.exception("failed unforeseen")
            if not response.status:
                await error_response(unexpected(PART))(scope, receive, response)

    async def _refuse(self, scope: Scope, receive: Receive, response: _ResponseSender) -> None:
        """A path or a method that no route takes: the answer costs no turn of the application."""
        response.pacer = self.limits.strangers
        methods = self.api.routes().methods(scope["path"])
        answer = error_response(of_status(405 if methods else 404, PART))
        if methods:
            answer.headers["Allow"] = ", ".join(methods)
        await answer(scope, receive, response)

    async def _serve_stranger(
        self, scope: Scope, route: RouteMatch, body: _Body, response: _ResponseSender
    ) -> None:
        """A page, or a route that is open to all: nothing of the body is read."""
        response.pacer = self.limits.strangers
        if scope["method"] not in _READING:
            response.before_start = self._refusal_recorder(scope, route)
        await self.app(scope, body.replay(b""), response)

    async def _serve_person(
        self,
        scope: Scope,
        headers: Headers,
        route: RouteMatch,
        body: _Body,
        response: _ResponseSender,
    ) -> None:
        callers = self.callers
        bearer = bearer_token_of(headers.get("authorization", ""))
        token = bearer or callers.page_token(Request(scope))
        response.pacer = self.limits.strangers
        user = require_user(await callers.authenticator.authenticate(token) if token else None)
        response.pacer = None
        scope["user"] = user
        known = request_context.get()
        request_context.set(
            RequestContext(
                known.request_id,
                known.address,
                user.name,
                known.client_request_id,
                route.permission,
                user.person_id,
            )
        )
        is_write = scope["method"] not in _READING
        if is_write:
            response.before_start = self._refusal_recorder(scope, route)
        async with self.limits.admit(user.name, is_write=is_write) as memory:
            content = await body.read(memory) if body.exists else b""
            if user.name != LAUNCHER:
                await self.app(scope, body.replay(content), response)
                return
            async with self.launch_limits.admit(route.template, content):
                await self.app(scope, body.replay(content), response)

    def _refusal_recorder(self, scope: Scope, route: RouteMatch) -> BeforeStart:
        """Records a refusal of a change before the client gets it."""
        what = f"{scope['method']} {route.template.removeprefix(self.api.prefix)}"
        on = scope["path"].removeprefix(self.api.prefix)

        async def record(status: int) -> None:
            # A page knows by a cookie who it is, which a stranger's request has not.
            if status in _REFUSALS and request_context.get().user:
                await self.on_refusal(status, what, on, route.values.get("slug", ""))

        return record

    def _log(self, scope: Scope, response: _ResponseSender, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self.metrics.observe(scope["method"], route, response.status, seconds)
        access.info(
            "request",
            extra={
                "method": scope["method"],
                "path": scope["path"],
                "status": response.status,
                "ms": round(seconds * 1000, 2),
                "address": request_context.get().address,
            },
        )


class _Body:
    """The body of a request, read at most once."""

    def __init__(self, receive: Receive, headers: Headers, rules: BodyRules) -> None:
        self._receive = receive
        self._limit = rules.max_bytes
        self._seconds = rules.seconds
        length = headers.get("content-length", "")
        self._length = int(length) if length.isdigit() and len(length) < 19 else 0
        self.exists = bool(self._length) or "transfer-encoding" in headers
        self._is_read = not self.exists

    @property
    def is_costly(self) -> bool:
        """Whether so much of it is unread that the connection is better closed."""
        return not self._is_read and not 0 < self._length <= _DISCARD_BYTES

    async def read(self, memory: BodyBytes) -> bytes:
        """The whole body, counted in ``memory``.

        Raises:
            TooLarge: it is longer than the limit.
            TimedOut: it did not arrive in time.
            TooMany: too many bytes are in memory already.
            Invalid: the client went away before its end.
        """
        if self._length > self._limit:
            raise too_large(self._limit)
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    message = await self._receive()
                    if message["type"] == "http.disconnect":
                        # Half a body may be a whole one with another meaning.
                        raise Invalid(
                            "The request is not complete",
                            reason="The connection was closed before the end of its body.",
                            remedy="Send it again.",
                        )
                    part = message.get("body", b"")
                    size += len(part)
                    if size > self._limit:
                        raise too_large(self._limit)
                    memory.reserve(len(part))
                    parts.append(part)
                    if not message.get("more_body"):
                        self._is_read = True
                        return b"".join(parts)
        except TimeoutError:
            raise TimedOut(
                "The request did not arrive in time",
                reason=f"Its body took longer than {self._seconds:g} seconds.",
                remedy="Send it again.",
            ) from None

    def replay(self, content: bytes) -> Receive:
        """A ``receive`` that gives the body in one message, then what the client sends later."""
        is_delivered = False

        async def deliver() -> Message:
            nonlocal is_delivered
            if is_delivered:
                return await self._receive()
            is_delivered = True
            return {"type": "http.request", "body": content, "more_body": False}

        return deliver


class _ResponseSender:
    """Forwards a response with the headers that every response has, and remembers the status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id.encode()
        self.status = 0
        self.body: _Body | None = None
        # Delays a refusal that this response may be.
        self.pacer: Pacer | None = None
        self.before_start: BeforeStart | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
            return
        content = message.get("body", b"")
        more = message.get("more_body", False)
        for start in range(0, max(1, len(content)), _PART_BYTES):
            end = start + _PART_BYTES
            is_last = end >= len(content)
            part = content if is_last and not start else content[start:end]
            await self._send(
                {"type": "http.response.body", "body": part, "more_body": more or not is_last}
            )

    async def _start(self, message: Message) -> None:
        self.status = message["status"]
        is_sent_away = bool(self.pacer and self.status >= 400 and not await self.pacer.wait())
        if self.before_start:
            await self.before_start(self.status)
        defaults = [*_HEADERS, (b"x-request-id", self._request_id)]
        if is_sent_away or (self.body and self.body.is_costly):
            defaults.append((b"connection", b"close"))
        names = {name.lower() for name, _ in message.get("headers", ())}
        message["headers"] = [
            *message.get("headers", ()),
            *(pair for pair in defaults if pair[0] not in names),
        ]
        await self._send(message)


def _client_request_id(headers: Headers) -> str:
    """The client's own id of the request, if it is well formed."""
    requested = headers.get("x-request-id", "")
    return requested if _REQUEST_ID.match(requested) else ""
