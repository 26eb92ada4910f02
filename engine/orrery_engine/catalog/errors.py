"""What a failure of a database means, in words; never with a password."""

from __future__ import annotations

import re

from orrery_engine.catalog.spec import DatabaseSpec
from orrery_wire.errors import (
    BackendUnavailable,
    Cancelled,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OrreryError,
    TimedOut,
    TooMany,
)

# A word of the message in lower case or a code of SQLSTATE, and what that means: the first that fits.
_MEANINGS: tuple[tuple[tuple[str, ...], type[OrreryError], str, str, str], ...] = (
    (('requirement "none" failed',),
     Forbidden, "{it} does not let this user in", "It asks for a password, and the connection has none.", "Enter it in the connection."),
    (("authentication method requirement",),
     Forbidden, "{it} asks for the password in a form that others could read", "It is sent so only over TLS with a certificate that was verified.",
     "Choose verify-full for the TLS of the connection, or let the server use scram-sha-256 for this user."),
    (("28p01", "28000", "password authentication failed", "access denied for user", "no password supplied", "fatal:  role"),
     Forbidden, "{it} does not let this user in", "User and password do not fit, or the user may not come from here.", "Look at both in the connection."),
    (("3d000", "unknown database", "fatal:  database"),
     NotFound, "There is no such database at {it}", "", "Look at its name in the connection."),
    (("unable to open database file", "cannot open database", "cannot open file"),
     NotFound, "{it} cannot be opened", "It is not there, or this account of the machine may not read it.", "Look at its path."),
    (("42501", "permission denied", "command denied", "access denied"),
     Forbidden, "The user of this connection may not read that", "The database refuses it.", "Ask its administrator for the right, or use another connection."),
    (("57014", "canceling statement due to statement timeout", "maximum statement execution time exceeded", "max_statement_time exceeded"),
     TimedOut, "The statement took longer than it may", "", "Ask for less, or raise the time limit of the connection."),
    (("canceling statement due to user request", "query execution was interrupted", "interrupted", "1317"),
     Cancelled, "The statement was cancelled", "", ""),
    # Before what only reads: DuckDB recommends that in the same message.
    (("could not set lock", "database is locked", "conflicting lock"),
     Conflict, "Another program has the file open for writing", "A file of this kind has one writer at a time.", "End the other program, or copy the file."),
    (("25006", "read-only transaction", "read only transaction", "readonly database", "read-only mode", "in read only"),
     Forbidden, "This connection only reads", "Its transactions cannot change anything.", "Use a connection that may write."),
    (("out of memory error", "failed to allocate"),
     Invalid, "This needs more memory than it may use", "What it holds at one time does not fit.", "Ask for fewer rows or columns."),
    (("42p01", "doesn't exist", "no such table", "undefined_table", "catalog error: table"),
     NotFound, "There is no such table", "It was renamed or dropped, or it is in another schema.", "Refresh the list."),
    (("53300", "too many connections", "remaining connection slots"),
     TooMany, "{it} has no connection left", "As many as it allows are in use.", "Try again in a moment."),
    (("file is not a database", "not a valid duckdb database", "malformed", "file is encrypted"),
     Invalid, "The file is no database of this kind", "It is another format, damaged, or encrypted.", "Choose another kind, or another file."),
    (("could not translate host name", "name or service not known", "getaddrinfo"),
     BackendUnavailable, "{it} cannot be found", "Its name cannot be resolved.", "Look at the host in the connection."),
    (("connection refused", "can't connect", "no such file or directory", "could not connect"),
     BackendUnavailable, "{it} cannot be reached", "Nothing listens at its address.", "Look at host and port, and whether it runs."),
    (("timeout expired", "timed out", "timeout"),
     TimedOut, "{it} does not answer", "There was no answer in time.", "Look at host and port; a firewall may be between."),
    (("server closed the connection", "lost connection", "gone away", "connection reset", "terminating connection", "broken pipe"),
     BackendUnavailable, "{it} ended the connection", "It was stopped, restarted, or somebody ended the session.", "Try again."),
    (("ssl is required", "support ssl", "ssl error", "certificate"),
     BackendUnavailable, "No safe connection to {it} can be made", "Encryption is asked for and not offered, or its certificate is not valid.", "Look at the TLS options of the connection."),
    (("42601", "syntax error", "parser error", "1064"),
     Invalid, "The statement cannot be understood", "", "Look at the place that is named."),
)  # fmt: skip


def translate(error: Exception, spec: DatabaseSpec) -> OrreryError:
    """The failure of a database, as what a person reads."""
    text = str(error)
    code = str(getattr(error, "sqlstate", "") or "").lower()
    lower = text.lower()
    shown = place_of(spec)
    for words, kind, message, reason, remedy in _MEANINGS:
        if code in words or any(word in lower for word in words if len(word) > 5):
            return kind(message.format(it=shown), reason=reason or plain(text), remedy=remedy)
    return Invalid("The database refuses that", reason=plain(text))


def place_of(spec: DatabaseSpec) -> str:
    """What the database is called in a message."""
    if spec.kind in ("sqlite", "duckdb"):
        return f'The file "{spec.database.rpartition("/")[2]}"'
    return f'The database server "{spec.host or "on this machine"}"'


def plain(text: str) -> str:
    """The first sentence of a driver's message, without its prefixes and without an address."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = re.sub(r"^(INVALID_ARGUMENT|IO|INTERNAL|NOT_FOUND|UNKNOWN|\w+Error):\s*", "", line)
    line = re.sub(r"^\[libpq\][^:]*:\s*", "", line)
    line = re.sub(r"\b\w+://\S+", "(address)", line)
    return line[:300]
