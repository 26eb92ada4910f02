"""Every shape of a snippet that crosses a border."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    StrictBool,
    StrictFloat,
    StringConstraints,
    field_validator,
    model_validator,
)

from orrery_wire.names import Identifier, Prefix, Slug, Tag, Title
from orrery_wire.schemas import SearchText, Shape

Scope = Literal["mine", "project", "everyone"]
Syntax = Literal["plain", "vscode"]
CellKind = Literal["code", "markdown", "raw"]

MAX_WRITES = 200

Language = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9+#._-]{0,31}$")]


class SnippetCell(Shape):
    """One cell of a snippet; a snippet of several keeps markdown and code apart."""

    kind: CellKind = "code"
    source: str = Field(max_length=200_000)


class SnippetContent(Shape):
    """All of a snippet that has versions, as it was saved: what an older rule for names allowed stays readable."""

    name: str = Field(min_length=1, max_length=120)
    description: str = Field(default="", max_length=4_000)
    language: Language = "python"
    other_languages: tuple[Language, ...] = Field(
        default=(), max_length=32, description="Further languages in whose editors it is offered."
    )
    tags: tuple[str, ...] = Field(default=(), max_length=32)
    prefixes: tuple[str, ...] = Field(
        default=(),
        max_length=32,
        description="Typing one of them in an editor offers the snippet as a completion; the first is shown.",
    )
    syntax: Syntax = Field(
        default="plain",
        description="With `vscode`, `$1`, `${1:x}`, `${1|a,b|}` and `$SELECTION` have the meaning that they have in a VS Code snippet body.",
    )
    cells: tuple[SnippetCell, ...] = Field(min_length=1, max_length=64)

    @model_validator(mode="before")
    @classmethod
    def _list_prefix(cls, raw: Any) -> Any:
        """A single ``prefix`` as the list of it: so it is in stored snippets and in files of other tools."""
        if not isinstance(raw, dict) or "prefix" not in raw or "prefixes" in raw:
            return raw
        prefix = raw["prefix"]
        prefixes = [] if prefix is None else [prefix]
        return {key: value for key, value in raw.items() if key != "prefix"} | {
            "prefixes": prefixes
        }

    @field_validator("tags", "prefixes", "other_languages")
    @classmethod
    def _each_once(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(values))

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language in whose editors it is offered, its own first."""
        return tuple(dict.fromkeys((self.language, *self.other_languages)))


class DraftContent(SnippetContent):
    """What a person writes, or a file holds that is imported: its names obey the rule of today."""

    name: Title
    tags: tuple[Tag, ...] = Field(default=(), max_length=32)
    prefixes: tuple[Prefix, ...] = Field(
        default=(),
        max_length=32,
        description="Typing one of them in an editor offers the snippet as a completion; the first is shown.",
    )


class SnippetIn(DraftContent):
    """A snippet to create or to put in the place of an older version."""

    scope: Scope = "mine"
    project: Slug | None = Field(
        default=None, description="The project it belongs to; required with scope `project`."
    )
    base_version: int | None = Field(
        default=None,
        ge=1,
        description="The version that was edited. Another one in the store means that somebody else saved meanwhile: a conflict.",
    )
    allow_secrets: StrictBool = Field(
        default=False, description="Save although the text holds what looks like a secret."
    )


class Finding(Shape):
    """Where something that looks like a secret stands; never the secret itself."""

    kind: str
    cell: int = Field(ge=0)
    line: int = Field(ge=1)
    excerpt: str = Field(description="The line with the secret masked.")


class StoredSnippet(SnippetContent):
    """A snippet as a backend keeps it, with the marks of the person who asks."""

    id: Identifier
    scope: Scope
    project: Slug | None = None
    version: int = Field(ge=1)
    created: datetime
    created_by: str
    updated: datetime
    updated_by: str
    writable: bool
    favourite: bool = False
    position: float | None = Field(default=None, description="Place in the person's own order.")
    uses: int = Field(default=0, ge=0)
    used: datetime | None = None
    seen_version: int | None = Field(
        default=None, description="The last version that the person has seen."
    )


class SnippetWrite(Shape):
    """One of many changes: a snippet to save (without an id: a new one), to delete or to bring back."""

    action: Literal["save", "delete", "undelete"]
    id: Identifier | None = None
    content: SnippetIn | None = Field(default=None, description="What to save.")
    base_version: int | None = Field(
        default=None,
        ge=1,
        description="Delete this version only; what was saved meanwhile stays, and is a conflict.",
    )

    @model_validator(mode="after")
    def _is_whole(self) -> SnippetWrite:
        if self.base_version is not None and self.action != "delete":
            raise ValueError("`base_version` is of a deletion; what is saved has its own")
        if (self.content is None) == (self.action == "save"):
            raise ValueError("`save` has a content, and nothing else has")
        if self.id is None and self.action != "save":
            raise ValueError("the id is missing")
        return self


class WriteFailure(Shape):
    """Why one of many changes was not made."""

    code: str
    message: str
    reason: str = ""
    remedy: str = ""


class WriteResult(Shape):
    """What came of one of many changes: the snippet as it is now, or why nothing changed."""

    snippet: StoredSnippet | None = None
    failure: WriteFailure | None = None


class WritesIn(Shape):
    """Many changes, in order; each is made or refused for itself."""

    items: tuple[SnippetWrite, ...] = Field(min_length=1, max_length=MAX_WRITES)


class Writes(Shape):
    """What came of many changes, in their order."""

    items: tuple[WriteResult, ...]


class SnippetVersion(Shape):
    """One earlier or present state of a snippet."""

    version: int = Field(ge=1)
    saved: datetime
    saved_by: str
    content: SnippetContent


class Marks(Shape):
    """What a person notes on a snippet for himself; a field that is not sent is left as it is."""

    favourite: StrictBool | None = None
    position: StrictFloat | None = None
    used: StrictBool = Field(default=False, description="True counts one more use, now.")
    seen: StrictBool = Field(default=False, description="True: the present version has been seen.")


class Changes(Shape):
    """What a person may see that changed since a cursor; asked again with `cursor` while `more`."""

    upserts: tuple[StoredSnippet, ...]
    removed: tuple[Identifier, ...]
    cursor: str
    more: bool = False
    reset: bool = Field(
        default=False, description="The cursor was too old: forget everything known before."
    )
    may_publish: bool = Field(
        default=True, description="Whether the person may share snippets with everyone."
    )


class Versions(Shape):
    """Every version of a snippet that is kept, newest first."""

    items: tuple[SnippetVersion, ...]


class ChangesQuery(Shape):
    """From where on, and how many at once."""

    cursor: SearchText = Field(default="", max_length=100)
    limit: int = Field(default=500, ge=1, le=1000)
