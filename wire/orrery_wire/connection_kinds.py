"""The kinds of connections: one closed shape for each, whose JSON schema is what a form is drawn from.

A field that is marked ``writeOnly`` is a secret: it goes to the store of secrets and comes back to no screen.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from orrery_wire.address_secrets import (
    no_credentials,
    no_named_credentials,
    no_secret_inside,
    one_user,
)
from orrery_wire.schemas import Shape, StorableText

# One line of what can be seen. Nothing that a program could take for an option stands at the beginning of a name.
_LINE = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"
Line = Annotated[str, StringConstraints(max_length=1024, pattern=_LINE)]
Word = Annotated[
    str, StringConstraints(max_length=255, pattern=r"^([A-Za-z0-9][A-Za-z0-9_.:-]*)?$")
]
Host = Annotated[
    str,
    StringConstraints(
        min_length=1,
        max_length=255,
        pattern=r"^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])$",
    ),
]
Port = Annotated[int, Field(ge=1, le=65_535)]


def _no_climbing(value: str) -> str:
    if any(part == ".." for part in value.replace("\\", "/").split("/")):
        raise ValueError("it climbs out of its folder with `..`")
    return value


def _http(value: str) -> str:
    if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
        raise ValueError("it is no address that begins with http:// or https://")
    return value


def _engine_url(value: str) -> str:
    scheme, separator, _ = value.partition("://")
    if not separator or not scheme.replace("+", "").replace("_", "").isalnum():
        raise ValueError("it is no URL such as dialect+driver://user@host:port/database")
    return value


Name = Annotated[Line, AfterValidator(no_secret_inside)]
Path = Annotated[Line, AfterValidator(_no_climbing)]
FilePath = Annotated[Line, StringConstraints(min_length=1), AfterValidator(_no_climbing)]
Address = Annotated[Line, AfterValidator(no_credentials), AfterValidator(_http)]
DataAddress = Annotated[Line, AfterValidator(no_named_credentials), AfterValidator(_http)]
SecretText = Annotated[StorableText, StringConstraints(max_length=16_384)]


def _secret(title: str, description: str = "") -> Any:
    more = {"writeOnly": True, "format": "password"}
    text = description or None
    return Field(default="", title=title, description=text, json_schema_extra=more, repr=False)  # type: ignore[arg-type]


class S3(Shape):
    """Amazon S3, or a store that speaks its protocol."""

    bucket: Word = Field(default="", title="Bucket")
    prefix: Path = Field(default="", title="Prefix", description="Only what is below it.")
    region: Word = Field(default="", title="Region")
    endpoint: Address = Field(default="", title="Endpoint", description="Empty for Amazon's own.")
    path_style: bool = Field(default=False, title="Bucket in the path of the address")
    anonymous: bool = Field(default=False, title="Without keys")
    access_key_id: SecretText = _secret("Access key")
    secret_access_key: SecretText = _secret("Secret key")
    session_token: SecretText = _secret("Session token")


class Gs(Shape):
    """Google Cloud Storage."""

    bucket: Word = Field(default="", title="Bucket")
    prefix: Path = Field(default="", title="Prefix", description="Only what is below it.")
    endpoint: Address = Field(default="", title="Endpoint", description="Empty for Google's own.")
    anonymous: bool = Field(default=False, title="Without a key")
    service_account_key: SecretText = _secret("Key of the service account", "The JSON file's text.")


class Abfs(Shape):
    """Azure Blob Storage."""

    account: Word = Field(min_length=1, title="Storage account")
    container: Word = Field(default="", title="Container")
    prefix: Path = Field(default="", title="Prefix", description="Only what is below it.")
    endpoint: Address = Field(default="", title="Endpoint", description="Empty for Azure's own.")
    tenant_id: Word = Field(default="", title="Tenant")
    client_id: Word = Field(default="", title="Client")
    account_key: SecretText = _secret("Account key")
    sas_token: SecretText = _secret("SAS token")
    client_secret: SecretText = _secret("Client secret")


class Http(Shape):
    """Files below an address of the web; they can be read."""

    url: Annotated[Address, StringConstraints(min_length=1)] = Field(title="Address")
    user: Name = Field(default="", title="User")
    password: SecretText = _secret("Password")
    token: SecretText = _secret("Bearer token")


class Folder(Shape):
    """A folder that the servers of people can reach."""

    path: FilePath = Field(title="Path")


class Lake(Shape):
    """The data lake of the connection's project."""

    prefix: Path = Field(default="", title="Folder", description="Only what is below it.")


class PostgreSQL(Shape):
    """PostgreSQL, or a database that speaks its protocol."""

    host: Host = Field(title="Host")
    port: Port = Field(default=5432, title="Port")
    database: Name = Field(default="postgres", min_length=1, title="Database")
    user: Name = Field(default="", title="User")
    ssl_mode: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] = Field(
        default="prefer", title="TLS"
    )
    dynamic_role: Word = Field(
        default="",
        title="Role of the secrets engine",
        description="A user is made for each use; set by administrators of the hub.",
    )
    password: SecretText = _secret("Password")


class MySQL(Shape):
    """MySQL or MariaDB."""

    host: Host = Field(title="Host")
    port: Port = Field(default=3306, title="Port")
    database: Name = Field(default="", title="Database")
    user: Name = Field(default="", title="User")
    tls: bool = Field(default=True, title="TLS")
    dynamic_role: Word = Field(
        default="",
        title="Role of the secrets engine",
        description="A user is made for each use; set by administrators of the hub.",
    )
    password: SecretText = _secret("Password")


class SQLite(Shape):
    """A SQLite file."""

    path: FilePath = Field(title="Path")


class DuckDB(Shape):
    """A DuckDB file."""

    path: FilePath = Field(title="Path")


class SQLAlchemy(Shape):
    """Any database of which SQLAlchemy has a dialect."""

    url: Annotated[
        Line,
        StringConstraints(min_length=3),
        AfterValidator(no_credentials),
        AfterValidator(one_user),
        AfterValidator(_engine_url),
    ] = Field(title="URL", description="Without the password: dialect+driver://user@host/database")
    password: SecretText = _secret("Password")


KINDS: dict[str, tuple[str, type[Shape]]] = {
    "s3": ("S3", S3),
    "gs": ("Google Cloud Storage", Gs),
    "abfs": ("Azure Blob Storage", Abfs),
    "http": ("Web address", Http),
    "folder": ("Folder", Folder),
    "lake": ("Project lake", Lake),
    "postgresql": ("PostgreSQL", PostgreSQL),
    "mysql": ("MySQL or MariaDB", MySQL),
    "sqlite": ("SQLite", SQLite),
    "duckdb": ("DuckDB", DuckDB),
    "sqlalchemy": ("Other database", SQLAlchemy),
}


# The fields that say to whom the secrets of a kind are sent, and how well that one is known.
DESTINATIONS: dict[str, tuple[str, ...]] = {
    "s3": ("endpoint",),
    "gs": ("endpoint",),
    "abfs": ("account", "endpoint", "tenant_id"),
    "http": ("url",),
    "postgresql": ("host", "port", "ssl_mode"),
    "mysql": ("host", "port", "tls"),
    "sqlalchemy": ("url",),
}


def secret_fields(kind: str) -> tuple[str, ...]:
    """The names of a kind's fields that are secrets."""
    fields = KINDS[kind][1].model_fields.items()
    return tuple(n for n, f in fields if (f.json_schema_extra or {}).get("writeOnly"))  # type: ignore[union-attr]
