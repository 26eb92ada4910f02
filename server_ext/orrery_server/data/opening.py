"""What a connection is opened from: the engine's description, and apart from that what is secret."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from orrery_engine.catalog.spec import DatabaseKind, DatabaseSpec, Password
from orrery_engine.lake.spec import Credentials, StoreSpec
from orrery_wire.connections import Use
from orrery_wire.errors import Invalid

DATABASES = frozenset({"postgresql", "mysql", "sqlite", "duckdb", "sqlalchemy"})
_DIALECTS: dict[str, DatabaseKind] = {
    "duckdb": "duckdb",
    "mariadb": "mysql",
    "mysql": "mysql",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "sqlite": "sqlite",
}
_STORE_SCHEMES = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"}
_AZURE_SCHEMES = frozenset({"abfs", "abfss", "az"})
Spec = dict[str, "bool | int | str"]


def is_database(kind: str) -> bool:
    """Whether a kind of connection is a database, not a store of files."""
    return kind in DATABASES


def store_of(use: Use, root: Path, lake: str | None) -> tuple[StoreSpec, Credentials]:
    """The store behind a connection, and what opens it.

    Args:
        root: the folder that the lab shows, which a relative path begins at.
        lake: where the data of the current project lie, for a connection that is a part of it.

    Raises:
        Invalid: its fields do not suffice, or there is nothing that reads such a store.
    """
    spec, secrets = use.spec, use.secrets or {}
    if use.kind == "lake":
        if not lake:
            raise Invalid(
                "The lake of this connection is not at hand",
                reason="It belongs to a project, and no project with a lake is chosen.",
                remedy="Switch to its project in the top bar.",
            )
        return _with_prefix(store_of_url(lake), text(spec, "prefix"), is_read_only=use.read_only)
    if use.kind == "folder":
        folder = str(local_path(text(spec, "path"), root))
        return StoreSpec("local", folder, is_read_only=use.read_only), Credentials()
    if use.kind == "http":
        raise Invalid(
            "Web addresses have no list of what is below them",
            remedy="Read a file by its address, or copy it to the lake.",
        )
    builders = {"s3": _s3, "gs": _gs, "abfs": _abfs}
    store, credentials = builders[use.kind](spec, secrets, is_read_only=use.read_only)
    if not store.bucket:
        raise Invalid(
            f"The connection {use.name!r} names no {'container' if use.kind == 'abfs' else 'bucket'}",
            remedy="Edit the connection and enter it.",
        )
    return store, credentials


def store_of_url(url: str) -> tuple[StoreSpec, Credentials]:
    """The store of a folder or address, opened by what identity this machine has.

    Raises:
        Invalid: nothing here reads such an address.
    """
    if url.startswith("/"):
        return StoreSpec("local", url), Credentials()
    parts = urlsplit(url)
    inner = unquote(parts.path).strip("/")
    if kind := _STORE_SCHEMES.get(parts.scheme):
        options = dict(parse_qsl(parts.query))
        spec = StoreSpec(
            "s3" if kind == "s3" else "gs",
            parts.netloc.rpartition("@")[2],
            inner,
            endpoint=options.get("endpoint", ""),
            region=options.get("region", ""),
        )
        return spec, Credentials(is_ambient=True)
    if parts.scheme in _AZURE_SCHEMES and "@" in parts.netloc:
        container, _, host = parts.netloc.partition("@")
        spec = StoreSpec("abfs", container, inner, account=host.partition(".")[0])
        return spec, Credentials(is_ambient=True)
    raise Invalid(
        f"Addresses of the kind {parts.scheme[:20]!r} are not read here",
        reason="A lake is a folder, or an address that begins with s3://, gs:// or abfs://.",
        remedy="Ask an owner of the project to change its lake.",
    )


def database_of(use: Use, root: Path) -> tuple[DatabaseSpec, Password]:
    """The database behind a connection, and its password.

    Raises:
        Invalid: there is nothing that speaks to such a database.
    """
    spec, secrets = use.spec, use.secrets or {}
    password = Password(secrets.get("password", ""))
    if use.kind == "sqlalchemy":
        return _of_url(text(spec, "url"), root, is_read_only=use.read_only), password
    if use.kind in ("sqlite", "duckdb"):
        path = str(local_path(text(spec, "path"), root))
        return DatabaseSpec(_DIALECTS[use.kind], path, is_read_only=use.read_only), password
    options = (
        {"sslmode": text(spec, "ssl_mode")}
        if use.kind == "postgresql"
        else {"tls": "false" if spec.get("tls") is False else "true"}
    )
    port = spec.get("port")
    return (
        DatabaseSpec(
            _DIALECTS[use.kind],
            text(spec, "database"),
            host=text(spec, "host").strip("[]"),
            port=port if isinstance(port, int) else None,
            # A user that was made for this use alone comes with its password.
            user=secrets.get("user") or text(spec, "user"),
            options={name: value for name, value in options.items() if value},
            is_read_only=use.read_only,
        ),
        password,
    )


def local_path(path: str, root: Path) -> Path:
    """Where a path of a connection leads; a relative one begins at the folder that the lab shows."""
    return root / Path(path).expanduser()


def address_of(use_kind: str, spec: Spec) -> str:
    """Where a connection leads, in one line without anything secret."""
    if use_kind in ("folder", "sqlite", "duckdb"):
        return text(spec, "path")
    if use_kind == "lake":
        return f"lake://{text(spec, 'prefix')}"
    if use_kind in ("http", "sqlalchemy"):
        return text(spec, "url")
    if use_kind in ("postgresql", "mysql"):
        port = spec.get("port")
        at = f":{port}" if port else ""
        return f"{use_kind}://{text(spec, 'host')}{at}/{text(spec, 'database')}"
    bucket = text(spec, "container" if use_kind == "abfs" else "bucket")
    if use_kind == "abfs":
        bucket = f"{bucket}@{text(spec, 'account')}"
    prefix = text(spec, "prefix").strip("/")
    return f"{use_kind}://{bucket}{'/' if prefix else ''}{prefix}"


def text(spec: Spec, name: str) -> str:
    """A field as text; empty if it has no value."""
    value = spec.get(name)
    return str(value) if value not in (None, "") else ""


def _s3(
    spec: Spec, secrets: dict[str, str], *, is_read_only: bool
) -> tuple[StoreSpec, Credentials]:
    names = ("access_key_id", "secret_access_key", "session_token")
    endpoint = text(spec, "endpoint")
    store = StoreSpec(
        "s3",
        text(spec, "bucket"),
        text(spec, "prefix").strip("/"),
        endpoint=endpoint,
        region=text(spec, "region"),
        # Services at addresses of their own have the bucket in the path, as a rule.
        is_virtual_hosted=not endpoint and not spec.get("path_style"),
        is_read_only=is_read_only,
    )
    return store, _credentials(spec, {name: secrets.get(name, "") for name in names})


def _gs(
    spec: Spec, secrets: dict[str, str], *, is_read_only: bool
) -> tuple[StoreSpec, Credentials]:
    store = StoreSpec(
        "gs",
        text(spec, "bucket"),
        text(spec, "prefix").strip("/"),
        endpoint=text(spec, "endpoint"),
        is_read_only=is_read_only,
    )
    values = {"service_account": secrets.get("service_account_key", "")}
    return store, _credentials(spec, values)


def _abfs(
    spec: Spec, secrets: dict[str, str], *, is_read_only: bool
) -> tuple[StoreSpec, Credentials]:
    store = StoreSpec(
        "abfs",
        text(spec, "container"),
        text(spec, "prefix").strip("/"),
        endpoint=text(spec, "endpoint"),
        account=text(spec, "account"),
        is_read_only=is_read_only,
    )
    values = {name: secrets.get(name, "") for name in ("account_key", "sas_token")}
    if secrets.get("client_secret") and not any(values.values()):
        raise Invalid(
            "Client secrets of Azure are not spoken here yet",
            remedy="Enter an account key or a SAS token.",
        )
    return store, _credentials(spec, values)


def _credentials(spec: Spec, values: dict[str, str]) -> Credentials:
    """The secrets that have a value; without any, what identity this machine has, unless none is to be shown."""
    given = {name: value for name, value in values.items() if value}
    return Credentials(given, is_ambient=not given and not spec.get("anonymous"))


def _with_prefix(
    opened: tuple[StoreSpec, Credentials], prefix: str, *, is_read_only: bool
) -> tuple[StoreSpec, Credentials]:
    store, credentials = opened
    root = "/".join(part for part in (store.root, prefix.strip("/")) if part)
    return replace(store, root=root, is_read_only=is_read_only), credentials


def _of_url(url: str, root: Path, *, is_read_only: bool) -> DatabaseSpec:
    """The database of a SQLAlchemy address, where the engine speaks to such databases by itself."""
    parts = urlsplit(url)
    kind = _DIALECTS.get(parts.scheme.partition("+")[0].lower())
    if kind is None:
        raise Invalid(
            f"The tree does not know databases of the kind {parts.scheme[:30]!r}",
            reason=f"It knows {', '.join(sorted(set(_DIALECTS.values())))}.",
            remedy="Query it with SQL, or ask the administrator for a driver.",
        )
    name = unquote(parts.path.removeprefix("/"))
    if kind in ("sqlite", "duckdb"):
        return DatabaseSpec(kind, str(local_path(name, root)), is_read_only=is_read_only)
    return DatabaseSpec(
        kind,
        name,
        host=parts.hostname or "",
        port=parts.port,
        user=unquote(parts.username or ""),
        options=dict(parse_qsl(parts.query)) if kind == "postgresql" else {},
        is_read_only=is_read_only,
    )
