"""Tables of databases by SQLAlchemy address, whose secrets are named and never written."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote

from traitlets import List, Unicode

from orrery_engine import url_secrets
from orrery_engine.resolve import resolve_table
from orrery_engine.schemas import ResolvedSource, SourceIn
from orrery_server.eda.backend import SourceBackend
from orrery_server.eda.backends import paths
from orrery_wire.errors import Forbidden, Invalid, NotFound


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

    async def resolve(self, source: SourceIn) -> ResolvedSource:
        if not source.table:
            raise Invalid("No table is named", remedy="Say which table or view to profile.")
        # A URL that a variable holds as a whole is taken as it is; one that a person wrote names its secrets.
        is_variable = url_secrets.is_variable(source.location)
        url, secrets = url_secrets.expand(source.location) if is_variable else (source.location, [])
        scheme, separator, _ = url.partition("://")
        database = scheme.partition("+")[0].lower()
        if not separator or not database:
            raise _no_url()
        if database not in self.databases:
            raise Forbidden(
                f"Databases of the kind {database[:40]!r} are not read here",
                reason=f"This server reads: {', '.join(self.databases)}.",
                remedy="Ask the administrator to allow it (TableSource.databases).",
            )
        if not is_variable:
            url_secrets.require_no_secret(url)
        if database == "sqlite":
            url = await asyncio.to_thread(self._confine_sqlite, url)
        elif not is_variable:
            url, secrets = url_secrets.expand(url)
        return resolve_table(source, url, secrets)

    def where(self, resolved: ResolvedSource, folder: str | None) -> str:
        return ""  # the address of the source itself names its secrets, this one holds them

    def _confine_sqlite(self, location: str) -> str:
        """The address of the file below the folder that the lab shows; its path is decoded here, and only once."""
        address = url_secrets.address_of(location)
        if address is None:
            raise _no_url()
        path = "".join(
            f"${{{piece}}}" if isinstance(piece, url_secrets.Variable) else piece
            for piece in address.database
        )
        root = self.context.root.resolve()
        given = Path(path)
        if given.is_absolute() and given.is_relative_to(root):
            given = given.relative_to(root)
        if given.is_absolute() or not path or path == ":memory:":
            raise Forbidden(
                "This database is not in the folder that the lab shows",
                remedy="Copy the file here and name it by its path, as sqlite:///folder/file.db.",
            )
        file = paths.confine(given.as_posix(), root, [root])
        if not file.is_file():
            raise NotFound(
                "There is no such database",
                reason="A database is one file; the path leads to none.",
                remedy="Name it by its path, as sqlite:///folder/file.db.",
            )
        return f"{location.partition('://')[0]}:///{quote(str(file))}"


def _no_url() -> Invalid:
    return Invalid(
        "This is no address of a database",
        remedy="Write it as SQLAlchemy does: postgresql://user:${DB_PASSWORD}@host/database.",
    )
