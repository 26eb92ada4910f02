"""MySQL and MariaDB are asked in `information_schema`; a schema there is what others call a database."""

from __future__ import annotations

from typing import Any

from orrery_engine.catalog.nodes import Node, NodeKind
from orrery_engine.catalog.queries import pattern
from orrery_engine.catalog.sessions import Session

_KINDS: dict[str, NodeKind] = {"VIEW": "view", "SYSTEM VIEW": "view"}
_SCHEMAS = """
SELECT schema_name FROM information_schema.schemata
WHERE BINARY schema_name > BINARY %s AND schema_name LIKE %s ESCAPE '!' ORDER BY BINARY schema_name LIMIT %s
"""
_TABLES = """
SELECT table_name, table_type, COALESCE(table_comment, ''), table_rows, data_length + index_length
FROM information_schema.tables WHERE table_schema = %s
"""
_PAGE = " AND BINARY table_name > BINARY %s AND table_name LIKE %s ESCAPE '!' ORDER BY BINARY table_name LIMIT %s"
_COLUMNS = """
SELECT column_name, column_type, column_comment, is_nullable, column_default, column_key
FROM information_schema.columns WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position
"""
_OWN = "('information_schema', 'mysql', 'performance_schema', 'sys')"
_SEARCH_TABLES = f"""
SELECT table_schema, table_name, table_type FROM information_schema.tables
WHERE table_name LIKE %s ESCAPE '!' AND table_schema NOT IN {_OWN} ORDER BY 1, 2 LIMIT %s
"""  # noqa: S608  # names of our own
_SEARCH_COLUMNS = f"""
SELECT table_schema, table_name, column_name, column_type FROM information_schema.columns
WHERE column_name LIKE %s ESCAPE '!' AND table_schema NOT IN {_OWN} ORDER BY 1, 2, 3 LIMIT %s
"""  # noqa: S608  # names of our own


class _Mysql:
    def schemas(self, session: Session, after: str, search: str, limit: int) -> list[Node]:
        rows = session.rows(_SCHEMAS, (after, pattern(search), limit))
        return [Node((name,), "schema") for (name,) in rows]

    def has_schema(self, session: Session, schema: str) -> bool:
        query = "SELECT 1 FROM information_schema.schemata WHERE schema_name = %s"
        return bool(session.rows(query, (schema,)))

    def tables(
        self, session: Session, schema: str, after: str, search: str, limit: int
    ) -> list[Node]:
        rows = session.rows(_TABLES + _PAGE, (schema, after, pattern(search), limit))
        return [_table(schema, row) for row in rows]

    def table(self, session: Session, schema: str, table: str) -> Node | None:
        rows = session.rows(f"{_TABLES} AND table_name = %s", (schema, table))
        return _table(schema, rows[0]) if rows else None

    def columns(self, session: Session, schema: str, table: str) -> list[Node]:
        return [
            Node(
                (schema, table, name),
                "column",
                type=native,
                comment=comment,
                is_nullable=nullable == "YES",
                default=default or "",
                key="primary" if key == "PRI" else "foreign" if key == "MUL" else "",
            )
            for name, native, comment, nullable, default, key in session.rows(
                _COLUMNS, (schema, table)
            )
        ]

    def search(self, session: Session, text: str, limit: int) -> list[Node]:
        tables = [
            Node((schema, table), _KINDS.get(kind, "table"))
            for schema, table, kind in session.rows(_SEARCH_TABLES, (pattern(text), limit))
        ]
        columns = [
            Node((schema, table, column), "column", type=native)
            for schema, table, column, native in session.rows(
                _SEARCH_COLUMNS, (pattern(text), limit)
            )
        ]
        return [*tables, *columns][:limit]


def _table(schema: str, row: tuple[Any, ...]) -> Node:
    name, kind, comment, rows, size = row
    is_view = kind in _KINDS
    return Node(
        (schema, name),
        _KINDS.get(kind, "table"),
        comment="" if is_view and comment == "VIEW" else comment,
        rows=None if is_view else rows,
        bytes=None if is_view else size,
        problem=comment if is_view and "invalid" in comment else "",
    )


QUERIES = _Mysql()
