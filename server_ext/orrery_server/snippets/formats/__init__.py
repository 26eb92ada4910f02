"""Snippet files of others: VS Code, Elyra, ``jupyterlab-code-snippets`` and plain scripts; VS Code and Elyra both ways.

JSON is told apart by what is in it, not by its name; a script is known by the end of its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from json import JSONDecodeError
from pathlib import PurePosixPath

from orrery_server.snippets.formats import elyra, vscode
from orrery_server.snippets.formats.drafting import (
    Drafting,
    Entry,
    ReadFile,
    UnusableError,
    code_cell,
    collect,
)
from orrery_server.snippets.formats.languages import language_of_json, language_of_script
from orrery_server.snippets.formats.relaxed_json import Node, parse
from orrery_server.snippets.schemas import ExportFormat, ImportProblem, SnippetFile
from orrery_wire.snippets import SnippetContent

__all__ = ["Entry", "ReadFile", "read", "slug", "unique", "write"]

# Under these keys several snippets stand: settings of `jupyterlab-code-snippets`, and lists of Elyra.
_LISTS = ("snippets", "code-snippets", "code_snippets")
_DEPTH = 3

_Convert = Callable[[Drafting], SnippetContent]
_Items = Iterator[tuple[str, int, _Convert]]


def read(file: SnippetFile) -> ReadFile:
    """The snippets of a file, what in it could not be read and why, and what was changed in them."""
    language = language_of_script(file.name)
    if language is not None:
        return collect(file.name, [(_stem(file.name), 1, _script(file, language))])
    try:
        root = parse(file.content, _DEPTH)
    except JSONDecodeError as problem:
        reason = f"It is not JSON: {problem.msg} (column {problem.colno})."
        return _unreadable(file.name, reason, problem.lineno)
    except (ValueError, RecursionError):
        return _unreadable(file.name, "It is not JSON that can be read: it is nested too deep.")
    result = collect(file.name, _snippets(root, _stem(file.name), language_of_json(file.name)))
    if not result.entries and not result.problems:
        return _unreadable(file.name, "There is no snippet in it.")
    return result


def write(snippets: Sequence[SnippetContent], format: ExportFormat) -> tuple[SnippetFile, ...]:
    """Files that ``read``, VS Code or Elyra read again."""
    if format == "elyra":
        stems = unique(slug(snippet.name) for snippet in snippets)
        return tuple(
            SnippetFile(name=f"{stem}.json", content=_dump(elyra.to_elyra(snippet)))
            for stem, snippet in zip(stems, snippets, strict=True)
        )
    names = unique((snippet.name for snippet in snippets), " {}")
    entries = {
        name: vscode.to_entry(snippet, name) for name, snippet in zip(names, snippets, strict=True)
    }
    return (SnippetFile(name="orrery.code-snippets", content=_dump(entries)),)


def slug(name: str) -> str:
    """A name as part of an identifier or a file name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-") or "snippet"


def unique(names: Iterable[str], suffix: str = "-{}") -> list[str]:
    """The names, each once: a repeated one gets a number."""
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    distinct = []
    for name in names:
        candidate, number = name, numbers.get(name, 2)
        while candidate in taken:
            candidate, number = name + suffix.format(number), number + 1
        numbers[name] = number
        taken.add(candidate)
        distinct.append(candidate)
    return distinct


def _unreadable(file: str, reason: str, line: int | None = None) -> ReadFile:
    return ReadFile([], [ImportProblem(file=file, line=line, reason=reason[:600])], [])


def _snippets(node: Node, key: str, language: str) -> _Items:
    """What a value holds: one snippet, a list of them, or snippets by their names."""
    value = node.value
    if (convert := _converter(value, key, language)) is not None:
        yield key, node.line, convert
    elif isinstance(value, list):
        for index, item in node.members:
            yield from _member(item, f"{key} {int(index) + 1}", language)
    elif isinstance(value, dict):
        yield from _named(node, language)


def _named(node: Node, language: str) -> _Items:
    for name, member in node.members:
        if name in _LISTS and isinstance(member.value, list):
            yield from _snippets(member, name, language)
        elif name != "$schema":
            yield from _member(member, name, language)


def _member(node: Node, name: str, language: str) -> _Items:
    """A member of a file: a snippet, a group of snippets by their names, or what cannot be read."""
    convert = _converter(node.value, name, language)
    if convert is None and any(_is_snippet(member.value) for _, member in node.members):
        yield from _named(node, language)
        return

    def as_vscode(drafting: Drafting) -> SnippetContent:
        return vscode.from_entry(drafting, name, node.value, language)

    yield _name_of(node.value, name), node.line, convert or as_vscode


def _is_snippet(value: object) -> bool:
    return vscode.is_entry(value) or elyra.is_elyra(value) or elyra.is_code_snippets(value)


def _converter(value: object, key: str, language: str) -> _Convert | None:
    """How to read a value that is a snippet; None if it is none."""
    if not isinstance(value, dict) or not _is_snippet(value):
        return None
    if elyra.is_elyra(value):
        return lambda drafting: elyra.from_elyra(drafting, value)
    if elyra.is_code_snippets(value):
        return lambda drafting: elyra.from_code_snippets(drafting, value, key)
    return lambda drafting: vscode.from_entry(drafting, key, value, language)


def _name_of(value: object, key: str) -> str:
    if isinstance(value, dict):
        for field in ("name", "display_name"):
            if isinstance(value.get(field), str) and value[field]:
                return str(value[field])
    return key


def _script(file: SnippetFile, language: str) -> _Convert:
    source = file.content.removeprefix("\ufeff").replace("\r\n", "\n").strip("\n")
    folders = [part for part in _parts(file.name)[:-1] if part not in (".", "..", "/")]

    def convert(drafting: Drafting) -> SnippetContent:
        if not source.strip():
            raise UnusableError("It is empty.")
        return drafting.content(
            name=_stem(file.name),
            description="",
            languages=[language],
            tags=folders,
            prefixes=None,
            syntax="plain",
            cells=[code_cell(source, language)],
        )

    return convert


def _parts(file: str) -> tuple[str, ...]:
    return PurePosixPath(file.replace("\\", "/")).parts


def _stem(file: str) -> str:
    return PurePosixPath(file.replace("\\", "/")).stem


def _dump(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
