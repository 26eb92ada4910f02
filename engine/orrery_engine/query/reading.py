"""What a connection that only reads sends to a database server, and what it does not.

That nothing can be changed is for the server to decide: by a query around each statement, a transaction that only reads, and
the rights of the user. What is here is what these do not hold: calls that act on the server without changing a table, and
comments that a server runs. They are looked for in the raw text: a text that two parsers read in two ways hides nothing so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from orrery_engine.query import statements
from orrery_wire.errors import Forbidden

Server = Literal["postgresql", "mysql"]

# Sessions, locks, settings and messages of the server, and what runs a text as a statement of its own.
_CALLS: Mapping[Server, tuple[str, ...]] = {
    "postgresql": (
        r"pg_(?:terminate|cancel)_backend",
        r"pg_(?:try_)?advisory_\w+",
        r"pg_(?:logical_emit_message|notify|reload_conf|rotate_logfile|switch_wal|promote|export_snapshot)",
        r"pg_(?:create|drop|copy|sync)_\w+",
        r"pg_replication_(?:slot_advance|origin_\w+)",
        r"pg_(?:logical_slot|wal_replay|log_backend)_\w+",
        r"pg_stat_\w*reset\w*",
        r"set_config",
        r"(?:query|cursor|table|schema|database)_to_xml\w*",
        r"(?:ts_stat|ts_rewrite|crosstab|connectby|xpath_table)\w*",
        r"dblink(?:_\w+)?",
        r"lo_(?:creat|create|from_bytea|import|export|open|put|truncate|truncate64|unlink)",
        r"lowrite",
    ),
    "mysql": (
        "outfile",
        "dumpfile",
        "load_file",
        "(?:get|release)_lock",
        "release_all_locks",
        "(?:master|source)_pos_wait",
        r"sys_(?:exec|eval|set)",
        r"service_\w+_locks?",
        "lastval",
        "nextval",
        "setval",
    ),
}
_WORDS = {
    kind: re.compile(rf"(?<![\w$])(?:{'|'.join(words)})(?![\w$])", re.IGNORECASE)
    for kind, words in _CALLS.items()
}
_RUN_COMMENT = re.compile(r"/\*M?!", re.IGNORECASE)
_ESCAPED_NAME = re.compile(r"\bU&\"", re.IGNORECASE)
_EXPLAINED = re.compile(
    r"((?:EXPLAIN|DESCRIBE|DESC)\s+(?:(?:ANALYZE|EXTENDED|PARTITIONS|FORMAT\s*=\s*\w+)\s+)*)(?=SELECT\b|WITH\b|TABLE\b|VALUES\b|\()",
    re.IGNORECASE,
)


def refuse(statement: str, kind: Server) -> None:
    """Refuse what a transaction that only reads would not.

    Raises:
        Forbidden: it is in the statement.
    """
    if kind == "mysql" and _RUN_COMMENT.search(statement):
        raise Forbidden(
            "Comments that the server runs are not sent by a connection that only reads",
            reason="What is between /*! and */ is a statement to MySQL and MariaDB.",
            remedy="Write it without the comment; a text that holds these signs can be a parameter.",
        )
    if kind == "postgresql" and _ESCAPED_NAME.search(statement):
        raise Forbidden(
            "Names with escaped letters are not sent by a connection that only reads",
            reason='What U&"..." names cannot be seen before the server reads it.',
            remedy="Write the name with its letters.",
        )
    word = _WORDS[kind].search(statement)
    if word is not None:
        raise Forbidden(
            f'A connection that only reads does not call "{word.group().lower()}"',
            reason="It acts on the server, its sessions or its files, or runs a text as another statement.",
            remedy="Use a connection that may write; a text that holds this word can be a parameter.",
        )


def wrapped(text: str, kind: Server, rows: int) -> str:
    """A statement as one that can only be a query: what follows a parenthesis is no other statement to any parser.

    Args:
        text: with the places of its parameters.
        rows: that are fetched at most.
    """
    if kind == "postgresql":
        if statements.tells(text):
            return statements.bare(text)
        return f"SELECT * FROM (\n{text}\n) AS orrery LIMIT {rows:d}"  # noqa: S608  # the server parses it as one query
    if not statements.tells(text):
        return f"{_of_mysql(text)} LIMIT {rows:d}"
    bare = statements.bare(text)
    explained = _EXPLAINED.match(bare)
    return explained[1] + _of_mysql(bare[explained.end() :]) if explained else bare


def _of_mysql(text: str) -> str:
    """Parentheses allow equal names of columns; before a WITH not all versions know them."""
    if statements.begins_with_names(text):
        return f"SELECT * FROM (\n{text}\n) AS orrery"  # noqa: S608  # the server parses it as one query
    return f"(\n{text}\n)"
