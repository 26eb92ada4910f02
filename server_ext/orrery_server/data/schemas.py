"""Shapes of the tree of data: locations, what is in them, and what is known of each thing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from orrery_wire.connections import Audience, ConnectionIn, ConnectionKind
from orrery_wire.names import SLUG, Slug
from orrery_wire.schemas import SearchText, Shape

# `files`: the folder that the lab shows. `lake`: that of the current project. Else a connection by its number.
LOCATION = r"^(files|lake|connection-[1-9][0-9]{0,8})$"
LocationId = Annotated[str, StringConstraints(pattern=LOCATION)]
LocationKind = Literal["files", "lake", "store", "database"]
EntryKind = Literal[
    "folder",
    "file",
    "schema",
    "table",
    "view",
    "materialized_view",
    "foreign_table",
    "partitioned_table",
    "column",
]
Sort = Literal["name", "-name", "size", "-size", "modified", "-modified"]
Library = Literal["pandas", "polars", "duckdb", "pyarrow"]
# Of a store: the names from its root, with slashes between them. Of a database: schema, table and column in the same
# way, where a slash inside a name is written `%2F` and a percent sign `%25`.
Path = Annotated[str, StringConstraints(max_length=4_096)]
PageToken = Annotated[str, StringConstraints(max_length=16_384)]
Name = Annotated[str, StringConstraints(max_length=1_024)]


class Problem(Shape):
    """Why something cannot be had: what failed, why, and what to do."""

    code: str
    message: str
    reason: str = ""
    remedy: str = ""


class Location(Shape):
    """A place with data in it, the top of a part of the tree."""

    id: str
    name: str = Field(description="What code calls it: `orrery.connect(name)`.")
    title: str
    kind: LocationKind
    source: ConnectionKind | Literal["files"] = Field(description="What it is behind the scenes.")
    address: str = Field(description="Where it is, without anything secret.")
    description: str = ""
    audience: Audience | None = Field(default=None, description="Null for what is no connection.")
    project: Slug | None = None
    connection: int | None = None
    is_read_only: bool = False
    may_use: bool = True
    may_write: bool = Field(default=False, description="Whether the connection can be changed.")


class Locations(Shape):
    """Every place that the person has, and why there may be more."""

    items: tuple[Location, ...]
    problem: Problem | None = Field(
        default=None, description="Why connections are missing, such as a hub that is away."
    )


class LocationQuery(Shape):
    """All locations, or the one that code means by a name."""

    name: Annotated[str, StringConstraints(pattern=f"{SLUG}|^$")] = ""


class Entry(Shape):
    """A row of the tree."""

    path: str
    name: str
    kind: EntryKind
    has_children: bool
    size: int | None = Field(default=None, description="Bytes.")
    modified: datetime | None = None
    etag: str = ""
    type: str = Field(default="", description="Of a column, as the database calls it.")
    comment: str = ""
    owner: str = ""
    rows: int | None = Field(default=None, description="Of a table, an estimate of the database.")
    is_nullable: bool | None = None
    key: Literal["", "primary", "foreign"] = ""
    default: str = ""
    problem: str = Field(default="", description="Why it cannot be opened; empty if it can.")


class EntryQuery(Shape):
    """Which entries of a location; ``page_token`` is the ``next`` of the page before."""

    location: LocationId
    path: Path = ""
    page_token: PageToken = ""
    prefix: Name = Field(default="", description="Only names that begin so: the store jumps there.")
    filter: SearchText = Field(default="", max_length=400, description="Only names that hold it.")
    sort: Sort = "name"
    limit: int = Field(default=200, ge=1, le=1_000)


class EntryPage(Shape):
    """Some entries of a folder, schema or table."""

    items: tuple[Entry, ...]
    next: str = Field(default="", description="Where the next page begins; empty after the last.")
    scanned: int = Field(default=0, description="How many entries were looked at.")
    notice: str = Field(default="", description="What is not as it was asked for, and why.")


class PathQuery(Shape):
    """One thing in a location."""

    location: LocationId
    path: Path = ""


class Fact(Shape):
    """One property, in words."""

    name: str
    value: str


class Properties(Shape):
    """What is known of one thing without reading it."""

    location: Location
    entry: Entry
    address: str = Field(description="Where it is, as other programs name it; nothing secret.")
    facts: tuple[Fact, ...] = ()
    columns: tuple[Entry, ...] = ()


class Step(Shape):
    """One condition on the way to a thing: whether it is met, and what to do if not."""

    name: str
    is_met: bool | None = Field(description="Null where an earlier one failed.")
    text: str
    remedy: str = ""


class Explanation(Shape):
    """Why something can be seen or cannot, step by step."""

    is_visible: bool
    steps: tuple[Step, ...]


class CodeQuery(Shape):
    """What to load, by which library, and where the notebook lies from the root of the lab's files."""

    location: LocationId
    path: Path
    library: Library = "pandas"
    folder: str | None = Field(default=None, max_length=4_096)


class LoadCode(Shape):
    """Code that loads a thing; there is nothing secret in it."""

    code: str
    variable: str
    requires: tuple[str, ...] = Field(description="Packages that it imports.")


class ConnectionTest(Shape):
    """A connection to try: as it would be stored, with the secrets of an existing one where none are sent."""

    connection: ConnectionIn
    id: int | None = Field(default=None, ge=1, le=2**31 - 1)


class TestResult(Shape):
    """Whether a connection can be opened, and what is wrong if not."""

    is_ok: bool
    text: str
    seconds: float
    problem: Problem | None = None


class Variable(Shape):
    """What a variable, or a group of them, would become."""

    name: str = Field(description="The variable; the first of a group.")
    variables: tuple[str, ...]
    kind: ConnectionKind
    suggestion: Slug


class Variables(Shape):
    """Names of environment variables of the server that describe a connection; never their values."""

    items: tuple[Variable, ...]


class VariableIn(Shape):
    """Make a connection from variables; the server reads their values, and stores the secret ones apart."""

    variable: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
    name: Slug


class ContentQuery(Shape):
    """Bytes of a file."""

    location: LocationId
    path: Path
    start: int = Field(default=0, description="From which byte on; negative counts from the end.")
    length: int | None = Field(default=None, ge=0, description="How many; all if left out.")
    etag: str = Field(default="", max_length=512, description="The content must be this one still.")


class UploadIn(Shape):
    """A small file as base64: it is stored whole or not at all."""

    location: LocationId
    path: Path
    content: Annotated[str, StringConstraints(max_length=48 * 2**20)]
    replaces: bool = False


class FolderIn(Shape):
    """A folder to make."""

    location: LocationId
    path: Path


class DeleteIn(Shape):
    """Files and folders to delete."""

    location: LocationId
    paths: Annotated[tuple[Path, ...], Field(min_length=1, max_length=1_000)]
    is_final: bool = Field(default=False, description="Delete for good where nothing brings back.")


class Deleted(Shape):
    """What was deleted."""

    paths: tuple[str, ...]
    undo: str = Field(default="", description="What brings it back; empty where nothing does.")


class UndoIn(Shape):
    """What a deletion gave to bring it back."""

    location: LocationId
    undo: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
