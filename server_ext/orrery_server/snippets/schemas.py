"""Every shape of a snippet that crosses a border."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictFloat, StringConstraints, field_validator

from orrery_server.base.schema import Page, Shape

Scope = Literal["mine", "project", "everyone"]
Syntax = Literal["plain", "vscode"]
CellKind = Literal["code", "markdown", "raw"]
Sort = Literal["relevance", "name", "updated", "used", "position"]
ExportFormat = Literal["code-snippets", "elyra"]

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Name = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=120, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
Tag = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=48, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f,]+$"
    ),
]
Prefix = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f]{1,48}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9+#._-]{0,31}$")]


class SnippetCell(Shape):
    """One cell of a snippet; a snippet of several keeps markdown and code apart."""

    kind: CellKind = "code"
    source: str = Field(max_length=200_000)


class SnippetContent(Shape):
    """What a person writes: all of a snippet that has versions."""

    name: Name
    description: str = Field(default="", max_length=4_000)
    language: Language = "python"
    tags: tuple[Tag, ...] = Field(default=(), max_length=32)
    prefix: Prefix | None = Field(
        default=None, description="Typing this in an editor offers the snippet as a completion."
    )
    syntax: Syntax = Field(
        default="plain",
        description="With `vscode`, `$1`, `${1:x}`, `${1|a,b|}` and `$SELECTION` have the meaning that they have in a VS Code snippet body.",
    )
    cells: tuple[SnippetCell, ...] = Field(min_length=1, max_length=64)

    @field_validator("tags")
    @classmethod
    def _tags_once(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tags))


class SnippetIn(SnippetContent):
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


class Snippet(StoredSnippet):
    """A snippet as panels, magics and the command line get it."""

    library: str | None = Field(
        default=None, description="The read-only library that it comes from."
    )
    requires: tuple[str, ...] = Field(
        default=(), description="Top-level modules that its Python cells import."
    )
    unseen: bool = Field(
        default=False, description="Somebody else changed it since the person last looked."
    )


class SnippetQuery(Shape):
    """Which snippets, in which order, which page."""

    q: str = Field(default="", max_length=400, description="Words that must all occur.")
    tag: tuple[Tag, ...] = ()
    language: Language | None = None
    scope: Literal["mine", "project", "everyone", "library"] | None = None
    project: Slug | None = None
    favourite: bool = False
    sort: Sort = "relevance"
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=200)


class Facet(Shape):
    """A value that can be filtered by, and how many snippets have it."""

    value: str
    count: int = Field(ge=0)


class Facets(Shape):
    """What there is to filter by, over everything the person may see."""

    tags: tuple[Facet, ...]
    languages: tuple[Facet, ...]
    scopes: tuple[Facet, ...]


class Notice(Shape):
    """Something about the list itself that the person should know."""

    level: Literal["info", "warning"]
    message: str
    remedy: str = ""


class SnippetPage(Page[Snippet]):
    """One page of snippets with what the panel shows around it."""

    facets: Facets
    notices: tuple[Notice, ...] = ()


class SnippetVersion(Shape):
    """One earlier or present state of a snippet."""

    version: int = Field(ge=1)
    saved: datetime
    saved_by: str
    content: SnippetContent


class Versions(Shape):
    """Every version of a snippet that is kept, newest first."""

    items: tuple[SnippetVersion, ...]


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


class Finding(Shape):
    """Where something that looks like a secret stands; never the secret itself."""

    kind: str
    cell: int = Field(ge=0)
    line: int = Field(ge=1)
    excerpt: str = Field(description="The line with the secret masked.")


class ScanIn(Shape):
    """Cells to look through for secrets before they are saved."""

    cells: tuple[SnippetCell, ...] = Field(min_length=1, max_length=64)


class Scan(Shape):
    """What looks like a secret in them."""

    findings: tuple[Finding, ...]


class SnippetFile(Shape):
    """A file to import, or one that an export made."""

    name: str = Field(min_length=1, max_length=255)
    content: str = Field(max_length=20_000_000)


class ImportIn(Shape):
    """VS Code `.code-snippets`/`.json` files or Elyra code-snippet JSON, told apart by their content."""

    files: tuple[SnippetFile, ...] = Field(min_length=1, max_length=2_000)
    scope: Scope = "mine"
    project: Slug | None = None
    on_duplicate: Literal["skip", "copy", "replace"] = "skip"
    allow_secrets: StrictBool = False


class ImportProblem(Shape):
    """A file or a snippet in it that was not imported, and why."""

    file: str
    name: str = ""
    reason: str


class ImportReport(Shape):
    """What an import made, left alone and could not read."""

    created: tuple[Snippet, ...]
    replaced: tuple[Snippet, ...] = ()
    skipped: tuple[ImportProblem, ...] = ()
    failed: tuple[ImportProblem, ...] = ()


class ExportQuery(Shape):
    """Which snippets to write, and as what; no id means all that the person may see."""

    id: tuple[Identifier, ...] = ()
    format: ExportFormat = "code-snippets"


class Export(Shape):
    """The files of an export."""

    files: tuple[SnippetFile, ...]


class LibraryIn(Shape):
    """A Git repository whose snippet files become a read-only library."""

    name: Slug
    url: str = Field(min_length=1, max_length=2_000)
    ref: str | None = Field(default=None, max_length=200, description="Branch or tag.")
    folder: str = Field(default="", max_length=400, description="Only files below this folder.")


class LibraryQuery(Shape):
    """Which page of the libraries."""

    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=200)


class Library(Shape):
    """A read-only library and how it is."""

    name: str
    kind: Literal["shipped", "git"]
    url: str = ""
    ref: str | None = None
    folder: str = ""
    state: Literal["ready", "refreshing", "failed", "never"] = "ready"
    commit: str | None = None
    refreshed: datetime | None = None
    count: int = Field(default=0, ge=0)
    error: str = ""
