"""Where HTTP ends: who asks, whether he may, what he sent, and how every failure is told.

Knows no capability. ``RouteHandler`` serves every declared route of one address; services never see a request.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, TypeVar, get_origin

from jupyter_core.utils import ensure_async
from jupyter_server import CallContext
from jupyter_server.auth import User
from jupyter_server.base.handlers import APIHandler
from pydantic import BaseModel, ValidationError
from tornado.web import HTTPError

from orrery_server.base.caller import note_caller
from orrery_server.base.path_parameters import PathParameter
from orrery_server.base.respond import Responder
from orrery_server.base.routes import MAX_BODY, Action, Endpoint
from orrery_server.base.schemas import OffCapability
from orrery_server.base.service import Service
from orrery_server.base.token import LabToken
from orrery_wire.common_errors import invalid_fields, of_status, too_large
from orrery_wire.errors import (
    BackendUnavailable,
    Forbidden,
    Invalid,
    MethodNotAllowed,
    NotFound,
    OrreryError,
    Unauthenticated,
)

S = TypeVar("S", bound=BaseModel)
V = TypeVar("V")
Rule = tuple[str, type["OrreryHandler"], dict[str, Any]]

# A preflight of another origin gets nothing either: it carries no login, and no other origin has business here.
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_CHECK_ADDRESS = "Check the address, or update Orrery."


class OrreryHandler(APIHandler):
    """One address of one capability: authentication, permission, limits, and the one body of every error."""

    def initialize(self, *, capability: str, lab_token: LabToken) -> None:
        """Take what the application hands to every route."""
        super().initialize()
        self.capability = capability
        self._lab_token = lab_token
        self._request_id = uuid.uuid4().hex[:16]

    @property
    def action(self) -> Action:
        """What the request asks permission for."""
        return "read" if self.request.method in _READS else "write"

    @property
    def is_for_kernels(self) -> bool:
        """Whether the lab token is good for the request; an address that only refuses may refuse a kernel too."""
        return True

    @property
    def max_body(self) -> int:
        """Bytes that the request may have."""
        return MAX_BODY

    def set_default_headers(self) -> None:
        """Responses are kept by nobody, and are never taken for anything but what they say."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    def get_login_url(self) -> str:
        """Nowhere: a program asked, and is told that it must log in."""
        raise Unauthenticated("You are not logged in", remedy="Log in and try again.")

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse a stranger, then whoever lacks the scope, then a body that is too large."""
        is_kernel = self._lab_token.held_by(self.request.headers.get("Authorization", ""))
        note_caller(is_code=is_kernel)
        if is_kernel:
            self._prepare_lab()
        else:
            await super().prepare()
        if self._finished:
            return
        user = self.current_user
        if user is None:
            raise Unauthenticated("You are not logged in", remedy="Log in and try again.")
        resource = f"orrery:{self.capability}"
        if not await ensure_async(self.authorizer.is_authorized(self, user, self.action, resource)):
            raise Forbidden(
                "You may not do this",
                reason=f"It needs the permission {resource}:{self.action}.",
                remedy="Ask the administrator of this server for it.",
            )
        if is_kernel and not self.is_for_kernels:
            raise Forbidden(
                "Code and terminals of this lab may not do this",
                reason="Their token changes only what the magics and the command line change.",
                remedy="Do it in the panel.",
            )
        if len(self.request.body) > self.max_body:
            raise too_large(self.max_body, len(self.request.body))

    def _prepare_lab(self) -> None:
        """Let in a kernel or terminal of this lab: it holds a token for Orrery's routes only.

        A bearer token that a page cannot make a browser send needs no XSRF cookie.
        """
        CallContext.set(CallContext.JUPYTER_HANDLER, self)
        if not self.check_host():
            raise Forbidden("This server does not answer to that host name")
        self.current_user = self._jupyter_current_user = User(username="lab", name="This lab")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Tell any failure in the one body; what it does not know it does not tell."""
        problem = (kwargs.get("exc_info") or (None, None, None))[1]
        if not isinstance(problem, OrreryError):
            problem = _as_orrery(status_code, problem)
        self.set_status(problem.status)
        self.set_header("X-Request-Id", self._request_id)
        if problem.status == 405:
            self.set_header("Allow", ", ".join(self.allowed_methods()))
        self.finish(json.dumps(problem.body(self._request_id)))

    def allowed_methods(self) -> list[str]:
        """The methods that this address takes."""
        return ["OPTIONS"]

    def options(self, *args: str, **kwargs: str) -> None:
        """The methods that this address takes."""
        super().options(*args, **kwargs)
        self.set_header("Allow", ", ".join(self.allowed_methods()))

    # Jupyter answers a preflight of strangers.
    setattr(options, "__allow_unauthenticated", False)

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """One line for a refusal, a traceback only for what nobody foresaw."""
        if isinstance(value, OrreryError):
            self.log.info("orrery %s %s: %s", self._request_id, value.code, value.message[:500])
        elif isinstance(value, HTTPError):
            self.log.info("orrery %s HTTP %s", self._request_id, value.status_code)
        else:
            self.log.error("orrery %s failed unforeseen", self._request_id, exc_info=value)


