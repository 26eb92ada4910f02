"""The outermost layer of the service: request ids, body limits, response headers, metrics, access log."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orrery_hub.base.error_handlers import PART, error_response
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.request_context import RequestContext, request_context
from orrery_wire.common_errors import too_large, unexpected
from orrery_wire.errors import OrreryError, TimedOut

access = logging.getLogger("orrery_hub.access")
failures = logging.getLogger("orrery_hub.failures")

BODY_SECONDS = 30.0
_REQUEST_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)


class RequestMiddleware:
    """ASGI middleware; every request gets exactly one response and one line in the access log."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, max_body: int) -> None:
        self.app = app
        self.metrics = metrics
        self.max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        context = RequestContext(_request_id(scope), (scope.get("client") or ("", 0))[0])
        request_context.set(context)
        response = _ResponseSender(send, context.request_id)
        started = time.perf_counter()
        self.metrics.active.inc()
        try:
            await self._serve(scope, receive, response)
        finally:
            self.metrics.active.dec()
            self._log(scope, response, time.perf_counter() - started)

    async def _serve(self, scope: Scope, receive: Receive, response: _ResponseSender) -> None:
        try:
            body = await _read_body(scope, receive, self.max_body)
            await self.app(scope, _replay(body, receive), response)
        except OrreryError as problem:
            await error_response(problem)(scope, receive, response)
        except Exception:  # noqa: BLE001  # the process edge: no other layer would answer the client
            failures.exception("failed unforeseen")
            if not response.status:
                await error_response(unexpected(PART))(scope, receive, response)

    def _log(self, scope: Scope, response: _ResponseSender, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self.metrics.seconds.labels(scope["method"], route, response.status).observe(seconds)
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


class _ResponseSender:
    """Forwards a response with the headers that every response has, and remembers the status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id.encode()
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            defaults = [*_HEADERS, (b"x-request-id", self._request_id)]
            names = {name.lower() for name, _ in message.get("headers", ())}
            message["headers"] = [
                *message.get("headers", ()),
                *(pair for pair in defaults if pair[0] not in names),
            ]
        await self._send(message)


def _request_id(scope: Scope) -> str:
    """The client's request id if it is well formed, else a new one."""
    requested = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return requested if _REQUEST_ID.match(requested) else uuid.uuid4().hex[:16]


async def _read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body, at most ``limit`` bytes, received within ``BODY_SECONDS``."""
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > limit:
        raise too_large(limit)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                part = message.get("body", b"")
                size += len(part)
                if size > limit:
                    raise too_large(limit)
                parts.append(part)
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise TimedOut(
            "The request did not arrive in time",
            reason=f"Its body took longer than {BODY_SECONDS:g} seconds.",
            remedy="Send it again.",
        ) from None


def _replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives the body in one message, then whatever the client sends later."""
    is_delivered = False

    async def deliver() -> Message:
        nonlocal is_delivered
        if is_delivered:
            return await receive()
        is_delivered = True
        return {"type": "http.request", "body": body, "more_body": False}

    return deliver
