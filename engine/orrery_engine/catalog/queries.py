"""What a kind of database is asked for its tree."""

from __future__ import annotations

from typing import Protocol

from orrery_engine.catalog.nodes import Node
from orrery_engine.catalog.sessions import Session


class Queries(Protocol):
    """The queries of one kind of database. Lists are ordered by name and begin after a name."""

    def schemas(self, session: Session, after: str, search: str, limit: int) -> list[Node]:
        """Schemas that the user may use."""

    def has_schema(self, session: Session, schema: str) -> bool:
        """Whether there is a schema."""

    def tables(
        self, session: Session, schema: str, after: str, search: str, limit: int
    ) -> list[Node]:
        """Tables and views of a schema, with estimates."""

    def table(self, session: Session, schema: str, table: str) -> Node | None:
        """One table; None if there is none."""

    def columns(self, session: Session, schema: str, table: str) -> list[Node]:
        """The columns of a table in its own order; none if there is no such table."""

    def search(self, session: Session, text: str, limit: int) -> list[Node]:
        """Tables and columns whose names hold a text."""


def pattern(search: str) -> str:
    """A text as a pattern of LIKE that finds it anywhere; `!` escapes."""
    for sign in "!%_":
        search = search.replace(sign, f"!{sign}")
    return f"%{search}%"
