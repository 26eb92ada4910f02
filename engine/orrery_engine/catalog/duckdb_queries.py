"""DuckDB is asked by its own table functions, which know estimates and comments."""

from __future__ import annotations

from typing import Any

from orrery_engine.catalog.nodes import Node
from orrery_engine.catalog.queries import pattern
from orrery_engine.catalog.sessions import Session

_SCHEMAS = """
SELECT schema_name, coalesce(comment, '') FROM duckdb_schemas()
WHERE database_name = current_database() AND NOT internal AND schema_name > ? AND schema_name ILIKE ? ESCAPE '!'
UNION
SELECT 'main', '' WHERE 'main' > ? AND 'main' ILIKE ? ESCAPE '!'
ORDER BY 1 LIMIT ?
"""
_ALL = """
SELECT * FROM (
  SELECT table_name AS name, 'table' AS kind, coalesce(comment, '') AS comment, estimated_size AS rows, schema_name
  FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal
  UNION ALL
  SELECT view_name, 'view', coalesce(comment, ''), NULL, schema_name
  FROM duckdb_views() WHERE database_name = current_database() AND NOT internal
) WHERE schema_name = ?
"""
_PAGE = " AND name > ? AND name ILIKE ? ESCAPE '!' ORDER BY name LIMIT ?"
_COLUMNS = """
SELECT c.column_name, c.data_type, coalesce(c.comment, ''), c.is_nullable, coalesce(c.column_default, ''),
       EXISTS (SELECT 1 FROM duckdb_constraints() k WHERE k.database_name = c.database_name AND k.schema_name = c.schema_name
               AND k.table_name = c.table_name AND k.constraint_type = 'PRIMARY KEY' AND list_contains(k.constraint_column_names, c.column_name)),
       EXISTS (SELECT 1 FROM duckdb_constraints() k WHERE k.database_name = c.database_name AND k.schema_name = c.schema_name
               AND k.table_name = c.table_name AND k.constraint_type = 'FOREIGN KEY' AND list_contains(k.constraint_column_names, c.column_name))
FROM duckdb_columns() c WHERE c.database_name = current_database() AND c.schema_name = ? AND c.table_name = ?
ORDER BY c.column_index
"""
_SEARCH = """
SELECT * FROM (
  SELECT schema_name, table_name, NULL AS column_name, 'table' AS what FROM duckdb_tables()
  WHERE database_name = current_database() AND NOT internal AND table_name ILIKE $1 ESCAPE '!'
  UNION ALL
  SELECT schema_name, view_name, NULL, 'view' FROM duckdb_views()
  WHERE database_name = current_database() AND NOT internal AND view_name ILIKE $1 ESCAPE '!'
  UNION ALL
  SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()
  WHERE database_name = current_database() AND NOT internal AND column_name ILIKE $1 ESCAPE '!'
) ORDER BY column_name NULLS FIRST, 1, 2 LIMIT $2
"""


class _Duckdb:
    def schemas(self, session: Session, after: str, search: str, limit: int) -> list[Node]:
        like = pattern(search)
        rows = session.rows(_SCHEMAS, (after, like, after, like, limit))
        return [Node((name,), "schema", comment=comment) for name, comment in rows]

    def has_schema(self, session: Session, schema: str) -> bool:
        query = "SELECT 1 FROM duckdb_schemas() WHERE database_name = current_database() AND schema_name = ?"
        return bool(session.rows(query, (schema,)))

    def tables(
        self, session: Session, schema: str, after: str, search: str, limit: int
    ) -> list[Node]:
        rows = session.rows(_ALL + _PAGE, (schema, after, pattern(search), limit))
        return [_table(row) for row in rows]

    def table(self, session: Session, schema: str, table: str) -> Node | None:
        rows = session.rows(f"{_ALL} AND name = ?", (schema, table))
        return _table(rows[0]) if rows else None

    def columns(self, session: Session, schema: str, table: str) -> list[Node]:
        return [
            Node(
                (schema, table, name),
                "column",
                type=native,
                comment=comment,
                is_nullable=nullable,
                default=default,
                key="primary" if primary else "foreign" if foreign else "",
            )
            for name, native, comment, nullable, default, primary, foreign in session.rows(
                _COLUMNS, (schema, table)
            )
        ]

    def search(self, session: Session, text: str, limit: int) -> list[Node]:
        return [
            Node((schema, table), "view" if what == "view" else "table")
            if column is None
            else Node((schema, table, column), "column", type=what)
            for schema, table, column, what in session.rows(_SEARCH, (pattern(text), limit))
        ]


def _table(row: tuple[Any, ...]) -> Node:
    name, kind, comment, rows, schema = row
    return Node((schema, name), kind, comment=comment, rows=rows)


QUERIES = _Duckdb()
