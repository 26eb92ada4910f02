"""The tree of a database, a page for a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orrery_engine.catalog import duckdb_queries, mysql_queries, postgres_queries, sqlite_queries
from orrery_engine.catalog.nodes import Node, NodePage, page_of, parse_token
from orrery_engine.catalog.queries import Queries
from orrery_engine.catalog.sessions import Session
from orrery_engine.catalog.spec import DatabaseSpec
from orrery_engine.lazy import LazyModule
from orrery_engine.quoting import sql_name
from orrery_wire.errors import Invalid, NotFound

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = LazyModule("pyarrow")

_QUERIES: dict[str, Queries] = {
    "postgresql": postgres_queries.QUERIES,
    "mysql": mysql_queries.QUERIES,
    "sqlite": sqlite_queries.QUERIES,
    "duckdb": duckdb_queries.QUERIES,
}
MAX_COLUMNS = 20_000


class Catalog:
    """What a database holds, over one connection."""

    def __init__(self, spec: DatabaseSpec, session: Session) -> None:
        self._spec = spec
        self._session = session
        self._queries = _QUERIES[spec.kind]

    def page(
        self, path: tuple[str, ...] = (), *, token: str = "", limit: int = 200, search: str = ""
    ) -> NodePage:
        """Schemas of the database, tables of a schema, or columns of a table.

        Args:
            search: only names that hold this text, in any case; asked of the database.

        Raises:
            NotFound: there is nothing at the path.
            Invalid: nothing can be below it.
        """
        after = parse_token(token)
        if any("\0" in part for part in (*path, search)):
            raise Invalid("A name cannot hold a NUL character")
        if len(path) == 0:
            return page_of(self._queries.schemas(self._session, after, search, limit + 1), limit)
        if len(path) == 1:
            nodes = self._queries.tables(self._session, path[0], after, search, limit + 1)
            if not nodes and not after and not search:
                self._require(self._queries.has_schema(self._session, path[0]), path)
            return page_of(nodes, limit)
        if len(path) == 2:
            return self._columns(path, after, search, limit)
        raise Invalid("A column has nothing below it")

    def _columns(self, path: tuple[str, ...], after: str, search: str, limit: int) -> NodePage:
        """Columns stand in the order of the table: a page goes on after the column of its token."""
        nodes = self._queries.columns(self._session, path[0], path[1])
        self._require(bool(nodes), path)
        names = [node.name for node in nodes]
        start = names.index(after) + 1 if after in names else 0
        matching = [node for node in nodes[start:] if search.casefold() in node.name.casefold()]
        return page_of(matching[: limit + 1], limit)

    def describe(self, path: tuple[str, ...]) -> Node:
        """One table, with what is cheap to know of it.

        Raises:
            NotFound: there is none.
        """
        if len(path) != 2:
            raise Invalid("Only tables can be described", remedy="Name a schema and a table.")
        node = self._queries.table(self._session, path[0], path[1])
        if node is None:
            self._require(False, path)
            raise AssertionError
        return node

    def search(self, text: str, *, limit: int = 100) -> list[Node]:
        """Tables and columns of all schemas whose names hold a text, tables first."""
        if not text or "\0" in text:
            return []
        return self._queries.search(self._session, text, limit)

    def rows(self, path: tuple[str, ...], limit: int) -> pa.Table:
        """The first rows of a table, in no order."""
        node = self.describe(path)
        if node.problem:
            raise NotFound(f'"{node.name}" cannot be read', reason=node.problem)
        name = ".".join(sql_name(part, self._spec.kind) for part in path)
        return self._session.table(f"SELECT * FROM {name} LIMIT {limit:d}", limit)  # noqa: S608  # names are quoted

    def _require(self, is_there: bool, path: tuple[str, ...]) -> None:
        if not is_there:
            raise NotFound(
                f'There is no "{".".join(path)}"',
                reason="It was renamed or dropped, or it is not for this user to see.",
                remedy="Refresh the list.",
            )
