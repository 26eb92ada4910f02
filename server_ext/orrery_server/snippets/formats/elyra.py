"""Code snippets of Elyra, and those of ``jupyterlab-code-snippets``: one object for each, with its code in ``code``."""

from __future__ import annotations

from orrery_server.snippets.formats.drafting import Drafting, UnusableError, code_cell, joined
from orrery_server.snippets.formats.languages import language_named
from orrery_wire.snippets import SnippetContent

# Elyra writes languages as people do.
_SPOKEN = {"python": "Python", "r": "R", "scala": "Scala", "markdown": "Markdown", "sql": "SQL"}


def is_elyra(value: object) -> bool:
    """Whether a value is a snippet of Elyra."""
    if not isinstance(value, dict) or not isinstance(value.get("metadata"), dict):
        return False
    return value.get("schema_name") == "code-snippet" or "code" in value["metadata"]


def is_code_snippets(value: object) -> bool:
    """Whether a value is a snippet of ``jupyterlab-code-snippets``."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("code"), str | list)
        and not ({"body", "metadata", "cells"} & value.keys())
    )


def from_elyra(drafting: Drafting, raw: dict[str, object]) -> SnippetContent:
    """A snippet of Elyra."""
    meta = raw["metadata"]
    if not isinstance(meta, dict):
        raise UnusableError("It has no metadata.")
    spoken = str(meta.get("language") or "python")
    extra: dict[str, object] = meta["orrery"] if isinstance(meta.get("orrery"), dict) else {}
    languages = extra.get("languages") or [extra.get("language")]
    own = [name for name in languages if name] if isinstance(languages, list) else []
    source = joined(meta.get("code") or "", "code")
    return drafting.content(
        name=raw.get("display_name") or raw.get("name") or "",
        description=meta.get("description"),
        languages=own or [spoken],
        is_exact=bool(own),
        tags=meta.get("tags"),
        prefixes=extra.get("prefixes") or extra.get("prefix"),
        syntax=extra.get("syntax") or "plain",
        cells=extra.get("cells") or [code_cell(source, language_named(spoken) or "")],
    )


def from_code_snippets(drafting: Drafting, raw: dict[str, object], key: str) -> SnippetContent:
    """A snippet of ``jupyterlab-code-snippets``."""
    spoken = str(raw.get("language") or "python")
    source = joined(raw.get("code"), "code")
    return drafting.content(
        name=raw.get("name") or raw.get("display_name") or key,
        description=raw.get("description"),
        languages=[spoken],
        tags=raw.get("tags"),
        prefixes=raw.get("prefix"),
        syntax="plain",
        cells=[code_cell(source, language_named(spoken) or "")],
    )


def to_elyra(snippet: SnippetContent) -> dict[str, object]:
    """A snippet as Elyra keeps it."""
    code = "\n\n".join(cell.source for cell in snippet.cells)
    extra: dict[str, object] = {
        "prefixes": list(snippet.prefixes),
        "syntax": snippet.syntax,
        "language": snippet.language,
    }
    if snippet.other_languages or language_named(snippet.language) != snippet.language:
        extra["languages"] = list(snippet.languages)
    kind = "markdown" if snippet.language == "markdown" else "code"
    if len(snippet.cells) > 1 or snippet.cells[0].kind != kind:
        extra["cells"] = [cell.model_dump() for cell in snippet.cells]
    meta: dict[str, object] = {
        "language": _SPOKEN.get(snippet.language, snippet.language),
        "tags": list(snippet.tags),
        "code": code.split("\n"),
        "orrery": extra,
    }
    if snippet.description:
        meta["description"] = snippet.description
    return {"display_name": snippet.name, "metadata": meta, "schema_name": "code-snippet"}
