"""Shapes of connections that hub and server exchange."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from orrery_wire.names import SLUG, ServerName, Slug
from orrery_wire.schemas import PageQuery, SearchText, Shape, StorableText

Audience = Literal["platform", "project", "person"]
ConnectionKind = Literal[
    "s3",
    "gs",
    "abfs",
    "http",
    "folder",
    "lake",
    "postgresql",
    "mysql",
    "sqlite",
    "duckdb",
    "sqlalchemy",
]
StoreKind = Literal["openbao", "file"]
StoreState = Literal["ready", "sealed", "away", "denied", "damaged"]

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
FieldText = Annotated[StorableText, StringConstraints(max_length=16_384)]
FieldValue = bool | int | FieldText
Description = Annotated[StorableText, StringConstraints(max_length=2_000)]
Spec = Annotated[dict[FieldName, FieldValue], Field(max_length=40)]


class Connection(Shape):
    """A connection as somebody sees it: never the secret, only the names of the fields that are stored."""

    id: int
    name: Slug
    kind: ConnectionKind
    audience: Audience
    project: Slug | None = Field(description="The project that it belongs to, of one of a project.")
    description: str
    read_only: bool = Field(description="What is reached by it is never changed.")
    spec: dict[str, bool | int | str] = Field(description="The kind's fields without its secrets.")
    secrets: tuple[str, ...] = Field(description="The secret fields that have a value.")
    has_dynamic_user: bool = Field(description="Each use gets a database user of its own.")
    may_use: bool
    may_write: bool
    created: datetime
    updated: datetime
    deleted: datetime | None
    purge_after: datetime | None = Field(
        description="Until when a deleted one can be brought back."
    )


class ConnectionIn(Shape):
    """A new connection; ``secrets`` are stored apart and never shown again."""

    name: Slug
    kind: ConnectionKind
    audience: Audience = "person"
    project: Slug | None = None
    description: Description = ""
    read_only: bool = False
    spec: Spec = Field(default_factory=dict)
    secrets: dict[FieldName, FieldText] = Field(default_factory=dict, max_length=10, repr=False)


class ConnectionPatch(Shape):
    """What to change; ``spec`` replaces all fields, of ``secrets`` only those that are named (null removes one)."""

    name: Slug | None = None
    description: Description | None = None
    read_only: bool | None = None
    spec: Spec | None = None
    secrets: dict[FieldName, FieldText | None] = Field(
        default_factory=dict, max_length=10, repr=False
    )


class ConnectionQuery(PageQuery):
    """Which connections, which page."""

    q: SearchText = Field(default="", max_length=400)
    name: Annotated[str, StringConstraints(pattern=f"{SLUG}|^$")] = ""
    audience: Audience | None = None
    project: Annotated[str, StringConstraints(pattern=f"{SLUG}|^$")] = ""
    kind: ConnectionKind | None = None
    deleted: bool = False


class Kind(Shape):
    """A kind of connection: the JSON schema of its fields, those with ``writeOnly`` are secrets."""

    name: ConnectionKind
    title: str
    fields: dict[str, Any]


class Kinds(Shape):
    """Every kind."""

    items: tuple[Kind, ...]


class SecretPlace(Shape):
    """Where secrets are stored, and whether they can be used now."""

    kind: StoreKind
    state: StoreState
    text: str


class UseIn(Shape):
    """Which server of the person uses a connection."""

    server: ServerName = ""


class Use(Shape):
    """A connection in use: to be held in memory, renewed before ``expires``, and forgotten then.

    ``secrets`` is null where those of before are still right.
    """

    lease: str
    connection: int
    name: Slug
    kind: ConnectionKind
    read_only: bool
    expires: datetime
    spec: dict[str, bool | int | str]
    secrets: dict[str, str] | None = Field(repr=False)
