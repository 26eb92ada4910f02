"""The addresses of snippets: parse, call the service, answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from orrery_hub.base.auth import needs_scope
from orrery_hub.base.user import User
from orrery_hub.snippets.service import SnippetService
from orrery_wire.snippets import (
    Changes,
    ChangesQuery,
    Identifier,
    Marks,
    SnippetIn,
    StoredSnippet,
    Versions,
)

Reader = Annotated[User, needs_scope("custom:orrery:snippets:read")]
Writer = Annotated[User, needs_scope("custom:orrery:snippets:write")]


def router(service: SnippetService) -> APIRouter:
    """The routes, on a service."""
    routes = APIRouter(prefix="/snippets", tags=["snippets"])

    @routes.get("/changes")
    def changes(person: Reader, query: Annotated[ChangesQuery, Query()]) -> Changes:
        """What one may see that changed since a cursor."""
        return service.changes(person, query)

    @routes.post("", status_code=201)
    def create(person: Writer, wanted: SnippetIn) -> StoredSnippet:
        """A new snippet."""
        return service.save(person, wanted)

    @routes.put("/{id}")
    def save(person: Writer, id: Identifier, wanted: SnippetIn) -> StoredSnippet:
        """A new version of a snippet."""
        return service.save(person, wanted, id)

    @routes.delete("/{id}", status_code=204)
    def delete(person: Writer, id: Identifier) -> Response:
        """Take a snippet away; it can be brought back."""
        service.delete(person, id)
        return Response(status_code=204)

    @routes.post("/{id}/undelete")
    def undelete(person: Writer, id: Identifier) -> StoredSnippet:
        """Bring a deleted snippet back."""
        return service.undelete(person, id)

    @routes.get("/{id}/versions")
    def versions(person: Reader, id: Identifier) -> Versions:
        """Every version that is kept, newest first."""
        return service.versions(person, id)

    @routes.patch("/{id}/marks")
    def mark(person: Reader, id: Identifier, marks: Marks) -> StoredSnippet:
        """Note what concerns only oneself: favourite, place, use, seen."""
        return service.mark(person, id, marks)

    return routes
