"""Connections that environment variables describe: their names are shown, their values are read when one is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from orrery_server.data.schemas import Variable
from orrery_wire.connections import ConnectionIn, ConnectionKind
from orrery_wire.errors import Invalid, NotFound

_S3 = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL")
_AZURE = ("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN")
_POSTGRES = ("PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSSLMODE")
_GROUPS: tuple[tuple[tuple[str, ...], ConnectionKind, str], ...] = (
    (_S3, "s3", "s3"),
    (_AZURE, "abfs", "azure"),
    (_POSTGRES, "postgresql", "postgres"),
)
_URL_NAME = re.compile(r"^[A-Z][A-Z0-9_]*(URL|URI|DSN)$")
_SCHEMES: dict[str, ConnectionKind] = {
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}


def suggestions(environment: Mapping[str, str]) -> tuple[Variable, ...]:
    """What could be made of the variables, by name."""
    items = []
    for names, kind, suggestion in _GROUPS:
        if environment.get(names[0]):
            present = tuple(name for name in names if environment.get(name))
            item = Variable(name=names[0], variables=present, kind=kind, suggestion=suggestion)
            items.append(item)
    for name in sorted(environment):
        kind_of_url = _kind(environment[name]) if _URL_NAME.match(name) else None
        if kind_of_url is not None:
            item = Variable(
                name=name, variables=(name,), kind=kind_of_url, suggestion=_suggestion(name)
            )
            items.append(item)
    return tuple(items)


def connection(environment: Mapping[str, str], variable: str, name: str) -> ConnectionIn:
    """The connection that a variable describes.

    Raises:
        NotFound: this server has no such variable, or it describes none.
        Invalid: its value is no address of a database.
    """
    if variable not in {item.name for item in suggestions(environment)}:
        raise NotFound(
            f"No connection can be made of the variable {variable!r}",
            reason="This server does not have it, or it describes no connection.",
            remedy="Choose one of the list, or fill in the form.",
        )
    get = environment.get
    if variable == _S3[0]:
        spec: dict[str, bool | int | str] = {
            "bucket": get("AWS_BUCKET") or get("S3_BUCKET") or get("AWS_S3_BUCKET") or "",
            "region": get("AWS_REGION") or get("AWS_DEFAULT_REGION") or "",
            "endpoint": get("AWS_ENDPOINT_URL") or "",
        }
        secrets = {name.removeprefix("AWS_").lower(): get(name, "") for name in _S3[:3]}
        return _connection(name, "s3", spec, secrets)
    if variable == _AZURE[0]:
        spec = {"account": get(_AZURE[0], ""), "container": get("AZURE_STORAGE_CONTAINER", "")}
        secrets = {"account_key": get(_AZURE[1], ""), "sas_token": get(_AZURE[2], "")}
        return _connection(name, "abfs", spec, secrets)
    if variable == _POSTGRES[0]:
        spec = {"host": get("PGHOST", ""), "user": get("PGUSER", "")}
        port = get("PGPORT", "")
        spec |= {"port": int(port)} if port.isdecimal() else {}
        spec |= {"database": get("PGDATABASE", "")} if get("PGDATABASE") else {}
        spec |= {"ssl_mode": get("PGSSLMODE", "")} if get("PGSSLMODE") else {}
        return _connection(name, "postgresql", spec, {"password": get("PGPASSWORD", "")})
    return _of_url(environment[variable], variable, name)


def _of_url(url: str, variable: str, name: str) -> ConnectionIn:
    kind = _kind(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        kind, port = None, None
    if kind is None:
        raise Invalid(
            f"The variable {variable!r} holds no address of a database",
            remedy="Fill in the form.",
        )
    spec: dict[str, bool | int | str] = {
        "host": parts.hostname or "",
        "user": unquote(parts.username or ""),
    }
    database = unquote(parts.path.removeprefix("/"))
    spec |= {"port": port} if port else {}
    spec |= {"database": database} if database else {}
    return _connection(name, kind, spec, {"password": unquote(parts.password or "")})


def _connection(
    name: str, kind: ConnectionKind, spec: dict[str, bool | int | str], secrets: dict[str, str]
) -> ConnectionIn:
    return ConnectionIn(
        name=name,
        kind=kind,
        spec=spec,
        secrets={field: value for field, value in secrets.items() if value},
    )


def _kind(url: str) -> ConnectionKind | None:
    scheme, separator, _ = url.partition("://")
    return _SCHEMES.get(scheme.partition("+")[0].lower()) if separator else None


def _suggestion(variable: str) -> str:
    """A name for a connection: that of the variable, without what all of them have."""
    plain = re.sub(r"_?(DATABASE)?_?(URL|URI|DSN)$", "", variable) or variable
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:63] or "database"
