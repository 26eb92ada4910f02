"""What can be done with snippets from a kernel or a terminal; raises ``errors.py``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orrery_kernels.client import Client
from orrery_kernels.errors import Ambiguous, NoSuchSnippet, RequestError, UsageError

Snippet = dict[str, Any]
SCOPES = ("mine", "project", "everyone")
PAGE = 200
CONTENT = ("name", "description", "language", "tags", "prefix", "syntax", "cells")


def slug(name: str) -> str:
    """A name without blanks and signs, as it is offered for completion."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")


@dataclass(frozen=True)
class Wanted:
    """Which snippets to list."""

    words: str = ""
    tags: Sequence[str] = ()
    language: str | None = None
    scope: str | None = None
    project: str | None = None
    favourite: bool = False
    sort: str = "relevance"
    offset: int = 0
    limit: int = 50

    def query(self) -> dict[str, Any]:
        """The query string of the request."""
        return {
            "q": self.words[:400],
            "tag": list(self.tags),
            "language": self.language,
            "scope": self.scope,
            "project": self.project,
            "favourite": self.favourite,
            "sort": self.sort,
            "offset": self.offset,
            "limit": self.limit,
        }


@dataclass(frozen=True)
class Draft:
    """A snippet to save; None keeps what an existing one has."""

    name: str
    cells: Sequence[dict[str, Any]]
    description: str | None = None
    tags: Sequence[str] | None = None
    prefix: str | None = None
    language: str | None = None
    syntax: str | None = None
    scope: str = "mine"
    project: str | None = None

    def content(self, old: Snippet | None) -> dict[str, Any]:
        """The body of the request."""
        given = {
            "name": self.name,
            "description": self.description,
            "language": self.language,
            "tags": None if self.tags is None else list(self.tags),
            "prefix": self.prefix,
            "syntax": self.syntax,
        }
        kept = {key: old[key] for key in CONTENT} if old else {}
        chosen = {key: value for key, value in given.items() if value is not None}
        place = {"scope": self.scope, "project": self.project}
        return {**kept, **chosen, **place, "cells": list(self.cells)}


@dataclass(frozen=True)
class Expanded:
    """A snippet with its body expanded."""

    snippet: Snippet
    cells: Sequence[dict[str, Any]]


