"""Shapes of datasets that hub and server exchange."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)

from orrery_wire.dataset_digest import DIGEST, digest_of
from orrery_wire.dataset_sources import Location, RelativePath, Source, SourceKind
from orrery_wire.names import SLUG, Slug, Tag, UserName
from orrery_wire.schemas import PageQuery, SearchText, Shape, StorableText, is_storable

DatasetAudience = Literal["project", "person"]
VersionState = Literal["draft", "published", "archived"]
Mode = Literal["copied", "remote"]
UseKind = Literal["notebook", "run", "model", "pipeline"]
Direction = Literal["read", "write"]

MAX_PARTS = 10_000
MAX_PROFILE_BYTES = 1_000_000
# The largest number that a browser reads exactly.
_MAX_COUNT = 2**53 - 1

Count = Annotated[int, Field(ge=0, le=_MAX_COUNT)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Description = Annotated[StorableText, StringConstraints(max_length=4_000)]
Note = Annotated[StorableText, StringConstraints(max_length=2_000)]
Digest = Annotated[str, StringConstraints(pattern=DIGEST)]
ContentDigest = Annotated[
    str, StringConstraints(pattern=r"^(?:sha256|sha1|md5|crc32c|etag):[A-Za-z0-9+/=_.\"-]{1,200}$")
]
ColumnName = Annotated[StorableText, StringConstraints(min_length=1, max_length=1_000)]
TypeName = Annotated[StorableText, StringConstraints(min_length=1, max_length=1_000)]
Ref = Annotated[StorableText, StringConstraints(min_length=1, max_length=500)]


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


Tags = Annotated[tuple[Tag, ...], Field(max_length=32), AfterValidator(_each_once)]


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:
        raise ValueError("it holds a number that JSON has not, such as NaN") from None
    if len(text) > MAX_PROFILE_BYTES:
        raise ValueError(f"as JSON it has more than {MAX_PROFILE_BYTES:,} bytes")
    if not all(map(is_storable, _texts(value))):
        raise ValueError("it contains a character that cannot be stored")
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from (name, *_texts(item))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


JsonValue = Annotated[dict[str, Any], AfterValidator(_storable)]


class DatasetColumn(Shape):
    """A column of a version."""

    name: ColumnName
    type: TypeName = Field(description="As Arrow names it, such as `int64`.")
    is_nullable: bool = True
    description: Note = ""


class DatasetPart(Shape):
    """A file or object of a version, with what tells whether it is still the same."""

    path: RelativePath
    size_bytes: Count
    digest: ContentDigest


class VersionRef(Shape):
    """A version of a dataset."""

    dataset: Number
    number: Number


class ParentVersion(Shape):
    """A version that another came from; without name and id where the person who asks does not see it."""

    dataset: int | None
    name: str
    number: int
    digest: Digest


class Dataset(Shape):
    """A dataset as somebody sees it."""

    id: int
    name: Slug
    audience: DatasetAudience
    project: Slug | None = Field(description="The project that it belongs to, of one of a project.")
    owner: str
    description: str
    tags: tuple[str, ...]
    latest: int | None = Field(description="The newest version that is not archived.")
    published: int | None = Field(description="The newest version that is published.")
    version_count: int = Field(ge=0)
    may_write: bool
    created: datetime
    updated: datetime
    archived: datetime | None
    deleted: datetime | None
    purge_after: datetime | None = Field(
        description="Until when a deleted one can be brought back."
    )


class DatasetIn(Shape):
    """A new dataset, without any version yet."""

    name: Slug
    audience: DatasetAudience = "person"
    project: Slug | None = None
    description: Description = ""
    tags: Tags = ()


class DatasetPatch(Shape):
    """What to change of a dataset; a field that is not sent is left as it is. Versions never change."""

    name: Slug | None = None
    description: Description | None = None
    tags: Tags | None = None
    owner: UserName | None = Field(
        default=None, description="Another editor or owner of its project."
    )
    archived: StrictBool | None = None


class DatasetQuery(PageQuery):
    """Which datasets, which page."""

    q: SearchText = Field(default="", max_length=400, description="Words in name and description.")
    name: Annotated[str, StringConstraints(pattern=f"{SLUG}|^$")] = ""
    audience: DatasetAudience | None = None
    project: Annotated[str, StringConstraints(pattern=f"{SLUG}|^$")] = ""
    owner: SearchText = Field(default="", max_length=255)
    tag: SearchText = Field(default="", max_length=48)
    digest: Annotated[str, StringConstraints(pattern=f"{DIGEST}|^$")] = Field(
        default="", description="Those with a version of that content."
    )
    archived: bool = False
    deleted: bool = False
    sort: Literal["name", "created", "updated"] = "name"
    descending: bool = False


class DatasetVersion(Shape):
    """A version of a dataset: what it holds never changes, only its state does."""

    dataset: int
    number: int
    state: VersionState
    digest: Digest
    mode: Mode
    source: Source
    location: Location
    column_count: int = Field(ge=0)
    row_count: int | None
    size_bytes: int | None
    part_count: int = Field(ge=0, description="How many files or objects it has.")
    has_profile: bool
    has_parts: bool = Field(description="Whether the list of its files is there.")
    note: str
    created: datetime
    created_by: str
    published: datetime | None
    archived: datetime | None


class DatasetVersionDetail(DatasetVersion):
    """A version with its columns and its parents."""

    columns: tuple[DatasetColumn, ...]
    parents: tuple[ParentVersion, ...]


class DatasetVersionIn(Shape):
    """A new version. Content that is the newest version's, from the same source, makes no other one."""

    mode: Mode = Field(
        default="copied", description="Copied to where Orrery writes, or left where it lies."
    )
    source: Source
    location: Location = Field(default_factory=Location)
    columns: tuple[DatasetColumn, ...] = Field(default=(), max_length=5_000)
    row_count: Count | None = None
    size_bytes: Count | None = None
    parts: tuple[DatasetPart, ...] | None = Field(
        default=None,
        max_length=MAX_PARTS,
        description="Its files or objects; null where they are too many, and digest and number are sent.",
    )
    part_count: Count | None = None
    digest: Digest | None = Field(
        default=None, description="Needed without `parts`; with them it is compared."
    )
    parents: tuple[VersionRef, ...] = Field(default=(), max_length=50)
    note: Note = ""
    allow_secrets: StrictBool = Field(
        default=False, description="Save although the SQL holds what looks like a secret."
    )

    @model_validator(mode="after")
    def _has_content(self) -> Self:
        if self.parts is None:
            if self.digest is None or self.part_count is None:
                raise ValueError("without `parts` it needs `digest` and `part_count`")
            return self
        if len({part.path for part in self.parts}) < len(self.parts):
            raise ValueError("a path is twice among its `parts`")
        if self.digest not in (None, digest_of(self.parts)):
            raise ValueError("its `digest` is not that of its `parts`")
        if sum(part.size_bytes for part in self.parts) > _MAX_COUNT:
            raise ValueError(f"its `parts` have more than {_MAX_COUNT:,} bytes together")
        if self.part_count not in (None, len(self.parts)):
            raise ValueError("its `part_count` is not that of its `parts`")
        return self

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        needed = 0
        if self.source.kind == "parents":
            needed = 2 if self.source.operation == "combine" else 1
        if len(self.parents) < needed:
            raise ValueError(f"its source needs {needed} of `parents` at least")
        if len(set(self.parents)) < len(self.parents):
            raise ValueError("a version is twice among its `parents`")
        if len({column.name for column in self.columns}) < len(self.columns):
            raise ValueError("a name is twice among its `columns`")
        return self

    @property
    def content_digest(self) -> str:
        """The digest of its content."""
        return digest_of(self.parts) if self.parts is not None else self.digest or ""


