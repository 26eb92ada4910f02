"""Declared routes: which request calls which method of a service, and which shapes cross.

    Route("PUT", "snippets/{id}", SnippetService.save, name="update")

Everything else comes from the method's annotations. A parameter that the path names is ``int`` or ``str``, which stands
for ``orrery_wire.names.Segment``, or a ``str`` with constraints of its own: they are checked after the address is
decoded. A parameter that is a ``Shape`` is the JSON body of POST, PUT
and PATCH, or the query of GET and DELETE, and a shape named ``...Query`` always is the query; ``LastEventId`` is where
a stream goes on. The return annotation is the kind of response: a shape (JSON), None (204), ``Download`` or
``AsyncIterator[Event[S]]`` (server-sent events).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Generic,
    Literal,
    NewType,
    TypeGuard,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from orrery_server.base.path_parameters import PathParameter, path_parameter
from orrery_wire.schemas import Shape

S = TypeVar("S", bound=Shape)
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Action = Literal["read", "write"]
Kind = Literal["json", "empty", "download", "stream"]
LastEventId = NewType("LastEventId", str)

METHODS = get_args(Method)
ACTIONS = get_args(Action)
MAX_BODY = 4 * 1024 * 1024

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SHAPE_SLOTS = ("body", "query")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class RouteError(TypeError):
    """A declared route cannot be served: its method, path, scope or annotations do not fit."""


@dataclass(frozen=True)
class Route:
    """One request that a capability answers.

    ``scope`` is ``read`` for GET and ``write`` otherwise unless it is given: a POST that changes nothing reads.
    ``kernel`` is what a kernel or terminal of the lab may do there with the lab token: it reads, unless a route that
    changes something says ``write``. ``max_body`` is in bytes. ``media`` is the content type of a download. ``name`` names the call in generated clients; the service's method name if not given.
    """

    method: Method
    path: str
    call: Callable[..., object]
    scope: Action | None = None
    kernel: Action = "read"
    status: int = 200
    max_body: int = MAX_BODY
    media: str = "application/octet-stream"
    name: str = ""


@dataclass(frozen=True)
class Download:
    """A file as response, sent piece by piece; without a name the browser shows it instead of saving it."""

    content: bytes | Path | Iterable[bytes]
    name: str = ""


@dataclass(frozen=True)
class Event(Generic[S]):
    """One server-sent event; ``id`` is what a client sends back as ``Last-Event-ID`` to go on from here."""

    data: S
    id: str = ""


@dataclass(frozen=True)
class Endpoint:
    """A route with what its annotations say. ``body`` and ``query`` are parameter name and shape."""

    capability: str
    route: Route
    parameters: tuple[PathParameter, ...]
    body: tuple[str, type[Shape]] | None
    query: tuple[str, type[Shape]] | None
    last_event_id: str
    kind: Kind
    response: type[Shape] | None
    is_optional: bool

    @property
    def name(self) -> str:
        """The call's name in generated clients, unique in its capability."""
        return self.route.name or self.route.call.__name__

    @property
    def action(self) -> Action:
        """What the request asks permission for."""
        return self.route.scope or ("read" if self.route.method == "GET" else "write")

    @property
    def is_for_kernels(self) -> bool:
        """Whether a kernel or terminal may call it with the lab token."""
        return self.action == "read" or self.route.kernel == "write"

    @property
    def scope(self) -> str:
        """The permission that the request needs, such as ``orrery:snippets:write``."""
        return f"orrery:{self.capability}:{self.action}"

    @property
    def status(self) -> int:
        """The HTTP status of success."""
        return 204 if self.kind == "empty" else self.route.status

    @property
    def summary(self) -> str:
        """The first line of the method's docstring, without its full stop."""
        return (inspect.getdoc(self.route.call) or "").partition("\n")[0].rstrip(".")

    @property
    def pattern(self) -> str:
        """The path below ``/orrery`` as a regular expression with named groups."""
        patterns = {parameter.name: parameter.pattern for parameter in self.parameters}
        pieces = _PLACEHOLDER.split(self.route.path)
        return "".join(
            f"(?P<{piece}>{patterns[piece]})" if number % 2 else re.escape(piece)
            for number, piece in enumerate(pieces)
        )