class Snippets:
    """The snippets that the person may see, through his own server."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def list(self, wanted: Wanted) -> dict[str, Any]:
        """One page: ``items``, ``total``, ``facets``, ``notices``."""
        page: dict[str, Any] = self.client.call("GET", "snippets", query=wanted.query())
        return page

    def find(self, name: str) -> Snippet:
        """The snippet with this id, name, prefix or beginning of a name.

        Raises:
            NoSuchSnippet, Ambiguous: none or several fit; the message lists those.
        """
        wanted = name.strip()
        if not wanted:
            raise UsageError("Which snippet?", remedy="Name it, or see them all with: list")
        found = self._candidates(wanted)
        fitting: Sequence[Callable[[Snippet], bool]] = (
            lambda s: bool(s["id"] == wanted),
            lambda s: bool(s["name"] == wanted),
            lambda s: bool(s["prefix"] == wanted),
            lambda s: s["name"].casefold() == wanted.casefold() or slug(s["name"]) == slug(wanted),
            lambda s: bool(s["name"].casefold().startswith(wanted.casefold())),
        )
        for fits in fitting:
            hits = [snippet for snippet in found if fits(snippet)]
            if len(hits) == 1:
                return hits[0]
            if hits:
                raise Ambiguous(
                    f"{len(hits)} snippets fit {wanted!r}",
                    reason="\n  ".join(f"{_one_line(hit)}" for hit in hits[:20]),
                    remedy="Use an id, the first column.",
                )
        raise _none_fits(wanted, found)

    def _candidates(self, wanted: str) -> Sequence[Snippet]:
        words = re.sub(r"[-_]+", " ", wanted)
        found = {}
        for text in dict.fromkeys((wanted, words)):
            page = self.list(Wanted(text, limit=PAGE))
            found.update({item["id"]: item for item in page["items"]})
        if wanted not in found and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}", wanted):
            try:
                found[wanted] = self.client.call("GET", f"snippets/{wanted}")
            except RequestError as problem:
                if problem.status != 404:
                    raise
        return list(found.values())

    def expanded(
        self, snippet: Snippet, variables: Mapping[str, str], values: Mapping[str, str]
    ) -> Expanded:
        """The cells with their bodies expanded; ``values`` go by number, default text or variable.

        Raises:
            UsageError: a value names nothing in the snippet.
        """
        if snippet["syntax"] != "vscode":
            if values:
                raise UsageError(
                    f"{snippet['name']!r} has no placeholders",
                    reason=f"So {', '.join(sorted(values))} cannot be given.",
                )
            return Expanded(snippet, snippet["cells"])
        used: set[str] = set()
        cells = []
        known = {**variables, **{k: v for k, v in values.items() if k.isupper()}}
        for cell in snippet["cells"]:
            source, here = _expand_cell(cell["source"], known, values)
            used |= here
            cells.append({**cell, "source": source})
        unknown = sorted(set(values) - used)
        if unknown:
            names = sorted(set(placeholders(snippet, variables)))
            raise UsageError(
                f"{snippet['name']!r} has no placeholder {', '.join(unknown)}",
                reason=f"It has: {', '.join(names) or 'none'}.",
            )
        return Expanded(snippet, cells)

    def save(self, draft: Draft, *, replace: bool = False, allow_secrets: bool = False) -> Snippet:
        """Keep a snippet. One of the same name and scope is only replaced when asked."""
        if draft.scope == "project" and draft.project is None:
            draft = Draft(**{**vars(draft), "project": self.current_project()})
        old = self._namesake(draft)
        if old is not None and not replace:
            raise UsageError(
                f"There is already a snippet {draft.name!r} in {draft.scope}",
                remedy="Give it another name, or replace it with --replace.",
            )
        body = {**draft.content(old), "allow_secrets": allow_secrets}
        saved: Snippet
        if old is None:
            saved = self.client.call("POST", "snippets", body=body)
        else:
            body["base_version"] = old["version"]
            saved = self.client.call("PUT", f"snippets/{old['id']}", body=body)
        return saved

    def update(self, old: Snippet, **changes: Any) -> Snippet:
        """Save a new version of a snippet; refuses to overwrite what somebody else saved meanwhile."""
        body = {key: old[key] for key in (*CONTENT, "scope", "project")}
        body |= {"base_version": old["version"], **changes}
        saved: Snippet = self.client.call("PUT", f"snippets/{old['id']}", body=body)
        return saved

    def _namesake(self, draft: Draft) -> Snippet | None:
        page = self.list(Wanted(draft.name, scope=draft.scope, project=draft.project, limit=PAGE))
        for item in page["items"]:
            if item["name"] == draft.name and item["library"] is None:
                found: Snippet = item
                return found
        return None

    def current_project(self) -> str:
        """The slug of the project that the server works in."""
        current = self.client.call("GET", "projects/current")["project"]
        if current is None:
            raise UsageError(
                "The snippet belongs to no project",
                reason="This lab works in no project at present.",
                remedy="Choose a project in the top bar of the lab, or name one with --project.",
            )
        return str(current["slug"])

    def delete(self, id: str) -> None:
        """Take a snippet away; ``undelete`` brings it back."""
        self.client.call("DELETE", f"snippets/{id}")

    def undelete(self, id: str) -> Snippet:
        """Bring a deleted snippet back."""
        saved: Snippet = self.client.call("POST", f"snippets/{id}/undelete")
        return saved

    def versions(self, id: str) -> Sequence[dict[str, Any]]:
        """Every version that is kept, newest first."""
        found: Sequence[dict[str, Any]] = self.client.call("GET", f"snippets/{id}/versions")[
            "items"
        ]
        return found

    def restore(self, id: str, version: int) -> Snippet:
        """Make an earlier version the present one."""
        saved: Snippet = self.client.call("POST", f"snippets/{id}/versions/{version}/restore")
        return saved

    def favourite(self, id: str, on: bool) -> Snippet:
        """Mark or unmark a favourite."""
        saved: Snippet = self.client.call("PATCH", f"snippets/{id}/marks", body={"favourite": on})
        return saved

    def count_use(self, id: str) -> None:
        """Count one more use."""
        self.client.call("PATCH", f"snippets/{id}/marks", body={"used": True}, timeout=3)

    def import_files(self, files: Iterable[tuple[str, str]], **how: Any) -> dict[str, Any]:
        """Import files of VS Code or Elyra; the report says what became of each."""
        listed = [{"name": name, "content": content} for name, content in files]
        report: dict[str, Any] = self.client.call(
            "POST", "snippets/import", body={"files": listed, **how}, timeout=120
        )
        return report

    def export(self, ids: Sequence[str], format: str) -> Sequence[dict[str, str]]:
        """The files of an export; no id means all."""
        query = {"id": list(ids), "format": format}
        found: Sequence[dict[str, str]] = self.client.call(
            "GET", "snippets/export", query=query, timeout=120
        )["files"]
        return found

    def libraries(self) -> Sequence[dict[str, Any]]:
        """The read-only libraries."""
        found: Sequence[dict[str, Any]] = self.client.call("GET", "snippets/libraries")["items"]
        return found

    def add_library(self, **given: Any) -> dict[str, Any]:
        """Make a Git repository a library."""
        made: dict[str, Any] = self.client.call("POST", "snippets/libraries", body=given)
        return made

    def remove_library(self, name: str) -> None:
        """Forget a library."""
        self.client.call("DELETE", f"snippets/libraries/{name}")

    def refresh_library(self, name: str) -> dict[str, Any]:
        """Start to fetch a library again."""
        state: dict[str, Any] = self.client.call("POST", f"snippets/libraries/{name}/refresh")
        return state

    def cancel_refresh(self, name: str) -> None:
        """Stop fetching a library."""
        self.client.call("DELETE", f"snippets/libraries/{name}/refresh")


def placeholders(snippet: Snippet, variables: Mapping[str, str]) -> Sequence[str]:
    """How the placeholders of a snippet can be named: by default where that is a name, else by number."""
    if snippet["syntax"] != "vscode":
        return []
    from orrery_kernels.snippets.template import expand

    stops = (stop for cell in snippet["cells"] for stop in expand(cell["source"], variables).stops)
    names = [
        stop.default if stop.default.isidentifier() else str(stop.n) for stop in stops if stop.n
    ]
    return list(dict.fromkeys(names))


def _expand_cell(
    body: str, known: Mapping[str, str], values: Mapping[str, str]
) -> tuple[str, set[str]]:
    """The expanded source, and which of the values it used."""
    from orrery_kernels.snippets.template import expand

    numbers: dict[int, str] = {}
    used = {
        name for name in values if name.isupper() and re.search(rf"\$\{{?{re.escape(name)}\b", body)
    }
    for stops in (expand(body, known).stops, expand(body).stops):
        for stop in stops:
            for name in (str(stop.n), stop.default):
                if name in values and stop.n not in numbers and name:
                    numbers[stop.n] = values[name]
                    used.add(name)
    return expand(body, known, numbers).text, used


def _one_line(snippet: Snippet) -> str:
    place = snippet["library"] or snippet["project"] or snippet["scope"]
    return f"{snippet['id']}  {snippet['name']}  ({place})"


def _none_fits(wanted: str, found: Sequence[Snippet]) -> NoSuchSnippet:
    near = ", ".join(repr(item["name"]) for item in found[:5])
    return NoSuchSnippet(
        f"There is no snippet {wanted!r}",
        reason=f"These hold the word: {near}." if near else "",
        remedy="See what there is with: list",
    )
