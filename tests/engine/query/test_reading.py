"""What a connection that only reads sends to a server, whatever the text of the statement is."""

from __future__ import annotations

import pytest

from orrery_engine.query.reading import Server, refuse, wrapped
from orrery_wire.errors import Forbidden

REFUSED: dict[Server, tuple[str, ...]] = {
    "postgresql": (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
        'SELECT "pg_terminate_backend"(1)',
        "SELECT pg_catalog . PG_Cancel_Backend /* a */ (1)",
        'SELECT U&"pg\\005fterminate_backend"(1)',
        'SELECT u&""',
        "SELECT $a$ $b$ $a$ || pg_advisory_lock(1) || $b$",
        "SELECT pg_try_advisory_xact_lock_shared(1)",
        "SELECT set_config('role', 'none', true)",
        "SELECT query_to_xml_and_xmlschema('a', true, true, '')",
        "SELECT * FROM dblink_exec('a')",
        "SELECT lo_from_bytea(0, 'a')",
        "EXPLAIN ANALYZE SELECT pg_logical_emit_message(false, 'a', 'b')",
        "SELECT pg_create_logical_replication_slot('a', 'b')",
        "SELECT ts_stat('SELECT 1')",
        "SELECT pg_stat_reset_shared('bgwriter')",
        "SELECT pg_notify('a', 'b')",
    ),
    "mysql": (
        "SELECT 1 /*! ; DELETE */",
        "/*!50000 DELETE FROM t */",
        "/*M!100000 x */ SHOW TABLES",
        "/*m! x */",
        "SELECT '/*!'",
        "SELECT 1 INTO OUTFILE 'a'",
        "SELECT 1 INTO/**/DumpFile 'a'",
        "SELECT load_file ('a')",
        "SELECT GET_LOCK('a', 1)",
        "SELECT RELEASE_ALL_LOCKS()",
        "SELECT NEXTVAL(s)",
    ),
}
PASSED: dict[Server, tuple[str, ...]] = {
    "postgresql": (
        "SELECT lo_orderdate, lo_open_date FROM lineorder",
        "SELECT * FROM pg_replication_slots, pg_stat_activity",
        "SELECT dblinks, set_configs, my_pg_notify FROM t",
        "SELECT pg_backend_pid(), pg_size_pretty(pg_total_relation_size('t'))",
        "SELECT 1 /*! a */",
    ),
    "mysql": (
        "SELECT /* a */ 1 /* ! */",
        "SELECT /*+ MAX_EXECUTION_TIME(1) */ 1",
        "SELECT outfiles, my_get_lock FROM t",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_a_transaction_does_not_hold_back_is_refused(kind: Server) -> None:
    for text in REFUSED[kind]:
        with pytest.raises(Forbidden) as caught:
            refuse(text, kind)
        assert caught.value.remedy, text
    for text in PASSED[kind]:
        refuse(text, kind)


def test_only_a_query_can_stand_where_a_statement_is_put() -> None:
    assert wrapped("SELECT 1", "postgresql", 5).splitlines() == [
        "SELECT * FROM (",
        "SELECT 1",
        ") AS orrery LIMIT 5",
    ]
    assert wrapped("SELECT 1 -- a", "mysql", 5) == "(\nSELECT 1 -- a\n) LIMIT 5"
    assert wrapped("WITH a AS (SELECT 1) SELECT 1", "mysql", 5).startswith("SELECT * FROM (\nWITH")
    assert wrapped("/* a */ SHOW TABLES", "mysql", 5) == "SHOW TABLES"
    for begin in ("EXPLAIN ", "desc ", "EXPLAIN  FORMAT = JSON\n", "EXPLAIN ANALYZE FORMAT=TREE "):
        text = wrapped(f"{begin}SELECT 1 INTO OUTFILE 'a'", "mysql", 5)
        assert text == f"{begin}(\nSELECT 1 INTO OUTFILE 'a'\n)"
    assert wrapped("DESC orders", "mysql", 5) == "DESC orders"
    assert wrapped("/*! a */ SHOW TABLES", "mysql", 5).startswith("(\n/*!")
