"""Every failure of a route as the one error body of ``orrery_wire.errors``."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from orrery_hub.base.request_context import request_context
from orrery_wire.common_errors import invalid_fields, of_status
from orrery_wire.errors import OrreryError, Unauthenticated

PART = "The hub service"


def install_error_handlers(app: FastAPI) -> None:
    """Answer every exception that a route or the framework raises with the one error body."""

    @app.exception_handler(OrreryError)
    async def orrery_error(_: Request, problem: OrreryError) -> JSONResponse:
        return error_response(problem)

    @app.exception_handler(RequestValidationError)
    async def validation_error(_: Request, problem: RequestValidationError) -> JSONResponse:
        return error_response(
            invalid_fields((error["loc"][1:], error["msg"]) for error in problem.errors())
        )

    @app.exception_handler(HTTPException)
    async def http_exception(_: Request, problem: HTTPException) -> JSONResponse:
        response = error_response(of_status(problem.status_code, PART), problem.status_code)
        response.headers.update(problem.headers or {})
        return response


def error_response(problem: OrreryError, status: int | None = None) -> JSONResponse:
    """The error body with the request's id."""
    headers: dict[str, str] = {}
    if isinstance(problem, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if retry_after := problem.details.get("retry_after"):
        headers["Retry-After"] = str(retry_after)
    body = problem.body(request_context.get().request_id)
    return JSONResponse(body, status or problem.status, headers=headers)
