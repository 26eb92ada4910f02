"""Snippet files of VS Code: ``.code-snippets``, and the JSON file of one language.

What only Orrery knows (several cells, plain text, a name that is there twice) is written in further keys that VS Code
passes over, so that nothing is lost on the way out and in again.
"""

from __future__ import annotations

import re

from orrery_server.snippets.formats.drafting import Drafting, UnusableError, code_cell, joined
from orrery_server.snippets.formats.languages import language_named
from orrery_wire.snippets import SnippetContent


def is_entry(value: object) -> bool:
    """Whether a value is a snippet."""
    return isinstance(value, dict) and bool({"body", "cells"} & value.keys())


def from_entry(drafting: Drafting, name: str, entry: object, language: str) -> SnippetContent:
    """The snippet under a name in a file of a language."""
    if not isinstance(entry, dict) or not is_entry(entry):
        raise UnusableError("It has no body.")
    prefixes = entry.get("prefix")
    return drafting.content(
        name=entry.get("name") or name,
        description=entry.get("description"),
        languages=_own_languages(entry) or _scope(entry, language),
        is_exact=bool(_own_languages(entry)),
        tags=entry.get("tags"),
        prefixes=prefixes,
        syntax=entry.get("syntax") or "vscode",
        cells=_cells(entry),
    )


def to_entry(snippet: SnippetContent, key: str) -> dict[str, object]:
    """A snippet as it stands under a key of a file."""
    entry: dict[str, object] = {}
    if key != snippet.name:
        entry["name"] = snippet.name
    if snippet.prefixes:
        entry["prefix"] = (
            snippet.prefixes[0] if len(snippet.prefixes) == 1 else list(snippet.prefixes)
        )
    entry["scope"] = ",".join(snippet.languages)
    if any(language_named(language) != language for language in snippet.languages):
        entry["languages"] = list(snippet.languages)
    entry["body"] = "\n\n".join(_body(snippet, cell.source) for cell in snippet.cells).split("\n")
    if snippet.description:
        entry["description"] = snippet.description
    if snippet.tags:
        entry["tags"] = list(snippet.tags)
    if snippet.syntax == "plain":
        entry["syntax"] = "plain"
    if snippet.syntax == "plain" or len(snippet.cells) > 1 or snippet.cells[0].kind != "code":
        entry["cells"] = [
            {"kind": cell.kind, "source": cell.source.split("\n")} for cell in snippet.cells
        ]
    return entry


def _own_languages(entry: dict[str, object]) -> list[object]:
    """The languages as Orrery writes them where the scope would not bring them back."""
    languages = entry.get("languages")
    if isinstance(languages, list):
        return languages
    return [entry["language"]] if isinstance(entry.get("language"), str) else []


def _scope(entry: dict[str, object], language: str) -> list[object]:
    scope = entry.get("scope")
    names = scope if isinstance(scope, list) else str(scope or "").split(",")
    return [name for name in names if str(name).strip()] or [language]


def _cells(entry: dict[str, object]) -> list[object]:
    cells = entry.get("cells")
    if cells is None:
        return [code_cell(joined(entry["body"], "body"))]
    if not isinstance(cells, list):
        raise UnusableError("Its cells are no list.")
    return [
        {**cell, "source": joined(cell.get("source"), "cell")} if isinstance(cell, dict) else cell
        for cell in cells
    ]


def _body(snippet: SnippetContent, source: str) -> str:
    """A plain text as a VS Code body that expands to it."""
    if snippet.syntax == "vscode":
        return source
    return re.sub(r"[\\$}]", lambda m: "\\" + m.group(), source)
