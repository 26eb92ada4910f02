"""Tables of databases by SQLAlchemy address, whose secrets are named and never written."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from urllib.parse import quote

from traitlets import List, Unicode

from orrery_engine.schemas import ResolvedSource, SourceIn
from orrery_server.eda.backend import SourceBackend
from orrery_server.eda.backends import paths, url_secrets
from orrery_wire.errors import Forbidden, Invalid

# What belongs to this server itself is not for a database that somebody names.
_OURS = re.compile(r"^(JUPYTERHUB_|JPY_|ORRERY_|JUPYTER_TOKEN)")


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
        whole = url_secrets.NAME.fullmatch(source.location)
        # An address that a variable holds as a whole is taken as it is; one that a person wrote names its secrets.
        location = _value(whole) if whole else source.location
        secrets = url_secrets.secrets_of(location)
        scheme, separator, _ = location.partition("://")
        database = scheme.partition("+")[0].lower()
        if not separator or not database:
            raise _no_address()
        if database not in self.databases:
            raise Forbidden(
                f"Databases of the kind {database[:40]!r} are not read here",
                reason=f"This server reads: {', '.join(self.databases)}.",
                remedy="Ask the administrator to allow it (TableSource.databases).",
            )
        if not whole:
            url_secrets.require_no_secret(location)
        if database == "sqlite":
            location = await asyncio.to_thread(self._sqlite, location)
        elif not whole:
            secrets += [_value(match) for match in url_secrets.NAME.finditer(location)]
            location = url_secrets.NAME.sub(lambda match: quote(_value(match), safe=""), location)
        return ResolvedSource(
            reader="table",
            location=location,
            format="database",
            table=source.table,
            name=source.name,
            secrets=tuple({form for one in secrets for form in (one, quote(one, safe=""))}),
        )

    def where(self, resolved: ResolvedSource) -> str:
        return ""  # the address of the source itself names its secrets, this one holds them

    def _sqlite(self, location: str) -> str:
        scheme, _, path = location.partition("://")
        path = path.removeprefix("/").partition("?")[0]
        root = self.context.root.resolve()
        given = Path("/" + path.removeprefix("/")) if path.startswith("/") else Path(path)
        if given.is_absolute() and given.is_relative_to(root):
            given = given.relative_to(root)
        if given.is_absolute() or not path or path == ":memory:":
            raise Forbidden(
                "This database is not in the folder that the lab shows",
                remedy="Copy the file here and name it by its path, as sqlite:///folder/file.db.",
            )
        return f"{scheme}:///{paths.inside(given.as_posix(), root, [root])}"


def _no_address() -> Invalid:
    return Invalid(
        "This is no address of a database",
        remedy="Write it as SQLAlchemy does: postgresql://user:${DB_PASSWORD}@host/database.",
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
    return value