class DatasetVersionQuery(PageQuery):
    """Which versions of a dataset, which page; the newest first."""

    state: VersionState | None = None
    source: SourceKind | None = None


class DatasetProfile(Shape):
    """The profile of a version, as the profiling engine gave it; once it is there, it stays."""

    profile: JsonValue


class DatasetUseIn(Shape):
    """What read or wrote a version: a notebook by its path in the project, a run or a model by its id."""

    kind: UseKind
    ref: Ref
    direction: Direction = "read"


class DatasetUse(Shape):
    """What read or wrote a version, since when and how often."""

    dataset: int
    name: Slug
    number: int
    kind: UseKind
    ref: str
    direction: Direction
    user: str = Field(description="Who did it last.")
    first: datetime
    last: datetime
    hour_count: int = Field(ge=1, description="In how many different hours.")


class DatasetUseQuery(PageQuery):
    """Which uses, which page; the last first."""

    kind: UseKind | None = None
    ref: SearchText = Field(default="", max_length=500)
    direction: Direction | None = None


class CheckItem(Shape):
    """One check of a suite, and what came of it."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    column: Annotated[StorableText, StringConstraints(max_length=1_000)] = ""
    is_passed: bool
    failed_count: Count | None = Field(default=None, description="How many rows broke it.")
    text: Note = Field(default="", description="What was checked, or why it could not be.")


class DatasetCheckIn(Shape):
    """A suite of checks that ran on a version."""

    name: Annotated[StorableText, StringConstraints(min_length=1, max_length=120)]
    items: tuple[CheckItem, ...] = Field(min_length=1, max_length=1_000)


class DatasetCheck(Shape):
    """What came of a suite of checks."""

    id: int
    name: str
    is_passed: bool
    items: tuple[CheckItem, ...]
    user: str
    at: datetime


class FeatureColumn(Shape):
    """A feature: a column under a name, or an SQL expression over columns."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
    column: ColumnName | None = None
    expression: (
        Annotated[StorableText, StringConstraints(min_length=1, max_length=4_000)] | None
    ) = None
    description: Note = ""

    @model_validator(mode="after")
    def _is_either(self) -> Self:
        if (self.column is None) == (self.expression is None):
            raise ValueError("it is either a column or an expression")
        return self


class FeatureSetSpec(Shape):
    """What a feature set takes from a version: its keys, the time of each row, and the features."""

    keys: tuple[ColumnName, ...] = Field(min_length=1, max_length=20)
    timestamp: ColumnName | None = None
    features: tuple[FeatureColumn, ...] = Field(min_length=1, max_length=2_000)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [feature.name for feature in self.features]
        if len(set(names)) < len(names) or len(set(self.keys)) < len(self.keys):
            raise ValueError("a name is twice among its keys or features")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it names."""
        named = (feature.column for feature in self.features if feature.column is not None)
        return (*self.keys, *((self.timestamp,) if self.timestamp is not None else ()), *named)


class FeatureSetIn(Shape):
    """A feature set to store under a name; `number` is the version that it is bound to, null the newest published."""

    number: Number | None = None
    description: Description = ""
    spec: FeatureSetSpec
    base_revision: Number | None = Field(
        default=None,
        description="The revision that was edited; another one in the store is a conflict.",
    )


class FeatureSet(Shape):
    """A named view of a dataset for training and serving."""

    name: Slug
    number: int | None
    description: str
    spec: FeatureSetSpec
    revision: int
    updated: datetime
    updated_by: str
