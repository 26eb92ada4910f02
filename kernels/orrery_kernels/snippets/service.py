"""Snippets from Python; the SDK, magics and commands all call this."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace as with_changes
from functools import cached_property
from pathlib import Path
from typing import Literal, TypedDict, Unpack, cast

from orrery_kernels.client import Service
from orrery_kernels.errors import UsageError
from orrery_kernels.snippets import cells as cell_text
from orrery_kernels.snippets.files import read_files, write_files
from orrery_kernels.snippets.libraries import Libraries
from orrery_kernels.snippets.matching import select
from orrery_kernels.snippets.rendering import render_cells
from orrery_kernels.snippets.values import variables
from orrery_kernels.snippets.views import SnippetList, VersionList
from orrery_wire.errors import NotFound, OrreryError
from orrery_wire.types.projects import ProjectsCalls
from orrery_wire.types.snippets import (
    ExportFormat,
    ImportJob,
    ImportReport,
    Scope,
    Snippet,
    SnippetCell,
    SnippetIn,
    SnippetQuery,
    SnippetsCalls,
    Sort,
    Syntax,
)

ListScope = Literal["mine", "project", "everyone", "library"]
OnDuplicate = Literal["skip", "copy", "replace"]

SCOPES: tuple[Scope, ...] = ("mine", "project", "everyone")
MAX_PAGE = 200
FILES_SECONDS = 120.0
POLL_SECONDS = 0.3
CONTENT = (
    "name",
    "description",
    "language",
    "other_languages",
    "tags",
    "prefixes",
    "syntax",
    "cells",
)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")


class Filters(TypedDict, total=False):
    """The keyword arguments of ``Snippets.list``."""

    tag: Sequence[str]
    language: str | None
    scope: ListScope | None
    project: str | None
    favourite: bool
    sort: Sort
    offset: int
    limit: int


class Details(TypedDict, total=False):
    """A snippet without its name and code; None keeps what an existing snippet has."""

    description: str | None
    tags: Sequence[str] | None
    prefix: str | Sequence[str] | None
    language: str | None
    syntax: Syntax | None


class Snippets(Service):
    """The snippets that the person may see.

    A snippet is named by its id, its name, a prefix or the beginning of its name. Every method raises
    ``OrreryError``: ``ServerUnavailable`` without a lab, ``OrreryError`` by its code where the server refuses, ``UsageError``,
    ``SnippetNotFound`` and ``AmbiguousName`` for arguments that cannot be meant.
    """

    @property
    def calls(self) -> SnippetsCalls:
        """The server's routes of snippets."""
        return SnippetsCalls(self.client)

    @cached_property
    def libraries(self) -> Libraries:
        """The read-only libraries."""
        return Libraries(self._client)

    def list(
        self,
        q: str = "",
        *,
        tag: str | Sequence[str] = (),
        language: str | None = None,
        scope: ListScope | None = None,
        project: str | None = None,
        favourite: bool = False,
        sort: Sort = "relevance",
        offset: int = 0,
        limit: int = 50,
    ) -> SnippetList:
        """One page of snippets that hold all the words.

        Args:
            q: words of the name, tags, description or code.
            tag: only with this tag, or with all of several.
            language: only in this language.
            scope: only of this scope; ``library`` stands for the read-only libraries.
            project: only of the project with this slug.
            favourite: only favourites.
            sort: the order of the list.
            offset: how many to pass over.
            limit: how many at most, up to 200.
        """
        query: SnippetQuery = {
            "q": q[:400],
            "tag": [tag] if isinstance(tag, str) else [*tag],
            "language": language,
            "scope": scope,
            "project": project,
            "favourite": favourite,
            "sort": sort,
            "offset": offset,
            "limit": limit,
        }
        return SnippetList(self.calls.list(query))

    def search(self, q: str) -> SnippetList:
        """The first page of snippets that hold all the words, the best first."""
        return self.list(q)

    def get(self, name: str) -> Snippet:
        """The snippet of this name, prefix or id."""
        text = name.strip()
        if not text:
            raise UsageError("Which snippet?", remedy="Name it, or see them all with: list")
        return select(text, self._candidates(text))

    def _candidates(self, name: str) -> Sequence[Snippet]:
        words = re.sub(r"[-_]+", " ", name)
        snippets = {
            snippet["id"]: snippet
            for text in dict.fromkeys((name, words))
            for snippet in self.list(text, limit=MAX_PAGE)
        }
        if name not in snippets and _ID.fullmatch(name):
            with suppress(NotFound):
                snippets[name] = self.calls.get(name)
        return list(snippets.values())

    def render(self, name: str, values: Mapping[str, str] | None = None, /, **more: str) -> str:
        """The code of a snippet, with values for its placeholders and defaults for the others.

        Args:
            name: the snippet.
            values: by the placeholder's default text, its number, or a variable such as ``DATAFRAME``.
            more: the same as keywords: ``render("lake-read", df="train")``.
        """
        snippet = self.get(name)
        return cell_text.to_text(self.render_cells(snippet, {**(values or {}), **more}))

    def render_cells(
        self,
        snippet: Snippet,
        values: Mapping[str, str],
        namespace: Mapping[str, object] | None = None,
    ) -> Sequence[SnippetCell]:
        """The cells of a snippet with values; the ``namespace`` of a kernel says which dataframe ``DATAFRAME`` is."""
        return render_cells(snippet, variables(self.client, namespace), values)

    def insert(self, name: str, values: Mapping[str, str] | None = None, /, **more: str) -> None:
        """Put a snippet into the next cell of the notebook that runs this, as ``%snippets NAME`` does.

        Raises:
            UsageError: no notebook runs this.
        """
        from orrery_kernels.shell import set_next_cell, user_namespace

        snippet = self.get(name)
        cell_text.require_notebook_language(snippet)
        namespace = user_namespace()
        cells = self.render_cells(snippet, {**(values or {}), **more}, namespace)
        set_next_cell(cell_text.to_code(cells, snippet["language"]))
        self.count_use(snippet)

    def save(
        self,
        name: str,
        code: str | Sequence[SnippetCell],
        *,
        description: str | None = None,
        tags: Sequence[str] | None = None,
        prefix: str | Sequence[str] | None = None,
        language: str | None = None,
        syntax: Syntax | None = None,
        scope: Scope = "mine",
        project: str | None = None,
        replace: bool = False,
        allow_secrets: bool = False,
    ) -> Snippet:
        """Save a snippet; once this returns, a crash cannot lose it.

        Args:
            name: its name.
            code: text, which ``# %%`` lines part into cells, or the cells.
            description: what it is for.
            tags: words to filter by.
            prefix: a short word that offers it as a completion, or several.
            language: its language; ``python`` if not given.
            syntax: ``vscode`` if the code has placeholders such as ``${1:df}``; ``plain`` if not given.
            scope: who sees it.
            project: the slug, for the scope ``project``; the current project if not given.
            replace: make it a new version of the snippet of the same name and scope, whose details stay.
            allow_secrets: save although the text holds what looks like a secret.
        """
        details: Details = {
            "description": description,
            "tags": tags if tags is None else [*tags],
            "prefix": prefix,
            "language": language,
            "syntax": syntax,
        }
        draft = Draft(name, cells_of(code), details, scope, project)
        if draft.scope == "project" and draft.project is None:
            draft = with_changes(draft, project=self.current_project())
        old = self._namesake(draft)
        if old is not None and not replace:
            raise UsageError(
                f"There is already a snippet {name!r} in {scope}",
                remedy="Give it another name, or replace it with --replace.",
            )
        body = draft.body(old, allow_secrets)
        return self.calls.update(old["id"], body) if old else self.calls.create(body)

    def update(
        self,
        snippet: str | Snippet,
        code: str | Sequence[SnippetCell] | None = None,
        *,
        allow_secrets: bool = False,
        **details: Unpack[Details],
    ) -> Snippet:
        """Save a new version of a snippet; what is not given stays.

        Args:
            snippet: its name, or the snippet as it was read, which another person may not have saved since.
            code: text, which ``# %%`` lines part into cells, or the cells.
            allow_secrets: save although the text holds what looks like a secret.
            details: ``description``, ``tags``, ``prefix``, ``language``, ``syntax`` as in ``save``.

        Raises:
            Conflict: somebody else saved it meanwhile.
        """
        old = self.get(snippet) if isinstance(snippet, str) else snippet
        cells = old["cells"] if code is None else cells_of(code)
        draft = Draft(old["name"], cells, details, old["scope"], old["project"])
        return self.calls.update(old["id"], draft.body(old, allow_secrets))

    def _namesake(self, draft: Draft) -> Snippet | None:
        page = self.list(draft.name, scope=draft.scope, project=draft.project, limit=MAX_PAGE)
        for snippet in page:
            if snippet["name"] == draft.name and snippet["library"] is None:
                return snippet
        return None

    def current_project(self) -> str:
        """The slug of the project that the server works in."""
        project = ProjectsCalls(self.client).current()["project"]
        if project is None:
            raise UsageError(
                "The snippet belongs to no project",
                reason="This lab works in no project at present.",
                remedy="Choose a project in the top bar of the lab, or name one with --project.",
            )
        return project["slug"]

    def delete(self, name: str) -> Snippet:
        """Delete a snippet and give it as it was; ``undelete`` brings it back for 30 days."""
        snippet = self.get(name)
        self.calls.delete(snippet["id"])
        return snippet

    def undelete(self, id: str) -> Snippet:
        """Bring a deleted snippet back, by its id."""
        return self.calls.undelete(id)

    def favourite(self, name: str, on: bool = True) -> Snippet:
        """Mark a snippet as a favourite, or take the mark away."""
        return self.calls.mark(self.get(name)["id"], {"favourite": on})

    def count_use(self, snippet: Snippet) -> None:
        """Count one more use; that the server could not note it is no reason to keep the snippet back."""
        try:
            self.calls.mark(snippet["id"], {"used": True}, timeout=3)
        except OrreryError:
            return

    def history(self, name: str) -> VersionList:
        """The versions of a snippet, newest first."""
        return VersionList(self.calls.versions(self.get(name)["id"])["items"])

    def restore(self, name: str, version: int) -> Snippet:
        """Make an earlier version the present one; it gets a new number."""
        return self.calls.restore(self.get(name)["id"], version)

    def import_files(
        self,
        *paths: str | Path,
        scope: Scope = "mine",
        project: str | None = None,
        on_duplicate: OnDuplicate = "skip",
        allow_secrets: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> ImportReport:
        """Import snippet files of VS Code, Elyra or jupyterlab-code-snippets, scripts, or folders of them.

        The report has every file in it. Interrupting it stops the import; what was saved by then stays, and
        ``undo_import`` takes it back.

        Args:
            paths: files and folders.
            scope: who sees the snippets.
            project: the slug, for the scope ``project``; the current project if not given.
            on_duplicate: what becomes of a snippet whose name there is already in its language.
            allow_secrets: save although a text holds what looks like a secret.
            progress: called with how many snippets are done, and how many there are.

        Raises:
            OrreryError: it was stopped before its end, by a full disk for example.
        """
        if scope == "project" and project is None:
            project = self.current_project()
        files, unreadable = read_files(paths)
        if not files:
            return {
                "created": [],
                "replaced": [],
                "skipped": [],
                "failed": unreadable,
                "notes": [],
            }
        job = self.calls.import_files(
            {
                "files": files,
                "scope": scope,
                "project": project,
                "on_duplicate": on_duplicate,
                "allow_secrets": allow_secrets,
            },
            timeout=FILES_SECONDS,
        )
        report = self._ended(job, progress)["report"]
        if report is None:
            raise OrreryError("The server gave no report of the import")
        report["failed"] = [*unreadable, *report["failed"]]
        return report

    def undo_import(self) -> ImportJob:
        """Take back what the last import added and replaced; ``undo`` of the result names what was changed since.

        Raises:
            UsageError: nothing was imported since the server started.
            Conflict: it was undone already, or added nothing.
        """
        page = self.calls.list_imports({"limit": 1})
        if not page["items"]:
            raise UsageError("Nothing was imported since the server started")
        return self._ended(self.calls.undo_import(page["items"][0]["id"], timeout=FILES_SECONDS))

    def _ended(
        self, job: ImportJob, progress: Callable[[int, int], None] | None = None
    ) -> ImportJob:
        """The job when it has ended; an interrupt cancels it."""
        try:
            while job["state"] in ("running", "undoing"):
                if progress is not None:
                    progress(job["done"], job["total"])
                time.sleep(POLL_SECONDS)
                job = self.calls.get_import(job["id"])
        except KeyboardInterrupt:
            self.calls.cancel_import(job["id"])
            raise
        if job["state"] == "failed" and job["undo"]:
            raise OrreryError(
                "The import could not be undone completely",
                reason=job["error"],
                remedy=f"{len(job['undo'])} of its changes stay; undo_import tries them again.",
            )
        if job["state"] == "failed":
            saved = len(job["report"]["created"]) if job["report"] else 0
            raise OrreryError(
                "The import was stopped before its end",
                reason=job["error"],
                remedy=f"{saved} snippets were saved before; undo_import takes them back.",
            )
        return job

    def export(
        self, *names: str, format: ExportFormat = "code-snippets", folder: str | Path = "."
    ) -> Sequence[Path]:
        """Write snippets, all if none is named, to files in a folder and give their paths; nothing is overwritten."""
        ids = [self.get(name)["id"] for name in names]
        answer = self.calls.export({"id": ids, "format": format}, timeout=FILES_SECONDS)
        return write_files(answer["files"], folder)


@dataclass(frozen=True)
class Draft:
    """A snippet to save."""

    name: str
    cells: Sequence[SnippetCell]
    details: Details
    scope: Scope
    project: str | None

    def body(self, old: Snippet | None, allow_secrets: bool) -> SnippetIn:
        """The body of the request: what is given, else what the snippet in its place has."""
        body: dict[str, object] = {"name": self.name}
        if old is not None:
            body |= {key: value for key, value in old.items() if key in CONTENT}
            body["base_version"] = old["version"]
        details = {key: value for key, value in self.details.items() if value is not None}
        if (prefix := details.pop("prefix", None)) is not None:
            details["prefixes"] = _listed(cast("str | Sequence[str]", prefix))
        body |= details
        body |= {"cells": list(self.cells), "scope": self.scope, "project": self.project}
        return cast("SnippetIn", body | {"allow_secrets": allow_secrets})


def _listed(prefix: str | Sequence[str]) -> list[str]:
    """The prefixes, none for an empty text."""
    return [text for text in ([prefix] if isinstance(prefix, str) else prefix) if text]


def cells_of(code: str | Sequence[SnippetCell]) -> Sequence[SnippetCell]:
    """The cells of a text, or the cells themselves."""
    return cell_text.from_text(code) if isinstance(code, str) else code
