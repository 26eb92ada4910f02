"""Every shape of a snippet that crosses a border."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, StrictBool

from orrery_wire.names import Identifier, Slug, Tag
from orrery_wire.schemas import Page, PageQuery, Shape
from orrery_wire.snippets import Finding, Language, Scope, SnippetCell, StoredSnippet

Sort = Literal["relevance", "name", "updated", "used", "position"]
ExportFormat = Literal["code-snippets", "elyra"]


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


class SnippetQuery(PageQuery):
    """Which snippets, in which order, which page."""

    q: str = Field(
        default="",
        max_length=400,
        description="Words that must all occur, in any form or by a synonym; stop words do not count. "
        "Where none has all of them, or only in its code, the nearest ones follow.",
    )
    prefer: Language | None = Field(
        default=None,
        description="The language of the place to insert at, which is first among what fits alike.",
    )
    beginning: tuple[str, ...] = Field(
        default=(),
        max_length=2,
        description="Only snippets with a prefix that begins with one of these, in capitals or not.",
    )
    tag: tuple[Tag, ...] = ()
    language: Language | None = None
    scope: Literal["mine", "project", "everyone", "library"] | None = None
    project: Slug | None = None
    favourite: bool = False
    sort: Sort = "relevance"


class Facet(Shape):
    """A value that can be filtered by, and how many snippets have it."""

    value: str
    count: int = Field(ge=0)


class Facets(Shape):
    """What there is to filter by, over everything the person may see."""

    tags: tuple[Facet, ...]
    languages: tuple[Facet, ...]
    scopes: tuple[Facet, ...]
    projects: tuple[Facet, ...] = ()


class Notice(Shape):
    """Something about the list itself that the person should know."""

    level: Literal["info", "warning"]
    message: str
    remedy: str = ""
    outage: bool = Field(
        False, description="Whether it ends by itself, when what is out of reach is back."
    )


class SnippetPage(Page[Snippet]):
    """One page of snippets with what the panel shows around it."""

    facets: Facets
    notices: tuple[Notice, ...] = ()
    exact_count: int = Field(
        ge=0, description="How many have all the words; those behind them have most of the words."
    )
    may_publish: bool = Field(
        default=True, description="Whether the person may share snippets with everyone."
    )


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
    """Files of VS Code, Elyra or `jupyterlab-code-snippets`, told apart by their content, and scripts."""

    files: tuple[SnippetFile, ...] = Field(min_length=1, max_length=10_000)
    scope: Scope = "mine"
    project: Slug | None = None
    on_duplicate: Literal["skip", "copy", "replace"] = "skip"
    allow_secrets: StrictBool = False


class ImportProblem(Shape):
    """A file or a snippet in it that was not imported, and why."""

    file: str
    name: str = ""
    line: int | None = Field(default=None, ge=1, description="Where in the file.")
    reason: str


class ImportedSnippet(Shape):
    """A snippet that an import made."""

    id: Identifier
    name: str


class ImportReport(Shape):
    """What an import made, left alone and could not read."""

    created: tuple[ImportedSnippet, ...]
    replaced: tuple[ImportedSnippet, ...] = ()
    skipped: tuple[ImportProblem, ...] = ()
    failed: tuple[ImportProblem, ...] = ()
    notes: tuple[ImportProblem, ...] = Field(
        default=(), description="What was changed in a snippet so that it could be imported."
    )


class ImportJob(Shape):
    """An import that runs or has ended; it goes on when nobody looks."""

    id: Identifier
    state: Literal["running", "cancelled", "done", "failed", "undoing", "undone"]
    started: datetime
    done: int = Field(default=0, ge=0, description="How many snippets were dealt with.")
    total: int = Field(default=0, ge=0, description="How many there are; 0 while files are read.")
    report: ImportReport | None = Field(
        default=None, description="What came of it; none while it runs."
    )
    undo: tuple[ImportProblem, ...] = Field(
        default=(), description="What an undo left as it is, and why."
    )
    error: str = Field(default="", description="What stopped it before its end.")


class ImportQuery(PageQuery):
    """Which page of the imports."""


class IdsIn(Shape):
    """Several snippets."""

    ids: tuple[Identifier, ...] = Field(min_length=1, max_length=5_000)


class IdProblem(Shape):
    """A snippet with which something could not be done, and why."""

    id: Identifier
    reason: str


class ManyReport(Shape):
    """With which snippets something was done, and with which not."""

    ids: tuple[Identifier, ...]
    failed: tuple[IdProblem, ...] = ()


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


class LibraryQuery(PageQuery):
    """Which page of the libraries."""


class Library(Shape):
    """A read-only library and how it is."""

    name: str
    kind: Literal["bundled", "git"]
    url: str = ""
    ref: str | None = None
    folder: str = ""
    state: Literal["ready", "refreshing", "failed", "never"] = "ready"
    commit: str | None = None
    refreshed: datetime | None = None
    count: int = Field(default=0, ge=0)
    error: str = ""
    problems: tuple[ImportProblem, ...] = Field(
        default=(), description="What of its files could not be read, or was changed, and why."
    )
