"""Routes of what administrators declare: list, create, replace and delete have one shape everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import Query

from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.schemas import Page

Admin = Annotated[User, needs_scope(PLATFORM_ADMIN)]


class Collection(Protocol):
    """The service behind the routes; ``who`` is the administrator's name, for the audit."""

    def list(self, query: Any, /) -> Any:
        """One page."""

    def create(self, who: str, request: Any, /) -> Any:
        """Declare something new."""

    def replace(self, who: str, key: Any, request: Any, /) -> Any:
        """Declare something that exists anew."""

    def delete(self, who: str, key: Any, /) -> None:
        """Delete it."""


@dataclass(frozen=True)
class CollectionShapes:
    """The types of a collection: ``key`` is that of the parameter in the path, as FastAPI reads it."""

    key: Any
    query: type[Any]
    request: type[Any]
    response: type[Any]


@dataclass(frozen=True)
class CollectionDocs:
    """What the documentation says about each route."""

    list: str
    create: str
    replace: str
    delete: str


def add_collection(
    routes: Router,
    path: str,
    key: str,
    collection: Collection,
    shapes: CollectionShapes,
    docs: CollectionDocs,
) -> None:
    """Add the four routes to a router; ``path`` is that of the list, ``key`` the parameter below it."""

    def add(method: str, where: str, endpoint: Any, doc: str, **types: Any) -> None:
        # FastAPI reads the types where a function says them, and each collection has others.
        endpoint.__annotations__ = types
        endpoint.__doc__ = doc
        endpoint.__name__ = f"{endpoint.__name__}_{key}"
        status = {"POST": 201, "DELETE": 204}.get(method, 200)
        routes.add_api_route(where, endpoint, methods=[method], status_code=status)

    def list_all(_: User, query: Any) -> Any:
        return collection.list(query)

    def create(user: User, request: Any) -> Any:
        return collection.create(user.name, request)

    def replace(user: User, key: Any, request: Any) -> Any:
        return collection.replace(user.name, key, request)

    def delete(user: User, key: Any) -> None:
        collection.delete(user.name, key)

    # A type that is known when the routes are added.
    query: Any = Annotated[shapes.query, Query()]
    page: Any = Page[shapes.response]  # type: ignore[name-defined]
    change = {"user": Admin, "request": shapes.request, "return": shapes.response}
    below = f"{path}/{{{key}}}"
    add("GET", path, list_all, docs.list, **{"_": Admin, "query": query, "return": page})
    add("POST", path, create, docs.create, **change)
    add("PUT", below, replace, docs.replace, **change, key=shapes.key)
    add("DELETE", below, delete, docs.delete, **{"user": Admin, "key": shapes.key, "return": None})
