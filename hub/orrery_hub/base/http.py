"""The edge of the service: request ids, limits, headers, the access log, and every failure told once."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
import uuid
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orrery_hub.base.context import Trip, trip
from orrery_hub.base.metrics import Metrics
from orrery_wire.errors import (
    Forbidden,
    Invalid,
    MethodNotAllowed,
    NotFound,
    OrreryError,
    TimedOut,
    TooLarge,
    Unauthenticated,
)

access = logging.getLogger("orrery_hub.access")
failures = logging.getLogger("orrery_hub.failures")

BODY_SECONDS = 30.0
_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)


class RequestMiddleware:
    """The outermost layer. Whatever happens inside, one answer leaves and one line is logged."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, max_body: int) -> None:
        self.app = app
        self.metrics = metrics
        self.max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        current = Trip(_request_id(scope), (scope.get("client") or ("", 0))[0])
        trip.set(current)
        answer = _Answer(send, current.request_id)
        begun = time.perf_counter()
        self.metrics.active.inc()
        try:
            await self._serve(scope, receive, answer)
        finally:
            self.metrics.active.dec()
            self._note(scope, answer, time.perf_counter() - begun)

    async def _serve(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        try:
            body = await _whole(scope, receive, self.max_body)
            await self.app(scope, _replay(body, receive), answer)
        except OrreryError as problem:
            await _respond(problem)(scope, receive, answer)
        except Exception:  # noqa: BLE001  # the process edge: nothing else would tell the person
            failures.exception("failed unforeseen")
            if not answer.status:
                await _respond(_unforeseen())(scope, receive, answer)

    def _note(self, scope: Scope, answer: _Answer, took: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self.metrics.seconds.labels(scope["method"], route, answer.status).observe(took)
        access.info(
            "request",
            extra={
                "method": scope["method"],
                "path": scope["path"],
                "status": answer.status,
                "ms": round(took * 1000, 2),
                "address": trip.get().address,
            },
        )


class _Answer:
    """Sends on, adds the headers that every answer has, and remembers the status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id.encode()
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            mine = [*_HEADERS, (b"x-request-id", self._request_id)]
            set_already = {name.lower() for name, _ in message.get("headers", ())}
            message["headers"] = [
                *message.get("headers", ()),
                *(pair for pair in mine if pair[0] not in set_already),
            ]
        await self._send(message)


def _request_id(scope: Scope) -> str:
    """The id that the caller gave, if it looks like one, else a new one."""
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return given if _ID.match(given) else uuid.uuid4().hex[:16]


async def _whole(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The body, read before anything is done with it; a slow or endless sender is refused."""
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                part = message.get("body", b"")
                size += len(part)
                if size > limit:
                    raise _too_large(limit)
                parts.append(part)
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise TimedOut(
            "The request did not arrive in time",
            reason=f"Its body took longer than {BODY_SECONDS:g} seconds.",
            remedy="Send it again.",
        ) from None


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        "The request is too large",
        reason=f"The limit is {limit:,} bytes.",
        remedy="Send less at once.",
    )


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _respond(problem: OrreryError, status: int | None = None) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(problem, Unauthenticated) else None
    return JSONResponse(
        problem.body(trip.get().request_id), status or problem.status, headers=headers
    )


def _unforeseen() -> OrreryError:
    return OrreryError(
        "The hub service failed in a way that nobody foresaw",
        reason="Its log has the details under the request id.",
        remedy="Try again; if it stays, report it with the request id.",
    )


def install_error_handlers(app: FastAPI) -> None:
    """Make every failure below the edge leave as the one body."""

    @app.exception_handler(OrreryError)
    async def ours(_: Request, problem: OrreryError) -> JSONResponse:
        return _respond(problem)

    @app.exception_handler(RequestValidationError)
    async def unusable(_: Request, problem: RequestValidationError) -> JSONResponse:
        return _respond(_as_invalid(problem))

    @app.exception_handler(HTTPException)
    async def refused(_: Request, problem: HTTPException) -> JSONResponse:
        answer = _respond(_as_orrery(problem.status_code), problem.status_code)
        answer.headers.update(problem.headers or {})
        return answer


def _as_invalid(problem: RequestValidationError) -> Invalid:
    fields = [
        {"field": ".".join(str(step) for step in e["loc"][1:]), "problem": str(e["msg"])}
        for e in problem.errors()
    ]
    said = "; ".join(f"{f['field'] or 'body'}: {f['problem']}" for f in fields[:5])
    shown = json.loads(json.dumps(fields[:50]).encode("utf-8", "replace"))
    return Invalid(
        "Some of what was sent cannot be used",
        reason=said.encode("utf-8", "replace").decode(),
        remedy="Correct the named fields and send it again.",
        details={"fields": shown},
    )


def _as_orrery(status: int) -> OrreryError:
    """The error that stands for a status that the framework chose."""
    if status == HTTPStatus.NOT_FOUND:
        return NotFound("There is no such address", remedy="Check the address, or update Orrery.")
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return MethodNotAllowed("This address does not take that method")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Forbidden("You may not do this")
    if 400 <= status < 500:
        return Invalid("The request cannot be understood", remedy="Send it as JSON.")
    return _unforeseen()
