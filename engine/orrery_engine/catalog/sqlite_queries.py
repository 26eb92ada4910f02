"""SQLite keeps its catalogue in `sqlite_schema`; a file is the one schema `main`."""

from __future__ import annotations

from orrery_engine.catalog.nodes import Node, NodeKind
from orrery_engine.catalog.queries import pattern
from orrery_engine.catalog.sessions import Session

_KINDS: dict[str, NodeKind] = {"view": "view"}
_TABLES = "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
_PAGE = " AND name > ? AND name LIKE ? ESCAPE '!' ORDER BY name LIMIT ?"
_COLUMNS = """
SELECT c.name, c.type, c."notnull", c.dflt_value, c.pk, f."from" IS NOT NULL
FROM pragma_table_xinfo(?) c LEFT JOIN (SELECT DISTINCT "from" FROM pragma_foreign_key_list(?)) f ON f."from" = c.name
WHERE c.hidden != 1 ORDER BY c.cid
"""
_SEARCH = """
SELECT s.name, NULL, s.type FROM sqlite_schema s
WHERE s.type IN ('table', 'view') AND s.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND s.name LIKE ?1 ESCAPE '!'
UNION ALL
SELECT s.name, c.name, c.type FROM sqlite_schema s, pragma_table_xinfo(s.name) c
WHERE s.type IN ('table', 'view') AND s.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND c.name LIKE ?1 ESCAPE '!'
ORDER BY 2 NULLS FIRST, 1 LIMIT ?2
"""


class _Sqlite:
    def schemas(self, session: Session, after: str, search: str, limit: int) -> list[Node]:
        is_shown = after < "main" and search.casefold() in "main" and limit > 0
        return [Node(("main",), "schema")] if is_shown else []

    def has_schema(self, session: Session, schema: str) -> bool:
        return schema == "main"

    def tables(
        self, session: Session, schema: str, after: str, search: str, limit: int
    ) -> list[Node]:
        if schema != "main":
            return []
        rows = session.rows(_TABLES + _PAGE, (after, pattern(search), limit))
        return [Node(("main", name), _KINDS.get(kind, "table")) for name, kind in rows]

    def table(self, session: Session, schema: str, table: str) -> Node | None:
        if schema != "main":
            return None
        rows = session.rows(f"{_TABLES} AND name = ?", (table,))
        return Node(("main", rows[0][0]), _KINDS.get(rows[0][1], "table")) if rows else None

    def columns(self, session: Session, schema: str, table: str) -> list[Node]:
        if self.table(session, schema, table) is None:
            return []
        return [
            Node(
                ("main", table, name),
                "column",
                type=native,
                is_nullable=not notnull,
                default=str(default or ""),
                key="primary" if primary else "foreign" if foreign else "",
            )
            for name, native, notnull, default, primary, foreign in session.rows(
                _COLUMNS, (table, table)
            )
        ]

    def search(self, session: Session, text: str, limit: int) -> list[Node]:
        return [
            Node(("main", table), _KINDS.get(what, "table"))
            if column is None
            else Node(("main", table, column), "column", type=what)
            for table, column, what in session.rows(_SEARCH, (pattern(text), limit))
        ]


QUERIES = _Sqlite()
