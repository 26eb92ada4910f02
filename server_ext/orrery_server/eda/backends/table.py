"""Tables of databases by SQLAlchemy address, whose secrets are named and never written."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from traitlets import List, Unicode

from orrery_server.eda.backends import doors
from orrery_server.eda.backends.base import SourceBackend
from orrery_server.eda.schemas import Opening, SourceIn
from orrery_server.errors import Forbidden, Invalid

_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET = re.compile(r"pass|pwd|secret|token|key|credential", re.IGNORECASE)
# What belongs to this server itself is not for a database that somebody names.
_OURS = re.compile(r"^(JUPYTERHUB_|JPY_|ORRERY_)")


class TableSource(SourceBackend):
    """A table or view of a database, profiled where it is."""

    kind = "table"

    databases = List(
        Unicode(),
        [
            "bigquery",
            "clickhouse",
            "databricks",
            "mariadb",
            "mssql",
            "mysql",
            "oracle",
            "postgresql",
            "redshift",
            "snowflake",
            "sqlite",
            "trino",
        ],
        help="Databases that may be named, as in SQLAlchemy addresses.",
    ).tag(config=True)

    async def resolve(self, source: SourceIn) -> Opening:
        if not source.table:
            raise Invalid("No table is named", remedy="Say which table or view to profile.")
        location = source.location
        try:
            parts = urlsplit(location)
            _ = parts.port
        except ValueError:
            raise _no_address() from None
        database = parts.scheme.partition("+")[0].lower()
        if not parts.scheme or ":" not in location:
            raise _no_address()
        if database not in self.databases:
            raise Forbidden(
                f"Databases of the kind {database[:40]!r} are not read here",
                reason=f"This server reads: {', '.join(self.databases)}.",
                remedy="Ask the administrator to allow it (TableSource.databases).",
            )
        _require_no_secret(location)
        if database == "sqlite":
            location = await asyncio.to_thread(self._sqlite, location)
        return Opening(
            reader="table",
            location=_NAME.sub(_value, location),
            format="database",
            table=source.table,
            name=source.name,
        )

    def where(self, opening: Opening) -> str:
        return ""  # the address of the source itself names its secrets, this one holds them

    def _sqlite(self, location: str) -> str:
        scheme, _, path = location.partition("://")
        path = path.removeprefix("/").partition("?")[0]
        root = self.around.root.resolve()
        given = Path("/" + path.removeprefix("/")) if path.startswith("/") else Path(path)
        if given.is_absolute() and given.is_relative_to(root):
            given = given.relative_to(root)
        if given.is_absolute() or not path or path == ":memory:":
            raise Forbidden(
                "This database is not in the folder that the lab shows",
                remedy="Copy the file here and name it by its path, as sqlite:///folder/file.db.",
            )
        return f"{scheme}:///{doors.inside(given.as_posix(), root, [root])}"


def _no_address() -> Invalid:
    return Invalid(
        "This is no address of a database",
        remedy="Write it as SQLAlchemy does: postgresql://user:${DB_PASSWORD}@host/database.",
    )


def _require_no_secret(location: str) -> None:
    """Refuse an address that holds a secret instead of its name.

    An address is shown in the panel and kept in the history of reports.
    """
    # Without the names of variables, what is left in the place of a secret was written out.
    parts = urlsplit(_NAME.sub("", location))
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    _ = user
    written = [name for name, value in parse_qsl(parts.query) if value and _SECRET.search(name)]
    if password or written:
        raise Invalid(
            "The address holds a password",
            reason="An address is shown in the panel and kept in the history of reports.",
            remedy="Put it into an environment variable of this server and write its name, as ${DB_PASSWORD}.",
        )


def _value(match: re.Match[str]) -> str:
    name = match[1]
    value = os.environ.get(name)
    if value is None or _OURS.match(name):
        raise Invalid(
            f"The environment has no {name}",
            reason="The address of the database names it.",
            remedy=f"Set {name} where the server is started, and restart it.",
        )
    return quote(value, safe="")
