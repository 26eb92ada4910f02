"""Snippet files of others: VS Code's ``.code-snippets`` and Elyra's code-snippet JSON, both ways.

Told apart by what is in them, not by their names. What only Orrery knows (tags, several cells, plain text) is written
in further keys that VS Code and Elyra pass over, so that nothing is lost on the way out and in again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from pydantic import ValidationError

from orrery_server.snippets.schemas import ExportFormat, ImportProblem, SnippetFile
from orrery_wire.snippets import DraftContent, SnippetContent

# Elyra writes languages as people do; Jupyter's kernels and editors have names of their own.
_FROM_ELYRA = {"c++": "cpp", "c#": "csharp", "shell": "bash", "ipython": "python"}
_TO_ELYRA = {"python": "Python", "r": "R", "scala": "Scala", "markdown": "Markdown", "sql": "SQL"}
_FROM_VSCODE = {"jupyter": "python", "shellscript": "bash"}
# VS Code names a file of one language after it: `python.json`.
_LANGUAGES = frozenset(
    [
        "bash",
        "c",
        "cpp",
        "css",
        "csharp",
        "dockerfile",
        "go",
        "html",
        "java",
        "javascript",
        "json",
        "julia",
        "latex",
        "lua",
        "makefile",
        "markdown",
        "perl",
        "php",
        "powershell",
        "python",
        "r",
        "ruby",
        "rust",
        "scala",
        "shellscript",
        "sql",
        "swift",
        "typescript",
        "xml",
        "yaml",
    ]
)
_TOKENS = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\n]*|/\*(?:.*?\*/|.*)|[^"/,\s]+|\s+|.', re.DOTALL)

Converted = tuple[list[SnippetContent], list[ImportProblem]]


class UnusableError(ValueError):
    """A snippet of a file that is no snippet, with the reason in words."""


def read(file: SnippetFile) -> Converted:
    """The snippets of a file, and what in it could not be read and why."""
    try:
        data = relaxed(file.content)
    except (ValueError, RecursionError) as problem:
        return [], [ImportProblem(file=file.name, reason=f"It is not JSON: {problem}"[:300])]
    if isinstance(data, dict) and _is_elyra(data):
        return _collected(file.name, [(str(data.get("display_name", "")), data)], _from_elyra)
    if not isinstance(data, dict) or not data:
        return [], [ImportProblem(file=file.name, reason="There is no snippet in it.")]
    language = _language_of(file.name)
    return _collected(
        file.name, data.items(), lambda name, entry: _from_vscode(name, entry, language)
    )


def write(snippets: Sequence[SnippetContent], format: ExportFormat) -> tuple[SnippetFile, ...]:
    """Files that ``read``, VS Code or Elyra read again."""
    if format == "elyra":
        stems = unique(slug(snippet.name) for snippet in snippets)
        return tuple(
            SnippetFile(name=f"{stem}.json", content=_dump(_to_elyra(snippet)))
            for stem, snippet in zip(stems, snippets, strict=True)
        )
    names = unique((snippet.name for snippet in snippets), " {}")
    entries = {
        name: _to_vscode(snippet, name) for name, snippet in zip(names, snippets, strict=True)
    }
    return (SnippetFile(name="orrery.code-snippets", content=_dump(entries)),)


def relaxed(text: str) -> object:
    """JSON that may have comments and trailing commas, in time that grows with its length only."""
    text = text.removeprefix("\ufeff")
    try:
        return json.loads(text)
    except ValueError:
        return json.loads("".join(_plain(text)))


def slug(name: str) -> str:
    """A name as part of an identifier or a file name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-") or "snippet"


def unique(names: Iterable[str], suffix: str = "-{}") -> list[str]:
    """The names, each once: a repeated one gets a number."""
    taken: set[str] = set()
    distinct = []
    for name in names:
        candidate, number = name, 2
        while candidate in taken:
            candidate, number = name + suffix.format(number), number + 1
        taken.add(candidate)
        distinct.append(candidate)
    return distinct


def _plain(text: str) -> Iterator[str]:
    """The pieces of the text without comments, and without a comma that nothing follows."""
    comma = False
    for piece in _TOKENS.findall(text):
        if piece.isspace() or piece.startswith(("//", "/*")):
            yield " "
            continue
        if comma and piece[0] not in "}]":
            yield ","
        comma = piece == ","
        if not comma:
            yield piece


