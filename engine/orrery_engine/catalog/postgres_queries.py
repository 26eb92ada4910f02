"""PostgreSQL is asked in `pg_catalog`: its views of the standard's schema cost twice as much."""

from __future__ import annotations

from typing import Any

from orrery_engine.catalog.nodes import Node, NodeKind
from orrery_engine.catalog.queries import pattern
from orrery_engine.catalog.sessions import Session

_KINDS: dict[str, NodeKind] = {
    "r": "table",
    "v": "view",
    "m": "materialized_view",
    "f": "foreign_table",
    "p": "partitioned_table",
}
_NO_RIGHT = "The user of this connection has no right to read it."
_SCHEMAS = """
SELECT n.nspname, coalesce(obj_description(n.oid, 'pg_namespace'), ''), pg_get_userbyid(n.nspowner),
       has_schema_privilege(n.oid, 'USAGE')
FROM pg_namespace n
WHERE n.nspname !~ '^pg_(toast|temp)' AND n.nspname > $1 AND n.nspname ILIKE $2 ESCAPE '!'
ORDER BY n.nspname COLLATE "C" LIMIT $3
"""
# Partitions are parts of their table, not tables of their own.
_TABLES = """
SELECT c.relname, c.relkind::text, coalesce(obj_description(c.oid, 'pg_class'), ''), pg_get_userbyid(c.relowner),
       CASE WHEN c.relkind = 'p' THEN (SELECT sum(nullif(p.reltuples, -1)) FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid
                                       WHERE i.inhparent = c.oid)
            ELSE nullif(c.reltuples, -1) END::bigint,
       CASE WHEN c.relkind IN ('r', 'm') THEN c.relpages::bigint * current_setting('block_size')::bigint END,
       has_any_column_privilege(c.oid, 'SELECT')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition
"""
_PAGE = """ AND c.relname COLLATE "C" > $2 AND c.relname ILIKE $3 ESCAPE '!' ORDER BY c.relname COLLATE "C" LIMIT $4"""
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), coalesce(col_description(a.attrelid, a.attnum), ''),
       NOT a.attnotnull, coalesce(pg_get_expr(d.adbin, d.adrelid), ''),
       coalesce((SELECT min(k.contype::text) FROM pg_constraint k
                 WHERE k.conrelid = a.attrelid AND k.contype IN ('p', 'f') AND a.attnum = ANY (k.conkey)), ''),
       has_column_privilege(a.attrelid, a.attnum, 'SELECT'),
       EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'p' AND a.attnum = ANY (k.conkey))
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
_SEARCH = """
SELECT n.nspname, c.relname, NULL::text, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND c.relname ILIKE $1 ESCAPE '!'
  AND n.nspname !~ '^(pg_|information_schema$)' AND has_schema_privilege(n.oid, 'USAGE')
UNION ALL
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attname ILIKE $1 ESCAPE '!' AND n.nspname !~ '^(pg_|information_schema$)' AND has_schema_privilege(n.oid, 'USAGE')
ORDER BY 3 NULLS FIRST, 1, 2 LIMIT $2
"""


class _Postgres:
    def schemas(self, session: Session, after: str, search: str, limit: int) -> list[Node]:
        rows = session.rows(_SCHEMAS, (after, pattern(search), limit))
        return [
            Node(
                (name,), "schema", comment=comment, owner=owner, problem="" if usable else _NO_RIGHT
            )
            for name, comment, owner, usable in rows
        ]

    def has_schema(self, session: Session, schema: str) -> bool:
        return bool(session.rows("SELECT 1 FROM pg_namespace WHERE nspname = $1", (schema,)))

    def tables(
        self, session: Session, schema: str, after: str, search: str, limit: int
    ) -> list[Node]:
        rows = session.rows(_TABLES + _PAGE, (schema, after, pattern(search), limit))
        return [_table(schema, row) for row in rows]

    def table(self, session: Session, schema: str, table: str) -> Node | None:
        rows = session.rows(f"{_TABLES} AND c.relname = $2", (schema, table))
        return _table(schema, rows[0]) if rows else None

    def columns(self, session: Session, schema: str, table: str) -> list[Node]:
        return [
            Node(
                (schema, table, name),
                "column",
                type=native,
                comment=comment,
                is_nullable=nullable,
                default=default,
                key="primary" if is_primary else "foreign" if key == "f" else "",
                problem="" if readable else _NO_RIGHT,
            )
            for name, native, comment, nullable, default, key, readable, is_primary in session.rows(
                _COLUMNS, (schema, table)
            )
        ]

    def search(self, session: Session, text: str, limit: int) -> list[Node]:
        return [
            Node((schema, table), _KINDS[what])
            if column is None
            else Node((schema, table, column), "column", type=what)
            for schema, table, column, what in session.rows(_SEARCH, (pattern(text), limit))
        ]


def _table(schema: str, row: tuple[Any, ...]) -> Node:
    name, kind, comment, owner, rows, size, readable = row
    return Node(
        (schema, name),
        _KINDS[kind],
        comment=comment,
        owner=owner,
        rows=rows,
        bytes=size,
        problem="" if readable else _NO_RIGHT,
    )


QUERIES = _Postgres()