def resolve(capability: str, route: Route) -> Endpoint:
    """The route with the shapes that its method's annotations name.

    Raises:
        RouteError: an unknown HTTP method or scope, a missing annotation, or a parameter that no part of a request
            can fill.
    """
    try:
        return _resolve(capability, route)
    except (RouteError, NameError) as problem:
        name = getattr(route.call, "__qualname__", repr(route.call))
        raise RouteError(f"{route.method} {route.path} ({name}): {problem}") from None


def _resolve(capability: str, route: Route) -> Endpoint:
    if route.method not in METHODS:
        raise RouteError(f"the method is not one of {', '.join(METHODS)}")
    if route.scope not in (None, *ACTIONS):
        raise RouteError(f"the scope {route.scope!r} is not one of {', '.join(ACTIONS)}")
    if route.kernel not in ACTIONS:
        raise RouteError(f"kernel={route.kernel!r} is not one of {', '.join(ACTIONS)}")
    hints = get_type_hints(route.call, include_extras=True)
    if "return" not in hints:
        raise RouteError("the method's return annotation is missing")
    slots = _slots(route, hints)
    in_path = _PLACEHOLDER.findall(route.path)
    if unfilled := [name for name in in_path if name not in slots]:
        raise RouteError(f"the method takes no parameter {unfilled[0]!r}")
    kind, response, is_optional = _response(hints["return"])
    shapes = {slot: (name, hints[name]) for name, slot in slots.items() if slot in _SHAPE_SLOTS}
    return Endpoint(
        capability=capability,
        route=route,
        parameters=tuple(_path_parameter(name, hints[name]) for name in in_path),
        body=shapes.get("body"),
        query=shapes.get("query"),
        last_event_id=next((name for name, slot in slots.items() if slot == "last_event_id"), ""),
        kind=kind,
        response=response,
        is_optional=is_optional,
    )


def _slots(route: Route, hints: dict[str, object]) -> dict[str, str]:
    """Which part of a request fills each parameter of the method after ``self``."""
    in_path = _PLACEHOLDER.findall(route.path)
    slots: dict[str, str] = {}
    for name, parameter in list(inspect.signature(route.call).parameters.items())[1:]:
        if name not in hints:
            raise RouteError(f"the parameter {name!r} has no annotation")
        slot = "path" if name in in_path else _slot(route.method, hints[name])
        if slot in _SHAPE_SLOTS and slot in slots.values():
            raise RouteError(f"{name!r} and another parameter are both its {slot}")
        if slot:
            slots[name] = slot
        elif parameter.default is parameter.empty:
            raise RouteError(f"no part of a request fills the parameter {name!r}")
    return slots


def _slot(method: str, hint: object) -> str:
    if is_shape(hint):
        return "body" if method in _WITH_BODY and not hint.__name__.endswith("Query") else "query"
    return "last_event_id" if hint is LastEventId else ""


def is_shape(hint: object) -> TypeGuard[type[Shape]]:
    """Whether an annotation is a shape, and no union or list of shapes."""
    return isinstance(hint, type) and issubclass(hint, Shape)


def _path_parameter(name: str, hint: object) -> PathParameter:
    parameter = path_parameter(name, _without_none(hint)[0])
    if parameter is None:
        raise RouteError(f"the parameter {name!r} of the path is neither str nor int")
    return parameter


def _response(hint: object) -> tuple[Kind, type[Shape] | None, bool]:
    """Kind of response, its shape, and whether there may be none."""
    if hint is NoneType:
        return "empty", None, False
    if hint is Download:
        return "download", None, False
    if get_origin(hint) is AsyncIterator:
        (event,) = get_args(hint)
        if get_origin(event) is Event and is_shape(get_args(event)[0]):
            return "stream", get_args(event)[0], False
    hint, is_optional = _without_none(hint)
    if is_shape(hint):
        return "json", hint, is_optional
    raise RouteError(f"{hint!r} is not a response")


def _without_none(hint: object) -> tuple[object, bool]:
    """``X`` of ``X | None``, and whether there was a None."""
    if get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint):
        rest = [part for part in get_args(hint) if part is not NoneType]
        if len(rest) == 1:
            return rest[0], True
    return hint, False