def _dump(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _is_elyra(data: dict[str, object]) -> bool:
    meta = data.get("metadata")
    return isinstance(meta, dict) and (data.get("schema_name") == "code-snippet" or "code" in meta)


def _collected(
    file: str,
    entries: Iterable[tuple[str, object]],
    convert: Callable[[str, object], SnippetContent],
) -> Converted:
    good: list[SnippetContent] = []
    bad: list[ImportProblem] = []
    for name, raw in entries:
        try:
            good.append(convert(name, raw))
        except ValidationError as problem:
            first = problem.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            bad.append(ImportProblem(file=file, name=name[:120], reason=f"{where}: {first['msg']}"))
        except UnusableError as problem:
            bad.append(ImportProblem(file=file, name=name[:120], reason=str(problem)))
    return good, bad


def _text(body: object) -> str:
    if isinstance(body, str):
        return body
    if isinstance(body, list) and all(isinstance(line, str) for line in body):
        return "\n".join(body)
    raise UnusableError("Its body is neither a text nor a list of lines.")


def _content(fields: Mapping[str, object]) -> SnippetContent:
    """What a file holds, if its names obey the rule of today."""
    draft = DraftContent.model_validate(fields)
    return SnippetContent.model_construct(**dict(draft))


def _from_vscode(name: str, entry: object, language: str) -> SnippetContent:
    if not isinstance(entry, dict) or not ({"body", "cells"} & entry.keys()):
        raise UnusableError("It has no body.")
    scope = str(entry.get("scope") or "").split(",")[0].strip()
    spoken = scope or language
    prefix = entry.get("prefix")
    return _content(
        {
            "name": entry.get("name") or name,
            "description": _text(entry.get("description") or ""),
            "language": entry.get("language") or _FROM_VSCODE.get(spoken, spoken),
            "tags": _tags(entry.get("tags")),
            "prefix": (prefix[0] if isinstance(prefix, list) and prefix else prefix) or None,
            "syntax": entry.get("syntax") or "vscode",
            "cells": _cells(entry),
        }
    )


def _tags(tags: object) -> tuple[object, ...]:
    if tags is None:
        return ()
    if not isinstance(tags, list):
        raise UnusableError("Its tags are no list.")
    return tuple(tags)


def _cells(entry: dict[str, object]) -> list[object]:
    cells = entry.get("cells")
    if cells is None:
        return [{"kind": "code", "source": _text(entry["body"])}]
    if not isinstance(cells, list):
        raise UnusableError("Its cells are no list.")
    return [
        {**cell, "source": _text(cell.get("source"))} if isinstance(cell, dict) else cell
        for cell in cells
    ]


def _to_vscode(snippet: SnippetContent, key: str) -> dict[str, object]:
    entry: dict[str, object] = {}
    if key != snippet.name:
        entry["name"] = snippet.name
    if snippet.prefix:
        entry["prefix"] = snippet.prefix
    entry["scope"] = snippet.language
    if snippet.language in _FROM_VSCODE:
        entry["language"] = snippet.language
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


def _body(snippet: SnippetContent, source: str) -> str:
    """A plain text as a VS Code body that expands to it."""
    if snippet.syntax == "vscode":
        return source
    return re.sub(r"[\\$}]", lambda m: "\\" + m.group(), source)


def _from_elyra(name: str, raw: object) -> SnippetContent:
    if not isinstance(raw, dict):
        raise UnusableError("It is no object.")
    meta = raw["metadata"]
    spoken = str(meta.get("language") or "python").strip().lower()
    language = _FROM_ELYRA.get(spoken, spoken.replace(" ", "-"))
    kind = "markdown" if language == "markdown" else "code"
    extra: dict[str, object] = meta["orrery"] if isinstance(meta.get("orrery"), dict) else {}
    cells = extra.get("cells") or [{"kind": kind, "source": _text(meta.get("code") or "")}]
    return _content(
        {
            "name": name or raw.get("name") or "",
            "description": _text(meta.get("description") or ""),
            "language": extra.get("language") or language,
            "tags": _tags(meta.get("tags")),
            "prefix": extra.get("prefix"),
            "syntax": extra.get("syntax") or "plain",
            "cells": cells,
        }
    )


def _to_elyra(snippet: SnippetContent) -> dict[str, object]:
    code = "\n\n".join(cell.source for cell in snippet.cells)
    extra: dict[str, object] = {
        "prefix": snippet.prefix,
        "syntax": snippet.syntax,
        "language": snippet.language,
    }
    kind = "markdown" if snippet.language == "markdown" else "code"
    if len(snippet.cells) > 1 or snippet.cells[0].kind != kind:
        extra["cells"] = [cell.model_dump() for cell in snippet.cells]
    meta: dict[str, object] = {
        "language": _TO_ELYRA.get(snippet.language, snippet.language),
        "tags": list(snippet.tags),
        "code": code.split("\n"),
        "orrery": extra,
    }
    if snippet.description:
        meta["description"] = snippet.description
    return {"display_name": snippet.name, "metadata": meta, "schema_name": "code-snippet"}


def _language_of(file: str) -> str:
    path = PurePosixPath(file.replace("\\", "/"))
    stem = path.stem.lower()
    named = path.suffix == ".json" and stem in _LANGUAGES
    return _FROM_VSCODE.get(stem, stem) if named else "python"