class RouteHandler(Responder, OrreryHandler):
    """Every declared route of one address, by its HTTP method."""

    def initialize(  # type: ignore[override]
        self,
        *,
        endpoints: Mapping[str, Endpoint],
        service: Service,
        off: Mapping[str, OffCapability],
        **kwargs: Any,
    ) -> None:
        """Take the routes of this address, the service that they call, and what is off."""
        super().initialize(**kwargs)
        self._endpoints = endpoints
        self._service = service
        self._off = off

    @property
    def endpoint(self) -> Endpoint | None:
        """The route that the request's method names; HEAD is GET without its body."""
        method = self.request.method or ""
        return self._endpoints.get("GET" if method == "HEAD" else method)

    @property
    def action(self) -> Action:
        """What the route asks permission for."""
        return self.endpoint.action if self.endpoint else super().action

    @property
    def is_for_kernels(self) -> bool:
        """Whether the route says that a kernel may call it; a method without a route is refused as such."""
        return self.endpoint is None or self.endpoint.is_for_kernels

    @property
    def max_body(self) -> int:
        """Bytes that the route takes."""
        return self.endpoint.route.max_body if self.endpoint else super().max_body

    def allowed_methods(self) -> list[str]:
        """The methods that this address takes."""
        head = ["HEAD"] if "GET" in self._endpoints else []
        return [*self._endpoints, *head, "OPTIONS"]

    async def _call(self, **path: str) -> None:
        """Call the service with what the request holds, and send what it gives."""
        endpoint = self.endpoint
        if endpoint is None:
            raise MethodNotAllowed("This address does not take that method")
        if self.capability in self._off:
            raise _unavailable(self._off[self.capability])
        arguments: dict[str, object] = {
            parameter.name: _path_value(parameter, path[parameter.name])
            for parameter in endpoint.parameters
        }
        if endpoint.query:
            name, shape = endpoint.query
            arguments[name] = self.query(shape)
        if endpoint.body:
            name, shape = endpoint.body
            arguments[name] = self.body(shape)
        if endpoint.last_event_id:
            arguments[endpoint.last_event_id] = self.request.headers.get("Last-Event-ID", "")
        await self.respond(
            endpoint, getattr(self._service, endpoint.route.call.__name__)(**arguments)
        )

    # What @ws_authenticated says of a method: `prepare` has asked who it is, in this class's own words.
    setattr(_call, "__allow_unauthenticated", False)
    get = head = post = put = patch = delete = _call

    def body(self, shape: type[S]) -> S:
        """The JSON body as a shape."""
        return _validated(lambda: shape.model_validate_json(self.request.body))

    def query(self, shape: type[S]) -> S:
        """The query string as a shape; a field that is a tuple takes every occurrence."""
        raw: dict[str, object] = {}
        for name in self.request.query_arguments:
            if name.isdigit() or name == "token":
                # JupyterLab puts the time behind an address, so that no browser answers from its cache, and
                # Jupyter Server takes its token there: neither is for a capability.
                continue
            values = self.get_query_arguments(name, strip=False)
            field = shape.model_fields.get(name)
            is_many = field is not None and get_origin(field.annotation) is tuple
            raw[name] = values if is_many else values[-1]
        return _validated(lambda: shape.model_validate(raw))


class OffHandler(OrreryHandler):
    """Every address of a capability that cannot be used: why, and what to do."""

    def initialize(  # type: ignore[override]
        self, *, off: Mapping[str, OffCapability], **kwargs: Any
    ) -> None:
        """Take what is off."""
        super().initialize(**kwargs)
        self._off = off

    async def _refuse(self, *_: str) -> None:
        raise _unavailable(self._off[self.capability])

    setattr(_refuse, "__allow_unauthenticated", False)
    get = post = put = patch = delete = head = _refuse


class NotFoundHandler(OrreryHandler):
    """Any other address below ``/orrery``: the same body, and no hint to a stranger."""

    async def _refuse(self, *_: str) -> None:
        raise NotFound("There is no such address", remedy=_CHECK_ADDRESS)

    setattr(_refuse, "__allow_unauthenticated", False)
    get = post = put = patch = delete = head = _refuse


def rules(
    capability: str,
    endpoints: Iterable[Endpoint],
    service: Service,
    lab_token: LabToken,
    off: Mapping[str, OffCapability],
) -> list[Rule]:
    """The rules of a router for the routes of one capability, below ``/orrery``; it may be turned off later."""
    by_pattern: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        by_pattern.setdefault(endpoint.pattern, {})[endpoint.route.method] = endpoint
    return [
        (
            f"/orrery/{pattern}",
            RouteHandler,
            {
                "capability": capability,
                "endpoints": at_pattern,
                "service": service,
                "lab_token": lab_token,
                "off": off,
            },
        )
        for pattern, at_pattern in by_pattern.items()
    ]


def _unavailable(off: OffCapability) -> BackendUnavailable:
    return BackendUnavailable(f"{off.title} is off", reason=off.reason, remedy=off.remedy)


def _path_value(parameter: PathParameter, text: str) -> object:
    """A decoded part of the address, if it obeys the rule of its parameter."""
    # Tornado decodes after it has matched: only here is `%2e%2e` the name that it stands for.
    value = parameter.type(text)
    return _validated(lambda: parameter.rule.validate_python(value), parameter.name)


def _validated(validate: Callable[[], V], name: str = "") -> V:
    """What ``validate`` gives; its errors with the fields below ``name``."""
    try:
        return validate()
    except ValidationError as problem:
        if problem.errors()[0]["type"] == "json_invalid":
            raise Invalid(
                "The request is not JSON",
                reason=str(problem.errors()[0].get("ctx", {}).get("error", "")),
                remedy="Send a JSON object.",
            ) from None
        errors = problem.errors(include_url=False, include_input=False, include_context=False)
        raise invalid_fields((error["loc"] or (name,), error["msg"]) for error in errors) from None


def _as_orrery(status: int, problem: BaseException | None) -> OrreryError:
    """The error that stands for an HTTP status that Tornado or Jupyter Server raised."""
    message = str(getattr(problem, "log_message", "") or "")
    if status == 403 and "XSRF" in message.upper():
        return Forbidden(
            "The request could not be trusted",
            reason="Its XSRF token is missing or wrong.",
            remedy="Reload the page and try again.",
        )
    return of_status(status, "Orrery")
