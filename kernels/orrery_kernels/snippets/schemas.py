"""The JSON of snippets, as the server sends it."""

from __future__ import annotations

from typing import Literal, TypedDict

Scope = Literal["mine", "project", "everyone"]
ListScope = Literal["mine", "project", "everyone", "library"]
Syntax = Literal["plain", "vscode"]
Sort = Literal["relevance", "name", "updated", "used", "position"]
OnDuplicate = Literal["skip", "copy", "replace"]
ExportFormat = Literal["code-snippets", "elyra"]


class SnippetCell(TypedDict):
    """One cell of a snippet."""

    kind: Literal["code", "markdown", "raw"]
    source: str


class SnippetContent(TypedDict):
    """The part of a snippet that has versions."""

    name: str
    description: str
    language: str
    tags: list[str]
    prefix: str | None
    syntax: Syntax
    cells: list[SnippetCell]


class Snippet(SnippetContent):
    """A snippet."""

    id: str
    scope: Scope
    project: str | None
    version: int
    created: str
    created_by: str
    updated: str
    updated_by: str
    writable: bool
    favourite: bool
    position: float | None
    uses: int
    used: str | None
    seen_version: int | None
    library: str | None
    requires: list[str]
    unseen: bool


class Facet(TypedDict):
    """A value to filter by, and how many snippets have it."""

    value: str
    count: int


class Notice(TypedDict):
    """A message about the list itself."""

    level: Literal["info", "warning"]
    message: str
    remedy: str


class SnippetPage(TypedDict):
    """One page of snippets."""

    items: list[Snippet]
    total: int
    offset: int
    limit: int
    facets: dict[str, list[Facet]]
    notices: list[Notice]


class SnippetVersion(TypedDict):
    """One earlier or present state of a snippet."""

    version: int
    saved: str
    saved_by: str
    content: SnippetContent


class SnippetFile(TypedDict):
    """A file to import, or one that an export made."""

    name: str
    content: str


class ImportProblem(TypedDict):
    """A file or a snippet in it that was not imported, and why."""

    file: str
    name: str
    reason: str


class ImportReport(TypedDict):
    """The snippets that an import made, and the files that it left alone or could not read."""

    created: list[Snippet]
    replaced: list[Snippet]
    skipped: list[ImportProblem]
    failed: list[ImportProblem]


class Library(TypedDict):
    """A read-only library."""

    name: str
    kind: Literal["shipped", "git"]
    url: str
    ref: str | None
    folder: str
    state: Literal["ready", "refreshing", "failed", "never"]
    commit: str | None
    refreshed: str | None
    count: int
    error: str
