"""HTTP routes of snippets."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.snippets.service import SnippetService
from orrery_wire.names import Identifier
from orrery_wire.snippets import (
    Changes,
    ChangesQuery,
    Marks,
    SnippetIn,
    StoredSnippet,
    Versions,
    Writes,
    WritesIn,
)

Reader = Annotated[User, needs_scope("custom:orrery:snippets:read")]
Writer = Annotated[User, needs_scope("custom:orrery:snippets:write")]


def router(service: SnippetService) -> Router:
    """Routes of snippets."""
    routes = Router(prefix="/snippets", tags=["snippets"])

    @routes.get("/changes")
    def changes(user: Reader, query: Annotated[ChangesQuery, Query()]) -> Changes:
        """The changes since a cursor that the user may see."""
        return service.changes(user, query)

    @routes.post("", status_code=201)
    def create(user: Writer, request: SnippetIn) -> StoredSnippet:
        """Create a snippet."""
        return service.save(user, request)

    @routes.post("/batch")
    def write_many(user: Writer, request: WritesIn) -> Writes:
        """Save, delete and restore many snippets; each is done or refused for itself."""
        return service.write_many(user, request)

    @routes.put("/{id}")
    def save(user: Writer, id: Identifier, request: SnippetIn) -> StoredSnippet:
        """Save a new version of a snippet."""
        return service.save(user, request, id)

    @routes.delete("/{id}", status_code=204)
    def delete(user: Writer, id: Identifier) -> None:
        """Delete a snippet; it can be restored."""
        service.delete(user, id)

    @routes.post("/{id}/undelete")
    def undelete(user: Writer, id: Identifier) -> StoredSnippet:
        """Restore a deleted snippet."""
        return service.undelete(user, id)

    @routes.get("/{id}/versions")
    def versions(user: Reader, id: Identifier) -> Versions:
        """Every stored version, newest first."""
        return service.versions(user, id)

    @routes.patch("/{id}/marks")
    def mark(user: Reader, id: Identifier, marks: Marks) -> StoredSnippet:
        """Change the user's own marks: favourite, position, use, seen version."""
        return service.mark(user, id, marks)

    return routes
