"""Where the data of a dataset's version comes from: one closed shape for each kind of source."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from orrery_wire.address_secrets import no_named_credentials
from orrery_wire.connection_kinds import DataAddress, FilePath, Line, Path
from orrery_wire.names import Slug
from orrery_wire.schemas import Shape, StorableText


def _is_relative(value: str) -> str:
    if value.startswith(("/", "\\", "~")) or value[1:3] in (":/", ":\\"):
        raise ValueError("it is no path below the project's folder or the connection")
    return value


RelativePath = Annotated[FilePath, AfterValidator(_is_relative)]
Pattern = RelativePath
Commit = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}(?:[0-9a-f]{24})?$")]
Parameter = bool | int | float | Annotated[StorableText, StringConstraints(max_length=10_000)]
ParameterName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]


class ScratchSource(Shape):
    """Data that code wrote as it is: a dataframe, a result of a computation."""

    kind: Literal["scratch"]


class FilesSource(Shape):
    """Files of the project, by wildcards."""

    kind: Literal["files"]
    patterns: tuple[Pattern, ...] = Field(min_length=1, max_length=100)


class ObjectsSource(Shape):
    """Objects of a store, by the prefix of their keys and by wildcards below it."""

    kind: Literal["objects"]
    connection: Slug
    prefix: Path = ""
    patterns: tuple[Pattern, ...] = Field(default=(), max_length=100)


class QuerySource(Shape):
    """The result of SQL on a connection, or with none on files of the project."""

    kind: Literal["query"]
    connection: Slug | None = None
    sql: Annotated[StorableText, StringConstraints(min_length=1, max_length=100_000)]
    parameters: dict[ParameterName, Parameter] = Field(default_factory=dict, max_length=100)


class GitSource(Shape):
    """A path of a Git repository at a commit."""

    kind: Literal["git"]
    repository: Annotated[
        Line, StringConstraints(min_length=1), AfterValidator(no_named_credentials)
    ]
    path: Path = ""
    commit: Commit


class UrlSource(Shape):
    """What an address of the web gave."""

    kind: Literal["url"]
    url: Annotated[DataAddress, StringConstraints(min_length=1)]


class ParentsSource(Shape):
    """Other versions, which the version's `parents` name: one that was worked on, or several that were combined."""

    kind: Literal["parents"]
    operation: Literal["derive", "combine"] = "derive"
    text: Annotated[StorableText, StringConstraints(max_length=4_000)] = Field(
        default="", description="What was done, in words."
    )


Source = Annotated[
    ScratchSource
    | FilesSource
    | ObjectsSource
    | QuerySource
    | GitSource
    | UrlSource
    | ParentsSource,
    Field(discriminator="kind"),
]
SourceKind = Literal["scratch", "files", "objects", "query", "git", "url", "parents"]


class Location(Shape):
    """Where a version's data lies: below a connection, or in the lake of the project."""

    connection: Slug | None = None
    path: Path = ""

    @model_validator(mode="after")
    def _is_below(self) -> Self:
        # Below a connection a path may begin with a slash: keys of object stores do.
        if self.connection is None and self.path:
            _is_relative(self.path)
        return self
