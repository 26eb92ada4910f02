"""Where HTTP ends: who asks, whether he may, what he sent, and how every failure is told.

Knows no capability. A capability's handler has one class per URL and one line per verb; it says whose
permission it needs (``capability``) and never catches anything.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar, get_origin

from jupyter_core.utils import ensure_async
from jupyter_server import CallContext
from jupyter_server.auth import User
from jupyter_server.base.handlers import APIHandler
from pydantic import BaseModel, ValidationError
from tornado.web import HTTPError

from orrery_server.base.token import LabToken
from orrery_wire.errors import (
    Forbidden,
    Invalid,
    MethodNotAllowed,
    NotFound,
    OrreryError,
    TooLarge,
    Unauthenticated,
)

S = TypeVar("S", bound=BaseModel)
Route = tuple[str, type["OrreryHandler"], dict[str, Any]]

# A preflight of another origin gets nothing either: it carries no login, and no other origin has business here.
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_NAME = re.compile(r"^[a-z]+$")


class OrreryHandler(APIHandler):
    """One URL of one capability.

    ``capability`` names the permission: a request needs ``orrery:<capability>:read`` or, when it changes
    something, ``:write``. ``reads`` lists the verbs beside GET that change nothing.
    """

    capability: ClassVar[str]
    reads: ClassVar[frozenset[str]] = frozenset()
    max_body: ClassVar[int] = 4 * 1024 * 1024

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not _NAME.match(getattr(cls, "capability", "")):
            raise TypeError(f"{cls.__name__} declares no capability, so nobody may use it")
        for verb in cls.SUPPORTED_METHODS:
            if method := vars(cls).get(verb.lower()):
                # What @ws_authenticated says of a method: `prepare` has asked who it is, in this class's own words.
                setattr(method, "__allow_unauthenticated", False)

    def initialize(self, **given: Any) -> None:
        """Take what the application hands to every route."""
        self._lab_token: LabToken = given.pop("lab_token")
        super().initialize(**given)
        self._request_id = uuid.uuid4().hex[:16]

    @property
    def action(self) -> str:
        """``read`` or ``write``: what the request asks permission for."""
        method = (self.request.method or "").upper()
        return "read" if method in _READS or method in self.reads else "write"

    @property
    def scope(self) -> str:
        """The name of the permission that the request needs."""
        return f"orrery:{self.capability}:{self.action}"

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    def get_login_url(self) -> str:
        """Nowhere: a program asked, and is told that it must log in."""
        raise Unauthenticated("You are not logged in", remedy="Log in and try again.")

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse a stranger, then whoever lacks the scope, then a body that is too large."""
        if self._lab_token.held_by(self.request.headers.get("Authorization", "")):
            await self._prepare_lab()
        else:
            await super().prepare()
        if self._finished:
            return
        user = self.current_user
        if user is None:
            raise Unauthenticated("You are not logged in", remedy="Log in and try again.")
        if not await ensure_async(
            self.authorizer.is_authorized(self, user, self.action, f"orrery:{self.capability}")
        ):
            raise Forbidden(
                "You may not do this",
                reason=f"It needs the permission {self.scope}.",
                remedy="Ask the administrator of this server for it.",
            )
        if len(self.request.body) > self.max_body:
            raise TooLarge(
                "The request is too large",
                reason=f"It has {len(self.request.body):,} bytes; the limit is {self.max_body:,}.",
                remedy="Send less at once.",
            )

    async def _prepare_lab(self) -> None:
        """Let in a kernel or terminal of this lab: it holds a token for Orrery's routes only.

        A bearer token that a page cannot make a browser send needs no XSRF cookie.
        """
        CallContext.set(CallContext.JUPYTER_HANDLER, self)
        if not self.check_host():
            raise Forbidden("This server does not answer to that host name")
        self.current_user = self._jupyter_current_user = User(username="lab", name="This lab")

    def body(self, shape: type[S]) -> S:
        """The JSON body as a shape."""
        return self._validated(lambda: shape.model_validate_json(self.request.body))

    def query(self, shape: type[S]) -> S:
        """The query string as a shape; a field that is a tuple takes every occurrence."""
        raw: dict[str, Any] = {}
        for name in self.request.query_arguments:
            if name.isdigit() or name == "token":
                # JupyterLab puts the time behind an address, so that no browser answers from its cache, and
                # Jupyter Server takes its token there: neither is for a capability.
                continue
            values = self.get_query_arguments(name, strip=False)
            field = shape.model_fields.get(name)
            many = field is not None and get_origin(field.annotation) is tuple
            raw[name] = values if many else values[-1]
        return self._validated(lambda: shape.model_validate(raw))

    @staticmethod
    def _validated(validate: Callable[[], S]) -> S:
        try:
            return validate()
        except ValidationError as problem:
            if problem.errors()[0]["type"] == "json_invalid":
                raise Invalid(
                    "The request is not JSON",
                    reason=str(problem.errors()[0].get("ctx", {}).get("error", "")),
                    remedy="Send a JSON object.",
                ) from None
            fields = [
                {"field": ".".join(map(str, e["loc"])), "problem": e["msg"]}
                for e in problem.errors(
                    include_url=False, include_input=False, include_context=False
                )
            ]
            said = "; ".join(f"{f['field'] or 'body'}: {f['problem']}" for f in fields[:5])
            raise Invalid(
                "Some of what was sent cannot be used",
                reason=said,
                remedy="Correct the named fields and send it again.",
                details={"fields": fields[:50]},
            ) from None

    def answer(self, shape: BaseModel | None = None, status: int = 200) -> None:
        """Send a shape, or nothing with status 204."""
        if shape is None:
            self.set_status(204)
            self.finish()
            return
        self.set_status(status)
        self.finish(shape.model_dump_json())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Tell any failure in the one body; what it does not know it does not tell."""
        problem = (kwargs.get("exc_info") or (None, None, None))[1]
        if not isinstance(problem, OrreryError):
            problem = _as_orrery(status_code, problem)
        self.set_status(problem.status)
        self.set_header("X-Request-Id", self._request_id)
        if problem.status == 405:
            known = [verb for verb in self.SUPPORTED_METHODS if vars(type(self)).get(verb.lower())]
            self.set_header("Allow", ", ".join([*known, "OPTIONS"]))
        self.finish(json.dumps(problem.body(self._request_id)))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """One line for a refusal, a traceback only for what nobody foresaw."""
        if isinstance(value, OrreryError):
            self.log.info("orrery %s %s: %s", self._request_id, value.code, value.message[:500])
        elif isinstance(value, HTTPError):
            self.log.info("orrery %s HTTP %s", self._request_id, value.status_code)
        else:
            self.log.error(
                "orrery %s failed unforeseen", self._request_id, exc_info=(typ, value, tb)
            )


def _as_orrery(status: int, problem: BaseException | None) -> OrreryError:
    """The error that stands for an HTTP status that Tornado or Jupyter Server raised."""
    if status in (401, 403) and problem is not None:
        said = str(getattr(problem, "log_message", "") or "")
        if "XSRF" in said.upper():
            return Forbidden(
                "The request could not be trusted",
                reason="Its XSRF token is missing or wrong.",
                remedy="Reload the page and try again.",
            )
        return Forbidden("You may not do this", remedy="Log in and try again.")
    if status == 404:
        return NotFound("There is no such address", remedy="Check the address, or update Orrery.")
    if status == 405:
        return MethodNotAllowed("This address does not take that method")
    if 400 <= status < 500:
        return Invalid("The request cannot be understood")
    return OrreryError(
        "Orrery failed in a way that nobody foresaw",
        reason="The server's log has the details under the request id.",
        remedy="Try again; if it stays, report it with the request id.",
    )


class NoSuchRoute(OrreryHandler):
    """Any other address below ``/orrery``: the same body, and no hint to a stranger."""

    capability = "status"

    async def _refuse(self, *_: str) -> None:
        raise NotFound("There is no such address", remedy="Check the address, or update Orrery.")

    get = post = put = patch = delete = head = _refuse


def routes(table: list[tuple[str, type[OrreryHandler]]], **given: Any) -> list[Route]:
    """The routes of a capability below ``/orrery``, each handed what it needs."""
    return [(f"/orrery/{path}", handler, given) for path, handler in table]
