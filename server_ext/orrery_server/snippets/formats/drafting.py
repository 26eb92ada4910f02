"""What a file holds as a snippet: what breaks a rule of names is mended, and said, rather than refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from pydantic import ConfigDict, TypeAdapter, ValidationError

from orrery_server.snippets.formats.languages import is_language, language_named
from orrery_server.snippets.schemas import ImportProblem
from orrery_wire.names import Prefix, Tag, Title
from orrery_wire.snippets import DraftContent, SnippetContent

_NAME = 120
_TAG = 48
_DESCRIPTION = 4_000
_LIST = 32
_SOURCE = 200_000
_SHOWN = 60
# A rule is made ready when the first file is read, not while the server starts.
_LATE = ConfigDict(defer_build=True)
_TITLE = TypeAdapter[str](Title, config=_LATE)
_TAGS = TypeAdapter[str](Tag, config=_LATE)
_PREFIX = TypeAdapter[str](Prefix, config=_LATE)


class UnusableError(ValueError):
    """A snippet of a file that is no snippet, with the reason in words."""


class Entry(NamedTuple):
    """A snippet of a file, and the line that it begins in."""

    content: SnippetContent
    line: int


class ReadFile(NamedTuple):
    """What a file holds, what in it could not be read, and what was changed so that it could be."""

    entries: list[Entry]
    problems: list[ImportProblem]
    notes: list[ImportProblem]

    @property
    def contents(self) -> list[SnippetContent]:
        """The snippets without their lines."""
        return [entry.content for entry in self.entries]


class Drafting:
    """Turns the fields of one snippet into a snippet, and notes what it changes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def content(
        self,
        *,
        name: object,
        description: object,
        languages: Iterable[object],
        is_exact: bool = False,
        tags: object,
        prefixes: object,
        syntax: object,
        cells: object,
    ) -> SnippetContent:
        """The snippet; ``UnusableError`` or ``ValidationError`` if no change makes it one.

        Names of ``languages`` that are ``is_exact`` are Orrery's own, and not looked up.
        """
        language, *others = self._languages(languages, is_exact)
        draft = DraftContent.model_validate(
            {
                "name": self._name(name),
                "description": self._description(description),
                "language": language,
                "other_languages": others[:_LIST],
                "tags": self._tags(tags),
                "prefixes": self._prefixes(prefixes),
                "syntax": syntax,
                "cells": cells,
            }
        )
        return SnippetContent.model_construct(**dict(draft))

    def _name(self, name: object) -> object:
        if not isinstance(name, str):
            raise UnusableError("Its name is no text.")
        if not name.strip():
            raise UnusableError("It has no name.")
        clean = _visible(_TITLE, name)
        if clean != name.strip():
            self.notes.append("What cannot be seen was taken out of its name.")
        if len(clean) > _NAME:
            self.notes.append(f"Its name was shortened to {_NAME} characters.")
            clean = clean[: _NAME - 1].rstrip() + "…"
        return clean

    def _description(self, description: object) -> str:
        text = joined(description or "", "description")
        if len(text) > _DESCRIPTION:
            self.notes.append(f"Its description was shortened to {_DESCRIPTION:,} characters.")
            return text[: _DESCRIPTION - 1] + "…"
        return text

    def _languages(self, names: Iterable[object], is_exact: bool) -> list[str]:
        languages: list[str] = []
        for name in names:
            is_own = is_exact and is_language(str(name))
            language = str(name) if is_own else language_named(str(name))
            if language is None:
                self.notes.append(f"Its language {_short(name)} can be no language: taken as text.")
            languages.append(language or "text")
        return list(dict.fromkeys(languages)) or ["python"]

    def _tags(self, tags: object) -> list[str]:
        if tags is None:
            return []
        if not isinstance(tags, list | tuple | str):
            raise UnusableError("Its tags are no list.")
        texts = [tags] if isinstance(tags, str) else [str(tag) for tag in tags]
        parts = [part.strip() for text in texts for part in text.split(",") if part.strip()]
        accepted = [_visible(_TAGS, part)[:_TAG].strip() for part in parts]
        if accepted != parts:
            self.notes.append(f"Tags were shortened to {_TAG} characters that can be seen.")
        return self._first(list(dict.fromkeys(filter(None, accepted))), "tags")

    def _prefixes(self, prefixes: object) -> list[str]:
        if prefixes is None:
            return []
        given = prefixes if isinstance(prefixes, list | tuple) else [prefixes]
        accepted = []
        for prefix in given:
            text = str(prefix).strip() if isinstance(prefix, str | int | float) else ""
            if _obeys(_PREFIX, text):
                accepted.append(text)
                if text != prefix:
                    self.notes.append(f"Its prefix {_short(prefix)} became {text!r}.")
            elif prefix not in ("", None):
                self.notes.append(f"Its prefix {_short(prefix)} cannot be one, and was left out.")
        return self._first(list(dict.fromkeys(accepted)), "prefixes")

    def _first(self, values: list[str], what: str) -> list[str]:
        if len(values) > _LIST:
            self.notes.append(f"Only the first {_LIST} of its {len(values)} {what} were taken.")
        return values[:_LIST]


def collect(
    file: str, entries: Iterable[tuple[str, int, Callable[[Drafting], SnippetContent]]]
) -> ReadFile:
    """The snippets that can be made, and why the others cannot."""
    result = ReadFile([], [], [])
    for name, line, convert in entries:
        drafting = Drafting()

        def problem(reason: str, name: str = name, line: int = line) -> ImportProblem:
            return ImportProblem(file=file, name=name[:_NAME], line=line, reason=reason[:600])

        try:
            result.entries.append(Entry(convert(drafting), line))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            result.problems.append(problem(f"{where}: {first['msg']}"))
        except UnusableError as error:
            result.problems.append(problem(str(error)))
        else:
            result.notes.extend(map(problem, drafting.notes))
    return result


def joined(value: object, what: str) -> str:
    """A text, or the lines of a list."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    raise UnusableError(f"Its {what} is neither a text nor a list of lines.")


def code_cell(source: str, language: str = "") -> dict[str, object]:
    """The one cell of a snippet of a text."""
    if len(source) > _SOURCE:
        raise UnusableError(f"Its code is longer than {_SOURCE:,} characters.")
    return {"kind": "markdown" if language == "markdown" else "code", "source": source}


def _visible(rule: TypeAdapter[str], text: str) -> str:
    """The text without the characters that a rule of names refuses; line breaks and tabs become blanks."""
    text = re.sub(r"\s+", " ", text).strip() if re.search(r"[\t\n\r\v\f]", text) else text.strip()
    if _obeys(rule, text[:_TAG]) and _obeys(rule, text[:_NAME]):
        return text
    return "".join(c for c in text if c == " " or _obeys(rule, c)).strip()


def _obeys(rule: TypeAdapter[str], text: str) -> bool:
    try:
        rule.validate_python(text)
    except ValidationError:
        return False
    return True


def _short(value: object) -> str:
    return repr(value if len(str(value)) <= _SHOWN else str(value)[:_SHOWN] + "…")
